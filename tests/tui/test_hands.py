"""The keys that steer the test, against a simulated k6 that obeys, is slow, or refuses."""

from __future__ import annotations

import asyncio

import pytest
from textual.widgets import Button, Static

from dashboard.model.action import Pause, Resume, SetVUs, Stop, Verb, Verdict
from dashboard.sources.base import Answer
from dashboard.steering import GATHER
from dashboard.tui.screens.stop import StopDialog
from dashboard.tui.screens.vus import VUsDialog
from tests.tui.cockpit import cockpit


async def test_p_pauses_and_resumes() -> None:
    async with cockpit(polls=3) as c:
        await c.press("p")
        await c.until(lambda: "paused" in c.header, wake=0.5, poll=True)
        assert c.source.performed == [Pause()]
        assert "p resume" in c.keys
        await c.until(lambda: "confirmed" in c.said, poll=True)
        await c.press("p")
        await c.until(lambda: "running" in c.header, wake=0.5, poll=True)
        assert c.source.performed == [Pause(), Resume()]


async def test_p_starts_a_test_that_waits_at_its_start() -> None:
    async with cockpit(paused=True) as c:
        await c.watch(2)
        assert "paused" in c.header
        assert "before its start" in c.header
        await c.press("p")
        await c.until(lambda: "running" in c.header, poll=True)
        assert c.source.performed == [Resume()]


async def test_while_k6_pauses_the_screen_says_so_and_lives() -> None:
    async with cockpit(polls=3) as c:
        c.source.gate = asyncio.Event()
        await c.press("p")
        assert "pausing" in c.header
        await c.watch(2)
        assert "00:04" in c.header
        await c.press("2")
        assert c.app.screen_name == "metrics"
        await c.press("p")
        assert c.said == ": Still pausing: k6 has not answered yet."
        assert c.source.performed == [Pause()]
        c.source.gate.set()
        await c.until(lambda: "paused" in c.header, wake=0.5, poll=True)
        await c.until(lambda: "pausing" not in c.header, poll=True)


async def test_a_pause_that_is_refused_says_why_and_leaves_nothing_behind() -> None:
    async with cockpit(polls=3) as c:
        c.source.answers[Verb.PAUSE] = Answer(Verdict.REFUSED, "no such thing", "This test cannot be paused.")
        await c.press("p")
        await c.until(lambda: "refused" in c.said)
        assert "This test cannot be paused." in c.said
        assert "no such thing" in c.said
        assert "pausing" not in c.header
        assert "running" in c.header


async def test_a_pause_that_hangs_is_given_up_and_said() -> None:
    async with cockpit(polls=3) as c:
        c.source.answers[Verb.PAUSE] = Answer(Verdict.UNANSWERED, "", "k6 has not answered in 30 s.")
        await c.press("p")
        await c.until(lambda: "k6 has not answered in 30 s." in c.said)
        assert "pausing" not in c.header


async def test_each_key_wants_its_number_at_once_and_asks_for_it() -> None:
    async with cockpit(polls=3) as c:
        vus = 20
        for key, delta in (("plus", 1), ("equals_sign", 1), ("w", 1), ("minus", -1), ("s", -1), ("W", 10), ("S", -10)):
            asked = len(c.source.performed)
            assert f"VUs {vus}/" in c.header
            await c.press(key)
            vus += delta
            assert f"→{vus}/" in c.header
            assert len(c.source.performed) == asked
            await c.until(lambda: len(c.source.performed) > asked, wake=GATHER)  # noqa: B023 - called in the same turn
            assert c.source.performed[asked:] == [SetVUs(vus)]
            said = c.said_so_far
            await c.until(lambda: c.said_so_far > said, poll=True)  # noqa: B023 - called in the same turn
            assert f"{vus} VUs: confirmed" in c.said


@pytest.mark.parametrize(("keys", "wanted"), [(("w", "w", "W", "s"), 31), (("S", "S", "S", "S"), 0)])
async def test_presses_become_one_request(keys: tuple[str, ...], wanted: int) -> None:
    async with cockpit(polls=3) as c:
        await c.press(*keys)
        assert f"VUs 20→{wanted}" in c.header
        assert c.source.performed == []
        await c.until(lambda: c.source.performed != [], wake=GATHER)
        await c.until(lambda: f"VUs {wanted}/" in c.header, poll=True)
        assert c.source.performed == [SetVUs(wanted)]


async def test_presses_are_gathered_for_a_third_of_a_second() -> None:
    async with cockpit(polls=3) as c:
        await c.press("w")
        await c.clock.wait_for_sleepers(1)
        c.clock.wake(GATHER * 0.9)
        await c.press("w")
        assert c.source.performed == []
        c.clock.wake(GATHER * 0.2)
        await c.until(lambda: c.source.performed == [SetVUs(22)])


async def test_more_vus_than_are_initialised_ask_for_both() -> None:
    async with cockpit(polls=3) as c:
        assert "VUs 20/40" in c.header
        await c.press("W", "W", "W")
        await c.until(lambda: c.source.performed == [SetVUs(50, 50)], wake=GATHER)


async def test_a_refusal_puts_the_number_back_and_explains() -> None:
    async with cockpit(polls=3) as c:
        c.source.answers[Verb.SET_VUS] = Answer(Verdict.REFUSED, "Config update error", "k6 runs another executor.")
        await c.press("w")
        assert "20→21" in c.header
        await c.until(lambda: "refused" in c.said, wake=GATHER)
        assert "k6 runs another executor." in c.said
        await c.pilot.pause()
        assert "→" not in c.header
        assert "VUs 20/" in c.header


async def test_v_takes_a_number() -> None:
    async with cockpit(polls=3) as c:
        await c.press("v")
        assert isinstance(c.app.screen, VUsDialog)
        assert "Now 20." in c.text
        await c.press(*"35", "enter")
        await c.until(lambda: "20→35" in c.header)
        await c.until(lambda: c.source.performed == [SetVUs(35)], wake=GATHER)


async def test_v_takes_no_nonsense() -> None:
    async with cockpit(polls=3) as c:
        for typed in ("-3", "9999999999", "1000001"):
            await c.press("v", *("minus" if key == "-" else key for key in typed), "enter")
            assert isinstance(c.app.screen, VUsDialog)
            assert "A whole number from 0 to 1,000,000 is needed." in c.text
            await c.press("escape")
            assert len(c.app.screen_stack) == 1
            assert "→" not in c.header


async def test_v_can_be_left_without_a_request() -> None:
    async with cockpit(polls=3) as c:
        await c.press("v", "9", "escape")
        await c.press("v", "backspace", "enter")
        assert "→" not in c.header
        c.clock.wake(1)
        await c.pilot.pause()
        assert c.source.performed == []


async def test_x_asks_and_y_stops() -> None:
    async with cockpit(polls=3) as c:
        await c.press("x")
        assert isinstance(c.app.screen, StopDialog)
        for words in ("Stop the test at sim:test?", "running with 20 VUs", "103", "teardown()"):
            assert words in c.text
        await c.press("y")
        await c.until(lambda: "stopped" in c.header, poll=True)
        assert c.source.performed == [Stop()]
        await c.until(lambda: "confirmed" in c.said, poll=True)


async def test_nothing_but_a_yes_stops() -> None:
    async with cockpit(polls=3) as c:
        for keys in (("escape",), ("n",), ("enter",), ("right", "left", "enter"), ("q", "escape"), ("x", "n")):
            await c.press("x", *keys)
            assert len(c.app.screen_stack) == 1
        await c.watch(2)
        assert c.source.performed == []
        assert "running" in c.header
        assert c.app.is_running


@pytest.mark.parametrize("keys", [("right", "enter"), ("left", "enter"), ("tab", "enter")])
async def test_the_yes_button_stops(keys: tuple[str, ...]) -> None:
    async with cockpit(polls=3) as c:
        await c.press("x", *keys)
        await c.until(lambda: c.source.performed == [Stop()])


@pytest.mark.parametrize(("button", "asked"), [("#yes", [Stop()]), ("#no", [])])
async def test_the_buttons_can_be_clicked(button: str, asked: list[Stop]) -> None:
    async with cockpit(polls=3) as c:
        await c.press("x")
        await c.pilot.click(button)
        await c.until(lambda: len(c.app.screen_stack) == 1)
        await c.pilot.pause()
        assert c.source.performed == asked


async def test_the_dialog_keeps_the_focus_on_no() -> None:
    async with cockpit(polls=3) as c:
        await c.press("x")
        assert isinstance(c.app.focused, Button)
        assert c.app.focused.id == "no"


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_q_leaves_and_says_that_the_test_goes_on(key: str) -> None:
    async with cockpit(polls=3) as c:
        await c.press(key)
        assert c.app.return_value == "k6dash has left sim:test (running). The test goes on."
        assert not c.app.return_code
        assert c.source.performed == []


async def test_leaving_what_is_over_promises_nothing() -> None:
    async with cockpit(polls=3) as c:
        await c.give(status={"status": 9, "running": False})
        await c.press("q")
        assert c.app.return_value == "k6dash has left sim:test (ended)."


async def test_every_action_becomes_an_event() -> None:
    async with cockpit(polls=3) as c:
        await c.press("w")
        await c.until(lambda: "confirmed" in c.said, wake=GATHER, poll=True)
        await c.press("5")
        assert "21 VUs confirmed" in c.text
        detail = str(c.app.screen.query_one("#event-detail", Static).render())
        assert detail == "21 VUs confirmed. before: running, 20/40 VUs · then: running, 21/40 VUs"

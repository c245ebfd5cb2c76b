"""Text from outside, wherever it can appear: shown harmlessly, cut, never obeyed."""

from __future__ import annotations

import unicodedata

import pytest
from textual.widgets import Input, Static

from dashboard.model.action import Verb, Verdict
from dashboard.model.observation import Outage, OutageKind
from dashboard.sources.base import Answer, Reading
from dashboard.tui.widgets.chart import ChartPanel
from tests.tui.cockpit import Cockpit, cockpit, screen_lines

WORST = {
    "escape": "a\x1b[31mred\x1b[0m\x1b]0;title\x07b",
    "controls": "a\r\nb\tc\x00d\x08\x7f\x9b31m\x85e",
    "bidi": "a\u202egnp.exe\u2066b\u200f\u061c",
    "markup": "[/] [red]x[/red] [@click=app.leave]y[/] [[z]] \\[w]",
    "brackets": "[",
    "long": "x" * 10_000,
    "wide": "日本語" * 2000,
    "joined": "👩‍👩‍👧‍👦🇩🇪e\u0301\u0301\u0301\u0301\u0301" * 50,
    "lone": "a\udc80b\U000e0001c\ufffe",
    "spaces": " \u2028\u2029\u00a0\u3164 ",
}
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def assert_harmless(c: Cockpit) -> None:
    """Nothing of what is drawn steers the terminal or hides, and every line is as wide as the screen."""
    for line in screen_lines(c.app):
        assert sum(segment.cell_length for segment in line) == c.app.size.width
        for segment in line:
            bad = [hex(ord(char)) for char in segment.text if unicodedata.category(char) in HIDDEN]
            assert not bad, segment.text
            if segment.style is not None and segment.style.meta:
                assert "@click" not in segment.style.meta


async def look_everywhere(c: Cockpit) -> None:
    for keys in (("1",), ("tab",), ("2",), ("enter",), ("escape", "5"), ("down",), ("down",), ("end",), ("1",)):
        await c.press(*keys)
        assert_harmless(c)


def crafted(name: str) -> dict[str, dict[str, object]]:
    """Metrics whose name, tags and statistics are a text."""
    trend = {"avg": 1.5, "min": 0.1, "med": 1.0, "max": 9.0, "p(90)": 3.0, "p(95)": 4.0, name: 7.0}
    counter = {"count": 3, "rate": 1}
    return {
        name: {"type": "trend", "contains": "time", "tainted": True, "sample": trend},
        f"{name}{{tag:{name}}}": {"type": "counter", "contains": "data", "tainted": False, "sample": counter},
    }


async def test_names_of_metrics_and_statistics() -> None:
    metrics = {key: metric for text in WORST.values() for key, metric in crafted(text).items()}
    async with cockpit() as c:
        for _ in range(3):
            await c.give(metrics=metrics)
        await look_everywhere(c)
        await c.press("2", "home")
        for _ in metrics:
            await c.press("enter")
            assert c.app.screen_name == "metric"
            assert_harmless(c)
            await c.press("escape", "down")


async def test_titles_of_charts() -> None:
    async with cockpit(polls=2) as c:
        panel = c.app.screen.query_one("#chart-durations", ChartPanel)
        for text in WORST.values():
            panel.title = text
            await c.pilot.pause()
            assert_harmless(c)
        panel.title = r"[bold] and \[/] as they are"
        await c.pilot.pause()
        assert r" [bold] and \[/] as they are " in c.text


@pytest.mark.parametrize("text", WORST.values(), ids=WORST.keys())
async def test_the_address(text: str) -> None:
    async with cockpit(target=text) as c:
        assert_harmless(c)
        await c.lose()
        assert_harmless(c)
        await c.watch(2)
        assert_harmless(c)
        await c.press("x")
        assert_harmless(c)
        await c.press("escape", "question_mark")
        assert_harmless(c)


async def test_what_went_wrong() -> None:
    async with cockpit() as c:
        for polls in (0, 2):
            await c.watch(polls)
            for text in WORST.values():
                failure = Outage(OutageKind.REJECTED, "/v1/status", text)
                c.session.observe(Reading(c.source.target, c.clock.now(), failure=failure))
                await c.pilot.pause()
                assert_harmless(c)
        for text in WORST.values():
            await c.watch(1)
            failure = Outage(OutageKind.REJECTED, "/v1/status", text)
            c.session.observe(Reading(c.source.target, c.clock.now(), failure=failure))
        await look_everywhere(c)
        await c.press("5")
        for _ in range(25):
            await c.press("down")
            assert_harmless(c)


async def test_what_k6_answers_to_an_action() -> None:
    async with cockpit(polls=3) as c:
        for text in WORST.values():
            for verdict in (Verdict.REFUSED, Verdict.UNANSWERED):
                c.source.answers[Verb.PAUSE] = Answer(verdict, text, text)
                await c.steer("p")
                await c.pilot.pause()
                assert_harmless(c)
            c.app.clear_notifications()
        assert not any(notice.markup for notice in c.app.notices)
        await look_everywhere(c)


async def test_an_event_in_full_is_bounded() -> None:
    async with cockpit(polls=3) as c:
        c.session.mark(c.source.target, "y" * 100_000)
        await c.press("5")
        assert_harmless(c)
        assert len(str(c.app.screen.query_one("#event-detail", Static).render())) <= 2000


async def test_the_nasty_scenario() -> None:
    async with cockpit("nasty", polls=30, target="sim:nasty") as c:
        await look_everywhere(c)
        await c.press("2")
        await c.watch(70)
        await look_everywhere(c)


async def test_a_filter_takes_what_is_pasted() -> None:
    async with cockpit(polls=3) as c:
        await c.press("slash")
        for text in WORST.values():
            c.app.screen.query_one("#metrics-filter", Input).value = text
            await c.pilot.pause()
            assert_harmless(c)

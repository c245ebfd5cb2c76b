"""What a run can be in, from before k6's first answer until after its last."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dashboard.model.observation import OutageKind
from dashboard.simulation.lifecycle import K6Exit
from dashboard.tui.widgets.chart import ChartPanel
from tests.tui.cockpit import cockpit


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ({"status": 0, "running": False}, "starting"),
        ({"status": 3, "running": False}, "starting"),
        ({"status": 4, "paused": True, "running": False}, "paused"),
        ({"status": 6}, "starting"),
        ({"status": 7}, "running"),
        ({"status": 7, "paused": True}, "paused"),
        ({"status": 7, "stopped": True}, "stopped"),
        ({"status": 8}, "teardown"),
        ({"status": 8, "stopped": True}, "teardown"),
        ({"status": 9}, "ended"),
        ({"status": 10}, "stopped"),
        ({"status": 10, "running": True}, "stopped"),
        ({"status": 11}, "failed"),
        ({"status": 11, "running": True}, "failed"),
        ({"status": 99}, "running"),
    ],
)
async def test_the_word_is_what_the_status_means(status: Mapping[str, object], word: str) -> None:
    async with cockpit() as c:
        await c.give(status=status)
        words = {"starting", "paused", "running", "teardown", "ended", "stopped", "failed", "unreachable"}
        assert words & set(c.header.splitlines()[0].split()) == {word}


async def test_the_simulated_run_goes_through_its_states() -> None:
    async with cockpit("spike") as c:
        seen: list[str] = []
        for _ in range(60):
            await c.watch(4)
            word = c.header.splitlines()[0].split()[3]
            if seen[-1:] != [word]:
                seen.append(word)
        assert seen[0] in ("starting", "running")
        assert seen[-1] == "ended"


async def test_before_the_first_answer_the_screen_says_what_was_tried() -> None:
    async with cockpit(target="10.0.0.5:6565") as c:
        assert "Asking 10.0.0.5:6565" in c.text
        await c.lose()
        for words in (
            "No k6 at 10.0.0.5:6565 yet",
            "refused at 10.0.0.5:6565",
            "Tried once",
            "k6 run --address 10.0.0.5:6565 script.js",
            "goes on trying",
        ):
            assert words in c.text
        await c.lose()
        assert "Tried 2 times" in c.text
        assert "unreachable" in c.header


async def test_another_server_is_called_something_else() -> None:
    async with cockpit() as c:
        await c.lose(OutageKind.UNDECODABLE)
        assert "Something else than k6" in c.text
        assert "k6 run" not in c.text


async def test_other_screens_work_before_the_first_answer() -> None:
    async with cockpit() as c:
        await c.lose()
        await c.press("2")
        assert "no metric yet" in c.text
        await c.press("5", "1")
        assert "No k6 at" in c.text


async def test_a_k6_that_comes_is_picked_up() -> None:
    async with cockpit() as c:
        await c.lose()
        await c.watch(2)
        assert "running" in c.header
        assert "No k6 at" not in c.text
        assert "Requests" in c.text


async def test_in_an_outage_the_age_grows_and_the_numbers_stay() -> None:
    async with cockpit(polls=10) as c:
        await c.lose(OutageKind.TIMED_OUT)
        total = next(line for line in c.text.splitlines() if "total Σ" in line)
        assert "unreachable" in c.header
        for age in range(2, 6):
            await c.lose(OutageKind.TIMED_OUT)
            assert f"age {age}.0s" in c.header
        assert total in c.text
        assert "VUs 20/40" in c.header


async def test_the_age_grows_although_nothing_comes() -> None:
    async with cockpit(polls=3) as c:
        assert "age 0.0s" in c.header
        c.clock.set(c.clock.now() + 7)
        await c.until(lambda: "age 7.0s" in c.header)


async def test_a_returning_k6_breaks_the_line() -> None:
    async with cockpit(polls=10) as c:
        for _ in range(5):
            await c.lose(OutageKind.TIMED_OUT)
        await c.watch(5)
        assert "running" in c.header
        spec = c.app.screen.query_one("#chart-durations", ChartPanel).spec
        assert spec is not None
        assert any(y != y for y in spec.lines[0].ys), "a gap is a gap"
        await c.press("5")
        assert "k6 is back after" in c.text
        assert "does not answer" in c.text


async def test_after_the_end_the_last_data_stays() -> None:
    async with cockpit("spike", polls=214) as c:
        await c.until(lambda: "ended" in c.header, poll=True)
        await c.watch(2)
        figures = c.text.splitlines()[2:-1]
        await c.watch(100)
        assert c.text.splitlines()[2:-1] == figures
        assert "k6 lingers" in c.header
        for _ in range(5):
            await c.lose()
        assert c.text.splitlines()[2:-1] == figures
        assert "k6 has gone" in c.header
        assert "ended" in c.header


async def test_a_k6_that_goes_without_a_word_leaves_its_data() -> None:
    async with cockpit(polls=10) as c:
        await c.lose()
        assert "how the run ended is not known" in c.header
        assert "total Σ" in c.text


async def test_a_stopped_run_reads_as_stopped() -> None:
    async with cockpit(polls=5) as c:
        c.source.engine.abort(K6Exit.STOPPED_FROM_REST_API)
        await c.watch(3)
        assert "stopped" in c.header
        assert "running" not in c.header


async def test_what_is_tainted_is_unmissable() -> None:
    trend = {
        "type": "trend",
        "contains": "time",
        "sample": {"avg": 1, "min": 1, "med": 1, "max": 1, "p(90)": 1, "p(95)": 1},
    }
    async with cockpit() as c:
        await c.give(metrics={"http_req_duration": {**trend, "tainted": False}})
        assert "crossed" not in c.header
        assert "0 of 1 crossed" in c.text
        await c.give(metrics={"http_req_duration": {**trend, "tainted": True}})
        assert "✗ 1 threshold crossed" in c.header
        assert "1 of 1 crossed" in c.text
        assert "✗ 1.00ms" in c.text, "the tile says so too"
        await c.press("2")
        assert "✗ 1 threshold crossed" in c.header
        assert "✗" in c.text.splitlines()[3]

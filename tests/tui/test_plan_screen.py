"""Screen 8: what is planned, how far it has come, and the thresholds."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from dashboard.simulation.inspect import inspect_document
from dashboard.simulation.profile import Profile
from dashboard.simulation.scenario_file import load_scenario
from dashboard.sources.base import Document, Reading
from dashboard.sources.process_documents import OUTPUT, PLAN
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.widgets.chart import ChartPanel
from dashboard.tui.widgets.table import LineTable
from tests.tui.cockpit import Cockpit, cockpit

SCENARIOS: Mapping[str, object] = {
    "first": {"executor": "constant-vus", "vus": 3, "duration": "60s"},
    "second": {"executor": "shared-iterations", "vus": 2, "iterations": 50, "startTime": "20s", "maxDuration": "5m"},
    "third": {"executor": "constant-arrival-rate", "rate": 5, "duration": "30s", "startTime": "40s"},
}


def planned(**more: object) -> Document:
    """What k6 inspect says of three scenarios."""
    return Document(PLAN, 0, json.dumps({"scenarios": SCENARIOS, "maxVUs": 8, **more}).encode(), 0.0)


async def tell(c: Cockpit, *documents: Document) -> None:
    """Let something come beside the API."""
    c.session.observe(Reading(c.source.target, c.clock.now(), documents))
    await c.pilot.pause()


def line(c: Cockpit, word: str) -> str:
    """The first line of the screen below the header in which a word stands."""
    return next(text for text in c.text.splitlines()[2:] if word in text)


def trend(value: float, *, tainted: bool | None) -> Mapping[str, object]:
    sample = dict.fromkeys(("avg", "min", "med", "max", "p(90)", "p(95)"), value)
    return {"type": "trend", "contains": "time", "tainted": tainted, "sample": sample}


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (200, 60), (48, 14)])
async def test_the_simulation_shows_its_plan_with_bar_scenario_and_thresholds_at_every_size(
    size: tuple[int, int],
) -> None:
    async with cockpit("ramp", profile=Profile.V1, plan=True, polls=90, size=size) as c:
        await c.press("8")
        assert "01:2" in line(c, "/ 06:00")
        assert "left" in line(c, "/ 06:00")
        assert "24%" in line(c, "ramp ")
        failing = line(c, "max<150")
        assert failing.strip().startswith("✗")
        assert "failing" in failing
        assert "ok" in line(c, "p(95)<300")
        assert c.app.screen.query_one("#chart-plan").display is (size[1] >= 32)


async def test_the_header_says_how_much_of_the_plan_is_left_on_every_screen() -> None:
    async with cockpit("ramp", profile=Profile.V1, plan=True, polls=91) as c:
        assert "plan 25% 04:30 left" in c.header
        await c.press("2")
        assert "plan 25% 04:30 left" in c.header


async def test_planned_vus_are_drawn_under_the_real_ones_and_thresholds_as_levels() -> None:
    async with cockpit("ramp", profile=Profile.V1, plan=True, polls=90) as c:
        rates = c.app.screen.query_one("#chart-rates", ChartPanel).spec
        durations = c.app.screen.query_one("#chart-durations", ChartPanel).spec
        assert rates is not None
        assert durations is not None
        drawn = rates.lines[0]
        assert (drawn.label, drawn.right) == ("planned", True)
        real = next(each for each in rates.lines if each.label == "VUs")
        assert drawn.xs[-1] == rates.x_to > real.xs[-1]
        (x0, y0), (x1, y1) = zip(drawn.xs[:2], drawn.ys[:2], strict=True)
        for x, y in zip(real.xs, real.ys, strict=True):
            # setup() takes 0.3 s, between two looks: as long as that, the plan is taken to have begun too early.
            assert -1 - 0.2 <= y - (y0 + (y1 - y0) * (x - x0) / (x1 - x0)) <= 0.05
        assert [(level.y, level.label) for level in durations.levels] == [(300.0, "p(95)<300")]
        assert "p(95)<300" in c.text
        await c.press("8", "enter")
        assert c.app.screen_name == "metric"
        opened = c.app.screen.query_one("#chart-metric", ChartPanel).spec
        assert opened is not None
        assert [level.label for level in opened.levels] == ["max<150"]


async def test_each_scenario_has_its_own_line_by_the_clock_alone() -> None:
    async with cockpit() as c:
        await tell(c, planned())
        await c.press("8")
        iterations = {"type": "counter", "sample": {"count": 30, "rate": 1.0}}
        await c.give(metrics={"iterations": iterations})
        assert "runs" in line(c, "first")
        assert "50%" in line(c, "first")
        assert "00:30 left" in line(c, "first")
        assert "≤ " in line(c, "second")
        assert "waits" in line(c, "third")
        assert "in 00:10" in line(c, "third")
        assert "at most" in line(c, "00:30 / ")


async def test_what_k6_itself_says_of_a_scenario_comes_first() -> None:
    async with cockpit() as c:
        await tell(c, planned())
        await c.press("8")
        iterations = {"type": "counter", "sample": {"count": 30, "rate": 1.0}}
        await c.give(metrics={"iterations": iterations})
        written = (
            "running (0m30.1s), 05/8 VUs, 30 complete and 0 interrupted iterations\n"
            "first    [  50% ] 3 VUs    0m30.0s/1m0s\n"
            "second ✓ [ 100% ] 2 VUs    0m08.3s/5m0s  50/50 shared iters\n"
            "third  • [   0% ] waiting  10.0s\n"
        )
        await tell(c, Document(OUTPUT, 0, written.encode(), 0.0))
        assert "3 VUs" in line(c, "first")
        assert "50 / 50" in line(c, "second")
        assert "done" in line(c, "second")
        # Nothing is left whose end is not known.
        assert "at most" not in line(c, "/ 01:10")
        assert "00:40 left" in line(c, "/ 01:10")


async def test_a_pause_stops_the_bar_and_the_plan() -> None:
    async with cockpit(plan=True, polls=20) as c:
        await c.press("8")
        await c.steer("p")
        before = line(c, "/ 30:00").split("/")[0]
        await c.watch(40)
        assert line(c, "/ 30:00").split("/")[0] == before
        await c.steer("p")
        await c.watch(10)
        assert line(c, "/ 30:00").split("/")[0] != before


async def test_a_threshold_shows_value_margin_state_since_and_k6s_verdict() -> None:
    async with cockpit() as c:
        thresholds = {
            "http_req_duration": [
                "p(95)<500",
                {"threshold": "avg<100", "abortOnFail": True, "delayAbortEval": "10s"},
                "p(99)<900",
            ],
            "http_req_failed": ["rate<0.01"],
            "orders": ["count>5"],
        }
        await tell(c, planned(thresholds=thresholds))
        await c.press("8")
        reqs = {"type": "counter", "sample": {"count": 60, "rate": 1.0}}
        failed = {"type": "rate", "tainted": False, "sample": {"rate": 0.0075}}
        orders = {"type": "counter", "sample": {"count": 0, "rate": 0}}
        metrics: dict[str, Mapping[str, object]] = {"http_reqs": reqs, "http_req_failed": failed, "orders": orders}
        await c.give(metrics={**metrics, "http_req_duration": trend(420.0, tainted=True)})
        fails, holds, rate = line(c, "avg<100"), line(c, "p(95)<500"), line(c, "rate<0.01")
        for word in ("✗", "Σ420ms", "-320ms", "-320%", "failing", "01:00", "✗ crossed", "aborts from 10s"):
            assert word in fails, word
        for word in ("✓", "Σ420ms", "+80.0ms", "+16%", "ok", "✗ crossed"):
            assert word in holds, word
        for word in ("✓", "Σ0.75%", "+0.25pp", "+25%", "✓ holds"):
            assert word in rate, word
        assert "? " in line(c, "p(99)<900")
        assert "unknown" in line(c, "p(99)<900")
        assert "no data" in line(c, "count>5")
        await c.press("home")
        assert "k6 ends the test when it is crossed, not before 10 s of it." in c.text
        table = c.app.screen.query_one(LineTable)
        table.cursor_key = next(row.key for row in table.rows if "count>5" in str(row.cells))
        await c.pilot.pause()
        assert "without one k6 takes 0 at the end, and it fails" in c.text


async def test_a_disagreement_with_k6_is_shown_and_how_long_it_has_lasted() -> None:
    async with cockpit() as c:
        await tell(c, planned(thresholds={"http_req_duration": ["avg<100"]}))
        await c.press("8")
        for second in range(9):
            reqs = {"type": "counter", "sample": {"count": 10.0 + second, "rate": 1.0}}
            await c.give(metrics={"http_reqs": reqs, "http_req_duration": trend(150.0, tainted=False)})
            if second == 0:
                assert "judges every 2 s" in c.text
        assert "✓ holds ≠" in line(c, "avg<100")
        assert "failing" in line(c, "avg<100")
        said = " ".join(c.text.split())
        assert "no threshold on the metric is crossed, the numbers say otherwise, for 8 s now." in said


async def test_without_a_plan_it_says_what_is_known_and_who_knows_more() -> None:
    async with cockpit() as c:
        await c.give(metrics={"http_req_duration": trend(150.0, tainted=True)})
        await c.press("8")
        assert "k6dash run" in c.text
        assert "1 metric, 1 crossed" in c.text


async def test_a_click_on_the_profile_shows_that_moment() -> None:
    async with cockpit("ramp", profile=Profile.V1, plan=True, polls=90) as c:
        await c.press("8")
        await c.pilot.click("#chart-plan", offset=(30, 5))
        assert "frozen" in c.header
        assert "01:1" in line(c, "/ 06:00")


async def test_frozen_at_a_moment_nothing_moves_while_data_comes() -> None:
    async with cockpit("ramp", profile=Profile.V1, plan=True, polls=60) as c:
        await c.press("8", "f")
        before = c.text.splitlines()[2:-2]
        await c.watch(20)
        assert c.text.splitlines()[2:-2] == before
        await c.press("1")
        spec = c.app.screen.query_one("#chart-rates", ChartPanel).spec
        await c.watch(20)
        assert c.app.screen.query_one("#chart-rates", ChartPanel).spec == spec


async def test_untrusted_names_do_no_harm() -> None:
    async with cockpit(size=(80, 24)) as c:
        nasty = "[red]\x1b[2J" + "x" * 300
        body: dict[str, object] = {
            "scenarios": {nasty: {"executor": nasty, "duration": 5, "stages": [3, {}], "rate": "x"}},
            "thresholds": {nasty: [nasty, 3, {"threshold": "avg<1"}]},
        }
        await tell(c, Document(PLAN, 0, json.dumps(body).encode(), 0.0))
        await c.press("8")
        await c.give(metrics={"iterations": {"type": "counter", "sample": {"count": 3, "rate": 1.0}}})
        assert "[red]␛[2J" in c.text
        assert "\x1b" not in c.text


async def test_it_is_drawn_in_seven_bits() -> None:
    async with cockpit("ramp", profile=Profile.V1, plan=True, polls=60, glyphs=Glyphs.ASCII) as c:
        await c.press("8")
        assert c.text.isascii()
        assert "===" in line(c, "/ 06:00")


@pytest.mark.parametrize("profile", list(Profile))
@pytest.mark.parametrize("scenario", ["steady", "ramp", "spike", "soak"])
def test_a_simulated_plan_is_as_long_as_its_run(scenario: str, profile: Profile) -> None:
    from dashboard.launch.inspect import decode_plan

    chosen = load_scenario(scenario)
    plan = decode_plan(inspect_document(chosen, profile))
    assert plan is not None
    assert plan.load_duration == chosen.run.seconds
    assert sum(len(specs) for _, specs in chosen.thresholds) == len(plan.thresholds)
    assert plan.duration == plan.most[-1][0]

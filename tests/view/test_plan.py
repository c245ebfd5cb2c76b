"""Screen 8 in words: the line of each scenario, what is said of the whole, the thresholds and their margins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from dashboard.model.launched import Launch, ProcessNews, Progress
from dashboard.model.metric import Metric
from dashboard.model.observation import Observation, Snapshot
from dashboard.model.plan import Plan, PlannedThreshold, ScenarioPlan
from dashboard.model.profile import flat
from dashboard.model.progress import Phase
from dashboard.model.threshold_log import Standing
from dashboard.view.plan import PlanFrame, ScenarioRow, build_plan, moment_of
from dashboard.view.selection import Selection
from tests.model.building import START, Story, at_work, counter, share, trend

MINUTE = ScenarioPlan("minute", "constant-vus", 0.0, 60.0, 30.0, flat(0, 60, 3), most=flat(0, 90, 3))
COUNTED = ScenarioPlan("counted", "shared-iterations", 20.0, 300.0, 30.0, most=flat(20, 330, 2), iterations=50)
LATER = ScenarioPlan("later", "constant-vus", 40.5, 30.0, 0.0, flat(40.5, 30, 2), most=flat(40.5, 30, 2))
OPEN = ScenarioPlan("open", "externally-controlled", vus=flat(0, None, 5), most=flat(0, None, 9))
NAMED = ScenarioPlan("named")
"""Such as k6's event stream tells of: no more than its name."""


def story_of(plan: Plan | None, until: int, *metrics: Metric) -> Story:
    """A run of so many seconds, looked at in each of them."""
    story = Story()
    if plan is not None:
        story.history.observe(Observation(START, 0.0, 0, Snapshot(plan=plan)))
    for second in range(1, until + 1):
        made = (counter("http_reqs", 10 * second, float(second)), *metrics)
        story.see(tuple(sorted(made, key=lambda metric: metric.name)))
    return story


def frame_of(story: Story, cursor: float | None = None) -> PlanFrame:
    chosen = Selection(cursor=None if cursor is None else START + cursor)
    return build_plan(story.history, chosen, story.now)


def rows_at(story: Story, second: float) -> Mapping[str, ScenarioRow]:
    return {row.name: row for row in frame_of(story, second).scenarios}


def test_each_scenario_waits_runs_and_ends_in_its_own_line() -> None:
    story = story_of(Plan((MINUTE, COUNTED, LATER), (), 350.0), 100)
    seen = {
        (name, second): (row.phase, row.time, row.note)
        for second in (10, 30, 75, 95)
        for name, row in rows_at(story, second).items()
    }
    assert seen == {
        ("minute", 10): (Phase.RUNNING, "00:10 / 1m", "00:50 left"),
        ("counted", 10): (Phase.WAITING, "5m", "in 00:10"),
        ("later", 10): (Phase.WAITING, "30s", "in 00:31"),
        ("minute", 30): (Phase.RUNNING, "00:30 / 1m", "00:30 left"),
        ("counted", 30): (Phase.RUNNING, "00:10 / 5m", "≤ 04:50 left"),
        ("later", 30): (Phase.WAITING, "30s", "in 00:11"),
        ("minute", 75): (Phase.ENDING, "01:00 / 1m", "last iterations"),
        ("counted", 75): (Phase.RUNNING, "00:55 / 5m", "≤ 04:05 left"),
        ("later", 75): (Phase.DONE, "00:30 / 30s", ""),
        ("minute", 95): (Phase.DONE, "01:00 / 1m", ""),
        ("counted", 95): (Phase.RUNNING, "01:15 / 5m", "≤ 03:45 left"),
        ("later", 95): (Phase.DONE, "00:30 / 30s", ""),
    }
    assert [rows_at(story, second)["minute"].share for second in (30, 75)] == [0.5, 1.0]
    assert rows_at(story, 50)["later"].note == "00:21 left", "of half a second there is some left"
    assert frame_of(story).facts == "3 scenarios · 5m20s of load at most · 5m50s with the last iterations"


def test_what_a_stop_cuts_off_or_keeps_from_running_is_told_apart() -> None:
    story = story_of(Plan((MINUTE, LATER), (), 100.0, max_vus=5), 31)
    story.see((counter("http_reqs", 310, 31.0),), at_work(10, stopped=True, running=False))
    frame = frame_of(story)
    assert [(row.name, row.phase, row.note) for row in frame.scenarios] == [
        ("minute", Phase.CUT_OFF, ""),
        ("later", Phase.NOT_RUN, ""),
    ]
    assert (frame.spent, frame.left) == ("00:31 / 01:10", "ended before its time")
    assert frame.facts.startswith("2 scenarios · up to 5 VUs · 1m10s500ms of load · ")


def test_iterations_of_the_only_scenario_tell_how_long_it_will_take() -> None:
    alone = replace(COUNTED, start=0.0, most=flat(0, 330, 2))
    story = story_of(Plan((alone,), (), 330.0), 29)
    story.see((counter("http_reqs", 300, 30.0), counter("iterations", 20, 30.0)))
    frame = frame_of(story)
    (row,) = frame.scenarios
    assert (row.time, row.share, row.note) == ("20 / 50", 0.4, "≈ 00:45 left")
    assert (frame.spent, frame.left) == ("00:30 / 01:15", "≈ 00:45 left")


def test_a_test_without_an_end_goes_on_until_it_is_stopped() -> None:
    story = story_of(Plan((OPEN,), (), 30.0), 30)
    frame = frame_of(story)
    (row,) = frame.scenarios
    assert (row.phase, row.share, row.time, row.note) == (Phase.RUNNING, None, "00:30", "until stopped")
    assert (frame.share, frame.spent, frame.left) == (None, "00:30", "goes on until it is stopped")
    assert frame.facts == "1 scenario"


def test_of_a_scenario_of_which_only_the_name_is_known_nothing_more_is_claimed() -> None:
    story = story_of(Plan((NAMED,), (), 60.0), 45)
    frame = frame_of(story)
    (row,) = frame.scenarios
    assert (row.share, row.note) == (None, "")
    assert (frame.share, frame.spent, frame.left) == (0.75, "00:45 / 01:00", "at most 00:15 left")
    assert frame.facts == "1 scenario · 1m with the last iterations · k6's events tell no more of it"
    begun = frame_of(story_of(Plan((NAMED,), (), 60.0), 0))
    assert [(row.phase, row.share, row.note) for row in begun.scenarios] == [(Phase.WAITING, None, "")]
    assert begun.spent == "not begun / 01:00"
    unknown = frame_of(story_of(Plan((NAMED,), (), None), 45))
    assert (unknown.share, unknown.spent, unknown.left) == (None, "00:45", "its end is not known")


def test_before_a_plan_is_known_it_is_said_why_and_what_k6_judges() -> None:
    story = story_of(None, 5)
    assert frame_of(story).facts.startswith("k6's API does not tell what the script plans: ")
    assert frame_of(story).empty == "No expression is known. k6 has judged none."
    judged = (share("checks", 0.5, tainted=True), share("http_req_failed", 0.0, tainted=False))
    said = frame_of(story_of(None, 5, *judged)).empty
    assert said == "No expression is known. k6 judges those of 2 metrics, 1 crossed: screen 1 lists them."
    launch = Launch(("k6", "run", "a.js"), 1, "127.0.0.1:1", "", "", "")
    story.history.observe(Observation(story.now, 0.0, 0, Snapshot(launched=ProcessNews(launch=launch))))
    assert frame_of(story).facts.startswith("k6 inspect has not answered yet, or cannot read the script")


@pytest.mark.parametrize(
    ("metric", "source", "standing", "margin", "relative"),
    [
        ("http_req_duration", "avg<200", Standing.HOLDS, "+50.0ms", "+25%"),
        ("http_req_duration", "avg<100", Standing.FAILS, "-50.0ms", "-50%"),
        ("http_req_duration", "avg>100", Standing.HOLDS, "+50.0ms", "+50%"),
        ("http_req_duration", "avg>200", Standing.FAILS, "-50.0ms", "-25%"),
        ("checks", "rate>0.9", Standing.HOLDS, "+5.00pp", "+6%"),
        ("checks", "rate>=0.99", Standing.FAILS, "-4.00pp", "-4%"),
        ("http_req_failed", "rate<0.01", Standing.FAILS, "-2.00pp", "-200%"),
        ("http_req_failed", "rate<=0.05", Standing.HOLDS, "+2.00pp", "+40%"),
    ],
)
def test_a_margin_is_positive_where_a_threshold_holds_whichever_way_it_looks(
    metric: str, source: str, standing: Standing, margin: str, relative: str
) -> None:
    numbers = (trend("http_req_duration", 150.0), share("checks", 0.95), share("http_req_failed", 0.03))
    story = story_of(Plan((MINUTE,), (PlannedThreshold(metric, source),), 90.0), 3, *numbers)
    (line,) = frame_of(story).thresholds
    assert (line.standing, line.margin, line.relative) == (standing, margin, relative)


def test_a_scenario_says_its_vus_as_k6_told_them_until_it_is_done() -> None:
    story = story_of(Plan((MINUTE,), (), 90.0), 5)
    seen = [frame_of(story).scenarios[0].vus]
    for phase in (Phase.RUNNING, Phase.ENDING, Phase.DONE):
        told = Progress("minute", 0.5, "", phase is Phase.DONE, phase, 3, 30.0)
        story.history.observe(Observation(story.now, 0.0, 0, Snapshot(launched=ProcessNews(progress=(told,)))))
        seen.append(frame_of(story).scenarios[0].vus)
    assert seen == ["", "3", "3", ""]


def test_what_is_clicked_on_behind_a_pause_is_the_moment_after_it() -> None:
    story = story_of(Plan((MINUTE,), (), 90.0), 10)
    for _ in range(5):
        story.see((counter("http_reqs", 100, 10.0),), at_work(paused=True))
    for second in range(11, 16):
        story.see((counter("http_reqs", 10 * second, float(second)),))
    moments = frame_of(story).moments
    assert [moment_of(moments, load) for load in (0.0, 5.0, 12.0)] == [START, START + 5, START + 17]

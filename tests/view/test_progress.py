"""How far a run had come of its plan, read live and of moments that have passed."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from dashboard.model.launched import Exit, ProcessNews
from dashboard.model.observation import Observation, OutageKind, Snapshot
from dashboard.model.plan import Plan, PlannedThreshold, ScenarioPlan
from dashboard.model.profile import flat
from dashboard.model.progress import Certainty, RunProgress
from dashboard.view.plan import PlanFrame, build_plan
from dashboard.view.progress import brief
from dashboard.view.selection import Selection
from tests.model.building import START, Story, at_work, counter

MINUTE = ScenarioPlan("minute", "constant-vus", 0.0, 60.0, 30.0, flat(0, 60, 3), most=flat(0, 90, 3))


def planned(*thresholds: PlannedThreshold) -> Story:
    """A run of which is known that it plans one minute."""
    story = Story()
    story.history.observe(Observation(START, 0.0, 0, Snapshot(plan=Plan((MINUTE,), thresholds, 90.0))))
    return story


def watch(story: Story, seconds: Iterable[int], *, tainted: bool | None = None) -> None:
    """Look at it at these seconds of its clock."""
    for second in seconds:
        made = counter("iterations", 10 * second, float(second), tainted=tainted)
        story.see((made,), after=START + second - story.now)


def ends(story: Story, code: int) -> None:
    """Its process ends now."""
    end = Exit(code, "", code == 105, code == 110, code in (0, 99, 110))
    story.history.observe(Observation(story.now, 0.0, 0, Snapshot(launched=ProcessNews(exit=end))))


def frame(story: Story, cursor: float | None = None) -> PlanFrame:
    """Screen 8 of the first run, of now or so many seconds after the start."""
    chosen = Selection(cursor=None if cursor is None else START + cursor, run=1)
    return build_plan(story.history, chosen, story.now)


def said(story: Story, cursor: float | None = None) -> str:
    """What it says of the time."""
    seen = frame(story, cursor)
    return f"{seen.spent} · {seen.left}"


CUT = "00:31 / 01:00 · ended before its time"


def test_a_run_that_was_stopped_stays_stopped_at_its_end_however_long_k6_lingers() -> None:
    story = planned()
    watch(story, range(1, 31))
    for second in range(31, 80):
        story.see((counter("iterations", 300, float(second)),), at_work(10, stopped=True))
    assert said(story) == CUT
    assert [said(story, cursor) for cursor in (31, 31.5, 79)] == [CUT, CUT, CUT]
    assert frame(story, 79).scenarios == frame(story).scenarios
    assert said(story, 30) == "00:30 / 01:00 · 00:30 left"


def test_a_run_whose_port_closed_stays_at_its_last_row() -> None:
    story = planned()
    watch(story, range(1, 32))
    for _ in range(48):
        story.miss(OutageKind.REFUSED)
    assert said(story) == CUT
    assert [said(story, cursor) for cursor in (32, 79)] == [CUT, CUT]
    assert frame(story, 79).chart == frame(story).chart
    story.now += 100
    story.see((counter("iterations", 2, 1.0),))
    assert len(story.history.runs) == 2
    assert said(story) == said(story, 79) == CUT, "another run changes nothing of it"


def test_a_process_that_ended_before_its_port_was_seen_closed_ends_the_clock() -> None:
    story = planned()
    watch(story, range(1, 32))
    ends(story, 105)
    story.now += 0.9
    assert said(story, 31.9) == said(story) == CUT


def test_in_an_outage_the_last_row_is_what_is_known() -> None:
    story = planned()
    watch(story, range(1, 11))
    for _ in range(3):
        story.miss()
    story.see(None)
    for _ in range(30):
        story.miss()
    known = "00:10 / 01:00 · 00:50 left"
    assert said(story) == known
    assert [said(story, cursor) for cursor in (11, 12.5, 44)] == [known, known, known]
    watch(story, range(45, 51))
    assert said(story, 44) == known, "what came later was not known"


OVER = "00:59 / 01:00 · over"
SHORT = "00:59 / 01:00 · ended before its time"
AT_WILL = PlannedThreshold("iterations", "count<1000", abort_on_fail=True)


@pytest.mark.parametrize(
    ("code", "thresholds", "expected"),
    [
        (None, (), OVER),
        (0, (AT_WILL,), OVER),
        (99, (PlannedThreshold("iterations", "count<1"),), OVER),
        (110, (), OVER),
        (99, (AT_WILL,), SHORT),
        (105, (), SHORT),
        (-9, (), SHORT),
    ],
)
def test_the_end_may_have_come_in_time_between_the_last_look_and_the_first_silence(
    code: int | None, thresholds: tuple[PlannedThreshold, ...], expected: str
) -> None:
    story = planned(*thresholds)
    watch(story, range(1, 60, 2))
    story.miss(OutageKind.REFUSED, after=2.0)
    if code is not None:
        ends(story, code)
    for _ in range(20):
        story.miss(OutageKind.REFUSED)
    assert [said(story, cursor) for cursor in (None, 61, 80)] == [expected] * 3


def test_what_came_to_its_last_row_too_early_is_cut_off_whatever_was_not_seen() -> None:
    story = planned()
    watch(story, range(1, 58, 2))
    story.miss(OutageKind.REFUSED, after=2.0)
    assert said(story) == "00:57 / 01:00 · ended before its time"


def test_an_end_that_somebody_or_a_threshold_made_is_not_taken_for_that_of_the_plan() -> None:
    story = planned()
    watch(story, range(1, 60, 2))
    story.run.stop_accepted = True
    story.miss(OutageKind.REFUSED, after=2.0)
    assert said(story) == said(story, 61) == SHORT
    story = planned(AT_WILL)
    watch(story, range(1, 60, 2), tainted=True)
    story.miss(OutageKind.REFUSED, after=2.0)
    assert said(story) == said(story, 61) == SHORT


def test_k6_that_lingers_after_an_end_it_came_to_unseen_is_told_as_far_as_it_was_seen() -> None:
    story = planned()
    watch(story, range(1, 60, 2))
    story.see(None, at_work(9), after=2.0)
    assert said(story) == said(story, 61) == OVER
    for _ in range(9):
        story.see((counter("iterations", 600, 60.2),), at_work(9))
    story.miss(OutageKind.REFUSED)
    assert said(story) == said(story, 90) == "01:00 / 01:00 · over"


def test_a_file_that_was_long_waited_for_says_nothing_of_an_end_in_time() -> None:
    story = planned()
    watch(story, range(1, 51))
    story.miss(OutageKind.CLOSED, after=15.0)
    assert said(story) == said(story, 65) == "00:50 / 01:00 · ended before its time"


def test_k6s_clock_is_carried_on_for_a_while_and_then_stands() -> None:
    story = planned()
    watch(story, range(1, 11))
    for late, spent in ((5.2, "00:15"), (15.0, "00:25"), (40.0, "00:25")):
        assert build_plan(story.history, Selection(), START + 10 + late).spent == f"{spent} / 01:00"


@pytest.mark.parametrize(
    ("share", "remaining", "certainty", "told"),
    [
        (0.999, 0.4, Certainty.EXACT, "99% 00:01 left"),
        (0.5, 30.0, Certainty.ESTIMATED, "50% ≈ 00:30 left"),
        (0.5, 30.0, Certainty.AT_MOST, "50% at most 00:30 left"),
        (1.0, 0.0, Certainty.EXACT, "100%"),
        (None, None, Certainty.OPEN, "open end"),
        (None, None, Certainty.UNKNOWN, ""),
    ],
)
def test_the_header_says_no_more_than_is_sure(
    share: float | None, remaining: float | None, certainty: Certainty, told: str
) -> None:
    assert brief(RunProgress(30.0, share, remaining, certainty, ())) == told
    assert brief(RunProgress(None, share, remaining, certainty, ())) == "", "the load has not begun"

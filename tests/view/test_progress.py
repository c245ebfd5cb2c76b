"""How far a run had come of its plan, read live and of moments that have passed."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.model.launched import Exit, ProcessNews
from dashboard.model.observation import Observation, OutageKind, Snapshot
from dashboard.model.plan import Plan, ScenarioPlan
from dashboard.model.profile import flat
from dashboard.view.plan import PlanFrame, build_plan
from dashboard.view.selection import Selection
from tests.model.building import START, Story, at_work, counter

MINUTE = ScenarioPlan("minute", "constant-vus", 0.0, 60.0, 30.0, flat(0, 60, 3), most=flat(0, 90, 3))


def planned() -> Story:
    """A run of which is known that it plans one minute."""
    story = Story()
    story.history.observe(Observation(START, 0.0, 0, Snapshot(plan=Plan((MINUTE,), (), 90.0))))
    return story


def watch(story: Story, seconds: Iterable[int]) -> None:
    """Look at it at these seconds of its clock."""
    for second in seconds:
        made = counter("iterations", 10 * second, float(second))
        story.see((made,), after=START + second - story.now)


def ends(story: Story, code: int) -> None:
    """Its process ends now."""
    end = Exit(code, "", code == 105, code == 110)
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

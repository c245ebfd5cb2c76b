"""How far a run has come of its plan: k6's clock, the start of the load, each scenario."""

from __future__ import annotations

import math

import pytest

from dashboard.model.course import ClockCourse
from dashboard.model.launched import Progress
from dashboard.model.plan import Plan, ScenarioPlan
from dashboard.model.profile import after, before, flat, held, peak, total
from dashboard.model.progress import Certainty, Phase, RunProgress, Told, progress
from dashboard.model.schedule import Schedule
from tests.model.building import START, at_work

STEADY = ScenarioPlan("steady", "constant-vus", 0.0, 60.0, 30.0, flat(0, 60, 3), most=flat(0, 90, 3))
LATER = ScenarioPlan("later", "constant-vus", 50.0, 50.0, 30.0, flat(50, 50, 2), most=flat(50, 80, 2))
COUNTED = ScenarioPlan("counted", "shared-iterations", 0.0, 600.0, 30.0, most=flat(0, 630, 2), iterations=100)
OPEN = ScenarioPlan("open", "externally-controlled", vus=flat(0, None, 5), most=flat(0, None, 9))


def close(value: float | None, expected: float, by: float = 1e-6) -> bool:
    return value is not None and abs(value - expected) <= by


def come(
    *scenarios: ScenarioPlan,
    load: float | None,
    is_over: bool = False,
    iterations: float | None = None,
    duration: float | None = None,
    told: dict[tuple[str, Told], float] | None = None,
) -> RunProgress:
    plan = Plan(scenarios, (), duration)
    known = told or {}
    return progress(plan, load, lambda name, what: known.get((name, what)), is_over=is_over, iterations=iterations)


def test_the_sum_of_profiles_is_right_on_both_sides_of_each_jump() -> None:
    ramp = ((0.0, 0.0), (10.0, 20.0), (10.0, 4.0), (20.0, 4.0))
    both = total([ramp, flat(5.0, 10.0, 1.0)])
    for x in (0.0, 2.5, 5.0, 7.0, 10.0, 12.0, 15.0, 19.0):
        assert before(both, x) == before(ramp, x) + before(flat(5.0, 10.0, 1.0), x)
        assert after(both, x) == after(ramp, x) + after(flat(5.0, 10.0, 1.0), x)
    assert peak(both) == 21
    assert after(both, 20.0) == 0


def test_a_profile_without_an_end_goes_on_for_ever() -> None:
    both = total([flat(0, None, 3), flat(0, 10, 2)])
    assert (after(both, 5), after(both, 1e9), both[-1]) == (5, 3, (math.inf, 3))


@pytest.mark.parametrize("x", [0.0, 4.9, 5.0, 7.9, 9.0, 11.0, 14.9])
def test_what_is_held_is_never_below_what_was_in_the_time_before(x: float) -> None:
    ramp = ((0.0, 1.0), (5.0, 9.0), (8.0, 2.0), (8.0, 6.0), (12.0, 0.0))
    kept = held(ramp, 3.0, 15.0)
    assert after(kept, x) >= max(after(ramp, x - 3 + step / 10) for step in range(31) if x - 3 + step / 10 >= 0) - 1e-9
    assert peak(kept) == 9


def test_k6s_clock_is_followed_over_pauses_in_both_directions() -> None:
    course = ClockCourse()
    elapsed = 0.0
    for second in range(300):
        is_paused = 60 <= second < 160
        elapsed += 0.0 if is_paused else 1.0
        course.add(START + second, elapsed + 0.1 * (second % 2))
    assert [piece.pace for piece in course.pieces] == [1.0, 0.0, 1.0]
    for load in (10.0, 59.0, 70.0, 150.0):
        at = course.moment_of(load)
        assert at is not None
        assert close(course.elapsed_at(at), load, 0.3)
        assert close(at - START, load - 1 if load < 60 else load + 99, 1.5)
    assert close(course.elapsed_at(START + 110), 60, 0.5)


@pytest.mark.parametrize("pace", [1.0, 7.5])
def test_a_clock_that_hurries_is_carried_on_at_its_pace(pace: float) -> None:
    course = ClockCourse()
    for second in range(10):
        course.add(START + second, pace * second)
    assert close(course.elapsed_at(START + 20), 20 * pace, 0.2 * pace)
    assert len(course.pieces) <= 2


def test_the_load_begins_between_the_last_look_at_setup_and_the_first_after_it() -> None:
    schedule = Schedule()
    for second, number in enumerate((4, 6, 6, 6, 7, 7)):
        schedule.see_status(at_work(number), START + second)
        schedule.course.add(START + second, float(second))
    timeline = schedule.timeline()
    assert timeline.offset == 3.5
    assert timeline.load_at(START + 5) == 1.5
    assert timeline.load_at(START + 2) is None
    assert timeline.moment_of(1.5) == START + 5
    assert schedule.timeline(START + 3.5).load_at(START + 3.5) is None


def test_what_k6_tells_of_a_scenario_says_more_exactly_when_the_load_began() -> None:
    schedule = Schedule()
    schedule.see_status(at_work(6), START)
    schedule.see_status(at_work(7), START + 4)
    schedule.course.add(START + 4, 4.0)
    assert schedule.timeline().offset == 2.0
    for second, seconds in ((5, 2.0), (6, 3.4), (7, 4.0)):
        told = Progress("later", 0.1, "", False, Phase.RUNNING, seconds=seconds)
        schedule.hear([told], Plan((ScenarioPlan("later", "constant-vus", 1.0),), (), None), START + second)
    assert close(schedule.timeline().offset, 1.6)
    assert close(schedule.timeline(START + 5).offset, 2.0)
    assert schedule.tell(None)("later", Told.SECONDS) == 4.0
    assert schedule.tell(START + 6.5)("later", Told.SECONDS) == 3.4
    assert schedule.tell(START + 1)("later", Told.SECONDS) is None


def test_before_the_load_all_scenarios_wait() -> None:
    got = come(STEADY, LATER, load=None)
    assert [each.phase for each in got.scenarios] == [Phase.WAITING, Phase.WAITING]
    assert (got.share, got.remaining, got.certainty) == (0.0, 100.0, Certainty.EXACT)


def test_each_scenario_has_a_progress_of_its_own() -> None:
    got = come(STEADY, LATER, load=30.0)
    assert [(each.phase, each.share, each.starts_in) for each in got.scenarios] == [
        (Phase.RUNNING, 0.5, None),
        (Phase.WAITING, 0.0, 20.0),
    ]
    assert (got.share, got.remaining) == (0.3, 70.0)
    got = come(STEADY, LATER, load=70.0)
    assert [each.phase for each in got.scenarios] == [Phase.ENDING, Phase.RUNNING]
    got = come(STEADY, LATER, load=95.0)
    assert [each.phase for each in got.scenarios] == [Phase.DONE, Phase.RUNNING]


def test_iterations_make_the_end_an_estimate_and_before_the_first_a_bound() -> None:
    got = come(COUNTED, load=0.0, iterations=0.0)
    assert (got.certainty, got.remaining) == (Certainty.AT_MOST, 600.0)
    got = come(COUNTED, load=10.0, iterations=25.0)
    assert (got.certainty, got.remaining, got.scenarios[0].done) == (Certainty.ESTIMATED, 30.0, 25)
    assert got.share == 0.25
    got = come(COUNTED, load=41.0, iterations=100.0)
    assert (got.scenarios[0].phase, got.remaining) == (Phase.DONE, 0.0)


def test_iterations_of_all_scenarios_together_tell_nothing_of_one() -> None:
    got = come(COUNTED, STEADY, load=10.0, iterations=25.0)
    assert (got.scenarios[0].done, got.scenarios[0].share) == (None, None)
    assert got.certainty is Certainty.AT_MOST
    told = {("counted", Told.PHASE): 1.0, ("counted", Told.DONE): 50.0, ("counted", Told.VUS): 2.0}
    got = come(COUNTED, STEADY, load=10.0, iterations=25.0, told=told)
    assert (got.scenarios[0].done, got.scenarios[0].share, got.scenarios[0].vus) == (50, 0.5, 2)
    assert close(got.scenarios[0].ends_in, 10.0)
    # The steady one is sure to last longer than that.
    assert (got.certainty, got.remaining) == (Certainty.EXACT, 50.0)


def test_where_somebody_has_to_end_it_there_is_no_share() -> None:
    got = come(OPEN, load=50.0)
    assert (got.certainty, got.share, got.remaining, got.scenarios[0].phase) == (
        Certainty.OPEN,
        None,
        None,
        Phase.RUNNING,
    )


def test_of_names_alone_the_end_of_all_is_a_bound() -> None:
    got = come(ScenarioPlan("a"), load=30.0, duration=120.0)
    assert (got.certainty, got.remaining, got.share) == (Certainty.AT_MOST, 90.0, 0.25)


def test_a_run_that_was_stopped_says_what_of_it_was_cut_off_and_what_never_ran() -> None:
    got = come(STEADY, LATER, load=20.0, is_over=True)
    assert [each.phase for each in got.scenarios] == [Phase.CUT_OFF, Phase.NOT_RUN]
    assert (got.share, got.remaining) == (0.2, 0.0)
    got = come(STEADY, LATER, load=99.8, is_over=True)
    assert (got.share, [each.phase for each in got.scenarios]) == (1.0, [Phase.DONE, Phase.DONE])
    done = {(name, Told.PHASE): float(Phase.DONE) for name in ("steady", "later")}
    got = come(STEADY, LATER, load=99.9, is_over=True, told=done)
    assert (got.share, [each.phase for each in got.scenarios]) == (1.0, [Phase.DONE, Phase.DONE])


def test_a_share_that_k6_told_to_the_end_is_no_cut() -> None:
    told = {("counted", Told.PHASE): float(Phase.RUNNING), ("counted", Told.SHARE): 1.0}
    got = come(COUNTED, load=41.0, is_over=True, told=told)
    assert got.scenarios[0].phase is Phase.DONE
    told[("counted", Told.SHARE)] = 0.99
    assert come(COUNTED, load=41.0, is_over=True, told=told).scenarios[0].phase is Phase.CUT_OFF


def test_k6s_own_seconds_count_once_a_scenario_runs_no_more() -> None:
    told = {("steady", Told.PHASE): float(Phase.RUNNING), ("steady", Told.SECONDS): 29.0}
    assert come(STEADY, load=30.0, told=told).scenarios[0].elapsed == 30.0, "k6 tells them each second at most"
    told[("steady", Told.PHASE)] = float(Phase.DONE)
    assert come(STEADY, load=30.0, told=told).scenarios[0].elapsed == 29.0


def test_iterations_that_are_slow_end_with_the_time_at_the_latest() -> None:
    got = come(COUNTED, load=500.0, iterations=10.0)
    assert (got.certainty, got.remaining) == (Certainty.ESTIMATED, 100.0)


def test_of_two_that_end_together_the_surer_one_says_how_sure_it_is() -> None:
    as_long = ScenarioPlan("as long", "constant-vus", 0.0, 600.0, 30.0, flat(0, 600, 3), most=flat(0, 630, 3))
    got = come(COUNTED, as_long, load=10.0)
    assert (got.certainty, got.remaining) == (Certainty.EXACT, 590.0)

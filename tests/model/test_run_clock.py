"""k6's clock beside the wall's: pauses, slow answers, and what is not known."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.model.run_clock import RunClock, run_clock
from tests.model.building import START, Story, at_work, counter


def clocked(*steps: tuple[float, float]) -> RunClock:
    """The clock of a run with a look after so many seconds each, in which k6's clock went on by so many."""
    story, elapsed = Story(), 0.0
    for seconds, passed in steps:
        elapsed += passed
        story.see((counter("http_reqs", 10 * elapsed, elapsed),), at_work(), after=seconds)
    return run_clock(story.run)


def test_a_pause_is_no_time_of_the_test() -> None:
    clock = clocked(*[(1.0, 1.0)] * 5, (1.0, 0.4), *[(1.0, 0.0)] * 6, *[(1.0, 1.0)] * 3)
    assert [clock.elapsed_at(START + at) for at in (1, 3, 5, 6, 9, 12, 13, 15)] == pytest.approx(  # pyright: ignore[reportUnknownMemberType]
        [1, 3, 5, 5.4, 5.4, 5.4, 6.4, 8.4]
    )
    assert clock.wall_at(5.4) == pytest.approx(START + 5.4)  # pyright: ignore[reportUnknownMemberType]
    assert clock.wall_at(5.5) > START + 12
    assert len(clock.walls) == 3, "however long a pause lasts"


def test_a_slow_answer_is_no_pause() -> None:
    slow = clocked(*[(1.0, 1.0), (1.2, 1.0), (0.8, 1.0)] * 10)
    assert slow.walls == (START + 1,)
    # Neither is a silence after which the clock has gone on.
    assert clocked((1.0, 1.0), (30.0, 30.0), (1.0, 1.0)).walls == (START + 1,)


def test_beyond_what_was_seen_both_clocks_run_together() -> None:
    clock = clocked((1.0, 7.0), (1.0, 1.0))
    assert (clock.elapsed_at(START - 4), clock.wall_at(2.0)) == (2.0, START - 4)
    assert (clock.elapsed_at(START + 60), clock.wall_at(66.0)) == (66.0, START + 60)


def test_a_run_whose_clock_is_not_known_is_taken_to_have_begun_when_it_was_first_seen() -> None:
    story = Story()
    assert run_clock(story.run) == RunClock((START,), (0.0,))
    story.see((), at_work(4))
    assert run_clock(story.run).elapsed_at(story.run.first_seen + 3) == 3


@given(st.lists(st.tuples(st.floats(0.2, 5.0), st.floats(0.0, 1.0)), min_size=2, max_size=40))
def test_neither_clock_goes_back_and_one_leads_to_the_other(steps: list[tuple[float, float]]) -> None:
    clock = clocked((1.0, 1.0), *((seconds, seconds * share) for seconds, share in steps))
    assert all(one < other for one, other in pairwise(clock.walls))
    assert all(one <= other for one, other in pairwise(clock.elapsed))
    now = START + 1
    for seconds, _ in steps:
        now += seconds
        assert abs(clock.elapsed_at(clock.wall_at(clock.elapsed_at(now))) - clock.elapsed_at(now)) < 1e-5


def test_a_clock_that_jumped_ahead_is_right_on_both_sides_of_the_jump() -> None:
    clock = clocked(*[(1.0, 1.0)] * 5, (1.0, 11.0), *[(1.0, 1.0)] * 4)
    assert [clock.elapsed_at(START + at) for at in (1, 5, 6, 10)] == [1.0, 5.0, 16.0, 20.0]


def test_a_clock_that_stands_showed_so_much_when_it_stopped() -> None:
    clock = RunClock((START, START + 10, START + 30), (0.0, 10.0, 10.0))
    assert clock.wall_at(10.0) == START + 10

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.model import check_history
from dashboard.model.check_history import TOTAL, CheckHistory, Interval
from dashboard.model.derive import INTERVAL_SHARE
from dashboard.model.group import Group
from dashboard.model.group_tree import Tally
from tests.model.building import START, Story, check, counter, group, share, shop

PAID = "cbuy::paid"
BUY = "gid buy"


def told(*looks: tuple[float, tuple[Group, ...]]) -> CheckHistory:
    history = CheckHistory()
    for at, groups in looks:
        history.add(groups, at)
    return history


def test_what_happened_between_two_looks_is_exact() -> None:
    history = told((10, shop(paid=(5, 1), sent=(9, 0))), (20, shop(paid=(7, 4), sent=(20, 0))))
    assert history.interval(PAID) == Interval(10, 20, Tally(2, 3))
    assert history.interval(BUY) == history.interval(TOTAL) == Interval(10, 20, Tally(13, 3))
    assert history.tally(PAID) == Tally(7, 4)
    assert history.share(20) == 13 / 16


def test_the_first_look_is_of_no_interval() -> None:
    history = told((10, shop(paid=(5, 1))))
    assert history.interval(PAID) is None
    assert history.share(10) is None


def test_a_name_that_appears_later_has_had_nothing_before() -> None:
    history = told((10, shop(paid=(5, 1))), (20, shop(paid=(5, 1), sent=(3, 3))))
    assert history.interval("cbuy::sent") == Interval(10, 20, Tally(3, 3))
    assert history.interval(TOTAL) == Interval(10, 20, Tally(3, 3))


def test_a_moment_that_has_passed_is_shown_as_it_was() -> None:
    history = told(
        (10, shop(paid=(5, 1))),
        (20, (*shop(paid=(7, 4), sent=(3, 0)), group("card", "buy", check("ok", 1, 0)))),
        (30, (*shop(paid=(8, 4), sent=(3, 0)), group("card", "buy", check("ok", 9, 0)))),
    )
    assert history.groups_at(9) == ()
    assert history.groups_at(19.9) == shop(paid=(5, 1))
    assert history.groups_at(20) == (*shop(paid=(7, 4), sent=(3, 0)), group("card", "buy", check("ok", 1, 0)))
    assert history.groups_at(None) == history.groups
    assert history.interval(PAID, 29) == Interval(10, 20, Tally(2, 3))
    assert history.interval(PAID, 19) is None
    assert [each.end for each in history.between(PAID, 15, 30)] == [20, 30]
    assert [each.end for each in history.between(PAID, 21, 29)] == []


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=120))
def test_leaving_looks_out_loses_no_check(steps: list[tuple[int, int]]) -> None:
    history, passes, fails = CheckHistory(), 0, 0
    before = check_history.MOST_ROWS
    check_history.MOST_ROWS = 16
    try:
        for second, (passed, failed) in enumerate(steps):
            passes, fails = passes + passed, fails + failed
            history.add(shop(paid=(passes, fails)), float(second))
    finally:
        check_history.MOST_ROWS = before
    intervals = history.recent(PAID, None, 1000)
    assert 0 < len(intervals) < 16
    assert (intervals[0].start, intervals[-1].end) == (0, len(steps) - 1)
    assert all(earlier.end == later.start for earlier, later in pairwise(intervals))
    assert sum((each.tally for each in intervals), Tally(*steps[0])) == Tally(passes, fails)


def test_memory_depends_neither_on_the_time_nor_on_what_is_sent() -> None:
    history = CheckHistory()
    names = [check(f"{number}", 1, 0) for number in range(3000)]
    for second in range(400):
        history.add((group("", None), group("big", "", *names)), float(second))
    assert history.size < 1.01 * check_history.MOST_NUMBERS
    assert history.omitted == 3002 - check_history.MOST_LINES
    # What is not kept is counted all the same.
    assert history.tally(TOTAL) == Tally(3000, 0)


def test_a_number_beyond_any_counter_does_no_harm() -> None:
    history = told((10, shop(paid=(2**63 - 1, 5), sent=(2**63 - 1, 0))))
    assert history.tally(TOTAL) == Tally(2**63 - 1, 5)


@pytest.mark.parametrize(
    ("later", "is_another"),
    [
        (shop(paid=(5, 1), sent=(9, 0)), False),
        (shop(paid=(6, 1), sent=(9, 0), more=(1, 0)), False),
        (shop(paid=(4, 1), sent=(9, 0)), True),
        (shop(paid=(9, 0), sent=(9, 0)), True),
        (shop(paid=(5, 1)), True),
        ((group("", None),), True),
    ],
)
def test_counts_that_went_back_and_names_that_are_gone_begin_another_run(
    later: tuple[Group, ...], is_another: bool
) -> None:
    story = Story()
    story.see(groups=shop(paid=(5, 1), sent=(9, 0)))
    story.see(groups=later)
    assert (story.run.number == 2) is is_another
    assert story.run.checks.groups == later
    assert (story.run.checks.interval(TOTAL) is None) is is_another


def seen(rate: float, groups: tuple[Group, ...] | None, story: Story, *, after: float = 1.0) -> float | None:
    story.see((share("checks", rate), counter("http_reqs", story.now - START + 1, 1)), groups=groups, after=after)
    return story.run.value("checks", INTERVAL_SHARE, story.now)


def test_the_metric_of_all_checks_gets_its_interval_share_from_the_groups() -> None:
    story = Story()
    assert seen(0.5, None, story) is None
    assert seen(0.5, shop(paid=(5, 5)), story) is None
    assert seen(0.5, None, story) is None
    assert seen(0.6, shop(paid=(8, 6)), story, after=9.0) == 0.75
    # The groups are looked at less often; what is known of them lasts until the next look.
    assert seen(0.7, None, story) == 0.75
    assert seen(0.7, None, story, after=28.0) == 0.75
    assert seen(0.7, None, story, after=2.0) is None


def test_no_check_in_an_interval_is_no_share() -> None:
    story = Story()
    seen(0.5, shop(paid=(5, 5)), story)
    assert seen(0.5, shop(paid=(5, 5)), story) is None


@pytest.mark.parametrize(
    ("rate", "fits"), [(8 / 14, True), (5 / 10, True), (5 / 11, True), (8 / 13, True), (0.4, False), (0.7, False)]
)
def test_groups_that_count_something_else_than_the_metric_claim_no_share(rate: float, fits: bool) -> None:
    """As where k6 was told to leave the tags out by which it sorts checks into groups."""
    story = Story()
    seen(0.5, shop(paid=(5, 5)), story)
    assert (seen(rate, shop(paid=(8, 6)), story) is not None) is fits

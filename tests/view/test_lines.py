from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.model.derive import INTERVAL_RATE
from dashboard.model.event import Event, EventKind
from dashboard.model.observation import OutageKind
from dashboard.model.series import Extract, Table
from dashboard.model.silence import Gap
from dashboard.model.status_history import VUS
from dashboard.view.chart import Kind, Role
from dashboard.view.lines import COLUMNS, Span, bars, bars_end, line, marks, points, time_span
from dashboard.view.selection import Selection
from tests.model.building import START, Story, at_work
from tests.model.test_run_history import http, running

NAN = math.nan


def extract_of(values: dict[float, float], start: float, end: float, rows: int = 1000) -> Extract:
    table = Table[str]()
    for moment, value in values.items():
        table.append(moment, {} if value != value else {"x": value})
    return table.extract("x", start, end, rows)


def pieces(ys: tuple[float, ...]) -> list[list[float]]:
    """The line as it is drawn: in pieces, parted by NaN."""
    found: list[list[float]] = [[]]
    for y in ys:
        if y == y:
            found[-1].append(y)
        elif found[-1]:
            found.append([])
    return [piece for piece in found if piece]


# A line


def test_an_outage_breaks_the_line() -> None:
    story = Story()
    running(story, 3)
    story.miss()
    story.miss()
    story.see(http(60, 6.0))
    span = time_span(story.run, Selection(), story.now)
    drawn = line(story.run, "http_reqs", "count", span, label="", role=Role.RATE, kind=Kind.NOW)
    assert pieces(drawn.ys) == [[10.0, 20.0, 30.0], [60.0]]
    assert list(drawn.xs) == sorted(drawn.xs)


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 5)), min_size=2, max_size=8),
    st.integers(1, 40),
    st.integers(0, 200),
)
def test_a_line_never_bridges_an_outage_at_any_zoom(stretches: list[tuple[int, int]], rows: int, from_row: int) -> None:
    """Each stretch of looks has a value of its own, so that a piece of the line that mixes two has bridged."""
    table, gaps, now = Table[str](), list[Gap](), 0.0
    for value, (looks, silence) in enumerate(stretches):
        for _ in range(looks):
            now += 1
            table.append(now, {"x": float(value)})
        now += 1
        gaps.append(Gap(now, now + silence, OutageKind.TIMED_OUT))
        table.append(now, {})
        now += silence - 1
    xs, ys = points(table.extract("x", from_row, now, rows), gaps)
    assert list(xs) == sorted(xs)
    for before, after in pairwise(zip(xs, ys, strict=True)):
        if before[1] == before[1] and after[1] == after[1] and before[0] < after[0]:
            assert not any(before[0] <= gap.start < after[0] for gap in gaps)
    if rows * 4 >= now - from_row:
        # Where each look is a row of its own, no piece holds two stretches.
        assert all(len(set(piece)) == 1 for piece in pieces(ys))


def test_an_outage_that_ends_a_coarse_row_breaks_the_line() -> None:
    """The row's moment is then the outage's own."""
    values = {float(at): 1.0 for at in range(1, 8)} | {8.0: NAN} | {float(at): 2.0 for at in range(9, 17)}
    extract = extract_of(values, 0, 16, rows=1)
    assert 8.0 in extract.times
    _, ys = points(extract, [Gap(8.0, 9.0, OutageKind.TIMED_OUT)])
    assert pieces(ys) == [[1.0, 1.0], [2.0, 2.0]]


def test_a_row_of_many_looks_shows_both_ends() -> None:
    values = {float(at): value for at, value in enumerate((5.0, 9.0, 1.0, 2.0, 3.0, 3.0, 3.0, 3.0))}
    xs, ys = points(extract_of(values, 0, 8, rows=1), [])
    assert (xs, ys) == ((3.0, 3.0, 7.0), (1.0, 9.0, 3.0))


def test_of_nothing_there_is_no_line() -> None:
    assert points(extract_of({}, 0, 10), [Gap(1, 2, OutageKind.REFUSED)]) == ((), ())


# Bars


def test_bars_stand_at_whole_multiples_and_the_newest_is_last() -> None:
    extract = extract_of({10.2: 1.0, 11.1: 2.0, 11.9: 5.0, 12.3: 3.0}, 0, 13)
    assert bars(extract, 12.3, 1.0, 8, []) == (1.0, 5.0, 3.0)


def test_a_bar_without_a_look_takes_the_one_before() -> None:
    assert bars(extract_of({10.0: 1.0, 13.0: 2.0}, 0, 13), 13.0, 1.0, 8, []) == (1.0, 1.0, 1.0, 2.0)


def test_a_bar_in_an_outage_stays_empty() -> None:
    gap = Gap(11.0, 13.0, OutageKind.TIMED_OUT)
    found = bars(extract_of({10.0: 1.0, 11.0: NAN, 13.0: 2.0}, 0, 13), 13.0, 1.0, 8, [gap])
    assert [str(value) for value in found] == ["1.0", "nan", "nan", "2.0"]


def test_bars_after_the_newest_look_stay_empty() -> None:
    found = bars(extract_of({10.0: 1.0}, 0, 13), 12.0, 1.0, 8, [])
    assert [str(value) for value in found] == ["1.0", "nan", "nan"]


def test_no_more_bars_than_wanted() -> None:
    extract = extract_of({float(at): float(at) for at in range(100)}, 0, 100)
    assert bars(extract, 99.0, 1.0, 5, []) == (95.0, 96.0, 97.0, 98.0, 99.0)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60), st.sampled_from([1.0, 2.0, 7.0]))
def test_a_bar_is_the_highest_of_its_time(values: list[float], width: float) -> None:
    found = bars(extract_of(dict(enumerate(values)), 0, len(values)), len(values) - 1, width, 100, [])
    for back, bar in enumerate(reversed(found)):
        index = math.floor((len(values) - 1) / width) - back
        inside = [value for at, value in enumerate(values) if math.floor(at / width) == index]
        assert not inside or bar == max(inside)


# The axis


@pytest.mark.parametrize(("age", "window"), [(0, 30), (29, 30), (31, 60), (200, 300), (299, 300), (2000, 300)])
def test_the_window_widens_while_a_run_is_young(age: int, window: int) -> None:
    story = Story()
    story.see(http(1, 1.0))
    span = time_span(story.run, Selection(window=300), story.now + age)
    assert span.window == window
    assert span.until <= story.now + age
    assert story.now + age - span.until <= window / COLUMNS
    if age < window:
        assert span.start == story.run.first_seen


def test_a_frozen_axis_ends_at_the_cursor() -> None:
    story = Story()
    running(story, 400)
    span = time_span(story.run, Selection(cursor=START + 350.5), story.now)
    assert (span.start, span.end, span.until) == (START + 50.5, START + 350.5, START + 350.5)


def test_an_axis_of_a_run_that_is_over_stands_still() -> None:
    story = Story()
    running(story, 400)
    story.see(http(4000, 400.0), at_work(9))
    ended = story.now
    for _ in range(10):
        story.see(http(4000, 400.0), at_work(9))
    assert time_span(story.run, Selection(), story.now + 50).until == ended
    assert bars_end(story.run, Selection(), story.now + 50) == ended


def test_between_two_columns_nothing_moves() -> None:
    story = Story()
    running(story, 400)
    selection = Selection(window=300)
    column = 300 / COLUMNS
    spans = {time_span(story.run, selection, START + 400 + step / 100) for step in range(int(column * 100 * 4))}
    assert len(spans) <= 5


def test_sparklines_end_with_the_number_beside_them_and_go_on_in_an_outage() -> None:
    story = Story()
    running(story, 3)
    assert bars_end(story.run, Selection(), story.now + 0.9) == story.now
    story.miss()
    assert bars_end(story.run, Selection(), story.now + 0.9) == story.now + 0.9
    assert bars_end(story.run, Selection(cursor=5.0), story.now) == 5.0


def test_marks_are_what_somebody_did_within_the_window() -> None:
    def event(number: int, at: float, kind: EventKind) -> Event:
        return Event(number, at, None, kind, f"{kind} {number}")

    events = [
        event(1, 5, EventKind.ACTION),
        event(2, 15, EventKind.ACTION),
        event(3, 15, EventKind.STATE),
        event(4, 16, EventKind.MARK),
        event(5, 17, EventKind.RUN),
        event(6, 19, EventKind.MARK),
    ]
    assert [mark.label for mark in marks(events, Span(10, 20, 18))] == ["action 2", "mark 4", "run 5"]


def test_vus_are_drawn_as_often_as_the_status_comes() -> None:
    story = Story()
    running(story, 2)
    for vus in (5, 9, 2):
        story.see(None, at_work(vus=vus))
    span = Span(START, story.now, story.now)
    drawn = line(story.run, *VUS, span, label="", role=Role.VUS, kind=Kind.NOW)
    assert drawn.ys == (3.0, 3.0, 5.0, 9.0, 2.0)
    assert len(line(story.run, "http_reqs", INTERVAL_RATE, span, label="", role=Role.RATE, kind=Kind.NOW).xs) == 2

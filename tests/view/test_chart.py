from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.view.chart import (
    Bounds,
    Kind,
    Level,
    Line,
    PlotSpec,
    Role,
    Unit,
    choose_bounds,
    decimate,
    nice_ticks,
    nice_upper,
    snapped,
    sticky_upper,
    y_range,
)

NAN = math.nan
VALUES = st.lists(st.floats(-1e6, 1e6) | st.just(NAN), max_size=80)
COLUMNS = st.integers(1, 30)


def spec(*ys: float, unit: Unit = Unit.MILLISECONDS) -> PlotSpec:
    line = Line("avg", Role.AVG, Kind.INTERVAL, tuple(map(float, range(len(ys)))), ys)
    return PlotSpec((line,), 0.0, float(len(ys)), unit)


@given(VALUES, COLUMNS)
def test_decimation_keeps_the_extremes_of_every_column(ys: list[float], columns: int) -> None:
    xs = list(map(float, range(len(ys))))
    kept_xs, kept_ys = decimate(xs, ys, 0.0, float(len(ys)), columns)

    def by_column(xs: list[float], ys: list[float]) -> dict[int, list[float]]:
        columns_of: dict[int, list[float]] = {}
        for x, y in zip(xs, ys, strict=True):
            if not math.isnan(y):
                columns_of.setdefault(min(columns - 1, int(x / len(kept) * columns)), []).append(y)
        return columns_of

    kept = ys
    before, after = by_column(xs, ys), by_column(list(kept_xs), list(kept_ys))
    assert before.keys() == after.keys()
    for column, values in after.items():
        assert len(values) <= 2
        assert (min(values), max(values)) == (min(before[column]), max(before[column]))
    assert list(kept_xs) == sorted(kept_xs)


@given(VALUES, COLUMNS)
def test_decimation_bridges_no_gap(ys: list[float], columns: int) -> None:
    xs = list(map(float, range(len(ys))))
    kept = list(zip(*decimate(xs, ys, 0.0, float(len(ys)), columns), strict=True))
    for (x, y), (next_x, next_y) in itertools.pairwise(kept):
        if not math.isnan(y) and not math.isnan(next_y):
            assert not any(math.isnan(between) for between in ys[int(x) : int(next_x)])


@given(VALUES, COLUMNS)
def test_decimating_twice_changes_nothing(ys: list[float], columns: int) -> None:
    xs = list(map(float, range(len(ys))))
    once = decimate(xs, ys, 0.0, float(len(ys)), columns)
    assert repr(decimate(*once, 0.0, float(len(ys)), columns)) == repr(once)


def test_decimation_leaves_out_what_is_outside_and_takes_infinity_for_a_gap() -> None:
    xs, ys = (0.0, 1.0, 2.0, 3.0, 4.0), (9.0, 1.0, math.inf, 3.0, 9.0)
    kept_xs, kept_ys = decimate(xs, ys, 1.0, 3.0, 10)
    assert kept_xs == (1.0, 2.0, 3.0)
    assert (kept_ys[0], kept_ys[2]) == (1.0, 3.0)
    assert math.isnan(kept_ys[1])
    assert decimate(xs, ys, 3.0, 3.0, 10) == decimate(xs, ys, 0.0, 3.0, 0) == ((), ())


@given(st.floats(0, 2e9), st.floats(1, 1e6), st.integers(2, 300))
def test_a_snapped_window_holds_the_window_and_one_column_more(x_from: float, span: float, columns: int) -> None:
    x_to = x_from + span
    start, end = snapped(x_from, x_to, columns)
    step = (end - start) / columns
    slack = step * 1e-4 + 1e-5
    assert start <= x_from + slack
    assert x_to <= end + slack
    assert math.isclose(end - start, span + step, rel_tol=1e-4)


def test_a_window_that_follows_the_time_stays_until_a_column_is_full() -> None:
    windows = {snapped(now - 600, now, 101) for now in range(1000, 1060)}
    assert len(windows) == 11  # 6 s a column


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9), st.integers(1, 12), st.sampled_from(Unit))
def test_ticks_are_within_the_axis_and_evenly_apart(low: float, span: float, count: int, unit: Unit) -> None:
    ticks = nice_ticks(low, low + span, count, unit)
    assert len(ticks) <= count
    tolerance = (abs(low) + span) * 1e-9
    assert all(low - tolerance <= tick <= low + span + tolerance for tick in ticks)
    gaps = [after - before for before, after in itertools.pairwise(ticks)]
    assert all(math.isclose(gap, gaps[0], rel_tol=1e-6, abs_tol=tolerance) for gap in gaps)


@pytest.mark.parametrize(
    ("high", "count", "unit", "ticks"),
    [
        (150, 4, Unit.NUMBER, (0, 50, 100, 150)),
        (800, 5, Unit.NUMBER, (0, 200, 400, 600, 800)),
        (6, 3, Unit.NUMBER, (0, 3, 6)),
        (90_000, 4, Unit.MILLISECONDS, (0, 30_000, 60_000, 90_000)),
        (1, 5, Unit.RATIO, (0, 0.25, 0.5, 0.75, 1)),
        (0, 5, Unit.RATIO, ()),
    ],
)
def test_ticks_are_round(high: float, count: int, unit: Unit, ticks: tuple[float, ...]) -> None:
    assert tuple(round(tick, 9) for tick in nice_ticks(0, high, count, unit)) == ticks


@given(st.floats(1e-9, 1e15), st.sampled_from(Unit))
def test_a_nice_bound_is_above_but_not_far_above(value: float, unit: Unit) -> None:
    assert value <= nice_upper(value, unit) * (1 + 1e-9) <= 2.1 * value


def test_a_bound_stays_while_it_fits() -> None:
    assert sticky_upper(90, 150) == 150
    assert sticky_upper(151, 150) == 200
    assert sticky_upper(20, 150) == 20
    assert sticky_upper(20, None) == 20


def test_an_axis_begins_at_zero_or_below_a_negative_value() -> None:
    assert y_range([5, 137, NAN]) == (0, 150)
    assert y_range([]) == (0, 1)
    assert y_range([-7, 5]) == (-8, 5)
    assert y_range([-7]) == (-8, 0)
    assert y_range([0.4, 1.0], Unit.RATIO) == (0, 1)
    assert y_range([0.0], Unit.RATIO) == (0, 0.01)


def test_a_distant_threshold_does_not_flatten_the_lines() -> None:
    near = replace(spec(100.0, 200.0), levels=(Level(400.0, "near"),))
    assert choose_bounds(near) == Bounds(0, 400)
    assert choose_bounds(replace(near, levels=(Level(5000.0, "far"),))) == Bounds(0, 200)
    assert choose_bounds(spec(100.0, 150.0), Bounds(0, 200)) == Bounds(0, 200)


def test_values_outside_the_window_do_not_count() -> None:
    assert choose_bounds(replace(spec(1000.0, 10.0, 20.0), x_from=1.0)) == Bounds(0, 20)

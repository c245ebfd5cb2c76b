"""What a chart is to show, independent of who draws it, and the arithmetic that any drawing of it needs."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import chain

from dashboard.quick import dataclass


class Kind(StrEnum):
    """What a number says about time and certainty; every number shown carries one."""

    CUMULATIVE = "cumulative"
    """Over the whole run so far, as k6 gives it."""
    INTERVAL = "interval"
    """Over the time between two looks, exact."""
    ESTIMATED = "estimated"
    """Derived with an assumption that may not hold."""
    NOW = "now"
    """The value of this moment: a gauge, the VUs."""


class Unit(StrEnum):
    """What a number counts. Trends of ``contains: time`` are in milliseconds throughout."""

    NUMBER = "number"
    PER_SECOND = "per second"
    MILLISECONDS = "milliseconds"
    BYTES = "bytes"
    BYTES_PER_SECOND = "bytes per second"
    RATIO = "ratio"
    """0 to 1, shown in per cent."""


class Role(StrEnum):
    """What a line stands for; the theme gives each role its colour."""

    AVG = "avg"
    MIN = "min"
    MED = "med"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    MAX = "max"
    RATE = "rate"
    VUS = "vus"
    FAILED = "failed"
    PASSED = "passed"
    RECEIVED = "received"
    SENT = "sent"
    VALUE = "value"
    PLANNED = "planned"
    """What was to be, under what is."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart. ``xs`` ascend; a NaN in ``ys`` breaks the line there: a gap is drawn as a gap."""

    label: str
    role: Role
    kind: Kind
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    right: bool = False
    """Measured on the right axis."""
    latest: float | None = None
    """The number of the moment shown, for the legend; NaN where there is none. None takes the last point."""
    of: tuple[str, str] = ("", "")
    """The metric and the statistic that it shows, where it shows one."""
    is_ghost: bool = False
    """Whether it is a baseline's, drawn behind those of the run shown."""


@dataclass(frozen=True, slots=True)
class MarkLine:
    """A moment on the time axis: an action, an outage's end, a mark of the user's."""

    x: float
    label: str
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A height on the left axis, such as a threshold."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where the two value axes begin and end."""

    low: float
    high: float
    right_low: float = 0.0
    right_high: float = 1.0


@dataclass(frozen=True, slots=True)
class PlotSpec:
    """A chart over time, ready to be drawn at any size.

    ``x`` is in seconds; ``x_labels`` gives the ticks that the view chose.
    """

    lines: tuple[Line, ...]
    x_from: float
    x_to: float
    unit: Unit
    right_unit: Unit = Unit.NUMBER
    x_labels: tuple[tuple[float, str], ...] = ()
    marks: tuple[MarkLine, ...] = ()
    levels: tuple[Level, ...] = ()
    empty: str = ""
    """What to say in the middle when no line has a point: why, and when that would change."""
    bounds: Bounds | None = None
    """The ends of the value axes; None where whoever draws is to choose them."""
    ghost: str = ""
    """What the legend says of the ghosts among the lines, or why there are none; empty without a baseline."""


def decimate(
    xs: Sequence[float], ys: Sequence[float], x_from: float, x_to: float, columns: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Keep what a drawing of ``columns`` can show of the points between ``x_from`` and ``x_to``.

    Of every column the smallest and the largest value stay, so that no spike is lost, in the order of time;
    and every NaN that parts two of them, so that no gap is bridged. Doing it twice changes nothing.
    """
    span = x_to - x_from
    kept: list[int] = []
    if columns < 1 or not math.isfinite(span) or span <= 0:
        return (), ()
    first, last = bisect_left(xs, x_from), bisect_right(xs, x_to)
    bucket: list[int] = []
    current = low = high = -1
    for i in range(first, min(last, len(ys))):
        column = min(columns - 1, int((xs[i] - x_from) / span * columns))
        if column != current:
            _keep(bucket, low, high, ys, kept)
            bucket, current, low, high = [], column, -1, -1
        y = ys[i]
        if y - y != 0:  # NaN or infinite; a call would double the time
            bucket.append(i)
            continue
        if low < 0:
            low = high = i
        elif y < ys[low]:
            low = i
        elif y > ys[high]:
            high = i
    _keep(bucket, low, high, ys, kept)
    while kept and not math.isfinite(ys[kept[-1]]):
        kept.pop()
    return tuple(xs[i] for i in kept), tuple(ys[i] if math.isfinite(ys[i]) else math.nan for i in kept)


def snapped(x_from: float, x_to: float, columns: int) -> tuple[float, float]:
    """Widen a window to whole columns of time, by one column in all.

    A window that follows the time then moves by whole columns: what was drawn once stays as it was drawn,
    instead of shimmering as points change columns, and most of the time nothing has to be drawn anew.
    """
    span = x_to - x_from
    if not math.isfinite(span) or span <= 0:
        return (x_from, x_from + 1.0) if math.isfinite(x_from) else (0.0, 1.0)
    if span > 1:  # times since 1970 are exact to a quarter of a microsecond; a step must not waver with them
        span = round(span, 5)
    step = span / max(1, columns - 1)
    first = math.floor(round(x_from / step, 6))
    return first * step, (first + max(2, columns)) * step


def nice_ticks(low: float, high: float, count: int, unit: Unit = Unit.NUMBER) -> tuple[float, ...]:
    """Choose at most ``count`` round values between ``low`` and ``high``, evenly apart.

    >>> nice_ticks(0, 150, 4)
    (0.0, 50.0, 100.0, 150.0)
    """
    if count < 1 or not math.isfinite(high - low) or high <= low:
        return ()
    best: tuple[float, ...] = ()
    best_score = 0.0
    for step, is_round in _steps((high - low) / max(1, count), unit):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if not 0 < last - first + 1 <= count:
            continue
        ends = math.isclose(last * step, high, rel_tol=1e-9) and (first == 0 or last > first)
        score = last - first + 1 + (0.75 if ends else 0)
        if score > best_score and (is_round or ends):
            best_score = score
            best = tuple(0.0 if i == 0 else i * step for i in range(first, last + 1))
    return best


def nice_upper(value: float, unit: Unit = Unit.NUMBER) -> float:
    """Choose the smallest round bound that is not below ``value``.

    >>> nice_upper(137), nice_upper(0.83, Unit.RATIO), nice_upper(70_000, Unit.MILLISECONDS)
    (150.0, 1.0, 90000.0)
    """
    if not math.isfinite(value) or value <= 0:
        return 0.01 if unit is Unit.RATIO else 1.0
    if unit is Unit.MILLISECONDS and 60_000 < value <= _LONG_BOUNDS[-1]:
        return next(bound for bound in _LONG_BOUNDS if value <= bound)
    power = 10.0 ** math.floor(math.log10(value))
    if power in (0.0, math.inf) or not math.isfinite(power * 10):
        return value
    bounds = (1, 2, 3, 4, 5, 6, 8, 10) if unit is Unit.NUMBER and value < 10 and power >= 1 else _BOUNDS
    bound = next((float(f"{factor * power:.3g}") for factor in bounds if value <= factor * power), 10 * power)
    return min(1.0, bound) if unit is Unit.RATIO and value <= 1 else bound


def sticky_upper(needed: float, previous: float | None, unit: Unit = Unit.NUMBER) -> float:
    """Choose an upper bound that does not jump: the previous one while it fits and is not far too large.

    >>> sticky_upper(90, 150), sticky_upper(151, 150), sticky_upper(20, 150)
    (150, 200.0, 20.0)
    """
    bound = nice_upper(needed, unit)
    if previous is None or needed > previous or bound < 0.4 * previous:
        return bound
    return previous


def y_range(
    values: Iterable[float], unit: Unit = Unit.NUMBER, previous: tuple[float, float] | None = None
) -> tuple[float, float]:
    """Choose the ends of a value axis: from zero, or below it where a value is, to a round upper bound."""
    finite = [value for value in values if value - value == 0]
    least, greatest = min(finite, default=0.0), max(0.0, max(finite, default=0.0))
    high = sticky_upper(greatest, previous[1] if previous else None, unit)
    if least >= 0:
        return 0.0, high
    low = -sticky_upper(-least, -previous[0] if previous and previous[0] < 0 else None, unit)
    return low, (0.0 if greatest <= 0 and not (previous and previous[1] > 0) else high)


def near_levels(levels: Iterable[Level], values: Iterable[float]) -> tuple[Level, ...]:
    """The levels that belong into a chart of these values: not those that are far above all of them."""
    peak = max((value for value in values if value - value == 0), default=0.0)
    return tuple(level for level in levels if peak <= 0 or level.y <= peak * NEAR_LEVEL)


def choose_bounds(spec: PlotSpec, previous: Bounds | None = None) -> Bounds:
    """Choose both value axes of ``spec``; ``previous`` are those of the last drawing, kept while they fit.

    A level counts only where the values come near it, so that a distant threshold does not flatten them.
    """
    left = list(chain.from_iterable(_visible(line, spec) for line in spec.lines if not line.right))
    right = list(chain.from_iterable(_visible(line, spec) for line in spec.lines if line.right))
    near = [level.y for level in near_levels(spec.levels, left)]
    low, high = y_range(chain(left, near), spec.unit, (previous.low, previous.high) if previous else None)
    right_low, right_high = y_range(
        right, spec.right_unit, (previous.right_low, previous.right_high) if previous else None
    )
    return Bounds(low, high, right_low, right_high)


NEAR_LEVEL = 2.5
"""A level this many times above the highest value, or further, stays outside the axis."""
_BOUNDS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_LONG_BOUNDS = tuple(
    seconds * 1000.0 for seconds in (60, 90, 120, 180, 240, 300, 360, 480, 600, 900, 1200, 1800, 2400, 3600, 5400, 7200)
) + tuple(hours * 3_600_000.0 for hours in (3, 4, 6, 8, 12, 18, 24, 48, 72, 96, 120, 168, 240, 480, 720))
_LONG_STEPS = tuple(
    seconds * 1000.0
    for seconds in (10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
)


def _keep(breaks: list[int], low: int, high: int, ys: Sequence[float], kept: list[int]) -> None:
    """Add a column's extremes and breaks to ``kept`` in the order of time, one break after the other once."""
    if low < 0 and not breaks:
        return
    chosen = breaks if low < 0 else [*breaks, low] if low == high else [*breaks, low, high]
    if len(chosen) > 1:
        chosen.sort()
    for i in chosen:
        if math.isfinite(ys[i]) or (kept and math.isfinite(ys[kept[-1]])):
            kept.append(i)


def _visible(line: Line, spec: PlotSpec) -> tuple[float, ...]:
    first, last = bisect_left(line.xs, spec.x_from), bisect_right(line.xs, spec.x_to)
    return line.ys[first:last]


def _steps(at_least: float, unit: Unit) -> Iterator[tuple[float, bool]]:
    """Distances between ticks, ascending from a little below ``at_least``, and whether they are round.

    Threes and fours are round only where the axis ends on one.
    """
    if unit is Unit.MILLISECONDS and 10_000 <= at_least <= _LONG_STEPS[-1] / 2:
        yield from ((step, True) for step in _LONG_STEPS if step >= at_least / 2)
        return
    exponent = math.floor(math.log10(at_least)) if at_least > 0 else 0
    for power in range(max(-300, exponent - 1), min(307, exponent + 3)):
        for factor in (1, 2, 2.5, 3, 4, 5):
            step = float(f"{factor}e{power}")
            if step >= at_least / 2 and not (unit is Unit.NUMBER and factor == 2.5 and power == 0):
                yield step, factor not in (3, 4)

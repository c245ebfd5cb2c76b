"""From a run's history to lines over time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from dashboard.model.event import Event, EventKind
from dashboard.model.run_history import RunHistory
from dashboard.model.series import Extract
from dashboard.model.silence import Gap
from dashboard.quick import dataclass
from dashboard.view.chart import Kind, Line, MarkLine, Role
from dashboard.view.format import clock_time
from dashboard.view.selection import WINDOWS, Selection

COLUMNS = 120
"""About how many points of time a chart is prepared for; what is drawn is thinned to its real width."""
SPARK_BARS = 64
"""Bars prepared for a sparkline; the widget draws as many as it has room for."""
NAN = math.nan

_MARKED = (EventKind.ACTION, EventKind.MARK, EventKind.RUN)


def moment(run: RunHistory, selection: Selection) -> float | None:
    """The moment whose numbers are shown: the cursor, else the newest poll. None before there was one."""
    if selection.cursor is not None:
        return selection.cursor
    return run.last_row


@dataclass(frozen=True, slots=True)
class Span:
    """The time axis of the charts, in seconds since the Unix epoch."""

    start: float
    end: float
    until: float
    """Nothing after this is drawn: while a run is young, the axis reaches into the future."""
    moment: float | None = None
    """The moment whose numbers stand beside the lines: newer than ``until`` by less than a column."""

    @property
    def window(self) -> float:
        """Its length."""
        return self.end - self.start


def time_span(run: RunHistory, selection: Selection, now: float) -> Span:
    """The time axis of the charts at ``now``.

    The window widens in steps while a run is young, so that its first minute fills the picture. Following the
    present, the end moves by a whole column at a time: between two columns nothing has to be drawn again.
    """
    follows = selection.cursor is None
    until = now if selection.cursor is None else selection.cursor
    if follows and run.last_row is not None and run.state().is_over:
        follows, until = False, run.final_row or run.last_row
    age = max(0.0, until - run.first_seen)
    window = min(selection.window, next((step for step in WINDOWS if step >= age), selection.window))
    if follows:
        column = window / COLUMNS
        until = max(run.first_seen, math.floor(until / column) * column)
    if age < window:
        return Span(run.first_seen, run.first_seen + window, until, moment(run, selection))
    return Span(until - window, until, until, moment(run, selection))


def line(
    run: RunHistory,
    name: str,
    statistic: str,
    span: Span,
    *,
    label: str,
    role: Role,
    kind: Kind,
    right: bool = False,
) -> Line:
    """One statistic over time. A time in which k6 gave nothing breaks the line."""
    xs, ys = points(run.extract(name, statistic, span.start, span.until, COLUMNS), run.gaps)
    latest = None if span.moment is None else run.value(name, statistic, span.moment)
    return Line(label, role, kind, xs, ys, right, NAN if latest is None else latest, (name, statistic))


def points(extract: Extract, gaps: Iterable[Gap]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The points of a line: both ends of what a row spans, and a NaN where an outage begins."""
    if not extract.times:
        return (), ()
    xs: list[float] = []
    ys: list[float] = []
    breaks = [gap.start for gap in gaps if extract.times[0] <= gap.start < extract.times[-1]]
    position = 0
    for at, low, high in zip(extract.times, extract.lows, extract.highs, strict=True):
        while position < len(breaks) and breaks[position] < at:
            # A coarse row may end at the very moment of the outage, in whose row it ends.
            if xs and breaks[position] >= xs[-1]:
                xs.append(breaks[position])
                ys.append(NAN)
            position += 1
        xs.append(at)
        # One and the same NaN: charts are compared to be drawn only when they differ, and NaNs differ.
        ys.append(low if low == low else NAN)
        if high != low and low == low:
            xs.append(at)
            ys.append(high)
    return tuple(xs), tuple(ys)


def bar_width(span: Span) -> float:
    """Seconds that one bar of a sparkline stands for: at least one, else a share of the window."""
    return max(1.0, span.window / 300)


def bars_end(run: RunHistory, selection: Selection, now: float) -> float:
    """Where the newest bar of a sparkline is: at the moment whose number stands beside it, or in the outage since."""
    if selection.cursor is not None:
        return selection.cursor
    if run.last_row is None or (run.outage is not None and not run.state().is_over):
        return now
    return run.final_row or run.last_row


def bars(extract: Extract, end: float, width: float, count: int, gaps: Sequence[Gap]) -> tuple[float, ...]:
    """The highest value in each of at most ``count`` bars of ``width`` seconds, from the first one to the newest.

    The edges lie at whole multiples of ``width``, so that a bar keeps its height while time goes on. A bar without a
    row takes the value before it (k6 is looked at less often than that), except in an outage.
    """
    last = math.floor(end / width)
    first = last - count + 1
    values = [NAN] * count
    for at, high in zip(extract.times, extract.highs, strict=True):
        index = math.floor(at / width) - first
        if 0 <= index < count and high == high and not values[index] >= high:
            values[index] = high
    seen = {math.floor(at / width) - first for at in extract.times}
    newest = max(seen, default=-1)
    for index in range(1, count):
        if index in seen or index > newest:
            continue
        began, ended = (first + index) * width, (first + index + 1) * width
        if not any(gap.start < ended and (gap.end is None or gap.end > began) for gap in gaps):
            values[index] = values[index - 1]
    began = next((index for index, value in enumerate(values) if value == value), count)
    return tuple(values[began:])


def x_labels(span: Span) -> tuple[tuple[float, str], ...]:
    """Clock times along the axis."""
    seconds = span.window < 600
    return tuple(
        (at, clock_time(at) if seconds else clock_time(at)[:5])
        for at in (span.start + span.window * share for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    )


def marks(events: Iterable[Event], span: Span) -> tuple[MarkLine, ...]:
    """The moments within ``span`` at which somebody acted."""
    return tuple(
        MarkLine(event.at, event.title, event.is_bad)
        for event in events
        if event.kind in _MARKED and span.start <= event.at <= span.until
    )

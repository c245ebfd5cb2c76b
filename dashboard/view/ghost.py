"""The ghost: a baseline's lines and numbers at the moments of the run shown, by k6's clock."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Final

from dashboard.model.run_clock import RunClock, run_clock
from dashboard.model.run_history import RunHistory
from dashboard.model.series import Key, Table
from dashboard.view.baseline import Baseline
from dashboard.view.chart import Line, Unit
from dashboard.view.format import quantity
from dashboard.view.frame import Number
from dashboard.view.lines import COLUMNS, NAN, Span, points

_PATIENCE: Final = 1.0
"""Seconds of k6's clock beyond the baseline's last look, or before its first, that still count as that look's."""
_JUMP: Final = 1.0
"""Seconds of a pause of the run shown from which on the ghost has a gap there."""


class Ghost:
    """One baseline behind one span of the run shown."""

    def __init__(self, baseline: Baseline, run: RunHistory, span: Span) -> None:
        self._run = run
        self._span = span
        self._base = baseline.run()
        self._own = _clock(self._base, self._base.table.last)
        table, windows = self._base.table, self._base.windows.table
        self._looks: Table[Key] = windows if table.last is None else table
        """What has a row for each moment at which something is known of it."""
        self._shown = _clock(run, run.table.last)

    def behind(self, lines: Iterable[Line]) -> tuple[tuple[Line, ...], str]:
        """The lines with the baseline's behind them, which come first, and what the legend says of those."""
        lines = tuple(lines)
        ghosts = [ghost for ghost in map(self._of, lines) if any(y == y for y in ghost.ys)]
        return (*ghosts, *lines), "baseline" if ghosts else self._why_none()

    def _of(self, line: Line) -> Line:
        version = self._base.table.last, self._base.windows.table.last
        name, statistic = line.of
        xs, ys = _points(self._base, version, name, statistic, self._span.start, self._span.end, self._shown, self._own)
        return replace(line, xs=xs, ys=ys, is_ghost=True, latest=NAN)

    def _why_none(self) -> str:
        if self._looks.last is None:
            return "baseline: not read yet"
        if self._shown.elapsed_at(self._span.start) > self._own.elapsed_at(self._looks.last):
            return "baseline: over by then"
        return "not in the baseline"

    def value(self, name: str, statistic: str, at: float | None) -> float | None:
        """A statistic of the baseline's look nearest to that of the run shown at a moment; None where it has none."""
        if at is None:
            return None
        newest = self._run.table.moment(at).at
        elapsed = self._shown.elapsed_at(at if newest is None else newest)
        wall = self._own.wall_at(elapsed)
        before, after = self._looks.moment(wall).at, self._looks.later(wall)
        nearest = min(
            (row for row in (before, after) if row is not None), key=lambda row: abs(row - wall), default=None
        )
        if nearest is None:
            return None
        if (before is None or after is None) and abs(self._own.elapsed_at(nearest) - elapsed) > _PATIENCE:
            return None
        return self._base.value(name, statistic, nearest)

    def beside(self, number: Number, name: str, statistic: str, at: float | None) -> tuple[Number, str]:
        """The baseline's number beside one of a moment, and how this differs from it; empty where it has none."""
        before = replace(number, value=self.value(name, statistic, at))
        return before, change_text(number.value, before.value, number.unit)


def change_text(now: float | None, before: float | None, unit: Unit) -> str:
    """How a number differs from the baseline's, in a few cells; empty where one of them is not known.

    >>> change_text(112, 100, Unit.MILLISECONDS), change_text(0.031, 0.01, Unit.RATIO), change_text(8, 9, Unit.NUMBER)
    ('+12%', '+2.1pp', '-1')
    """
    if now is None or before is None or not math.isfinite(now - before):
        return ""
    match unit:
        case Unit.RATIO:
            points_of_percent = 100 * (now - before)
            return f"{points_of_percent:+.1f}pp" if abs(points_of_percent) >= 0.05 else "±0"
        case Unit.NUMBER:
            sign = "+" if now > before else ""
            return f"{sign}{quantity(now - before, unit)}" if now != before else "±0"
        case _:
            if before == 0:
                return "±0" if now == 0 else "was 0"
            share = (now - before) / abs(before)
            if abs(share) < 0.005:
                return "±0%"
            return f"{share:+.0%}" if share < 10 else f"{1 + share:.0f}-fold"


@lru_cache(maxsize=4)
def _clock(run: RunHistory, _last: float | None) -> RunClock:
    return run_clock(run)


@lru_cache(maxsize=64)
def _points(
    base: RunHistory,
    _version: tuple[float | None, float | None],
    name: str,
    statistic: str,
    start: float,
    end: float,
    shown: RunClock,
    own: RunClock,
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The points of a ghost between two moments of the run shown, on its time axis.

    They lie on the dots of the axis, so that an answer a few milliseconds late moves nothing.
    """
    begin, until = own.wall_at(shown.elapsed_at(start)), own.wall_at(shown.elapsed_at(end))
    dot = (end - start) / COLUMNS / 2
    xs: list[float] = []
    ys: list[float] = []
    last: tuple[float, float, float] | None = None
    for wall, y in zip(*points(base.extract(name, statistic, begin, until, COLUMNS), base.gaps), strict=True):
        elapsed = own.elapsed_at(wall)
        if last is not None and wall != last[0] and elapsed <= last[1]:
            continue  # the baseline was paused: no time of the test passed
        x = shown.wall_at(elapsed)
        if last is not None and x - last[2] > elapsed - last[1] + _JUMP:
            # Here the run shown was paused.
            xs.append(xs[-1])
            ys.append(NAN)
        last = wall, elapsed, x
        xs.append(round(x / dot) * dot)
        ys.append(y)
    return tuple(xs), tuple(ys)

"""Numbers over time in bounded memory, at any zoom in time proportional to the width of the picture.

One :class:`Table` has a column of times and any number of columns of values, one row an observation. Beneath the rows
lie coarser levels: each keeps the minimum, maximum and last value of four rows of the level above it, so that a spike
survives however far one zooms out. Each level keeps the newest :data:`ROWS` rows; six levels of 4096 hold twelve days
at one row every quarter of a second. A NaN is a gap.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

ROWS = 4096
"""Rows that a level keeps at least."""
FACTOR = 4
"""Rows that a coarser level folds into one."""
LEVELS = 6
_SLACK = 512
"""Old rows are dropped this many at a time, so that dropping costs next to nothing a row."""

NAN = math.nan
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Extract:
    """A part of one column: ascending times, and per row the lowest, highest and last value (NaN for a gap)."""

    times: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    lasts: tuple[float, ...]


@dataclass(slots=True)
class _Column:
    lasts: array[float]
    lows: array[float] | None
    """None at the finest level, where one value is all three."""
    highs: array[float] | None


@dataclass(slots=True)
class _Level(Generic[K]):
    times: array[float] = field(default_factory=lambda: array("d"))
    columns: dict[K, _Column] = field(default_factory=dict[K, _Column])
    unfolded: int = 0
    """How many of the newest rows the next coarser level has not taken in yet."""
    dropped: bool = False
    """Whether rows older than the first have been given up."""

    def add_column(self, key: K, typecode: str, *, folded: bool) -> _Column:
        blank = array(typecode, [NAN]) * len(self.times)
        column = _Column(blank, blank[:] if folded else None, blank[:] if folded else None)
        self.columns[key] = column
        return column

    def trim(self) -> None:
        if len(self.times) < ROWS + _SLACK:
            return
        self.dropped = True
        del self.times[:_SLACK]
        for column in self.columns.values():
            del column.lasts[:_SLACK]
            if column.lows is not None and column.highs is not None:
                del column.lows[:_SLACK]
                del column.highs[:_SLACK]


class Table(Generic[K]):
    """The rows and their coarser levels. Columns come into being when their key is first appended."""

    def __init__(self) -> None:
        self._levels: tuple[_Level[K], ...] = tuple(_Level[K]() for _ in range(LEVELS))
        self._typecodes: dict[K, str] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._typecodes

    @property
    def keys(self) -> Iterable[K]:
        """The columns there are, in the order they came."""
        return self._typecodes.keys()

    @property
    def first(self) -> float | None:
        """The time of the oldest row that is still kept at any level."""
        starts = [level.times[0] for level in self._levels if level.times]
        return min(starts) if starts else None

    @property
    def last(self) -> float | None:
        """The time of the newest row."""
        times = self._levels[0].times
        return times[-1] if times else None

    def append(self, at: float, values: Mapping[K, float], exact: Iterable[K] = ()) -> None:
        """Add a row at ``at``, which is not before the row before it. A column not named gets a gap.

        Args:
            at: Seconds since the Unix epoch.
            values: The row.
            exact: Keys whose column, if it begins here, is kept in double precision: large counts.
        """
        level = self._levels[0]
        exact = frozenset(exact)
        for key in values:
            if key not in self._typecodes:
                self._typecodes[key] = "d" if key in exact else "f"
                level.add_column(key, self._typecodes[key], folded=False)
        level.times.append(at)
        for key, column in level.columns.items():
            column.lasts.append(values.get(key, NAN))
        level.unfolded += 1
        if level.unfolded == FACTOR:
            self._fold(0)
        level.trim()

    def _fold(self, index: int) -> None:
        finer = self._levels[index]
        finer.unfolded = 0
        if index + 1 == LEVELS:
            return
        coarser = self._levels[index + 1]
        for key, column in finer.columns.items():
            target = coarser.columns.get(key)
            if target is None:
                target = coarser.add_column(key, self._typecodes[key], folded=True)
            lasts = column.lasts[-FACTOR:]
            low, high, last = _fold_values(
                lasts,
                lasts if column.lows is None else column.lows[-FACTOR:],
                lasts if column.highs is None else column.highs[-FACTOR:],
            )
            target.lasts.append(last)
            if target.lows is not None and target.highs is not None:
                target.lows.append(low)
                target.highs.append(high)
        coarser.times.append(finer.times[-1])
        coarser.unfolded += 1
        if coarser.unfolded == FACTOR:
            self._fold(index + 1)
        coarser.trim()

    def value(self, key: K, at: float) -> float:
        """The value of the newest row not after ``at``; NaN if that is a gap, or nothing is kept from then."""
        for level in self._levels:
            row = bisect_right(level.times, at) - 1
            if row >= 0:
                column = level.columns.get(key)
                return column.lasts[row] if column is not None else NAN
            if not level.dropped:
                return NAN
        return NAN

    def row_time(self, at: float) -> float | None:
        """The time of the newest row not after ``at``."""
        for level in self._levels:
            row = bisect_right(level.times, at) - 1
            if row >= 0:
                return level.times[row]
            if not level.dropped:
                return None
        return None

    def extract(self, key: K, start: float, end: float, rows: int) -> Extract:
        """The rows of ``key`` between ``start`` and ``end``, both included, at the finest level that fits.

        Args:
            key: The column.
            start: Seconds since the Unix epoch.
            end: Likewise.
            rows: About how many rows are wanted at most; up to four times as many may come.
        """
        index = 0
        while index + 1 < LEVELS:
            level = self._levels[index]
            reaches_back = not level.dropped or level.times[0] <= start
            count = bisect_right(level.times, end) - bisect_left(level.times, start)
            if reaches_back and count <= max(1, rows) * FACTOR:
                break
            if not self._levels[index + 1].times:
                break
            index += 1
        times: list[float] = []
        lows: list[float] = []
        highs: list[float] = []
        lasts: list[float] = []
        # A coarser level lags behind by the rows not folded yet: the finer levels supply them.
        for level in reversed(self._levels[: index + 1]):
            after = times[-1] if times else None
            low_row = bisect_left(level.times, start) if after is None else bisect_right(level.times, after)
            high_row = bisect_right(level.times, end)
            if low_row >= high_row:
                continue
            times.extend(level.times[low_row:high_row])
            column = level.columns.get(key)
            if column is None:
                blank = [NAN] * (high_row - low_row)
                lows.extend(blank)
                highs.extend(blank)
                lasts.extend(blank)
                continue
            values = column.lasts[low_row:high_row]
            lasts.extend(values)
            lows.extend(values if column.lows is None else column.lows[low_row:high_row])
            highs.extend(values if column.highs is None else column.highs[low_row:high_row])
        return Extract(tuple(times), tuple(lows), tuple(highs), tuple(lasts))


def _fold_values(lasts: array[float], lows: array[float], highs: array[float]) -> tuple[float, float, float]:
    low, high, last = NAN, NAN, NAN
    for value, smallest, largest in zip(lasts, lows, highs, strict=True):
        if value != value:  # only NaN differs from itself, and isnan costs a call
            continue
        last = value
        low = smallest if not low <= smallest else low
        high = largest if not high >= largest else high
    return low, high, last

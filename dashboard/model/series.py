"""Numbers over time in bounded memory, at any zoom in time proportional to the width of the picture.

One :class:`Table` has a column of times and any number of columns of values, one row an observation. Beneath the rows
lie coarser levels: each keeps the minimum, maximum and last value of four rows of the level above it, so that a spike
survives however far one zooms out. Each level keeps the newest :data:`ROWS` rows: at one row a second the finest
reaches back half an hour and the coarsest 24 days. A NaN is a gap.

The finest level holds what k6 said to the last digit. The coarser ones, which are only ever drawn, make do with single
precision, except for counts.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, KeysView, Mapping
from dataclasses import field
from typing import Generic, TypeVar

from dashboard.quick import dataclass

ROWS = 2048
"""Rows that a level keeps at least."""
FACTOR = 4
"""Rows that a coarser level folds into one."""
LEVELS = 6
_SLACK = 256
"""Old rows are dropped this many at a time, so that dropping costs next to nothing a row."""

NAN = math.nan
_MOST_SINGLE = 3.4028234e38
"""The largest number that single precision holds."""
K = TypeVar("K", bound=Hashable)
Key = tuple[str, str]
"""Metric name and statistic. A run's own columns have an empty name."""


@dataclass(frozen=True, slots=True)
class Extract:
    """A part of one column: ascending times, and per row the lowest, highest and last value (NaN for a gap)."""

    times: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    lasts: tuple[float, ...]

    def __add__(self, later: Extract) -> Extract:
        """This one and a later one."""
        return Extract(
            self.times + later.times, self.lows + later.lows, self.highs + later.highs, self.lasts + later.lasts
        )


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
    rows: int = ROWS
    """Rows that it keeps at least."""
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
        if len(self.times) < self.rows + _SLACK:
            return
        self.dropped = True
        del self.times[:_SLACK]
        for column in self.columns.values():
            del column.lasts[:_SLACK]
            if column.lows is not None and column.highs is not None:
                del column.lows[:_SLACK]
                del column.highs[:_SLACK]


class Moment(Generic[K]):
    """One row of a table, found once and then read at many columns. Good until the next row is appended."""

    __slots__ = ("_columns", "_row", "at")

    def __init__(self, columns: Mapping[K, _Column], row: int, at: float | None = None) -> None:
        self._columns = columns
        self._row = row
        self.at = at
        """The row's time; None where there is no row."""

    def value(self, key: K) -> float | None:
        """The value in that column; None where it is a gap."""
        column = self._columns.get(key)
        if column is None:
            return None
        value = column.lasts[self._row]
        return value if value == value else None


class Table(Generic[K]):
    """The rows and their coarser levels. Columns come into being when their key is first appended."""

    def __init__(self, rows: int = ROWS) -> None:
        """A table without rows.

        Args:
            rows: How many rows the finest level keeps at least.
        """
        self._levels: tuple[_Level[K], ...] = tuple(_Level[K](rows=ROWS if level else rows) for level in range(LEVELS))
        self._exact: set[K] = set()
        self._since: dict[K, float] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._since

    @property
    def keys(self) -> KeysView[K]:
        """The columns there are, in the order they came."""
        return self._since.keys()

    def since(self, key: K) -> float | None:
        """The time of the first row that had a value in that column; None where there is no such column."""
        return self._since.get(key)

    @property
    def size(self) -> int:
        """How many numbers are held, at all levels."""
        return sum(
            len(level.times) * (1 + len(level.columns) * (1 if index == 0 else 3))
            for index, level in enumerate(self._levels)
        )

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
        """Add a row at ``at``, which is later than the row before it. A column not named gets a gap.

        Args:
            at: Seconds since the Unix epoch.
            values: The row.
            exact: Keys whose column, if it begins here, is kept in double precision at all levels: large counts.

        Raises:
            ValueError: it is not later, and two rows of one moment could not be told apart.
        """
        level = self._levels[0]
        if level.times and at <= level.times[-1]:
            raise ValueError(f"a row at {at} after one at {level.times[-1]}")
        if not values.keys() <= self._since.keys():
            exact = frozenset(exact)
            for key in values:
                if key not in self._since:
                    self._since[key] = at
                    if key in exact:
                        self._exact.add(key)
                    level.add_column(key, "d", folded=False)
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
                target = coarser.add_column(key, "d" if key in self._exact else "f", folded=True)
            lasts = column.lasts[-FACTOR:]
            low, high, last = _fold_values(
                lasts,
                lasts if column.lows is None else column.lows[-FACTOR:],
                lasts if column.highs is None else column.highs[-FACTOR:],
            )
            if target.lasts.typecode == "f" and not (low > -_MOST_SINGLE and high < _MOST_SINGLE):
                # Beyond single precision a huge number would become an infinite one. NaN stays NaN.
                low, high, last = _clamped(low), _clamped(high), _clamped(last)
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

    def later(self, at: float) -> float | None:
        """The time of the first row after ``at`` that is still kept; None where there is none."""
        for level in self._levels:
            row = bisect_right(level.times, at)
            if row < len(level.times) and (row or not level.dropped):
                return level.times[row]
        times = self._levels[0].times
        return times[0] if times and times[0] > at else None

    def earlier(self, at: float) -> float | None:
        """The time of the last row before ``at`` that is still kept; None where there is none."""
        for level in self._levels:
            row = bisect_left(level.times, at) - 1
            if row >= 0:
                return level.times[row]
        return None

    def moment(self, at: float) -> Moment[K]:
        """The newest row not after ``at``, to read many of its columns."""
        for level in self._levels:
            row = bisect_right(level.times, at) - 1
            if row >= 0:
                return Moment(level.columns, row, level.times[row])
            if not level.dropped:
                break
        return Moment({}, 0)

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


def _clamped(value: float) -> float:
    return max(-_MOST_SINGLE, min(_MOST_SINGLE, value)) if value == value else value


def _fold_values(lasts: array[float], lows: array[float], highs: array[float]) -> tuple[float, float, float]:
    low, high, last = NAN, NAN, NAN
    for value, smallest, largest in zip(lasts, lows, highs, strict=True):
        if value != value:  # only NaN differs from itself, and isnan costs a call
            continue
        last = value
        low = smallest if not low <= smallest else low
        high = largest if not high >= largest else high
    return low, high, last


def later(table: Table[Key], at: float) -> float:
    """``at``, or the next moment after the newest row: two rows of one moment could not be told apart."""
    return at if table.last is None or at > table.last else math.nextafter(table.last, math.inf)

"""Where samples end up: k6's four sinks, with ``Format`` as in k6's ``metrics/sink.go``.

k6 keeps every sample of a Trend and sorts them in each request. A simulation may run for a week, so here a
Trend keeps counts in buckets whose width is half a percent of the value: a percentile is off by a quarter of
a percent at most, and memory depends on the spread of the values, never on how many there are.
"""

from __future__ import annotations

import bisect
import math
from typing import Final, Protocol

BUCKETS_PER_E: Final = 200.0
"""Buckets per factor e: each is exp(1/200), half a percent, wide."""

_ZERO_KEY: Final = 200_000
"""The key offset that makes the key of every positive float positive, since ln(5e-324) * 200 > -149000."""


_log = math.log


class Sink(Protocol):
    """What every sink can do. ``Format`` is k6's name for the sample that the REST API shows."""

    @property
    def is_empty(self) -> bool:
        """Whether no sample has arrived yet."""
        ...

    def add(self, value: float, count: int = 1) -> None:
        """Take in ``count`` equal samples."""
        ...

    @property
    def revision(self) -> float | None:
        """What changes whenever the formatted statistics do, or None if they change with time alone."""
        ...

    def format(self, seconds: float) -> dict[str, float]:
        """The statistics by their names in order, for a test that has run for ``seconds``."""
        ...


class CounterSink:
    """A sum, and its rate over the whole test."""

    __slots__ = ("sampled", "total")

    def __init__(self) -> None:
        self.total = 0.0
        self.sampled = False

    @property
    def is_empty(self) -> bool:
        """Whether no sample has arrived yet."""
        return not self.sampled

    def add(self, value: float, count: int = 1) -> None:
        """Add ``value``, ``count`` times."""
        self.total += value * count
        self.sampled = True

    @property
    def revision(self) -> None:
        """The rate changes with time alone."""
        return None

    def format(self, seconds: float) -> dict[str, float]:
        """``count`` and ``rate``; the rate is 0 before the test starts (``CounterSink.Rate``)."""
        return {"count": self.total, "rate": self.total / seconds if seconds else 0.0}


class GaugeSink:
    """The last value."""

    __slots__ = ("sampled", "value")

    def __init__(self) -> None:
        self.value = 0.0
        self.sampled = False

    @property
    def is_empty(self) -> bool:
        """Whether no sample has arrived yet."""
        return not self.sampled

    def add(self, value: float, count: int = 1) -> None:
        """Replace the value."""
        self.value = value
        self.sampled = self.sampled or count > 0

    @property
    def revision(self) -> float:
        """The value itself."""
        return self.value

    def format(self, seconds: float) -> dict[str, float]:
        """``value`` alone: the minimum and maximum that k6 keeps are not shown."""
        return {"value": self.value}


class RateSink:
    """The share of samples that are not zero."""

    __slots__ = ("total", "trues")

    def __init__(self) -> None:
        self.trues = 0
        self.total = 0

    @property
    def is_empty(self) -> bool:
        """Whether no sample has arrived yet."""
        return not self.total

    def add(self, value: float, count: int = 1) -> None:
        """Count ``count`` samples, true ones unless ``value`` is zero."""
        self.total += count
        if value:
            self.trues += count

    @property
    def revision(self) -> float:
        """How many samples have come."""
        return self.total

    def format(self, seconds: float) -> dict[str, float]:
        """``rate``, 0 without samples."""
        return {"rate": self.trues / self.total if self.total else 0.0}


class TrendSink:
    """A distribution: its extremes and mean exactly, its percentiles to a quarter of a percent."""

    __slots__ = ("_buckets", "_cumulative", "_highest", "_is_stale", "_keys", "_lowest", "count", "sum")

    def __init__(self) -> None:
        self.count = 0
        self.sum = 0.0
        self._lowest = math.inf
        self._highest = -math.inf
        self._buckets: dict[int, int] = {}
        self._keys: list[int] = []
        self._cumulative: list[int] = []
        self._is_stale = True

    @property
    def is_empty(self) -> bool:
        """Whether no sample has arrived yet."""
        return not self.count

    @property
    def buckets(self) -> int:
        """How many buckets are in use, which is what memory depends on."""
        return len(self._buckets)

    @property
    def min(self) -> float:
        """The smallest sample, 0 without any."""
        return self._lowest if self.count else 0.0

    @property
    def max(self) -> float:
        """The largest sample, 0 without any."""
        return self._highest if self.count else 0.0

    def add(self, value: float, count: int = 1) -> None:
        """Take in ``count`` samples of ``value``, at least one."""
        if value > self._highest:
            self._highest = value
        if value < self._lowest:
            self._lowest = value
        self.count += count
        self.sum += value * count
        # This is where a simulation spends its time, so the usual case of bucket_of() is written out.
        key = int(_log(value) * BUCKETS_PER_E + _ZERO_KEY) if 0.0 < value < math.inf else bucket_of(value)
        buckets = self._buckets
        if key in buckets:
            buckets[key] += count
        else:
            buckets[key] = count
        self._is_stale = True

    def percentile(self, share: float) -> float:
        """k6's ``TrendSink.P``: linear interpolation between the closest ranks.

        Args:
            share: 0.95 for the 95th percentile.
        """
        if not self.count:
            return 0.0
        if self._is_stale:
            self._accumulate()
        rank = share * (self.count - 1)
        low = math.floor(rank)
        below = self._ranked(low)
        above = self._ranked(math.ceil(rank))
        return below if below == above else below + (above - below) * (rank - low)

    @property
    def revision(self) -> float:
        """How many samples have come."""
        return self.count

    def format(self, seconds: float) -> dict[str, float]:
        """The six statistics that k6's REST API shows, whatever ``summaryTrendStats`` says."""
        return {
            "avg": self.sum / self.count if self.count else 0.0,
            "max": self.max,
            "med": self.percentile(0.5),
            "min": self.min,
            "p(90)": self.percentile(0.9),
            "p(95)": self.percentile(0.95),
        }

    def _accumulate(self) -> None:
        buckets = self._buckets
        if len(self._keys) != len(buckets):
            self._keys = sorted(buckets)
        total = 0
        cumulative: list[int] = []
        for key in self._keys:
            total += buckets[key]
            cumulative.append(total)
        self._cumulative = cumulative
        self._is_stale = False

    def _ranked(self, rank: int) -> float:
        """The value at a rank, counted from 0 in ascending order."""
        if rank <= 0:
            return self._lowest
        if rank >= self.count - 1:
            return self._highest
        low = bisect.bisect_right(self._cumulative, rank)
        return min(self._highest, max(self._lowest, bucket_middle(self._keys[low])))


def bucket_of(value: float) -> int:
    """The bucket of a value; keys order as values do, 0 is zero, negative values have negative keys."""
    if value > 0.0:
        return int(math.log(value) * BUCKETS_PER_E + _ZERO_KEY) if value != math.inf else 2 * _ZERO_KEY
    if value < 0.0:
        return -bucket_of(-value)
    return 0


def bucket_middle(key: int) -> float:
    """The value in the middle of a bucket."""
    if key > 0:
        return math.inf if key == 2 * _ZERO_KEY else math.exp((key - _ZERO_KEY + 0.5) / BUCKETS_PER_E)
    return -bucket_middle(-key) if key else 0.0

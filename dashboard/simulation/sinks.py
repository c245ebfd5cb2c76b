"""Where samples end up: k6's four sinks, with ``Format`` as in k6's ``metrics/sink.go``.

k6 keeps every sample of a Trend and sorts them in each request. A simulation may run for a week, so here a
Trend keeps counts in the buckets of ``batches.py``. Samples come one by one or as a :class:`Batch`.
"""

from __future__ import annotations

import bisect
import math
from collections import defaultdict
from collections.abc import Mapping
from itertools import accumulate
from typing import Final, Protocol

from dashboard.simulation.batches import Batch, bucket_middle, bucket_of


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

    def end_period(self, seconds: float) -> tuple[float, ...]:
        """The statistics of what came since the last call, for a period of ``seconds``; empty where nothing did.

        They stand in the order of :data:`AGGREGATES`. There is one period at a time.
        """
        ...

    def aggregates(self, seconds: float) -> tuple[float, ...]:
        """The same of everything since the start, for a test that has run for ``seconds``."""
        ...


AGGREGATES: Final = {
    "counter": ("count", "rate"),
    "gauge": ("value",),
    "rate": ("rate",),
    "trend": ("avg", "max", "med", "min", "p(90)", "p(95)", "p(99)"),
}
"""What the event stream tells of each type of metric, and in which order."""


class CounterSink:
    """A sum, and its rate over the whole test."""

    __slots__ = ("_earlier", "_repeated", "_samples_before", "_total_before", "_value", "samples")

    def __init__(self) -> None:
        self._earlier = 0.0
        self._value = 0.0
        self._repeated = 0
        self.samples = 0
        self._total_before = 0.0
        self._samples_before = 0

    @property
    def total(self) -> float:
        """The sum. Equal values in a row are multiplied, so it does not depend on how they were counted."""
        return self._earlier + self._value * self._repeated

    @property
    def is_empty(self) -> bool:
        """Whether no sample has arrived yet."""
        return not self.samples

    def add(self, value: float, count: int = 1) -> None:
        """Add ``value``, ``count`` times."""
        if value != self._value:
            self._earlier = self.total
            self._value = value
            self._repeated = 0
        self._repeated += count
        self.samples += count

    @property
    def revision(self) -> None:
        """The rate changes with time alone."""
        return None

    def format(self, seconds: float) -> dict[str, float]:
        """``count`` and ``rate``; the rate is 0 before the test starts (``CounterSink.Rate``)."""
        return {"count": self.total, "rate": self.total / seconds if seconds else 0.0}

    def end_period(self, seconds: float) -> tuple[float, ...]:
        """``count`` and ``rate`` of the period."""
        has_samples = self.samples != self._samples_before
        count = self.total - self._total_before
        self._samples_before, self._total_before = self.samples, self.total
        return (count, count / seconds) if has_samples else ()

    def aggregates(self, seconds: float) -> tuple[float, ...]:
        """``count`` and ``rate`` of the run."""
        return tuple(self.format(seconds).values())


class GaugeSink:
    """The last value."""

    __slots__ = ("_samples_before", "samples", "value")

    def __init__(self) -> None:
        self.value = 0.0
        self.samples = 0
        self._samples_before = 0

    @property
    def is_empty(self) -> bool:
        """Whether no sample has arrived yet."""
        return not self.samples

    def add(self, value: float, count: int = 1) -> None:
        """Replace the value."""
        self.value = value
        self.samples += count

    @property
    def revision(self) -> float:
        """The value itself."""
        return self.value

    def format(self, seconds: float) -> dict[str, float]:
        """``value`` alone: the minimum and maximum that k6 keeps are not shown."""
        return {"value": self.value}

    def end_period(self, seconds: float) -> tuple[float, ...]:
        """The last ``value``, if there was one in the period."""
        has_samples = self.samples != self._samples_before
        self._samples_before = self.samples
        return (self.value,) if has_samples else ()

    def aggregates(self, seconds: float) -> tuple[float, ...]:
        """The last ``value``."""
        return (self.value,)


class RateSink:
    """The share of samples that are not zero."""

    __slots__ = ("_total_before", "_trues_before", "total", "trues")

    def __init__(self) -> None:
        self.trues = 0
        self.total = 0
        self._trues_before = 0
        self._total_before = 0

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

    def end_period(self, seconds: float) -> tuple[float, ...]:
        """``rate`` of the period."""
        trues, total = self.trues - self._trues_before, self.total - self._total_before
        self._trues_before, self._total_before = self.trues, self.total
        return (trues / total,) if total else ()

    def aggregates(self, seconds: float) -> tuple[float, ...]:
        """``rate`` of the run."""
        return tuple(self.format(seconds).values())


class TrendSink:
    """A distribution: its extremes and mean exactly, its percentiles to a quarter of a percent.

    Samples are counted in the buckets of the run and, if somebody asks for periods, in those of the present one.
    """

    __slots__ = (
        "_buckets",
        "_count_before",
        "_cumulative",
        "_highest",
        "_is_stale",
        "_keys",
        "_least",
        "_lowest",
        "_most",
        "_period",
        "_sum_before",
        "count",
        "sum",
    )

    def __init__(self) -> None:
        self.count = 0
        self.sum = 0.0
        # Of the period; of the run before it.
        self._lowest = self._least = math.inf
        self._highest = self._most = -math.inf
        self._buckets: defaultdict[int, int] = defaultdict(int)
        self._period: defaultdict[int, int] | None = None
        self._count_before = 0
        self._sum_before = 0.0
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
        return min(self._least, self._lowest) if self.count else 0.0

    @property
    def max(self) -> float:
        """The largest sample, 0 without any."""
        return max(self._most, self._highest) if self.count else 0.0

    def add(self, value: float, count: int = 1) -> None:
        """Take in ``count`` samples of ``value``, at least one."""
        self.take(Batch({bucket_of(value): count}, count, value * count, value, value))

    def take(self, batch: Batch) -> None:
        """Take in many samples at once."""
        buckets, count, total, lowest, highest = batch
        if highest > self._highest:
            self._highest = highest
        if lowest < self._lowest:
            self._lowest = lowest
        self.count += count
        self.sum += total
        self._is_stale = True
        for into in (self._buckets,) if self._period is None else (self._buckets, self._period):
            for key, number in buckets.items():
                into[key] += number

    def percentile(self, share: float) -> float:
        """k6's ``TrendSink.P``: linear interpolation between the closest ranks.

        Args:
            share: 0.95 for the 95th percentile.
        """
        if not self.count:
            return 0.0
        if self._is_stale:
            if len(self._keys) != len(self._buckets):
                self._keys = sorted(self._buckets)
            self._cumulative = _accumulated(self._keys, self._buckets)
            self._is_stale = False
        return _percentile(self._keys, self._cumulative, self.min, self.max, share)

    @property
    def revision(self) -> float:
        """How many samples have come."""
        return self.count

    def format(self, seconds: float) -> dict[str, float]:
        """The six statistics that k6's REST API shows, whatever ``summaryTrendStats`` says."""
        return {
            "avg": _mean(self.sum, self.count, self.min, self.max),
            "max": self.max,
            "med": self.percentile(0.5),
            "min": self.min,
            "p(90)": self.percentile(0.9),
            "p(95)": self.percentile(0.95),
        }

    def end_period(self, seconds: float) -> tuple[float, ...]:
        """``avg max med min p(90) p(95) p(99)`` of the period; the first call begins with what came until then."""
        period, self._period = self._period, defaultdict(int)
        count, total = self.count - self._count_before, self.sum - self._sum_before
        low, high = self._lowest, self._highest
        self._count_before, self._sum_before = self.count, self.sum
        self._least, self._most = min(self._least, low), max(self._most, high)
        self._lowest, self._highest = math.inf, -math.inf
        if not count:
            return ()
        buckets = self._buckets if period is None else period
        keys = sorted(buckets)
        cumulative = _accumulated(keys, buckets)
        med, p90, p95, p99 = (_percentile(keys, cumulative, low, high, share) for share in (0.5, 0.9, 0.95, 0.99))
        return (_mean(total, count, low, high), high, med, low, p90, p95, p99)

    def aggregates(self, seconds: float) -> tuple[float, ...]:
        """``avg max med min p(90) p(95) p(99)`` of the run."""
        return (*self.format(seconds).values(), self.percentile(0.99))


def _mean(total: float, count: int, low: float, high: float) -> float:
    """The mean of samples whose extremes are known, between which it lies whatever was left away of their sum."""
    return min(high, max(low, total / count)) if count else 0.0


def _accumulated(keys: list[int], buckets: Mapping[int, int]) -> list[int]:
    """How many samples there are up to each bucket."""
    return list(accumulate(map(buckets.__getitem__, keys)))


def _percentile(keys: list[int], cumulative: list[int], low: float, high: float, share: float) -> float:
    """A percentile of samples in buckets, in ascending order, whose extremes are known."""
    last = cumulative[-1] - 1

    def ranked(rank: int) -> float:
        """The value at a rank, counted from 0."""
        if rank <= 0:
            return low
        if rank >= last:
            return high
        return min(high, max(low, bucket_middle(keys[bisect.bisect_right(cumulative, rank)])))

    rank = share * last
    below, above = ranked(math.floor(rank)), ranked(math.ceil(rank))
    return below if below == above else below + (above - below) * (rank - math.floor(rank))

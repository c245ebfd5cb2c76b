"""Samples of a Trend, many at once: counted in buckets whose width is half a percent of the value.

A percentile is off by a quarter of a percent at most, and memory depends on the spread of the values, never on how many
there are.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from operator import mul
from typing import Final, NamedTuple

BUCKETS_PER_E: Final = 200.0
"""Buckets per factor e: each is exp(1/200), half a percent, wide."""

_ZERO_KEY: Final = 200_000
"""The key offset that makes the key of every positive float positive, since ln(5e-324) * 200 > -149000."""

TICKS: Final = 1024
"""Ticks per millisecond: times in whole ticks add up exactly, in whatever order."""

_ZERO_OF_TICKS: Final = _ZERO_KEY - math.log(TICKS) * BUCKETS_PER_E


class Batch(NamedTuple):
    """Some samples of a Trend.

    Attributes:
        buckets: How many of them are in each bucket.
        samples: How many they are.
        total: Their sum.
        lowest: The smallest.
        highest: The largest.
    """

    buckets: Mapping[int, int]
    samples: int
    total: float
    lowest: float
    highest: float

    def times(self, weight: int) -> Batch:
        """Each sample that many times."""
        if weight == 1:
            return self
        buckets = {key: count * weight for key, count in self.buckets.items()}
        return Batch(buckets, self.samples * weight, self.total * weight, self.lowest, self.highest)


class _Band(dict[int, int]):
    """The buckets of times from some length on, looked up with their last bits left away.

    What is left away is less than a bucket is wide, so a bucket is off by one at most.
    """

    def __init__(self, bits: int) -> None:
        super().__init__()
        self._grain = 1 << bits

    def __missing__(self, coarse: int) -> int:
        key = self[coarse] = bucket_of((coarse + 0.5) * self._grain / TICKS)
        return key


# Bands of eight and sixteen times the length: few entries each, which stay at hand.
_SHORT, _MIDDLE, _LONG, _LONGEST = 1 << 13, 1 << 16, 1 << 20, 1 << 24
_short, _middle, _long = _Band(5), _Band(8), _Band(12)


def batch_of_ticks(times: Collection[int]) -> Batch:
    """Times in whole ticks, at least one each and at least one of them, as a batch of milliseconds."""
    # This is where a simulation spends its time: logarithms are looked up where that is possible.
    short, middle, long = _short, _middle, _long
    lowest, highest = min(times), max(times)
    if lowest >= _SHORT and highest < _LONG:
        keys = [short[ticks >> 5] if ticks < _MIDDLE else middle[ticks >> 8] for ticks in times]
    elif lowest >= _MIDDLE and highest < _LONGEST:
        keys = [middle[ticks >> 8] if ticks < _LONG else long[ticks >> 12] for ticks in times]
    else:
        keys = [_bucket_of_ticks(ticks) for ticks in times]
    return Batch(Counter(keys), len(times), sum(times) / TICKS, lowest / TICKS, highest / TICKS)


def _bucket_of_ticks(ticks: int) -> int:
    """The same for one time of any length, looked up in the same bands."""
    if _SHORT <= ticks < _LONGEST:
        if ticks < _MIDDLE:
            return _short[ticks >> 5]
        return _middle[ticks >> 8] if ticks < _LONG else _long[ticks >> 12]
    return int(math.log(ticks) * BUCKETS_PER_E + _ZERO_OF_TICKS)


def batch_of(values: Collection[float]) -> Batch:
    """Any values, at least one, as a batch."""
    return Batch(Counter(map(bucket_of, values)), len(values), sum(values), min(values), max(values))


class Kinds:
    """Some values that come again and again, to be counted by their places. Sums of them must be exact."""

    def __init__(self, values: Sequence[float]) -> None:
        self._values = values
        self._keys = [bucket_of(value) for value in values]

    def batch(self, counts: Mapping[int, int]) -> Batch:
        """So many of each, at least one in all."""
        buckets: defaultdict[int, int] = defaultdict(int)
        for place, count in counts.items():
            buckets[self._keys[place]] += count
        values = [self._values[place] for place in counts]
        return Batch(buckets, sum(counts.values()), sum(map(mul, values, counts.values())), min(values), max(values))


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

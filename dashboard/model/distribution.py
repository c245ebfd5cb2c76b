"""All values of a trend in bounded memory: exact while there are not too many, then within a fifth of a percent.

Values lie in buckets, each a fifth of a percent wide. While there is room the buckets hold the values themselves, and
every percentile is k6's own to the last digit. When there is none any more, the largest distribution keeps only how
many each bucket held: from then on its percentiles are those of values spread evenly over their bucket. The number of
values, their sum, the smallest and the largest stay exact in any case.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

BUCKETS_PER_E: Final = 500.0
"""Buckets per factor e: each is exp(1/500), a fifth of a percent, wide."""
ERROR: Final = 0.002
"""How far a percentile may be off at most, as a share of itself, once values are no longer kept: a bucket's width.
Among many values it is far less."""
MOST_VALUES: Final = 1_500_000
"""Values that all distributions of one :class:`Room` keep together: about 30 MB."""
_SHIFT: Final = 400_000
"""Makes the key of every positive float positive: ln(5e-324) * 500 > -373000."""
_BLOCK: Final = 64
"""Keys that are counted together, so that a rank is found without looking at every bucket."""


def percentile(ordered: Sequence[float], share: float) -> float:
    """k6's percentile of values in ascending order: interpolated between the closest ranks (``metrics/sink.go``).

    >>> percentile([1.0, 2.0, 3.0, 4.0], 0.5), percentile([7.0], 0.99), percentile([], 0.5)
    (2.5, 7.0, 0.0)
    """
    if not ordered:
        return 0.0
    rank = share * (len(ordered) - 1.0)
    low = math.floor(rank)
    below, above = ordered[low], ordered[math.ceil(rank)]
    return below + (above - below) * (rank - low)


class Room:
    """How many values several distributions may keep together."""

    def __init__(self, most: int = MOST_VALUES) -> None:
        self._most = most
        self._kept = 0
        self._members: list[Distribution] = []

    @property
    def is_exact(self) -> bool:
        """Whether every value of all of them is still kept."""
        return all(member.is_exact for member in self._members)

    def distribution(self) -> Distribution:
        """Another one that shares this room."""
        found = Distribution(self)
        self._members.append(found)
        return found

    def take(self, count: int) -> None:
        """Make room for so many more values: where there is none, the largest distribution keeps its values no more."""
        self._kept += count
        while self._kept > self._most:
            largest = max((member for member in self._members if member.is_exact), key=lambda member: member.count)
            self._kept -= largest.count
            largest.let_go()


class Distribution:
    """The values of one trend."""

    __slots__ = (
        "_blocks",
        "_buckets",
        "_counts",
        "_is_sorted",
        "_order",
        "_room",
        "count",
        "is_exact",
        "max",
        "min",
        "sum",
    )

    def __init__(self, room: Room) -> None:
        self._room = room
        self.count = 0
        self.sum = 0.0
        self.min = math.inf
        self.max = -math.inf
        self.is_exact = True
        """Whether every value is still kept."""
        self._buckets: dict[int, array[float]] = {}
        self._is_sorted: set[int] = set()
        self._counts: dict[int, int] = {}
        self._blocks: dict[int, int] = {}
        self._order: list[int] = []

    @property
    def size(self) -> int:
        """How many numbers are held."""
        return len(self._counts) + len(self._blocks) + sum(map(len, self._buckets.values()))

    def add(self, values: Sequence[float]) -> None:
        """Take in values, which are finite, in the order in which they came."""
        if not values:
            return
        total = self.sum
        for value in values:
            total += value  # one by one, as k6 does: sum() would round less
        self.sum = total
        self.count += len(values)
        if self.is_exact:
            self._room.take(len(values))
        self.min = min(self.min, min(values))
        self.max = max(self.max, max(values))
        self._file(values)

    def _file(self, values: Iterable[float]) -> None:
        counts, blocks, log = self._counts, self._blocks, math.log
        buckets = self._buckets if self.is_exact else None
        for value in values:
            key = int(log(value) * BUCKETS_PER_E + _SHIFT) if value > 0.0 else _key(value)
            if key in counts:
                counts[key] += 1
            else:
                counts[key] = 1
            block = key // _BLOCK
            if block in blocks:
                blocks[block] += 1
            else:
                blocks[block] = 1
                insort(self._order, block)
            if buckets is not None:
                bucket = buckets.get(key)
                if bucket is None:
                    buckets[key] = array("d", (value,))
                else:
                    bucket.append(value)
                    self._is_sorted.discard(key)

    def let_go(self) -> None:
        """Keep the values no more, only how many there are in each bucket."""
        self.is_exact = False
        self._buckets.clear()
        self._is_sorted.clear()

    def percentiles(self, shares: Iterable[float]) -> list[float]:
        """k6's percentiles; 0 without a value.

        Args:
            shares: Each from 0 to 1, such as 0.95.
        """
        if not self.count:
            return [0.0 for _ in shares]
        reached = list(accumulate(self._blocks[block] for block in self._order))

        def at(rank: int) -> float:
            if rank in (0, self.count - 1):
                return self.max if rank else self.min
            index = bisect_right(reached, rank)
            return self._in_block(self._order[index], rank - (reached[index - 1] if index else 0))

        found: list[float] = []
        for share in shares:
            rank = share * (self.count - 1.0)
            low = math.floor(rank)
            below = at(low)
            found.append(below if low == rank else below + (at(math.ceil(rank)) - below) * (rank - low))
        return found

    def _in_block(self, block: int, rank: int) -> float:
        """The value of a rank among those of one block."""
        counts = self._counts
        for key in range(block * _BLOCK, (block + 1) * _BLOCK):
            count = counts.get(key, 0)
            if rank < count:
                return self._in_bucket(key, rank)
            rank -= count
        raise AssertionError("a block counts what is in its buckets")

    def _in_bucket(self, key: int, rank: int) -> float:
        if not self.is_exact:
            low, high = _bounds(key)
            value = low + (high - low) * (rank + 0.5) / self._counts[key]
            return min(self.max, max(self.min, value))
        bucket = self._buckets[key]
        if key not in self._is_sorted:
            bucket = self._buckets[key] = array("d", sorted(bucket))
            self._is_sorted.add(key)
        return bucket[rank]


def _key(value: float) -> int:
    """The bucket of a value; keys are in the order of the values."""
    if value > 0.0:
        return int(math.log(value) * BUCKETS_PER_E + _SHIFT)
    return -_key(-value) if value else 0


def _bounds(key: int) -> tuple[float, float]:
    """From where to where a bucket reaches."""
    if key < 0:
        low, high = _bounds(-key)
        return -high, -low
    if not key:
        return 0.0, 0.0
    return math.exp((key - _SHIFT) / BUCKETS_PER_E), math.exp(min((key + 1 - _SHIFT) / BUCKETS_PER_E, 709.78))

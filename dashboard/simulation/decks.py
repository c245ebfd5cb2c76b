"""Chance, dealt from decks: values of a distribution, shuffled once and dealt over and over.

A deck is a sample of its distribution, stratified, so that dealing a thousand of its values costs a slice and
dealing a million hardly more. What has been dealt depends on how many have been dealt, never on in what portions,
which is why it does not matter when somebody looks. All decks of a simulation are shuffled by its seed.
"""

from __future__ import annotations

import bisect
import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate
from random import Random
from typing import Final

from dashboard.simulation.batches import Batch, bucket_of
from dashboard.simulation.sinks import CounterSink, GaugeSink, RateSink, Sink, TrendSink

CARDS: Final = 1024
"""How many values a deck has."""

_ODDS: Final = 256
_MANTISSA: Final = 30


def _upper_quantile(share: float, near: float) -> float:
    """Where the standard normal distribution has ``share`` above, found from a place near that, at least 0."""
    z = near
    for _ in range(20):
        error = 0.5 * math.erfc(z / math.sqrt(2.0)) - share
        step = error * math.sqrt(2.0 * math.pi) * math.exp(0.5 * z * z)
        z += max(-0.5, min(0.5, step))
        if abs(step) < 1e-9:
            break
    return z


@cache
def normal_deck() -> tuple[float, ...]:
    """The standard normal distribution in :data:`CARDS` parts of equal probability, ascending: their middles."""
    upper: list[float] = []
    z = 0.0
    for number in range(CARDS // 2):
        z = _upper_quantile(0.5 - (number + 0.5) / CARDS, z)
        upper.append(z)
    return (*(-each for each in reversed(upper)), *upper)


def beyond_the_deck(random: Callable[[], float]) -> float:
    """A value of the last part of :func:`normal_deck`, which has no end."""
    return _upper_quantile((1.0 - random()) / CARDS, normal_deck()[-1])


class Deck:
    """Values that are dealt in order, over and over.

    Args:
        values: The values, at least one, finite or not. In sums their last bits are left away, so that those are
            exact.
    """

    def __init__(self, values: Sequence[float]) -> None:
        self._values = values
        self._keys = [bucket_of(value) for value in values]
        if all(map(math.isfinite, values)):
            quantum = math.ldexp(1.0, max(math.frexp(max(map(abs, values)))[1] - _MANTISSA, -1074))
            values = [round(value / quantum) * quantum for value in values]
        self._sums = list(accumulate(values, initial=0.0))

    def __len__(self) -> int:
        return len(self._values)

    def deal(self, sink: Sink, dealt: int, count: int) -> None:
        """Let a sink take the next ``count`` values, at least one, when ``dealt`` have been dealt before."""
        size = len(self._values)
        if isinstance(sink, GaugeSink):
            sink.add(self._values[(dealt + count - 1) % size])
            return
        if size == 1 and isinstance(sink, CounterSink):
            sink.add(self._values[0], count)
            return
        rounds, rest = divmod(count, size)
        begin = dealt % size
        if rounds:
            self._deal_part(sink, 0, size, rounds)
        if begin + rest > size:
            self._deal_part(sink, begin, size, 1)
            begin, rest = 0, begin + rest - size
        if rest:
            self._deal_part(sink, begin, begin + rest, 1)

    def _deal_part(self, sink: Sink, begin: int, end: int, weight: int) -> None:
        total = self._sums[end] - self._sums[begin]
        if isinstance(sink, TrendSink):
            part = self._values[begin:end]
            batch = Batch(Counter(self._keys[begin:end]), end - begin, total, min(part), max(part))
            sink.take(batch.times(weight))
        elif isinstance(sink, CounterSink):
            sink.add(total, weight)


class Odds:
    """Something that is true now and then, in a share of all cases.

    Args:
        share: How often.
        random: Where the cases come from.
    """

    def __init__(self, share: float, random: Random) -> None:
        self._is_rarely_true = share <= 0.5
        rare = min(share, 1.0 - share)
        self._size = max(1, round(_ODDS / rare)) if rare > 0.0 else 1
        self._places = sorted(random.sample(range(self._size), _ODDS)) if rare > 0.0 else []

    def trues(self, dealt: int, count: int) -> int:
        """How many of the next ``count`` cases are true when ``dealt`` have been before."""
        rare = self._until(dealt + count) - self._until(dealt)
        return rare if self._is_rarely_true else count - rare

    def _until(self, cases: int) -> int:
        rounds, rest = divmod(cases, self._size)
        return rounds * len(self._places) + bisect.bisect_left(self._places, rest)

    def deal(self, sink: Sink, dealt: int, count: int) -> None:
        """Let the sink of a Rate take the next ``count`` cases when ``dealt`` have been before."""
        trues = self.trues(dealt, count)
        if isinstance(sink, RateSink):
            sink.trues += trues
            sink.total += count

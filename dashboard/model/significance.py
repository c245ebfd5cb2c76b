"""Is a difference between two runs more than noise?

Two runs of one plan are compared block by block of the test's clock, so that what the plan does to both, such as a
ramp, cancels out: the pairs are what the two did in the same part of the test. On the differences of the pairs stands
the signed-rank test (F. Wilcoxon, Individual comparisons by ranking methods, Biometrics Bulletin 1, 1945), which asks
nothing of their distribution but symmetry. It does ask that they be independent, and what a system does in one second
depends on the second before. So blocks are doubled until their differences pass for independent (G. S. Fishman,
Grouping observations in digital simulation, Management Science 24, 1978); where too few are left, nothing is said.

Of many comparisons some come out by chance: :func:`holm` keeps the chance of even one such to the level asked for
(S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from dashboard.quick import dataclass

LEAST_BLOCKS = 8
"""Fewer pairs cannot be told from chance: with 8 the smallest probability there is is 0.008."""
_MOST_EXACT = 60
"""Pairs up to which the probability is counted out; beyond, a normal distribution is exact to the third digit."""
_INDEPENDENT = 1.0
"""How many standard errors a lag-one correlation may have and still pass for none. With so few blocks a larger
allowance passes almost anything: of made-up runs in which each second hangs by 0.95 on the one before, 1.96 lets 14 of
100 pass for changed at the level of 5, and 1 lets 9."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of comparing two series."""

    blocks: int
    """How many pairs were compared; 0 where nothing could be."""
    block_length: int
    """Base blocks in each."""
    difference: float | None
    """The median of the second minus the first; None where nothing could be compared."""
    probability: float | None
    """Of a difference at least so large if there were none; None where it cannot be said."""
    reason: str = ""
    """Why not."""


def compare(pairs: Sequence[tuple[Block, Block] | None]) -> Comparison:
    """Compare two runs.

    Args:
        pairs: What each did in one base block after another of the test's clock, the first run first; None where one
            of them did nothing that could be measured.
    """
    length = 1
    while True:
        differences = [second.mean - first.mean for first, second in _merged(pairs, length)]
        count = len(differences)
        if count < LEAST_BLOCKS:
            reason = "too short a time in common" if length == 1 else "what differs drifts too slowly for its length"
            return Comparison(0, length, None, None, reason)
        if abs(lag_one(differences)) <= _INDEPENDENT / math.sqrt(count):
            return Comparison(count, length, median(differences), signed_rank(differences))
        length *= 2


@dataclass(frozen=True, slots=True)
class Block:
    """What was summed up in a part of a run."""

    total: float
    weight: float
    """What the total is divided by: samples, or seconds."""

    @property
    def mean(self) -> float:
        """Total by weight."""
        return self.total / self.weight


def _merged(pairs: Sequence[tuple[Block, Block] | None], length: int) -> list[tuple[Block, Block]]:
    merged: list[tuple[Block, Block]] = []
    for start in range(0, len(pairs) - length + 1, length):
        present = [pair for pair in pairs[start : start + length] if pair is not None]
        if present:
            merged.append((_sum(pair[0] for pair in present), _sum(pair[1] for pair in present)))
    return merged


def _sum(blocks: Iterable[Block]) -> Block:
    total = weight = 0.0
    for block in blocks:
        total += block.total
        weight += block.weight
    return Block(total, weight)


def lag_one(values: Sequence[float]) -> float:
    """The correlation of each value with the one after it; 0 where they do not vary.

    >>> lag_one([1, 2, 1, 2, 1, 2]) < -0.8
    True
    """
    mean = math.fsum(values) / len(values)
    spread = math.fsum((value - mean) ** 2 for value in values)
    if spread <= 0:
        return 0.0
    return math.fsum((one - mean) * (next_one - mean) for one, next_one in pairwise(values)) / spread


def median(values: Sequence[float]) -> float:
    """The middle one."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def signed_rank(differences: Sequence[float]) -> float:
    """The two-sided probability of Wilcoxon's signed-rank test. Differences of 0 say nothing and are left out.

    >>> signed_rank([1, 2, 3, 4, 5, 6, 7, 8])
    0.0078125
    """
    ranks = _doubled_ranks([abs(value) for value in differences if value])
    signs = [value > 0 for value in differences if value]
    positive = sum(rank for rank, is_positive in zip(ranks, signs, strict=True) if is_positive)
    smaller = min(positive, sum(ranks) - positive)
    if not ranks:
        return 1.0
    if len(ranks) <= _MOST_EXACT:
        return min(1.0, 2 * _share_up_to(ranks, smaller))
    # Doubled ranks have doubled mean and fourfold variance; equal ones are accounted for by being what they are.
    mean, deviation = sum(ranks) / 2, math.sqrt(sum(rank * rank for rank in ranks) / 4)
    return min(1.0, math.erfc((mean - smaller - 1) / deviation / math.sqrt(2)))


def _doubled_ranks(sizes: Sequence[float]) -> list[int]:
    """Twice the rank of each size, so that the mean rank of equal ones is whole."""
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    ranks = [0] * len(sizes)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and sizes[order[end]] == sizes[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = start + end + 1
        start = end
    return ranks


def _share_up_to(ranks: Sequence[int], most: int) -> float:
    """The share of all choices of signs whose positive ranks sum up to at most ``most``."""
    ways = [1] + [0] * sum(ranks)
    reached = 0
    for rank in ranks:
        reached += rank
        for total in range(reached, rank - 1, -1):
            ways[total] += ways[total - rank]
    return math.ldexp(float(sum(ways[: most + 1])), -len(ranks))


def holm(probabilities: Sequence[float | None]) -> list[float | None]:
    """The probabilities, made as large as so many comparisons ask for.

    >>> holm([0.01, None, 0.04])
    [0.02, None, 0.04]
    """
    known = sorted((value, place) for place, value in enumerate(probabilities) if value is not None)
    adjusted: list[float | None] = [None] * len(probabilities)
    largest = 0.0
    for passed, (value, place) in enumerate(known):
        largest = max(largest, min(1.0, value * (len(known) - passed)))
        adjusted[place] = largest
    return adjusted

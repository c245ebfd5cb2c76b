"""Percentiles of many values: k6's own while they are kept, and close to them when they are not."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from dashboard.model.distribution import ERROR, Distribution, Room, percentile

SHARES = (0.0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0)
_VALUES = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)


@given(st.lists(st.lists(_VALUES, max_size=30), max_size=8), st.floats(0, 1))
def test_percentiles_are_k6s_own_while_the_values_are_kept(batches: list[list[float]], share: float) -> None:
    distribution = Room().distribution()
    known: list[float] = []
    for batch in batches:
        distribution.add(batch)
        known += batch
        assert distribution.percentiles([share]) == [percentile(sorted(known), share)]
    assert distribution.count == len(known)
    total = 0.0
    for value in known:
        total += value
    assert distribution.sum == total


def lots(dice: random.Random, count: int) -> list[float]:
    values = [dice.lognormvariate(3, 2) * (-1 if dice.random() < 0.1 else 1) for _ in range(count)]
    return values + [0.0] * (count // 100)


def test_without_room_percentiles_are_right_to_a_fifth_of_a_percent_and_the_rest_exactly() -> None:
    dice = random.Random(7)
    room = Room(most=1000)
    distribution = room.distribution()
    known: list[float] = []
    for _ in range(20):
        batch = lots(dice, 1000)
        distribution.add(batch)
        known += batch
    assert not distribution.is_exact
    ordered = sorted(known)
    for share, found in zip(SHARES, distribution.percentiles(SHARES), strict=True):
        right = percentile(ordered, share)
        assert abs(found - right) <= ERROR * abs(right), share
    assert (distribution.min, distribution.max, distribution.count) == (ordered[0], ordered[-1], len(known))
    assert distribution.percentiles([0.0, 1.0]) == [ordered[0], ordered[-1]]


def test_the_largest_gives_its_values_up_first() -> None:
    room = Room(most=100)
    small, large = room.distribution(), room.distribution()
    small.add([1.0] * 20)
    large.add([2.0] * 90)
    assert [each.is_exact for each in (small, large, room)] == [True, False, False]
    small.add([3.0] * 79)
    assert [each.is_exact for each in (small, large)] == [True, False]
    small.add([3.0, 4.0])
    assert [each.is_exact for each in (small, large)] == [False, False]
    assert small.percentiles([0.0, 1.0]) == [1.0, 4.0]


def test_memory_depends_on_the_spread_of_the_values_and_not_on_their_number() -> None:
    room = Room(most=0)
    distribution: Distribution = room.distribution()
    dice = random.Random(3)
    for _ in range(30):
        distribution.add([dice.lognormvariate(3, 1) for _ in range(2000)])
    held = distribution.size
    for _ in range(30):
        distribution.add([dice.lognormvariate(3, 1) for _ in range(2000)])
    assert distribution.size < 1.2 * held
    assert held < 10_000

"""Noise told from change: exact where it can be counted out, and seldom wrong where values follow each other."""

from __future__ import annotations

import itertools
import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.model.significance import Block, compare, holm, lag_one, signed_rank


def by_brute_force(differences: list[float]) -> float:
    """The two-sided probability, over every choice of signs."""
    sizes = [abs(value) for value in differences if value]
    ranks = [sum(other < size for other in sizes) + (sizes.count(size) + 1) / 2 for size in sizes]
    positive = sum(rank for rank, value in zip(ranks, (d for d in differences if d), strict=True) if value > 0)
    smaller = min(positive, sum(ranks) - positive)
    sums = [sum(itertools.compress(ranks, signs)) for signs in itertools.product((0, 1), repeat=len(ranks))]
    return min(1.0, 2 * sum(total <= smaller for total in sums) / len(sums))


@given(st.lists(st.integers(-6, 6), min_size=1, max_size=10))
def test_the_signed_rank_test_is_what_all_choices_of_signs_give(values: list[int]) -> None:
    differences = [float(value) for value in values]
    if any(differences):
        assert signed_rank(differences) == pytest.approx(by_brute_force(differences))  # pyright: ignore[reportUnknownMemberType]
    else:
        assert signed_rank(differences) == 1.0


def test_beyond_what_is_counted_out_the_normal_distribution_is_close(monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(1)
    for shift in (0.0, 0.2, 0.5):
        values = [random.gauss(shift, 1) for _ in range(60)]
        exact = signed_rank(values)
        with monkeypatch.context() as patch:
            patch.setattr("dashboard.model.significance._MOST_EXACT", 0)
            assert abs(signed_rank(values) - exact) < 0.003


def test_many_comparisons_are_paid_for() -> None:
    assert holm([0.01, None, 0.04, 0.03]) == [0.03, None, 0.06, 0.06]
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def run(random: Random, count: int, mean: float, correlation: float) -> list[float]:
    """An autoregressive course: what a value is depends on the one before."""
    values: list[float] = []
    state = random.gauss(0, 1)
    for _ in range(count):
        state = correlation * state + math.sqrt(1 - correlation**2) * random.gauss(0, 1)
        values.append(mean + state)
    return values


def pairs(first: list[float], second: list[float]) -> list[tuple[Block, Block] | None]:
    return [(Block(10 * a, 10), Block(20 * b, 20)) for a, b in zip(first, second, strict=True)]


def share_called_a_change(correlation: float, difference: float, count: int = 600, trials: int = 200) -> float:
    random = Random(7)
    called = 0
    for _ in range(trials):
        found = compare(pairs(run(random, count, 0, correlation), run(random, count, difference, correlation)))
        called += found.probability is not None and found.probability < 0.05
    return called / trials


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.8, 0.95])
def test_noise_is_seldom_called_a_change_even_where_each_second_depends_on_the_one_before(correlation: float) -> None:
    assert share_called_a_change(correlation, 0.0) <= 0.10


def test_without_blocks_it_would_be_called_one_far_too_often() -> None:
    random = Random(7)
    wrong = sum(
        signed_rank([b - a for a, b in zip(run(random, 600, 0, 0.8), run(random, 600, 0, 0.8), strict=True)]) < 0.05
        for _ in range(100)
    )
    assert wrong > 30


@pytest.mark.parametrize(("correlation", "difference"), [(0.0, 0.3), (0.5, 0.6), (0.8, 1.0)])
def test_a_change_is_found(correlation: float, difference: float) -> None:
    assert share_called_a_change(correlation, difference) >= 0.9


def test_what_the_plan_does_to_both_cancels_out() -> None:
    random = Random(3)
    ramp = [float(second) for second in range(300)]
    first = [level + random.gauss(0, 1) for level in ramp]
    second = [level + 1 + random.gauss(0, 1) for level in ramp]
    found = compare(pairs(first, second))
    assert found.probability is not None
    assert found.probability < 1e-6
    assert found.difference is not None
    assert abs(found.difference - 1) < 0.2


def test_too_little_is_not_judged_and_the_reason_is_given() -> None:
    assert compare(pairs([1.0] * 7, [2.0] * 7)).reason == "too short a time in common"
    assert compare([None] * 100).probability is None
    drifting = compare(pairs([0.0] * 100, [float(n) for n in range(100)]))
    assert drifting.probability is None
    assert drifting.reason == "what differs drifts too slowly for its length"


def test_equal_runs_do_not_differ() -> None:
    values = run(Random(1), 100, 5, 0)
    assert compare(pairs(values, values)).probability == 1.0
    assert lag_one([0.0] * 10) == 0.0

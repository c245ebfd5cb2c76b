"""Decks: chance that does not depend on the portions in which it is dealt."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.simulation.decks import CARDS, Deck, Odds, beyond_the_deck, normal_deck
from dashboard.simulation.sinks import CounterSink, GaugeSink, RateSink, Sink, TrendSink

PORTIONS = st.lists(st.integers(1, 3000), min_size=1, max_size=8)


def dealt(deck: Deck | Odds, sink: Sink, portions: list[int]) -> Sink:
    before = 77
    for portion in portions:
        deck.deal(sink, before, portion)
        before += portion
    return sink


@pytest.mark.parametrize("kind", [TrendSink, CounterSink, GaugeSink])
@pytest.mark.parametrize("constant", [False, True])
@given(portions=PORTIONS)
def test_a_deck_deals_the_same_in_whatever_portions(kind: type[Sink], constant: bool, portions: list[int]) -> None:
    random = Random(5)
    deck = Deck([0.1] if constant else [random.lognormvariate(3.0, 1.0) for _ in range(CARDS)])
    whole, parted = dealt(deck, kind(), [sum(portions)]), dealt(deck, kind(), portions)
    assert whole.format(9.0) == parted.format(9.0)


def test_a_deck_deals_each_of_its_values_as_often() -> None:
    deck, sink = Deck([1.0, 2.0, 4.0, 8.0]), TrendSink()
    deck.deal(sink, 0, 4_000)
    assert (sink.count, sink.sum) == (4_000, 15_000.0)
    assert math.isclose(sink.percentile(0.3), 2.0, rel_tol=0.005)
    few = TrendSink()
    deck.deal(few, 3, 2)
    assert (few.min, few.max, few.sum) == (1.0, 8.0, 9.0)


@pytest.mark.parametrize("value", [math.inf, 1e300, -5e-324, 0.0])
def test_a_deck_takes_any_value(value: float) -> None:
    sink = TrendSink()
    Deck([value]).deal(sink, 0, 3)
    assert (sink.min, sink.max) == (value, value)
    Deck([value, 1.0]).deal(sink, 0, 5)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.5, 0.98, 1.0])
@given(portions=PORTIONS)
def test_odds_are_the_same_in_whatever_portions(share: float, portions: list[int]) -> None:
    odds = Odds(share, Random(3))
    whole, parted = dealt(odds, RateSink(), [sum(portions)]), dealt(odds, RateSink(), portions)
    assert whole.format(1.0) == parted.format(1.0)
    assert all(0 <= odds.trues(at, 1) <= 1 for at in range(50))


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.5, 0.98, 1.0])
def test_odds_are_true_in_their_share_of_all_cases(share: float) -> None:
    assert math.isclose(Odds(share, Random(3)).trues(0, 1_000_000), 1_000_000 * share, rel_tol=0.005)


def test_the_normal_deck_is_the_normal_distribution() -> None:
    deck = normal_deck()
    assert len(deck) == CARDS
    assert all(low < high for low, high in pairwise(deck))
    for place in (0, 1, 300, CARDS // 2, CARDS - 1):
        assert math.isclose(0.5 * math.erfc(-deck[place] / math.sqrt(2.0)), (place + 0.5) / CARDS, rel_tol=1e-6)
    random = Random(1).random
    tail = sorted(beyond_the_deck(random) for _ in range(1000))
    # Above the last border, and half of them above the last part's middle.
    assert math.isclose(0.5 * math.erfc(tail[0] / math.sqrt(2.0)), 1 / CARDS, rel_tol=0.02)
    assert math.isclose(tail[500], deck[-1], rel_tol=0.01)
    assert tail[-1] > deck[-1] + 0.7

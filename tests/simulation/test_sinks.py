"""Sinks: k6's statistics, at a bounded cost."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.simulation.sinks import CounterSink, GaugeSink, RateSink, TrendSink, bucket_middle, bucket_of


def exact_percentile(values: list[float], share: float) -> float:
    """k6's ``TrendSink.P`` over all the values."""
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    low, high = ordered[math.floor(rank)], ordered[math.ceil(rank)]
    return low + (high - low) * (rank - math.floor(rank))


def trend_of(values: list[float]) -> TrendSink:
    sink = TrendSink()
    for value in values:
        sink.add(value)
    return sink


@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0])
@pytest.mark.parametrize("spread", [0.01, 0.5, 2.0])
def test_percentiles_are_k6s_to_one_percent(share: float, spread: float) -> None:
    random = Random(1)
    values = [80 * math.exp(random.gauss(0, spread)) for _ in range(5000)]
    got = trend_of(values).percentile(share)
    assert abs(got / exact_percentile(values, share) - 1) < 0.01


@given(st.lists(st.floats(1e-9, 1e12), min_size=1, max_size=50), st.floats(0, 1))
def test_percentiles_of_few_values_are_k6s_to_one_percent(values: list[float], share: float) -> None:
    got, wanted = trend_of(values).percentile(share), exact_percentile(values, share)
    assert abs(got - wanted) <= 0.01 * wanted


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=50))
def test_percentiles_never_fall_and_stay_within_the_extremes(values: list[float]) -> None:
    sink = trend_of(values)
    rising = [sink.percentile(share / 20) for share in range(21)]
    assert rising[0] == min(values)
    assert rising[-1] == max(values)
    assert all(low <= high + 1e-9 * abs(high) for low, high in pairwise(rising))


def test_a_trend_formats_as_in_the_rest_api_in_order() -> None:
    assert list(trend_of([1.0]).format(9.0)) == ["avg", "max", "med", "min", "p(90)", "p(95)"]
    assert set(TrendSink().format(1.0).values()) == {0.0}
    assert set(trend_of([12.5] * 7).format(1.0).values()) == {12.5}


def test_weights_are_repetitions() -> None:
    weighted, repeated = TrendSink(), TrendSink()
    for value, count in ((3.0, 4), (0.0, 2), (8.0, 1)):
        weighted.add(value, count)
        for _ in range(count):
            repeated.add(value)
    assert weighted.format(1.0) == repeated.format(1.0)
    assert weighted.count == repeated.count == 7


def test_a_trend_takes_zeros_negatives_and_infinities() -> None:
    sink = trend_of([-5.0, -1.0, 0.0, 0.0, 2.0])
    assert sink.percentile(0.5) == 0.0
    assert sink.min == -5.0
    assert abs(sink.percentile(0.25) + 1.0) < 0.005
    sink.add(math.inf)
    assert sink.format(1.0)["max"] == math.inf


@given(st.floats(1e-300, 1e300))
def test_a_bucket_is_half_a_percent_wide(value: float) -> None:
    assert abs(bucket_middle(bucket_of(value)) / value - 1) < 0.0026
    assert bucket_of(-value) == -bucket_of(value)


def test_a_trend_stays_small_however_many_samples_come() -> None:
    random = Random(2)
    sink = TrendSink()
    sizes: list[int] = []
    for _ in range(3):
        for _ in range(30_000):
            sink.add(math.exp(random.gauss(4, 1)))
        sizes.append(sink.buckets)
    assert sink.count == 90_000
    assert sizes[2] < 2000
    assert sizes[2] - sizes[1] < 0.1 * sizes[0]


def test_counter_gauge_and_rate_format_as_k6s() -> None:
    counter, gauge, rate = CounterSink(), GaugeSink(), RateSink()
    assert (counter.is_empty, gauge.is_empty, rate.is_empty) == (True, True, True)
    assert counter.format(0.0) == {"count": 0.0, "rate": 0.0}
    assert rate.format(3.0) == {"rate": 0.0}
    counter.add(2.0, 3)
    gauge.add(4.0)
    gauge.add(-1.0)
    rate.add(1.0, 3)
    rate.add(0.0)
    assert counter.format(2.0) == {"count": 6.0, "rate": 3.0}
    assert gauge.format(2.0) == {"value": -1.0}
    assert rate.format(2.0) == {"rate": 0.75}
    assert (counter.is_empty, gauge.is_empty, rate.is_empty) == (False, False, False)

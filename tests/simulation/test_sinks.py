"""Sinks: k6's statistics, at a bounded cost."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.simulation.batches import TICKS, Kinds, batch_of, batch_of_ticks, bucket_middle, bucket_of
from dashboard.simulation.sinks import CounterSink, GaugeSink, RateSink, TrendSink


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


@given(st.lists(st.integers(1, 1 << 27), min_size=1, max_size=50), st.integers(1, 5), st.floats(0, 1))
def test_percentiles_of_a_batch_of_times_are_k6s_to_one_percent(times: list[int], weight: int, share: float) -> None:
    sink = TrendSink()
    sink.take(batch_of_ticks(times).times(weight))
    milliseconds = [each / TICKS for each in times for _ in range(weight)]
    wanted = exact_percentile(milliseconds, share)
    assert abs(sink.percentile(share) - wanted) <= 0.01 * wanted
    assert (sink.min, sink.max, sink.sum) == (min(milliseconds), max(milliseconds), sum(milliseconds))
    assert sink.count == len(milliseconds)


@given(st.lists(st.integers(1, 1 << 27), min_size=2, max_size=50), st.integers(1, 49))
def test_in_what_batches_times_come_makes_no_difference(times: list[int], cut: int) -> None:
    whole, parted = TrendSink(), TrendSink()
    whole.take(batch_of_ticks(times))
    for part in (times[cut:], times[:cut]):
        if part:
            parted.take(batch_of_ticks(part))
    assert parted.format(1.0) == whole.format(1.0)
    assert [parted.percentile(share / 20) for share in range(21)] == [
        whole.percentile(share / 20) for share in range(21)
    ]


def test_values_that_come_again_and_again_are_counted_by_their_places() -> None:
    by_place, one_by_one = TrendSink(), TrendSink()
    by_place.take(Kinds([0.5, 0.25, 3.0]).batch({0: 3, 2: 1}))
    one_by_one.take(batch_of([0.5, 0.5, 0.5, 3.0]))
    assert by_place.format(1.0) == one_by_one.format(1.0)


def test_equal_values_are_multiplied_by_a_counter_so_that_portions_do_not_matter() -> None:
    whole, parted = CounterSink(), CounterSink()
    whole.add(0.1, 30)
    for _ in range(10):
        parted.add(0.1, 3)
    assert whole.total == parted.total == 3.0


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

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.model.derive import (
    INTERVAL_MEAN,
    INTERVAL_RATE,
    INTERVAL_SHARE,
    Figures,
    count_metric,
    elapsed,
    fell,
    figures,
    intervals,
    same_but_for_clock,
    uncountable,
)
from dashboard.model.metric import Metric
from tests.model.building import Load, counter, gauge, listed, share, trend

requests = st.lists(st.tuples(st.floats(0, 1e5), st.booleans()), max_size=30)


def between(
    before: Figures, after: Figures, without: tuple[str, ...] = ()
) -> dict[tuple[str, str], tuple[float, bool]]:
    return {(name, what): (value, exact) for name, what, value, exact in intervals(before, after, without)}


def test_the_clock_is_count_by_rate_of_the_largest_count() -> None:
    assert elapsed((counter("a", 3, 10.0), counter("b", 3e9, 20.0))) == 20.0


@pytest.mark.parametrize(
    "metrics",
    [(), (counter("http_reqs", 0, 0),), (counter("http_reqs", 0, 5),), (gauge("vus", 3),), (trend("t", 1.0),)],
)
def test_there_is_no_clock_before_something_counted(metrics: tuple[Metric, ...]) -> None:
    assert elapsed(metrics) is None


def test_a_negative_counter_tells_the_clock_too() -> None:
    assert elapsed((counter("mine", -5, 10.0),)) == 10.0


@given(requests, requests, st.floats(0.1, 100), st.floats(0.01, 100))
def test_intervals_are_those_of_the_samples(
    first: list[tuple[float, bool]], then: list[tuple[float, bool]], began: float, seconds: float
) -> None:
    load = Load(elapsed=began)
    for duration, failed in first:
        load.request(duration, failed=failed)
    before = figures(load.metrics())
    load.elapsed += seconds
    for duration, failed in then:
        load.request(duration, failed=failed)
    after = figures(load.metrics())
    found = between(before, after)
    assert all(exact for _, exact in found.values())
    if first:
        rate, _ = found["http_reqs", INTERVAL_RATE]
        assert rate >= 0
        assert math.isclose(rate * (load.elapsed - began), len(then), rel_tol=1e-9, abs_tol=1e-9)
    if not then:
        assert ("http_req_duration", INTERVAL_MEAN) not in found
        assert ("http_req_failed", INTERVAL_SHARE) not in found
        return
    mean, _ = found["http_req_duration", INTERVAL_MEAN]
    raw = math.fsum(duration for duration, _ in then) / len(then)
    # What is lost is a few last bits of the sum over the whole run.
    assert math.isclose(mean, raw, rel_tol=1e-9, abs_tol=1e-15 * sum(load.durations) * len(load.durations))
    assert min(load.durations) <= mean <= max(load.durations)
    assert found["http_req_failed", INTERVAL_SHARE] == (sum(failed for _, failed in then) / len(then), True)


def test_a_mean_of_nothing_but_zeros_is_zero() -> None:
    """Last bits of the sums, not samples, would make it negative."""
    before = listed(counter("http_reqs", 211, 2.0), trend("http_req_connecting", 0.012832768939393939 * 264 / 211))
    after = listed(counter("http_reqs", 264, 2.5), trend("http_req_connecting", 0.012832768939393939))
    assert between(before, after)["http_req_connecting", INTERVAL_MEAN][0] >= 0


@pytest.mark.parametrize(
    ("name", "tags", "counted_by"),
    [
        ("http_req_waiting", "", "http_reqs"),
        ("http_req_waiting", "{status:200}", "http_reqs{status:200}"),
        ("iteration_duration", "", "iterations"),
        ("iteration_duration", "{scenario:a}", "iterations{scenario:a}"),
        ("my_trend", "", None),
        ("grpc_req_duration", "", None),
    ],
)
def test_what_counts_a_trends_samples(name: str, tags: str, counted_by: str | None) -> None:
    assert count_metric(trend(name + tags, 1.0)) == counted_by


def test_a_trend_that_brings_its_own_count_needs_no_counter() -> None:
    before = listed(trend("mine", 2.0, count=2))
    after = listed(trend("mine", 4.0, count=4))
    assert between(before, after)["mine", INTERVAL_MEAN] == (6.0, True)


def test_a_metric_that_appears_had_no_sample_before() -> None:
    before = listed(counter("iterations", 4, 2.0))
    after = listed(
        counter("iterations", 6, 4.0),
        counter("late", 10, 4.0),
        counter("http_reqs", 5, 4.0),
        trend("http_req_blocked", 3.0),
    )
    found = between(before, after)
    assert found["late", INTERVAL_RATE] == (5.0, True)
    assert found["http_req_blocked", INTERVAL_MEAN] == (3.0, True)


def test_a_metric_that_was_not_read_may_have_had_samples_before() -> None:
    before = listed(counter("iterations", 4, 2.0), coherent=False)
    after = listed(counter("iterations", 6, 4.0), counter("late", 1000, 4.0))
    assert ("late", INTERVAL_RATE) not in between(before, after)


def test_a_custom_counter_may_fall() -> None:
    before, after = listed(counter("mine", 5, 10.0)), listed(counter("mine", -5, 20.0))
    assert between(before, after)["mine", INTERVAL_RATE] == (-1.0, True)
    assert not fell(before, after)


def test_a_clock_that_stands_still_gives_no_rate() -> None:
    figure = listed(counter("http_reqs", 5, 10.0))
    assert between(figure, figure) == {}


def test_read_one_by_one_a_counter_has_its_own_clock_and_a_mean_is_an_estimate() -> None:
    before = listed(counter("http_reqs", 100, 10.0), counter("mine", 10, 10.5), trend("http_req_duration", 5.0))
    after = listed(
        counter("http_reqs", 200, 20.0), counter("mine", 30, 20.5), trend("http_req_duration", 6.0), coherent=False
    )
    found = between(before, after)
    assert found["mine", INTERVAL_RATE] == (2.0, True)
    assert found["http_req_duration", INTERVAL_MEAN] == (7.0, False)


def test_an_estimate_beyond_the_extremes_is_none() -> None:
    before = listed(counter("http_reqs", 100, 10.0), trend("http_req_duration", 5.0), coherent=False)
    after = listed(counter("http_reqs", 101, 11.0), trend("http_req_duration", 6.0, max=10.0), coherent=False)
    assert ("http_req_duration", INTERVAL_MEAN) not in between(before, after)


def test_a_rate_with_fewer_samples_than_requests_has_no_share() -> None:
    """As with responseCallback: null, 3 of 7 judged requests failed, of 20."""
    after = listed(counter("http_reqs", 20, 10.0), share("http_req_failed", 3 / 7))
    assert list(uncountable(after)) == ["http_req_failed"]
    assert ("http_req_failed", INTERVAL_SHARE) not in between(listed(counter("http_reqs", 10, 5.0)), after)


def test_once_known_to_be_uncounted_a_whole_number_is_chance() -> None:
    before = listed(counter("http_reqs", 10, 5.0), share("http_req_failed", 0.0))
    after = listed(counter("http_reqs", 20, 10.0), share("http_req_failed", 0.5))
    assert ("http_req_failed", INTERVAL_SHARE) in between(before, after)
    assert ("http_req_failed", INTERVAL_SHARE) not in between(before, after, ("http_req_failed",))


def test_checks_have_no_count() -> None:
    figure = listed(counter("iterations", 20, 10.0), share("checks", 1 / 3))
    assert list(uncountable(figure)) == []
    assert ("checks", INTERVAL_SHARE) not in between(
        listed(counter("iterations", 10, 5.0), share("checks", 0.5)), figure
    )


WHOLE = listed(counter("http_reqs", 100, 10.0), counter("iterations", 50, 10.0), counter("mine", 7, 10.0))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (WHOLE, False),
        (listed(counter("http_reqs", 101, 11.0), counter("iterations", 51, 11.0)), False),
        (listed(counter("http_reqs", 99, 11.0), counter("iterations", 51, 11.0)), True),
        (listed(counter("http_reqs", 101, 11.0)), True),
        (listed(counter("http_reqs", 101, 11.0), coherent=False), False),
        (listed(counter("http_reqs", 99, 11.0), coherent=False), True),
        (listed(counter("http_reqs", 100, 9.9), counter("iterations", 50, 9.9)), False),
        (listed(counter("http_reqs", 100, 9.0), counter("iterations", 50, 9.0)), True),
        (listed(), True),
        (listed(coherent=False), False),
    ],
)
def test_what_only_another_run_can_be(after: Figures, expected: bool) -> None:
    assert fell(WHOLE, after) is expected


def test_a_custom_counter_back_at_zero_is_no_other_run() -> None:
    assert not fell(listed(counter("mine", 1, 10.0)), listed(counter("mine", 0, 11.0)))


def test_only_the_clock_goes_on_while_k6_lingers() -> None:
    before = listed(counter("http_reqs", 5, 10.0), gauge("vus", 0), trend("http_req_duration", 1.0))
    assert same_but_for_clock(
        before, listed(counter("http_reqs", 5, 99.0), gauge("vus", 0), trend("http_req_duration", 1.0))
    )
    assert not same_but_for_clock(
        before, listed(counter("http_reqs", 6, 10.0), gauge("vus", 0), trend("http_req_duration", 1.0))
    )
    assert not same_but_for_clock(before, listed(counter("http_reqs", 5, 10.0), gauge("vus", 0)))
    tainted = listed(counter("http_reqs", 5, 10.0), gauge("vus", 0), trend("http_req_duration", 1.0, tainted=False))
    assert not same_but_for_clock(before, tainted)

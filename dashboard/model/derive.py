"""What follows exactly from k6's cumulative numbers, and what follows only with an assumption.

k6's API gives cumulative statistics alone. Three facts of k6 (measured on v1.1.0, v1.7.1 and v2.2.0) make more of them:

* A counter's ``rate`` is ``count / t``, with t the test's own clock since setup() began, pauses left out. So
  ``count / rate`` of any counter is that clock, and between two polls ``dcount / dt`` is the exact rate.
* Every HTTP request gives one sample to each ``http_req_*`` trend and one to ``http_reqs``; every iteration one to
  ``iteration_duration`` and one to ``iterations``. So ``avg * n`` is the trend's sum, and between two polls
  ``d(avg * n) / dn`` is the exact mean.
* A list of metrics is one moment. Metrics read one by one are not; what is derived across them is an estimate.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping

from dashboard.model.metric import Metric, MetricType, split_name, submetric
from dashboard.quick import dataclass

INTERVAL_RATE = "interval rate"
"""Of a counter: per second of k6's clock."""
INTERVAL_MEAN = "interval mean"
"""Of a trend whose number of samples is known, in the trend's unit."""
INTERVAL_SHARE = "interval share"
"""Of a rate whose number of samples is known, 0 to 1."""
INTERVALS = frozenset({INTERVAL_RATE, INTERVAL_MEAN, INTERVAL_SHARE})

CLOCK_SLACK = 0.25
"""Seconds by which k6's clock and ours may disagree about an interval."""
SHORTEST = 0.1
"""Seconds of k6's clock below which an interval says more about k6 than about the test: k6 takes in what its VUs have
measured every 50 ms, so that in a shorter one there may be nothing, and in the next one all of it."""
_STILL = 1e-6
"""Seconds of k6's clock that are rounding: it stands still while the test is paused."""
_BUILTIN_COUNTERS = ("http_reqs", "iterations", "data_received", "data_sent")


@dataclass(frozen=True, slots=True)
class Figures:
    """The metrics of one poll, by name, with k6's clock."""

    metrics: Mapping[str, Metric]
    elapsed: float | None
    """k6's test clock in seconds; None before a counter has counted."""
    coherent: bool = True


def figures(metrics: tuple[Metric, ...], *, coherent: bool = True) -> Figures:
    """Index the metrics of one poll and read k6's clock off them."""
    return Figures({metric.name: metric for metric in metrics}, elapsed(metrics), coherent)


def elapsed(metrics: tuple[Metric, ...]) -> float | None:
    """k6's own elapsed test time in seconds: ``count / rate`` of the counter that has counted most.

    All counters of one answer agree to the last digit; the largest count loses least to rounding.
    None where no counter has counted.
    """
    best: tuple[float, float] | None = None
    for metric in metrics:
        seconds = _own_clock(metric)
        if seconds is None:
            continue
        size = abs(metric.sample["count"])
        if best is None or size > best[0]:
            best = (size, seconds)
    return best[1] if best else None


def _own_clock(metric: Metric | None) -> float | None:
    if metric is None or metric.type is not MetricType.COUNTER:
        return None
    count, rate = metric.sample.get("count"), metric.sample.get("rate")
    if not count or not rate:
        return None
    seconds = count / rate
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def count_metric(metric: Metric) -> str | None:
    """The counter that has one count for each sample of ``metric``; None where k6 has none.

    A submetric's samples are counted only by the counter's submetric with the same tags.
    """
    name, tags = split_name(metric.name)
    if metric.type is MetricType.TREND:
        if name.startswith("http_req_"):
            return submetric("http_reqs", tags)
        if name == "iteration_duration":
            return submetric("iterations", tags)
    if metric.type is MetricType.RATE and name == "http_req_failed":
        return submetric("http_reqs", tags)
    return None


def sample_count(metric: Metric, of: Figures) -> float | None:
    """How many samples ``metric`` has had: its own ``count`` where k6 gives one, else its counter's."""
    if metric.type is MetricType.TREND and "count" in metric.sample:
        return metric.sample["count"]
    if metric.type is MetricType.RATE and "passes" in metric.sample:
        return metric.sample["passes"] + metric.sample.get("fails", 0.0)
    counter = count_metric(metric)
    found = of.metrics.get(counter) if counter else None
    return found.sample.get("count") if found else None


def share_is_countable(metric: Metric, of: Figures) -> bool:
    """Whether ``rate * n`` of a rate is a whole number, as it must be if n really counts its samples.

    A script that switches the failure verdict off for some requests (``responseCallback: null``) gives
    ``http_req_failed`` fewer samples than ``http_reqs``; then the product is no whole number, and no count
    can be had.
    """
    count, rate = sample_count(metric, of), metric.sample.get("rate")
    if count is None or rate is None:
        return False
    product = rate * count
    return abs(product - round(product)) <= max(1e-6, 4e-16 * count)


def uncountable(of: Figures) -> Iterator[str]:
    """The rates that have a counter which does not count their samples.

    One such moment is proof for the whole run; a whole number at another moment is chance.
    """
    for name, metric in of.metrics.items():
        if metric.type is MetricType.RATE and "rate" in metric.sample:
            count = sample_count(metric, of)
            if count is not None and not share_is_countable(metric, of):
                yield name


def intervals(
    before: Figures, after: Figures, without_share: Collection[str] = ()
) -> Iterator[tuple[str, str, float, bool]]:
    """What happened between two polls of one run.

    Args:
        before: The earlier poll.
        after: The later one.
        without_share: Rates whose samples are known not to be counted by their counter.

    Yields:
        Metric name, statistic (one of the three above), value, and whether the value is exact. Nothing is
        yielded for a metric on which nothing can be said, such as a mean when there was no sample.
    """
    coherent = before.coherent and after.coherent
    for name, metric in after.metrics.items():
        earlier = before.metrics.get(name)
        if earlier is None and not before.coherent:
            # It was there perhaps, and was not read: all it has had would be taken for this interval's.
            continue
        match metric.type:
            case MetricType.COUNTER:
                rate = _interval_rate(earlier, metric, before, after, coherent=coherent)
                if rate is not None:
                    yield name, INTERVAL_RATE, *rate
            case MetricType.TREND:
                mean = _interval_mean(earlier, metric, before, after, coherent=coherent)
                if mean is not None:
                    yield name, INTERVAL_MEAN, mean, coherent
            case MetricType.RATE:
                share = None if name in without_share else _interval_share(earlier, metric, before, after)
                if share is not None:
                    yield name, INTERVAL_SHARE, share, coherent
            case MetricType.GAUGE:
                pass


def _interval_rate(
    earlier: Metric | None, later: Metric, before: Figures, after: Figures, *, coherent: bool
) -> tuple[float, bool] | None:
    count = later.sample.get("count")
    if count is None:
        return None
    began, ended = before.elapsed, after.elapsed
    exact = coherent
    if not coherent:
        # Read at different moments, each counter still carries its own.
        own = _own_clock(earlier), _own_clock(later)
        exact = None not in own
        began, ended = own[0] or began, own[1] or ended
    if began is None or ended is None or ended <= began:
        return None
    start = earlier.sample.get("count", 0.0) if earlier else 0.0
    return (count - start) / (ended - began), exact


def _interval_mean(
    earlier: Metric | None, later: Metric, before: Figures, after: Figures, *, coherent: bool
) -> float | None:
    average, count = later.sample.get("avg"), sample_count(later, after)
    if average is None or count is None:
        return None
    base_count = base_sum = 0.0
    if earlier is not None:
        base_count = sample_count(earlier, before) or 0.0
        base_sum = earlier.sample.get("avg", 0.0) * base_count
    more = count - base_count
    if more <= 0:
        return None
    mean = (average * count - base_sum) / more
    # No sample of the interval is beyond the extremes of the whole run.
    least, most = later.sample.get("min", -math.inf), later.sample.get("max", math.inf)
    if coherent:
        # What is beyond them is the last bit of two sums: without it, samples of nothing but 0 have a mean below 0.
        return min(max(mean, least), most)
    # Of two moments, avg and count can contradict each other; then their quotient is no estimate either.
    return mean if least <= mean <= most else None


def _interval_share(earlier: Metric | None, later: Metric, before: Figures, after: Figures) -> float | None:
    count = sample_count(later, after)
    if count is None or not share_is_countable(later, after):
        return None
    hits = round(later.sample["rate"] * count)
    base_count = base_hits = 0.0
    if earlier is not None:
        base_count = sample_count(earlier, before) or 0.0
        if base_count and not share_is_countable(earlier, before):
            return None
        base_hits = round(earlier.sample.get("rate", 0.0) * base_count)
    more = count - base_count
    if more <= 0:
        return None
    share = (hits - base_hits) / more
    return share if 0.0 <= share <= 1.0 else None


def is_too_short(before: Figures, after: Figures) -> bool:
    """Whether so little time passed between two polls that what happened meanwhile means nothing."""
    if before.elapsed is None or after.elapsed is None:
        return False
    return _STILL < after.elapsed - before.elapsed < SHORTEST


def fell(before: Figures, after: Figures) -> bool:
    """Whether k6's own counters or its clock went back, which within one run they never do.

    Custom counters are left out: a script may add negative numbers to them.
    """
    for name in _BUILTIN_COUNTERS:
        earlier, later = before.metrics.get(name), after.metrics.get(name)
        if earlier is None or not earlier.sample.get("count"):
            continue
        if later is None:
            if after.coherent:
                return True
        elif later.sample.get("count", math.inf) < earlier.sample["count"]:
            return True
    if before.elapsed is None or after.elapsed is None:
        return False
    # The clock is read just before the lock that guards the counts, so under load it can lag by a few ms.
    return after.elapsed < before.elapsed - CLOCK_SLACK


def ran_ahead(before: Figures, after: Figures, seconds: float) -> bool:
    """Whether k6's clock went further than the ``seconds`` between the two polls, which within one run it cannot."""
    if before.elapsed is None or after.elapsed is None:
        return False
    return after.elapsed - before.elapsed > seconds + max(CLOCK_SLACK, 0.01 * seconds)


def same_but_for_clock(before: Figures, after: Figures) -> bool:
    """Whether nothing but k6's clock went on between two polls, as while k6 lingers after the end."""
    if before.metrics.keys() != after.metrics.keys():
        return False
    return all(
        earlier.tainted == later.tainted and _without_rate(earlier) == _without_rate(later)
        for earlier, later in ((before.metrics[name], metric) for name, metric in after.metrics.items())
    )


def _without_rate(metric: Metric) -> Mapping[str, float]:
    if metric.type is not MetricType.COUNTER:
        return metric.sample
    return {statistic: value for statistic, value in metric.sample.items() if statistic != "rate"}

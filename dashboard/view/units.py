"""Which unit a statistic of a metric has, and of what kind it is."""

from __future__ import annotations

from dashboard.model.derive import INTERVAL_RATE, INTERVALS
from dashboard.model.metric import Contains, MetricType
from dashboard.model.run_history import RunHistory
from dashboard.model.run_numbers import MetricInfo
from dashboard.model.window import interval, is_of_window
from dashboard.view.chart import Kind, Unit

INTERVAL_COUNT = interval("count")


def unit_of(info: MetricInfo, statistic: str) -> Unit:
    """The unit of a statistic: per second where it is a rate over time, else what the metric contains."""
    if info.type is MetricType.RATE:
        return Unit.NUMBER if statistic in ("passes", "fails") else Unit.RATIO
    if info.type is MetricType.COUNTER and statistic in (INTERVAL_RATE, "rate"):
        return Unit.BYTES_PER_SECOND if info.contains is Contains.DATA else Unit.PER_SECOND
    if statistic in ("count", INTERVAL_COUNT):
        is_sum = info.type is MetricType.COUNTER
        return Unit.BYTES if is_sum and info.contains is Contains.DATA else Unit.NUMBER
    match info.contains:
        case Contains.TIME:
            return Unit.MILLISECONDS
        case Contains.DATA:
            return Unit.BYTES
        case Contains.DEFAULT:
            return Unit.NUMBER


def kind_of(run: RunHistory, name: str, statistic: str, at: float | None = None) -> Kind:
    """What a statistic says about time and certainty, as far as was known at a moment."""
    if statistic in INTERVALS:
        return Kind.ESTIMATED if run.is_estimate(name, statistic, at) else Kind.INTERVAL
    if is_of_window(statistic):
        return Kind.INTERVAL
    info = run.metrics.get(name)
    if info is not None and info.type is MetricType.COUNTER and statistic == "rate" and run.origin.is_file:
        return Kind.ESTIMATED  # k6's own clock is not in the file
    return Kind.NOW if info is not None and info.type is MetricType.GAUGE else Kind.CUMULATIVE

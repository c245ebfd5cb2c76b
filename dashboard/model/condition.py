"""Conditions on a run: a metric with one of k6's threshold expressions, over the whole run or over its last moments.

::

    http_req_failed rate<0.05                   the whole run so far, as k6's own thresholds
    http_req_duration{status:200} p(95)<300     a submetric; k6 lists one when a threshold in the script names it
    30s: http_req_failed rate<0.05              the last 30 s of the test's clock

What a window can tell follows from differences of cumulative numbers (see :mod:`dashboard.model.derive`): the count and
rate of a counter, the mean of a trend and the share of a rate whose samples a counter counts. Percentiles cannot be had
so, nor smallest or largest values.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import Final

from dashboard.duration import duration_text, parse_duration
from dashboard.model.derive import count_metric
from dashboard.model.metric import BUILTIN_TYPES, Contains, Metric, MetricType, split_name
from dashboard.model.threshold import Threshold, parse_threshold, unsuitable
from dashboard.quick import dataclass

_WINDOW: Final = re.compile(r"\s*([0-9][0-9.a-z]*)\s*:\s*(.*)", re.DOTALL)
_SUBMETRIC: Final = re.compile(r"([^\s{}<>=!]+)\s*\{(.*)\}\s*(.*)", re.DOTALL)
_METRIC: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\s+(\S.*)", re.DOTALL)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXAMPLE: Final = "write one like 'http_req_failed rate<0.05' or '30s: http_req_duration avg<300'"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a metric has to be like."""

    source: str = field(compare=False)
    """As it was written."""
    window: float | None
    """Seconds of the test's clock that it looks back; None for the whole run."""
    metric: str
    """The id of the metric or submetric, as k6 lists it."""
    threshold: Threshold

    def __str__(self) -> str:
        """Its plainest form."""
        back = f"{duration_text(self.window)}: " if self.window is not None else ""
        return f"{back}{self.metric} {self.threshold}"


def parse_condition(source: str) -> Condition:
    """Read a condition.

    Raises:
        ValueError: it is none, or one that can never be judged by what k6's API gives. The message is one line: what is
            wrong, and what would be right.
    """
    rest, window = source.strip(), None
    if match := _WINDOW.fullmatch(rest):
        window, rest = parse_duration(match[1]), match[2]
        if window <= 0:
            raise ValueError(f"{source!r}: a window of no length holds nothing; {_EXAMPLE}")
    if "{" in rest or "}" in rest:
        found = _SUBMETRIC.fullmatch(rest)
        if found is None:
            raise ValueError(f"{source!r}: a submetric is written as http_req_duration{{status:200}}")
        parent, tags, expression = found[1], found[2].strip(), found[3]
        if not tags or not all(tag.partition(":")[2] for tag in tags.split(",")):
            raise ValueError(f"{source!r}: the tags of a submetric are written as {{status:200,method:GET}}")
        metric = f"{parent}{{{tags}}}"
    else:
        found = _METRIC.fullmatch(rest)
        if found is None:
            raise ValueError(f"{source!r} names no metric with an expression; {_EXAMPLE}")
        metric, expression = found[1], found[2]
    if not _NAME.fullmatch(split_name(metric)[0]):
        raise ValueError(f"{source!r}: {split_name(metric)[0]!r} is no metric's name; {_EXAMPLE}")
    known = BUILTIN_TYPES.get(split_name(metric)[0])
    condition = Condition(source, window, metric, parse_threshold(expression, known))
    if known is not None:
        check_fit(condition, known)
    elif reason := _never_in_api(condition):
        raise ValueError(reason)
    return condition


def check_fit(condition: Condition, metric_type: MetricType) -> None:
    """See that a condition can be judged on a metric of that type.

    Raises:
        ValueError: it cannot; the message is one line.
    """
    threshold = condition.threshold
    if not threshold.applies_to(metric_type):
        raise ValueError(unsuitable(threshold, metric_type))
    if condition.window is None:
        if not threshold.in_api(metric_type):
            raise ValueError(_not_in_api(condition))
        return
    match metric_type:
        case MetricType.COUNTER:
            return
        case MetricType.GAUGE:
            raise ValueError(f"{condition.source!r}: a gauge has only its newest value; leave the window out")
        case MetricType.TREND if threshold.statistic != "avg":
            raise ValueError(_not_in_window(condition))
        case MetricType.TREND | MetricType.RATE:
            metric = Metric(condition.metric, metric_type, Contains.DEFAULT, None, {})
            if count_metric(metric) is None:
                raise ValueError(
                    f"{condition.source!r}: k6's API does not tell how many samples {condition.metric} has,"
                    " so nothing is known of a part of the run; leave the window out"
                )


def _never_in_api(condition: Condition) -> str:
    """Why a condition can be judged on no type of metric; empty where it depends on the type."""
    if condition.window is not None and condition.threshold.percentile is not None:
        return _not_in_window(condition)
    if condition.threshold.percentile is not None and not condition.threshold.in_api(MetricType.TREND):
        return _not_in_api(condition)
    return ""


def _not_in_api(condition: Condition) -> str:
    statistic = condition.threshold.statistic
    return f"{condition.source!r}: k6's API gives no {statistic}; take p(90), p(95), med, avg, min or max"


def _not_in_window(condition: Condition) -> str:
    statistic = condition.threshold.statistic
    return (
        f"{condition.source!r}: k6's API gives {statistic} of the whole run alone;"
        " take avg, which is exact in a window, or leave the window out"
    )

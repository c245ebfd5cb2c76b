"""Exact statistics of one period: what k6's REST API cannot give, and its event stream and its sample output can.

k6's trends are cumulative in its API: their percentiles are those of the whole run. A window holds those of one period
alone. It comes from k6's own dashboard output, which rounds to five digits, or is worked out from single samples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from dashboard.model.derive import INTERVAL_MEAN, INTERVAL_RATE, INTERVAL_SHARE
from dashboard.model.metric import Contains, MetricType
from dashboard.quick import dataclass

_PREFIX: Final = "interval "


@dataclass(frozen=True, slots=True)
class Window:
    """One metric over one period. Without a sample in it there is none."""

    metric: str
    """k6's id of it; a submetric has its tags in braces. Untrusted text."""
    type: MetricType
    contains: Contains
    start: float
    """Seconds since the Unix epoch."""
    end: float
    """Likewise; later than ``start``."""
    statistics: Mapping[str, float]
    """Of the samples between ``start`` and ``end`` alone, as k6 spells them: counter ``count rate``; gauge ``value``;
    rate ``rate``; trend ``avg max med min p(90) p(95) p(99)``. Units as in :class:`~dashboard.model.metric.Metric`."""


def shifted(windows: tuple[Window, ...], seconds: float) -> tuple[Window, ...]:
    """Windows by another clock, which is ahead by so many seconds."""
    if not seconds:
        return windows
    return tuple(replace(each, start=each.start + seconds, end=each.end + seconds) for each in windows)


def interval(statistic: str) -> str:
    """The name under which a history keeps a window's statistic.

    >>> interval("p(95)")
    'interval p(95)'
    """
    return _PREFIX + statistic


_SAME: Final[Mapping[str, str]] = {
    INTERVAL_MEAN: interval("avg"),
    INTERVAL_RATE: interval("rate"),
    INTERVAL_SHARE: interval("rate"),
}
_GAUGES_OF_STATUS: Final = frozenset({"vus", "vus_max"})
"""What k6 gives in its status and as metrics too."""


def is_of_window(statistic: str) -> bool:
    """Whether a statistic is one that windows alone give."""
    return statistic.startswith(_PREFIX) and statistic not in _SAME


def same_as(metric: str, statistic: str) -> tuple[str, str]:
    """The metric and the window's statistic that say of a period what ``statistic`` says of the time between two looks.

    So windows answer where looks cannot: before the first one, and for metrics whose samples k6 does not count.

    >>> same_as("my_trend", "interval mean"), same_as("", "vus")
    (('my_trend', 'interval avg'), ('vus', 'interval value'))
    """
    if not metric:
        return (statistic if statistic in _GAUGES_OF_STATUS else ""), interval("value")
    return metric, _SAME.get(statistic, statistic)

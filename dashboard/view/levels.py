"""Thresholds as levels of the chart of their metric."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from dashboard.model.run_history import RunHistory
from dashboard.view.chart import Level

if TYPE_CHECKING:
    from dashboard.model.threshold import Threshold

MOST_LEVELS: Final = 4
"""Levels on one chart: more would hide what it shows."""
PERCENTILES: Final = "p(N)"
DRAWN_OF_TREND: Final = frozenset({"avg", "med", PERCENTILES})
"""What the lines of a trend's chart can be held against."""


def levels(run: RunHistory, metric: str, statistics: Collection[str], *, of_intervals: bool) -> tuple[Level, ...]:
    """The thresholds on a metric as levels of its chart.

    Args:
        run: The run.
        metric: The metric that is drawn.
        statistics: What can be compared with what is drawn of it; ``p(N)`` for every percentile.
        of_intervals: Whether the chart shows these of each interval: then it is said that thresholds are of the whole
            run.
    """
    if run.thresholds is None:
        return ()
    found: dict[tuple[str, float], Level] = {}
    for watched in run.thresholds.watched:
        threshold = watched.threshold
        if threshold is None or watched.planned.metric != metric or not math.isfinite(threshold.bound):
            continue
        if _is_drawn(threshold, statistics):
            label = str(threshold) + (" whole run" if of_intervals else "")
            found[str(threshold), threshold.bound] = Level(threshold.bound, label)
    return tuple(found.values())[:MOST_LEVELS]


def _is_drawn(threshold: Threshold, statistics: Collection[str]) -> bool:
    return threshold.statistic in statistics or (threshold.percentile is not None and PERCENTILES in statistics)

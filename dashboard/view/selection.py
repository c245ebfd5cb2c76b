"""What the user chose to look at: a moment, a time window, a run, a metric, an order."""

from __future__ import annotations

from enum import StrEnum

from dashboard.model.event import EventKind
from dashboard.quick import dataclass
from dashboard.view.baseline import Baseline
from dashboard.view.checks_view import ChecksView
from dashboard.view.log_choice import LogChoice

WINDOWS: tuple[float, ...] = (30, 60, 120, 300, 600, 1800, 3600, 3 * 3600, 12 * 3600, 86400, 7 * 86400)
"""The time windows to choose from, in seconds."""


class MetricSort(StrEnum):
    """What the list of metrics is ordered by."""

    NAME = "name"
    TYPE = "type"
    INTERVAL = "interval"
    VALUE = "value"
    MED = "med"
    P90 = "p(90)"
    P95 = "p(95)"
    MAX = "max"
    TAINTED = "tainted"


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to be shown of one target."""

    cursor: float | None = None
    """The moment shown; None follows the present."""
    window: float = 300.0
    """Seconds of the past that charts show at most."""
    run: int | None = None
    """Number of the run shown; None is the newest."""
    metric: str | None = None
    """The metric that is opened."""
    filter: str = ""
    """Part of the name of the metrics wanted, in any case; after ``!`` of those not wanted."""
    kinds: frozenset[EventKind] = frozenset()
    """The kinds of event that are wanted; all where none is named."""
    sort: MetricSort = MetricSort.NAME
    descending: bool = False
    checks: ChecksView = ChecksView()
    """How the tree of checks is arranged."""
    baseline: Baseline | None = None
    """The run that is drawn behind the one shown."""
    log: LogChoice = LogChoice()
    """What is wanted of the log."""


def wider(window: float) -> float:
    """The next wider window; the widest stays."""
    return next((choice for choice in WINDOWS if choice > window), WINDOWS[-1])


def narrower(window: float) -> float:
    """The next narrower window; the narrowest stays."""
    return next((choice for choice in reversed(WINDOWS) if choice < window), WINDOWS[0])

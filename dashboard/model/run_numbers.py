"""The numbers of one run over time, whether looks at k6 or the periods of its event stream tell them.

What is drawn reads from here by one path for now and for then: a moment's numbers are looked up at that moment, and the
present is just the newest moment. So whatever can change during a run is kept with the moment since which it holds.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable

from dashboard.model import derive
from dashboard.model.metric import Contains, MetricType
from dashboard.model.run_standing import RunStanding
from dashboard.model.series import Extract, Key, Moment, Table
from dashboard.model.status_history import OF_STATUS
from dashboard.model.window_history import WindowHistory
from dashboard.quick import dataclass

ELAPSED: Key = ("", "elapsed")
CHECKS = "checks"
"""k6's metric of all checks together. It has no count: its interval share comes from the groups, if they are asked."""
TAINTED = "tainted"
"""Statistic of a metric with a threshold: 1 while it is crossed, 0 while it holds."""

_MOST_POISONINGS = 500


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """What stays the same of a metric during a run."""

    type: MetricType
    contains: Contains
    since: float = -math.inf
    """When k6 first gave it."""


class RunNumbers(RunStanding):
    """The numbers of one run. What looks at k6 did not see of them, the periods of its event stream tell."""

    def __init__(self, first_seen: float, rows: int) -> None:
        super().__init__(first_seen, rows)
        self.last_row: float | None = None
        """When k6 last gave metrics with anything new in them: the moment whose numbers are the newest."""
        self.final_row: float | None = None
        """When it first gave them after the end. What comes later, such as a threshold, is of no interval any more."""
        self.table: Table[Key] = Table(rows)
        """A row for each time that k6 gave its metrics."""
        self.windows = WindowHistory()
        """The periods of which exact statistics came."""
        self.metrics: dict[str, MetricInfo] = {}
        """By name, sorted."""
        self._taints: dict[str, bool] = {}
        self._poisonings: deque[tuple[float, tuple[str, ...]]] = deque(maxlen=_MOST_POISONINGS)
        self._inexact: dict[Key, float] = {}
        self._without_share: dict[str, float] = {}

    @property
    def poisoned(self) -> tuple[str, ...]:
        """The metrics that k6 cannot give now, because a sample of theirs is infinite."""
        return self._poisonings[-1][1] if self._poisonings else ()

    def value(self, name: str, statistic: str, at: float) -> float | None:
        """A statistic at a moment; None where it is not known."""
        key = (name, statistic)
        if not self._is_seen(key, at) and (of_window := self.windows.key(name, statistic)):
            return self._window_at(at).value(of_window)
        value = (self.statuses.table if key in OF_STATUS else self.table).value(key, self._moment_of(statistic, at))
        return None if value != value else value

    def look(self, at: float) -> Callable[[str, str], float | None]:
        """:meth:`value` at one moment, for many statistics. Good until the next poll."""
        row = self.table.moment(at)
        of_interval = self._moment_of(derive.INTERVAL_RATE, at)
        interval_row = row if of_interval == at else self.table.moment(of_interval)
        window_row = self._window_at(at)

        def value(name: str, statistic: str) -> float | None:
            if not self._is_seen((name, statistic), at) and (of_window := self.windows.key(name, statistic)):
                return window_row.value(of_window)
            return (interval_row if statistic in derive.INTERVALS else row).value((name, statistic))

        return value

    def _is_seen(self, key: Key, at: float) -> bool:
        """Whether looks at k6 itself tell a statistic at a moment, so that no window has to."""
        since = (self.statuses.table if key in OF_STATUS else self.table).since(key)
        if since is None or since > at:
            return False
        return key[1] != derive.INTERVAL_SHARE or key[0] not in self._without_share

    def _window_at(self, at: float) -> Moment[Key]:
        """The period that had just ended at a moment. What is newer than the newest look belongs to that look."""
        is_newest = self.last_row is None or at >= self.last_row
        if is_newest and self.state().is_over:
            return self.windows.moment(math.inf, patience=math.inf)
        return self.windows.moment(at, newest=is_newest)

    def _moment_of(self, statistic: str, at: float) -> float:
        """Where a statistic of a moment is to be read: the last interval of a run stays the last."""
        if statistic in derive.INTERVALS and self.final_row is not None:
            return min(at, self.final_row)
        return at

    def extract(self, name: str, statistic: str, start: float, end: float, rows: int) -> Extract:
        """A statistic over a time; see :meth:`Table.extract`. What was not seen of it, windows tell."""
        key = (name, statistic)
        table = self.statuses.table if key in OF_STATUS else self.table
        of_window = self.windows.key(name, statistic)
        if of_window is None:
            return table.extract(key, start, end, rows)
        since = table.since(key) if self._is_seen(key, math.inf) else None
        if since is None:
            return self.windows.table.extract(of_window, start, end, rows)
        if since <= start:
            return table.extract(key, start, end, rows)
        before = self.windows.table.extract(of_window, start, min(end, math.nextafter(since, -math.inf)), rows)
        return before + table.extract(key, since, end, rows)

    def has(self, name: str, statistic: str, at: float | None) -> bool:
        """Whether that statistic had been given at a moment; at any, where it is None."""
        since = self.table.since((name, statistic))
        return (since is not None and (at is None or since <= at)) or self.windows.has(name, statistic, at)

    def statistics(self, name: str) -> frozenset[str]:
        """Every statistic that has been given of a metric, in whichever way."""
        return frozenset(
            statistic
            for table in (self.table, self.windows.table)
            for metric, statistic in table.keys
            if metric == name
        )

    def known(self, at: float | None) -> Iterable[str]:
        """The metrics that had been given at a moment, sorted by name."""
        if at is None:
            return self.metrics
        return (name for name, info in self.metrics.items() if info.since <= at)

    def is_estimate(self, name: str, statistic: str, at: float | None) -> bool:
        """Whether there was an estimate among its interval values by then: metrics that were read one by one."""
        since = self._inexact.get((name, statistic))
        return since is not None and (at is None or since <= at)

    def has_share(self, name: str, at: float | None) -> bool:
        """Whether the interval share of a rate can be had, as far as was known by then."""
        since = self._without_share.get(name)
        if since is not None and (at is None or since <= at):
            return self.windows.has(name, derive.INTERVAL_SHARE, at)
        return self.has(name, derive.INTERVAL_SHARE, at)

    def poisoned_at(self, at: float | None) -> tuple[str, ...]:
        """The metrics that k6 could not give at a moment; at the newest one where none is named."""
        if at is None:
            return self.poisoned
        return next((names for since, names in reversed(self._poisonings) if since <= at), ())

    def with_threshold(self, at: float | None = None) -> tuple[str, ...]:
        """The metrics on which a threshold had been evaluated by then, sorted by name."""
        return tuple(name for name in sorted(self._taints) if self.has(name, TAINTED, at))

    def tainted(self, at: float | None = None) -> tuple[str, ...]:
        """The metrics whose thresholds are crossed at a moment; at the newest one where none is named."""
        if at is None:
            return tuple(name for name in sorted(self._taints) if self._taints[name])
        return tuple(name for name in sorted(self._taints) if self.value(name, TAINTED, at) == 1.0)

    def type_of(self, name: str) -> MetricType | None:
        """The type of a metric; None where k6 has not given it."""
        info = self.metrics.get(name)
        return None if info is None else info.type

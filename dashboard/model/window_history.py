"""The windows of one run over time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from dashboard.model.series import Key, Moment, Table
from dashboard.model.window import Window, interval, is_of_window, same_as

_PATIENCE = 2.5
"""Periods after which the newest one is no longer the last: the windows have broken off."""


class WindowHistory:
    """A row for each period, at its end; a column for each metric and statistic, such as ``interval p(95)``."""

    def __init__(self) -> None:
        self.table: Table[Key] = Table()
        self.began: float | None = None
        """When the first period began, in seconds since the Unix epoch."""
        self._period = 0.0

    def add(self, windows: Iterable[Window]) -> None:
        """Take in windows, oldest first. Those of a period that is not newer than the newest are known already."""
        for end, of_period in groupby(windows, key=attrgetter("end")):
            if self.table.last is not None and end <= self.table.last:
                continue
            values: dict[Key, float] = {}
            for window in of_period:
                self._period = end - window.start
                if self.began is None:
                    self.began = window.start
                for statistic, value in window.statistics.items():
                    values[window.metric, interval(statistic)] = value
            self.table.append(end, values)

    def key(self, name: str, statistic: str) -> Key | None:
        """The column that tells a statistic, under its own name or under that of the same one; None where none does."""
        found = (name, statistic) if is_of_window(statistic) else same_as(name, statistic)
        return found if found in self.table else None

    def has(self, name: str, statistic: str, at: float | None) -> bool:
        """Whether a period that had ended by then, or any, tells that statistic."""
        key = self.key(name, statistic)
        since = None if key is None else self.table.since(key)
        return since is not None and (at is None or since <= at)

    def moment(self, at: float, *, newest: bool = False, patience: float = _PATIENCE) -> Moment[Key]:
        """The period that had just ended at a moment; an empty one where that was long before.

        Args:
            at: Seconds since the Unix epoch.
            newest: Whether the newest one is meant, even if it ended a little after ``at``.
            patience: How many periods before it the last one may have ended.
        """
        row = self.table.moment(math.inf if newest else at)
        is_fresh = row.at is not None and at - row.at <= patience * self._period
        return row if is_fresh or patience == math.inf else Moment({}, 0)

"""A recording as a table: a row a look, a column for each statistic of each metric that ever came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from dashboard.quick import dataclass
from dashboard.view.tick import MetricTick, Tick

Key = tuple[str, str, str]
"""Metric, kind and statistic."""
Value = float | int | str | bool | None

KINDS: Final[Sequence[str]] = ("cumulative", "now", "interval", "estimated", "period")
OF_LOOK: Final[Mapping[str, type]] = {
    "time": float,
    "run": int,
    "elapsed": float,
    "state": str,
    "vus": int,
    "vus_max": int,
    "tainted": bool,
    "crossed": str,
    "outage": str,
}
"""The columns that every table begins with, and what is in them. ``time`` is in seconds since the Unix epoch."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns a recording has."""

    keys: tuple[Key, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names; untrusted text.

        First those of a look, then ``METRIC STATISTIC`` for what is cumulative or of now, and with the kind before the
        statistic for the rest, such as ``http_req_duration interval avg``.
        """
        return (*OF_LOOK, *(_name(key) for key in self.keys))

    def row(self, tick: Tick) -> Iterator[Value]:
        """One row, in the order of the names; None where nothing is known."""
        yield tick.at
        yield tick.run
        yield tick.elapsed
        yield str(tick.state)
        yield tick.vus
        yield tick.vus_max
        yield tick.tainted
        yield " ".join(tick.crossed)
        yield str(tick.outage.kind) if tick.outage else None
        metrics = {metric.name: metric for metric in tick.metrics or ()}
        for name, kind, statistic in self.keys:
            metric = metrics.get(name)
            yield None if metric is None else by_kind(metric)[kind].get(statistic)


def find_columns(ticks: Iterable[Tick]) -> Columns:
    """The columns that these ticks need, by metric, kind and statistic."""
    found: set[Key] = set()
    for tick in ticks:
        for metric in tick.metrics or ():
            for kind, values in by_kind(metric).items():
                found.update((metric.name, kind, statistic) for statistic in values)
    return Columns(tuple(sorted(found, key=lambda key: (key[0], KINDS.index(key[1]), key[2]))))


def by_kind(metric: MetricTick) -> Mapping[str, Mapping[str, float]]:
    """A metric's values, by kind and statistic."""
    return {
        "cumulative": metric.cumulative,
        "now": metric.now,
        "interval": metric.interval,
        "estimated": metric.estimated,
        "period": metric.period,
    }


def _name(key: Key) -> str:
    metric, kind, statistic = key
    return f"{metric} {statistic}" if kind in ("cumulative", "now") else f"{metric} {kind} {statistic}"

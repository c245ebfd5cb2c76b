"""What a tick looks like on stdout, by name: ``lines`` for people, ``ndjson`` for everything, ``csv`` for tables."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol

from dashboard.headless.lines import Lines, Page
from dashboard.view.spreadsheet import cell
from dashboard.view.tick import MetricTick, Tick
from dashboard.view.tick_document import tick_document


class Format(Protocol):
    """Turns ticks into text, each a number of whole lines."""

    def write(self, tick: Tick) -> str:
        """The text of one tick, with what has to stand before it."""
        ...


class Ndjson:
    """One JSON document a tick, in ASCII, so that nothing k6 says can steer a terminal."""

    def write(self, tick: Tick) -> str:
        """One line."""
        return json.dumps(tick_document(tick), separators=(",", ":"), allow_nan=False) + "\n"


Column = tuple[str, Callable[[Tick], object]]


_KINDS: Final[Mapping[str, Callable[[MetricTick], Mapping[str, float]]]] = {
    "": lambda metric: metric.cumulative,
    "interval": lambda metric: metric.interval,
    "period": lambda metric: metric.period,
}


def _statistic(metric: str, statistic: str) -> Column:
    kind, _, short = statistic.rpartition(" ")

    def read(tick: Tick) -> object:
        found = tick.metric(metric)
        if found is None:
            return None
        return _KINDS[kind](found).get(short)

    return f"{metric} {statistic}", read


_DURATION: Final = ("avg", "min", "med", "max", "p(90)", "p(95)", "interval avg")
_OF_PERIOD: Final = tuple(f"period {name}" for name in ("avg", "min", "med", "max", "p(90)", "p(95)", "p(99)"))
"""Exact, where k6's event stream gives them."""
_OF_METRICS: Final[Sequence[tuple[str, Iterable[str]]]] = (
    ("http_reqs", ("count", "rate", "interval rate")),
    ("http_req_duration", _DURATION),
    ("http_req_failed", ("rate", "interval rate")),
    ("iterations", ("count", "rate", "interval rate")),
    ("iteration_duration", _DURATION),
    ("dropped_iterations", ("count", "interval rate")),
    ("checks", ("rate",)),
    ("data_received", ("count", "interval rate")),
    ("data_sent", ("count", "interval rate")),
    # Last, since they came last: who reads by place finds all the others where they were.
    ("http_req_duration", _OF_PERIOD),
    ("iteration_duration", _OF_PERIOD),
)
COLUMNS: Final[Sequence[Column]] = (
    ("time", lambda tick: f"{tick.at:.3f}"),
    ("elapsed", lambda tick: tick.elapsed),
    ("state", lambda tick: str(tick.state)),
    ("vus", lambda tick: tick.vus),
    ("vus_max", lambda tick: tick.vus_max),
    ("tainted", lambda tick: str(tick.tainted).lower()),
    ("crossed", lambda tick: cell(" ".join(tick.crossed))),
    ("outage", lambda tick: str(tick.outage.kind) if tick.outage else None),
    *(_statistic(metric, statistic) for metric, statistics in _OF_METRICS for statistic in statistics),
)
"""The same for every run, so that files of several runs fit together. What is not known is empty."""


class Csv:
    """A line of names, then a line a tick, as RFC 4180 has it but for the ends of lines."""

    def __init__(self) -> None:
        self._has_header = False

    def write(self, tick: Tick) -> str:
        """One line, and the names before the first."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        if not self._has_header:
            self._has_header = True
            writer.writerow(name for name, _ in COLUMNS)
        writer.writerow(read(tick) for _, read in COLUMNS)
        return text.getvalue()


FORMATS: Final[Mapping[str, Callable[[Page], Format]]] = {
    "lines": Lines,
    "ndjson": lambda _: Ndjson(),
    "csv": lambda _: Csv(),
}
"""By name; each is told what it writes on."""

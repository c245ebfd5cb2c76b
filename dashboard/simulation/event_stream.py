"""The event stream of a simulated k6: what its ``--out web-dashboard`` would send, period by period.

A period's statistics are those of its samples alone. An event tells a list of lists, one for each metric in the sorted
order of all names announced so far; numbers are cut to about five digits, as k6 cuts them. A passing k6 does not exit
while somebody listens.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Final

from dashboard.simulation import gojson
from dashboard.simulation.gojson import GoJSONError
from dashboard.simulation.profile import Profile
from dashboard.simulation.registry import Metric, Registry
from dashboard.simulation.scenario import Scenario
from dashboard.simulation.sinks import AGGREGATES
from dashboard.simulation.timekeeping import Timers

MOST_PERIODS: Final = 2880
"""Periods that a planned run has at most."""
MOST_EVENTS: Final = 2 * MOST_PERIODS
"""Events that are kept at least."""
_OF_PERIODS: Final = re.compile(rb"\nevent: (cumulative|threshold|snapshot)\n")
_FIRST: Final = 0.003
"""Seconds from the start of the process to that of its outputs."""
_CONFIG: Final = '{"title":"k6 dashboard","tabs":[]}'
"""What k6's own pages are built from. There are none here."""


class EventStream:
    """The events of one process, all of them from the first, and who listens.

    Args:
        scenario: What is run.
        profile: Which k6 it is.
        period: Seconds of a period, as wished for. It becomes longer where a run would have too many.
    """

    def __init__(self, scenario: Scenario, profile: Profile, period: float = 1.0) -> None:
        self._scenario = scenario
        run = scenario.run
        self._planned = run.seconds + (0.0 if profile.is_external else run.graceful_stop)
        self.period = max(1, math.ceil(self._planned / MOST_PERIODS / period)) * period
        """Seconds of a period."""
        self.run = 0
        """Counts the processes that have begun, each with a stream of its own."""
        self.due = 0.0
        """When the present period ends, in process time."""
        self._readers = 0

    def begin(self, registry: Registry, timers: Timers, moment: Callable[[], float]) -> None:
        """A process begins.

        Args:
            registry: Its metrics.
            timers: Its time.
            moment: Gives the present in seconds since the Unix epoch.
        """
        self.run += 1
        self._registry = registry
        self._timers = timers
        self._moment = moment
        self._kept: list[bytes] = []
        self._events: list[bytes] = []
        self._first = 0
        self._next_id = 0
        self._announced: dict[str, Metric] = {}
        self._began = 0.0
        self._on_leave: Callable[[], None] | None = None
        self.due = _FIRST
        timers.at(_FIRST, self._start)

    def since(self, number: int) -> tuple[bytes, int]:
        """The events from a number on, and the number of the one that comes next."""
        kept = self._kept if number < self._first else []
        return b"".join((*kept, *self._events[max(0, number - self._first) :])), self._next_id

    @contextmanager
    def listening(self) -> Generator[None]:
        """Somebody listens for as long as this lasts; a passing process waits for that."""
        self._readers += 1
        try:
            yield
        finally:
            self._readers -= 1
            if not self._readers and self._on_leave is not None:
                self._on_leave()

    def let_go(self) -> None:
        """Wait for nobody: the process is killed."""
        if self._on_leave is not None:
            self._on_leave()

    def end(self, exit_now: Callable[[], None], *, passed: bool) -> None:
        """The process is about to exit. One that has passed says so, and waits until nobody listens any more."""
        if not passed or not self._next_id:
            exit_now()
            return
        self._announce()
        self._add("cumulative", self._cumulative())
        self._add("stop", f"[[{self._milliseconds()}]]", "\nretry: 9007199254740991")
        self._on_leave = exit_now
        if not self._readers:
            exit_now()

    def _start(self) -> None:
        self._began = self._timers.now
        self._add("config", _CONFIG)
        self._add("param", self._param())
        self._add("metric", '{"time":{"type":"gauge","contains":"time"}}')
        self._add("start", f"[[{self._milliseconds()}]]")
        self.due = self._began + self.period
        self._timers.at(self.due, self._end_period)

    def _end_period(self) -> None:
        if self._on_leave is not None:
            return
        self._registry.settle()
        self._announce()
        self._add("cumulative", self._cumulative())
        failing = self._failing()
        if failing:
            self._add("threshold", _object(failing))
        period = self.period
        self._add("snapshot", self._told(lambda metric: metric.sink.end_period(period)))
        self.due = self._timers.now + self.period
        self._timers.at(self.due, self._end_period)

    def _announce(self) -> None:
        new = [metric for metric in self._registry.streamed() if metric.name not in self._announced]
        if not new:
            return
        self._announced.update((metric.name, metric) for metric in new)
        self._add("metric", _object((metric.name, self._about(metric)) for metric in new))

    def _about(self, metric: Metric) -> str:
        contains = f',"contains":"{metric.contains}"' if metric.contains != "default" else ""
        custom = ',"custom":true' if self._registry.is_custom(metric) else ""
        return f'{{"type":"{metric.type}"{contains}{custom}}}'

    def _cumulative(self) -> str | None:
        seconds = self._timers.now - self._began
        return self._told(lambda metric: metric.sink.aggregates(seconds))

    def _told(self, statistics: Callable[[Metric], tuple[float, ...]]) -> str | None:
        """Statistics of all metrics; None where one is infinite, which no JSON can tell."""
        values = {name: statistics(metric) for name, metric in self._announced.items()}
        try:
            lists = {name: _list(numbers) for name, numbers in values.items()}
        except GoJSONError:
            return None
        lists["time"] = f"[{self._milliseconds()}]"
        return f"[{','.join(lists[name] for name in sorted(lists))}]"

    def _failing(self) -> list[tuple[str, str]]:
        """The thresholds that do not hold now, by metric. k6 judges those of the metrics that it tells of here."""
        seconds = self._timers.now - self._began
        found: list[tuple[str, str]] = []
        for name in sorted(self._announced):
            metric = self._announced[name]
            sources = [each.source for each in metric.thresholds if not each.holds(metric.sink, seconds)]
            if sources:
                found.append((name, _texts(sources)))
        return found

    def _param(self) -> str:
        thresholds = [(name, _texts(spec.source for spec in specs)) for name, specs in self._scenario.thresholds]
        told = [("thresholds", _object(sorted(thresholds)))] if thresholds else []
        told.append(("scenarios", _texts((self._scenario.run.name,))))
        told.append(("endOffset", str(round(self._planned * 1000))))
        told.append(("period", str(round(self.period * 1000))))
        told.append(("scriptPath", gojson.string(f"file:///simulation/{self._scenario.name}.js")))
        told.append(("aggregates", _object((kind, _texts(names)) for kind, names in AGGREGATES.items())))
        return _object(told)

    def _milliseconds(self) -> int:
        return math.floor(self._moment() * 1000)

    def _add(self, name: str, data: str | None, more: str = "") -> None:
        if data is None:
            return
        event = f"id: {self._next_id}\ndata: {data}\nevent: {name}{more}\n\n".encode("utf-8", "replace")
        self._events.append(event)
        self._next_id += 1
        if len(self._events) >= 2 * MOST_EVENTS:
            # Of a process that waits or lingers for weeks the oldest periods go; what was announced stays.
            oldest, self._events = self._events[:MOST_EVENTS], self._events[MOST_EVENTS:]
            self._kept += [event for event in oldest if not _OF_PERIODS.search(event)]
            self._first += MOST_EVENTS


def shortened(value: float) -> float:
    """A number as k6 cuts it for its stream: five digits from one on, five places below, whole numbers in full."""
    if not math.isfinite(value) or value == math.trunc(value):
        return value
    for bound, scale in ((1.0, 1e5), (10.0, 1e4), (100.0, 1e3), (1000.0, 1e2), (10000.0, 1e1)):
        if value < bound:
            return math.copysign(math.trunc(value * scale) / scale, value)
    return float(math.trunc(value))


def _list(values: Iterable[float]) -> str:
    return f"[{','.join(gojson.number(shortened(value)) for value in values)}]"


def _texts(values: Iterable[str]) -> str:
    return f"[{','.join(gojson.string(value) for value in values)}]"


def _object(members: Iterable[tuple[str, str]]) -> str:
    return f"{{{','.join(f'{gojson.string(name)}:{told}' for name, told in members)}}}"

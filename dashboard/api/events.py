"""The event stream of k6's own dashboard (``--out web-dashboard``): from bytes to windows and what is planned.

Each period k6 sends the statistics of that period as a list of lists: one for each metric in the sorted order of all
names announced so far, in the order of statistics that it announced at the start. Numbers are rounded to five digits.
Nothing is ever raised here: what is not understood is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from dashboard.api.shape import is_list, is_object, number
from dashboard.api.untrusted import well_formed
from dashboard.model.metric import Contains, Metric, MetricType
from dashboard.model.plan import Plan, PlannedThreshold, ScenarioPlan
from dashboard.model.run_history import MOST_METRICS
from dashboard.model.window import Window
from dashboard.quick import dataclass

ENDPOINT: Final = "/events"
STOP: Final = "stop"
_CLOCK: Final = "time"
"""A gauge of the dashboard's own: the end of the period, in milliseconds since the Unix epoch."""
_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "counter": ("count", "rate"),
    "gauge": ("value",),
    "rate": ("rate",),
    "trend": ("avg", "max", "med", "min", "p(90)", "p(95)", "p(99)"),
}
_TYPES: Final = {str(kind): kind for kind in MetricType}
_CONTAINS: Final = {str(kind): kind for kind in Contains}


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it came."""

    name: str
    data: str


@dataclass(frozen=True, slots=True)
class Totals:
    """What had been counted of a test when a period ended. Rates, means and percentiles are rounded to five digits."""

    at: float
    """The end of the period, in seconds since the Unix epoch."""
    elapsed: float
    """Seconds since the stream began."""
    metrics: tuple[Metric, ...]
    """Sorted by name. A counter's rate is its count by ``elapsed``, and so not rounded; no threshold is judged."""


@dataclass(frozen=True, slots=True)
class News:
    """What some events say."""

    windows: tuple[Window, ...] = ()
    """Oldest first."""
    plan: Plan | None = None
    totals: tuple[Totals, ...] = ()
    """Oldest first."""
    crossed: frozenset[str] | None = None
    """The metrics of which a threshold fails; None where nothing is said of thresholds."""


def split_events(received: bytes) -> tuple[bytes, bytes]:
    """Whole events, and the beginning of one that has not come whole yet."""
    end = received.rfind(b"\n\n")
    return (b"", received) if end < 0 else (received[: end + 2], received[end + 2 :])


def events(received: bytes) -> Iterator[Event]:
    """The events in whole ones. Comments and fields that do not matter are left out."""
    for block in received.replace(b"\r\n", b"\n").split(b"\n\n"):
        name, data = "message", list[str]()
        for line in block.decode("utf-8", "replace").split("\n"):
            field, _, value = line.partition(":")
            if field == "event":
                name = value.removeprefix(" ")
            elif field == "data":
                data.append(value.removeprefix(" "))
        if data:
            yield Event(name, "\n".join(data))


class EventDecoder:
    """Decodes one stream. It remembers the names and the order that k6 has announced."""

    def __init__(self) -> None:
        self._metrics: dict[str, tuple[MetricType, Contains]] = {}
        self._statistics: dict[str, tuple[str, ...]] = dict(_USUAL)
        self._began: float | None = None
        self._ended: float | None = None
        self._period: float | None = None
        self._periods = 0
        self.script = ""
        """The script that the stream is of, as k6 names it. Untrusted text."""

    def decode(self, received: bytes) -> News:
        """What whole events say."""
        windows: list[Window] = []
        plan: Plan | None = None
        totals: list[Totals] = []
        crossed: frozenset[str] | None = None
        for event in events(received):
            try:
                data = json.loads(event.data)
            except (ValueError, RecursionError):
                continue
            match event.name:
                case "config":
                    # The first event of every stream: whatever was known is of another one.
                    self._metrics, self._statistics, self._began, self._ended = {}, dict(_USUAL), None, None
                    self._period, self._periods = None, 0
                case "param" if is_object(data):
                    plan = self._param(data)
                case "metric" if is_object(data):
                    self._announced(data)
                case "start":
                    self._began = self._ended = moment_of(data)
                case "snapshot" if is_list(data):
                    windows += self._snapshot(data)
                case "cumulative" if is_list(data):
                    totals += self._cumulative(data)
                case "threshold" if is_object(data):
                    crossed = frozenset(map(well_formed, data))
                case _:
                    pass
        return News(tuple(windows), plan, tuple(totals), crossed)

    def _param(self, data: Mapping[str, Any]) -> Plan:
        given = data.get("aggregates")
        if is_object(given):
            for kind, names in given.items():
                if kind in _TYPES and is_list(names) and all(isinstance(name, str) for name in names):
                    self._statistics[kind] = tuple(str(name) for name in names)
        thresholds = data.get("thresholds")
        scenarios = data.get("scenarios")
        end = data.get("endOffset")
        period = data.get("period")
        self._period = period / 1000 if isinstance(period, (int, float)) and 0 < period < 1e15 else None
        script = data.get("scriptPath")
        self.script = well_formed(script) if isinstance(script, str) else ""
        return Plan(
            scenarios=tuple(ScenarioPlan(well_formed(str(name))) for name in scenarios) if is_list(scenarios) else (),
            thresholds=tuple(_thresholds(thresholds)) if is_object(thresholds) else (),
            duration=end / 1000 if isinstance(end, (int, float)) and 0 < end < 1e15 else None,
            script=self.script,
        )

    def _announced(self, data: Mapping[str, Any]) -> None:
        for name, about in data.items():
            if len(self._metrics) > MOST_METRICS or not is_object(about):
                continue
            kind = _TYPES.get(str(about.get("type")))
            if kind is not None:
                self._metrics[name] = kind, _CONTAINS.get(str(about.get("contains")), Contains.DEFAULT)

    def _snapshot(self, data: list[Any]) -> Iterator[Window]:
        end = self._end_of(data)
        start, self._ended = self._ended, end or self._ended
        if start is None or end is None or end <= start:
            return
        self._periods += 1
        for name, kind, contains, sample in self._samples(data, self._length(start, end)):
            yield Window(name, kind, contains, start, end, sample)

    def _length(self, start: float, end: float) -> float:
        """Seconds of the test in a period: as many as it took, but for a simulated test whose time passes faster.

        A period of k6 may take longer than wished for, and the last one less; all together they never take half.
        """
        began, wished = self._began, self._period
        if began is not None and wished is not None and 2 * (end - began) < wished * self._periods:
            return wished
        return end - start

    def _cumulative(self, data: list[Any]) -> Iterator[Totals]:
        end, began = self._end_of(data), self._began
        if began is None or end is None or end <= began:
            return
        found = [
            Metric(name, kind, contains, None, sample)
            for name, kind, contains, sample in self._samples(data, end - began)
        ]
        yield Totals(end, end - began, tuple(found))

    def _end_of(self, data: list[Any]) -> float | None:
        """When the period ended; None where nobody can tell which list is of which metric."""
        if len(self._metrics) != len(data) or _CLOCK not in self._metrics:
            return None
        return moment_of([data[sorted(self._metrics).index(_CLOCK)]])

    def _samples(
        self, data: list[Any], seconds: float
    ) -> Iterator[tuple[str, MetricType, Contains, Mapping[str, float]]]:
        """What is said of each metric, over so many seconds."""
        for name, values in zip(sorted(self._metrics), data, strict=True):
            kind, contains = self._metrics[name]
            statistics = self._statistics[kind]
            if name == _CLOCK or not is_list(values) or len(values) != len(statistics):
                continue
            sample = {
                statistic: value
                for statistic, given in zip(statistics, values, strict=True)
                if (value := number(given)) is not None
            }
            if kind is MetricType.COUNTER and "count" in sample:
                # k6 divides by the period as it was wished for, and rounds; this is how long it took.
                sample["rate"] = sample["count"] / seconds
            if sample:
                yield well_formed(name), kind, contains, sample


def moment_of(data: object) -> float | None:
    """``[[unix ms]]`` in seconds."""
    for _ in range(2):
        if is_list(data) and data:
            data = data[0]
    milliseconds = number(data)
    return milliseconds / 1000 if milliseconds is not None and 0 < milliseconds < 1e14 else None


def _thresholds(data: Mapping[str, Any]) -> Iterator[PlannedThreshold]:
    for metric, sources in sorted(data.items()):
        for source in sources if is_list(sources) else ():
            if isinstance(source, str):
                yield PlannedThreshold(well_formed(metric), well_formed(source))

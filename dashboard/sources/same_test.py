"""Whether an event stream is of the test that an API shows: two k6s on one machine are easily confused.

Neither names the test. But both count the same things: what the stream has counted, the API has counted a moment later,
and the other way round; and a metric that one of them tells of, the other knows. A single doubt may be a matter of when
who was asked; it counts when the next comparison confirms it.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from dashboard.api import decode, encode
from dashboard.api.events import events
from dashboard.api.shape import is_list, is_object, number
from dashboard.api.untrusted import clean
from dashboard.errors import ApiError
from dashboard.model.metric import Metric, MetricType, split_name
from dashboard.model.run_history import MOST_METRICS
from dashboard.quick import dataclass
from dashboard.sources.base import Document, Reading

_COUNTERS: Final = ("iterations", "http_reqs", "data_received", "data_sent", "dropped_iterations")
"""k6's own counters, which never fall."""
_LAG: Final = 0.3
"""Seconds by which what the API shows may be behind the stream: k6 hands samples on every 50 ms, and may be busy."""
_LEAD: Final = 2.0
"""Seconds by which the stream may be behind the API."""
_DOUBTS: Final = 2
"""Contradictions in a row that are a proof."""
_ENOUGH: Final = 20
"""Comparisons without a contradiction after which there are no more."""
_CLOCK: Final = "time"
_SLACK: Final = 0.5
"""Seconds by which two clocks may differ without a word about it."""


class Kinship(StrEnum):
    """Whether both are of one test."""

    UNKNOWN = "unknown"
    SAME = "same"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Told:
    """What one side has told by a moment."""

    at: float
    names: frozenset[str] | None
    """None where it cannot tell all of them."""
    counts: Mapping[str, float]


class SameTest:
    """Compares one stream, from its beginning, with what its target's API shows."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Another run answers at the API: whatever was shown and told so far is of the one before."""
        self._latest: _Told | None = None
        self._older_looks: deque[_Told] = deque(maxlen=8)
        self.reset()

    def reset(self) -> None:
        """Another stream begins. What the API has shown stays."""
        self.kinship = Kinship.UNKNOWN
        self.why = ""
        """What speaks against it."""
        self.period = 0.0
        """Seconds of a period, as the stream says."""
        self._time: float | None = None
        self._announced: set[str] = set()
        self._places: tuple[tuple[str, int], ...] = ()
        self._expected: frozenset[str] = frozenset()
        self._told: deque[_Told] = deque(maxlen=8)
        self._doubts = {False: 0, True: 0}
        self._agreed = 0

    @property
    def is_settled(self) -> bool:
        """Whether nothing is compared any more."""
        return self.kinship is Kinship.OTHER or self._agreed >= _ENOUGH

    def behind(self, at: float) -> float:
        """Seconds by which the stream's clock is behind ours, if its newest event came at ``at``; 0 if it is not."""
        if self._time is None:
            return 0.0
        late = at - self._time
        return 0.0 if -_SLACK <= late <= self.period + _SLACK else late - min(self.period, max(0.0, late)) / 2

    def look(self, reading: Reading) -> None:
        """Take in a look at the API."""
        if self.is_settled:
            return
        if reading.failure is not None or not any(_is_of_metrics(document) for document in reading.documents):
            return
        began = reading.at - sum(document.took for document in reading.documents if _is_of_metrics(document))
        try:
            metrics, is_whole = _metrics(reading)
        except ApiError:
            return
        names = frozenset(split_name(metric.name)[0] for metric in metrics) if is_whole else None
        latest = _Told(reading.at, names, dict(_counts(metrics)))
        if self._latest is not None and _has_fallen(self._latest, latest):
            # A new run shows itself here before anybody says so.
            self._older_looks.clear()
        self._latest = latest
        self._older_looks.append(latest)
        told = next((each for each in reversed(self._told) if each.at <= began - _LAG), None)
        if told is not None:
            self._judge(self._ahead(told, latest), is_behind=False)

    def take(self, received: bytes, at: float, *, is_live: bool) -> None:
        """Take in whole events of the stream.

        Args:
            received: The events.
            at: When they came, in seconds since the Unix epoch.
            is_live: Whether they are of this moment, and not of the past that a stream begins with.
        """
        if self.is_settled and self._time is not None and is_live:
            return
        counts: Mapping[str, float] | None = None
        for name, data in _parsed(received):
            if name == "param" and is_object(data):
                self._expected = frozenset(split_name(each)[0] for each in _object(data, "thresholds"))
                period = data.get("period")
                self.period = period / 1000 if isinstance(period, (int, float)) and 0 < period < 1e9 else 0.0
            elif name == "metric" and is_object(data):
                self._announce(data)
            elif name == "cumulative" and is_list(data) and len(data) == len(self._announced):
                counts = dict(self._counted(data))
        is_counted = counts is not None
        if counts is None:
            counts = self._told[-1].counts if self._told else {}
        names = self._expected | {each for each in self._announced if each != _CLOCK and "{" not in each}
        told = _Told(at, names, counts)
        self._told.append(told)
        look = next((each for each in reversed(self._older_looks) if each.at <= at - _LEAD), None)
        if is_live and is_counted and look is not None:
            self._judge(self._behind(told, look), is_behind=True)

    def judge_beginning(self) -> None:
        """The past of the stream has come: it is of the same test if nothing speaks against it."""
        if self._told and self._latest is not None and not self._ahead(self._told[-1], self._latest):
            self.kinship = Kinship.SAME

    def _judge(self, contradiction: str, *, is_behind: bool) -> None:
        if contradiction:
            self._doubts[is_behind] += 1
            self._agreed = 0
            if self._doubts[is_behind] >= _DOUBTS:
                self.kinship, self.why = Kinship.OTHER, contradiction
            return
        self._doubts[is_behind] = 0
        self._agreed += 1
        if self.kinship is Kinship.UNKNOWN and not any(self._doubts.values()):
            self.kinship = Kinship.SAME

    def _ahead(self, told: _Told, look: _Told) -> str:
        """What the stream has told that the API, asked later, does not know."""
        for name in sorted(told.names - look.names) if told.names is not None and look.names is not None else ():
            return f"it tells of {clean(name, 60)}, which this test does not have"
        for name, count in told.counts.items():
            if name in look.counts and count > look.counts[name]:
                return f"it counts {count:.0f} {name} where this test has {look.counts[name]:.0f}"
        return ""

    def _behind(self, told: _Told, look: _Told) -> str:
        """What the API has shown that the stream, asked later, does not know."""
        for name, count in look.counts.items():
            if count > told.counts.get(name, 0.0):
                return f"it counts {told.counts.get(name, 0.0):.0f} {name} where this test has {count:.0f}"
        return ""

    def _announce(self, names: Iterable[str]) -> None:
        known = len(self._announced)
        if known < MOST_METRICS:
            self._announced.update(names)
        if len(self._announced) > known:
            ordered = sorted(self._announced)
            self._places = tuple(
                (each, ordered.index(each)) for each in (*_COUNTERS, _CLOCK) if each in self._announced
            )

    def _counted(self, data: list[Any]) -> Iterator[tuple[str, float]]:
        for name, place in self._places:
            values = data[place]
            value = number(values[0]) if is_list(values) and values else None
            if value is None:
                continue
            if name == _CLOCK:
                self._time = value / 1000
            else:
                yield name, value


def _has_fallen(before: _Told, after: _Told) -> bool:
    """Whether a counter shows less than before, or is gone from a list that would have it."""
    gone = float("inf") if after.names is None else 0.0
    return any(after.counts.get(name, gone) < count for name, count in before.counts.items())


def _parsed(received: bytes) -> Iterator[tuple[str, Any]]:
    for event in events(received):
        if event.name in ("param", "metric", "cumulative"):
            try:
                yield event.name, json.loads(event.data)
            except (ValueError, RecursionError):
                continue


def _object(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key)
    return found if is_object(found) else {}


def _is_of_metrics(document: Document) -> bool:
    return document.endpoint == encode.METRICS or document.endpoint.startswith(encode.METRICS + "/")


def _metrics(reading: Reading) -> tuple[tuple[Metric, ...], bool]:
    """The metrics that a look gave, and whether they are all there are: a poisoned list is asked for one by one.

    Raises:
        ApiError: they cannot be read.
    """
    single: list[Metric] = []
    for document in reading.documents:
        if not _is_of_metrics(document) or decode.refusal(document.endpoint, document.status_code, document.body):
            continue
        if document.endpoint == encode.METRICS:
            return decode.metrics(document.body), True
        single.append(decode.metric(document.body))
    return tuple(single), False


def _counts(metrics: tuple[Metric, ...]) -> Iterator[tuple[str, float]]:
    for metric in metrics:
        if metric.type is MetricType.COUNTER and metric.name in _COUNTERS and "count" in metric.sample:
            yield metric.name, metric.sample["count"]

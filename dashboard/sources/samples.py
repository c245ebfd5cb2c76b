"""Single samples, added up as k6 itself adds them up: to what its API would have shown, and to exact periods.

k6's metrics, its submetrics and its groups and checks, fed with samples in the order in which k6 took them in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from dashboard.api.shape import is_list, is_object
from dashboard.api.untrusted import well_formed
from dashboard.model.distribution import Room
from dashboard.model.group import Check, Group
from dashboard.model.metric import BUILTIN_TYPES, Contains, Metric, MetricType, split_name
from dashboard.model.plan import PlannedThreshold
from dashboard.model.run_history import MOST_METRICS
from dashboard.model.run_numbers import CHECKS
from dashboard.model.window import Window
from dashboard.sources.sinks import Measured

Add = Callable[[float], object]
"""Takes in one sample."""
Tags = Mapping[str, str]

MOST_LINES: Final = 4000
"""Groups and checks together that are counted; what comes later is not."""
MOST_LEVELS: Final = 100
"""Groups within each other; nobody writes a deeper path than that."""
MOST_SERIES: Final = 20_000
"""Different sets of tags that are remembered at once; where there are more, they are looked up anew."""
_TYPES: Final = {str(kind): kind for kind in MetricType}
_CONTAINS: Final = {str(kind): kind for kind in Contains}
_SEPARATOR: Final = "::"


class Samples:
    """All samples of one test."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._metrics: dict[str, Measured] = {}
        self._submetrics: dict[str, tuple[tuple[Tags, Measured], ...]] = {}
        self.thresholds: tuple[PlannedThreshold, ...] = ()
        """Those that k6 has written by now. It writes none of submetrics."""
        self.submetrics: list[str] = []
        """Those that k6 keeps, in the order in which it wrote of them."""
        self.untyped: set[str] = set()
        """Metrics of the script's own of which nobody wrote what they are, so that their samples are left out."""
        self._groups: dict[str, Group] = {}
        self._checks: dict[str, dict[str, tuple[str, str, list[float]]]] = {}
        self._counts: dict[str, tuple[int, int]] = {}
        self._lines = 0
        self._group("")

    @property
    def are_exact(self) -> bool:
        """Whether the percentiles of the whole run are of all samples, and not of buckets."""
        return self._room.is_exact

    def announce(self, name: str, about: Mapping[str, object]) -> None:
        """Take in what k6 writes of a metric before its first sample."""
        kind = _TYPES.get(str(about.get("type")))
        contains = _CONTAINS.get(str(about.get("contains")), Contains.DEFAULT)
        measured = None if kind is None else self._measured(name, kind, contains)
        if measured is None:
            return
        sources = [well_formed(text) for text in _list(about.get("thresholds")) if isinstance(text, str)]
        measured.add_thresholds(sources)
        self.thresholds += tuple(PlannedThreshold(measured.name, source) for source in sources)
        found: list[tuple[Tags, Measured]] = []
        for submetric in _list(about.get("submetrics")):
            if not is_object(submetric):
                continue
            tags, full = submetric.get("tags"), submetric.get("name")
            if not isinstance(full, str) or not is_object(tags) or split_name(full)[0] != name:
                continue
            below = self._measured(full, measured.kind, measured.contains)
            if below is not None:
                self.submetrics.append(below.name)
                found.append(({str(key): str(value) for key, value in tags.items()}, below))
        self._submetrics[name] = tuple(found)

    def _measured(self, name: str, kind: MetricType, contains: Contains) -> Measured | None:
        found = self._metrics.get(name)
        if found is None and len(self._metrics) < MOST_METRICS:
            found = self._metrics[name] = Measured(well_formed(name), kind, contains, self._room)
        return found

    def adders(self, name: str, tags: Tags) -> tuple[Add, ...]:
        """What takes in the samples of one metric with one set of tags.

        Raises:
            ValueError: their group lies deeper than any test's does.
        """
        measured = self._metrics.get(name)
        if measured is None and name in BUILTIN_TYPES:
            measured = self._measured(name, BUILTIN_TYPES[name], Contains.DEFAULT)
        if measured is None:
            if len(self.untyped) < MOST_METRICS:
                self.untyped.add(name)
            return ()
        found: list[Add] = [measured.sink.waiting.append]
        for wanted, below in self._submetrics.get(name, ()):
            if all(tags.get(key) == value for key, value in wanted.items()):
                found.append(below.sink.waiting.append)
        group = tags.get("group")
        if group and name == "group_duration":
            self._group(group)
        if name == CHECKS and (check := tags.get("check")) is not None:
            waiting = self._check(group or "", check)
            if waiting is not None:
                found.append(waiting.append)
        return tuple(found)

    def _group(self, path: str) -> bool:
        """See that a group and those around it are there; whether they are.

        Raises:
            ValueError: it lies too deep.
        """
        if path in self._checks:
            return True
        if path.count(_SEPARATOR) > MOST_LEVELS:
            raise ValueError(f"more than {MOST_LEVELS} levels of groups")
        if self._lines >= MOST_LINES:
            return False
        parent, _, name = path.rpartition(_SEPARATOR)
        if path and not self._group(parent):
            return False
        self._lines += 1
        self._groups[path] = Group(
            _identity(path), well_formed(name), well_formed(path), _identity(parent) if path else None, ()
        )
        self._checks[path] = {}
        return True

    def _check(self, path: str, name: str) -> list[float] | None:
        """Where the results of a check wait; None where it is not counted."""
        if not self._group(path):
            return None
        checks = self._checks[path]
        if name not in checks:
            if self._lines >= MOST_LINES:
                return None
            self._lines += 1
            full = f"{path}{_SEPARATOR}{name}"
            identity = _identity(full)
            self._counts[identity] = 0, 0
            checks[name] = identity, well_formed(full), []
        return checks[name][2]

    def windows(self, start: float, end: float) -> tuple[Window, ...]:
        """The time since the last look, which all samples that wait are taken in by."""
        return tuple(filter(None, [measured.window(start, end) for measured in self._metrics.values()]))

    def metrics(self, elapsed: float) -> tuple[Metric, ...]:
        """What k6's list of metrics would have been, sorted by name."""
        return tuple(
            self._metrics[name].metric(elapsed)
            for name in sorted(self._metrics)
            if self._metrics[name].has_samples or split_name(name)[1]
        )

    @property
    def poisoned(self) -> tuple[str, ...]:
        """The metrics of which samples that are not finite were left out."""
        return tuple(sorted(measured.name for measured in self._metrics.values() if measured.is_poisoned))

    def value(self, name: str) -> float | None:
        """The newest value of a gauge that was taken in."""
        measured = self._metrics.get(name)
        if measured is None or measured.kind is not MetricType.GAUGE or not measured.has_samples:
            return None
        return measured.metric(0.0).sample["value"]

    def groups(self) -> tuple[Group, ...]:
        """What k6's list of groups would have been: each group followed by what it contains, by name."""
        return tuple(self._groups_in_order())

    def _groups_in_order(self) -> Iterator[Group]:
        for path in sorted(self._groups, key=lambda path: path.split(_SEPARATOR)):
            group = self._groups[path]
            checks: list[Check] = []
            for name, (identity, full, waiting) in sorted(self._checks[path].items()):
                passes, fails = self._counts[identity]
                if waiting:
                    failed = waiting.count(0.0)
                    passes, fails = passes + len(waiting) - failed, fails + failed
                    self._counts[identity] = passes, fails
                    waiting.clear()
                checks.append(Check(identity, well_formed(name), full, passes, fails))
            yield Group(group.id, group.name, group.path, group.parent_id, tuple(checks))


def _identity(path: str) -> str:
    """k6's id of a group or a check."""
    return hashlib.md5(path.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _list(value: object) -> list[object]:
    return value if is_list(value) else []

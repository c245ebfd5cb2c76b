"""What k6's web dashboard records (``--out web-dashboard=record=FILE``): its events, a line each, as it streams them.

For each period there is what k6 had counted up to then, and what it counted in that period alone. Rates, means and
percentiles are rounded to five digits, counts are not. So a counter's rate is worked out from its count and the time
again, and of the means nothing is derived: each period's own are there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from dashboard.api.events import STOP, EventDecoder, Totals, moment_of
from dashboard.api.shape import is_object
from dashboard.api.untrusted import well_formed
from dashboard.errors import UsageError
from dashboard.model.event import Event, EventKind
from dashboard.model.metric import Metric, MetricType
from dashboard.model.observation import Observation, Outage, OutageKind, Snapshot
from dashboard.model.origin import Origin
from dashboard.model.plan import Plan
from dashboard.model.run import ExecutionStatus, RunStatus
from dashboard.sources.base import Note, Reading
from dashboard.sources.file_bytes import FileBytes
from dashboard.sources.members import Lines
from dashboard.sources.recording import Header

_LONGEST: Final = 16 * 1024 * 1024
_FIRST_EVENTS: Final = 50
"""Events among which the start of the test is; it is the third."""
_START: Final = "start"


class DashboardFile:
    """A file of events."""

    def __init__(self, path: Path) -> None:
        """Open it and find out when the test began.

        Raises:
            UsageError: it cannot be read, or does not begin as k6's does.
        """
        self.path = path
        self._data = FileBytes(path)
        self._lines = Lines(self._data)
        start, period = self._beginning()
        if start is None:
            raise UsageError(f"{path} holds events as k6's web dashboard records them, but not how the test began")
        self.header = Header(well_formed(path.name), start, period, "k6 --out web-dashboard")
        self._last_at: float | None = None
        self.has_ended = False
        """Whether, once everything was read, k6's last event was there."""
        self.damages = 0
        """Lines that are no events, once everything was read."""

    def _beginning(self) -> tuple[float | None, float]:
        start, period = None, 1.0
        for name, data in islice(self._events(Lines(self._data, longest=_LONGEST)), _FIRST_EVENTS):
            if name == "param" and is_object(data):
                given = data.get("period")
                period = given / 1000 if isinstance(given, (int, float)) and 0 < given < 1e9 else period
            elif name == _START:
                start = moment_of(data)
                break
        return start, period

    def _events(self, lines: Lines) -> Iterator[tuple[str, object]]:
        """Name and data of each event; an empty name for a line that is none."""
        for line in lines:
            if not line:
                continue
            try:
                document: object = json.loads(line)
            except (ValueError, RecursionError):
                document = None
            given = document if is_object(document) else {}
            name = given.get("event")
            yield (name, given["data"]) if isinstance(name, str) and "data" in given else ("", None)

    parts = 0

    def keyframes(self) -> Iterator[Reading]:
        """Nothing: the whole is read in a moment."""
        return iter(())

    @property
    def last_at(self) -> float | None:
        """The end of the last period, once it has been looked for."""
        return self._last_at

    def find_end(self) -> float:
        """The end of the last period: all of the file is read."""
        self._last_at = max((entry.at for entry in self.entries() if isinstance(entry, Observation)), default=None)
        return self._last_at or self.header.start

    @property
    def share(self) -> float:
        """How much of its bytes has been read."""
        return min(1.0, self._lines.position / max(1, len(self._data)))

    @property
    def trouble(self) -> str:
        """What is wrong with the file, in a sentence, once everything was read; empty where nothing is."""
        parts: list[str] = []
        if not self.has_ended:
            parts.append("It ends without k6's last event: k6 was killed, or is still writing.")
        if self.damages:
            lines = "line is" if self.damages == 1 else "lines are"
            parts.append(f"It is damaged: {self.damages} {lines} no event and left out.")
        return " ".join(parts)

    def entries(self) -> Iterator[Observation | Note | None]:
        """A look for each period, each after what is exactly known of that period alone."""
        self.has_ended, self.damages = False, 0
        self._lines = Lines(self._data, longest=_LONGEST)
        decoder, told = EventDecoder(), _Teller(self.header)
        for name, data in self._events(self._lines):
            if not name:
                self.damages += 1
                continue
            yield None
            yield from told.take(name, decoder, data)
            self.has_ended |= name == STOP
        yield from told.end(has_ended=self.has_ended)


class _Teller:
    """Turns events into looks."""

    def __init__(self, header: Header) -> None:
        self._target = header.target
        self._start = self._last = header.start
        self._totals: Totals | None = None
        self._crossed: frozenset[str] = frozenset()
        self._plan: Plan | None = None
        self._events = 0

    def take(self, name: str, decoder: EventDecoder, data: object) -> Iterator[Observation | Note]:
        """Take in one event. What was counted is told when all of its period is there."""
        news = decoder.decode(f"event: {_one_line(name)}\ndata: {json.dumps(data)}\n\n".encode())
        if news.plan is not None:
            self._plan = news.plan
            yield Observation(self._start, 0.0, 0, Snapshot(plan=news.plan))
        if news.totals or name == STOP:
            yield from self.tell()
        for totals in news.totals:
            self._totals, self._crossed = totals, frozenset()
        if news.crossed is not None:
            self._crossed = news.crossed
        if news.windows:
            yield Observation(max(news.windows[-1].end, self._last), 0.0, 0, Snapshot(windows=news.windows))
            yield from self.tell()

    def tell(self) -> Iterator[Observation | Note]:
        """Tell what had been counted, where that has not been done yet."""
        totals, self._totals = self._totals, None
        if totals is None:
            return
        self._last = at = max(totals.at, math.nextafter(self._last, math.inf))
        metrics = tuple(self._judged(metric) for metric in totals.metrics)
        gauges = {metric.name: metric.sample.get("value") for metric in metrics if metric.type is MetricType.GAUGE}
        status = RunStatus(
            status=ExecutionStatus.RUNNING,
            paused=False,
            vus=_whole(gauges.get("vus")),
            vus_max=_whole(gauges.get("vus_max")),
            stopped=False,
            running=True,
            tainted=bool(self._crossed),
        )
        yield Observation(at, 0.0, 0, Snapshot(status=status, metrics=metrics, origin=Origin.DASHBOARD))
        if not self._events:
            yield self._note(
                at,
                "read from k6's web dashboard",
                "Its rates, means and percentiles are rounded to five digits. The test's time is counted from when k6"
                " began to write. Groups, checks and setup data are not in the file.",
            )
            known = {metric.name for metric in metrics}
            for name in sorted({threshold.metric for threshold in (self._plan.thresholds if self._plan else ())}):
                if "{" in name and name not in known:
                    yield self._note(at, f"{name}: not known", "k6's web dashboard does not keep this submetric.")

    def _judged(self, metric: Metric) -> Metric:
        """The metric with whether a threshold on it is crossed, where there is one."""
        planned = self._plan is not None and any(each.metric == metric.name for each in self._plan.thresholds)
        if not planned and metric.name not in self._crossed:
            return metric
        return Metric(metric.name, metric.type, metric.contains, metric.name in self._crossed, metric.sample)

    def _note(self, at: float, title: str, detail: str) -> Note:
        self._events += 1
        return Note(self._target, Event(-self._events, at, at - self._start, EventKind.STATE, title, detail))

    def end(self, *, has_ended: bool) -> Iterator[Observation | Note]:
        """Tell what is left, and that there is no more."""
        yield from self.tell()
        if has_ended:
            outage = Outage(OutageKind.CLOSED, "", "k6's web dashboard was told that the test is over, and not how")
            yield Observation(math.nextafter(self._last, math.inf), 0.0, 0, outage)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _one_line(name: str) -> str:
    return "".join(name.split())

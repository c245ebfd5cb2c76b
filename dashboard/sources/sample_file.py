"""What ``k6 run --out json=FILE`` writes: every single sample, read in one pass and in bounded memory.

k6 writes the samples in the order in which it takes them into its own statistics. So at each moment the lines before
it are what k6's API would have shown then: a look is told for each second of the samples' own clock. What is not in the
file is not told: the state of the run beyond what the samples show, the setup data, the thresholds of submetrics, and
k6's own clock, which begins with setup(); here it begins with the earliest thing that the samples tell of.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from dashboard.api.shape import is_object, number
from dashboard.api.untrusted import well_formed
from dashboard.errors import UsageError
from dashboard.model.distribution import Room
from dashboard.model.event import Event, EventKind
from dashboard.model.observation import Observation, Outage, OutageKind, Snapshot
from dashboard.model.origin import Origin
from dashboard.model.plan import Plan, ScenarioPlan
from dashboard.model.run import ExecutionStatus, RunStatus
from dashboard.sources.base import Note, Reading
from dashboard.sources.file_bytes import FileBytes
from dashboard.sources.members import Lines
from dashboard.sources.recording import Header
from dashboard.sources.sample_times import Point, beginning, moment_of, time_of
from dashboard.sources.samples import MOST_SERIES, Add, Samples

INTERVAL: Final = 1.0
"""Seconds between two looks."""
MOST_WAITING: Final = 250_000
"""Samples after which a look comes before its second is over, so that memory does not depend on how many there are."""
_LONGEST: Final = 1024 * 1024
_AFTERWARDS: Final = 0.001
"""Seconds after the last sample at which there is no more."""
_BREATH: Final = 8192
"""Lines after which whoever reads has a turn."""
_FIRST_LINES: Final = 5000
"""Lines from which it is worked out when the test began."""
_TAIL: Final = 64 * 1024
_POINT: Final = b'","type":"Point","data":{"time":"'
_VALUE: Final = b'","value":'
_TAGS: Final = b',"tags":'
_METADATA: Final = b',"metadata":{'
_HEAD: Final = b'{"metric":"'
_TEARDOWN: Final = "::teardown"
_USUAL_SUBMETRIC: Final = "http_req_duration{expected_response:true}"
"""k6 keeps it for its summary, whether there is a threshold on it or not."""


class SampleFile:
    """A file of samples."""

    def __init__(self, path: Path) -> None:
        """Open it and find out when the test began.

        Raises:
            UsageError: it cannot be read, or has no sample in it.
        """
        self.path = path
        self._data = FileBytes(path)
        self._lines = Lines(self._data)
        start, self._setup_end = beginning(self._points(_FIRST_LINES))
        if start is None:
            raise UsageError(f"{path} is what k6's --out json writes, but there is no sample in it")
        self.header = Header(well_formed(path.name), start, INTERVAL, "k6 --out json")
        self._last_at: float | None = None
        self.is_torn = False
        """Whether, once everything was read, it ended in the middle of something."""
        self.damages = 0
        """Lines that are none of k6's, once everything was read."""
        self._samples = Samples(Room())

    def _points(self, most: int) -> Iterator[Point]:
        """The samples in the first lines."""
        for line in islice(iter(Lines(self._data, longest=_LONGEST)), most):
            document = _object(line)
            data = document.get("data")
            if document.get("type") == "Point" and is_object(data):
                at, value, tags = moment_of(data.get("time")), number(data.get("value")), data.get("tags")
                if at is not None and value is not None:
                    yield Point(str(document.get("metric")), at, value, tags if is_object(tags) else {})

    parts = 0

    def keyframes(self) -> Iterator[Reading]:
        """Nothing: what comes late in the file cannot be told without what comes before."""
        return iter(())

    @property
    def last_at(self) -> float | None:
        """The end, a moment after the last sample; None where the file is compressed, so that only reading it tells."""
        if self._last_at is None and self._data[:2] != b"\x1f\x8b":
            size = len(self._data)
            self._last_at = self._last_in(self._data[max(0, size - _TAIL) : size])
        return self._last_at

    def find_end(self) -> float:
        """The same, for which a compressed file is decompressed."""
        if self.last_at is None:
            before = tail = b""
            for piece in Lines(self._data).pieces():
                before, tail = tail, piece
            self._last_at = self._last_in(before + tail)
        return self._last_at or self.header.start

    def _last_in(self, tail: bytes) -> float:
        times = (time_of(line) for line in reversed(tail.split(b"\n")))
        return next((at for at in times if at is not None), self.header.start) + _AFTERWARDS

    @property
    def share(self) -> float:
        """How much of its bytes has been read."""
        return min(1.0, self._lines.position / max(1, len(self._data)))

    @property
    def trouble(self) -> str:
        """What is wrong with the file, in a sentence, once everything was read; empty where nothing is."""
        parts: list[str] = []
        if self.is_torn:
            parts.append("It ends in the middle of a line: k6 was killed, or is still writing.")
        if self.damages:
            lines = "line is" if self.damages == 1 else "lines are"
            parts.append(f"It is damaged: {self.damages} {lines} none of k6's and left out.")
        if self._samples.untyped:
            count = len(self._samples.untyped)
            what = "metric is" if count == 1 else "metrics are"
            parts.append(f"It lacks its beginning: {count} of the script's {what} left out, of unknown type.")
        return " ".join(parts)

    def entries(self) -> Iterator[Observation | Note | None]:
        """A look for each second, each after what is exactly known of the time since the look before."""
        self.is_torn, self.damages = False, 0
        self._lines = Lines(self._data, longest=_LONGEST)
        self._samples = Samples(Room())
        told = _Teller(self._samples, self.header, self._setup_end)
        yield from self._read(told)
        self.is_torn = self._lines.is_torn
        yield from told.end(is_torn=self.is_torn)

    def _read(self, told: _Teller) -> Iterator[Observation | Note | None]:
        """The one pass. This is where the time goes, so that a usual line is taken apart by hand."""
        series, waiting, breath = told.series, 0, 0
        second: bytes = b""
        for line in self._lines:
            breath += 1
            if breath == _BREATH:
                breath = 0
                yield None
            head, found, rest = line.partition(_POINT)
            if not found and line:
                head, found, rest = told.take(line).partition(_POINT)
            stamp, _, rest = rest.partition(_VALUE)
            text, _, tags = rest.partition(_TAGS)
            if found:
                if stamp[:19] != second:
                    at = told.second_of(stamp)
                    if at is None:
                        self.damages += 1
                        continue
                    if at > told.second:
                        yield from told.pass_to(at)
                        second, waiting = stamp[:19], 0
                try:
                    value = float(text)
                    adders = series.get((head, tags))
                    if adders is None:
                        adders = told.adders(head, tags)
                except ValueError:
                    self.damages += 1
                    continue
                for add in adders:
                    add(value)
                told.stamp = stamp
                waiting += 1
                if waiting >= MOST_WAITING:
                    waiting = 0
                    yield from told.look_now()
            elif head:
                self.damages += 1


class _Teller:
    """Turns what samples add up to into looks."""

    def __init__(self, samples: Samples, header: Header, setup_end: float | None) -> None:
        self._samples = samples
        self._target = header.target
        self._start = header.start
        self._setup_end = setup_end
        self.series: dict[tuple[bytes, bytes], tuple[Add, ...]] = {}
        """What takes in the samples that begin and end with the same bytes."""
        self.second = -math.inf
        """The second that is being read, since the Unix epoch."""
        self.stamp = b""
        """The time of the newest sample, as it is written."""
        self._last = self._start
        self._is_torn_down = False
        self._scenarios: list[str] = []
        self._plan: Plan | None = None
        self._events = 0
        self._noted = 0
        self._tainted = False

    def second_of(self, stamp: bytes) -> float | None:
        """The second of a time as k6 writes it; None where it is none."""
        at = moment_of(stamp)
        return None if at is None else math.floor(at)

    def take(self, line: bytes) -> bytes:
        """Take in a line that is no sample as k6 writes them today, if it is what k6 writes of a metric.

        Returns:
            Nothing where that is done; a sample that is written in another way, as k6 writes it; else the line itself.
        """
        document = _object(line)
        data, name = document.get("data"), document.get("metric")
        if not is_object(data) or not isinstance(name, str):
            return line
        match document.get("type"), data.get("time"), data.get("value"):
            case "Metric", _, _:
                self._samples.announce(name, data)
                return b""
            case "Point", str(time), int() | float() as value:
                written = json.dumps(data.get("tags") or {}, separators=(",", ":")).encode()
                head = _HEAD + json.dumps(name)[1:-1].encode()
                return b"".join((head, _POINT, time.encode(), _VALUE, repr(value).encode(), _TAGS, written, b"}}"))
            case _:
                return line

    def adders(self, head: bytes, tags: bytes) -> tuple[Add, ...]:
        """What takes in the samples of a metric with these tags, as they are written.

        Raises:
            ValueError: they are not as k6 writes them.
        """
        written, has_metadata, _ = tags.partition(_METADATA)
        # What is written behind the tags is of a single sample: with it, no two would be alike.
        usual = written + b"}}" if has_metadata else tags
        adders = self.series.get((head, usual))
        if adders is None:
            document: object = json.loads(b'{"tags":' + usual[:-1])
            name: object = json.loads(head.removeprefix(_HEAD).join((b'"', b'"')))
            found = document.get("tags") if is_object(document) else None
            if not isinstance(name, str) or not is_object(found):
                raise ValueError("no sample of k6's")
            adders = self._samples.adders(name, {key: str(value) for key, value in found.items()})
            self._notice(found)
            if len(self.series) >= MOST_SERIES:
                self.series.clear()
            self.series[head, usual] = adders
        return adders

    def _notice(self, tags: Mapping[str, object]) -> None:
        scenario = tags.get("scenario")
        if isinstance(scenario, str) and scenario and scenario not in self._scenarios and len(self._scenarios) < 1000:
            self._scenarios.append(scenario)
        self._is_torn_down |= str(tags.get("group")).startswith(_TEARDOWN)

    def pass_to(self, second: float) -> Iterator[Observation | Note]:
        """Tell what was known when the second before ``second`` was over; of a long pause, its end too."""
        if self.second > -math.inf:
            yield from self.look(self.second + INTERVAL)
            if second > self.second + INTERVAL:
                yield from self.look(second)
        self.second = second

    def look_now(self) -> Iterator[Observation | Note]:
        """Tell what is known at the newest sample."""
        yield from self.look(moment_of(self.stamp) or self._last)

    def look(self, at: float) -> Iterator[Observation | Note]:
        """Tell what was known at a moment, after what came of it since the look before."""
        at = max(at, math.nextafter(self._last, math.inf))
        windows = self._samples.windows(self._last, at)
        plan = self._new_plan()
        if windows or plan is not None:
            yield Observation(at, 0.0, 0, Snapshot(windows=windows, plan=plan))
        metrics = self._samples.metrics(at - self._start)
        self._last = at
        snapshot = Snapshot(
            status=self._status(at, is_tainted=any(metric.tainted for metric in metrics)),
            metrics=metrics,
            poisoned=self._samples.poisoned,
            groups=self._samples.groups(),
            origin=Origin.SAMPLES,
        )
        yield Observation(at, 0.0, 0, snapshot)
        yield from self._notes(at)

    def _new_plan(self) -> Plan | None:
        scenarios = tuple(ScenarioPlan(well_formed(name)) for name in self._scenarios)
        plan = Plan(scenarios, self._samples.thresholds, None)
        if plan == self._plan or not (plan.scenarios or plan.thresholds):
            return None
        self._plan = plan
        return plan

    def _status(self, at: float, *, is_tainted: bool) -> RunStatus:
        status = ExecutionStatus.RUNNING
        if self._is_torn_down:
            status = ExecutionStatus.TEARDOWN
        elif self._setup_end is not None and at <= self._setup_end:
            status = ExecutionStatus.SETUP
        vus, most = self._samples.value("vus"), self._samples.value("vus_max")
        return RunStatus(
            status=status,
            paused=False,
            vus=None if vus is None else round(vus),
            vus_max=None if most is None else round(most),
            stopped=False,
            running=True,
            tainted=is_tainted,
        )

    def _notes(self, at: float) -> Iterator[Note]:
        """What the file does not tell, where it first matters."""
        if not self._events:
            yield self._note(
                at,
                "read from k6's samples",
                "What is shown is added up from every single sample. k6's own clock is not among them: the test's time"
                " is counted from the earliest thing that they tell of. Nor are the setup data.",
            )
        submetrics = self._samples.submetrics
        for name in submetrics[self._noted :]:
            if name != _USUAL_SUBMETRIC:
                detail = "k6 keeps this submetric, for a threshold mostly, and writes none of submetrics into the file."
                yield self._note(at, f"{well_formed(name)}: thresholds not known", detail)
        self._noted = len(submetrics)

    def _note(self, at: float, title: str, detail: str) -> Note:
        self._events += 1
        event = Event(-self._events, at, at - self._start, EventKind.STATE, title, detail)
        return Note(self._target, event)

    def end(self, *, is_torn: bool) -> Iterator[Observation | Note]:
        """Tell what was known at the last sample, and that there is no more."""
        if self.stamp:
            last = max(moment_of(self.stamp) or self._last, self.second)
            yield from self.look(last)
        if not self._samples.are_exact:
            yield self._note(
                self._last,
                "percentiles are rounded",
                "There are too many samples to keep them all: percentiles of the whole run are right to 0.2 %, those of"
                " each second exactly.",
            )
        if not is_torn:
            outage = Outage(OutageKind.CLOSED, "", "k6 wrote no more samples, and does not say how the run ended")
            yield Observation(self._last + _AFTERWARDS, 0.0, 0, outage)


def _object(line: bytes) -> dict[str, object]:
    try:
        document: object = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return document if is_object(document) else {}

"""Recordings for tests: of a simulated k6 on a clock moved by hand, with actions, a mark and an outage in them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import httpx

from dashboard.clock import ManualClock
from dashboard.model.action import Outcome, Pause, SetVUs, Verdict
from dashboard.model.event import Event, EventKind
from dashboard.model.observation import Outage, OutageKind
from dashboard.simulation.engine import Engine
from dashboard.simulation.profile import Profile
from dashboard.simulation.rest import create_app
from dashboard.simulation.scenario_file import load_scenario
from dashboard.sources.base import Document, Note, Reading
from dashboard.sources.recorder import RecordingWriter
from dashboard.sources.recording import End, Entry, Header

START = 1_700_000_000.0
TARGET = "localhost:6565"
HEADER = Header(TARGET, START, 1.0, "k6dash test")


async def simulated_readings(
    count: int, scenario: str = "steady", *, seed: int = 1, interval: float = 1.0
) -> list[Reading]:
    """So many looks at a simulated k6."""
    clock = ManualClock(START)
    engine = Engine(load_scenario(scenario), Profile.V1_EXTERNAL, seed=seed, clock=clock, linger=True)
    readings: list[Reading] = []
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=create_app(engine)), base_url="http://k6") as client:
        for look in range(count):
            clock.set(START + (look + 1) * interval)
            documents: list[Document] = []
            for endpoint in ("/v1/status", "/v1/metrics"):
                answer = await client.get(endpoint)
                documents.append(Document(endpoint, answer.status_code, answer.content, 0.0042))
            readings.append(Reading(TARGET, clock.now(), tuple(documents)))
    return readings


def eventful(readings: Sequence[Reading]) -> list[Entry]:
    """The same with a mark, a change of VUs, a refused pause and an outage."""
    entries: list[Entry] = list(readings)
    third = len(readings) // 3
    at = readings[third].at + 0.25
    vus = SetVUs(20)
    asked = Event(1, at, None, EventKind.ACTION, "20 VUs asked", "before: running, 10/20 VUs", is_open=True)
    done = Event(1, at, None, EventKind.ACTION, "20 VUs confirmed", "then: running, 20/20 VUs")
    refused = Event(3, at + 2, 12.5, EventKind.ACTION, "pause refused", "k6: no", is_bad=True)
    entries[third + 1 : third + 1] = [
        Note(TARGET, asked, Outcome(vus, Verdict.ASKED, "running, 10/20 VUs")),
        Note(TARGET, done, Outcome(vus, Verdict.CONFIRMED, "running, 10/20 VUs", observed="running", took=0.01)),
        Note(TARGET, Event(2, at + 1, 12.0, EventKind.MARK, "mark")),
        Note(TARGET, refused, Outcome(Pause(), Verdict.REFUSED, "running", "no", "because")),
    ]
    gone = Outage(OutageKind.REFUSED, "/v1/status", "connection refused")
    entries.insert(2 * third, Reading(TARGET, readings[2 * third - 5].at + 0.5, (), gone))
    return entries


def recorded(entries: Sequence[Entry], *, header: Header = HEADER, closed: bool = True) -> bytes:
    """A recording of these entries, as it is in the file."""
    file = io.BytesIO()
    writer = RecordingWriter(file, header)
    for entry in entries:
        writer.write(entry)
    if closed:
        writer.close(End(moment(entries), "stopped"))
    return file.getvalue()


def moment(entries: Sequence[Entry]) -> float:
    """When the last reading was."""
    return next((entry.at for entry in reversed(entries) if isinstance(entry, Reading)), START)


def written(path: Path, entries: Sequence[Entry], *, closed: bool = True) -> Path:
    """The same in a file."""
    path.write_bytes(recorded(entries, closed=closed))
    return path

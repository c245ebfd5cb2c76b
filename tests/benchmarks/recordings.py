"""What recording costs, and how quickly a recording of a day is there and sought in."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import process_time
from typing import Final

from dashboard.clock import SystemClock
from dashboard.replay import ReplaySession
from dashboard.sources.base import Document, Reading
from dashboard.sources.process_documents import LOG
from dashboard.sources.record_file import Recording
from dashboard.sources.recorder import RecordingWriter
from dashboard.view.overview import build_overview
from dashboard.view.selection import Selection
from tests.benchmarks import documents
from tests.benchmarks.measure import CLOCK, Row, absolute
from tests.sources.recordings import HEADER, START, TARGET, simulated_readings

HOUR: Final = 3600
DAY: Final = 24 * HOUR
SEEKS: Final = 40
MOST_MEGABYTES, MOST_SHARE, OPEN, SEEK = 5.0, 0.003, 2.0, 0.1
GROUPS_EVERY, CHECKS = 10, 40
"""Seconds between two looks at the groups, and the checks in them."""


async def hour() -> list[Reading]:
    """An hour of a simulated run with its groups, and a line of k6's log each second."""
    dice = random.Random(1)
    readings: list[Reading] = []
    for second, reading in enumerate(await simulated_readings(HOUR, "steady")):
        beside: list[Document] = []
        if second % GROUPS_EVERY == 0:
            beside.append(Document("/v1/groups", 200, _groups(second, dice), 0.001))
        readings.append(Reading(TARGET, reading.at, (*reading.documents, *beside)))
        readings.append(Reading(TARGET, reading.at, (Document(LOG, 0, _line(second, dice), 0.0),)))
    return readings


def _groups(second: int, dice: random.Random) -> bytes:
    checks: list[object] = [
        {
            "id": f"{number:032x}",
            "path": f"::buy::check {number}",
            "name": f"check {number}",
            "passes": 31 * second + dice.randrange(9),
            "fails": second // (number + 2),
        }
        for number in range(CHECKS)
    ]
    root: dict[str, object] = {"id": "0" * 32, "path": "", "name": "", "parent_id": None, "checks": []}
    group: dict[str, object] = {"id": "1" * 32, "path": "::buy", "name": "buy", "parent_id": "0" * 32, "checks": checks}
    data = [{"type": "groups", "id": each["id"], "attributes": each} for each in (root, group)]
    return documents.body({"data": data})


def _line(second: int, dice: random.Random) -> bytes:
    error = f'Get "http://10.0.0.{dice.randrange(250)}:8080/user/{dice.randrange(9999)}": dial tcp: i/o timeout'
    moment = f"2023-11-14T22:{second // 60 % 60:02}:{second % 60:02}Z"
    return json.dumps({"time": moment, "level": "warning", "msg": "Request Failed", "error": error}).encode() + b"\n"


def rows() -> Iterator[Row]:
    """The budgets."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _written(Path(folder) / "hour.ndjson.gz")
        yield from _opened(Path(folder) / "day.ndjson.gz")


def _written(path: Path) -> Iterator[Row]:
    readings = asyncio.run(hour())
    with path.open("wb", buffering=0) as file:
        writer = RecordingWriter(file, HEADER)
        began = process_time()
        for reading in readings:
            writer.write(reading)
        share = (process_time() - began) / HOUR
    name = "an hour recorded: 25 metrics, 40 checks, a log line a second"
    yield absolute(name, writer.size / 1e6, MOST_MEGABYTES, "MB")
    yield absolute("recording it, of a core", 100 * share, 100 * MOST_SHARE, "%")


def _day(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        writer = RecordingWriter(file, HEADER)
        for second in range(1, DAY):
            status = documents.body(documents.status(second, 10, is_paused=False, is_stopped=False))
            metrics = documents.body(documents.metrics(second, 10, 17))
            answers = (Document("/v1/status", 200, status, 0.001), Document("/v1/metrics", 200, metrics, 0.002))
            writer.write(Reading(TARGET, START + second, answers))


def _opened(path: Path) -> Iterator[Row]:
    _day(path)
    first, seeks = asyncio.run(_look(path))
    yield absolute("a day's recording: to its first frame", first, OPEN, "s")
    yield absolute(
        "a day's recording: a seek, the slowest tenth", 1000 * sorted(seeks)[-SEEKS // 10], 1000 * SEEK, "ms"
    )
    yield absolute("a day's recording: a seek, mostly", 1000 * median(seeks), 1000 * SEEK, "ms")


async def _look(path: Path) -> tuple[float, list[float]]:
    began = CLOCK.now()
    session = ReplaySession(Recording(path), SystemClock())
    whole: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def frame(at: float) -> None:
        history = session.histories[TARGET]
        build_overview(history, Selection(cursor=at, window=HOUR), at)

    def changed(_: str) -> None:
        if not whole.done() and session.histories[TARGET].looks >= DAY // 60 - 1:
            frame(START + DAY / 2)
            whole.set_result(CLOCK.now() - began)

    session.on_change.append(changed)
    await session.run()
    dice, seeks = random.Random(2), list[float]()
    for _ in range(SEEKS):
        begin = CLOCK.now()
        frame(START + dice.uniform(0, DAY))
        seeks.append(CLOCK.now() - begin)
    return await whole, seeks

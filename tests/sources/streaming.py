"""An event stream that says what a test wants, on a clock that stands still."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from dashboard.api.events import ENDPOINT
from dashboard.clock import ManualClock
from dashboard.errors import Unreachable
from dashboard.model.observation import Outage, OutageKind
from dashboard.sources.base import Document, Reading
from dashboard.sources.same_test import SameTest
from dashboard.sources.stream import NEWS, EventFeed, decode_news
from tests.sources.fake import START, TARGET, metric

WHERE = "127.0.0.1:5665"
NOTHING_MORE = object()
"""Said by a server that closes the connection."""


def event(name: str, data: object) -> bytes:
    return f"id: 0\ndata: {json.dumps(data)}\nevent: {name}\n\n".encode()


def beginning(thresholds: Mapping[str, Sequence[str]] | None = None, at: float = START, period: float = 1.0) -> bytes:
    param = {"thresholds": thresholds or {}, "scenarios": ["main"], "endOffset": 60000, "period": round(period * 1000)}
    return b"".join(
        (
            event("config", {"title": "k6 dashboard"}),
            event("param", param),
            event("metric", {"time": {"type": "gauge", "contains": "time"}}),
            event("start", [[round(at * 1000)]]),
        )
    )


def announcing(**kinds: str) -> bytes:
    return event("metric", {name: {"type": kind} for name, kind in sorted(kinds.items())})


def period(end: float, **values: list[float]) -> bytes:
    """Cumulative values, told as those of the period too: a counter's are its count and its rate."""
    told = [values[name] for name in sorted({**values, "time": []}) if name != "time"]
    place = sorted({**values, "time": []}).index("time")
    told.insert(place, [round(end * 1000)])
    return event("cumulative", told) + event("snapshot", told)


STOP = b"id: 9\ndata: [[1]]\nevent: stop\nretry: 9007199254740991\n\n"


def look(at: float, status: int | None = 7, **counts: float) -> Reading:
    """The API's answer: counters and their counts."""
    attributes = {"status": status, "paused": False, "vus": 1, "vus-max": 1, "stopped": False, "running": True}
    told = {"data": {"type": "status", "id": "default", "attributes": {**attributes, "tainted": False}}}
    metrics = {"data": [metric(name, count=count, rate=1.0) for name, count in counts.items()]}
    documents = [Document("/v1/status", 200, json.dumps(told).encode(), 0.001)]
    if counts:
        documents.append(Document("/v1/metrics", 200, json.dumps(metrics).encode(), 0.001))
    return Reading(TARGET, at, tuple(documents))


def outage(at: float, kind: OutageKind = OutageKind.REFUSED) -> Reading:
    return Reading(TARGET, at, failure=Outage(kind, "/v1/status", "nobody listens"))


class Stream:
    """A server of one stream after the other, and a feed that reads them."""

    def __init__(self, *, is_promised: bool = True, compares: bool = True) -> None:
        self.clock = ManualClock(START)
        self.is_there = True
        self.opened = self.closed = 0
        self.said: asyncio.Queue[bytes | object] = asyncio.Queue()
        self.past = b""
        """Said at once to whoever connects."""
        self.readings: list[Reading] = []
        same = SameTest() if compares else None
        self.feed = EventFeed(TARGET, self._open, self.clock, where=WHERE, is_promised=is_promised, same_test=same)

    @asynccontextmanager
    async def _open(self) -> AsyncGenerator[AsyncIterator[bytes]]:
        self.opened += 1
        if not self.is_there:
            raise Unreachable(ENDPOINT, f"{WHERE} refused the connection", refused=True)
        self.said = asyncio.Queue()
        if self.past:
            self.say(self.past)
        try:
            yield self._pieces(self.said)
        finally:
            self.closed += 1

    async def _pieces(self, said: asyncio.Queue[bytes | object]) -> AsyncIterator[bytes]:
        while isinstance(piece := await said.get(), bytes):
            yield piece

    def is_open(self) -> bool:
        return self.opened > self.closed and self.is_there

    def say(self, *pieces: bytes | object) -> None:
        for piece in pieces:
            self.said.put_nowait(piece)

    async def turns(self, count: int = 60) -> None:
        """Let the feed do all that it can do now."""
        for _ in range(count):
            await asyncio.sleep(0)

    async def later(self, seconds: float, *, step: float = 0.05) -> None:
        """Let time pass."""
        for _ in range(round(seconds / step)):
            await self.turns(12)
            self.clock.wake(step)
        await self.turns()

    async def seen(self, reading: Reading) -> None:
        """Let the feed be told of a look at the API."""
        self.feed.looked(reading)
        await self.turns()

    @property
    def told(self) -> bytes:
        """All that came of the stream itself."""
        documents = [document for reading in self.readings for document in reading.documents]
        return b"".join(document.body for document in documents if document.endpoint == ENDPOINT)

    @property
    def news(self) -> list[str]:
        """What was told of the stream, in a word each."""
        documents = [document for reading in self.readings for document in reading.documents]
        found = [decode_news(document.body) for document in documents if document.endpoint == NEWS]
        return [str(each.state) for each in found if each is not None]

    @property
    def why(self) -> str:
        """The reason that was told last."""
        last = decode_news(self.readings[-1].documents[0].body)
        return last.why if last is not None else ""


@asynccontextmanager
async def streaming(*, is_promised: bool = True, compares: bool = True) -> AsyncGenerator[Stream]:
    """A stream that is read."""
    stream = Stream(is_promised=is_promised, compares=compares)

    async def read() -> None:
        async for reading in stream.feed.readings():
            stream.readings.append(reading)

    reading = asyncio.create_task(read())
    await stream.turns()
    try:
        yield stream
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        assert stream.opened == stream.closed or not stream.is_there

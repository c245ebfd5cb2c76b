"""k6's event stream, read beside its API: exact statistics of each period, and what the script plans.

When a test has passed, k6 does not exit while anybody listens to its stream. So the connection is closed at the
``stop`` event, and not opened again before another run answers at the API: a lingering k6 would not end otherwise.

A stream begins with everything that it has told before. That is kept back until it is known that the stream is of the
test that the API shows.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Final

from dashboard.api import decode, encode
from dashboard.api.events import ENDPOINT, STOP, events, split_events
from dashboard.clock import Clock
from dashboard.errors import ApiError, Undecodable, Unreachable
from dashboard.model.observation import OutageKind
from dashboard.model.run import ExecutionStatus
from dashboard.model.stream import StreamNews, StreamState
from dashboard.sources.base import Document, Reading
from dashboard.sources.same_test import Kinship, SameTest

OpenEvents = Callable[[], AbstractAsyncContextManager[AsyncIterator[bytes]]]
"""Connects; the context closes the connection."""
NEWS: Final = "events/news"
"""What a document on the stream itself is named; it is no path of k6's."""
SILENCE: Final = 600.0
"""Seconds without a whole event after which the connection is given up. The periods of a test of ten days last half."""
_QUIET: Final = 0.1
"""Seconds without a byte after which what a stream begins with has come: k6 sends it without a pause."""
_PATIENCE: Final = 5.0
"""Seconds after which a stream has to have begun: its first events are there before anybody asks."""
_LARGEST: Final = 8 * 1024 * 1024
"""The most bytes of one event; k6's are some kB."""
_MOST_KEPT_BACK: Final = 64 * 1024 * 1024
"""The most bytes that are kept back. k6's longest past has 2880 periods of a few kB."""
_SLICE: Final = 256 * 1024
"""Bytes of the past that make one reading, so that a long past does not stop all else."""
_PAUSES: Final = (0.1, 0.2, 0.4, 0.8, 1.5, *(3.0,) * 40)
"""Seconds before each further try to connect to a k6 that answers at its API."""
_LONG_ENOUGH: Final = 1.5
"""The pause after which a stream that was to be there has had its time."""
_UNDECIDED: Final = 30.0
"""Seconds after which a stream that cannot be compared with the test is left alone."""
_LOOK: Final = 0.5
"""Seconds between two looks at whether it could be by now."""


class EventFeed:
    """The event stream of one target."""

    ends_all = False

    def __init__(
        self,
        target: str,
        open_events: OpenEvents,
        clock: Clock,
        *,
        where: str = "",
        is_promised: bool = True,
        same_test: SameTest | None = None,
    ) -> None:
        """Nothing is opened before the API has answered.

        Args:
            target: The target of the readings.
            open_events: Connects.
            clock: Where time comes from.
            where: ``host:port`` of the stream.
            is_promised: Whether there is known to be a stream, so that it is tried for until it answers. Otherwise
                there is one quick look for each run, once it must be there if it ever will.
            same_test: Tells whether a stream is of the target's test; None where no other can be there.
        """
        self._target = target
        self._open = open_events
        self._clock = clock
        self._where = where
        self._is_promised = is_promised
        self._same = same_test
        self._answers = asyncio.Event()
        self._is_another = asyncio.Event()
        self._is_another.set()

    def looked(self, reading: Reading) -> None:
        """Take notice of whether k6 answers at its API, and of what it shows."""
        failure = reading.failure
        if failure is not None:
            self._answers.clear()
            if failure.kind is OutageKind.REFUSED:
                self._is_another.set()
            return
        if self._same is not None:
            if self._is_another.is_set():
                self._same.forget()
            self._same.look(reading)
        if self._is_promised or _has_outputs(reading):
            self._answers.set()

    def forget(self) -> None:
        """Another run answers at the API."""
        self._is_another.set()
        if self._same is not None:
            self._same.forget()

    @property
    def _is_replaced(self) -> bool:
        """Whether another run answers already than the one of which the stream was opened."""
        return self._is_another.is_set() and self._answers.is_set()

    async def readings(self) -> AsyncGenerator[Reading]:
        """Whole events as they come, for ever."""
        while True:
            await self._is_another.wait()
            await self._answers.wait()
            self._is_another.clear()
            async with aclosing(self._of_one_run()) as readings:
                async for reading in readings:
                    yield reading

    async def _of_one_run(self) -> AsyncGenerator[Reading]:
        """The stream of the k6 that answers now, until it stops or there is none."""
        has_joined = is_said = False
        for pause in _PAUSES:
            if self._is_another.is_set():
                return
            try:
                async with self._open() as pieces, aclosing(self._whole_events(pieces)) as readings:
                    async for reading in readings:
                        has_joined, is_said = True, False
                        yield reading
                return
            except ApiError as error:
                # Broken off, not there yet (k6 opens its API before its outputs), or something else altogether.
                why = str(error)
            if not has_joined and not self._is_promised:
                return
            # The API must have answered since: another k6 may have taken the place of the one before.
            self._answers.clear()
            await self._clock.sleep(pause)
            await self._answers.wait()
            if not is_said and not self._is_another.is_set() and (has_joined or pause >= _LONG_ENOUGH):
                is_said = True
                yield self._news(StreamState.LOST if has_joined else StreamState.ABSENT, why)

    async def _whole_events(self, pieces: AsyncIterator[bytes]) -> AsyncGenerator[Reading]:
        """Readings of whole events, until the last one, or until they turn out to be of another test.

        Raises:
            ApiError: it broke off, or is no event stream.
        """
        same = self._same
        if same is not None:
            same.reset()
        incoming = _Incoming(pieces, self._clock)
        try:
            past = await self._past(incoming)
            if same is not None:
                await self._decide(same, incoming, past)
                if self._is_replaced:
                    # What it was compared with is gone. It is opened anew, and begins with the same past.
                    return
                if same.kinship is not Kinship.SAME:
                    yield self._news(StreamState.OTHER, same.why or "it cannot be compared with this test")
                    return
            behind = same.behind(self._clock.now()) if same is not None else 0.0
            yield self._news(StreamState.JOINED, behind=behind)
            for part in _slices(bytes(past)):
                yield self._reading(Document(ENDPOINT, 200, part, 0.0))
                await asyncio.sleep(0)
            is_over = _has_stop(past)
            past.clear()
            while not is_over and not self._is_another.is_set():
                whole = await incoming.events_at_last(SILENCE)
                if same is not None:
                    same.take(whole, self._clock.now(), is_live=True)
                    if same.kinship is Kinship.OTHER:
                        yield self._news(StreamState.OTHER, same.why)
                        return
                yield self._reading(Document(ENDPOINT, 200, whole, 0.0))
                is_over = _has_stop(whole)
            if is_over:
                yield self._news(StreamState.ENDED)
        finally:
            await incoming.aclose()

    async def _decide(self, same: SameTest, incoming: _Incoming, past: bytearray) -> None:
        """Wait until the stream could be compared with what the API shows. Meanwhile it is read and kept back."""
        until = self._clock.now() + _UNDECIDED
        same.judge_beginning()
        while (
            same.kinship is Kinship.UNKNOWN
            and self._clock.now() < until
            and len(past) < _MOST_KEPT_BACK
            and not _has_stop(past)
        ):
            if self._is_replaced:
                return
            if not self._answers.is_set():
                raise Unreachable(ENDPOINT, "k6 does not answer at its API")
            whole = await incoming.events(_LOOK)
            past += whole
            if whole:
                same.take(whole, self._clock.now(), is_live=True)

    async def _past(self, incoming: _Incoming) -> bytearray:
        """All that a stream begins with."""
        past = bytearray(await incoming.events_at_last(_PATIENCE))
        if next(events(bytes(past))).name != "config":
            raise Undecodable(ENDPOINT, "k6's event stream", "another one")
        self._keep(bytes(past))
        while len(past) < _MOST_KEPT_BACK and not _has_stop(past):
            whole = await incoming.events(_QUIET)
            if not whole:
                break
            past += whole
            self._keep(whole)
        return past

    def _keep(self, whole: bytes) -> None:
        if self._same is not None:
            self._same.take(whole, self._clock.now(), is_live=False)

    def _news(self, state: StreamState, why: str = "", behind: float = 0.0) -> Reading:
        news = StreamNews(state, self._where, why, behind, self._is_promised)
        return self._reading(Document(NEWS, 0, news_body(news), 0.0))

    def _reading(self, document: Document) -> Reading:
        return Reading(self._target, self._clock.now(), (document,))


class _Incoming:
    """Pieces of a stream, put together to whole events."""

    def __init__(self, pieces: AsyncIterator[bytes], clock: Clock) -> None:
        self._pieces = pieces
        self._clock = clock
        self._rest = b""
        self._next: asyncio.Future[bytes] | None = None

    async def events(self, patience: float) -> bytes:
        """Whole events; nothing where none came in so many seconds.

        Raises:
            Unreachable: the stream ended.
            Undecodable: there is no end to one.
        """
        waiting = asyncio.ensure_future(self._clock.sleep(patience))
        try:
            while True:
                if self._next is None:
                    self._next = asyncio.ensure_future(_piece(self._pieces))
                await asyncio.wait((self._next, waiting), return_when=asyncio.FIRST_COMPLETED)
                if not self._next.done():
                    return b""
                piece, self._next = self._next, None
                whole, self._rest = split_events(self._rest + piece.result())
                if len(self._rest) > _LARGEST:
                    raise Undecodable(ENDPOINT, "an event", "one without an end")
                if any(True for _ in events(whole)):
                    return whole
                if waiting.done():
                    return b""
        finally:
            waiting.cancel()

    async def events_at_last(self, patience: float) -> bytes:
        """The same, where it is an error that none came.

        Raises:
            ApiError: as :meth:`events`, or none came.
        """
        whole = await self.events(patience)
        if not whole:
            raise Unreachable(ENDPOINT, f"the event stream said nothing for {patience:.0f} s")
        return whole

    async def aclose(self) -> None:
        """Take nothing more."""
        if self._next is not None:
            self._next.cancel()
            await asyncio.wait((self._next,))


async def _piece(pieces: AsyncIterator[bytes]) -> bytes:
    try:
        return await anext(pieces)
    except StopAsyncIteration:
        raise Unreachable(ENDPOINT, "the event stream ended without its last event") from None


def _has_stop(received: bytes | bytearray) -> bool:
    tail = bytes(received[-_SLICE:])
    return b"event: stop" in tail and any(event.name == STOP for event in events(tail))


def _slices(past: bytes) -> Iterator[bytes]:
    """The past in parts of whole events."""
    start = 0
    while start < len(past):
        end = past.find(b"\n\n", start + _SLICE)
        following = len(past) if end < 0 else end + 2
        yield past[start:following]
        start = following


def _has_outputs(reading: Reading) -> bool:
    """Whether k6 is so far that its outputs have been started, if it has any."""
    for document in reading.documents:
        if document.endpoint == encode.STATUS:
            try:
                status = decode.status(document.body).status
            except ApiError:
                return False
            return status is None or status >= ExecutionStatus.PAUSED_BEFORE_RUN
    return False


def news_body(news: StreamNews) -> bytes:
    """News as a document."""
    told = {"state": str(news.state), "where": news.where, "why": news.why, "promised": news.is_promised}
    return json.dumps(told | ({"behind": news.behind} if news.behind else {})).encode()


def decode_news(body: bytes) -> StreamNews | None:
    """News from a document; None where it is none."""
    try:
        told = json.loads(body)
        behind = float(told.get("behind", 0.0))
        state = StreamState(told["state"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    if not -1e9 < behind < 1e9:
        return None
    return StreamNews(state, str(told.get("where", "")), str(told.get("why", "")), behind, told.get("promised") is True)

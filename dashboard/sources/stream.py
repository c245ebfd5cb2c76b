"""k6's event stream, read beside its API: exact statistics of each period, and what the script plans.

When a test has passed, k6 does not exit while anybody listens to its stream. So the connection is closed at the
``stop`` event, and not opened again before the API has been away: a lingering k6 would not end otherwise.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Final

from dashboard.api.events import ENDPOINT, STOP, events, split_events
from dashboard.clock import Clock
from dashboard.errors import ApiError, Undecodable, Unreachable
from dashboard.sources.base import Document, Reading

OpenEvents = Callable[[], AbstractAsyncContextManager[AsyncIterator[bytes]]]
"""Connects; the context closes the connection."""
SILENCE: Final = 120.0
"""Seconds without a byte after which the connection is given up. k6's periods last a 2880th of the test at most."""
_LARGEST: Final = 8 * 1024 * 1024
"""The most bytes of one event; k6's are some kB."""
_PAUSES: Final = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0)
"""Seconds before each further try to connect to a k6 that answers at its API."""


class EventFeed:
    """The event stream of one target."""

    ends_all = False

    def __init__(
        self,
        target: str,
        open_events: OpenEvents,
        clock: Clock,
        *,
        is_promised: bool = True,
        belongs: Callable[[bytes], bool] = lambda _: True,
    ) -> None:
        """Nothing is opened before the API has answered.

        Args:
            target: The target of the readings.
            open_events: Connects.
            clock: Where time comes from.
            is_promised: Whether there is known to be a stream, so that it is tried for until it answers. Otherwise it
                is tried a few times for each k6 that comes to answer at the API.
            belongs: Whether the beginning of a stream is of the target's k6 and not of another one on its machine.
        """
        self._target = target
        self._open = open_events
        self._clock = clock
        self._is_promised = is_promised
        self._belongs = belongs
        self._seen = asyncio.Event()
        self._had_gone = asyncio.Event()
        self._had_gone.set()

    def looked(self, reading: Reading) -> None:
        """Take notice of whether k6 answers at its API."""
        if reading.failure is None:
            self._seen.set()
        else:
            self._seen.clear()
            self._had_gone.set()

    async def readings(self) -> AsyncGenerator[Reading]:
        """Whole events as they come, for ever."""
        while True:
            await self._had_gone.wait()
            self._had_gone.clear()
            await self._seen.wait()
            self._had_gone.clear()
            async with aclosing(self._of_one_run()) as readings:
                async for reading in readings:
                    yield reading

    async def _of_one_run(self) -> AsyncGenerator[Reading]:
        """The stream of the k6 that answers now, until it stops or there is none."""
        for pause in (*_PAUSES, *(_PAUSES[-1:] * 10_000 if self._is_promised else ())):
            if self._had_gone.is_set():
                return
            try:
                async with self._open() as pieces, aclosing(self._until_stop(pieces)) as readings:
                    async for reading in readings:
                        yield reading
                return
            except Undecodable:
                if not self._is_promised:
                    return
            except ApiError:
                # Broken off, or not there yet: k6 opens its API before its outputs.
                pass
            # The API must have answered since: another k6 may have taken the place of the one before.
            self._seen.clear()
            await self._clock.sleep(pause)
            await self._seen.wait()

    async def _until_stop(self, pieces: AsyncIterator[bytes]) -> AsyncGenerator[Reading]:
        rest = b""
        is_known = False
        while True:
            try:
                async with asyncio.timeout(SILENCE):
                    piece = await anext(pieces)
            except (StopAsyncIteration, TimeoutError):
                raise Unreachable(ENDPOINT, "the event stream ended without its last event") from None
            whole, rest = split_events(rest + piece)
            if len(rest) > _LARGEST:
                raise Undecodable(ENDPOINT, "an event", "one without an end")
            if not whole:
                continue
            if not is_known and not self._belongs(whole):
                return
            is_known = True
            yield Reading(self._target, self._clock.now(), (Document(ENDPOINT, 200, whole, 0.0),))
            if b"event: stop" in whole and any(event.name == STOP for event in events(whole)):
                return

"""The log of a k6 in this process, as a feed: what it has written by the time of each look at its API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from dashboard.clock import Clock
from dashboard.sources.base import Document, Reading


class WrittenFeed:
    """What is written, taken at each look: the look has brought the k6 up to the present."""

    ends_all = False

    def __init__(self, target: str, documents: Callable[[], tuple[Document, ...]], clock: Clock) -> None:
        """Nothing is taken before the first look.

        Args:
            target: The target of the readings.
            documents: Gives what has not been given before, if there is anything.
            clock: Where time comes from.
        """
        self._target = target
        self._documents = documents
        self._clock = clock
        self._looked = asyncio.Event()

    def looked(self, reading: Reading) -> None:
        """Take what has been written by now; of a k6 that has gone too, its last words."""
        self._looked.set()

    def forget(self) -> None:
        """Nothing was learnt of the k6 there."""

    async def readings(self) -> AsyncGenerator[Reading]:
        """What has been written, after each look at which there was anything."""
        while True:
            await self._looked.wait()
            self._looked.clear()
            written = self._documents()
            if written:
                yield Reading(self._target, self._clock.now(), written)

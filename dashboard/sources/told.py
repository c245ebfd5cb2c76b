"""What is known of a target from elsewhere than its API, given once for each k6 that answers there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from dashboard.clock import Clock
from dashboard.sources.base import Document, Reading


class ToldFeed:
    """Documents that need nobody to be asked for."""

    ends_all = False

    def __init__(self, target: str, documents: Callable[[], tuple[Document, ...]], clock: Clock) -> None:
        """Nothing is given before k6 has answered.

        Args:
            target: The target of the readings.
            documents: Gives them; not called before k6 has answered.
            clock: Where time comes from.
        """
        self._target = target
        self._documents = documents
        self._clock = clock
        self._is_due = asyncio.Event()
        self._is_told = False

    def looked(self, reading: Reading) -> None:
        """Take notice of a k6 that answers for the first time."""
        if reading.failure is None and not self._is_told:
            self._is_told = True
            self._is_due.set()

    def forget(self) -> None:
        """Another k6 has taken its place: it is told of again."""
        self._is_due.set()

    async def readings(self) -> AsyncGenerator[Reading]:
        """The documents, for each k6 that comes."""
        while True:
            await self._is_due.wait()
            self._is_due.clear()
            yield Reading(self._target, self._clock.now(), self._documents())

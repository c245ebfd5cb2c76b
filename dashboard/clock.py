"""The only place where k6dash reads the machine's time.

Everything that needs time is given a :class:`Clock`; downstream of the sources, time is ``observation.at``.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from typing import Protocol


class Clock(Protocol):
    """A source of time and of waiting. Times are seconds since the Unix epoch and never go backwards."""

    def now(self) -> float:
        """The present, in seconds since the Unix epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait. Zero or less gives other tasks one turn."""
        ...


class SystemClock:
    """The machine's time: its wall clock as read once at the start, carried on by the monotonic clock.

    So a correction of the wall clock in the middle of a test neither bends a chart nor stalls a poll.
    """

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()  # noqa: TID251 - this module is where time comes from

    def now(self) -> float:
        """The present, in seconds since the Unix epoch."""
        return self._offset + time.monotonic()  # noqa: TID251 - as above

    async def sleep(self, seconds: float) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(max(0.0, seconds))


class ManualClock:
    """A clock for tests: it stands still until :meth:`advance` moves it."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        """The present, in seconds since the Unix epoch."""
        return self._now

    def set(self, when: float) -> None:
        """Move to ``when`` without waking anybody; for code that only reads the time."""
        self._now = max(self._now, when)

    def wake(self, seconds: float) -> None:
        """Move on by ``seconds``, and wake who has slept long enough, without waiting for what they do then."""
        self._now += seconds
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been advanced that far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (self._now + seconds, next(self._order), future)
        heapq.heappush(self._sleepers, entry)
        try:
            await future
        finally:
            if entry in self._sleepers:
                self._sleepers.remove(entry)
                heapq.heapify(self._sleepers)

    @property
    def sleepers(self) -> int:
        """How many tasks are waiting on this clock."""
        return len(self._sleepers)

    async def wait_for_sleepers(self, count: int, turns: int = 100_000) -> None:
        """Give other tasks turns until ``count`` of them wait on this clock.

        Raises:
            RuntimeError: they do not come to rest in ``turns`` turns of the event loop.
        """
        for _ in range(turns):
            if len(self._sleepers) >= count:
                return
            await asyncio.sleep(0)
        raise RuntimeError(f"{len(self._sleepers)} of {count} tasks came to wait on the clock")

    async def advance(self, seconds: float) -> None:
        """Move on by ``seconds``, waking each sleeper at its own moment and letting it come to rest again.

        Every task that waits now must wait again after it was woken: do not use it with tasks that end.
        """
        until = self._now + seconds
        resting = len(self._sleepers)
        while self._sleepers and self._sleepers[0][0] <= until:
            when, _, future = heapq.heappop(self._sleepers)
            self._now = max(self._now, when)
            if not future.done():
                future.set_result(None)
            await self.wait_for_sleepers(resting)
        self._now = until

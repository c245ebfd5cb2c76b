"""Several ways to learn of one target, as one source: its API, and what there is beside it.

What comes beside belongs to the run that the API shows. So a feed is told of each look at the API: it can wait until k6
has answered there before it says anything of a k6 that may have taken the place of another.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Final, Protocol

from dashboard.clock import Clock
from dashboard.model.action import Action, Verb
from dashboard.model.asking import Asking
from dashboard.model.capability import Capability
from dashboard.model.run import RunStatus, State
from dashboard.sources.base import Answer, Note, Reading, Source

_ROOM: Final = 16
"""Readings that may wait to be taken; whoever gives more waits."""
_HURRY: Final = 0.1
"""Seconds between two looks for a k6 that is starting. Where nobody listens yet, a look costs next to nothing."""
_LAST_WORDS: Final = 1.0
"""Seconds that the other feeds have to say what they know after the run has ended."""


class Feed(Protocol):
    """Something beside the API that gives readings."""

    @property
    def ends_all(self) -> bool:
        """Whether nothing more can come of the target once this has ended."""
        ...

    def readings(self) -> AsyncGenerator[Reading]:
        """What it has to say, until it has nothing more."""
        ...

    def looked(self, reading: Reading) -> None:
        """Be told of a look at the API."""
        ...

    def forget(self) -> None:
        """Drop what was learnt of the run there: another one has taken its place."""
        ...


class Together:
    """A source with feeds beside it. All but the readings are the source's own."""

    def __init__(self, main: Source, feeds: Sequence[Feed], clock: Clock) -> None:
        self._main = main
        self._feeds = tuple(feeds)
        self._clock = clock
        self._has_answered = False

    @property
    def target(self) -> str:
        """The target's address."""
        return self._main.target

    @property
    def cadence(self) -> float:
        """Seconds between two looks at the metrics now."""
        return self._main.cadence

    def poke(self) -> None:
        """Look again at once."""
        self._main.poke()

    def forget(self) -> None:
        """Drop what was learnt of the k6 there."""
        self._main.forget()
        for feed in self._feeds:
            feed.forget()

    @property
    def groups_asking(self) -> Asking | None:
        """Whether the target is asked for its groups and checks, and why not."""
        return self._main.groups_asking

    def want_groups(self) -> None:
        """Ask for the groups and checks too."""
        self._main.want_groups()

    async def look_at_setup(self) -> Reading:
        """Look at the setup data alone, now."""
        return await self._main.look_at_setup()

    def capability(self, verb: Verb, status: RunStatus | None, state: State) -> Capability:
        """Whether an action of this kind can work now."""
        return self._main.capability(verb, status, state)

    async def perform(self, action: Action, status: RunStatus | None) -> Answer:
        """Hand an action to k6."""
        return await self._main.perform(action, status)

    async def aclose(self) -> None:
        """Let go of everything. The test goes on."""
        await self._main.aclose()

    async def readings(self) -> AsyncIterator[Reading | Note]:
        """What any of them gives, in the order in which it comes."""
        room: asyncio.Queue[Reading | Note] = asyncio.Queue(_ROOM)
        main = asyncio.create_task(self._look(room), name=f"look at {self.target}")
        feeds = {asyncio.create_task(_drain(feed, room), name=f"beside {self.target}"): feed for feed in self._feeds}
        everything: set[asyncio.Task[None]] = {main, *feeds}
        hurrying = asyncio.create_task(self._hurry(), name=f"hurry {self.target}")
        taking = asyncio.create_task(room.get())
        is_over = False
        try:
            while True:
                running = {task for task in everything if not task.done()}
                await asyncio.wait({taking, *running}, return_when=asyncio.FIRST_COMPLETED)
                while taking.done():
                    yield taking.result()
                    taking = asyncio.create_task(room.get())
                    await asyncio.sleep(0)
                for looking in everything:
                    if looking.done() and not looking.cancelled():
                        looking.result()
                over = [task for task, feed in feeds.items() if feed.ends_all and task.done()]
                if over and not is_over:
                    is_over = True
                    main.cancel()
                    for task in feeds:
                        self._clock_out(task)
                if all(task.done() for task in everything) and room.empty() and not taking.done():
                    return
        finally:
            taking.cancel()
            for waiting in (*everything, hurrying):
                waiting.cancel()
            await asyncio.wait((*everything, hurrying))

    async def _hurry(self) -> None:
        """Look often until k6 answers for the first time, where it is known to be starting: it may not run for long."""
        while any(feed.ends_all for feed in self._feeds) and not self._has_answered:
            await self._clock.sleep(_HURRY)
            self._main.poke()

    def _clock_out(self, task: asyncio.Task[None]) -> None:
        """Give a feed a moment to end by itself."""

        async def end() -> None:
            await self._clock.sleep(_LAST_WORDS)
            task.cancel()

        ending = asyncio.create_task(end())
        task.add_done_callback(lambda _: ending.cancel())

    async def _look(self, room: asyncio.Queue[Reading | Note]) -> None:
        async for reading in self._main.readings():
            await room.put(reading)
            if isinstance(reading, Note):
                continue
            self._has_answered |= reading.failure is None
            for feed in self._feeds:
                feed.looked(reading)


async def _drain(feed: Feed, room: asyncio.Queue[Reading | Note]) -> None:
    async with aclosing(feed.readings()) as readings:
        async for reading in readings:
            await room.put(reading)

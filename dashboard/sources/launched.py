"""A k6 that k6dash has started, as a feed: how it was started, what it writes, how it ended.

It writes into files; they are followed here, a little at a time, and as raw as they are.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any, Final

from dashboard.clock import Clock
from dashboard.launch.follow import CHUNK, Follower
from dashboard.launch.process import K6Process
from dashboard.sources.base import Document, Reading
from dashboard.sources.process_documents import EXIT, LAUNCH, LOG, OUTPUT, PLAN, SKIPPED

LOOK: Final = 0.1
"""Seconds between two looks at the files."""
REST: Final = 0.25
"""The same after a look that gave something: each is decoded and drawn, and nobody reads faster."""


class ProcessFeed:
    """One k6 process. When it has ended, nothing more can come of its target."""

    ends_all = True

    def __init__(
        self,
        target: str,
        process: K6Process,
        clock: Clock,
        *,
        inspect: Callable[[], Coroutine[Any, Any, bytes]] | None = None,
    ) -> None:
        """Follow a process that has been started.

        Args:
            target: The target of the readings.
            process: The process.
            clock: Where time comes from.
            inspect: Asks k6 what the script plans, beside the run.
        """
        self._target = target
        self._process = process
        self._clock = clock
        self._inspect = inspect

    def looked(self, reading: Reading) -> None:
        """Nothing here depends on the API."""

    def forget(self) -> None:
        """The process stays the same."""

    async def readings(self) -> AsyncGenerator[Reading]:
        """What it writes as it comes, then its exit code."""
        process = self._process
        yield self._reading(Document(LAUNCH, 0, self._launch(), 0.0))
        ending = asyncio.create_task(process.wait(), name=f"wait for k6 {process.pid}")
        planning = asyncio.create_task(self._inspect(), name="k6 inspect") if self._inspect else None
        try:
            with Follower(process.folder.output) as output, Follower(process.folder.log) as log:
                while True:
                    has_ended = ending.done()
                    if planning is not None and planning.done():
                        yield self._reading(Document(PLAN, 0, planning.result(), 0.0))
                        planning = None
                    documents = self._read(output, log, to_the_end=has_ended)
                    if documents:
                        yield self._reading(*documents)
                    # A k6 that writes all the time is always ahead by a few lines: they can wait.
                    if max(output.waiting, log.waiting) >= (1 if has_ended else CHUNK):
                        await asyncio.sleep(0)
                        continue
                    if has_ended:
                        break
                    looking_again = asyncio.ensure_future(self._clock.sleep(REST if documents else LOOK))
                    await asyncio.wait((ending, looking_again), return_when=asyncio.FIRST_COMPLETED)
                    looking_again.cancel()
            yield self._reading(Document(EXIT, 0, str(ending.result()).encode(), 0.0))
        finally:
            for task in (ending, planning):
                if task is not None:
                    task.cancel()

    def _read(self, output: Follower, log: Follower, *, to_the_end: bool) -> list[Document]:
        documents: list[Document] = []
        for name, file in ((OUTPUT, output), (LOG, log)):
            skipped = file.skipped
            written = file.read(to_the_end=to_the_end)
            if written:
                documents.append(Document(name, 0, written, 0.0))
            if file.skipped > skipped:
                documents.append(Document(SKIPPED, 0, str(file.skipped - skipped).encode(), 0.0))
        return documents

    def _reading(self, *documents: Document) -> Reading:
        return Reading(self._target, self._clock.now(), documents)

    def _launch(self) -> bytes:
        command, folder = self._process.command, self._process.folder
        return json.dumps(
            {
                "words": command.words,
                "pid": self._process.pid,
                "address": command.address,
                "events": command.events or "",
                "output": str(folder.output),
                "log": str(folder.log),
                "log_output": command.log_output,
            }
        ).encode()

"""A launched k6 without a cockpit: what it writes is passed through as it is."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Any, BinaryIO, Final

from dashboard.clock import Clock
from dashboard.launch.follow import Follower
from dashboard.launch.process import K6Process

LOOK: Final = 0.05
_LEAVING: Final = ("SIGTERM", "SIGHUP")


async def pass_through(process: K6Process, clock: Clock, output: BinaryIO, log: BinaryIO) -> str:
    """Copy k6's output and log until it ends. SIGINT is handed on; SIGTERM and SIGHUP end k6dash and leave k6 alone.

    Returns:
        The name of the signal that ended k6dash; empty where k6 has ended.
    """
    loop = asyncio.get_running_loop()
    leaving: asyncio.Future[str] = loop.create_future()
    ending = asyncio.create_task(process.wait())

    def leave(name: str) -> Callable[[], None]:
        return lambda: None if leaving.done() else leaving.set_result(name)

    loop.add_signal_handler(signal.SIGINT, process.interrupt)
    for name in _LEAVING:
        loop.add_signal_handler(getattr(signal, name), leave(name))
    copies = (_Copy(Follower(process.folder.output), output), _Copy(Follower(process.folder.log), log))
    while not leaving.done():
        has_ended = ending.done()
        is_behind = False
        for copy in copies:
            is_behind |= copy.go_on(to_the_end=has_ended)
        if has_ended and not is_behind:
            return ""
        if not is_behind:
            looking_again = asyncio.ensure_future(clock.sleep(LOOK))
            waiting: tuple[asyncio.Future[Any], ...] = (ending, leaving, looking_again)
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            looking_again.cancel()
    ending.cancel()
    return leaving.result()


class _Copy:
    """Copies a growing file to a stream, for as long as anybody reads there."""

    def __init__(self, source: Follower, to: BinaryIO) -> None:
        self._source = source
        self._to = to
        self._is_read = True

    def go_on(self, *, to_the_end: bool) -> bool:
        """Copy what has come; whether there is more."""
        written = self._source.read(to_the_end=to_the_end)
        if written and self._is_read:
            try:
                self._to.write(written)
                self._to.flush()
            except OSError:
                self._is_read = False
        return self._source.is_behind

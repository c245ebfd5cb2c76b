"""Writing to a pipe that may be slow, or may go away, without keeping anybody waiting."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

MOST_WAITING: Final = 10_000
"""Texts that wait for a slow reader; of more, the oldest are given up."""
MOST_BYTES: Final = 8_000_000
"""The same in bytes: a text may be a line, or a piece of a log. The newest waits whatever its length."""


class Output:
    """A file descriptor that a thread of its own writes to.

    A reader that has stopped reading blocks whoever writes: it must not block those who watch over a test.

    Attributes:
        error: What went wrong with the descriptor, if anything did; nothing is written after it.
        lost: How many texts were given up because the reader is too slow.
        lost_bytes: How long they were.
    """

    def __init__(self, descriptor: int, on_error: Callable[[], None]) -> None:
        """Begin.

        Args:
            descriptor: Where to write.
            on_error: Called once from the writing thread, when writing has failed.
        """
        self.error: OSError | None = None
        self.lost = 0
        self.lost_bytes = 0
        self._descriptor = descriptor
        self._on_error = on_error
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._closed = False
        # A daemon: a reader that never reads again cannot keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="output", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        """Write soon."""
        data = text.encode("utf-8", "backslashreplace")
        with self._changed:
            if self.error is not None:
                return
            self._waiting.append(data)
            self._size += len(data)
            while len(self._waiting) > MOST_WAITING or (self._size > MOST_BYTES and len(self._waiting) > 1):
                self.lost += 1
                self.lost_bytes += len(self._take())
            self._changed.notify()

    def close(self, patience: float) -> bool:
        """Wait until everything is written, but no longer than ``patience`` seconds; whether it is."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(patience)
        return not self._thread.is_alive() and self.error is None

    def _take(self) -> bytes:
        """The oldest that waits, which then waits no longer."""
        data = self._waiting.popleft()
        self._size -= len(data)
        return data

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                data = self._take()
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError as error:
                with self._changed:
                    self.error = error
                    self._waiting.clear()
                self._on_error()
                return

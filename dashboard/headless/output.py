"""Writing to a pipe that may be slow, or may go away, without keeping anybody waiting."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

MOST_WAITING: Final = 10_000
"""Texts that wait for a slow reader; of more, the oldest are given up."""


class Output:
    """A file descriptor that a thread of its own writes to.

    A reader that has stopped reading blocks whoever writes: it must not block those who watch over a test.

    Attributes:
        error: What went wrong with the descriptor, if anything did; nothing is written after it.
        lost: How many texts were given up because the reader is too slow.
    """

    def __init__(self, descriptor: int, on_error: Callable[[], None]) -> None:
        """Begin.

        Args:
            descriptor: Where to write.
            on_error: Called once from the writing thread, when writing has failed.
        """
        self.error: OSError | None = None
        self.lost = 0
        self._descriptor = descriptor
        self._on_error = on_error
        self._waiting: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._closed = False
        # A daemon: a reader that never reads again cannot keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="output", daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        """Write soon."""
        with self._changed:
            if self.error is not None:
                return
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                self.lost += 1
            self._waiting.append(text.encode("utf-8", "backslashreplace"))
            self._changed.notify()

    def close(self, patience: float) -> bool:
        """Wait until everything is written, but no longer than ``patience`` seconds; whether it is."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(patience)
        return not self._thread.is_alive() and self.error is None

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                data = self._waiting.popleft()
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
            except OSError as error:
                with self._changed:
                    self.error = error
                    self._waiting.clear()
                self._on_error()
                return

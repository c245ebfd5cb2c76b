"""Writes a recording while it happens, beside the event loop: a slow disk delays nobody, a full one ends nothing."""

from __future__ import annotations

import io
import os
import queue
import threading
from pathlib import Path

from dashboard import __version__
from dashboard.errors import UsageError
from dashboard.model.observation import Observation
from dashboard.sources.base import Note, Reading
from dashboard.sources.members import MemberWriter, Output
from dashboard.sources.recording import End, Entry, Header, entry_lines, header_lines

SYNC_SECONDS = 5.0
"""Seconds after which what was written is made to survive a power cut; a killed k6dash loses none of it."""
MOST_WAITING = 1000
"""Entries that may wait for the disk; when there are more, it is taken for one that hangs."""
_CLOSE_SECONDS = 5.0


def create_file(path: Path, *, replace: bool = False) -> io.FileIO:
    """Create the file of a recording, readable by its owner alone: setup data in it may hold a token.

    Args:
        path: Where.
        replace: Whether a file that is there is overwritten.

    Raises:
        FileExistsError: there is one, and it is not to be replaced.
        OSError: it cannot be created.
    """
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if replace else os.O_EXCL) | getattr(os, "O_BINARY", 0)
    return io.FileIO(os.open(path, flags, 0o600), "w")


class RecordingWriter:
    """Writes entries to a file, each complete when the call returns."""

    def __init__(self, output: Output, header: Header) -> None:
        """Begin with the header.

        Raises:
            OSError: it cannot be written.
        """
        self._members = MemberWriter(output)
        self._at = header.start
        self._members.write(header_lines(header), self._at)

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._members.size

    def write(self, entry: Entry) -> None:
        """Add an entry.

        Raises:
            OSError: it cannot be written.
        """
        self._at = max(self._at, moment_of(entry))
        self._members.write(entry_lines(entry), self._at)

    def close(self, end: End) -> None:
        """Write the last line and end the last member; the file is left to its owner.

        Raises:
            OSError: it cannot be written.
        """
        self.write(end)
        self._members.finish()


def moment_of(entry: Entry | Observation) -> float:
    """When an entry was, in seconds since the Unix epoch. A note's event keeps the time at which it was begun."""
    return entry.event.at if isinstance(entry, Note) else entry.at


class Recorder:
    """A recording under way. Give it readings and notes; it writes them in a thread of its own."""

    def __init__(self, path: Path, target: str, start: float, interval: float, *, replace: bool = False) -> None:
        """Create the file.

        Args:
            path: The file.
            target: The target whose readings are kept; those of others are not.
            start: The present, in seconds since the Unix epoch.
            interval: Seconds between two looks.
            replace: Whether a file that is there is overwritten.

        Raises:
            UsageError: the file is there, or cannot be created.
        """
        self.path = path
        self.target = target
        self.started = start
        self.broken: str = ""
        """Why nothing is recorded any more, in a sentence; empty while all is well."""
        try:
            self._file = create_file(path, replace=replace)
        except FileExistsError:
            raise UsageError(f"{path} is there already, and nothing is overwritten; name another file") from None
        except OSError as error:
            raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
        header = Header(target, start, interval, f"k6dash {__version__}")
        try:
            self._writer = RecordingWriter(self._file, header)
        except OSError as error:
            self._file.close()
            raise UsageError(f"{path} cannot be written: {error.strerror or error}") from None
        self._synced = start
        self._waiting: queue.Queue[Entry | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._run, name=f"record {path.name}", daemon=True)
        self._thread.start()

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._writer.size

    def take(self, entry: Reading | Note) -> None:
        """Record a reading or a note, if it is of the target."""
        if entry.target == self.target:
            self._put(entry)

    def close(self, at: float, reason: str) -> None:
        """Write what waits and the last line, and let go of the file. A disk that hangs is not waited for."""
        self._put(End(at, reason))
        self._put(None)
        self._thread.join(_CLOSE_SECONDS)

    def _put(self, entry: Entry | None) -> None:
        if self.broken:
            return
        try:
            self._waiting.put_nowait(entry)
        except queue.Full:
            self._break("the disk takes nothing any more")

    def _run(self) -> None:
        while (entry := self._waiting.get()) is not None and not self.broken:
            try:
                self._write(entry)
            except OSError as error:
                self._break(error.strerror or str(error))
        try:
            self._file.close()
        except OSError as error:
            self._break(error.strerror or str(error))

    def _write(self, entry: Entry) -> None:
        if isinstance(entry, End):
            self._writer.close(entry)
        else:
            self._writer.write(entry)
        at = moment_of(entry)
        if isinstance(entry, End) or at - self._synced >= SYNC_SECONDS:
            self._synced = at
            os.fsync(self._file.fileno())

    def _break(self, why: str) -> None:
        self.broken = self.broken or f"{self.path} cannot be written: {why}. It is whole up to there."

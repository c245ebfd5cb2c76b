"""A file that somebody else writes, read as it grows."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, Final, Self

CHUNK: Final = 256 * 1024
"""The most that is read at a time."""
BACKLOG: Final = 8 * 1024 * 1024
"""Bytes that may wait to be read; of more, the oldest are skipped: they stay in the file."""
_LONGEST_LINE: Final = 64 * 1024


class Follower:
    """Reads whole lines of a growing file. Holds at most one chunk."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("rb")
        self._size = path.stat
        self._rest = b""
        self.skipped = 0
        """Bytes that came faster than they could be read."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def read(self, *, to_the_end: bool = False) -> bytes:
        """The next whole lines; empty where there are none yet.

        Args:
            to_the_end: Whether nothing more will be written, so that what is left counts even without a line's end.
        """
        waiting = self._size().st_size - self._file.tell()
        if waiting > BACKLOG:
            self.skipped += waiting - CHUNK
            self._file.seek(waiting - CHUNK, 1)
            self._rest = b""
            self._file.readline()
        read = self._rest + self._file.read(CHUNK)
        end = read.rfind(b"\n") + 1
        if not end and (to_the_end or len(read) > _LONGEST_LINE):
            end = len(read)
        self._rest = read[end:]
        if to_the_end and not self.is_behind:
            end, self._rest = len(read), b""
        return read[:end]

    @property
    def waiting(self) -> int:
        """Bytes that can be read now."""
        return max(0, self._size().st_size - self._file.tell())

    @property
    def is_behind(self) -> bool:
        """Whether there is more to read now."""
        return self.waiting > 0

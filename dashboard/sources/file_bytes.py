"""The bytes of a file, read where they are looked at: no part of a large file stays in memory."""

from __future__ import annotations

import os
import stat
import weakref
from pathlib import Path
from typing import Final

from dashboard.errors import UsageError
from dashboard.sources.members import Bytes, Lines

BEGINNING: Final = 64 * 1024
"""Bytes after which a first line is too long to be one of a file that can be replayed."""


class FileBytes:
    """A file as it is now; what is added to it later is not seen."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            UsageError: it cannot be read, or is no file.
        """
        try:
            # What else there may be, such as a pipe, would be waited for without an end.
            status = path.stat()
            if not stat.S_ISREG(status.st_mode):
                raise UsageError(f"{path} is no file but {_kind_of(status.st_mode)}; name a file")
            self._file = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
        weakref.finalize(self, os.close, self._file)
        self._size = status.st_size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        start, end, _ = part.indices(self._size)
        return os.pread(self._file, max(0, end - start), start)


def _kind_of(mode: int) -> str:
    """What stands there instead of a file."""
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a pipe" if stat.S_ISFIFO(mode) else "a device"


def first_line(data: Bytes) -> bytes | None:
    """The first line of a file, compressed or not; None where there is none, or it is longer than it can be."""
    found = b""
    for piece in Lines(data).pieces():
        line, newline, _ = piece.partition(b"\n")
        found += line
        if newline:
            return found
        if len(found) > BEGINNING:
            return None
    return found or None

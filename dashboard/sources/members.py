"""How the lines of a recording are kept: in gzip members, one after the other, each readable by itself.

Any tool that reads gzip reads the whole file. Each member carries a signature and a time in its header, so that the
members of a file are found without decompressing any of it, behind damage too. What is written is flushed to a byte
boundary each time: however the file ends, all that was written before its last piece can be read.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final, Protocol

from dashboard.quick import dataclass

MEMBER_SECONDS = 60.0
"""Seconds after which another member begins. Shorter ones find a moment quicker and compress worse."""
MEMBER_BYTES = 4 * 1024 * 1024
"""Bytes before compression after which it begins at once, so that reading one needs little memory."""
LEVEL = 6
_CHUNK = 16 * 1024
_MOST = 1024 * 1024
"""Bytes that are decompressed at once at most, whatever a file makes of a few."""

# RFC 1952: magic, deflate, a field of our own, no time, no extra flags, unknown system; then the field's length, its
# two letters, its data's length, and at the beginning of its data what makes it ours. The member's time follows.
_MARK = b"k6dash\x00\x01"
SIGNATURE = b"\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\xff" + struct.pack("<H", 20) + b"k6" + struct.pack("<H", 16) + _MARK


LONGEST: Final = 256 * 1024 * 1024
"""Bytes of a line at most. One of a recording holds one answer of k6."""


class Bytes(Protocol):
    """Something whose bytes can be looked at anywhere."""

    def __len__(self) -> int: ...

    def __getitem__(self, part: slice, /) -> bytes: ...


class Output(Protocol):
    """An unbuffered binary file."""

    def write(self, data: bytes, /) -> int | None:
        """Write what can be written; how much that was."""
        ...


class _Deflate(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self, mode: int = ..., /) -> bytes: ...


class _Inflate(Protocol):
    def decompress(self, data: bytes, /) -> bytes: ...


class MemberWriter:
    """Compresses lines into an unbuffered file, complete up to each call of :meth:`write`."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._deflate: _Deflate | None = None
        self._began = 0.0
        self._raw = 0
        self._sum = 0
        self.size = 0
        """Bytes of the file."""

    def write(self, lines: bytes, at: float) -> None:
        """Add whole lines.

        Args:
            lines: They end with a newline.
            at: The moment that they are of, in seconds since the Unix epoch.

        Raises:
            OSError: they could not be written.
        """
        is_full = at - self._began >= MEMBER_SECONDS or self._raw >= MEMBER_BYTES
        finishes = self._deflate is not None and is_full
        parts: list[bytes] = []
        if finishes:
            parts.append(self._finish())
        if self._deflate is None:
            self._deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
            self._began, self._raw, self._sum = at, 0, 0
            parts.append(SIGNATURE + struct.pack("<d", at))
        parts += (self._deflate.compress(lines), self._deflate.flush(zlib.Z_SYNC_FLUSH))
        self._raw += len(lines)
        self._sum = zlib.crc32(lines, self._sum)
        self._put(b"".join(parts))

    def finish(self) -> None:
        """End the last member."""
        if self._deflate is not None:
            self._put(self._finish())

    def _finish(self) -> bytes:
        assert self._deflate is not None
        end = self._deflate.flush() + struct.pack("<II", self._sum, self._raw & 0xFFFFFFFF)
        self._deflate = None
        return end

    def _put(self, data: bytes) -> None:
        while data:
            written = self._output.write(data) or 0
            self.size += written
            data = data[written:]


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a file."""

    start: int
    """Where it begins, in bytes."""
    end: int
    at: float
    """The moment of its first line, in seconds since the Unix epoch."""


def find_members(data: bytes | mmap.mmap) -> tuple[Member, ...]:
    """The members of a file, by their signatures; none where it was compressed by another tool."""
    starts: list[int] = []
    found = data.find(SIGNATURE)
    while found >= 0:
        starts.append(found)
        found = data.find(SIGNATURE, found + len(SIGNATURE))
    members: list[Member] = []
    for start, end in pairwise([*starts, len(data)]):
        time = data[start + len(SIGNATURE) : start + len(SIGNATURE) + 8]
        if len(time) == 8:
            members.append(Member(start, end, struct.unpack("<d", time)[0]))
    return tuple(members)


class Lines:
    """The whole lines in a part of a file, and whether anything is missing behind them."""

    def __init__(self, data: Bytes, start: int = 0, end: int | None = None, longest: int = LONGEST) -> None:
        """Nothing is read yet.

        Args:
            data: The file.
            start: Where the part begins, in bytes.
            end: Where it ends.
            longest: Bytes of a line at most; of a longer one only an empty line is left.
        """
        self._data = data
        self._start = start
        self._end = len(data) if end is None else end
        self._longest = longest
        self.position = start
        """Bytes of the file up to which it has been read."""
        self.is_torn = False
        """Whether what came behind the last line was no whole one; known when there is no further line."""

    def __iter__(self) -> Iterator[bytes]:
        rest: list[bytes] = []
        size = 0
        for piece in self.pieces():
            whole, newline, tail = piece.rpartition(b"\n")
            if not newline:
                size += len(piece)
                if size <= self._longest:
                    rest.append(piece)
                else:
                    rest.clear()
                continue
            if size > self._longest:
                whole = b"\n".join((b"", *whole.split(b"\n")[1:]))
            yield from b"".join((*rest, whole)).split(b"\n")
            rest = [tail]
            size = len(tail)
        self.is_torn = self.is_torn or size > 0

    def pieces(self) -> Iterator[bytes]:
        """What is in the file, decompressed where it is compressed, bit by bit."""
        if self._data[self._start : self._start + 2] != SIGNATURE[:2]:
            for position in range(self._start, self._end, _CHUNK):
                self.position = min(self._end, position + _CHUNK)
                yield self._data[position : self.position]
            return
        inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
        position, given = self._start, b""
        while True:
            if not given:
                given = self._data[position : min(self._end, position + _CHUNK)]
                position += len(given)
                self.position = position
                if not given:
                    break
            before = inflate.copy()
            try:
                piece = inflate.decompress(given, _MOST)
            except zlib.error:
                self.is_torn = True
                yield from _until_damage(before, given)
                return
            if piece:
                yield piece
            given = inflate.unconsumed_tail
            if inflate.eof:
                given = inflate.unused_data
                inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
                if given or position < self._end:
                    continue
                return
        # What the decompressor still holds when the file has ended too early.
        try:
            piece = inflate.flush()
        except zlib.error:
            piece = b""
        if piece:
            yield piece
        self.is_torn = True


def _until_damage(inflate: _Inflate, given: bytes) -> Iterator[bytes]:
    """What can be decompressed of ``given`` before the byte that cannot: all that was written whole."""
    for position in range(len(given)):
        try:
            piece = inflate.decompress(given[position : position + 1])
        except zlib.error:
            return
        if piece:
            yield piece


def map_file(path: Path) -> bytes | mmap.mmap:
    """The bytes of a file, read when they are looked at.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        try:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            return b""  # an empty file cannot be mapped
        except OSError:
            return file.read()  # nor can a pipe

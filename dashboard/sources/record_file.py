"""A recording as a file: opened, read from the start or from a moment, and said how whole it is."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from dashboard.errors import UsageError
from dashboard.sources.base import Reading
from dashboard.sources.members import Lines, Member, find_members, map_file
from dashboard.sources.recording import VERSION, End, Entry, EntryReader, Header, MalformedLineError, read_header


class Recording:
    """A recording to read. It may be one that is still being written: what is there by now is read."""

    def __init__(self, path: Path) -> None:
        """Open a file and read its first line.

        Raises:
            UsageError: it cannot be read, or is no recording, or one of a later version.
        """
        self.path = path
        try:
            self._data: bytes | mmap.mmap = map_file(path)
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror or error}") from None
        self.header: Header = self._read_header()
        found = find_members(self._data)
        self.members: tuple[Member, ...] = found if found and found[0].start == 0 else ()
        """Parts that can be read by themselves, in the order of the file; empty where another tool has written it."""
        self.ending: End | None = None
        """The last line, once everything was read; None where the recording was cut off or is still being written."""
        self.is_torn = False
        """Whether, once everything was read, the file ended in the middle of something."""
        self.damages = 0
        """Places in the middle of the file that could not be read, once everything was read."""
        self.strange = 0
        """Lines of kinds that a later version writes, once everything was read."""

    def _read_header(self) -> Header:
        line = next(islice(iter(Lines(self._data)), 1), None)
        if line is None:
            what = "is empty" if not self._data else "is no recording of k6dash, or was cut off before its first line"
            raise UsageError(f"{self.path} {what}; k6dash record writes one")
        try:
            header = read_header(line)
        except MalformedLineError:
            raise UsageError(f"{self.path} is no recording of k6dash; k6dash record writes one") from None
        if header.version > VERSION:
            raise UsageError(
                f"{self.path} is a recording of version {header.version}; this k6dash reads up to {VERSION},"
                " a newer one reads it"
            )
        return header

    def entries(self) -> Iterator[Entry]:
        """Everything that was recorded, in its order; :attr:`ending` and the others hold when it is exhausted."""
        reader = EntryReader(self.header.target)
        self.ending, self.is_torn, self.damages, self.strange = None, False, 0, 0
        parts = [(member.start, member.end) for member in self.members] or [(0, len(self._data))]
        for start, end in parts:
            lines = Lines(self._data, start, end)
            for entry in reader.entries(iter(lines)):
                if entry is None:
                    self.damages += 1
                    continue
                self.ending = entry if isinstance(entry, End) else None
                yield entry
            if lines.is_torn:
                reader.forget()
                if end < len(self._data):
                    self.damages += 1
                else:
                    self.is_torn = True
            self.strange = reader.strange

    @property
    def parts(self) -> int:
        """How many members there are to be read by themselves."""
        return len(self.members)

    @property
    def share(self) -> float:
        """How much of it has been read: of a recording, its times tell that better."""
        return 1.0

    def keyframes(self) -> Iterator[Reading]:
        """The first reading of each member: the whole recording in coarse steps, in a fraction of the time."""
        for member in self.members:
            reader = EntryReader(self.header.target)
            for entry in reader.entries(iter(Lines(self._data, member.start, member.end))):
                if isinstance(entry, Reading):
                    yield entry
                    break

    @property
    def last_at(self) -> float:
        """The moment of the last entry, in seconds since the Unix epoch, found without reading what is before it."""
        last = self.header.start
        parts = [(member.start, member.end) for member in reversed(self.members)] or [(0, len(self._data))]
        for start, end in parts:
            for entry in EntryReader(self.header.target).entries(iter(Lines(self._data, start, end))):
                match entry:
                    case Reading(at=at) | End(at=at):
                        last = max(last, at)
                    case _:
                        pass
            if last > self.header.start:
                break  # a part that was cut off after its first bytes has no entry
        return last

    def find_end(self) -> float:
        """The moment of the last entry."""
        return self.last_at

    @property
    def trouble(self) -> str:
        """What is wrong with the file, in a sentence, once everything was read; empty where nothing is."""
        parts: list[str] = []
        if self.ending is None:
            torn = " in the middle of a line" if self.is_torn else ""
            parts.append(f"It ends{torn} without having been closed: cut off, or still being written.")
        if self.damages:
            places = "place" if self.damages == 1 else "places"
            parts.append(f"It is damaged in {self.damages} {places}; what is around them is shown.")
        if self.strange:
            lines = "line" if self.strange == 1 else "lines"
            parts.append(f"It holds {self.strange} {lines} of kinds that a later k6dash writes; they are left out.")
        return " ".join(parts)

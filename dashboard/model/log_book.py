"""The log of one run: what was said up to any moment, in bounded memory.

The newest lines lie open; older ones lie compressed, some hundred to a page, and the oldest pages are given up when
there are too many: the file has them all. What has been counted stays counted.
"""

from __future__ import annotations

import marshal
import zlib
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from dashboard.model.error_group import ErrorGroup
from dashboard.model.error_kind import kind_of_error, title_of_error
from dashboard.model.log import Level, LogLine, LogNews, Origin
from dashboard.quick import dataclass

MOST_LINES: Final = 10_000
"""Lines that can be looked at from any moment: the newest of then."""
MOST_GROUPS: Final = 500
"""Kinds of errors that are told apart; the rest counts as one."""
MOST_BYTES: Final = 8 * 1024 * 1024
"""Compressed bytes that are kept: of ordinary lines, half a million."""
MOST_NUMBERS: Final = 400_000
"""Numbers that are kept of all kinds of errors together."""
_PAGE_LINES: Final = 512
_PAGE_CHARACTERS: Final = 256 * 1024
_MOST_SKIPS: Final = 1000
_OPEN_PAGES: Final = 24
"""Pages that lie open because they have been looked at: enough for the lines that can be looked at from one moment."""
_MOST_SHAPES: Final = 2 * MOST_GROUPS
_REST: Final = "errors of other kinds"

Kind = tuple[Level, Origin]
KINDS: Final[tuple[Kind, ...]] = tuple((level, origin) for level in Level for origin in Origin)
_PLACES: Final[Mapping[Kind, int]] = {kind: place for place, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line with its place in the log."""

    number: int
    """0 for the first line of the run."""
    line: LogLine
    arrived: float
    """When it was read."""
    group: int
    """Number of the kind of error that it is of; 0 where it is none."""


class _Page:
    """Some lines, as they were written, with what had been counted before them."""

    __slots__ = ("arrived", "before", "compressed", "count", "first")

    def __init__(self, first: int, before: array[int], entries: Sequence[Entry]) -> None:
        self.first = first
        self.count = len(entries)
        self.before = before
        self.arrived = (entries[0].arrived, entries[-1].arrived)
        self.compressed = zlib.compress(
            marshal.dumps(
                [
                    (
                        entry.line.at,
                        str(entry.line.level),
                        entry.line.message,
                        entry.line.source,
                        entry.line.fields,
                        entry.arrived,
                        entry.group,
                    )
                    for entry in entries
                ]
            ),
            1,
        )

    def open(self) -> tuple[Entry, ...]:
        """Its lines."""
        return tuple(
            Entry(number, LogLine(at, Level(level), message, source, fields), arrived, group)
            for number, (at, level, message, source, fields, arrived, group) in enumerate(
                marshal.loads(zlib.decompress(self.compressed)), self.first
            )
        )


class LogBook:
    """The log of one run."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """An empty log.

        Args:
            most_bytes: Compressed bytes that are kept of it.
        """
        self._most_bytes = most_bytes
        self.total = 0
        """Lines that have come, kept or not."""
        self.skipped = 0
        """Bytes that came faster than they could be read."""
        self._skips: deque[tuple[float, int]] = deque(maxlen=_MOST_SKIPS)
        """When some came that fast, and how many there had been by then."""
        self.groups: list[ErrorGroup] = []
        """The kinds of errors, in the order in which they came."""
        self.last: float | None = None
        """When the newest line came."""
        self._by_kind: dict[tuple[str, str, str], ErrorGroup] = {}
        self._counts = array("Q", bytes(8 * len(KINDS)))
        self._pages: deque[_Page] = deque()
        self._bytes = 0
        self._loose: list[Entry] = []
        self._before_loose = self._counts[:]
        self._characters = 0
        self._open: dict[int, tuple[Entry, ...]] = {}
        self._shapes: dict[str, str] = {}

    @property
    def size(self) -> int:
        """How many bytes are held, about."""
        return self._bytes + 4 * self._characters + 8 * sum(group.size for group in self.groups)

    # Writing

    def add(self, news: LogNews, at: float) -> None:
        """Take in lines, in the order in which they were written.

        Args:
            news: The lines.
            at: When they were read.
        """
        at = at if self.last is None else max(at, self.last)
        if news.skipped:
            self._skips.append((at, self.skipped + news.skipped))
            self.skipped += news.skipped
        for line in news.lines:
            group = self._count(line, at) if line.is_trouble else 0
            self._loose.append(Entry(self.total, line, at, group))
            self.total += 1
            self.last = at
            self._counts[_PLACES[line.level, line.origin]] += 1
            self._characters += len(line.message) + sum(len(value) for _, value in line.fields)
            if len(self._loose) >= _PAGE_LINES or self._characters > _PAGE_CHARACTERS:
                self._turn_page()
        if sum(group.size for group in self.groups) > MOST_NUMBERS:
            max(self.groups, key=lambda group: group.size).thin_out()

    def _turn_page(self) -> None:
        page = _Page(self._loose[0].number, self._before_loose, self._loose)
        self._pages.append(page)
        self._bytes += len(page.compressed)
        self._loose, self._before_loose, self._characters = [], self._counts[:], 0
        while self._bytes > self._most_bytes:
            gone = self._pages.popleft()
            self._bytes -= len(gone.compressed)
            self._open.pop(gone.first, None)

    def _count(self, line: LogLine, at: float) -> int:
        kind = (line.level, line.code, self._shape(line))
        group = self._by_kind.get(kind)
        if group is None:
            if len(self.groups) >= MOST_GROUPS:
                kind = (line.level, "", _REST)
                group = self._by_kind.get(kind)
            if group is None:
                title = kind[2] if kind[2] == _REST else title_of_error(line)
                group = self._by_kind[kind] = ErrorGroup(len(self.groups) + 1, title, line)
                self.groups.append(group)
        group.add(at)
        return group.number

    def _shape(self, line: LogLine) -> str:
        """The kind of an error, remembered: a script says the same thing again and again."""
        text = f"{line.message}\0{line.detail}"
        known = self._shapes.get(text)
        if known is None:
            if len(self._shapes) > _MOST_SHAPES:
                self._shapes.clear()
            known = self._shapes[text] = kind_of_error(line)
        return known

    # Reading

    @property
    def oldest(self) -> int:
        """The number of the oldest line that is kept."""
        return self._pages[0].first if self._pages else self.total - len(self._loose)

    def until(self, at: float | None) -> int:
        """How many lines had come at a moment, as far as that is still known; by now where it is None."""
        if at is None or self.last is None or at >= self.last:
            return self.total
        if self._loose and self._loose[0].arrived <= at:
            return self._loose[0].number + bisect_right(self._loose, at, key=_arrival)
        place = bisect_right(self._pages, at, key=lambda page: page.arrived[0]) - 1
        if place < 0:
            return self.oldest
        page = self._pages[place]
        if page.arrived[1] <= at:
            return page.first + page.count
        return page.first + bisect_right(self._lines_of(page), at, key=_arrival)

    def skipped_by(self, at: float | None) -> int:
        """How many bytes had come too fast to be read at a moment; until now where it is None."""
        if at is None:
            return self.skipped
        return next((skipped for since, skipped in reversed(self._skips) if since <= at), 0)

    def counts(self, until: int | None = None) -> dict[Kind, int]:
        """How many lines there are of each level and origin among the first ``until``; of all where it is None."""
        if until is None or until >= self.total:
            return dict(zip(KINDS, self._counts, strict=True))
        before, entries = self._before_loose, self._loose
        first = self.total - len(self._loose)
        if until < first:
            page = self._page(until)
            if page is None:
                return (
                    dict.fromkeys(KINDS, 0) if not self._pages else dict(zip(KINDS, self._pages[0].before, strict=True))
                )
            before, entries, first = page.before, list(self._lines_of(page)), page.first
        counts = before[:]
        for entry in entries[: until - first]:
            counts[_PLACES[entry.line.level, entry.line.origin]] += 1
        return dict(zip(KINDS, counts, strict=True))

    def entry(self, number: int) -> Entry | None:
        """The line of that number; None where it is not kept any more."""
        first = self.total - len(self._loose)
        if number >= first:
            return self._loose[number - first] if number < self.total else None
        page = self._page(number)
        return None if page is None else self._lines_of(page)[number - page.first]

    def entries(self, start: int, end: int) -> Iterable[Entry]:
        """The lines from ``start`` up to ``end``, without it, as far as they are kept."""
        number = max(start, self.oldest)
        first = self.total - len(self._loose)
        while number < min(end, first):
            page = self._page(number)
            if page is None:
                return
            yield from self._lines_of(page)[number - page.first : end - page.first]
            number = page.first + page.count
        if number < end:
            yield from self._loose[number - first : end - first]

    def _page(self, number: int) -> _Page | None:
        place = bisect_right(self._pages, number, key=lambda page: page.first) - 1
        return self._pages[place] if place >= 0 else None

    def _lines_of(self, page: _Page) -> tuple[Entry, ...]:
        """The lines of a page; those looked at last lie open."""
        lines = self._open.pop(page.first, None)
        if lines is None:
            lines = page.open()
            while len(self._open) >= _OPEN_PAGES:
                del self._open[next(iter(self._open))]
        self._open[page.first] = lines
        return lines


def _arrival(entry: Entry) -> float:
    return entry.arrived

"""What a one-shot command has to say: a document for programs, tables for people, and an exit code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import zip_longest
from textwrap import wrap

from dashboard.errors import ExitCode
from dashboard.quick import dataclass
from dashboard.view.format import clean, fit, text_width
from dashboard.view.frame import Tone

SCHEMA = 1
"""The version of the documents. It changes when a key changes its meaning or goes; keys may be added any time."""

LEAST_CUT = 16
"""Cells that are left of a column that is cut to fit a terminal."""
LEAST_WRAP = 24
"""Cells that a column keeps in which text is wrapped; a terminal with less room has to break the lines itself."""
_INDENT = "    "
_GAP = "  "
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a table."""

    text: str
    """May be untrusted; made harmless when it is written."""
    tone: Tone = Tone.PLAIN
    is_number: bool = False
    """Whether it stands at the right of its column."""


Row = tuple[Cell, ...]


class Room(StrEnum):
    """What a table does on a terminal that is too narrow for it."""

    CUT = "cut"
    """The columns that may give way are cut, one after the other."""
    WRAP = "wrap"
    """The last column is sentences, and goes on below itself."""
    FOLD = "fold"
    """The last column goes below the others, indented."""


@dataclass(frozen=True, slots=True)
class Table:
    """Aligned rows."""

    rows: tuple[Row, ...]
    heads: tuple[str, ...] = ()
    room: Room = Room.CUT
    gives: tuple[int, ...] = (0,)
    """The columns that may be cut, the first one first."""

    def lines(self, width: int | None = None) -> tuple[Row, ...]:
        """The rows with every field padded to its column, without blanks at the end of a line.

        Args:
            width: Cells that a line may take; None leaves all text whole, for pipes and files.
        """
        heads = (tuple(Cell(head) for head in self.heads),) if self.heads else ()
        rows = [tuple(_harmless(cell) for cell in _without_empty_end(row)) for row in (*heads, *self.rows)]
        widths = _widths(rows)
        excess = 0 if width is None else sum(widths) + len(_GAP) * (len(widths) - 1) - width
        if width is None or excess <= 0:
            return tuple(_padded(row, widths, self._numbers(rows)) for row in rows)
        match self.room:
            case Room.CUT:
                for column in self.gives:
                    cut = min(max(0, excess), max(0, widths[column] - LEAST_CUT))
                    widths[column] -= cut
                    excess -= cut
            case Room.WRAP:
                widths[-1] = max(LEAST_WRAP, widths[-1] - excess)
                rows = [line for row in rows for line in _wrapped(row, widths)]
            case Room.FOLD:
                rows = [line for row in rows for line in _folded(row, len(widths), width)]
                widths = _widths([row for row in rows if len(row) > 1])
        return tuple(_padded(row, widths, self._numbers(rows)) for row in rows)

    @staticmethod
    def _numbers(rows: Sequence[Row]) -> list[bool]:
        return [any(cells) for cells in zip_longest(*([cell.is_number for cell in row] for row in rows))]


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a command."""

    document: Mapping[str, object]
    """For programs: JSON values only. ``schema``, ``command`` and ``target`` are added when it is written."""
    tables: tuple[Table, ...] = ()
    """For people."""
    remarks: tuple[str, ...] = ()
    """What is no data: goes to stderr, a line each, in either form."""
    code: ExitCode = ExitCode.OK
    text: str | None = None
    """Data that people read as they are, in place of tables. Untrusted text."""


def facts(*pairs: tuple[str, Cell | str]) -> Table:
    """A table of names and values."""
    rows = tuple((Cell(name), value if isinstance(value, Cell) else Cell(value)) for name, value in pairs)
    return Table(rows, room=Room.WRAP)


def _widths(rows: Sequence[Row]) -> list[int]:
    return [
        max(widths) for widths in zip_longest(*([text_width(cell.text) for cell in row] for row in rows), fillvalue=0)
    ]


def _harmless(cell: Cell) -> Cell:
    return replace(cell, text=clean(cell.text, _LONGEST))


def _without_empty_end(row: Row) -> Row:
    return row[:-1] if row and not row[-1].text else row


def _wrapped(row: Row, widths: Sequence[int]) -> Iterator[Row]:
    """A row whose last cell goes on in the lines below."""
    if len(row) < len(widths):
        yield row
        return
    *others, last = row
    blank = [Cell("") for _ in others]
    for number, text in enumerate(wrap(last.text, widths[-1], break_long_words=False, break_on_hyphens=False)):
        yield (*(blank if number else others), replace(last, text=text))


def _folded(row: Row, count: int, width: int) -> Iterator[Row]:
    """A row whose last cell stands in lines of its own."""
    if len(row) < count:
        yield row
        return
    *others, last = row
    yield tuple(others)
    for text in wrap(last.text, max(LEAST_WRAP, width - len(_INDENT)), break_long_words=False, break_on_hyphens=False):
        yield (replace(last, text=_INDENT + text),)


def _padded(row: Row, widths: Sequence[int], numbers: Sequence[bool]) -> Row:
    fields: list[Cell] = []
    for i, cell in enumerate(row):
        is_last = i == len(row) - 1
        if len(row) == 1 and len(widths) > 1 and text_width(cell.text) > widths[0]:
            return row
        width = min(widths[i], text_width(cell.text)) if is_last and not numbers[i] else widths[i]
        text = fit(cell.text, width, "right" if numbers[i] else "left")
        fields.append(replace(cell, text=text if is_last else text + _GAP))
    return tuple(fields)

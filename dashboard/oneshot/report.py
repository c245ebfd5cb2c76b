"""What a one-shot command has to say: a document for programs, tables for people, and an exit code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard.errors import ExitCode
from dashboard.view.format import clean, fit, text_width
from dashboard.view.frame import Tone

SCHEMA = 1
"""The version of the documents. It changes when a key changes its meaning or goes; keys may be added any time."""

LEAST_CUT = 12
"""Cells that are left of a column that is cut to fit a terminal."""
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


@dataclass(frozen=True, slots=True)
class Table:
    """Aligned rows. Where it is wider than a terminal, the column ``gives`` gives way."""

    rows: tuple[Row, ...]
    heads: tuple[str, ...] = ()
    gives: int = 0

    def lines(self, width: int | None = None) -> tuple[Row, ...]:
        """The rows with every field padded to its column, the last without blanks at its end.

        Args:
            width: Cells that a line may take; None leaves all text whole, for pipes and files.
        """
        heads = (tuple(Cell(head) for head in self.heads),) if self.heads else ()
        rows = [tuple(_harmless(cell) for cell in _without_empty_end(row)) for row in (*heads, *self.rows)]
        count = max(map(len, rows), default=0)
        widths = [max((text_width(row[i].text) for row in rows if i < len(row)), default=0) for i in range(count)]
        if width is not None and count:
            excess = sum(widths) + len(_GAP) * (count - 1) - width
            widths[self.gives] = max(min(widths[self.gives], LEAST_CUT), widths[self.gives] - max(0, excess))
        numbers = [any(row[i].is_number for row in rows if i < len(row)) for i in range(count)]
        return tuple(_padded(row, widths, numbers) for row in rows)


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
    return Table(
        tuple((Cell(name), value if isinstance(value, Cell) else Cell(value)) for name, value in pairs), gives=1
    )


def _harmless(cell: Cell) -> Cell:
    return Cell(clean(cell.text, _LONGEST), cell.tone, cell.is_number)


def _without_empty_end(row: Row) -> Row:
    return row[:-1] if row and not row[-1].text else row


def _padded(row: Row, widths: list[int], numbers: list[bool]) -> Row:
    fields: list[Cell] = []
    for i, cell in enumerate(row):
        is_last = i == len(row) - 1
        width = min(widths[i], text_width(cell.text)) if is_last and not numbers[i] else widths[i]
        text = fit(cell.text, width, "right" if numbers[i] else "left")
        fields.append(Cell(text if is_last else text + _GAP, cell.tone, cell.is_number))
    return tuple(fields)

"""What a line table shows: columns, rows and cells, and how columns share a width. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    key: str
    title: str
    width: int = 8
    """Cells it takes; the least it takes where ``share`` is given."""
    share: int = 0
    """Its part of the room that is left over, against the other columns' shares."""
    align: Literal["left", "right"] = "left"
    priority: int = 0
    """When it is narrow, the column with the highest goes first; 0 stays, and shrinks."""
    is_sortable: bool = True
    elides: Literal["end", "middle"] = "end"
    """Where a text gives way that is too long."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with more than text: a colour by meaning, a sparkline."""

    text: str = ""
    style_class: str = ""
    """Which of the table's component classes colours it: ``pass`` is ``table--pass``."""
    spark: tuple[float, ...] = ()
    """Values of a sparkline, drawn instead of the text."""
    upper: float | None = None
    """The value of the sparkline's full height; its greatest where None."""
    indent: int = 0
    """Cells left free before the text."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a key that stays when the row moves, and a cell a column."""

    key: str
    cells: tuple[Cell | str, ...]
    style_class: str = ""


def share_out(columns: Sequence[Column], width: int, gap: int = 1) -> list[tuple[int, int]]:
    """Share ``width`` out: index and width of each column that is shown, in order.

    The columns of the highest priority number go first when there is not enough room; then the last that
    remain shrink to what there is.
    """
    shown = [i for i, column in enumerate(columns) if column.width > 0 or column.share > 0]
    while shown:
        needed = sum(columns[i].width for i in shown) + gap * (len(shown) - 1)
        victim = max(shown, key=lambda i: (columns[i].priority, i))
        if needed <= width or columns[victim].priority <= 0:
            break
        shown.remove(victim)
    widths = {i: columns[i].width for i in shown}
    spare = width - sum(widths.values()) - gap * (len(shown) - 1)
    shares = sum(columns[i].share for i in shown)
    if spare > 0 and shares:
        given = 0
        sharing = [i for i in shown if columns[i].share]
        for i in sharing:
            part = spare - given if i == sharing[-1] else spare * columns[i].share // shares
            widths[i] += part
            given += part
    for i in sorted(shown, key=lambda i: (columns[i].share > 0, i), reverse=True):
        if spare >= 0:
            break
        taken = min(-spare, max(0, widths[i] - 3))
        widths[i] -= taken
        spare += taken
    result: list[tuple[int, int]] = []
    left = width
    for i in shown:
        size = min(widths[i], left)
        if size > 0:
            result.append((i, size))
        left -= size + gap
    return result

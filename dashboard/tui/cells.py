"""The cells of a drawing: single dots, what two characters of dots are together, and cells joined into a strip."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

_QUARTERS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
_BRAILLE = 0x2800
_BRAILLE_BITS = ((0x40, 0x04, 0x02, 0x01), (0x80, 0x20, 0x10, 0x08))
"""Of each dot of a cell, column by column from below."""
_QUARTER_BITS = ((4, 1), (8, 2))


def dotted(points: Iterable[tuple[int, int]], dots: tuple[int, int], marker: str) -> str:
    """The character of a cell with these dots, as plotext draws them.

    Args:
        points: Dots from the cell's left and from below.
        dots: How many a cell has, across and up.
        marker: plotext's marker, which is the character where a cell is one dot.
    """
    match dots:
        case (2, 4):
            return chr(_BRAILLE | _sum_of(_BRAILLE_BITS, points))
        case (2, 2):
            return _QUARTERS[_sum_of(_QUARTER_BITS, points)]
        case _:
            return marker


def _sum_of(bits: tuple[tuple[int, ...], ...], points: Iterable[tuple[int, int]]) -> int:
    return sum({bits[x][y] for x, y in points})


def united(under: str, over: str) -> str:
    """One character with the dots of both, where both are made of dots."""
    if _BRAILLE < ord(over) < _BRAILLE + 256 and _BRAILLE < ord(under) < _BRAILLE + 256:
        return chr(ord(under) | ord(over))
    if under in _QUARTERS and over in _QUARTERS:
        return _QUARTERS[_QUARTERS.index(under) | _QUARTERS.index(over)]
    return over


def joined(cells: list[str], styles: list[Style]) -> Strip:
    """Join cells of one style into segments."""
    segments: list[Segment] = []
    start = 0
    for index in range(1, len(cells) + 1):
        if index == len(cells) or styles[index] is not styles[start]:
            segments.append(Segment("".join(cells[start:index]), styles[start]))
            start = index
    return Strip(segments, len(cells))

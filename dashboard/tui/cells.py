"""The cells of a drawing: what two characters of dots are together, and cells joined into a strip."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

_QUARTERS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
_BRAILLE = 0x2800


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

"""The last step before a terminal that has seven bits alone: every character becomes one of those."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from dashboard.view.format import character_width

_FORMS = {
    "✗": "x",
    "✓": "+",
    "▶": ">",
    "→": ">",
    "◔": "o",
    "◕": "o",
    "‖": "|",
    "■": "#",
    "≤": "<",
    "–": "-",  # noqa: RUF001 - the sign for what is not known
    "…": "~",
    "·": ".",
    "µ": "u",
    "≈": "~",
    "▼": "v",
    "▲": "^",
}
_CORNERS = "┌┐└┘├┤┬┴┼╭╮╯╰┏┓┗┛╔╗╚╝"
_UPRIGHT = "│┃║╎╏┆┇┊┋▌▐▎▏▍▋▊▉▕"
_LEVEL = "─━═╌╍┄┅┈┉▔"


@lru_cache(4096)
def plain(text: str) -> str:
    """Write ``text`` in ASCII, in just as many cells.

    >>> plain("✗ 7.03µs → ende\N{COMBINING ACUTE ACCENT} 日")
    'x 7.03us > ende ??'
    """
    return text if text.isascii() else "".join(map(_plain_character, text))


def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    if (known := _FORMS.get(character)) is not None:
        return known
    if character in _CORNERS:
        return "+"
    if character in _UPRIGHT:
        return "|"
    if character in _LEVEL:
        return "-"
    if "▁" <= character <= "▇":
        return "_"
    if "█" <= character <= "▟":
        return "#"
    letter = unicodedata.normalize("NFD", character)[0]
    return letter if letter.isascii() else "?" * character_width(character)


class PlainFilter(LineFilter):
    """Applies :func:`plain` to all that is drawn: borders, toasts and names from outside included."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Give the same segments in ASCII."""
        return [Segment(plain(text), style, control) for text, style, control in segments]

"""Text from a server, made fit for one line of a message."""

from __future__ import annotations

import unicodedata

QUOTE_LIMIT = 200
"""How much of a server's text an error message quotes, in characters."""

_REPLACED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LOOKED_AT = 8


def clean(text: str | bytes, limit: int = QUOTE_LIMIT) -> str:
    """Return ``text`` on one line: white space collapsed, what steers a terminal replaced, cut to ``limit``.

    Control, format (which has the bidirectional ones), surrogate, private and unassigned characters become
    U+FFFD. Only the beginning of a long text is looked at, so the cost does not grow with it.
    """
    head = text[: limit * _LOOKED_AT]
    is_whole = len(head) == len(text)
    if isinstance(head, bytes):
        head = head.decode("utf-8", errors="replace")
    line = "".join(_visible(char) for char in " ".join(head.split()))
    if len(line) <= limit and is_whole:
        return line
    return line[: limit - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def _visible(char: str) -> str:
    return "\N{REPLACEMENT CHARACTER}" if unicodedata.category(char) in _REPLACED else char


def well_formed(text: str) -> str:
    """Return ``text`` with lone surrogates, which cannot be encoded, replaced; JSON can spell them."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

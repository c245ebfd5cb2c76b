"""Untrusted text in a cell of a table that a spreadsheet may open."""

from __future__ import annotations

from typing import Final

_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def cell(text: str) -> str:
    r"""Make ``text`` harmless in a cell: what a spreadsheet would take for a formula gets an apostrophe in front.

    No metric of k6 begins with such a character, so a real name stays as it is.

    >>> cell("http_reqs"), cell("=HYPERLINK(1)")
    ('http_reqs', "'=HYPERLINK(1)")
    """
    harmless = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return f"'{harmless}" if harmless.startswith(_STARTS_A_FORMULA) else harmless

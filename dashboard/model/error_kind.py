"""The kind of error that a line of the log is of: what it says, without what differs from one time to the next."""

from __future__ import annotations

import re
from typing import Final

from dashboard.model.log import LogLine

_LONGEST: Final = 1000
"""Characters of a message that are looked at."""


def kind_of_error(line: LogLine) -> str:
    """What errors that are alike have in common: the message, and the error that k6 tells beside it, as a shape."""
    return shape(f"{line.message.strip()}: {line.detail}" if line.detail else line.message)


def title_of_error(line: LogLine) -> str:
    """How a kind of error is called: by the error that k6 tells beside the message, or by the message."""
    return shape(line.detail or line.message)


_URL: Final = re.compile(r"\b([a-z][a-z0-9+.-]*://[^/\s\"'<>)?#]+)([^\s\"'<>)?#]*)([?#][^\s\"'<>)]*)?", re.IGNORECASE)
_KEPT: Final = re.compile(
    r"(?:\bdial (?:tcp|udp) |->)(?:\[[0-9a-f:.%]+\]|[\w.-]+):\d+"
    r"|\b(?:status|code|error_code|http/[\d.]+)\b(?: code| is| was)?[ :='\"]{1,3}\d{3,4}\b",
    re.IGNORECASE,
)
"""The address that was dialled, and a code: they tell one kind from another."""
_IDENTIFIER: Final = re.compile(
    r"\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|0x[0-9a-f]+|[0-9a-f]{24,}"
    r"|(?=[\w-]*\d)[\w-]{32,})\b",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")


def shape(text: str) -> str:
    """What is left of a message without what differs from one time to the next: it names the kind of error.

    Only the first line counts. Numbers become ``N``, UUIDs and long identifiers ``ID``, and the query of a URL ``…``.
    The host of a URL stays, and so do the address that was dialled and a status or a code: they tell what is broken.
    The local port of a connection does not.

    >>> shape('Get "http://10.0.0.1:80/user/17?x=2": dial tcp 10.0.0.1:80: i/o timeout after 1.5s')
    'Get "http://10.0.0.1:80/user/N?…": dial tcp 10.0.0.1:80: i/o timeout after Ns'
    """
    first = text.strip().partition("\n")[0][:_LONGEST]
    parts: list[str] = []
    position = 0
    for match in _URL.finditer(first):
        host, path, query = match.groups()
        parts += [_without_numbers(first[position : match.start()]), host, _plain(path)]
        parts.append(f"{query[0]}…" if query else "")
        position = match.end()
    return "".join((*parts, _without_numbers(first[position:])))


def _without_numbers(text: str) -> str:
    parts: list[str] = []
    position = 0
    for match in _KEPT.finditer(text):
        parts += [_plain(text[position : match.start()]), match[0]]
        position = match.end()
    return "".join((*parts, _plain(text[position:])))


def _plain(text: str) -> str:
    return _NUMBER.sub("N", _IDENTIFIER.sub("ID", text))

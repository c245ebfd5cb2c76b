"""What k6 says while it runs, and the errors in it counted by what they are about."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from dashboard.quick import dataclass

MOST_LINES: Final = 10_000
"""Lines that are kept; the file has them all."""
MOST_GROUPS: Final = 500
"""Kinds of errors that are told apart; the rest counts as one."""
RATE_SECONDS: Final = 300
"""Seconds of the past of which each kind's rate is kept."""
_LONGEST: Final = 4000


class Level(StrEnum):
    """How serious a line is, in k6's words."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def weight(self) -> int:
        """For comparing: the more serious, the greater."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry of k6's log. All of it is untrusted text."""

    at: float
    """When it was written, in seconds since the Unix epoch; k6 tells whole seconds."""
    level: Level
    message: str
    source: str = ""
    """``console`` for what the script says, ``stacktrace`` for its exceptions, empty for k6 itself."""
    fields: tuple[tuple[str, str], ...] = ()
    """What k6 adds: ``error``, ``scenario``, ``executor``, ``hint`` ..."""

    @property
    def is_console(self) -> bool:
        """Whether the script said it."""
        return self.source.startswith("console")

    @property
    def text(self) -> str:
        """All of it in one piece."""
        return " ".join((self.message.strip(), *(f"{name}={value}" for name, value in self.fields)))


@dataclass(slots=True)
class ErrorGroup:
    """Warnings and errors that say the same but for numbers, addresses and identifiers."""

    key: str
    level: Level
    code: str
    """k6's error code or the like, where one is told; else empty."""
    count: int
    first: float
    last: float
    example: LogLine
    rates: dict[int, int]
    """Lines in each second of the recent past."""


class LogBook:
    """The log of one run: the newest lines, and counts of everything."""

    def __init__(self) -> None:
        self.lines: deque[LogLine] = deque(maxlen=MOST_LINES)
        self.total = 0
        """Lines that have come, kept or not."""
        self.by_level: dict[Level, int] = dict.fromkeys(Level, 0)
        self.groups: dict[str, ErrorGroup] = {}
        self.skipped = 0
        """Bytes that came faster than they could be read."""
        self.error_rates: dict[int, int] = {}
        """Warnings and errors in each second of the recent past."""
        self._shapes: dict[str, str] = {}

    def add(self, lines: Iterable[LogLine]) -> None:
        """Take in lines, in the order in which they were written."""
        for line in lines:
            self.lines.append(line)
            self.total += 1
            self.by_level[line.level] += 1
            if line.level.weight >= Level.WARNING.weight and not (line.is_console and line.level is Level.WARNING):
                self._count(line)

    def _count(self, line: LogLine) -> None:
        code = next((value for name, value in line.fields if name in ("error_code", "code")), "")
        detail = next((value for name, value in line.fields if name == "error"), "")
        key = f"{line.level}{code}{self._shape(f'{line.message}: {detail}' if detail else line.message)}"
        group = self.groups.get(key)
        if group is None:
            if len(self.groups) >= MOST_GROUPS:
                key = f"{line.level}…"
                group = self.groups.get(key)
            if group is None:
                group = ErrorGroup(key, line.level, code, 0, line.at, line.at, line, {})
                self.groups[key] = group
        group.count += 1
        group.last = max(group.last, line.at)
        _tick(group.rates, line.at)
        _tick(self.error_rates, line.at)

    def _shape(self, text: str) -> str:
        """:func:`shape`, remembered: a script says the same thing again and again."""
        known = self._shapes.get(text)
        if known is None:
            if len(self._shapes) > 2 * MOST_GROUPS:
                self._shapes.clear()
            known = self._shapes[text] = shape(text)
        return known


def _tick(rates: dict[int, int], at: float) -> None:
    second = int(at)
    if second in rates:
        rates[second] += 1
        return
    rates[second] = 1
    if len(rates) > RATE_SECONDS:
        del rates[next(iter(rates))]


_URL: Final = re.compile(r"\b([a-z][a-z0-9+.-]*://[^/\s\"'<>)?#]+)([^\s\"'<>)?#]*)([?#][^\s\"'<>)]*)?", re.IGNORECASE)
_IDENTIFIER: Final = re.compile(
    r"\b(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|0x[0-9a-f]+|[0-9a-f]{24,})\b", re.IGNORECASE
)
_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")


def shape(text: str) -> str:
    """What is left of a message without what differs from one time to the next: it names the kind of error.

    >>> shape('Get "http://10.0.0.1:80/user/17?x=2": dial tcp 10.0.0.1:80: i/o timeout after 1.5s')
    'Get "http://10.0.0.1:80/user/N?…": dial tcp N: i/o timeout after Ns'
    """
    first = text.strip().partition("\n")[0][:_LONGEST]
    parts: list[str] = []
    position = 0
    for match in _URL.finditer(first):
        host, path, query = match.groups()
        parts += [_plain(first[position : match.start()]), host, _plain(path), f"{query[0]}…" if query else ""]
        position = match.end()
    return "".join((*parts, _plain(first[position:])))


def _plain(text: str) -> str:
    return _NUMBER.sub("N", _IDENTIFIER.sub("ID", text))

"""k6's log as it writes it, line by line: JSON where k6dash asked for it, logrus's own text otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from dashboard.model.log import Level, LogLine

_LEVELS: Final[Mapping[str, Level]] = {
    "trace": Level.DEBUG,
    "debug": Level.DEBUG,
    "info": Level.INFO,
    "warning": Level.WARNING,
    "warn": Level.WARNING,
    "error": Level.ERROR,
    "fatal": Level.ERROR,
    "panic": Level.ERROR,
}
_PAIR: Final = re.compile(r'(?<![\w.])([A-Za-z_][\w.]{0,99})=("(?:[^"\\]|\\.)*(?:"|\\?\Z)|\S*)', re.DOTALL)
"""A name and its value. A string that has been cut ends with the line: what it holds is not searched for more."""
_SHORT_TEXT: Final = re.compile(r"(DEBU|INFO|WARN|ERRO|FATA)\[\d+\]\s?(.*)", re.DOTALL)
_SHORT_LEVELS: Final = {
    "DEBU": Level.DEBUG,
    "INFO": Level.INFO,
    "WARN": Level.WARNING,
    "ERRO": Level.ERROR,
    "FATA": Level.ERROR,
}
_OWN: Final = frozenset({"time", "level", "msg", "source"})
_LONGEST_LINE: Final = 64 * 1024
"""Bytes of a line that are looked at."""
LONGEST_MESSAGE: Final = 4000
"""Characters of a message that are kept."""
_LONGEST_FIELD: Final = 1000
_MOST_FIELDS: Final = 30
_TORN: Final = re.compile(r'"(error|level|msg|scenario|source|time)":"((?:[^"\\]|\\.)*)')


class LogDecoder:
    """Reads one log, in pieces as they come."""

    def __init__(self) -> None:
        self._is_inside = False
        """Whether the last piece ended inside a line: one so long that nobody waits for its end."""

    def decode(self, written: bytes, at: float) -> Iterator[LogLine]:
        """The entries in a piece of the log.

        Args:
            written: Whole lines, or the beginning of one that is too long, or what comes of it later, which is left
                out. What is no entry, such as a stack trace of Go, is an entry of its own.
            at: When they were read, for lines that tell no time.
        """
        if self._is_inside:
            _, end, written = written.partition(b"\n")
            self._is_inside = not end
        if not self._is_inside:
            self._is_inside = bool(written) and not written.endswith(b"\n")
        for raw in written.split(b"\n"):
            if raw.strip():
                yield _decode_line(raw[:_LONGEST_LINE].decode("utf-8", "replace"), at)


def decode_log(written: bytes, at: float) -> Iterator[LogLine]:
    """The entries in whole lines of a log."""
    return LogDecoder().decode(written, at)


def _decode_line(text: str, at: float) -> LogLine:
    if text.startswith("{"):
        try:
            entry = json.loads(text)
        except (ValueError, RecursionError):
            # A line that has been cut: what stands before the cut is as good as ever.
            entry = {match[1]: _unquoted(f'"{match[2]}"') for match in _TORN.finditer(text)}
        if isinstance(entry, dict) and ("msg" in entry or "error" in entry):
            return _entry({str(name): value for name, value in entry.items()}, at)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if text.startswith(("time=", "level=")):
        return _entry({match[1]: _unquoted(match[2]) for match in _PAIR.finditer(text)}, at)
    if match := _SHORT_TEXT.match(text):
        return LogLine(at, _SHORT_LEVELS[match[1]], _cut(match[2]))
    return LogLine(at, Level.ERROR if text.startswith(("panic:", "fatal error:")) else Level.INFO, _cut(text))


def _entry(entry: Mapping[str, Any], at: float) -> LogLine:
    return LogLine(
        _time(entry.get("time"), at),
        _LEVELS.get(str(entry.get("level")), Level.WARNING if "error" in entry else Level.INFO),
        _cut(str(entry.get("msg", ""))),
        _cut(str(entry.get("source", "")), 100),
        _fields(entry),
    )


def _fields(entry: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What k6 adds, the error first: it is what the line is about."""
    names = [name for name in entry if name not in _OWN]
    if not names:
        return ()
    names.sort(key=lambda name: name != "error")
    return tuple((_cut(name, 100), _cut(str(entry[name]), _LONGEST_FIELD)) for name in names[:_MOST_FIELDS])


def _cut(text: str, limit: int = LONGEST_MESSAGE) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _time(text: object, at: float) -> float:
    """k6's own time of an entry. It tells whole seconds, so that one within the last second was written just now."""
    told = _timestamp(text) if isinstance(text, str) else None
    return at if told is None or 0 <= at - told < 1 else told


@lru_cache(maxsize=16)
def _timestamp(text: str) -> float | None:
    """A time as k6 writes it, remembered: thousands of lines may tell the same second."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _unquoted(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:].removesuffix('"')

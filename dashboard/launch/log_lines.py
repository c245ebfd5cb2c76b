"""k6's log as it writes it, line by line: JSON where k6dash asked for it, logrus's own text otherwise."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
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
_PAIR: Final = re.compile(r'([A-Za-z_][\w.]*)=("(?:[^"\\]|\\.)*"|\S*)')
_SHORT_TEXT: Final = re.compile(r"(DEBU|INFO|WARN|ERRO|FATA)\[\d+\]\s?(.*)", re.DOTALL)
_SHORT_LEVELS: Final = {
    "DEBU": Level.DEBUG,
    "INFO": Level.INFO,
    "WARN": Level.WARNING,
    "ERRO": Level.ERROR,
    "FATA": Level.ERROR,
}
_OWN: Final = frozenset({"time", "level", "msg", "source"})
_LONGEST: Final = 8000


def decode_log(written: bytes, at: float) -> Iterator[LogLine]:
    """The entries in whole lines of k6's log.

    Args:
        written: Lines; what is no entry, such as a stack trace of Go, is an entry of its own.
        at: When they were read, for lines that tell no time.
    """
    for raw in written.split(b"\n"):
        if raw.strip():
            yield _decode_line(raw[:_LONGEST].decode("utf-8", "replace"), at)


def _decode_line(text: str, at: float) -> LogLine:
    if text.startswith("{"):
        try:
            entry = json.loads(text)
        except ValueError:
            entry = None
        if isinstance(entry, dict):
            return _entry({str(name): value for name, value in entry.items()}, at)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if text.startswith(("time=", "level=")):
        return _entry({match[1]: _unquoted(match[2]) for match in _PAIR.finditer(text)}, at)
    if match := _SHORT_TEXT.match(text):
        return LogLine(at, _SHORT_LEVELS[match[1]], match[2])
    return LogLine(at, Level.ERROR if text.startswith(("panic:", "fatal error:")) else Level.INFO, text)


def _entry(entry: Mapping[str, Any], at: float) -> LogLine:
    return LogLine(
        _time(entry.get("time"), at),
        _LEVELS.get(str(entry.get("level")), Level.INFO),
        str(entry.get("msg", "")),
        str(entry.get("source", "")),
        tuple((name, str(value)) for name, value in entry.items() if name not in _OWN),
    )


def _time(text: object, at: float) -> float:
    """k6's own time of an entry. It tells whole seconds, so that one within the last second was written just now."""
    if not isinstance(text, str):
        return at
    try:
        told = datetime.fromisoformat(text).timestamp()
    except ValueError:
        return at
    return at if 0 <= at - told < 1 else told


def _unquoted(text: str) -> str:
    if len(text) < 2 or not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1]

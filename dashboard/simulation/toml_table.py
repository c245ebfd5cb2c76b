"""Tables of a TOML file, read key by key; a complaint names the file, the line and what is right."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias, cast

from dashboard.duration import parse_duration
from dashboard.errors import UsageError

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_PART: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_KEY: Final = re.compile(rf"\s*((?:{_PART.pattern})(?:\s*\.\s*(?:{_PART.pattern}))*)\s*=")

Where: TypeAlias = tuple[str | int, ...]


def _parts(dotted: str) -> list[str]:
    parts: list[str] = []
    for part in _PART.findall(dotted):
        if part[0] in "\"'":
            part = next(iter(tomllib.loads(f"{part} = 0")))
        parts.append(part)
    return parts


def _index_lines(text: str) -> dict[Where, int]:
    """The line of every table header and of every key that stands at the start of a line."""
    lines: dict[Where, int] = {}
    counts: dict[Where, int] = {}
    here: Where = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            here = ()
            parts = _parts(header.group(2))
            for depth, part in enumerate(parts):
                here = (*here, part)
                if header.group(1) == "[[" and depth == len(parts) - 1:
                    counts[here] = counts.get(here, -1) + 1
                if here in counts:
                    here = (*here, counts[here])
            lines.setdefault(here, number)
        elif key := _KEY.match(line):
            lines.setdefault((*here, *_parts(key.group(1))), number)
    return lines


class Table:
    """One table: take its keys, then call :meth:`done` so that a misspelt one does not pass unseen."""

    def __init__(self, file: str, lines: dict[Where, int], where: Where, content: dict[str, object]) -> None:
        self._file = file
        self._lines = lines
        self._where = where
        self._content = content
        self._known: list[str] = []

    def error(self, message: str, *keys: str | int) -> UsageError:
        """A complaint about the line of a key, or of the table itself."""
        return UsageError(f"{self.place(*keys)}: {message}")

    def place(self, *keys: str | int) -> str:
        """``FILE:LINE`` of a key, or of the table itself."""
        where: Where = (*self._where, *keys)
        while where and where not in self._lines:
            where = where[:-1]
        return f"{self._file}:{self._lines.get(where, 1)}"

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def keys(self) -> Sequence[str]:
        """The keys as written."""
        return tuple(self._content)

    def _take(self, key: str) -> object | None:
        self._known.append(key)
        return self._content.get(key)

    def ignore(self, *keys: str) -> None:
        """Know these keys, which may or may not have been taken."""
        self._known.extend(keys)

    def raw(self, key: str) -> object | None:
        """Any value, unchecked."""
        return self._take(key)

    def text(self, key: str, default: str = "", choices: Sequence[str] = ()) -> str:
        """A string, perhaps one of a few."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, str) or (choices and value not in choices):
            right = "one of " + ", ".join(choices) if choices else "text in quotes"
            raise self.error(f"{key} is {value!r}; it must be {right}", key)
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.error(f"{key} is {value!r}; it must be true or false", key)
        return value

    def number(self, key: str, default: float, low: float | None = None, high: float | None = None) -> float:
        """A number within bounds; infinities and NaN pass only where there are no bounds."""
        value = self._take(key)
        if value is None:
            return default
        return self.checked_number(value, low, high, key)

    def checked_number(self, value: object, low: float | None, high: float | None, *keys: str | int) -> float:
        """``value``, if it is a number within bounds."""
        name = keys[0] if keys else "the value"
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(f"{name} is {value!r}; it must be a number", *keys)
        if (low is not None and not value >= low) or (high is not None and not value <= high):
            bounds = f"from {low:g} to {high:g}" if low is not None and high is not None else f"at least {low:g}"
            raise self.error(f"{name} is {value!r}; it must be {bounds}", *keys)
        return float(value)

    def whole(self, key: str, default: int, low: int = 0) -> int:
        """A whole number, not below ``low``."""
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            raise self.error(f"{key} is {value!r}; it must be a whole number, at least {low}", key)
        return value

    def seconds(self, key: str, default: float) -> float:
        """A duration."""
        found = self.maybe_seconds(key)
        return default if found is None else found

    def maybe_seconds(self, key: str) -> float | None:
        """A duration, or None if it is not given."""
        value = self._take(key)
        return None if value is None else self.checked_seconds(value, key)

    def checked_seconds(self, value: object, *keys: str | int) -> float:
        """``value`` as seconds: a duration in quotes, or a number that is not negative."""
        if isinstance(value, str):
            try:
                return parse_duration(value)
            except ValueError as error:
                raise self.error(f"{keys[0]}: {error}", *keys) from None
        return self.checked_number(value, 0, None, *keys)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self._take(key)
        if value is None:
            return ()
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        for item in items:
            if not isinstance(item, str):
                raise self.error(f"{key} has {item!r}; it must be a list of texts in quotes", key)
        return tuple(cast("list[str]", items))

    def tags(self, key: str) -> dict[str, str]:
        """A table of strings."""
        table = self.table(key)
        return {tag: table.text(tag) for tag in table.keys()}  # noqa: SIM118 - a Table is no mapping

    def table(self, key: str) -> Table:
        """A table below this one, empty if it is not given."""
        value = self._take(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise self.error(f"{key} is {value!r}; it must be a table", key)
        return Table(self._file, self._lines, (*self._where, key), cast("dict[str, object]", value))

    def tables(self, key: str) -> Iterator[Table]:
        """The tables of a list of them, none if it is not given."""
        value = self._take(key)
        if value is None:
            value = []
        if not isinstance(value, list):
            raise self.error(f"{key} is {value!r}; it must be a list of tables, each under [[{key}]]", key)
        for number, item in enumerate(cast("list[object]", value)):
            if not isinstance(item, dict):
                raise self.error(f"{key} has {item!r}; each must be a table", key, number)
            yield Table(self._file, self._lines, (*self._where, key, number), cast("dict[str, object]", item))

    def done(self) -> None:
        """Complain about a key that nobody took."""
        for key in self._content:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(sorted(self._known))}"
                raise self.error(f"unknown key {key!r}; {hint}", key)


def read_table(path: Path) -> Table:
    """The top table of a file.

    Raises:
        UsageError: there is no such file, or it is not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"{path}: cannot be read: {reason}") from None
    try:
        content = cast("dict[str, object]", tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"\s*\(at (?:line (\d+), column \d+|end of document)\)", str(error))
        line = at.group(1) if at and at.group(1) else str(max(1, len(text.splitlines())))
        message = str(error)[: at.start()] if at else str(error)
        raise UsageError(f"{path}:{line}: not TOML: {message}") from None
    return Table(str(path), _index_lines(text), (), content)

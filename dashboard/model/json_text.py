"""JSON as text: where it goes wrong, what is in it, and how it reads best, without a value being changed.

Numbers keep every digit, members their order, and a name that comes twice both its values. Nothing here recurses, so
that no depth is too deep, and what is made of a text is bounded by a number of values, whatever its size.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import zip_longest
from typing import Final

from dashboard.quick import dataclass

DEEPEST: Final = 10_000
"""Levels that k6's own reader of JSON takes."""

_BLANK: Final = re.compile(r"[ \t\n\r]*+")
_STRING: Final = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+"')
_STRING_SO_FAR: Final = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")
_LITERAL: Final = re.compile(r"(?:true|false|null)(?![\w$])")
_WORD: Final = re.compile(r"[\w$+.-]{1,40}")
_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|[^\s"{}\[\],:]++|[{}\[\],:]')
_OVERFLOWS_FROM: Final = 300
"""Numbers shorter than this without an exponent are no infinity."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text is no JSON, and where."""

    message: str
    offset: int
    line: int
    """From 1 on."""
    column: int
    """From 1 on, in characters."""

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


class Kind(StrEnum):
    """What a value is."""

    OBJECT = "object"
    ARRAY = "array"
    STRING = "string"
    NUMBER = "number"
    LITERAL = "literal"


@dataclass(frozen=True, slots=True)
class Node:
    """One value in a text."""

    depth: int
    name: str
    """The member's name as it is written, quotes and all; empty for what is no member."""
    place: int
    """Its place in what contains it, from 0 on."""
    kind: Kind
    text: str
    """A scalar as it is written; empty for what contains others."""
    size: int
    """How many values it contains directly, as far as they were read."""
    end: int
    """Index of the first value behind it and all that it contains."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The values of a text in its order, each followed by what it contains."""

    nodes: tuple[Node, ...]
    is_whole: bool
    """Whether these are all; the rest was not read, and may be no JSON."""


class _Faulty(Exception):
    def __init__(self, message: str, offset: int) -> None:
        self.message = message
        self.offset = offset


def check(text: str) -> Fault | None:
    """Say what is wrong with ``text``; None where it is JSON that k6 takes."""
    read = outline(text)
    return read if isinstance(read, Fault) else None


def outline(text: str, most: int | None = None) -> Outline | Fault:
    """Read ``text``, and stop behind the first ``most`` values of it where a number is given."""
    try:
        return _Reader(text).read(most)
    except _Faulty as fault:
        before = text[: fault.offset]
        line = before.count("\n") + 1
        return Fault(fault.message, fault.offset, line, fault.offset - (before.rfind("\n") + 1) + 1)


class _Reader:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._made: list[tuple[int, str, int, Kind, str]] = []
        self._sizes: list[int] = []
        self._ends: list[int] = []
        self._open: list[int] = []

    def read(self, most: int | None) -> Outline:
        self._blank()
        name = ""
        while True:
            opened = self._value(name)
            if most is not None and len(self._made) >= most:
                return self._outline(is_whole=not self._open and not opened and self._is_at_end())
            if opened and not self._closes():
                name = self._name() if self._is_object() else ""
                continue
            if self._climb():
                return self._outline(is_whole=True)
            name = self._name() if self._is_object() else ""

    def _outline(self, *, is_whole: bool) -> Outline:
        nodes = tuple(
            Node(*made, size, end or len(self._made))
            for made, size, end in zip(self._made, self._sizes, self._ends, strict=True)
        )
        return Outline(nodes, is_whole)

    def _is_at_end(self) -> bool:
        self._blank()
        return self._at == len(self._text)

    def _is_object(self) -> bool:
        return self._made[self._open[-1]][3] is Kind.OBJECT

    def _blank(self) -> None:
        match = _BLANK.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _add(self, name: str, kind: Kind, text: str) -> None:
        parent = self._open[-1] if self._open else None
        place = 0
        if parent is not None:
            place = self._sizes[parent]
            self._sizes[parent] += 1
        self._made.append((len(self._open), name, place, kind, text))
        self._sizes.append(0)
        self._ends.append(0 if kind in (Kind.OBJECT, Kind.ARRAY) else len(self._made))

    def _value(self, name: str) -> bool:
        """Take a value, of what contains others the beginning; whether it was such a one."""
        sign = self._peek()
        if sign in ("{", "["):
            if len(self._open) == DEEPEST:
                raise _Faulty(f"k6 takes no more than {DEEPEST:,} levels", self._at)
            self._add(name, Kind.OBJECT if sign == "{" else Kind.ARRAY, "")
            self._open.append(len(self._made) - 1)
            self._at += 1
            self._blank()
            return True
        if sign == '"':
            self._add(name, Kind.STRING, self._string())
        elif match := _LITERAL.match(self._text, self._at):
            self._add(name, Kind.LITERAL, match[0])
            self._at = match.end()
        else:
            self._add(name, Kind.NUMBER, self._number())
        return False

    def _number(self) -> str:
        match = _NUMBER.match(self._text, self._at)
        word = _WORD.match(self._text, self._at)
        if match is None or (word is not None and word.end() > match.end()):
            raise _Faulty(self._no_value(word[0] if word else ""), self._at)
        number = match[0]
        if (len(number) > _OVERFLOWS_FROM or "e" in number or "E" in number) and float(number) in (
            float("inf"),
            float("-inf"),
        ):
            raise _Faulty("k6 takes no number as large as this", self._at)
        self._at = match.end()
        return number

    def _no_value(self, word: str) -> str:
        sign = self._peek()
        if not sign:
            return "it ends where a value should stand"
        if sign == "'":
            return "texts stand in double quotes"
        if sign in ",}]:":
            return f"a value should stand before the {sign}"
        if sign in "-.+0123456789":
            return f"{word or sign} is no number of JSON"
        if word in ("NaN", "Infinity", "undefined"):
            return f"JSON has no {word}"
        if word in ("True", "False", "None", "TRUE", "FALSE", "NULL", "Null"):
            meant = {"t": "true", "f": "false", "n": "null"}[word[0].lower()]
            return f"{word} is written {meant} in JSON"
        return "a value should stand here: a text in double quotes, a number, true, false, null, { or ["

    def _string(self) -> str:
        start = self._at
        match = _STRING.match(self._text, start)
        if match is not None:
            self._at = match.end()
            return match[0]
        so_far = _STRING_SO_FAR.match(self._text, start)
        at = so_far.end() if so_far else start
        if self._text[at : at + 1] == "\\":
            raise _Faulty("no such escape; a backslash itself is written \\\\", at)
        if at < len(self._text) and self._text[at] not in "\r\n":
            raise _Faulty("control characters are written as escapes, such as \\t or \\u001b", at)
        raise _Faulty('this text has no closing "', start)

    def _name(self) -> str:
        if self._peek() != '"':
            raise _Faulty("a name in double quotes should stand here", self._at)
        name = self._string()
        self._blank()
        if self._peek() != ":":
            raise _Faulty("a colon should stand between name and value", self._at)
        self._at += 1
        self._blank()
        return name

    def _closes(self) -> bool:
        """Take the end of what was opened last, if it stands here."""
        if self._peek() != ("}" if self._is_object() else "]"):
            return False
        self._at += 1
        self._ends[self._open.pop()] = len(self._made)
        return True

    def _climb(self) -> bool:
        """Go on behind a value, out of all that ends with it; whether that is the end of the text."""
        while True:
            self._blank()
            if not self._open:
                if self._at < len(self._text):
                    raise _Faulty("something stands behind the end of the value", self._at)
                return True
            if self._closes():
                continue
            if self._peek() != ",":
                raise _Faulty(f"a comma or {'}' if self._is_object() else ']'} should stand here", self._at)
            comma = self._at
            self._at += 1
            self._blank()
            if self._peek() in ("}", "]"):
                raise _Faulty("nothing follows this comma; take it away", comma)
            return False


def visible(text: str) -> str:
    r"""Write what hides or steers a terminal as JSON's own escapes: the same value, and harmless on a screen.

    >>> print(visible('"left \u202e right \u009b"'))
    "left \u202e right \u009b"
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character if character in "\n\t" or character.isprintable() else _escaped(character) for character in text
    )


def _escaped(character: str) -> str:
    return json.dumps(character, ensure_ascii=True)[1:-1] if character != "\x7f" else "\\u007f"


def pretty(read: Outline) -> Iterator[str]:
    """The lines of a text, one value a line, two spaces a level; values as they are written."""
    closing: list[tuple[int, str, str]] = []
    nodes = read.nodes
    for index, node in enumerate(nodes):
        comma = "" if node.end >= (closing[-1][0] if closing else len(nodes)) else ","
        head = "  " * node.depth + (f"{node.name}: " if node.name else "")
        breaks_off = not read.is_whole and index + 1 == len(nodes)
        if node.kind in (Kind.OBJECT, Kind.ARRAY):
            opening, end = ("{", "}") if node.kind is Kind.OBJECT else ("[", "]")
            if node.size:
                yield head + opening
                closing.append((node.end, end, comma))
            else:
                yield head + opening + ("" if breaks_off else end + comma)
        else:
            yield head + node.text + comma
        if breaks_off:
            return
        while closing and closing[-1][0] == index + 1:
            _, end, comma = closing.pop()
            yield "  " * len(closing) + end + comma


def same_value(one: str, other: str) -> bool:
    """Whether two texts, both JSON, write the same value: blanks and escapes do not count, digits and order do."""
    return all(mine == theirs for mine, theirs in zip_longest(_tokens(one), _tokens(other)))


def _tokens(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token.startswith('"'):
            # A mark before it keeps the text "1" apart from the number.
            yield '"' + (json.loads(token) if "\\" in token else token[1:-1])
        else:
            yield token

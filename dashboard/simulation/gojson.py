"""JSON as Go's encoding/json reads and writes it, down to the wording of its errors.

k6's refusals quote that package, so a client that shows them must meet the same words. The grammar and the
wording follow the states of Go's ``encoding/json/scanner.go``; numbers follow ``floatEncoder`` of
``encode.go``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import field
from typing import Final

from dashboard.quick import dataclass

MAX_DEPTH: Final = 10_000
"""How deep Go lets documents nest (``maxNestingDepth``)."""

_SPACE = re.compile(rb"[ \t\r\n]*")
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')
_LOW_SURROGATE = re.compile(rb"\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_HEX = b"0123456789abcdefABCDEF"
_DIGITS = b"0123456789"
_OPEN_OBJECT, _CLOSE_OBJECT, _CLOSE_ARRAY, _COMMA, _COLON, _QUOTE = b'{}],:"'
_END = "unexpected end of JSON input"
_SHORT = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPE = re.compile('[\x00-\x1f"\\\\<>&\u2028\u2029\ud800-\udfff]')


class GoJSONError(ValueError):
    """The text is not JSON; the message is Go's."""


@dataclass(slots=True)
class Node:
    """One JSON value, with what Go's decoder looks at.

    Attributes:
        kind: ``object``, ``array``, ``string``, ``number``, ``bool`` or ``null``.
        text: A string's characters, or a literal or number as written.
        fields: An object's members in order, repeated keys included.
        items: An array's elements.
    """

    kind: str
    text: str = ""
    fields: list[tuple[str, Node]] = field(default_factory=list[tuple[str, "Node"]])
    items: list[Node] = field(default_factory=list["Node"])

    def walk(self) -> Iterable[Node]:
        """This value and all below it, in the order of the text."""
        pending: list[Node] = [self]
        while pending:
            node = pending.pop()
            yield node
            pending.extend(child for _, child in reversed(node.fields))
            pending.extend(reversed(node.items))


def go_quote(text: str, quote: str = '"') -> str:
    """``text`` as Go's ``strconv.Quote`` shows it."""
    out: list[str] = []
    for char in text:
        code = ord(char)
        if char in (quote, "\\"):
            out.append("\\" + char)
        elif char in "\a\b\f\n\r\t\v":
            out.append("\\" + "abfnrtv"["\a\b\f\n\r\t\v".index(char)])
        elif 0x20 <= code < 0x7F or (code > 0xA0 and char.isprintable()):
            out.append(char)
        elif code < 0x80:
            out.append(f"\\x{code:02x}")
        elif code < 0x10000:
            out.append(f"\\u{code:04x}")
        else:
            out.append(f"\\U{code:08x}")
    return quote + "".join(out) + quote


def _unexpected(char: int, context: str) -> GoJSONError:
    shown = "'\\''" if char == 0x27 else "'\"'" if char == 0x22 else "'" + go_quote(chr(char))[1:-1] + "'"
    return GoJSONError(f"invalid character {shown} {context}")


def _text(data: bytes) -> str:
    """UTF-8 as Go reads it: each byte that is none becomes a replacement character of its own."""
    return _NOT_UTF8.sub("\ufffd", data.decode("utf-8", "surrogateescape"))


class _Scanner:
    """One pass over the bytes, building the tree without recursion."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def peek(self) -> int:
        """The next byte after white space."""
        match = _SPACE.match(self.data, self.at)
        self.at = match.end() if match else self.at
        return self.byte()

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise GoJSONError(_END)
        return self.data[self.at]

    def byte_or_space(self) -> int:
        """The next byte inside a token; at the end Go tries a space, and complains about that."""
        return self.data[self.at] if self.at < len(self.data) else 0x20

    def document(self) -> Node:
        root = Node("root")
        stack: list[Node] = [root]
        value_is_due = True
        while value_is_due or len(stack) > 1:
            value_is_due = self._value(stack) if value_is_due else self._continue(stack)
        match = _SPACE.match(self.data, self.at)
        self.at = match.end() if match else self.at
        if self.at < len(self.data):
            raise _unexpected(self.data[self.at], "after top-level value")
        return root.items[0]

    def _value(self, stack: list[Node]) -> bool:
        """Read a scalar or open a container; say whether a value is due next."""
        char = self.peek()
        if char not in b"{[":
            self._attach(stack, self._scalar(char))
            return False
        node = Node("object" if char == _OPEN_OBJECT else "array")
        self._attach(stack, node)
        stack.append(node)
        if len(stack) - 1 > MAX_DEPTH:
            raise _unexpected(char, "exceeded max depth")
        self.at += 1
        if self.peek() == char + 2:  # in ASCII each closing bracket is two above its opening one
            return self._close(stack)
        return self._key(stack) if char == _OPEN_OBJECT else True

    def _continue(self, stack: list[Node]) -> bool:
        """Read what follows an element of the innermost container; say whether a value is due next."""
        char = self.peek()
        is_object = stack[-1].kind == "object"
        if char == _COMMA:
            self.at += 1
            return self._key(stack) if is_object else True
        if char == (_CLOSE_OBJECT if is_object else _CLOSE_ARRAY):
            return self._close(stack)
        raise _unexpected(char, "after object key:value pair" if is_object else "after array element")

    def _attach(self, stack: list[Node], node: Node) -> None:
        parent = stack[-1]
        if parent.kind == "object":
            parent.fields[-1] = (parent.fields[-1][0], node)
        else:
            parent.items.append(node)

    def _close(self, stack: list[Node]) -> bool:
        self.at += 1
        stack.pop()
        return False

    def _key(self, stack: list[Node]) -> bool:
        """Read a key and its colon; a value is due next."""
        char = self.peek()
        if char != _QUOTE:
            raise _unexpected(char, "looking for beginning of object key string")
        key = self._string()
        char = self.peek()
        if char != _COLON:
            raise _unexpected(char, "after object key")
        self.at += 1
        stack[-1].fields.append((key, Node("null")))
        return True

    def _scalar(self, char: int) -> Node:
        if char == _QUOTE:
            return Node("string", self._string())
        if char == 0x2D or char in _DIGITS:
            return Node("number", self._number())
        for word, kind in ((b"true", "bool"), (b"false", "bool"), (b"null", "null")):
            if char == word[0]:
                for expected in word[1:]:
                    self.at += 1
                    if self.byte_or_space() != expected:
                        context = f"in literal {word.decode()} (expecting {chr(expected)!r})"
                        raise _unexpected(self.byte_or_space(), context)
                self.at += 1
                return Node(kind, word.decode())
        raise _unexpected(char, "looking for beginning of value")

    def _string(self) -> str:
        self.at += 1
        parts: list[str] = []
        while True:
            match = _PLAIN.match(self.data, self.at)
            end = match.end() if match else self.at
            parts.append(_text(self.data[self.at : end]))
            self.at = end
            char = self.byte()
            self.at += 1
            if char == _QUOTE:
                return "".join(parts)
            if char < 0x20:
                raise _unexpected(char, "in string literal")
            parts.append(self._escaped())

    def _escaped(self) -> str:
        char = self.byte_or_space()
        self.at += 1
        if char in b'bfnrt\\/"':
            return '\b\f\n\r\t\\/"'[b'bfnrt\\/"'.index(char)]
        if char != 0x75:
            raise _unexpected(char, "in string escape code")
        for _ in range(4):
            if self.byte_or_space() not in _HEX:
                raise _unexpected(self.byte_or_space(), "in \\u hexadecimal character escape")
            self.at += 1
        code = int(self.data[self.at - 4 : self.at], 16)
        low = _LOW_SURROGATE.match(self.data, self.at)
        if 0xD800 <= code < 0xDC00 and low:
            self.at = low.end()
            return chr(0x10000 + ((code - 0xD800) << 10) + int(low.group(1), 16) - 0xDC00)
        return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code)

    def _number(self) -> str:
        start = self.at
        if self.data[self.at] == 0x2D:
            self.at += 1
            if self.byte_or_space() not in _DIGITS:
                raise _unexpected(self.byte_or_space(), "in numeric literal")
        if self.data[self.at] == 0x30:
            self.at += 1
        else:
            self._digits()
        if self.at < len(self.data) and self.data[self.at] == 0x2E:
            self.at += 1
            if self.byte_or_space() not in _DIGITS:
                raise _unexpected(self.byte_or_space(), "after decimal point in numeric literal")
            self._digits()
        if self.at < len(self.data) and self.data[self.at] in b"eE":
            self.at += 1
            if self.byte_or_space() in b"+-":
                self.at += 1
            if self.byte_or_space() not in _DIGITS:
                raise _unexpected(self.byte_or_space(), "in exponent of numeric literal")
            self._digits()
        return self.data[start : self.at].decode("ascii")

    def _digits(self) -> None:
        while self.at < len(self.data) and self.data[self.at] in _DIGITS:
            self.at += 1


def parse(data: bytes) -> Node:
    """Read one document.

    Raises:
        GoJSONError: it is not JSON; the message is the one Go gives.
    """
    return _Scanner(data).document()


def overflowing_number(node: Node) -> str | None:
    """The first number in ``node`` that does not fit a float64, which Go does not put into an ``any``."""
    for child in node.walk():
        if child.kind == "number" and math.isinf(float(child.text)):
            return child.text
    return None


def compact(data: bytes) -> str:
    """A valid document as Go writes ``json.RawMessage``: no white space, and ``<``, ``>``, ``&`` escaped."""
    text = data.decode("utf-8", "surrogateescape")
    pieces = re.split(r'("(?:[^"\\]|\\.)*")', text)
    pieces[::2] = ["".join(piece.split()) for piece in pieces[::2]]
    for char, escape in (
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        pieces = [piece.replace(char, escape) for piece in pieces]
    return "".join(pieces)


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if 0xD800 <= ord(char) < 0xE000:
        return "\\ufffd"
    return _SHORT.get(char) or f"\\u{ord(char):04x}"


def string(text: str) -> str:
    """A JSON string with Go's escapes, which spare HTML its special characters."""
    return '"' + _ESCAPE.sub(_escape, text) + '"'


def number(value: float) -> str:
    """A float64 as Go writes it: no point for whole numbers, an exponent below 1e-6 and from 1e21.

    Raises:
        GoJSONError: the value is not finite.
    """
    if value != value or value in (math.inf, -math.inf):
        shown = "NaN" if value != value else "+Inf" if value > 0 else "-Inf"
        raise GoJSONError(f"json: unsupported value: {shown}")
    if value == 0:
        return "-0" if math.copysign(1.0, value) < 0 else "0"
    size = abs(value)
    if 1e-6 <= size < 1e21:
        text = repr(float(value))
        if "e" in text or "E" in text:
            text = _plain(text)
        return text.removesuffix(".0")
    mantissa, _, exponent = repr(float(value)).partition("e")
    return f"{mantissa}e{exponent[0] if exponent[0] in '+-' else '+'}{int(exponent.lstrip('+-'))}"


def _plain(text: str) -> str:
    """Python's shortest digits, from exponent to positional notation."""
    mantissa, _, exponent = text.partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    shift = int(exponent)
    digits = whole + fraction
    if shift < 0:
        return f"{sign}0.{'0' * (-shift - 1)}{digits}"
    point = len(whole) + shift
    return f"{sign}{digits.ljust(point, '0')[:point]}{'.' + digits[point:] if digits[point:] else ''}"

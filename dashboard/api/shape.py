"""Reading JSON of any shape without trusting it, and saying what came instead of what was expected."""

from __future__ import annotations

import json
import math
import re
from typing import TypeGuard

from dashboard.api import encode
from dashboard.api.untrusted import clean, well_formed
from dashboard.errors import Undecodable

_LARGEST = 2**63
_TITLE = re.compile(r"<title[^>]*>([^<]+)", re.IGNORECASE)
# A number of thousands of digits is refused by int() and is some float, if an infinite one.
_SKIMMER = json.JSONDecoder(parse_int=float)
_EXPECTED = {
    encode.STATUS: "k6's status",
    encode.METRICS: "k6's list of metrics",
    encode.GROUPS: "k6's groups",
    encode.SETUP: "k6's setup data",
    encode.TEARDOWN: "an empty answer",
    encode.PING: "ok",
    encode.PROCESS_METRICS: "the k6 process's own metrics",
    encode.DEBUG_VARS: "the k6 process's variables",
}


def expected_at(endpoint: str) -> str:
    """What k6 sends at ``endpoint``, in words for a message."""
    if endpoint.startswith(encode.METRICS + "/"):
        return "a metric of k6"
    if endpoint.startswith(encode.GROUPS + "/"):
        return "a group of k6"
    return _EXPECTED.get(endpoint, "an answer of k6")


def undecodable(endpoint: str, got: str) -> Undecodable:
    """Make the error for an answer that is ``got`` instead of what belongs at ``endpoint``."""
    return Undecodable(endpoint, expected_at(endpoint), got)


def load(body: bytes, endpoint: str) -> object:
    """Parse JSON."""
    text = text_of(body, endpoint)
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        raise undecodable(endpoint, describe(body)) from None
    return document


def text_of(body: bytes, endpoint: str) -> str:
    """Return the text of a body."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise undecodable(endpoint, "bytes that are no text") from None


def data_of(body: bytes, endpoint: str) -> object:
    """Return what is under ``data`` in a document."""
    document = load(body, endpoint)
    if not is_object(document) or "data" not in document:
        raise undecodable(endpoint, describe(body))
    return document["data"]


def object_of(value: object, endpoint: str, name: str) -> dict[str, object]:
    """Insist on an object; ``name`` says what it is in the document."""
    if not is_object(value):
        raise undecodable(endpoint, f"JSON whose {name} is {_kind(value)}")
    return value


def list_of(value: object, endpoint: str) -> list[object]:
    """Insist on a list under ``data``."""
    if not is_list(value):
        raise undecodable(endpoint, f"JSON whose data is {_kind(value)}")
    return value


def is_object(value: object) -> TypeGuard[dict[str, object]]:
    """Whether ``value`` is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether ``value`` is a JSON array."""
    return isinstance(value, list)


def string(value: object) -> str:
    """Return a text, the empty one for anything else."""
    return well_formed(value) if isinstance(value, str) else ""


def count(value: object) -> int | None:
    """Return a whole number that a 64-bit counter can hold, None for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST:
        return None
    return value


def number(value: object) -> float | None:
    """Return a finite number, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def member(text: str, wanted: str) -> str | None:
    """Return the text of the member ``wanted`` of the JSON object ``text``, the last one of that name."""
    found: str | None = None
    index = _skip(text, 0, "{")
    while not text.startswith("}", index):
        key, index = _SKIMMER.raw_decode(text, index)
        start = _skip(text, _blank(text, index), ":")
        _, end = _SKIMMER.raw_decode(text, start)
        if key == wanted:
            found = text[start:end]
        index = _blank(text, end)
        if not text.startswith("}", index):
            index = _skip(text, index, ",")
    if text[index + 1 :].strip():
        raise ValueError("more after the object's end")
    return found


def _skip(text: str, index: int, char: str) -> int:
    index = _blank(text, index)
    if not text.startswith(char, index):
        raise ValueError(f"no {char}")
    return _blank(text, index + 1)


def _blank(text: str, index: int) -> int:
    while index < len(text) and text[index] in " \t\r\n":
        index += 1
    return index


def error_document(body: bytes) -> tuple[str, str] | None:
    """Return title and detail of k6's error document as sent, None if ``body`` is not one."""
    try:
        document: object = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    errors = document.get("errors") if is_object(document) else None
    first = errors[0] if is_list(errors) and errors else None
    if not is_object(first):
        return None
    title, detail = string(first.get("title")), string(first.get("detail"))
    return (title, detail) if title or detail else None


def first_words(body: bytes) -> str:
    """What a body that is not k6's says for itself: the title of a web page, or its first line."""
    head = body[:4096].decode("utf-8", errors="replace").strip()
    if head.startswith("<"):
        title = _TITLE.search(head)
        return clean(title[1]) if title else ""
    return clean(head.splitlines()[0]) if head else ""


def describe(body: bytes) -> str:
    """Say in a few words what a body that could not be used is."""
    head = body[:4096].decode("utf-8", errors="replace").strip().removeprefix("\ufeff")
    error = error_document(body[:65536])
    if not head:
        return "an empty answer"
    if head.startswith("<"):
        return f"a web page {quoted(words)}" if (words := first_words(body)) else "a web page"
    if error:
        return f"an error: {clean(': '.join(filter(None, error)))}"
    if head[0] in "{[":
        return f"JSON of another kind, or broken: {clean(head, 60)}"
    return f"the text {quoted(head.splitlines()[0])}"


def quoted(value: object) -> str:
    """Return a text in quotation marks and made harmless, the kind of anything else."""
    return f'"{clean(value, 60)}"' if isinstance(value, str) else _kind(value)


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            return "an object"

"""What ``PATCH /v1/status`` understands: the envelope as Go fills it, and its words when it cannot.

Go fills three nested structs (``StatusJSONAPI``, ``statusData``, ``Status``). Two kinds of trouble differ: a
value of the wrong type is remembered and decoding goes on, while a nullable value (``paused``, ``vus``,
``vus-max``, guregu's ``null.Bool`` and ``null.Int``) that refuses its input ends it at once and is the error
that is told.
"""

from __future__ import annotations

import re
from typing import Final

from dashboard.quick import dataclass
from dashboard.simulation import gojson
from dashboard.simulation.gojson import GoJSONError, Node

_INT64 = range(-(2**63), 2**63)
_UINT32 = range(2**32)
_DATA: Final = ("data",)
_ATTRIBUTES: Final = ("data", "attributes")


@dataclass(slots=True)
class Nullable:
    """A value that may be absent: ``null.Int`` and ``null.Bool``. It outlives its validity, as in Go."""

    value: int = 0
    valid: bool = False


@dataclass(slots=True)
class StatusPatch:
    """What a client asks for. ``status``, ``running`` and ``tainted`` are decoded by k6 and ignored."""

    paused: Nullable
    vus: Nullable
    vus_max: Nullable
    stopped: bool = False


class _TypeMismatch(Exception):
    """Go's ``UnmarshalTypeError``: a value does not fit a type, perhaps of a field further inside."""

    def __init__(self, value: str, go_type: str, inner_field: str = "") -> None:
        super().__init__(value)
        self.value = value
        self.go_type = go_type
        self.inner_field = inner_field

    def told(self, struct: str, path: tuple[str, ...]) -> str:
        """The message, in the context where Go's decoder stood."""
        if not struct:
            return f"json: cannot unmarshal {self.value} into Go value of type {self.go_type}"
        where = ".".join((*path, self.inner_field) if self.inner_field else path)
        field = f"{struct}.{where}"
        return f"json: cannot unmarshal {self.value} into Go struct field {field} of type {self.go_type}"


def _fold(key: str) -> str:
    """A key as Go compares it: by simple case folding, where the long s is an s and the Kelvin sign a k."""
    return key.replace("\u017f", "s").replace("\u212a", "k").lower()


def _match(key: str, names: tuple[str, ...]) -> str | None:
    if key in names:
        return key
    return next((name for name in names if _fold(key) == name), None)


def _parse_int(text: str) -> int:
    """Go's ``strconv.ParseInt(text, 10, 64)``."""
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise GoJSONError(f"strconv.ParseInt: parsing {gojson.go_quote(text)}: invalid syntax")
    digits = text.lstrip("+-").lstrip("0") or "0"
    number = int(text[0].replace("+", "") + digits if text[0] in "+-" else digits) if len(digits) < 20 else 2**64
    if number not in _INT64:
        raise GoJSONError(f"strconv.ParseInt: parsing {gojson.go_quote(text)}: value out of range")
    return number


def _integer(node: Node, go_type: str, limits: range) -> int | None:
    """An integer as Go stores it; None for null, which leaves the field alone."""
    if node.kind == "null":
        return None
    if node.kind == "number":
        digits = r"-?[0-9]{1,19}" if limits.start < 0 else r"[0-9]{1,19}"  # an unsigned -0 is no number to Go
        if re.fullmatch(digits, node.text) and int(node.text) in limits:
            return int(node.text)
        raise _TypeMismatch(f"number {node.text}", go_type)
    raise _TypeMismatch(node.kind, go_type)


def _boolean(node: Node) -> bool | None:
    if node.kind == "null":
        return None
    if node.kind == "bool":
        return node.text == "true"
    raise _TypeMismatch(node.kind, "bool")


def _sql_struct(node: Node, into: Nullable, name: str, go_type: str) -> None:
    """An object into ``sql.NullInt64`` or ``sql.NullBool``; a mismatch is raised after all is read."""
    first: _TypeMismatch | None = None
    for key, value in node.fields:
        field = _match(key, (name, "Valid")) or next((f for f in (name, "Valid") if _fold(key) == f.lower()), None)
        try:
            if field == name:
                read = _boolean(value) if go_type == "bool" else _integer(value, go_type, _INT64)
                into.value = into.value if read is None else int(read)
            elif field == "Valid":
                _boolean(value)
        except _TypeMismatch as mismatch:
            first = first or _TypeMismatch(mismatch.value, mismatch.go_type, field or "")
    if first:
        raise first


def _nullable(node: Node, into: Nullable, *, is_bool: bool) -> None:
    """Guregu's ``UnmarshalJSON`` for ``null.Bool`` and ``null.Int``."""
    overflow = gojson.overflowing_number(node)
    if overflow is not None:
        # Read into an ``any`` first, where the number fails, and the value keeps whatever validity it had.
        raise _TypeMismatch(f"number {overflow}", "float64")
    if node.kind == "null" or (node.kind == "string" and not node.text and not is_bool):
        into.valid = False
        return
    into.valid = False
    if node.kind == "object":
        _sql_struct(node, into, "Bool" if is_bool else "Int64", "bool" if is_bool else "int64")
    elif is_bool and node.kind == "bool":
        into.value = int(node.text == "true")
    elif not is_bool and node.kind == "number":
        read = _integer(node, "int64", _INT64)
        into.value = into.value if read is None else read
    elif not is_bool and node.kind == "string":
        into.value = _parse_int(node.text)
    else:
        go_name = {"number": "float64", "array": ""}.get(node.kind, node.kind)
        raise GoJSONError(f"json: cannot unmarshal {go_name} into Go value of type null.{'Bool' if is_bool else 'Int'}")
    into.valid = True


class _Decoder:
    """One decoding: the patch being filled and the first mismatch that was remembered."""

    def __init__(self) -> None:
        self.patch = StatusPatch(Nullable(), Nullable(), Nullable())
        self.remembered: str | None = None

    def remember(self, mismatch: _TypeMismatch, struct: str, path: tuple[str, ...]) -> None:
        self.remembered = self.remembered or mismatch.told(struct, path)

    def is_object(self, node: Node, go_type: str, struct: str, path: tuple[str, ...]) -> bool:
        if node.kind not in ("object", "null"):
            self.remember(_TypeMismatch(node.kind, go_type), struct, path)
        return node.kind == "object"

    def document(self, root: Node) -> None:
        if not self.is_object(root, "v1.StatusJSONAPI", "", ()):
            return
        for key, value in root.fields:
            if _match(key, _DATA) and self.is_object(value, "v1.statusData", "StatusJSONAPI", _DATA):
                self.data(value)

    def data(self, node: Node) -> None:
        for key, value in node.fields:
            name = _match(key, ("type", "id", "attributes"))
            if name == "attributes":
                if self.is_object(value, "v1.Status", "statusData", _ATTRIBUTES):
                    self.attributes(value)
            elif name and value.kind not in ("string", "null"):
                self.remember(_TypeMismatch(value.kind, "string"), "statusData", ("data", name))

    def attributes(self, node: Node) -> None:
        patch = self.patch
        for key, value in node.fields:
            name = _match(key, ("status", "paused", "vus", "vus-max", "stopped", "running", "tainted"))
            path = (*_ATTRIBUTES, name or "")
            if name in ("paused", "vus", "vus-max"):
                into = {"paused": patch.paused, "vus": patch.vus, "vus-max": patch.vus_max}[name]
                try:
                    _nullable(value, into, is_bool=name == "paused")
                except _TypeMismatch as mismatch:
                    raise GoJSONError(mismatch.told("Status", path)) from None
                continue
            try:
                if name == "status":
                    _integer(value, "lib.ExecutionStatus", _UINT32)
                elif name == "stopped":
                    read = _boolean(value)
                    patch.stopped = patch.stopped if read is None else read
                elif name:
                    _boolean(value)
            except _TypeMismatch as mismatch:
                self.remember(mismatch, "Status", path)


def decode(body: bytes) -> StatusPatch:
    """Read the body of ``PATCH /v1/status``.

    Raises:
        GoJSONError: k6 would refuse it with ``Invalid data`` and this message as the detail.
    """
    decoder = _Decoder()
    decoder.document(gojson.parse(body))
    if decoder.remembered:
        raise GoJSONError(decoder.remembered)
    return decoder.patch

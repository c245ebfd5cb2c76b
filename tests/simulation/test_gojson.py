"""JSON as Go reads and writes it; that its errors are Go's is for the conformance suite to say."""

from __future__ import annotations

import contextlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.simulation import gojson
from dashboard.simulation.gojson import GoJSONError, Node


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "-0"),
        (3.0, "3"),
        (-2.5, "-2.5"),
        (0.1, "0.1"),
        (1e-6, "0.000001"),
        (9.99e-7, "9.99e-7"),
        (1e-7, "1e-7"),
        (1.5e-300, "1.5e-300"),
        (123456789.125, "123456789.125"),
        (1e20, "100000000000000000000"),
        (1.2345e20, "123450000000000000000"),
        (1e21, "1e+21"),
        (1e308, "1e+308"),
        (2.0**53, "9007199254740992"),
        (0.00001234, "0.00001234"),
    ],
)
def test_numbers_look_as_gos(value: float, text: str) -> None:
    assert gojson.number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back(value: float) -> None:
    text = gojson.number(value)
    assert float(text) == value
    assert ("e" in text) == (value != 0 and not 1e-6 <= abs(value) < 1e21)


@pytest.mark.parametrize(("value", "name"), [(math.inf, "+Inf"), (-math.inf, "-Inf"), (math.nan, "NaN")])
def test_what_is_not_finite_is_refused_in_gos_words(value: float, name: str) -> None:
    with pytest.raises(GoJSONError, match=rf"json: unsupported value: {name.replace('+', '[+]')}"):
        gojson.number(value)


@given(st.text())
def test_strings_come_back_and_hide_html(text: str) -> None:
    shown = gojson.string(text)
    assert json.loads(shown) == "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in text)
    assert not set("<>&\u2028\u2029") & set(shown)


def _plain(node: Node) -> object:
    match node.kind:
        case "object":
            return {key: _plain(value) for key, value in node.fields}
        case "array":
            return [_plain(item) for item in node.items]
        case "string":
            return node.text
        case _:
            return json.loads(node.text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_documents_are_read_as_python_reads_them(value: object, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    if b"\xed" in text or b"\\ud" in text:
        return  # lone surrogates are replaced, see the conformance suite
    assert _plain(gojson.parse(text)) == json.loads(text)
    assert json.loads(gojson.compact(text)) == json.loads(text)
    assert gojson.compact(gojson.compact(text).encode()) == gojson.compact(text)


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(GoJSONError):
        assert gojson.parse(data).kind in ("object", "array", "string", "number", "bool", "null")


def test_depth_costs_no_python_frames() -> None:
    assert gojson.parse(b"[" * 9999 + b"]" * 9999).kind == "array"
    with pytest.raises(GoJSONError, match="exceeded max depth"):
        gojson.parse(b"[" * 10_001 + b"]" * 10_001)

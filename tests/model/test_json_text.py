"""JSON as text: nothing of it is changed, and what is wrong is told at its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.model.json_text import DEEPEST, Fault, Kind, Outline, check, outline, pretty, same_value, visible

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


def written(value: object, *, is_ascii: bool) -> str:
    return json.dumps(value, ensure_ascii=is_ascii)


TEXTS = st.builds(written, VALUES, is_ascii=st.booleans())


def read(text: str, most: int | None = None) -> Outline:
    found = outline(text, most)
    assert isinstance(found, Outline)
    return found


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("", 1, 1, "it ends where a value should stand"),
        ('{\n  "a": 1,\n}', 2, 9, "nothing follows this comma"),
        ('{\n  "a" 1\n}', 2, 7, "a colon"),
        ("{\n  a: 1\n}", 2, 3, "a name in double quotes"),
        ("{'a': 1}", 1, 2, "a name in double quotes"),
        ("[1 2]", 1, 4, "a comma or ]"),
        ('{"a": 1 "b": 2}', 1, 9, "a comma or }"),
        ('{"a": }', 1, 7, "a value should stand before the }"),
        ('["a\nb"]', 1, 2, 'no closing "'),
        ('["a\tb"]', 1, 4, "written as escapes"),
        ('["\\x"]', 1, 3, "no such escape"),
        ("[01]", 1, 2, "01 is no number of JSON"),
        ("[1.]", 1, 2, "1. is no number of JSON"),
        ("[NaN]", 1, 2, "JSON has no NaN"),
        ("[True]", 1, 2, "True is written true"),
        ("[1e999]", 1, 2, "no number as large as this"),
        ("[1]]", 1, 4, "behind the end"),
        ("[" * (DEEPEST + 1), 1, DEEPEST + 1, "10,000 levels"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(text: str, line: int, column: int, message: str) -> None:
    fault = check(text)
    assert fault is not None
    assert (fault.line, fault.column) == (line, column)
    assert message in fault.message


@given(TEXTS, st.data())
def test_what_python_takes_is_taken_and_nothing_else(text: str, data: st.DataObject) -> None:
    """Python's reader is the oracle; what it takes beyond JSON is not among the texts."""
    assert check(text) is None
    at = data.draw(st.integers(0, len(text)))
    spoilt = text[:at] + data.draw(st.sampled_from(["", ",", "}", "[", '"', "x", " ", "0"])) + text[at + 1 :]
    try:
        json.loads(spoilt)
    except ValueError:
        assert isinstance(check(spoilt), Fault)
    else:
        assert check(spoilt) is None


@given(TEXTS)
@example('"no\u00a0break"')
def test_pretty_and_visible_texts_are_the_same_value(text: str) -> None:
    shown = visible("\n".join(pretty(read(text))))
    assert json.loads(shown) == json.loads(text)
    assert same_value(shown, text)
    assert all(line.isprintable() for line in shown.split("\n"))


def test_digits_order_and_names_that_come_twice_survive() -> None:
    text = '{"b":12345678901234567890.10,"a":1E5,"b":-0}'
    assert list(pretty(read(text))) == ["{", '  "b": 12345678901234567890.10,', '  "a": 1E5,', '  "b": -0', "}"]


@given(TEXTS, st.integers(1, 20))
def test_a_bounded_reading_is_the_beginning_of_the_whole(text: str, most: int) -> None:
    whole, part = read(text), read(text, most)
    assert len(part.nodes) == min(most, len(whole.nodes))
    assert part.is_whole == (len(part.nodes) == len(whole.nodes) and part == whole)
    for mine, theirs in zip(part.nodes, whole.nodes, strict=False):
        assert (mine.depth, mine.name, mine.place, mine.kind, mine.text) == (
            *(theirs.depth, theirs.name, theirs.place, theirs.kind, theirs.text),
        )
    lines = list(pretty(whole))
    assert [line.rstrip(",]}[{") for line in pretty(part)] == [line.rstrip(",]}[{") for line in lines][
        : len(list(pretty(part)))
    ]


def test_what_lies_behind_the_bound_is_not_read() -> None:
    assert read("[1, 2, " + "x" * 10, most=3).is_whole is False


def test_nodes_know_what_they_contain() -> None:
    nodes = read('{"a":[1,[]],"b":2}').nodes
    assert [(node.name, node.kind, node.size, node.end) for node in nodes] == [
        ("", Kind.OBJECT, 2, 5),
        ('"a"', Kind.ARRAY, 2, 4),
        ("", Kind.NUMBER, 0, 3),
        ("", Kind.ARRAY, 0, 4),
        ('"b"', Kind.NUMBER, 0, 5),
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('{"a":1}', '{ "a" : 1 }', True),
        (r'"\u003c"', '"<"', True),
        ("1.0", "1.00", False),
        ('"1"', "1", False),
        ('["a,b"]', '["a","b"]', False),
        ('{"a":1,"b":2}', '{"b":2,"a":1}', False),
        ("[1]", "[1", False),
    ],
)
def test_the_same_value(one: str, other: str, same: bool) -> None:
    assert same_value(one, other) is same


def test_depth_costs_no_stack() -> None:
    text = "[" * DEEPEST + "]" * DEEPEST
    assert check(text) is None
    assert len(list(pretty(read(text)))) == 2 * DEEPEST - 1

"""Whatever comes in, a decoder gives a value or raises Undecodable."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.api import decode
from dashboard.errors import Undecodable
from tests.api.golden import goldens
from tests.api.test_decode import DECODERS

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(10**300, 10**310)
    | st.floats()
    | st.text(st.characters(), max_size=8)
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


def _mostly(strategy: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return strategy | json_values


names = _mostly(st.sampled_from(["x", "http_reqs", "a{b:c}", ""]))
attributes = _mostly(
    st.fixed_dictionaries(
        {},
        optional={
            "status": _mostly(st.integers(0, 12)),
            "vus": json_values,
            "vus-max": json_values,
            "paused": json_values,
            "type": _mostly(st.sampled_from(["counter", "gauge", "rate", "trend", "histogram"])),
            "contains": _mostly(st.sampled_from(["default", "time", "data"])),
            "tainted": _mostly(st.booleans()),
            "sample": _mostly(
                st.dictionaries(st.sampled_from(["count", "rate", "value", "avg", "p(95)", "\ud800"]), scalars)
            ),
            "name": names,
            "path": _mostly(st.sampled_from(["", "::a", "::a::b"])),
            "checks": _mostly(
                st.lists(_mostly(st.fixed_dictionaries({"id": names, "passes": json_values})), max_size=3)
            ),
            "data": json_values,
        },
    )
)
resources = _mostly(
    st.fixed_dictionaries(
        {"id": names, "attributes": attributes},
        optional={
            "type": _mostly(st.sampled_from(["status", "metrics", "groups", "setupData"])),
            "relationships": _mostly(st.fixed_dictionaries({"parent": _mostly(st.just({"data": {"id": "p"}}))})),
        },
    )
)
documents = _mostly(
    st.fixed_dictionaries({"data": _mostly(st.lists(resources, max_size=4)) | resources})
    | st.fixed_dictionaries({"errors": _mostly(st.lists(json_values, max_size=2))})
    | st.fixed_dictionaries({"cmdline": json_values, "memstats": json_values})
)
bodies = documents.map(lambda document: json.dumps(document).encode())

golden_bodies = [golden.body for golden in goldens() if golden.body]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draw an answer of a real k6 with a piece replaced."""
    body = draw(st.sampled_from(golden_bodies))
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 40)))
    return body[:start] + draw(st.binary(max_size=6) | st.sampled_from([b"null", b"[]", b"1e999"])) + body[end:]


@pytest.mark.parametrize("decoder", DECODERS.values(), ids=DECODERS)
@given(body=st.binary(max_size=200) | bodies | damaged())
def test_a_decoder_decodes_or_says_why_not(decoder: Callable[[bytes], object], body: bytes) -> None:
    with suppress(Undecodable):
        decoder(body)


@given(st.integers(400, 999), st.binary(max_size=200) | bodies)
def test_any_refusal_can_be_read(code: int, body: bytes) -> None:
    refusal = decode.refusal("/v1/status", code, body)
    assert refusal is not None
    assert str(refusal).isprintable()


@given(st.lists(resources, min_size=1, max_size=5))
def test_metrics_are_sorted_unique_and_finite(entries: list[object]) -> None:
    with suppress(Undecodable):
        found = decode.metric_list(json.dumps({"data": entries}).encode())
        names_found = [metric.name for metric in found.metrics]
        assert names_found == sorted(set(names_found))
        assert all(math.isfinite(value) for metric in found.metrics for value in metric.sample.values())
        for metric in found.metrics:
            metric.name.encode()


def test_a_hundred_thousand_entries() -> None:
    entries = [
        {"type": "metrics", "id": f"m{index:06}", "attributes": {"type": "gauge", "sample": {"value": index}}}
        for index in reversed(range(100_000))
    ]
    metrics = decode.metrics(json.dumps({"data": entries}).encode())
    assert len(metrics) == 100_000
    assert metrics[7].sample == {"value": 7}

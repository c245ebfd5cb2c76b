from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.api import decode, encode


@pytest.mark.parametrize(
    ("body", "attributes"),
    [
        (encode.pause_body(), {"paused": True}),
        (encode.resume_body(), {"paused": False}),
        (encode.stop_body(), {"stopped": True}),
        (encode.vus_body(7), {"vus": 7}),
        (encode.vus_body(0, 9), {"vus": 0, "vus-max": 9}),
        (encode.probe_body(), {"vus": -1}),
    ],
)
def test_a_body_is_k6s_envelope_around_one_change(body: encode.PatchBody, attributes: dict[str, object]) -> None:
    document = json.loads(body)
    assert document == {"data": {"type": "status", "id": "default", "attributes": attributes}}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("http_reqs", "/v1/metrics/http_reqs"),
        ("a{b:c,d:e}", "/v1/metrics/a%7Bb%3Ac%2Cd%3Ae%7D"),
        ("a{url:http://x/y?z#w}", "/v1/metrics/a%7Burl%3Ahttp%3A%2F%2Fx%2Fy%3Fz%23w%7D"),
        ("a b%é", "/v1/metrics/a%20b%25%C3%A9"),
        ("..", "/v1/metrics/%2E%2E"),
        ("\ud800", "/v1/metrics/%3F"),
    ],
)
def test_a_name_is_encoded_whole(name: str, path: str) -> None:
    assert encode.metric_path(name) == path


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_path_gives_its_name_back(name: str) -> None:
    assert decode.metric_id(encode.metric_path(name)) == name


def test_the_path_of_a_group() -> None:
    assert encode.group_path("a/b") == "/v1/groups/a%2Fb"

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from dashboard.api import decode
from dashboard.api.documents import MetricList
from dashboard.errors import Undecodable
from dashboard.model.metric import Contains, MetricType
from dashboard.model.run import ExecutionStatus, RunStatus, State
from tests.api.golden import Golden, goldens

DECODERS: dict[str, Callable[[bytes], object]] = {
    "status": decode.status,
    "metrics": decode.metric_list,
    "metric": decode.metric,
    "groups": decode.groups,
    "group": decode.group,
    "setup_data": decode.setup_data,
    "teardown": decode.teardown,
    "ping": decode.ping,
    "prometheus": decode.prometheus,
    "debug_vars": decode.debug_vars,
}


def _decode(golden: Golden) -> object:
    endpoint, body = golden.endpoint, golden.body
    if endpoint.startswith("/v1/metrics/"):
        return decode.metric(body, endpoint)
    if endpoint.startswith("/v1/groups/"):
        return decode.group(body, endpoint)
    by_endpoint = {
        "/v1/status": decode.status,
        "/v1/metrics": decode.metric_list,
        "/v1/groups": decode.groups,
        "/v1/setup": decode.setup_data,
        "/v1/teardown": decode.teardown,
        "/ping": decode.ping,
        "/nope": decode.ping,
        "/metrics": decode.prometheus,
        "/debug/vars/": decode.debug_vars,
    }
    return by_endpoint[endpoint](body)


def _resource(kind: str, name: object, /, **attributes: object) -> dict[str, object]:
    return {"type": kind, "id": name, "attributes": attributes}


def _body(data: object) -> bytes:
    return json.dumps({"data": data}).encode()


@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_every_answer_of_a_real_k6_is_read(golden: Golden) -> None:
    refusal = decode.refusal(golden.endpoint, golden.status, golden.body)
    if golden.status >= 400:
        assert refusal is not None
        assert refusal.status_code == golden.status
    elif golden.status < 300:
        assert refusal is None
        result = _decode(golden)
        assert not isinstance(result, MetricList) or (result.metrics and not result.skipped)


@pytest.mark.parametrize("golden", goldens("status-get"), ids=str)
def test_a_status(golden: Golden) -> None:
    status = decode.status(golden.body)
    assert status == RunStatus(
        ExecutionStatus.RUNNING, paused=False, vus=3, vus_max=3, stopped=False, running=True, tainted=True
    )
    assert status.state is State.RUNNING


def test_a_status_as_the_documentation_has_it() -> None:
    status = decode.status(_body(_resource("status", "default", paused=True, vus=7, running=False, tainted=False)))
    assert (status.status, status.paused, status.vus, status.vus_max) == (None, True, 7, None)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, (None, None, False)),
        ({"status": None, "vus": None, "running": None, "new": [1]}, (None, None, False)),
        ({"status": 12, "vus": 3.0, "running": True}, (12, 3, True)),
        ({"status": True, "vus": -1, "running": 1}, (None, None, False)),
        ({"status": "7", "vus": 1.5, "running": "true"}, (None, None, False)),
        ({"status": 10**30, "vus": 2**63, "running": {}}, (None, None, False)),
    ],
)
def test_a_status_with_odd_attributes(
    attributes: dict[str, object], expected: tuple[int | None, int | None, bool]
) -> None:
    status = decode.status(_body(_resource("status", "default", **attributes)))
    assert (status.status, status.vus, status.running) == expected


@pytest.mark.parametrize("golden", goldens("metrics-list"), ids=str)
def test_a_list_of_metrics(golden: Golden) -> None:
    metrics = decode.metrics(golden.body)
    by_name = {metric.name: metric for metric in metrics}
    assert list(by_name) == sorted(by_name)
    assert len(metrics) == len(json.loads(golden.body)["data"])
    duration = by_name["http_req_duration"]
    assert (duration.type, duration.contains, duration.tainted) == (MetricType.TREND, Contains.TIME, False)
    assert set(duration.sample) == {"avg", "max", "med", "min", "p(90)", "p(95)"}
    assert by_name["http_req_duration{status:200}"].tainted is True
    assert by_name["vus"].tainted is None
    assert by_name["data_sent"].contains is Contains.DATA
    assert set(by_name["iterations"].sample) == {"count", "rate"}


def test_statistics_of_a_later_k6_come_through() -> None:
    sample = {"avg": 1, "p(99)": 2.5, "p(99.99)": 3, "count": 4}
    metric = decode.metric(_body(_resource("metrics", "x", type="trend", contains="time", sample=sample)))
    assert metric.sample == sample


@pytest.mark.parametrize(
    ("sample", "kind"),
    [
        ({"count": 1, "rate": 2}, MetricType.COUNTER),
        ({"count": 1}, MetricType.COUNTER),
        ({"value": 1}, MetricType.GAUGE),
        ({"rate": 1}, MetricType.RATE),
        ({"p(99)": 1}, MetricType.TREND),
        ({"med": 1, "count": 2}, MetricType.TREND),
    ],
)
@pytest.mark.parametrize("extra", [{}, {"type": None}, {"type": 5}])
def test_a_missing_type_is_inferred(sample: dict[str, object], kind: MetricType, extra: dict[str, object]) -> None:
    metric = decode.metric(_body(_resource("metrics", "x", sample=sample, **extra)))
    assert metric.type is kind
    assert metric.contains is Contains.DEFAULT
    assert metric.tainted is None


def test_what_cannot_be_used_is_skipped_and_counted() -> None:
    found = decode.metric_list(
        _body(
            [
                _resource("metrics", "b", type="gauge", sample={"value": 1}),
                _resource("metrics", "histogram", type="histogram", sample={"value": 1}),
                _resource("metrics", "shapeless", sample={}),
                _resource("metrics", "", type="gauge"),
                _resource("metrics", 5, type="gauge"),
                _resource("groups", "g"),
                {"type": "metrics", "id": "x", "attributes": None},
                None,
                "text",
                _resource("metrics", "a", type="gauge", sample=None),
                _resource("metrics", "b", type="gauge", sample={"value": 2}),
            ]
        )
    )
    assert [metric.name for metric in found.metrics] == ["a", "b"]
    assert [dict(metric.sample) for metric in found.metrics] == [{}, {"value": 2}]
    assert found.skipped == 8


def test_values_that_are_no_finite_numbers_are_dropped() -> None:
    sample = '{"avg":NaN,"max":Infinity,"min":-Infinity,"med":1e999,"p(90)":true,"p(95)":"1","count":[1],"p(99)":1e9}'
    body = '{"data":{"type":"metrics","id":"x","attributes":{"type":"trend","sample":' + sample + "}}}"
    assert decode.metric(body.encode()).sample == {"p(99)": 1e9}
    huge = body.replace("1e9}", "1" + "0" * 400 + "}")
    assert decode.metric(huge.encode()).sample == {}


def test_an_empty_list_is_a_list() -> None:
    assert decode.metric_list(_body([])) == MetricList((), 0)
    assert decode.groups(_body([])) == ()


def test_names_with_lone_surrogates_can_be_encoded() -> None:
    metric = decode.metric(_body(_resource("metrics", "a\ud800", type="gauge", sample={"\udc00": 1})))
    assert metric.name == "a\ufffd"
    assert metric.sample == {"\ufffd": 1}
    pair = rb'{"data":{"type":"metrics","id":"\ud83d\ude00","attributes":{"type":"gauge"}}}'
    assert decode.metric(pair).name == "\N{GRINNING FACE}"


def test_a_byte_order_mark_and_the_last_of_two_keys() -> None:
    body = b'\xef\xbb\xbf{"data":1,"data":{"type":"status","attributes":{"vus":1,"vus":2}}}'
    assert decode.status(body).vus == 2


@pytest.mark.parametrize("golden", goldens("groups-list"), ids=str)
def test_groups_and_checks(golden: Golden) -> None:
    groups = decode.groups(golden.body)
    assert [group.path for group in groups] == ["", "::api", "::outer", "::outer::inner"]
    root, api, outer, inner = groups
    assert root.parent_id is None
    assert (outer.parent_id, inner.parent_id) == (root.id, outer.id)
    assert api.checks == ()
    assert [check.name for check in outer.checks] == ["always fails", "status is 200"]
    assert outer.checks[0].passes == 0
    assert outer.checks[0].fails == outer.checks[1].passes > 0
    assert outer.checks[0].path == "::outer::always fails"


def test_a_group_with_odd_attributes() -> None:
    entry: dict[str, object] = {
        **_resource("groups", "g", name=None, path=5, checks=[None, {"id": "c", "passes": -1, "fails": "2"}]),
        "relationships": {"parent": {"data": []}},
    }
    group = decode.group(_body(entry))
    assert (group.name, group.path, group.parent_id) == ("", "", None)
    assert [(check.id, check.passes, check.fails) for check in group.checks] == [("c", 0, 0)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("setup-nosetup-get", None),
        ("setup-u-put-empty-body", None),
        ("setup-setup-null-get", "null"),
        ("setup-q-put-bigint", '{"n":12345678901234567890,"f":1.0,"e":1e3}'),
        ("setup-p-put-whitespace-dup-keys", '{"z":1,"a":2,"z":3}'),
    ],
)
def test_setup_data_survives_as_written(name: str, text: str | None) -> None:
    for golden in goldens(name):
        data = decode.setup_data(golden.body)
        assert data.text == text
        assert data.is_absent == (text is None)
        assert data.is_null == (text == "null")


@pytest.mark.parametrize(
    "value",
    [
        "0",
        "[]",
        "false",
        '"a\\"}{"',
        "9" * 5000,
        '{"data":{"data":1}}',
        '{ "a" : [1, 2,\n3] }',
        "[" * 200 + "]" * 200,
        "NaN",
    ],
)
def test_setup_data_of_any_kind(value: str) -> None:
    head = '\n{ "x" : {"data": 1} , "data":{"type":"setupData","attributes":{"y":[],"data" : '
    body = head + value + " }}}\n"
    assert decode.setup_data(body.encode()).text == value


@pytest.mark.parametrize("golden", goldens("detect-metrics-prometheus"), ids=str)
def test_the_process_metrics(golden: Golden) -> None:
    values = decode.prometheus(golden.body)
    if golden.version == "v1.1.0":
        assert values == {}
        assert decode.go_version(golden.body) is None
        return
    assert values["go_goroutines"] > 1
    assert values["process_resident_memory_bytes"] > 1e6
    assert {name for name in values if "{" in name} == {
        f'go_gc_duration_seconds{{quantile="{quantile}"}}' for quantile in ("0", "0.25", "0.5", "0.75", "1")
    }
    assert (decode.go_version(golden.body) or "").startswith("go1.26")


def test_process_metrics_that_are_none() -> None:
    body = b'go_a 1\r\ngo_b NaN\ngo_c +Inf\ngo_d x\ngo_e{a="b"} 1\nother 1\nprocess_f 2.5e3 1700000000\n go_g\t-1'
    assert decode.prometheus(body) == {"go_a": 1, "process_f": 2500, "go_g": -1}


@pytest.mark.parametrize("golden", goldens("detect-debug-vars"), ids=str)
def test_the_process_variables_show_no_secret(golden: Golden) -> None:
    assert b"s3cret" in golden.body
    found = decode.debug_vars(golden.body)
    assert "s3cret" not in repr(found)
    assert "MY_TOKEN" not in repr(found)
    assert found.command.script == "scripts/plain.js"
    assert found.command.flags == ("--address", "--profiling-enabled", "-e")
    assert found.memory["HeapAlloc"] > 1e6


HOPELESS = [
    b"",
    b"  \n",
    b"hello",
    b"null",
    b"42",
    b"[]",
    b"{}",
    b'"data"',
    b'{"data":null}',
    b'{"data":5}',
    b'{"data":"x"}',
    b'{"data":{"type":"else","id":"x","attributes":{}}}',
    b'{"data":[{"type":"else","id":"x","attributes":{}}]}',
    b'{"data":[1,2]}',
    b'{"data":{"attributes":[]}}',
    b'{"data":{"id":"x","attributes":{"foo":1}}}'[:-2],
    b'{"data":{"type":"status"',
    b'{"data":{}}trailing',
    b'{"errors":[{"status":"500","title":"T","detail":"D"}]}',
    b"<html><head><title>nginx\x1b[2J</title></head></html>",
    b"\xff\xfe{}",
    b"\x00\x00",
    b"\x1f\x8b\x08\x00garbage",
    b"[" * 100_000,
    b'{"data":' * 100_000,
    b'{"data":' + b"9" * 5000 + b"}",
]


@pytest.mark.parametrize("decoder", DECODERS.values(), ids=DECODERS)
@pytest.mark.parametrize("body", HOPELESS, ids=lambda body: repr(body[:30]))
def test_what_is_not_k6s_is_undecodable(decoder: Callable[[bytes], object], body: bytes) -> None:
    if decoder is decode.teardown and not body.strip():
        return
    with pytest.raises(Undecodable) as caught:
        decoder(body)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("body", "got"),
    [
        (b"", "an empty answer"),
        (b"<title>It works!</title>", 'a web page "It works!"'),
        (b"<p>", "a web page"),
        (b"ok", 'the text "ok"'),
        (b"[]", "JSON of another kind, or broken: []"),
        (b'{"data":[]}', "JSON whose data is a list"),
        (b'{"errors":[{"title":"T","detail":"a\\nb"}]}', "an error: T: a b"),
        (b'{"data":{"type":"metrics"}}', 'a document of type "metrics"'),
        (b'{"data":{"type":null}}', "a document of type null"),
        (b"\xff", "bytes that are no text"),
    ],
)
def test_the_message_says_what_came(body: bytes, got: str) -> None:
    with pytest.raises(Undecodable) as caught:
        decode.status(body)
    assert str(caught.value) == f"/v1/status: expected k6's status, got {got}"


@pytest.mark.parametrize(
    ("body", "result"),
    [
        (b'{"errors":[{"status":"404","title":"Not Found","detail":"No"}]}', ("Not Found", "No")),
        (b'{"errors":[{"title":null,"detail":"No"}]}', ("", "No")),
        (b'{"errors":[{}]}', None),
        (b'{"errors":[]}', None),
        (b'{"errors":{}}', None),
        (b'{"errors":[5]}', None),
        (b"[]", None),
        (b"404 page not found\n", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
    ],
)
def test_an_error_document(body: bytes, result: tuple[str, str] | None) -> None:
    assert decode.error_document(body) == result


@pytest.mark.parametrize(
    ("code", "body", "message"),
    [
        (404, b"404 page not found\n", "HTTP 404: 404 page not found"),
        (405, b"", "HTTP 405: Method Not Allowed"),
        (502, b"<html>\n<head><title>502 Bad\n Gateway</title>", "HTTP 502: 502 Bad Gateway"),
        (503, b"<html><p>", "HTTP 503: Service Unavailable"),
        (599, b"", "HTTP 599"),
        (500, b"\x1b[31mred\x07\nmore", "HTTP 500: \ufffd[31mred\ufffd"),
        (500, b'{"errors":[{"detail":"\\u001b[2J\\n"}]}', "HTTP 500: \ufffd[2J"),
    ],
)
def test_a_refusal_that_is_not_k6s(code: int, body: bytes, message: str) -> None:
    assert str(decode.refusal("/v1/status", code, body)) == message

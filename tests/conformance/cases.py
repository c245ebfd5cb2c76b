"""What is asked, phase by phase. The order matters where a request changes something."""

# ruff: noqa: E501 - tables of bytes, read better in long lines

from __future__ import annotations

import json

from tests.conformance.wire import Case

ROOT = "d41d8cd98f00b204e9800998ecf8427e"


def patch(**attributes: object) -> bytes:
    """The body of ``PATCH /v1/status``."""
    return json.dumps(
        {"data": {"attributes": {key.replace("_", "-"): each for key, each in attributes.items()}}}
    ).encode()


_STATUS_BODIES: tuple[bytes, ...] = (
    # not JSON
    b"", b" ", b"hello", b"\xef\xbb\xbf{}", b"{", b"}", b"[", b"]", b'"', b'{"', b'{"a', b'{"a"', b'{"a":', b'{"a":1', b'{"a":1,',
    b'{"a":1,}', b"{a:1}", b"{'a':1}", b'{"a" 1}', b'{"a":1 "b":2}', b"[1 2]", b"[1,]", b"[,]", b'{"a":tru}', b'{"a":trux}',
    b"tru", b"fals", b"falze", b"nul", b"nulL", b"nan", b"NaN", b"Infinity", b"-", b"-a", b"01", b"1.", b"1.a", b"1e", b"1e+",
    b"1ex", b"+1", b".5", b"0x10", b'"\n"', b'"\\x"', b'"\\u12"', b'"\\u12G4"', b'"\\', b"\x00", b"\x7f", b"\xff", b"\xa0", b"\x85",
    b"\xc3\xa9", b"'", b"\\", b"/* c */ {}", b"{} // c", b"{}{}", b"{} []", b"{},", b"null null", b"\t\r\n {} x", b"\x0b{}", b"[" * 20,
    b"[" * 10001, b"{}" + b" " * 5000,
    # JSON that is no envelope
    b"null", b"true", b"1", b"1.5", b'"text"', b"[]", b"[{}]", b"{}", b'{"data":null}', b'{"data":[]}', b'{"data":1}', b'{"data":"x"}',
    b'{"data":true}', b'{"data":{}}', b'{"paused":"x"}', b'{"attributes":{"vus":true}}', b'{"meta":{"x":[1,2,{"y":null}]}}',
    b'{"data":{"type":1}}', b'{"data":{"type":null,"id":null}}', b'{"data":{"id":[]}}', b'{"data":{"id":{}}}', b'{"data":{"id":true}}',
    b'{"data":{"type":"banana","id":"nope","attributes":{}}}', b'{"data":{"attributes":null}}', b'{"data":{"attributes":[]}}',
    b'{"data":{"attributes":"x"}}', b'{"data":{"attributes":3}}', b'{"data":{"type":5,"attributes":{"stopped":"x"}}}',
    b'{"DATA":{"ATTRIBUTES":[]}}', b'{"data":{"attributes":{}},"data":[]}', b'{"data":[],"data":{"attributes":{}}}',
    # attributes of the wrong type
    *(b'{"data":{"attributes":{"%s":%s}}}' % pair for pair in (
        (b"status", b'"x"'), (b"status", b"-1"), (b"status", b"1.5"), (b"status", b"4294967296"), (b"status", b"4294967295"),
        (b"status", b"null"), (b"status", b"true"), (b"status", b"[]"), (b"status", b"{}"), (b"running", b"1"), (b"running", b'"true"'),
        (b"running", b"{}"), (b"running", b"null"), (b"tainted", b"[]"), (b"tainted", b"0"), (b"tainted", b"false"), (b"stopped", b"1"),
        (b"stopped", b'"true"'), (b"stopped", b"null"), (b"stopped", b"false"), (b"stopped", b"[]"), (b"stopped", b"{}"),
        (b"paused", b'"true"'), (b"paused", b"1"), (b"paused", b"1e400"), (b"paused", b"[]"), (b"paused", b"null"), (b"paused", b'""'),
        (b"paused", b'{"Bool":1}'), (b"paused", b'{"Valid":"x","Bool":1}'), (b"vus", b"true"), (b"vus", b"1.5"), (b"vus", b"1.0"),
        (b"vus", b"1e2"), (b"vus", b"1e20"), (b"vus", b"1e400"), (b"vus", b"-0.0"), (b"vus", b"99999999999999999999"), (b"vus", b"null"),
        (b"vus", b'""'), (b"vus", b'"abc"'), (b"vus", b'"1.5"'), (b"vus", b'" 1"'), (b"vus", b'"1_0"'), (b"vus", b'"0x1"'),
        (b"vus", b'"9223372036854775808"'), (b"vus", b'"-9223372036854775809"'), (b"vus", b'"\\u00e9\\u0007\\t\\""'), (b"vus", b"[]"),
        (b"vus", b"[1]"), (b"vus", b'[1e400]'), (b"vus", b'{"Int64":"x"}'), (b"vus", b'{"Int64":1.5}'), (b"vus", b'{"Valid":3}'),
        (b"vus-max", b"true"), (b"vus-max", b'"x"'), (b"vus-max", b"null"), (b"vusMax", b"10"), (b"vus_max", b"10"), (b"VUS", b"true"),
        (b"Paused", b"0"), (b"\xc5\xbftopped", b"1"), (b"unknown", b'{"a":[1,2,3]}'), (b"", b"1"),
    )),
    b'{"data":{"attributes":{"status":"x","vus":true}}}', b'{"data":{"attributes":{"vus":true,"status":"x"}}}',
    b'{"data":{"attributes":{"stopped":1,"running":2}}}', b'{"data":{"attributes":{"stopped":1},"id":3}}',
    b'{"data":{"attributes":{"vus":5,"vus":null}}}', b'{"data":{"attributes":{"paused":true,"paused":null}}}',
    b'{"data":{"attributes":{"vus":1,"vus":"x"}}}', b'{"data":{"attributes":{"stopped":true,"stopped":false}}}',
    b'{"data":{"attributes":{"stopped":true,"vus":"x"}}}',
    b'{\n    "data": {\n        "attributes": {\n            "paused": true,\n            "vus": 1,\n        },\n        "id": "default"\n    }\n}',
)  # fmt: skip

_PATHS: tuple[str, ...] = (
    "/", "/ping", "/nope", "/v2/status", "/v1", "/v1/", "/v1/nope", "/v1/status", "/v1/status/", "/v1/status?a=b", "/v1/status#x",
    "/v1/metrics/", "/v1/groups/", "/v1/setup/", "/v1/teardown", "/v1/teardown/", "//v1/status", "/v1//status", "/v1/./status",
    "/v1/../v1/status", "/v1/status/..", "/v1/metrics/../status", "/../v1/status", "/v1/metrics/a//b", "/v1/metrics/a/./b?x=1",
    "/v1?a=b", "/debug/vars", "/debug/vars/", "/debug/vars/x", "/debug/pprof", "/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline",
    "/debug", "/metrics", "/metrics/", "/V1/status", "/v1/Status", "/v1/stat%75s", "/%76%31/status", "/v1%2Fstatus", "/v1/status%2F",
    "/v1/status%20", "/v1/status;x", "/v1/setup?x", "/a%2e%2e/v1/status", "/v1/%2e%2e/ping", "/favicon.ico", "/v1/metrics/%2F", "/%2f%2f",
)  # fmt: skip

_METRIC_IDS: tuple[str, ...] = (
    "http_reqs", "vus", "vus_max", "checks", "data_sent", "http_req_failed", "http_req_duration", "my_counter", "never_trend",
    "never_rate", "never_counter", "HTTP_REQS", "http_reqs/", "http_reqs?x=1", "http_req_duration{status:200}",
    "http_req_duration%7Bstatus%3A200%7D", "http_req_duration%7Bstatus:404%7D", "http_req_duration{expected_response:true}",
    "http_req_duration%7B%20status%20%3A%20200%20%7D", "http_req_duration%7Bstatus%20%3A%20200%7D", "my_trend%7Ba%3Ab%2Cc%3Ad%7D",
    "my_trend{a:b,c:d}", "my_trend{c:d,a:b}", "nope", "nope{a:b}", "%00", "%C3%A9", "%FF", "a%2F%2Fb", "a%2Fb", "%7B", "a+b", "a%20b", "a%25b",
    "\u00e9", "my_time_trend", "my_gauge", "my_rate", "iteration_duration", "group_duration",
)  # fmt: skip

_SETUP_BODIES: tuple[bytes, ...] = (
    b"42", b'"x"', b"null", b"false", b"[1,2]", b"{}", b'{"z": 1,   "a": 2, "z": 3}', b'{"n": 12345678901234567890, "f": 1.0, "e": 1e3}',
    '{"s":"<b>&é\u2028"}'.encode(), b'{"a":1,}', b"hello", b"{", b" ", b"{}{}", b"1e400", b'{"a":[1e999]}', b'"\\u003c\\/\\ud83d\\ude00"',
    b'{"data": {"type": "setupData", "id": "default", "attributes": {"data": {"a": 1}}}}', b" \t\r\n{ \"a b\" : [ 1 , \"x  y\" ] }\n", b"-0", b"",
)  # fmt: skip

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "FOO", "get", "patch")


def _reading() -> list[Case]:
    cases = [Case(f"path {path}", target=path) for path in _PATHS]
    cases += [Case(f"metric {each}", target=f"/v1/metrics/{each}") for each in _METRIC_IDS]
    cases += [Case(f"{name} list", target=f"/v1/{name}") for name in ("metrics", "groups")]
    groups = (ROOT, ROOT.upper(), "ffff", "outer", "%20", "b6c425bc7b9e3d21a2d56ce7a6de3614", ROOT + "/")
    cases += [Case(f"group {each}", target=f"/v1/groups/{each}") for each in groups]
    for path in (
        "/v1/status",
        "/v1/metrics",
        "/v1/metrics/vus",
        "/v1/groups",
        "/v1/groups/x",
        "/v1/setup",
        "/v1/teardown",
    ):
        # Of the methods that would do something, each has its own cases.
        doing = {"/v1/setup": ("GET", "POST", "PUT"), "/v1/teardown": ("POST",), "/v1/status": ("PATCH",)}
        methods = [method for method in _METHODS if method not in doing.get(path, ())]
        cases += [Case(f"{method} {path}", method, path) for method in methods]
    for path in ("/", "/ping", "/v1/", "/v1/nope", "/v1", "/debug/vars", "/debug/pprof/", "//v1/status"):
        cases += [Case(f"{method} {path}", method, path) for method in ("HEAD", "POST", "DELETE", "FOO", "patch")]
    cases += [Case(f"status body {body[:60]!r} {len(body)}", "PATCH", "/v1/status", body) for body in _STATUS_BODIES]
    return cases


def _header_cases() -> list[Case]:
    return [
        Case("accepts xml", target="/v1/status", headers=(("Accept", "text/xml"),)),
        Case("accepts gzip", target="/v1/status", headers=(("Accept-Encoding", "gzip"),)),
        Case("has an origin", target="/v1/status", headers=(("Origin", "http://evil.example"),)),
        Case("preflight", "OPTIONS", "/v1/status", headers=(("Access-Control-Request-Method", "PATCH"),)),
        Case(
            "form content type",
            "PATCH",
            "/v1/status",
            b"{}",
            (("Content-Type", "application/x-www-form-urlencoded"),),
        ),
        Case("closes", target="/v1/status", headers=(("Connection", "close"),)),
        Case("upgrades", target="/v1/status", headers=(("Connection", "Upgrade"), ("Upgrade", "websocket"))),
        Case("if none match", target="/v1/status", headers=(("If-None-Match", "*"),)),
        Case("range", target="/v1/status", headers=(("Range", "bytes=0-3"),)),
        Case("big body", "PATCH", "/v1/status", b'{"x":"' + b"a" * 2_000_000 + b'"}'),
        Case("body on a get", "GET", "/v1/status", b"ignored"),
    ]


def _raw_cases() -> list[Case]:
    raw: dict[str, bytes] = {
        "absolute form": b"GET http://other.example:80/v1/status HTTP/1.1\r\nHost: k6\r\n\r\n",
        "absolute form without a path": b"GET http://other.example HTTP/1.1\r\nHost: k6\r\n\r\n",
        "http 1.0": b"GET /v1/status HTTP/1.0\r\n\r\n",
        "http 1.0 chunky": b"GET /v1/metrics HTTP/1.0\r\n\r\n",
        "http 1.0 kept alive": b"GET /v1/status HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "http 1.2": b"GET /v1/status HTTP/1.2\r\nHost: k6\r\n\r\n",
        "http 2.0": b"GET /v1/status HTTP/2.0\r\nHost: k6\r\n\r\n",
        "http 3": b"GET /v1/status HTTP/3\r\nHost: k6\r\n\r\n",
        "http 0.9": b"GET /v1/status\r\n\r\n",
        "bare newlines": b"GET /v1/status HTTP/1.1\nHost: k6\n\n",
        "leading newline": b"\r\nGET /v1/status HTTP/1.1\r\nHost: k6\r\n\r\n",
        "no host": b"GET /v1/status HTTP/1.1\r\n\r\n",
        "two hosts": b"GET /v1/status HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "odd host": b"GET /v1/status HTTP/1.1\r\nHost: a b\r\n\r\n",
        "empty host": b"GET /v1/status HTTP/1.1\r\nHost:\r\n\r\n",
        "garbage": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        "bad escape": b"GET /v1/metrics/100% HTTP/1.1\r\nHost: k6\r\n\r\n",
        "raw space": b"GET /v1/metrics/a b HTTP/1.1\r\nHost: k6\r\n\r\n",
        "control character": b"GET /v1/metrics/a\x01b HTTP/1.1\r\nHost: k6\r\n\r\n",
        "no slash": b"GET v1/status HTTP/1.1\r\nHost: k6\r\n\r\n",
        "star": b"OPTIONS * HTTP/1.1\r\nHost: k6\r\n\r\n",
        "empty target": b"GET  HTTP/1.1\r\nHost: k6\r\n\r\n",
        "bad method": b"GE(T /v1/status HTTP/1.1\r\nHost: k6\r\n\r\n",
        "header without colon": b"GET /v1/status HTTP/1.1\r\nHost: k6\r\nnonsense\r\n\r\n",
        "header with space": b"GET /v1/status HTTP/1.1\r\nHost: k6\r\nX Y: z\r\n\r\n",
        "folded header": b"GET /v1/status HTTP/1.1\r\nHost: k6\r\nX: a\r\n b\r\n\r\n",
        "bad length": b"PATCH /v1/status HTTP/1.1\r\nHost: k6\r\nContent-Length: x\r\n\r\n",
        "two lengths": b"PATCH /v1/status HTTP/1.1\r\nHost: k6\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
        "same length twice": b"PATCH /v1/status HTTP/1.1\r\nHost: k6\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        "chunked body": b"PATCH /v1/status HTTP/1.1\r\nHost: k6\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n",
        "chunked with trailer": b"PATCH /v1/status HTTP/1.1\r\nHost: k6\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n",
        "unknown coding": b"PATCH /v1/status HTTP/1.1\r\nHost: k6\r\nTransfer-Encoding: gzip\r\n\r\n",
        "expects continue": b"PATCH /v1/status HTTP/1.1\r\nHost: k6\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        "h2c": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    }
    return [Case(f"raw {name}", raw=data, method="?", target="?") for name, data in raw.items()]


def _setup_cases(*, hooks: bool) -> list[Case]:
    cases: list[Case] = [Case("get setup", target="/v1/setup")]
    for body in _SETUP_BODIES:
        cases.append(Case(f"put setup {body[:50]!r}", "PUT", "/v1/setup", body))
        cases.append(Case(f"get setup after {body[:50]!r}", target="/v1/setup"))
    if hooks:
        cases += [
            Case("run setup", "POST", "/v1/setup", b'{"ignored":true}'),
            Case("get setup after running it", target="/v1/setup"),
            Case("run teardown", "POST", "/v1/teardown"),
            Case("run teardown with a body", "POST", "/v1/teardown", b"x"),
        ]
    return cases


def _refused_controls() -> list[Case]:
    bodies = (
        *(patch(paused=each) for each in (True, False)),
        *(patch(vus=each) for each in (1, -1, 0, "5", 10**6)),
        patch(vus_max=10), patch(vus_max=-1, vus=-2), patch(paused=True, vus=1), b'{"data":{"attributes":{"paused":{}}}}',
        b'{"data":{"attributes":{"paused":{"Bool":true}}}}', b'{"data":{"attributes":{"vus":{}}}}', b'{"data":{"attributes":{"PAUSED":true}}}',
        b'{"data":{"attributes":{"vus":"+5"}}}', b'{"data":{"attributes":{"vu\xc5\xbf":3}}}', b'{"data":{"attributes":{"vus":null,"vus-max":7}}}',
        b'{"data":{"attributes":{"vus":-0}}}', b'{"data":{"attributes":{"paused":true,"paused":{}}}}',
    )  # fmt: skip
    return [Case(f"control {body!r}", "PATCH", "/v1/status", body) for body in bodies]


def _controls(label: str, *bodies: bytes) -> list[Case]:
    cases: list[Case] = []
    for number, body in enumerate(bodies):
        cases.append(Case(f"{label} {number} {body!r}", "PATCH", "/v1/status", body))
        cases.append(Case(f"{label} {number} status", target="/v1/status"))
    return cases


def _external_controls() -> list[Case]:
    return _controls(
        "external",
        patch(vus=3), patch(vus="2"), patch(vus=0), patch(vus=4), patch(vus=6), patch(vus=-1), patch(vus_max=3), patch(vus_max=4, vus=2),
        patch(vus_max=-5, vus=-1), patch(vus_max=8), patch(vus_max=10, vus=9), patch(vus_max=5, vus=1), patch(paused=False),
        patch(paused=True), patch(paused=True), patch(vus=4), patch(paused=True, vus=1), patch(paused=False), patch(paused=False),
        patch(paused=True, vus=99), patch(paused=False, vus=99), patch(vus=2), b'{"data":{"attributes":{"vus":{"Int64":1}}}}',
        b'{"data":{"attributes":{"vus":{}}}}', patch(vus=10**7), patch(vus=2),
    )  # fmt: skip


def phases(*, external: bool) -> dict[str, list[Case]]:
    """The requests of each phase, for a run with the externally-controlled executor or another."""
    before = [*_reading(), *_header_cases(), *_raw_cases(), *_setup_cases(hooks=True)]
    before += _controls("paused", patch(paused=True), patch(vus=-1))
    before += _controls("before", patch(vus=4), patch(vus_max=4), patch(vus_max=5, vus=2)) if external else []
    running = [*_reading(), *_header_cases(), *_setup_cases(hooks=False)]
    running += _external_controls() if external else _refused_controls()
    running += [
        *_raw_cases(),
        Case("run setup", "POST", "/v1/setup"),
        Case("run teardown", "POST", "/v1/teardown"),
    ]
    stopped = [*_reading(), *_setup_cases(hooks=True)]
    if external:
        stopped += [Case("vus after the end", "PATCH", "/v1/status", patch(vus=3), hangs=True)]
        stopped += [Case("pause after the end", "PATCH", "/v1/status", patch(paused=True), hangs=True)]
        stopped += [Case("bad vus after the end", "PATCH", "/v1/status", patch(vus=-1))]
    else:
        stopped += _refused_controls()
    stopped += _controls("stopped", patch(stopped=True))
    return {"paused": before, "running": running, "stopped": stopped}

from __future__ import annotations

import json

import pytest

from dashboard.api import decode
from dashboard.api.process import figures_of_metrics, figures_of_vars, without_secrets
from dashboard.errors import Undecodable
from dashboard.model.process import Figure
from tests.api.golden import Golden, goldens


@pytest.mark.parametrize("golden", [g for g in goldens("detect-metrics-prometheus") if g.version != "v1.1.0"], ids=str)
def test_a_real_k6_tells_all_that_is_judged(golden: Golden) -> None:
    figures = figures_of_metrics(decode.prometheus(golden.body))
    wanted = {
        Figure.CPU_SECONDS, Figure.MAX_PROCS, Figure.RESIDENT, Figure.GOROUTINES, Figure.THREADS, Figure.OPEN_FDS,
        Figure.MAX_FDS, Figure.GC_PAUSE_SECONDS, Figure.GC_COUNT, Figure.GC_PAUSE_MAX, Figure.HEAP, Figure.SYS,
        Figure.RECEIVED, Figure.SENT, Figure.STARTED,
    }  # fmt: skip
    assert figures.keys() == wanted
    assert 0 < figures[Figure.OPEN_FDS] < figures[Figure.MAX_FDS]


def test_a_limit_that_is_none_is_left_out() -> None:
    values = {"go_gc_gomemlimit_bytes": 9.223372036854776e18, "process_max_fds": 1.8446744073709552e19}
    assert figures_of_metrics(values) == {}
    assert figures_of_metrics({"go_gc_gomemlimit_bytes": 5e8}) == {Figure.MEMORY_LIMIT: 5e8}


@pytest.mark.parametrize("golden", goldens("detect-debug-vars"), ids=str)
def test_what_is_kept_of_the_variables_has_no_secret_and_reads_the_same(golden: Golden) -> None:
    assert b"s3cret" in golden.body
    kept = without_secrets(golden.body)
    assert b"s3cret" not in kept
    assert b"MY_TOKEN" not in kept
    before, after = decode.debug_vars(golden.body), decode.debug_vars(kept)
    assert after.command == before.command
    assert figures_of_vars(after) == figures_of_vars(before)
    assert figures_of_vars(after)[Figure.HEAP] > 1e6
    assert without_secrets(kept) == kept


@pytest.mark.parametrize(
    "words",
    [
        ["k6", "run", "-eTOKEN=hunter2", "x.js"],
        ["k6", "run", "--env", "TOKEN=hunter2", "x.js"],
        ["k6", "run", "--out=influxdb=http://me:hunter2@host/db", "--tag", "hunter2", "-o", "hunter2", "x.js"],
        ["k6", "run", "--new-option", "hunter2", "x.js"],
        ["k6", "run", "x.js", "hunter2"],
        ["k6", "hunter2", "x.js"],
        ["k6", "run", "https://me:hunter2@host/x.js?token=hunter2"],
        [7, None, {"hunter2": "hunter2"}, "x.js", ["hunter2"]],
    ],
    ids=str,
)
def test_no_value_of_a_command_line_is_kept(words: list[object]) -> None:
    body = json.dumps({"cmdline": words, "memstats": {"HeapAlloc": 1, "hunter2": "hunter2"}, "hunter2": 1}).encode()
    kept = without_secrets(body)
    assert b"hunter2" not in kept
    assert decode.debug_vars(kept).memory == {"HeapAlloc": 1}


@pytest.mark.parametrize(
    "body", [b"ok", b"", b"[]", b'{"cmdline":["k6"]}', b'{"cmdline":"k6","memstats":{}}'], ids=repr
)
def test_of_something_else_nothing_is_kept(body: bytes) -> None:
    with pytest.raises(Undecodable):
        without_secrets(body)

"""The one-shot commands on real k6s."""

from __future__ import annotations

import pytest

from tests.harness.k6 import K6Binary, start_k6
from tests.oneshot.command import run

OK, UNREACHABLE, REFUSED, TAINTED, TIMED_OUT = 0, 69, 77, 99, 124
STOPPED_BY_API = 103


def test_a_real_k6_that_can_be_steered(k6_v1: K6Binary) -> None:
    with start_k6(k6_v1, "ext.js", "--linger") as k6:
        at = ("--target", k6.address)
        assert run("wait", "running", *at, "--timeout", "20").code == OK
        assert run("capabilities", *at).facts["k6"] == "v1, externally controlled"
        scaled = run("scale", "7", *at)
        assert (scaled.code, scaled.facts["after"]) == (OK, "running, 7/7 VUs")
        assert (k6.status()["vus"], k6.status()["vus-max"]) == (7, 7)
        refused = run("scale", "1", *at, "--max", "2")
        assert refused.code == REFUSED
        assert "cannot go below the 5" in refused.err
        assert run("pause", *at).facts["after"] == "paused, 0/7 VUs"
        assert k6.status()["paused"] is True
        later = run("scale", "3", *at)
        assert (later.code, later.err) == (OK, "k6dash: It takes effect when the test goes on.\n")
        assert run("resume", *at).code == OK
        assert run("scale", "3", *at).facts["after"] == "running, 3/7 VUs"
        stopped = run("stop", *at, "--yes")
        assert (stopped.code, stopped.facts["after"]) == (OK, "k6 is lingering")
        assert k6.status()["stopped"] is True
        again = run("stop", *at, "--yes")
        assert (again.code, again.err) == (OK, "k6dash: Nothing to stop: the test is over, and k6 lingers.\n")
        for command in (("pause",), ("scale", "2")):
            over = run(*command, *at)
            assert over.code == REFUSED
            assert "The test has been stopped." in over.err


def test_a_real_k6_that_cannot_be_steered(k6: K6Binary, target_server: str) -> None:
    with start_k6(k6, "plain.js", env={"TARGET": target_server}) as running:
        at = ("--target", running.address)
        assert run("wait", "running", *at, "--timeout", "20").code == OK
        for command in (("pause",), ("scale", "3")):
            done = run(*command, *at, "--json")
            assert (done.code, done.document["verdict"]) == (REFUSED, "impossible")
            assert done.document["explanation"] in done.err
        assert running.status()["vus"] == 3
        named = run("metrics", *at, "http_req_duration{status:200}", "--json").document["metrics"]
        assert [(one["type"], one["kind"]) for one in named] == [("trend", "cumulative")]
        tainted = run("wait", "running", *at)
        assert tainted.code == OK
        stopped = run("stop", *at, "--yes", "--json")
        assert (stopped.code, stopped.document["end"]) == (OK, "gone")
        assert running.wait() == STOPPED_BY_API
        assert run("status", *at).code == UNREACHABLE


def test_a_real_k6_that_waits_is_let_go(k6: K6Binary) -> None:
    with start_k6(k6, "slowiter.js", "--paused", env={"DUR": "1s"}) as running:
        at = ("--target", running.address)
        assert run("wait", "paused", *at, "--timeout", "20").code == OK
        assert run("capabilities", *at, "--json").document["answer"] is None
        assert run("resume", *at).code == OK
        ended = run("wait", "ended", "stopped", "failed", *at, "--timeout", "30")
        assert (ended.code, ended.facts["state"]) == (OK, "ended")
        assert running.wait() == OK


@pytest.mark.parametrize("seconds", ["3"])
def test_a_teardown_outlasts_a_short_patience(k6: K6Binary, seconds: str) -> None:
    with start_k6(k6, "setup_td.js", env={"TEARDOWN_SLEEP": seconds}) as running:
        at = ("--target", running.address)
        assert run("wait", "running", *at, "--timeout", "20").code == OK
        stopped = run("stop", *at, "--yes", "--timeout", "1")
        assert stopped.code == TIMED_OUT
        assert "teardown() may still run" in stopped.err
        assert run("wait", "stopped", *at, "--timeout", "20").code == OK
        assert running.wait() == STOPPED_BY_API

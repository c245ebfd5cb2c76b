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


def test_checks_and_groups_of_a_real_k6_are_those_that_it_sums_up(k6: K6Binary, target_server: str) -> None:
    with start_k6(k6, "plain.js", "--linger", env={"TARGET": target_server, "DUR": "2s"}) as running:
        at = ("--target", running.address)
        assert run("wait", "ended", *at, "--timeout", "30").code == OK
        checks = {check["name"]: check for check in run("checks", *at, "--json").document["checks"]}
        assert (checks["always fails"]["passes"], checks["root check"]["fails"]) == (0, 0)
        assert checks["always fails"]["group"] == "::outer"
        iterations = run("metrics", "iterations", *at, "--json").document["metrics"][0]["sample"]["count"]
        assert checks["root check"]["passes"] == checks["always fails"]["fails"] == iterations
        inner = run("groups", "outer::inner", *at, "--json").document["groups"]
        assert [check["name"] for check in inner[0]["checks"]] == ["flaky ok"]
        running.interrupt()
        assert f"✗ {checks['always fails']['fails']}" in running.output


def test_setup_and_teardown_of_a_real_k6(k6: K6Binary, target_server: str) -> None:
    with start_k6(k6, "plain.js", env={"TARGET": target_server}) as running:
        at = ("--target", running.address)
        assert run("wait", "running", *at, "--timeout", "20").code == OK
        assert run("setup", *at).document["nested"]["s"] == 'é"<&>'
        assert run("setup", "set", "-", *at, stdin="[12345678901234567890]").code == OK
        assert running.api("GET", "/v1/setup").attributes["data"] == [12345678901234567890]
        again = run("setup", "run", *at, "--json")
        assert (again.code, again.document["data"]["token"]) == (OK, "abc")
        assert run("teardown", *at).code == OK
        assert "TEARDOWN" in running.output
        assert running.status()["status"] == 7


def test_a_script_that_throws_is_told(k6: K6Binary) -> None:
    with start_k6(k6, "setup_throw.js", "--paused", env={"THROW": "1"}) as running:
        done = run("setup", "run", "--target", running.address, "--json")
        assert (done.code, done.document["verdict"]) == (REFUSED, "refused")
        assert "boom in setup" in done.document["answer"]
        assert done.err.count("\n") == 1


def test_the_generator_of_a_real_k6_is_judged(k6: K6Binary, target_server: str) -> None:
    with start_k6(k6, "plain.js", env={"TARGET": target_server}) as running:
        at = ("--target", running.address)
        assert run("wait", "running", *at, "--timeout", "20").code == OK
        told = run("generator", *at, "--json").document
        assert (told["told"], told["is_local"]) == ("wholly", True)
        assert told["figures"].keys() >= {"cpu", "resident", "goroutines", "open_fds", "max_fds"}
        assert told["level"] != "nothing_to_judge"

"""The one-shot commands as a shell sees them: what they print, how they end, and what the k6 then says."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from dashboard.model.action import Verb
from dashboard.oneshot.capabilities import COMMANDS
from tests.harness.ports import HOST, free_port
from tests.harness.servers import closing_server, garbage_server, hanging_server, html_server, static_server
from tests.harness.terminal import K6DASH
from tests.oneshot.command import Done, run, served

OK, USAGE, UNREACHABLE, REFUSED, TAINTED, TIMED_OUT = 0, 2, 69, 77, 99, 124

ALL = (
    ("status",),
    ("metrics",),
    ("metrics", "http_reqs"),
    ("pause",),
    ("resume",),
    ("scale", "3"),
    ("stop", "--yes"),
    ("capabilities",),
    ("groups",),
    ("groups", "outer"),
    ("checks", "--force"),
    ("setup",),
    ("setup", "run"),
    ("teardown",),
    ("generator",),
)
"""Every command that asks k6 something and does not wait for it to come."""


def told(done: Done) -> str:
    """What a command that failed said in its one line on stderr, and nothing on stdout."""
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert done.err.startswith("k6dash: ")
    assert "\x1b" not in done.err
    return done.err.removeprefix("k6dash: ").strip()


# Where no k6 is


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_at_a_closed_port_nobody_is_reached(command: tuple[str, ...]) -> None:
    address = f"{HOST}:{free_port()}"
    done = run(*command, "--target", address)
    assert (done.code, told(done)) == (UNREACHABLE, f"connection refused at {address}")


@pytest.mark.parametrize("command", ALL, ids=" ".join)
def test_another_server_is_asked_for_its_status_and_for_nothing_else(command: tuple[str, ...]) -> None:
    with html_server() as server:
        done = run(*command, "--target", server.address)
        assert done.code == UNREACHABLE
        assert "expected k6's status, got a web page" in told(done)
        assert [request.split(b" HTTP")[0] for request in server.requests] == [b"GET /v1/status"]


@pytest.mark.parametrize("command", [("status",), ("stop", "--yes"), ("wait", "running", "--timeout", "1")])
def test_a_server_that_refuses_the_question_is_no_k6(command: tuple[str, ...]) -> None:
    with static_server(404, {}, b"404 page not found\n") as server:
        done = run(*command, "--target", server.address)
        assert done.code == UNREACHABLE
        assert "404 page not found" in told(done)


def test_a_server_that_does_not_speak_http_or_says_nothing_is_unreachable() -> None:
    for hostile in (garbage_server, closing_server):
        with hostile() as server:
            done = run("status", "--target", server.address)
            assert (done.code, done.out) == (UNREACHABLE, "")


def test_a_server_that_never_answers_is_given_the_time_allowed() -> None:
    with hanging_server() as server:
        done = run("status", "--target", server.address, "--timeout", "300ms")
        assert (done.code, told(done)) == (TIMED_OUT, f"no answer from {server.address} in 0.3 s")


def test_a_k6_that_does_not_come_is_waited_for_as_long_as_wished() -> None:
    done = run("wait", "running", "--target", f"{HOST}:{free_port()}", "--timeout", "0.5", "--json")
    assert done.code == TIMED_OUT
    assert (done.document["reached"], done.document["state"]) == (False, "unreachable")
    assert "unreachable and not running after 0.5 s" in done.err


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("scale",), "VUS"),
        (("scale", "-1"), "-1"),
        (("scale", "many"), "many"),
        (("scale", "5", "--max", "4"), "raise --max to 5"),
        (("stop",), "--yes"),
        (("wait",), "STATE"),
        (("wait", "sleeping"), "'unreachable'"),
        (("status", "--timeout", "soon"), "'1h30m'"),
        (("status", "--timeout", "0"), "'500ms'"),
        (("status", "--target", "host:port"), "not a target"),
        (("status", "--header", "nonsense"), "header"),
        (("status", "extra"), "extra"),
        (("setup", "sing"), "'show', 'run', 'set'"),
        (("setup", "set"), "- for stdin"),
        (("setup", "run", "data.json"), "takes no FILE"),
        (("setup", "set", "no/such/file.json"), "cannot be read"),
        (("--target", "localhost", "status"), "in front of status"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_with_what_would_be_right(
    arguments: tuple[str, ...], remedy: str
) -> None:
    done = run(*arguments)
    assert done.code == USAGE
    assert remedy in told(done)


# On a simulated k6


def test_every_action_has_a_name_on_the_command_line() -> None:
    assert list(COMMANDS) == list(Verb)


def test_a_k6_that_can_be_steered_is_steered() -> None:
    with served("steady", "--linger") as address:
        at = ("--target", address)
        assert run("wait", "running", *at, "--timeout", "20").facts["state"] == "running"
        facts = run("status", *at).facts
        assert facts == {
            "target": address,
            "state": "running",
            "status": "7 (running)",
            "vus": "20",
            "vus-max": "40",
            "paused": "no",
            "stopped": "no",
            "tainted": facts["tainted"],
        }
        can = run("capabilities", *at, "--json").document
        assert can["control"] == "v1, externally controlled"
        assert list(can["capabilities"]) == list(COMMANDS.values())
        assert all(one["possible"] for one in can["capabilities"].values())

        scaled = run("scale", "50", *at, "--max", "60", "--json")
        assert (scaled.code, scaled.document["asked"]) == (OK, {"vus": 50, "vus_max": 60})
        assert status_of(address)["vus"] == scaled.document["after"]["vus"] == 50

        paused = run("pause", *at)
        assert (paused.code, paused.facts["verdict"], paused.facts["after"]) == (OK, "confirmed", "paused, 0/60 VUs")
        assert status_of(address)["paused"] is True
        assert run("pause", *at).err == "k6dash: Nothing to do: the test is paused.\n"
        assert run("resume", *at).code == OK
        assert status_of(address)["paused"] is False

        stopped = run("stop", *at, "--yes")
        assert (stopped.code, stopped.facts["after"]) == (OK, "k6 is lingering")
        assert status_of(address)["state"] == "stopped"
        hopeless = run("wait", "ended", *at)
        assert (hopeless.code, hopeless.facts["state"]) == (REFUSED, "stopped")


@pytest.mark.parametrize(
    ("profile", "control", "words"),
    [
        ("v1", "v1, not externally controlled", "an externally-controlled executor needs to be configured"),
        ("v2", "v2", "live VU configuration updates are not supported"),
    ],
)
def test_a_k6_that_cannot_be_steered_says_why_and_goes_on(profile: str, control: str, words: str) -> None:
    with served("steady", "--profile", profile) as address:
        at = ("--target", address)
        assert run("wait", "running", *at, "--timeout", "20").code == OK
        for command in (("pause",), ("scale", "3")):
            done = run(*command, *at, "--json")
            assert (done.code, done.document["verdict"]) == (REFUSED, "impossible")
            assert done.document["explanation"] in done.err
            assert words in done.err
        can = run("capabilities", *at)
        assert can.facts["k6"] == control
        assert status_of(address)["vus"] == 20
        stopped = run("stop", *at, "--yes", "--json")
        assert (stopped.code, stopped.document["end"], stopped.document["after"]) == (OK, "gone", None)
        assert run("status", *at).code == UNREACHABLE
        assert run("wait", "unreachable", *at).code == OK


def test_a_test_that_waits_at_its_start_is_let_go_and_asked_nothing_else() -> None:
    with served("steady", "--profile", "v2", "--paused") as address:
        at = ("--target", address)
        can = run("capabilities", *at, "--json").document
        assert (can["control"], can["answer"]) == (None, None)
        assert can["capabilities"]["resume"]["possible"] is True
        assert status_of(address)["status"] == 4
        assert run("resume", *at).code == OK
        assert run("wait", "running", *at, "--timeout", "20").code == OK


def test_metrics_are_told_to_people_and_to_programs() -> None:
    with served("steady", "--speed", "60") as address:
        at = ("--target", address)
        assert run("wait", "running", *at, "--timeout", "20").code == OK
        lines = run("metrics", *at, "http_reqs", "vus").out.splitlines()
        assert lines[0].split() == ["METRIC", "TYPE", "KIND", "THRESHOLDS", "VALUES"]
        assert [line.split()[:3] for line in lines[1:]] == [
            ["http_reqs", "counter", "cumulative"],
            ["vus", "gauge", "now"],
        ]
        everything = run("metrics", *at, "--json").document
        assert everything["schema"] == 1
        names = [metric["name"] for metric in everything["metrics"]]
        assert names == sorted(names)
        assert "http_req_duration{expected_response:true}" in names
        missing = run("metrics", *at, "http_req")
        assert (missing.code, missing.out) == (REFUSED, "")
        assert "did you mean http_reqs" in missing.err


def test_a_crossed_threshold_fails_a_status_only_where_that_is_wished() -> None:
    with served("errors", "--speed", "600", "--linger") as address:
        at = ("--target", address)
        assert run("wait", "ended", *at, "--timeout", "60").code == OK
        assert run("status", *at).code == OK
        done = run("status", *at, "--fail-on-tainted")
        assert (done.code, done.facts["tainted"]) == (TAINTED, "yes: a threshold is crossed")
        assert done.err == "k6dash: a threshold is crossed\n"


def test_checks_and_groups_of_a_young_test_are_waited_for() -> None:
    with served("steady", "--profile", "v2") as address:
        at = ("--target", address)
        assert run("wait", "running", *at, "--timeout", "20").code == OK
        early = run("groups", *at, "--timeout", "1", "--json")
        assert (early.code, early.document["groups"]) == (TIMED_OUT, None)
        assert "can crash it" in early.err
        assert "--force" in early.err
        forced = run("checks", *at, "--force", "--json")
        assert (forced.code, forced.err) == (OK, "")


def test_checks_and_groups_are_told_to_people_and_to_programs() -> None:
    with served("steady", "--speed", "60", "--linger") as address:
        at = ("--target", address)
        assert run("wait", "ended", *at, "--timeout", "60").code == OK
        lines = run("groups", *at).out.splitlines()
        assert lines[0].split() == ["GROUP,", "CHECK", "PASSES", "FAILS", "SHARE"]
        assert [line[: line.index("  ", 6)].rstrip() for line in lines[1:4]] == [
            "browse",
            "  ✗ front page is 200",
            "  ✗ front page shows offers",
        ]
        groups = run("groups", *at, "--json").document["groups"]
        checks = run("checks", *at, "--json").document["checks"]
        assert {check["path"] for check in checks} == {check["path"] for one in groups for check in one["checks"]}
        shares = [check["share"] for check in checks]
        assert shares == sorted(shares)
        for name in (
            "buy::checkout",
            "::buy::checkout",
            next(one["id"] for one in groups if one["name"] == "checkout"),
        ):
            assert [one["path"] for one in run("groups", name, *at, "--json").document["groups"]] == ["::buy::checkout"]
        missing = run("groups", "nothing", *at)
        assert (missing.code, missing.out) == (REFUSED, "")


def test_setup_data_are_read_set_and_run_anew(tmp_path: Path) -> None:
    with served("steady", "--profile", "v2") as address:
        at = ("--target", address)
        assert run("wait", "running", *at, "--timeout", "20").code == OK
        before = run("setup", *at)
        assert (before.code, json.loads(before.out)["currency"]) == (OK, "EUR")
        path = tmp_path / "data.json"
        path.write_text(' {"big": 123456789012345678901, "s": "<é>"}\n', encoding="utf-8")
        done = run("setup", "set", str(path), *at)
        assert (done.code, done.facts["verdict"]) == (OK, "confirmed")
        assert "at its first iteration" in done.err
        assert run("setup", "show", *at).document == {"big": 123456789012345678901, "s": "<é>"}
        taken = run("setup", "set", "-", *at, "--json")
        assert (taken.code, taken.document["has_data"]) == (OK, False)
        absent = run("setup", *at)
        assert (absent.code, absent.out) == (OK, "")
        assert "no setup data" in absent.err
        bad = run("setup", "set", "-", *at, stdin='{"a":\n 1,}')
        assert (bad.code, bad.out) == (USAGE, "")
        assert "stdin is no JSON: line 2, column" in bad.err
        again = run("setup", "run", *at, "--json")
        assert (again.code, again.document["data"]["currency"]) == (OK, "EUR")
        torn = run("teardown", *at)
        assert (torn.code, torn.facts["verdict"]) == (OK, "confirmed")
        assert status_of(address)["state"] == "running"


def test_the_generator_is_judged() -> None:
    with served("steady") as address:
        at = ("--target", address)
        assert run("wait", "running", *at, "--timeout", "20").code == OK
        told = run("generator", *at, "--json").document
        assert (told["told"], told["level"]) == ("wholly", "fine")
        assert 0 < told["figures"]["cpu"] < told["figures"]["max_procs"]
        people = run("generator", *at)
        assert people.facts["verdict"].startswith("Fine: k6 uses")


def status_of(address: str) -> dict[str, object]:
    """What ``k6dash status`` says now."""
    done = run("status", "--target", address, "--json")
    assert done.code == OK
    return done.document


@pytest.mark.parametrize("words", [("status",), ("status", "--json"), ("--help",), ("status", "--help")], ids=" ".join)
def test_a_reader_that_has_gone_is_told_by_the_exit_code_alone(words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with served("steady") as address, open(writing, "wb") as closed:
        done = subprocess.run(
            [*K6DASH, *words, *(() if "--help" in words else ("--target", address))],
            stdin=subprocess.DEVNULL,
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, b"")

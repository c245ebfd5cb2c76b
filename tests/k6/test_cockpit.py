"""The real command in a terminal, on real k6 processes: what it shows, and what its keys do to them."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from tests.e2e.command import OFTEN, Cockpit, open_cockpit
from tests.e2e.tee import Tee, open_tee
from tests.harness.k6 import K6Binary, RunningK6, start_k6
from tests.harness.ports import HOST, free_port
from tests.harness.servers import html_server
from tests.harness.waiting import wait_until

STOPPED_BY_API = 103
RUNNING = 7
PROBE = {"vus": -1}
SIMPLE = "setup_td.js"
"""A script that needs no server: one VU that sleeps."""

CANNOT_PAUSE = {1: "This test's executor cannot pause once it has started", 2: "k6 v2 cannot pause a test once"}
CANNOT_SET_VUS = {1: "This test's executor cannot change VUs while it runs", 2: "k6 v2 cannot change VUs while a test"}
A_WAY_OUT = {1: "externally-controlled executor", 2: "ramping-vus"}


@contextmanager
def attached(running: RunningK6, *arguments: str) -> Generator[Cockpit]:
    with open_cockpit("--target", running.address, *OFTEN, *arguments) as cockpit:
        yield cockpit


@contextmanager
def attached_through_tee(running: RunningK6) -> Generator[tuple[Cockpit, Tee]]:
    with open_tee(running.port) as tee, open_cockpit("--target", tee.address, *OFTEN) as cockpit:
        yield cockpit, tee


def wait_vus(running: RunningK6, vus: int, vus_max: int) -> None:
    """Wait until k6 itself says so."""

    def is_so() -> bool:
        status = running.status()
        return (status["vus"], status["vus-max"]) == (vus, vus_max)

    wait_until(is_so, what=f"{vus}/{vus_max} VUs in k6", seen=running.status)


# The keys, on a k6 that obeys every one


def test_presses_become_one_request_that_k6_obeys(k6_v1: K6Binary) -> None:
    with start_k6(k6_v1, "ext.js") as running, attached_through_tee(running) as (cockpit, tee):
        cockpit.wait_vus(2, 5)
        cockpit.wait_note("can stop pause? VUs?")
        assert tee.patches == [], "what k6 can do is asked only when somebody wants to do it"
        cockpit.press("+", "=", "-", "w")
        cockpit.wait_vus(4, 5)
        cockpit.wait_note("can stop pause VUs  ")
        wait_vus(running, 4, 5)
        assert sorted(tee.patches, key=str) == sorted([PROBE, {"vus": 4}], key=str)
        assert "4 VUs confirmed" in cockpit.events()


def test_more_vus_than_there_are_are_initialised(k6_v1: K6Binary) -> None:
    with start_k6(k6_v1, "ext.js") as running, attached_through_tee(running) as (cockpit, tee):
        cockpit.wait_vus(2, 5)
        cockpit.press("W")
        cockpit.wait_vus(12, 12)
        wait_vus(running, 12, 12)
        assert {"vus": 12, "vus-max": 12} in tee.patches
        cockpit.press("S")
        cockpit.wait_vus(2, 12)
        wait_vus(running, 2, 12)
        cockpit.press("S")
        cockpit.wait_vus(0, 12)
        wait_vus(running, 0, 12)


def test_a_number_of_vus_is_typed(k6_v1: K6Binary) -> None:
    with start_k6(k6_v1, "ext.js") as running, attached_through_tee(running) as (cockpit, tee):
        cockpit.wait_vus(2, 5)
        cockpit.press("v")
        cockpit.terminal.wait_for("How many VUs?")
        cockpit.terminal.type("4")
        cockpit.press("escape")
        cockpit.terminal.wait_gone("How many VUs?")
        cockpit.press("v")
        cockpit.terminal.wait_for("How many VUs?")
        cockpit.terminal.type("3")
        cockpit.press("enter")
        cockpit.wait_vus(3, 5)
        wait_vus(running, 3, 5)
        assert {"vus": 3} in tee.patches
        assert {"vus": 4} not in tee.patches


def test_a_pause_and_what_was_asked_meanwhile(k6_v1: K6Binary) -> None:
    with start_k6(k6_v1, "ext.js") as running, attached(running) as cockpit:
        cockpit.wait_state("running")
        cockpit.press("p")
        cockpit.wait_state("paused")
        cockpit.terminal.wait_for("p resume")
        assert running.status()["paused"] is True
        cockpit.press("+")
        cockpit.wait_said("takes effect when the test goes on")
        cockpit.press("p")
        cockpit.wait_state("running")
        cockpit.wait_vus(3, 5)
        wait_vus(running, 3, 5)
        assert running.status()["paused"] is False


def test_a_pause_that_waits_for_iterations_is_said_and_holds_nothing_up(k6_v1: K6Binary) -> None:
    with start_k6(k6_v1, "ext.js", env={"ITER": "4"}) as running, attached(running) as cockpit:
        cockpit.wait_state("running")
        wait_vus(running, 2, 5)
        cockpit.press("p")
        cockpit.wait_note("pausing")
        cockpit.press("p")
        cockpit.wait_said("Still pausing")
        cockpit.answers_keys()
        cockpit.wait_state("paused")
        cockpit.wait(lambda: "pausing" not in cockpit.note, "the end of pausing")


# The keys, on a k6 that cannot


@pytest.mark.parametrize(("key", "why"), [("p", CANNOT_PAUSE), ("+", CANNOT_SET_VUS), ("W", CANNOT_SET_VUS)])
def test_a_key_that_cannot_work_says_why_and_what_would(k6: K6Binary, key: str, why: dict[int, str]) -> None:
    with start_k6(k6, SIMPLE) as running, attached_through_tee(running) as (cockpit, tee):
        cockpit.wait_state("running")
        before = running.status()
        cockpit.press(key)
        cockpit.wait_said(why[k6.major])
        # It is known now: the other keys explain without asking k6 again.
        cockpit.press("v", "S", "p")
        cockpit.wait_said("Cannot set VUs")
        cockpit.wait_said("Cannot pause")
        cockpit.wait_said(A_WAY_OUT[k6.major])
        assert "How many VUs?" not in cockpit.screen
        cockpit.wait_note("can stop  ")
        assert tee.patches == [PROBE]
        assert running.status() == before


# The gate


def test_a_test_that_waits_is_started(k6: K6Binary) -> None:
    with start_k6(k6, SIMPLE, "--paused") as running, attached_through_tee(running) as (cockpit, tee):
        cockpit.wait_state("paused")
        cockpit.wait_note("before its start")
        cockpit.terminal.wait_for("p start")
        cockpit.press("p")
        cockpit.wait_state("running")
        running.wait_for_status(RUNNING)
        assert tee.patches == [{"paused": False}]


def test_vus_of_a_test_that_waits_do_not_start_it(k6_v2: K6Binary) -> None:
    with start_k6(k6_v2, SIMPLE, "--paused") as running, attached_through_tee(running) as (cockpit, tee):
        cockpit.wait_state("paused")
        cockpit.press("+")
        cockpit.wait_said("k6 v2 cannot change VUs")
        assert not any("paused" in patch for patch in tee.patches)
        assert (running.status()["status"], running.status()["paused"]) == (4, True)
        cockpit.press("p")
        cockpit.wait_state("running")


def test_vus_of_a_test_that_waits_are_there_at_its_start(k6_v1: K6Binary) -> None:
    with start_k6(k6_v1, "ext.js", "--paused") as running, attached(running) as cockpit:
        cockpit.wait_state("paused")
        cockpit.press("v")
        cockpit.terminal.wait_for("How many VUs?")
        cockpit.terminal.type("4")
        cockpit.press("enter")
        cockpit.wait_said("takes effect when the test starts")
        cockpit.press("p")
        cockpit.wait_state("running")
        cockpit.wait_vus(4, 5)
        wait_vus(running, 4, 5)


def test_a_test_that_waits_is_stopped(k6: K6Binary) -> None:
    with start_k6(k6, SIMPLE, "--paused") as running, attached(running) as cockpit:
        cockpit.wait_state("paused")
        cockpit.press("x")
        cockpit.terminal.wait_for("Stop the test at")
        cockpit.press("y")
        assert running.wait() == STOPPED_BY_API
        cockpit.wait_state("stopped")
        assert cockpit.leave() == 0


# Stopping and leaving


def test_only_yes_stops(k6: K6Binary) -> None:
    only_yes_stops(k6, SIMPLE)


def test_only_yes_stops_what_is_externally_controlled(k6_v1: K6Binary) -> None:
    only_yes_stops(k6_v1, "ext.js")


def only_yes_stops(k6: K6Binary, script: str) -> None:
    with start_k6(k6, script) as running, attached_through_tee(running) as (cockpit, tee):
        cockpit.wait_state("running")
        for no in ("enter", "escape", "n"):
            cockpit.press("x")
            cockpit.terminal.wait_for("Stop the test at")
            cockpit.press(no)
            cockpit.terminal.wait_gone("Stop the test at")
        assert tee.patches == []
        assert running.status()["stopped"] is False
        cockpit.press("x")
        cockpit.terminal.wait_for("Stop the test at")
        cockpit.press("y")
        assert running.wait() == STOPPED_BY_API
        cockpit.wait_state("stopped")
        cockpit.wait_said("stop: confirmed")
        assert tee.patches == [{"stopped": True}]
        assert "stop confirmed" in cockpit.events()
        assert "ended" not in cockpit.screen
        assert cockpit.leave() == 0
        assert "(stopped)" in cockpit.farewell
        assert "goes on" not in cockpit.farewell


def test_a_teardown_after_a_stop_is_seen(k6: K6Binary) -> None:
    with start_k6(k6, SIMPLE, env={"TEARDOWN_SLEEP": "2"}) as running, attached(running) as cockpit:
        cockpit.wait_state("running")
        cockpit.press("x")
        cockpit.terminal.wait_for("Stop the test at")
        cockpit.press("y")
        cockpit.wait_state("teardown")
        cockpit.wait_note("after a stop")
        assert running.wait() == STOPPED_BY_API
        cockpit.wait_state("stopped")


def test_leaving_leaves_the_test_alone(k6: K6Binary) -> None:
    with start_k6(k6, SIMPLE) as running, attached(running) as cockpit:
        cockpit.wait_state("running")
        assert cockpit.leave() == 0
        assert running.address in cockpit.farewell
        assert "The test goes on." in cockpit.farewell
        assert running.process.poll() is None
        assert (running.status()["status"], running.status()["stopped"]) == (RUNNING, False)


# The life of k6


def test_a_k6_that_comes_later_is_picked_up(k6: K6Binary) -> None:
    port = free_port()
    with open_cockpit("--target", f"{HOST}:{port}", *OFTEN) as cockpit:
        screen = cockpit.wait_state("unreachable")
        cockpit.terminal.wait_for(f"No k6 at {HOST}:{port} yet")
        cockpit.terminal.wait_for("refused")
        screen = cockpit.terminal.wait_for(re.compile(r"Tried \d+ times; k6dash goes on trying\."))
        assert f"k6 run --address {HOST}:{port} script.js" in screen
        with start_k6(k6, SIMPLE, port=port):
            cockpit.wait_state("running")
            assert "No k6 at" not in cockpit.screen


def test_a_killed_k6_and_the_next_one(k6: K6Binary) -> None:
    with start_k6(k6, SIMPLE) as running, attached(running) as cockpit:
        cockpit.wait_state("running")
        cockpit.terminal.wait_for(re.compile(r"total Σ\d+"))
        running.kill()
        # k6 closes its port when it ends, and when it is killed: all that can be told is that it has gone.
        cockpit.wait_state("ended")
        cockpit.wait_note("k6 has gone; how the run ended is not known")
        cockpit.answers_keys()
        with start_k6(k6, SIMPLE, port=running.port):
            cockpit.wait_state("running")
            cockpit.wait_note("run 2/2")
            cockpit.press("{")
            cockpit.wait_note("run 1/2")
            cockpit.wait_state("ended")
            cockpit.press("{")
            cockpit.wait_said("There is no earlier run.")
            cockpit.press("}")
            cockpit.wait_note("run 2/2")
            cockpit.wait_state("running")
            assert "run 2 begins" in cockpit.events()


def test_a_frozen_k6_does_not_answer_and_comes_back(k6: K6Binary) -> None:
    with start_k6(k6, SIMPLE) as running, attached(running) as cockpit:
        cockpit.wait_state("running")
        running.freeze()
        cockpit.wait_state("unreachable")
        cockpit.wait_note("k6 does not answer")
        cockpit.press("x")
        cockpit.wait_said("k6 does not answer; k6dash goes on trying.")
        cockpit.answers_keys()
        running.thaw()
        cockpit.wait_state("running")
        screen = cockpit.events()
        assert "k6 does not answer" in screen
        assert "k6 is back after" in screen
        assert "run 2" not in screen


def test_a_web_server_in_the_place_of_k6_is_no_k6(k6: K6Binary) -> None:
    with start_k6(k6, SIMPLE) as running, attached(running) as cockpit:
        cockpit.wait_state("running")
        cockpit.events()
        running.kill()
        cockpit.wait_state("ended")
        with html_server(running.port) as server:
            cockpit.terminal.wait_for("k6 answers with something else")
            wait_until(lambda: len(server.requests) > 2, what="further looks")
            assert cockpit.state != "running"
            assert "It works!" not in cockpit.screen.partition("DETAIL")[0]
        with start_k6(k6, SIMPLE, port=running.port):
            cockpit.wait_state("running")
            cockpit.wait_note("run 2/2")


def test_a_web_server_from_the_beginning_is_no_k6() -> None:
    with html_server() as server, open_cockpit("--target", server.address, *OFTEN) as cockpit:
        cockpit.terminal.wait_for("Something else than k6 seems to answer there.")
        assert cockpit.state == "unreachable"
        assert "k6 run --address" not in cockpit.screen
        assert cockpit.leave() == 0


def test_a_natural_end_keeps_the_last_numbers(k6: K6Binary) -> None:
    with start_k6(k6, SIMPLE, "--paused", env={"DUR": "3s"}) as running, attached(running) as cockpit:
        cockpit.wait_state("paused")
        cockpit.press("p")
        cockpit.wait_state("running")
        cockpit.terminal.wait_for(re.compile(r"total Σ\d+"))
        assert running.wait() == 0
        cockpit.wait_state("ended")
        cockpit.wait_note("k6 has gone")
        assert re.search(r"total Σ\d+", cockpit.screen)
        assert cockpit.leave() == 0
        assert "goes on" not in cockpit.farewell


@pytest.mark.parametrize(
    ("script", "state", "reason"),
    [
        (SIMPLE, "ended", "The test has ended."),
        ("abort.js", "stopped", "The test has been stopped."),
        ("fail.js", "failed", "The test has ended, marked as failed."),
    ],
)
def test_a_run_that_is_over_and_lingers(k6: K6Binary, script: str, state: str, reason: str) -> None:
    with (
        start_k6(k6, script, "--linger", env={"DUR": "2s"}) as running,
        attached_through_tee(running) as (cockpit, tee),
    ):
        cockpit.wait_state(state)
        cockpit.wait_note("k6 lingers")
        assert re.search(r"total Σ\d+", cockpit.screen)
        for key in ("p", "+", "v", "x"):
            cockpit.press(key)
        cockpit.wait_said("Cannot stop")
        said = cockpit.wait_said("Cannot pause")
        assert reason in said
        assert tee.patches == []
        assert running.process.poll() is None
        running.kill()
        cockpit.wait_note("k6 has gone")
        assert cockpit.state == state
        assert cockpit.leave() == 0


def test_a_poisoned_list_is_said_and_the_rest_is_read(k6_v2: K6Binary) -> None:
    with start_k6(k6_v2, "nan.js", env={"V": "inf"}) as running:
        wait_until(lambda: running.api("GET", "/v1/metrics").status == 500, what="a poisoned list")
        with attached(running) as cockpit:
            cockpit.wait_state("running")
            cockpit.terminal.wait_for(re.compile(r"total Σ\d+"))
            screen = cockpit.events()
            assert "is poisoned" in screen
            cockpit.press("2")
            cockpit.terminal.wait_for(re.compile(r"^ iterations +counter", re.MULTILINE))

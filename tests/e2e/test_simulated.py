"""The real command in a terminal over the simulated k6: everything that needs no real one."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.e2e.command import OFTEN, Cockpit, open_cockpit
from tests.harness.ports import HOST, free_port
from tests.harness.terminal import K6DASH
from tests.harness.waiting import PATIENCE, wait_until

SIGNALLED = 105
USAGE = 2
SIZES = [(120, 40), (80, 24)]


@contextmanager
def simulating(*arguments: str, columns: int = 120, rows: int = 40) -> Generator[Cockpit]:
    with open_cockpit("--simulate", *OFTEN, *arguments, columns=columns, rows=rows) as cockpit:
        yield cockpit


def status_at(port: int) -> dict[str, Any]:
    connection = HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/v1/status")
        attributes: dict[str, Any] = json.loads(connection.getresponse().read())["data"]["attributes"]
        return attributes
    finally:
        connection.close()


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_data_comes_and_keys_work(columns: int, rows: int) -> None:
    with simulating(columns=columns, rows=rows) as cockpit:
        cockpit.wait_state("running")
        cockpit.terminal.wait_for(re.compile(r"total Σ\d+"))
        cockpit.wait_vus(20, 40)
        cockpit.press("+", "+")
        cockpit.wait_vus(22, 40)
        cockpit.press("p")
        cockpit.wait_state("paused")
        cockpit.press("p")
        cockpit.wait_state("running")
        cockpit.press("2")
        cockpit.terminal.wait_for("http_req_duration")
        cockpit.press("5")
        for done in ("22 VUs confirmed", "pause confirmed", "resume confirmed"):
            cockpit.terminal.wait_for(done)
        cockpit.press("x")
        cockpit.terminal.wait_for("Stop the test at sim:steady?")
        cockpit.press("enter")
        cockpit.terminal.wait_gone("Stop the test at")
        assert cockpit.state == "running"
        cockpit.press("x")
        cockpit.terminal.wait_for("Stop the test at")
        cockpit.press("y")
        cockpit.wait_state("stopped")
        cockpit.wait_note("k6 has gone")
        assert cockpit.leave() == 0
        assert cockpit.farewell == "k6dash has left sim:steady (stopped)."


def test_a_read_only_cockpit_says_so_and_changes_nothing() -> None:
    with simulating("--read-only") as cockpit:
        cockpit.wait_state("running")
        cockpit.wait_vus(20, 40)
        cockpit.wait_note("read-only")
        cockpit.press("x")
        cockpit.terminal.wait_for("k6dash was started with --read-only")
        cockpit.press("y", "p", "+")
        cockpit.press("5")
        cockpit.terminal.wait_for("as first seen")
        assert cockpit.state == "running"
        assert cockpit.vus == (20, 40)
        assert cockpit.leave() == 0


def test_a_simulated_test_is_not_said_to_go_on() -> None:
    with simulating() as cockpit:
        cockpit.wait_state("running")
        assert cockpit.leave() == 0
        assert cockpit.farewell == "k6dash has left sim:steady (running). The simulated test has ended with it."


def test_ctrl_c_leaves_as_q_does() -> None:
    with simulating() as cockpit:
        cockpit.wait_state("running")
        cockpit.press("ctrl+c")
        assert cockpit.terminal.wait() == 0
        cockpit.check_restored()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_gives_the_terminal_back(number: signal.Signals) -> None:
    with simulating() as cockpit:
        cockpit.wait_state("running")
        cockpit.terminal.process.send_signal(number)
        assert cockpit.terminal.wait() == SIGNALLED
        cockpit.check_restored()
        assert f"ended by {number.name}" in cockpit.farewell


def test_the_simulated_k6_is_open_to_others() -> None:
    port = free_port()
    with simulating("--listen", f"{HOST}:{port}") as cockpit:
        cockpit.wait_state("running")
        cockpit.wait_vus(20, 40)
        assert (status_at(port)["status"], status_at(port)["vus"]) == (7, 20)
        cockpit.press("-")
        cockpit.wait_vus(19, 40)
        assert status_at(port)["vus"] == 19
        with open_cockpit("--target", f"{HOST}:{port}", *OFTEN) as other:
            other.wait_state("running")
            other.wait_vus(19, 40)
            other.press("S")
            other.wait_vus(9, 40)
            assert other.leave() == 0
            assert "The test goes on." in other.farewell
        cockpit.wait_vus(9, 40)
        assert cockpit.leave() == 0
    with pytest.raises(ConnectionRefusedError):
        status_at(port)


def test_a_test_that_waits_is_started() -> None:
    with simulating("--paused", "--profile", "v2") as cockpit:
        cockpit.wait_state("paused")
        cockpit.wait_note("before its start")
        cockpit.press("p")
        cockpit.wait_state("running")
        cockpit.press("p")
        cockpit.wait_said("k6 v2 cannot pause a test once it has started")


# What goes wrong


@pytest.mark.parametrize(("columns", "rows"), SIZES)
@pytest.mark.parametrize("fault", ["latency=500ms", "drop=30%", "5xx=30%"])
def test_what_goes_wrong_now_and_then_is_lived_with(fault: str, columns: int, rows: int) -> None:
    with simulating("--fault", fault, columns=columns, rows=rows) as cockpit:
        cockpit.wait_state("running")
        cockpit.terminal.wait_for(re.compile(r"total Σ[1-9]\d*"))
        cockpit.answers_keys()
        # It goes on: a later look brings later numbers.
        seen = cockpit.elapsed
        cockpit.wait(lambda: cockpit.elapsed > seen, f"a clock later than {seen}")
        assert cockpit.leave() == 0


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ("drop", "closed the connection|Server disconnected"),
        ("5xx", "50[234]"),
        ("garbage", "expected"),
        ("truncate", "expected"),
        ("huge", "an answer of more than"),
        ("hang", "no answer from"),
        ("dribble", "did not finish its answer|no answer from"),
    ],
)
def test_what_always_goes_wrong_is_said(fault: str, what: str) -> None:
    with simulating("--fault", fault, columns=80, rows=24) as cockpit:
        cockpit.terminal.wait_for(re.compile(what))
        assert cockpit.state == "unreachable"
        cockpit.terminal.wait_for(re.compile(r"Tried \d+ times"))
        cockpit.press("x")
        cockpit.wait_said("k6 does not answer")
        cockpit.answers_keys()
        assert cockpit.state == "unreachable"
        assert cockpit.leave() == 0


@pytest.mark.parametrize("fault", ["drop", "5xx", "garbage", "truncate", "huge", "hang", "dribble"])
def test_what_goes_wrong_from_then_on_is_seen(fault: str) -> None:
    with simulating("--fault", f"{fault}@4s") as cockpit:
        cockpit.wait_state("running")
        cockpit.terminal.wait_for(re.compile(r"total Σ[1-9]\d*"))
        screen = cockpit.wait_state("unreachable")
        # The last data stays.
        assert re.search(r"total Σ[1-9]\d*", screen)
        cockpit.press("p")
        cockpit.wait_said("k6 does not answer")
        cockpit.answers_keys()
        assert cockpit.leave() == 0


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_restart_is_another_run(columns: int, rows: int) -> None:
    with simulating("--fault", "restart@4s", columns=columns, rows=rows) as cockpit:
        cockpit.wait_state("running")
        cockpit.wait_note("run 2/2")
        cockpit.wait_state("running")
        cockpit.press("{")
        cockpit.wait_note("run 1/2")
        cockpit.wait_state("ended")
        cockpit.press("}")
        cockpit.wait_state("running")
        assert "run 2 begins" in cockpit.events()
        assert cockpit.leave() == 0


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_death_is_an_end(columns: int, rows: int) -> None:
    with simulating("--fault", "die@4s", columns=columns, rows=rows) as cockpit:
        cockpit.wait_state("running")
        cockpit.terminal.wait_for(re.compile(r"total Σ[1-9]\d*"))
        screen = cockpit.wait_state("ended")
        assert re.search(r"total Σ[1-9]\d*", screen)
        cockpit.wait_note("k6 has gone; how the run ended is not known")
        cockpit.press("x")
        cockpit.wait_said("The test has ended.")
        cockpit.answers_keys()
        assert cockpit.leave() == 0


# The terminal


def test_any_size_at_any_time() -> None:
    with simulating() as cockpit:
        cockpit.wait_state("running")
        cockpit.terminal.resize(20, 5)
        cockpit.terminal.wait_for("20x5 is too small")
        assert cockpit.screen.startswith("running")
        for columns, rows in ((200, 60), (48, 14), (120, 40), (80, 24)):
            cockpit.terminal.resize(columns, rows)
            cockpit.wait(partial(is_whole, cockpit, columns, rows), f"a screen of {columns}x{rows}")
        cockpit.press("2")
        cockpit.terminal.wait_for("METRIC")
        cockpit.terminal.resize(20, 5)
        cockpit.terminal.wait_for("20x5 is too small")
        cockpit.terminal.resize(100, 30)
        cockpit.terminal.wait_for("METRIC")
        cockpit.wait_state("running")
        cockpit.press("1")
        cockpit.answers_keys()
        assert cockpit.leave() == 0


def is_whole(cockpit: Cockpit, columns: int, rows: int) -> bool:
    """Whether header, key bar and a frame up to the right edge are where they belong."""
    lines = cockpit.terminal.lines()
    return (
        len(lines) == rows
        and cockpit.state == "running"
        and "1 overview" in lines[-1]
        and "q quit" in lines[-1]
        and any(_right_edge(line) in (columns, columns - 1) for line in lines)
    )


def _right_edge(line: str) -> int:
    """The column after a frame's upper right corner, beside which a scroll bar may stand; 0 where there is none."""
    return line.rfind("╮") + 1


def test_a_terminal_too_small_from_the_beginning() -> None:
    with simulating(columns=20, rows=5) as cockpit:
        cockpit.terminal.wait_for("20x5 is too small")
        cockpit.wait(lambda: cockpit.screen.startswith("running"), "the state")
        cockpit.terminal.resize(80, 24)
        cockpit.wait_state("running")
        assert cockpit.leave() == 0


def test_a_terminal_that_goes_away_takes_k6dash_along() -> None:
    parent, child = os.openpty()
    process = subprocess.Popen(
        ["/bin/sh", "-c", 'tty=$1; shift; exec "$@" <>"$tty" >&0 2>&0', "sh", os.ttyname(child), *K6DASH, "--simulate"],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        seen = b""
        while b"running" not in seen:
            seen += os.read(parent, 1 << 16)
        os.close(child)
        os.close(parent)
        assert wait_until(lambda: process.poll() is not None, what="the end of k6dash")
        assert process.returncode == SIGNALLED
    finally:
        process.kill()
        process.wait(PATIENCE)


@pytest.mark.parametrize(
    ("target", "env"),
    [
        ("http://192.0.2.1:6565", {"HTTP_PROXY": "ftp://proxy"}),
        ("https://localhost:6565", {"SSL_CERT_FILE": __file__}),
    ],
)
def test_an_environment_that_cannot_be_used_is_said_in_one_line(target: str, env: dict[str, str]) -> None:
    with open_cockpit("--target", target, "--header", "Authorization: s3cret", env=env) as cockpit:
        assert cockpit.terminal.wait() == USAGE
        cockpit.check_restored()
        assert re.fullmatch(
            r"k6dash: a proxy or certificate of the environment cannot be used: [^\n]+", cockpit.farewell
        )
        assert b"s3cret" not in cockpit.terminal.raw


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    with socket.create_server((HOST, 0)) as taken:
        address = f"{HOST}:{taken.getsockname()[1]}"
        with open_cockpit("--simulate", "--listen", address) as cockpit:
            assert cockpit.terminal.wait() == USAGE
            assert re.fullmatch(
                rf"k6dash: cannot listen on {address}: [^\n]+", bytes(cockpit.terminal.raw).decode().strip()
            )


@pytest.mark.parametrize("arguments", [(), ("--simulate",), ("--target", "localhost:1")])
def test_what_is_no_terminal_is_refused(arguments: tuple[str, ...]) -> None:
    result = subprocess.run(
        [*K6DASH, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert result.returncode == USAGE
    assert result.stdout == ""
    assert result.stderr == "k6dash: k6dash draws on a terminal, and this is none; run it in one, or with --headless\n"

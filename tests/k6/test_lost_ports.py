"""A port that somebody takes before k6 does: on real k6s, whose refusals are read."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from dashboard.launch.retry import LostPort
from tests.harness.k6 import K6Binary
from tests.k6.launching import Launches

THIEF = """#!{python}
# Starts k6 with a socket that listens where k6 is to, for as long as its file says.
import os, re, socket, sys
from pathlib import Path

left = Path({left!r})
if sys.argv[1] == "run" and (count := int(left.read_text())):
    left.write_text(str(count - 1))
    port = {port}
    stolen = socket.socket()
    stolen.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    stolen.bind(("127.0.0.1", int(port)))
    stolen.listen()
    stolen.set_inheritable(True)
os.execv({k6!r}, [{k6!r}, *sys.argv[1:]])
"""
API = "re.search(r'--address 127.0.0.1:(\\d+)', ' '.join(sys.argv))[1]"
STREAM = "os.environ['K6_WEB_DASHBOARD_PORT']"
SIMPLE = "setup_td.js"


class Thief:
    """A k6 whose ports are taken first."""

    def __init__(self, k6: K6Binary, folder: Path) -> None:
        self._k6 = k6
        self._folder = folder
        self._left = folder / "left"

    def takes(self, port: str, times: int) -> tuple[str, str]:
        """Options that start this k6."""
        self._left.write_text(str(times))
        program = self._folder / "thief"
        text = THIEF.format(python=sys.executable, left=str(self._left), port=port, k6=os.fspath(self._k6))
        program.write_text(text)
        program.chmod(0o755)
        return "--k6", str(program)

    @property
    def left(self) -> int:
        """How often it would have taken it still."""
        return int(self._left.read_text())


@pytest.fixture
def launches(k6: K6Binary, tmp_path: Path) -> Generator[Launches]:
    launches = Launches(k6, tmp_path / "state")
    yield launches
    launches.end_all()


@pytest.fixture
def thief(k6: K6Binary, tmp_path: Path) -> Thief:
    return Thief(k6, tmp_path)


def test_a_lost_port_of_the_stream_is_tried_again_on_another(launches: Launches, thief: Thief, tmp_path: Path) -> None:
    taped = tmp_path / "run.ndjson.gz"
    ended = launches.run("--record", str(taped), *thief.takes(STREAM, 2), SIMPLE, env={"DUR": "1s"})
    assert ended.code == 0, ended.errors
    assert thief.left == 0
    assert ended.errors.count("before k6 did; k6 is started again on another") == 2
    assert "iteration_duration" in ended.output
    assert taped.stat().st_size > 0


def test_a_port_that_is_lost_again_and_again_is_left(launches: Launches, thief: Thief) -> None:
    ended = launches.run(*thief.takes(STREAM, 100), SIMPLE)
    assert ended.code == 255
    assert thief.left == 96
    assert "before k6 did, again and again" in ended.errors


def test_a_script_that_may_have_begun_is_not_run_twice(launches: Launches, thief: Thief) -> None:
    ended = launches.run(*thief.takes(API, 100), SIMPLE)
    assert ended.code == 106
    assert thief.left == 99
    assert "it may have begun, and is not run twice unasked: run it again" in ended.errors
    assert "bind: address already in use" in ended.errors, "k6's own words"


def test_a_test_that_waits_at_its_start_has_not_begun(launches: Launches, thief: Thief) -> None:
    ended = launches.run("--until", "paused", *thief.takes(API, 1), "--paused", SIMPLE)
    assert ended.code == 0, ended.errors
    assert thief.left == 0
    assert "k6 goes on" in ended.errors


def test_the_cockpit_comes_back_over_the_second_k6(launches: Launches, thief: Thief) -> None:
    with launches.cockpit(*thief.takes(STREAM, 1), SIMPLE) as cockpit:
        cockpit.wait_state("running")
        cockpit.press("x")
        cockpit.terminal.wait_for("Stop the test at")
        cockpit.press("y")
        cockpit.terminal.wait_for("k6 ended with exit code 103")
        cockpit.press("escape")
        cockpit.terminal.wait_gone("back to the charts")
        assert cockpit.leave() == 103


def test_what_is_said_of_a_lost_port_says_whether_it_is_tried_again() -> None:
    assert LostPort(7, may_retry=True).words(may_retry=True).endswith("is started again on another")
    assert LostPort(7, may_retry=True).words(may_retry=False).endswith("again and again")
    assert LostPort(7, may_retry=False).words(may_retry=True).endswith("run it again")

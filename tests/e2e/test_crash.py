"""k6dash failing by its own fault: the terminal is given back, and what it knew is not told."""

from __future__ import annotations

import sys

import pytest

from dashboard.errors import ExitCode
from tests.e2e.command import LEAVE_ALTERNATE, SHOW_CURSOR
from tests.harness.k6 import CHECKOUT
from tests.harness.terminal import open_terminal

SECRET = "Bearer-of-a-secret"
FAILING = """
import sys
from dashboard.cli import main
from dashboard.session import Session
from dashboard.tui.app import K6DashApp
from dashboard.tui.painter import Painter

def fail(*_):
    secret = sys.argv[1]
    headers = {{"Authorization": secret}}
    raise RuntimeError("out of order")

{where} = fail
sys.exit(main(["--target", "127.0.0.1:1", "--header", "Authorization: " + sys.argv[1]]))
"""


@pytest.mark.parametrize(
    ("where", "keys"),
    [
        pytest.param("K6DashApp.action_freeze", "f", id="in what a key does"),
        pytest.param("Painter.paint_stage", "", id="in what is drawn first"),
        pytest.param("Session.observe", "", id="in a worker"),
    ],
)
def test_a_failure_tells_where_it_was_and_nothing_of_what_it_knew(where: str, keys: str) -> None:
    command = [sys.executable, "-c", FAILING.format(where=where), SECRET]
    with open_terminal(command, 100, 40, cwd=CHECKOUT) as terminal:
        if keys:
            terminal.wait_for("unreachable")
            terminal.press(keys)
        assert terminal.wait() == ExitCode.FAILED
        told = terminal.raw.rpartition(LEAVE_ALTERNATE)[2].decode()
    assert "RuntimeError" in told
    assert "out of order" in told
    assert "Please report it" in told
    assert SECRET not in told
    assert SHOW_CURSOR.decode() in told or SHOW_CURSOR in terminal.raw

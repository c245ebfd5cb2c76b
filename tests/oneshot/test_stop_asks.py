"""``k6dash stop`` on a terminal asks before it stops anything."""

from __future__ import annotations

import pytest

from tests.harness.terminal import K6DASH, open_terminal
from tests.oneshot.command import run, served

DECLINED = 105


@pytest.mark.parametrize(
    ("key", "code", "state"), [("n", DECLINED, "running"), ("enter", DECLINED, "running"), ("y", 0, "stopped")]
)
def test_a_stop_on_a_terminal_is_asked_about(key: str, code: int, state: str) -> None:
    with served("steady", "--linger") as address:
        assert run("wait", "running", "--target", address, "--timeout", "20").code == 0
        with open_terminal([*K6DASH, "stop", "--target", address], 80, 24) as terminal:
            terminal.wait_for(f"Stop the test at {address}?")
            assert run("status", "--target", address, "--json").document["state"] == "running"
            terminal.press(*((key,) if key == "enter" else (key, "enter")))
            assert terminal.wait() == code
        assert run("status", "--target", address, "--json").document["state"] == state

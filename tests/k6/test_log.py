"""The log of real k6s on screen 7: who said what, which errors there were, and how often."""

from __future__ import annotations

import re
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.e2e.command import Cockpit
from tests.harness.k6 import K6Binary
from tests.k6.launching import Launches

ITERATIONS = 48
FAILED, OUT_OF_STOCK, THROWN = ITERATIONS, ITERATIONS // 3, ITERATIONS // 4
"""What the script troubled.js does: a failed request an iteration, console.error in every third, an exception in
every fourth."""


@pytest.fixture
def launches(k6: K6Binary, tmp_path: Path) -> Generator[Launches]:
    launches = Launches(k6, tmp_path / "state")
    yield launches
    launches.end_all()


def count_of(cockpit: Cockpit, error: str) -> int | None:
    """The count beside a kind of error."""
    found = re.search(rf"^ [✗!▶] {error}.*?Σ(\d+) ", cockpit.screen, re.MULTILINE)
    return int(found[1]) if found else None


def to_the_end(cockpit: Cockpit) -> None:
    """Wait until k6 has ended, and look at its log."""
    cockpit.terminal.wait_for("back to the charts")
    cockpit.press("escape")
    cockpit.terminal.wait_gone("back to the charts")
    cockpit.press("7")
    cockpit.terminal.wait_for("ERRORS BY KIND")


def test_errors_are_counted_by_kind_as_the_script_made_them(launches: Launches) -> None:
    with launches.cockpit("troubled.js") as cockpit:
        to_the_end(cockpit)
        cockpit.wait(lambda: "have been crossed" in cockpit.screen, "the last words of k6")
        assert count_of(cockpit, r"Get \"http://127.0.0.1:1/") == FAILED
        assert count_of(cockpit, "no stock for article N") == OUT_OF_STOCK
        assert count_of(cockpit, "Error: boom N") == THROWN
        assert count_of(cockpit, "thresholds on metrics") == 1
        # setup, a line an iteration, and a warning in each that did not throw
        told = 1 + ITERATIONS + OUT_OF_STOCK + ITERATIONS - THROWN
        said = FAILED + THROWN + 1
        assert re.search(rf"error {OUT_OF_STOCK + THROWN + 1}\b", cockpit.screen)
        assert re.search(rf"k6 {said} .*js {told}\b", cockpit.screen)


def test_an_exception_is_opened_with_its_stack_and_what_k6_adds(launches: Launches) -> None:
    with launches.cockpit("troubled.js") as cockpit:
        to_the_end(cockpit)
        cockpit.press("/", *"boom 8", "enter")
        cockpit.wait(lambda: "1 of" in cockpit.screen, "one line")
        cockpit.press("enter")
        cockpit.terminal.wait_for("back to the log")
        for part in ("Error: boom 8", "in two lines", "troubled.js:", "stacktrace", "shared-iterations", "troubled"):
            assert part in cockpit.screen


def test_a_log_that_is_sent_elsewhere_is_said_to_be_there(launches: Launches, tmp_path: Path) -> None:
    log = tmp_path / "k6.log"
    with launches.cockpit("--", "troubled.js", "--log-output", f"file={log}", env={"ITERATIONS": "300"}) as cockpit:
        cockpit.wait_state("running")
        cockpit.press("7")
        cockpit.wait(lambda: "as you chose" in " ".join(cockpit.screen.split()), "where the log goes")
        assert log.name in "".join(cockpit.screen.split())
    assert log.exists()


def test_a_log_in_k6s_own_letters_is_understood_too(launches: Launches) -> None:
    with launches.cockpit("--", "troubled.js", "--log-format", "text") as cockpit:
        to_the_end(cockpit)
        assert count_of(cockpit, r"Get \"http://127.0.0.1:1/") == FAILED

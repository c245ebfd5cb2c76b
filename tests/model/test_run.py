from __future__ import annotations

import pytest

from dashboard.model.run import State
from tests.model.building import at_work


@pytest.mark.parametrize(
    ("number", "flags", "state"),
    [
        (0, {"running": False}, State.STARTING),
        (1, {"running": False}, State.STARTING),
        (1, {"stopped": True}, State.STOPPED),
        (4, {"paused": True, "running": False}, State.PAUSED),
        (4, {"running": False}, State.STARTING),
        (4, {"paused": True, "stopped": True}, State.STOPPED),
        (5, {}, State.STARTING),
        (6, {}, State.STARTING),
        (7, {}, State.RUNNING),
        (7, {"paused": True}, State.PAUSED),
        (7, {"stopped": True}, State.STOPPED),
        (8, {}, State.TEARDOWN),
        (8, {"stopped": True}, State.TEARDOWN),
        (9, {"running": False}, State.ENDED),
        (10, {"running": True}, State.STOPPED),
        (11, {"running": True}, State.FAILED),
        (12, {"running": True}, State.RUNNING),
        (None, {"running": True}, State.RUNNING),
        (None, {"running": False}, State.STARTING),
        (None, {"paused": True}, State.PAUSED),
    ],
)
def test_the_word_for_a_status(number: int | None, flags: dict[str, bool], state: State) -> None:
    """Status 10 and 11 never read as running, though k6 leaves that flag true."""
    flags = {"running": False, **flags} if number in (0, 1, 4, None) else flags
    assert at_work(number, **flags).state is state


@pytest.mark.parametrize(
    ("number", "has_started", "is_final"),
    [(0, False, False), (4, False, False), (6, True, False), (8, True, False), (9, True, True), (11, True, True)],
)
def test_when_the_clock_runs(number: int, has_started: bool, is_final: bool) -> None:
    status = at_work(number)
    assert (status.has_started, status.is_final) == (has_started, is_final)


def test_a_word_that_is_over() -> None:
    assert {state for state in State if state.is_over} == {State.ENDED, State.STOPPED, State.FAILED}

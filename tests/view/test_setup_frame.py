"""What is said before something is done to setup(), its data or teardown()."""

from __future__ import annotations

import pytest

from dashboard.model.action import RunSetup, RunTeardown, SetSetup, SetupAction
from dashboard.model.run import RunStatus
from dashboard.view.setup import editable, question_of

ONCE = "A VU reads the setup data once, at its first iteration."


def status(number: int) -> RunStatus:
    return RunStatus(number, paused=number == 4, vus=1, vus_max=1, stopped=False, running=True, tainted=False)


@pytest.mark.parametrize(
    ("action", "number", "said"),
    [
        (RunSetup(), 4, "once more when the test starts: what it returns now is overwritten then"),
        (RunSetup(), 7, ONCE),
        (SetSetup("1"), 4, "setup() overwrites the data when it does, unless k6 was started with --no-setup"),
        (SetSetup("1"), 7, ONCE),
        (SetSetup(None), 7, "VUs then get undefined."),
        (RunTeardown(), 4, "although nothing has been set up yet, and once more at the end"),
        (RunTeardown(), 6, "while setup() still runs"),
        (RunTeardown(), 7, "while the VUs go on, and once more at the end of the test"),
        (RunTeardown(), 9, "teardown() has had its turn. It runs once more"),
    ],
)
def test_a_question_says_what_k6_really_does(action: SetupAction, number: int, said: str) -> None:
    asked = question_of(action, status(number), status(number).state)
    assert said in asked.consequences
    assert asked.question.endswith("?")


def test_what_takes_something_away_looks_dangerous() -> None:
    running = status(7)
    dangerous = {
        str(action): question_of(action, running, running.state).is_danger
        for action in (RunSetup(), SetSetup("1"), SetSetup(None), RunTeardown())
    }
    assert dangerous == {
        "run setup()": False,
        "set setup data": True,
        "clear setup data": True,
        "run teardown()": True,
    }


def test_what_is_given_to_an_editor_is_the_same_value() -> None:
    assert editable(None) == ""
    assert editable('{"b":1.50,"b":"\x9b"}') == '{\n  "b": 1.50,\n  "b": "\\u009b"\n}'

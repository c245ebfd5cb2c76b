from __future__ import annotations

import pytest

from dashboard.model.action import Verb
from dashboard.model.capability import Control, capability
from dashboard.model.run import RunStatus, State
from tests.model.building import at_work

GATE = at_work(4, paused=True, vus=0)
PAUSED = at_work(7, paused=True, vus=0)
CHANGES = (Verb.PAUSE, Verb.SET_VUS)


OVER = [(at_work(9), State.ENDED), (at_work(10), State.STOPPED), (at_work(11), State.FAILED)]


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("control", list(Control))
@pytest.mark.parametrize(("status", "state"), [(None, State.UNREACHABLE), (at_work(), State.UNREACHABLE), *OVER])
def test_nothing_works_where_nobody_is_or_all_is_over(
    verb: Verb, control: Control, status: RunStatus | None, state: State
) -> None:
    """Asked after the end, k6 would never answer; it only runs a teardown() once more, for as long as it lingers."""
    found = capability(verb, control, status, state)
    if verb is Verb.RUN_TEARDOWN and state.is_over:
        assert found.possible
        assert not found.reason
    else:
        assert found.is_out
        assert found.reason.endswith(".")


@pytest.mark.parametrize(
    ("verb", "control", "status", "possible"),
    [
        (Verb.STOP, Control.UNKNOWN, at_work(), True),
        (Verb.STOP, Control.NONE_V2, GATE, True),
        (Verb.STOP, Control.NONE_V2, at_work(8), True),
        (Verb.RESUME, Control.UNKNOWN, GATE, True),
        (Verb.RESUME, Control.NONE_V2, GATE, True),
        (Verb.PAUSE, Control.EXTERNAL, GATE, False),
        (Verb.RESUME, Control.UNKNOWN, PAUSED, True),
        (Verb.RESUME, Control.NONE_V2, at_work(), False),
        *((verb, Control.UNKNOWN, at_work(), None) for verb in CHANGES),
        *((verb, Control.EXTERNAL, at_work(), True) for verb in CHANGES),
        *((verb, Control.NONE_V1, at_work(), False) for verb in CHANGES),
        *((verb, Control.NONE_V2, at_work(), False) for verb in CHANGES),
        *((verb, Control.EXTERNAL, at_work(8), False) for verb in CHANGES),
        (Verb.SET_VUS, Control.UNKNOWN, GATE, None),
        (Verb.SET_VUS, Control.EXTERNAL, PAUSED, True),
    ],
)
def test_what_can_be_done(verb: Verb, control: Control, status: RunStatus, possible: bool | None) -> None:
    found = capability(verb, control, status, status.state)
    assert found.possible is possible
    assert bool(found.reason) is (possible is False)


def test_a_refusal_says_what_would_work() -> None:
    assert "--paused" in capability(Verb.PAUSE, Control.NONE_V2, at_work(), State.RUNNING).reason
    assert "arrival-rate" in capability(Verb.SET_VUS, Control.NONE_V2, at_work(), State.RUNNING).reason
    assert "externally-controlled" in capability(Verb.SET_VUS, Control.NONE_V1, at_work(), State.RUNNING).reason

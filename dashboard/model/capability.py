"""What this k6, in this state, can be made to do, and the reason where it cannot.

The facts are k6's: VUs and pausing in the middle of a run work only with the externally-controlled executor, which k6
v2 has removed; a test started with ``--paused`` can be let go once, in every version; a stop always works, and so do
setup(), its data and teardown().
"""

from __future__ import annotations

from enum import StrEnum

from dashboard.model.action import Verb
from dashboard.model.run import ExecutionStatus, RunStatus, State
from dashboard.quick import dataclass


class Control(StrEnum):
    """What has been learnt of a k6's executors: from its refusals, or from the harmless question for -1 VUs."""

    UNKNOWN = "unknown"
    EXTERNAL = "v1, externally controlled"
    """VUs can be set and the run paused."""
    NONE_V1 = "v1, not externally controlled"
    NONE_V2 = "v2"


@dataclass(frozen=True, slots=True)
class Capability:
    """Whether something can be done now. ``possible`` is None where only asking k6 would tell."""

    possible: bool | None
    reason: str = ""
    """A sentence for the user: why not, and what would work instead. Empty where it is possible."""

    is_forbidden: bool = False
    """Whether it is the user who ruled it out, whatever k6 could do."""
    is_past: bool = False
    """Whether it is out because the test is over and only its recording is there."""

    @property
    def is_out(self) -> bool:
        """Whether it is known not to work."""
        return self.possible is False


READ_ONLY = Capability(possible=False, reason="k6dash was started with --read-only.", is_forbidden=True)
"""What everything that changes something is where the user wants to look and no more."""

PAST = Capability(
    possible=False,
    reason="This is a recording: what it shows is over, and nothing reaches the test.",
    is_past=True,
)
"""What everything that acts on the test is where its recording is shown."""

_OVER = {
    State.ENDED: "The test has ended.",
    State.STOPPED: "The test has been stopped.",
    State.FAILED: "The test has ended, marked as failed.",
}
_NOT_THERE = "k6 does not answer; k6dash goes on trying."
V2_VUS = (
    "k6 v2 cannot change VUs while a test runs. Plan the load in the script instead, with a ramping-vus or an "
    "arrival-rate executor."
)
V1_VUS = (
    "This test's executor cannot change VUs while it runs. In k6 v1 the externally-controlled executor can; "
    "in every version a ramping-vus or arrival-rate executor plans the change ahead."
)
_V2_PAUSE = (
    "k6 v2 cannot pause a test once it has started. Start it with k6 run --paused to hold it at the gate; "
    "then resume lets it go."
)
_V1_PAUSE = (
    "This test's executor cannot pause once it has started. In k6 v1 the externally-controlled executor can; "
    "k6 run --paused holds any test at the gate, and resume lets it go."
)
_LOAD_IS_OVER = "The load has ended; only teardown() runs still."
_NO_READER = "The test has ended: no VU reads setup data any more."
_SETUP_RUNS = "setup() runs right now; wait until it has finished."
_TEARDOWN_RUNS = "teardown() runs right now, and k6 exits after it."
_LEAVING = "k6 is on its way out, and runs teardown() itself."
_AT_GATE = "The test waits at its start already; resume lets it go."


def capability(verb: Verb, control: Control, status: RunStatus | None, state: State) -> Capability:
    """Whether ``verb`` can work on a k6 of which ``control`` is known, now that it is in ``state``."""
    if state is State.UNREACHABLE or status is None:
        return Capability(possible=False, reason=_NOT_THERE)
    if verb in (Verb.RUN_SETUP, Verb.SET_SETUP, Verb.RUN_TEARDOWN):
        return _of_setup(verb, status, state)
    if state.is_over:
        return Capability(possible=False, reason=_OVER[state])
    at_gate = status.status == ExecutionStatus.PAUSED_BEFORE_RUN and status.paused
    match verb:
        case Verb.STOP:
            return Capability(possible=True)
        case _ if state is State.TEARDOWN:
            # The executors have ended, and k6 would never answer.
            return Capability(possible=False, reason=_LOAD_IS_OVER)
        case Verb.RESUME if at_gate:
            return Capability(possible=True)
        case Verb.PAUSE if at_gate:
            return Capability(possible=False, reason=_AT_GATE)
        case Verb.RESUME if status.paused:
            return Capability(possible=True)
        case Verb.SET_VUS:
            return _by_control(control, V1_VUS, V2_VUS)
        case _:
            return _by_control(control, _V1_PAUSE, _V2_PAUSE)


def _of_setup(verb: Verb, status: RunStatus, state: State) -> Capability:
    """k6 runs setup() and teardown() and takes setup data whenever it is asked to; here is when that is for nothing."""
    in_setup, in_teardown = status.status == ExecutionStatus.SETUP, state is State.TEARDOWN
    reason = ""
    if verb is Verb.RUN_TEARDOWN:
        if in_teardown:
            reason = _TEARDOWN_RUNS
        elif state.is_over and not status.is_final:
            reason = _LEAVING
    elif state.is_over or in_teardown:
        reason = _NO_READER if state.is_over else _LOAD_IS_OVER
    elif in_setup:
        reason = _SETUP_RUNS
    return Capability(possible=not reason, reason=reason)


def _by_control(control: Control, why_not_v1: str, why_not_v2: str) -> Capability:
    match control:
        case Control.EXTERNAL:
            return Capability(possible=True)
        case Control.NONE_V1:
            return Capability(possible=False, reason=why_not_v1)
        case Control.NONE_V2:
            return Capability(possible=False, reason=why_not_v2)
        case Control.UNKNOWN:
            return Capability(possible=None)

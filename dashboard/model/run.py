"""The state of k6's test run: its numbers for it, and the words k6dash uses."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from dashboard.quick import dataclass


class ExecutionStatus(IntEnum):
    """The ``status`` of ``/v1/status`` (lib/execution.go of k6)."""

    CREATED = 0
    INIT_VUS = 1
    INIT_EXECUTORS = 2
    INIT_DONE = 3
    PAUSED_BEFORE_RUN = 4
    STARTED = 5
    SETUP = 6
    RUNNING = 7
    TEARDOWN = 8
    ENDED = 9
    INTERRUPTED = 10
    MARKED_AS_FAILED = 11


class State(StrEnum):
    """The one word for what a run is doing."""

    STARTING = "starting"
    PAUSED = "paused"
    RUNNING = "running"
    TEARDOWN = "teardown"
    ENDED = "ended"
    STOPPED = "stopped"
    FAILED = "failed"
    UNREACHABLE = "unreachable"

    @property
    def is_over(self) -> bool:
        """Whether the test can do no more: nothing will change its numbers, nothing can steer it."""
        return self in (State.ENDED, State.STOPPED, State.FAILED)


@dataclass(frozen=True, slots=True)
class RunStatus:
    """The attributes of ``/v1/status``. What an answer left out is None or the value k6 starts with."""

    status: int | None
    """One of :class:`ExecutionStatus`, or a number that a later k6 invented."""
    paused: bool
    vus: int | None
    vus_max: int | None
    stopped: bool
    running: bool
    tainted: bool

    @property
    def state(self) -> State:
        """The word for it. ``running`` alone is no evidence: k6 leaves it true after an interrupted run."""
        match self.status:
            case ExecutionStatus.ENDED:
                return State.ENDED
            case ExecutionStatus.INTERRUPTED:
                return State.STOPPED
            case ExecutionStatus.MARKED_AS_FAILED:
                return State.FAILED
            case ExecutionStatus.TEARDOWN:
                return State.TEARDOWN
            case ExecutionStatus.PAUSED_BEFORE_RUN:
                if self.stopped:
                    return State.STOPPED
                return State.PAUSED if self.paused else State.STARTING
            case ExecutionStatus.RUNNING:
                return self._by_flags()
            case None:
                return self._by_flags() if self.running or self.paused or self.stopped else State.STARTING
            case number if number < ExecutionStatus.RUNNING:
                return State.STOPPED if self.stopped else State.STARTING
            case _:
                return self._by_flags()

    def _by_flags(self) -> State:
        if self.stopped:
            return State.STOPPED
        return State.PAUSED if self.paused else State.RUNNING

    @property
    def has_started(self) -> bool:
        """Whether setup() has begun, so that k6's test clock runs or has run."""
        return self.status is None or self.status >= ExecutionStatus.SETUP

    @property
    def is_final(self) -> bool:
        """Whether k6 itself calls the run over (status 9, 10, 11). A run being stopped is not final yet."""
        return self.status is not None and self.status >= ExecutionStatus.ENDED

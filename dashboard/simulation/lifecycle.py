"""The numbers that a run goes through and ends with."""

from __future__ import annotations

from enum import IntEnum

from dashboard.quick import dataclass


class ScriptError(Exception):
    """setup() or teardown() threw; the message is the exception as k6 tells it."""


class ExecutionStatus(IntEnum):
    """``status`` in ``/v1/status`` (k6's ``lib/execution.go``)."""

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

    @property
    def is_final(self) -> bool:
        """Whether the run is over."""
        return self >= ExecutionStatus.ENDED


class K6Exit(IntEnum):
    """What k6's process says when it ends (k6's ``errext/exitcodes``)."""

    OK = 0
    THRESHOLDS_HAVE_FAILED = 99
    STOPPED_FROM_REST_API = 103
    EXTERNAL_ABORT = 105
    SCRIPT_EXCEPTION = 107
    SCRIPT_ABORTED = 108
    MARKED_AS_FAILED = 110


@dataclass(frozen=True, slots=True)
class StatusView:
    """What ``/v1/status`` shows at one moment."""

    status: ExecutionStatus
    paused: bool
    vus: int
    vus_max: int
    stopped: bool
    running: bool
    tainted: bool

"""Whether what was asked of a test has come about, by what k6 was seen to do since."""

from __future__ import annotations

from dashboard.model.action import Action, Pause, Resume, SetVUs, Stop
from dashboard.model.run import ExecutionStatus, RunStatus


def has_happened(action: Action, status: RunStatus) -> bool:
    """Whether ``status`` is what ``action`` asked for."""
    match action:
        case Stop():
            return status.stopped or status.state.is_over
        case Pause():
            return status.paused
        case Resume():
            return not status.paused
        case SetVUs(vus, vus_max):
            return status.vus == vus and vus_max in (None, status.vus_max)
        case _:
            return False  # of these the setup data tell, and not the status


def takes_effect_later(action: Action, status: RunStatus | None) -> str:
    """When an accepted action will show, where it cannot show now; empty where it can."""
    if not isinstance(action, SetVUs) or status is None or not status.paused:
        return ""
    if status.status == ExecutionStatus.PAUSED_BEFORE_RUN:
        return "takes effect when the test starts"
    return "takes effect when the test goes on"

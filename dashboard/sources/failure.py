"""Requests that failed, as what the layers above take: an outage of the target, or an answer to an action."""

from __future__ import annotations

from dashboard.errors import ApiError, Rejected, TimedOut, Undecodable, Unreachable
from dashboard.model.action import Verdict
from dashboard.model.observation import Outage, OutageKind
from dashboard.sources.base import Answer


def unanswered(error: ApiError, took: float) -> Answer:
    """An action whose request failed without a refusal."""
    if isinstance(error, TimedOut):
        return Answer(
            Verdict.UNANSWERED,
            explanation=f"{error}. It may still happen; what k6 does is shown as ever.",
            took=took,
        )
    return Answer(Verdict.UNANSWERED, explanation=str(error), took=took)


def outage(error: ApiError) -> Outage:
    """A failed request as an outage."""
    match error:
        case TimedOut():
            kind = OutageKind.TIMED_OUT
        case Unreachable(refused=True):
            kind = OutageKind.REFUSED
        case Unreachable():
            kind = OutageKind.UNREACHABLE
        case Rejected():
            kind = OutageKind.REJECTED
        case Undecodable() | _:
            kind = OutageKind.UNDECODABLE
    return Outage(kind, error.endpoint, str(error))

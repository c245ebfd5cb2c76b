"""What k6 means when it refuses. It says so in prose only, and with 500 for most of a user's mistakes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from dashboard.errors import Rejected


class Refusal(StrEnum):
    """Why k6 did not do what a PATCH of its status asked."""

    V2_NO_LIVE_VUS = "k6 v2 cannot change VUs while it runs"
    NEEDS_EXTERNALLY_CONTROLLED = "only an externally-controlled executor's VUs can be changed"
    NO_PAUSE_AFTER_START = "this executor cannot be paused or resumed after its start"
    NOT_STARTED_YET = "the executor has not started yet"
    ALREADY_PAUSED = "it is paused already"
    NOT_PAUSED = "it is not paused"
    TOO_MANY_VUS = "more VUs than there may be"
    NEGATIVE_VUS = "fewer VUs than none"
    MAX_TOO_LOW = "fewer VUs at most than at the start"
    OTHER = "refused"


@dataclass(frozen=True, slots=True)
class Reason:
    """A refusal with what k6 told of it."""

    refusal: Refusal
    executor: str | None = None
    """The type of the executor that stands in the way, such as ``constant-vus``. Untrusted text."""
    scenario: str | None = None
    """The scenario that it runs. Untrusted text."""
    limit: int | None = None
    """The number of VUs that is the limit."""


_PATTERNS = (
    (Refusal.V2_NO_LIVE_VUS, re.compile(r"live VU configuration updates are not supported")),
    (Refusal.NEEDS_EXTERNALLY_CONTROLLED, re.compile(r"an externally-controlled executor needs to be")),
    (
        Refusal.NO_PAUSE_AFTER_START,
        re.compile(r"(?P<executor>\S+) executor '(?P<scenario>[^']*)' doesn't support pause and resume"),
    ),
    (Refusal.NOT_STARTED_YET, re.compile(r"cannot pause the externally controlled executor before it has")),
    (Refusal.ALREADY_PAUSED, re.compile(r"execution (?:is|was) already paused")),
    (Refusal.NOT_PAUSED, re.compile(r"execution wasn't paused")),
    # Before the next one: k6 joins several complaints, and the probe is told by this one.
    (Refusal.NEGATIVE_VUS, re.compile(r"number of VUs can't be negative")),
    (
        Refusal.TOO_MANY_VUS,
        re.compile(r"active VUs \(\d+\) must be less than or equal to the number of maxVUs \((?P<limit>\d+)\)"),
    ),
    (
        Refusal.MAX_TOO_LOW,
        re.compile(r"max VUs cannot be lower than the starting number of max VUs \((?P<limit>\d+)\)"),
    ),
)


def reason(error: Rejected) -> Reason:
    """Read why k6 refused a PATCH of its status."""
    for refusal, pattern in _PATTERNS:
        match = pattern.search(error.detail)
        if match:
            parts = match.groupdict()
            limit = parts.get("limit")
            return Reason(
                refusal,
                executor=parts.get("executor"),
                scenario=parts.get("scenario"),
                limit=int(limit) if limit and len(limit) < 20 else None,
            )
    return Reason(Refusal.OTHER)

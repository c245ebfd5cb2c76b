"""What k6 means when it refuses. It says so in prose only, and with 500 for most of a user's mistakes."""

from __future__ import annotations

import re
from enum import StrEnum

from dashboard.errors import Rejected
from dashboard.quick import dataclass


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

    @property
    def explanation(self) -> str:
        """Why it did not work, and what would; empty where k6's own words have to do."""
        what = f"the {self.executor} executor" if self.executor else "this test's executor"
        if self.scenario:
            what += f" of scenario {self.scenario}"
        match self.refusal:
            case Refusal.V2_NO_LIVE_VUS:
                return "k6 v2 cannot change VUs while a test runs; a ramping-vus executor plans them ahead."
            case Refusal.NEEDS_EXTERNALLY_CONTROLLED:
                return "k6 v1 changes VUs of an externally-controlled executor only, and this test has none."
            case Refusal.NO_PAUSE_AFTER_START:
                return (
                    f"k6 cannot pause or resume {what} once it has started; k6 run --paused holds a test at the gate."
                )
            case Refusal.NOT_STARTED_YET:
                return "The executor has not started yet; try again when the test runs."
            case Refusal.ALREADY_PAUSED:
                return "The test is paused already."
            case Refusal.NOT_PAUSED:
                return "The test is not paused."
            case Refusal.TOO_MANY_VUS:
                number = "no more" if self.limit is None else f"at most {self.limit}"
                return f"There can be {number} VUs; raise the maximum first."
            case Refusal.NEGATIVE_VUS:
                return "There cannot be fewer than 0 VUs."
            case Refusal.MAX_TOO_LOW:
                number = "that" if self.limit is None else f"the {self.limit}"
                return f"The maximum cannot go below {number} with which the test was started."
            case Refusal.OTHER:
                return ""


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


def classify(error: Rejected) -> Reason:
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

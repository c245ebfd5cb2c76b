"""What a user can ask of a running test, and what came of it."""

from __future__ import annotations

from enum import StrEnum

from dashboard.quick import dataclass


class Verb(StrEnum):
    """The kinds of action; capabilities are given per verb."""

    PAUSE = "pause"
    RESUME = "resume"
    SET_VUS = "set VUs"
    STOP = "stop"
    RUN_SETUP = "run setup"
    SET_SETUP = "set setup data"
    RUN_TEARDOWN = "run teardown"


@dataclass(frozen=True, slots=True)
class Pause:
    """Let the running iterations finish, start no new ones, and stop the test's clock."""

    @property
    def verb(self) -> Verb:
        """Its kind."""
        return Verb.PAUSE

    def __str__(self) -> str:
        return "pause"


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on after a pause, or begin a test started with ``--paused``."""

    @property
    def verb(self) -> Verb:
        """Its kind."""
        return Verb.RESUME

    def __str__(self) -> str:
        return "resume"


@dataclass(frozen=True, slots=True)
class SetVUs:
    """Run this many VUs from now on."""

    vus: int
    vus_max: int | None = None
    """How many VUs to keep initialised; None leaves it."""

    @property
    def verb(self) -> Verb:
        """Its kind."""
        return Verb.SET_VUS

    def __str__(self) -> str:
        return f"{self.vus} VUs" + (f", {self.vus_max} at most" if self.vus_max is not None else "")


@dataclass(frozen=True, slots=True)
class Stop:
    """End the test now: iterations are interrupted, teardown() still runs, k6 exits with 103."""

    @property
    def verb(self) -> Verb:
        """Its kind."""
        return Verb.STOP

    def __str__(self) -> str:
        return "stop"


@dataclass(frozen=True, slots=True)
class RunSetup:
    """Run setup() now; what it returns becomes the setup data. k6 answers when it has finished."""

    @property
    def verb(self) -> Verb:
        """Its kind."""
        return Verb.RUN_SETUP

    def __str__(self) -> str:
        return "run setup()"


@dataclass(frozen=True, slots=True)
class SetSetup:
    """Put a value in the place of the setup data, or take the data away."""

    text: str | None
    """The value's JSON, bare and sent as it is; None takes the data away."""

    @property
    def verb(self) -> Verb:
        """Its kind."""
        return Verb.SET_SETUP

    def __str__(self) -> str:
        return "clear setup data" if self.text is None else "set setup data"


@dataclass(frozen=True, slots=True)
class RunTeardown:
    """Run teardown() now. It runs again at the end of the test."""

    @property
    def verb(self) -> Verb:
        """Its kind."""
        return Verb.RUN_TEARDOWN

    def __str__(self) -> str:
        return "run teardown()"


RunAction = Pause | Resume | SetVUs | Stop
SetupAction = RunSetup | SetSetup | RunTeardown
Action = RunAction | SetupAction


class Verdict(StrEnum):
    """How an action ended."""

    ASKED = "asked"
    """Under way: k6 has not answered yet."""
    ACCEPTED = "accepted"
    """k6 said yes; it has not been seen to happen yet."""
    CONFIRMED = "confirmed"
    """A later look at k6 shows that it happened."""
    UNCONFIRMED = "not confirmed"
    """k6 said yes, but no later look showed it."""
    REFUSED = "refused"
    """k6 said no."""
    UNANSWERED = "no answer"
    """k6 said nothing in the time allowed: it may have happened or not."""
    IMPOSSIBLE = "impossible"
    """It was not sent, because this k6 cannot do it now."""

    @property
    def is_bad(self) -> bool:
        """Whether the user did not get what they asked for."""
        return self in (Verdict.UNCONFIRMED, Verdict.REFUSED, Verdict.UNANSWERED, Verdict.IMPOSSIBLE)

    @property
    def is_open(self) -> bool:
        """Whether more is to come."""
        return self in (Verdict.ASKED, Verdict.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one action, as far as is known by now."""

    action: Action
    verdict: Verdict
    before: str
    """The state that was last seen when it was asked."""
    answer: str = ""
    """k6's own words; untrusted text."""
    explanation: str = ""
    """Why it did not work and what would, in k6dash's words."""
    observed: str = ""
    """What a later look showed."""
    took: float | None = None
    """Seconds from asking to k6's answer."""

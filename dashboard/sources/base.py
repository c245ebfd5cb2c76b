"""What every source of readings gives, whatever stands behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from dashboard.model.action import Action, Outcome, Verb, Verdict
from dashboard.model.asking import Asking
from dashboard.model.capability import Capability
from dashboard.model.event import Event
from dashboard.model.observation import Outage
from dashboard.model.run import RunStatus, State
from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class Document:
    """One raw answer, as it came."""

    endpoint: str
    status_code: int
    body: bytes
    took: float
    """Seconds from the request to the last byte."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a target: the raw documents it gave, or why it gave none."""

    target: str
    at: float
    """When it was complete, in seconds since the Unix epoch."""
    documents: tuple[Document, ...] = ()
    failure: Outage | None = None
    """What went wrong, if anything did. Documents that came before it are kept."""
    asking: Asking | None = None
    """How the target is asked for its groups from now on, where that has changed."""


@dataclass(frozen=True, slots=True)
class Note:
    """What the user did, and what came of it so far: with the readings, all that a history is made of."""

    target: str
    event: Event
    outcome: Outcome | None = None
    """Of an action, how far it has come by now; None for a mark."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of handing an action to a source."""

    verdict: Verdict
    """``ACCEPTED``, ``REFUSED``, ``UNANSWERED`` or ``IMPOSSIBLE``."""
    text: str = ""
    """k6's own words; untrusted text."""
    explanation: str = ""
    """Why it did not work, and what would."""
    took: float | None = None
    """Seconds until k6 answered."""


class Source(Protocol):
    """Something that gives readings of one target and may take actions."""

    @property
    def target(self) -> str:
        """The target's address, as shown and as the key of its history."""
        ...

    @property
    def cadence(self) -> float:
        """Seconds between two looks at the metrics now; longer than asked for while k6 answers slowly."""
        ...

    def readings(self) -> AsyncIterator[Reading | Note]:
        """Look again and again, one look at a time. Notes come only from where they have been recorded."""
        ...

    def poke(self) -> None:
        """Look again at once."""
        ...

    def forget(self) -> None:
        """Drop what was learnt of the k6 there: another one has taken its place."""
        ...

    @property
    def groups_asking(self) -> Asking | None:
        """Whether the target is asked for its groups and checks, and why not; None where its readings tell it."""
        ...

    def want_groups(self) -> None:
        """Ask for the groups and checks too, from now on and as far as that is safe."""
        ...

    async def look_at_setup(self) -> Reading:
        """Look at the setup data alone, now. A source that cannot says so in the reading's failure."""
        ...

    def capability(self, verb: Verb, status: RunStatus | None, state: State) -> Capability:
        """Whether an action of this kind can work now."""
        ...

    async def perform(self, action: Action, status: RunStatus | None) -> Answer:
        """Hand an action to k6 and wait for its answer. Never raises for what k6 does."""
        ...

    async def aclose(self) -> None:
        """Let go of the connection. The test goes on."""
        ...

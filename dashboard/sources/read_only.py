"""Any source, to be looked at and no more."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dashboard.model.action import Action, Verb, Verdict
from dashboard.model.asking import Asking
from dashboard.model.capability import READ_ONLY, Capability
from dashboard.model.run import RunStatus, State
from dashboard.sources.base import Answer, Note, Reading, Source


class ReadOnlySource:
    """Gives the readings of another source, and hands no action on.

    Whatever a front end asks for, nothing arrives at k6 but the GETs of looking: not even the question for -1 VUs,
    which would change nothing.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def target(self) -> str:
        """The target's address."""
        return self._source.target

    @property
    def cadence(self) -> float:
        """Seconds between two looks at the metrics now."""
        return self._source.cadence

    def readings(self) -> AsyncIterator[Reading | Note]:
        """Look again and again."""
        return self._source.readings()

    def poke(self) -> None:
        """Look again at once."""
        self._source.poke()

    def forget(self) -> None:
        """Drop what was learnt of the k6 there."""
        self._source.forget()

    @property
    def groups_asking(self) -> Asking | None:
        """Whether the target is asked for its groups and checks, and why not."""
        return self._source.groups_asking

    def want_groups(self) -> None:
        """Ask for the groups and checks too: looking is allowed."""
        self._source.want_groups()

    async def look_at_setup(self) -> Reading:
        """Look at the setup data alone."""
        return await self._source.look_at_setup()

    def capability(self, verb: Verb, status: RunStatus | None, state: State) -> Capability:
        """Nothing can be done."""
        return READ_ONLY

    async def perform(self, action: Action, status: RunStatus | None) -> Answer:
        """Do nothing, and say why."""
        return Answer(Verdict.IMPOSSIBLE, explanation=READ_ONLY.reason)

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self._source.aclose()

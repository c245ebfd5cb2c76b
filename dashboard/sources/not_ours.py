"""An address at which somebody else listens than the k6 that is meant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from dashboard.model.action import Action, Verb, Verdict
from dashboard.model.capability import Capability
from dashboard.model.run import RunStatus, State
from dashboard.sources.base import Answer, Note, Reading, Source
from dashboard.sources.read_only import ReadOnlySource


class NotOurs(ReadOnlySource):
    """Asks nothing there and does nothing there: it would be another test that is shown, or stopped."""

    def __init__(self, source: Source) -> None:
        """Take the place of the source that would ask there."""
        super().__init__(source)
        self._reason = Capability(possible=False, reason=f"Another program listens at {source.target}.")

    async def readings(self) -> AsyncIterator[Reading | Note]:
        """None, ever."""
        none: tuple[Reading, ...] = ()
        await asyncio.get_running_loop().create_future()
        for reading in none:
            yield reading

    def poke(self) -> None:
        """Nothing is looked at."""

    def want_groups(self) -> None:
        """Nothing is asked for."""

    def capability(self, verb: Verb, status: RunStatus | None, state: State) -> Capability:
        """Nothing can be done."""
        return self._reason

    async def perform(self, action: Action, status: RunStatus | None) -> Answer:
        """Do nothing, and say why."""
        return Answer(Verdict.IMPOSSIBLE, explanation=self._reason.reason)

"""A recording as a source: the same readings in the same order, and nothing that could be asked of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dashboard.api import encode
from dashboard.model.action import Action, Verb, Verdict
from dashboard.model.capability import PAST, Capability
from dashboard.model.observation import Outage, OutageKind
from dashboard.model.run import RunStatus, State
from dashboard.sources.base import Answer, Note, Reading
from dashboard.sources.replayable import Replayable


class RecordedSource:
    """Gives all that was recorded, as fast as it is taken."""

    groups_asking = None

    def __init__(self, recording: Replayable) -> None:
        self.target = recording.header.target
        self.cadence = recording.header.interval
        self._recording = recording

    async def readings(self) -> AsyncIterator[Reading | Note]:
        """What was recorded, from its start to its end."""
        for entry in self._recording.entries():
            if isinstance(entry, (Reading, Note)):
                yield entry

    def poke(self) -> None:
        """Nothing: what was not looked at then cannot be looked at now."""

    def forget(self) -> None:
        """Nothing was learnt."""

    def want_groups(self) -> None:
        """Nothing: they are there if they were recorded."""

    async def look_at_setup(self) -> Reading:
        """Say that it is over."""
        return Reading(self.target, 0.0, failure=Outage(OutageKind.UNREACHABLE, encode.SETUP, PAST.reason))

    def capability(self, verb: Verb, status: RunStatus | None, state: State) -> Capability:
        """Nothing can be done."""
        return PAST

    async def perform(self, action: Action, status: RunStatus | None) -> Answer:
        """Do nothing, and say why."""
        return Answer(Verdict.IMPOSSIBLE, explanation=PAST.reason)

    async def aclose(self) -> None:
        """Nothing is open."""

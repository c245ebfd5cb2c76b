"""A recording played back as fast as it can be read: the same session and the same ticks as when it was live."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from dashboard.clock import ManualClock
from dashboard.model.action import Action, Verb, Verdict
from dashboard.model.capability import READ_ONLY, Capability
from dashboard.model.history import TargetHistory
from dashboard.model.observation import Observation, Outage, OutageKind
from dashboard.model.run import RunStatus, State
from dashboard.session import Session
from dashboard.sources.base import Answer, Note, Reading
from dashboard.sources.recording import End
from dashboard.sources.replayable import Played, Replayable
from dashboard.view.tick import Tick, Ticks


class _Recorded:
    """A target that gives nothing by itself and takes nothing: its readings are handed to the session."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.cadence = 1.0
        self.groups_asking = None

    async def readings(self) -> AsyncIterator[Reading | Note]:
        return
        yield

    def poke(self) -> None:
        pass

    def forget(self) -> None:
        pass

    def want_groups(self) -> None:
        pass

    async def look_at_setup(self) -> Reading:
        failure = Outage(OutageKind.UNREACHABLE, "/v1/setup", "A recording is not asked anything.")
        return Reading(self.target, 0.0, failure=failure)

    def capability(self, verb: Verb, status: RunStatus | None, state: State) -> Capability:
        return READ_ONLY

    async def perform(self, action: Action, status: RunStatus | None) -> Answer:
        return Answer(Verdict.IMPOSSIBLE, explanation=READ_ONLY.reason)

    async def aclose(self) -> None:
        pass


class Playback:
    """One pass over a recording."""

    def __init__(self, recording: Replayable) -> None:
        """Nothing is read yet."""
        self.recording = recording
        target = recording.header.target
        self._session = Session([_Recorded(target)], ManualClock(recording.header.start))
        self.history: TargetHistory = self._session.histories[target]
        """What is known by now: of all that was recorded, once the ticks are exhausted."""

    def ticks(self) -> Iterator[Tick]:
        """A tick for each look, in order, and for the end of a k6 that k6dash had started."""
        ticks = Ticks()
        for entry in self.recording.entries():
            self._take(entry)
            tick = ticks.next(self.history)
            if tick is not None:
                yield tick
        last = ticks.last(self.history)
        if last is not None:
            yield last

    def looks(self) -> Iterator[Observation]:
        """Each look as it was decoded, in order."""
        for entry in self.recording.entries():
            looks = self.history.looks
            self._take(entry)
            if self.history.looks > looks and self.history.last is not None:
                yield self.history.last

    def finish(self) -> TargetHistory:
        """Read everything; what is known then."""
        for entry in self.recording.entries():
            self._take(entry)
        return self.history

    def _take(self, entry: Played) -> None:
        match entry:
            case Reading():
                self._session.observe(entry)
            case Note():
                self._session.recall(entry)
            case Observation():
                self.history.observe(entry)
            case End() | None:
                pass

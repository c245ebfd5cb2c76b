"""A session over a recording: all of it becomes one history, in coarse steps at once and then look by look."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

from dashboard.clock import Clock
from dashboard.model.asking import Asked, Asking
from dashboard.model.history import TargetHistory
from dashboard.model.observation import Outage
from dashboard.model.reel import Reel
from dashboard.model.series import ROWS
from dashboard.rebuild import Filler
from dashboard.session import Session
from dashboard.sources.recorder import moment_of
from dashboard.sources.replay import RecordedSource
from dashboard.sources.replayable import Played, Replayable

SLICE: Final = 0.02
"""Seconds of reading after which whoever waits has a turn: keys are answered while a file is read."""
COARSE_FROM: Final = 20
"""Parts of a file from which on it is read in coarse steps first: fewer are read in a moment."""
MOST_ROWS: Final = 100_000
"""Looks that stay as they were: more than a day at one a second. Of a longer recording the oldest ones are folded."""


class ReplaySession(Session):
    """The session of one recording. It reads the file when it runs, and has nothing more to do then."""

    def __init__(self, recording: Replayable, clock: Clock) -> None:
        self._recording = recording
        super().__init__([RecordedSource(recording)], clock)
        header = recording.header
        self.target = header.target
        """The target that was recorded."""
        last = recording.last_at
        self._end = None if last is None else max(last, header.start)
        """When it ends; None while only reading all of it can tell."""
        looks = MOST_ROWS if self._end is None else (self._end - header.start) / header.interval
        self._rows = round(min(MOST_ROWS, max(ROWS, 1.1 * looks)))
        self._read_until = header.start
        self._is_read = False
        self.histories[self.target] = self._empty()

    @property
    def reel(self) -> Reel:
        """How far the recording reaches, and how much of it has been read."""
        trouble = self._recording.trouble if self._is_read else ""
        start, share = self._recording.header.start, self._recording.share
        if self._end is not None:
            return Reel(start, self._end, self._read_until, trouble)
        # Where it is compressed, what has been read of its bytes tells about how far it reaches.
        end = start + (self._read_until - start) / max(share, 0.01)
        return Reel(start, max(end, self._read_until + 1.0), self._read_until, trouble)

    def _empty(self) -> TargetHistory:
        # What was asked for is in the recording: of one that does not tell, it is taken to be all that was wanted.
        return TargetHistory(self.target, self._recording.header.start, self._rows, Asking(Asked.REGULARLY))

    def want_groups(self, target: str) -> None:
        """Nothing: they are there if they were recorded."""

    async def look_at_setup(self, target: str) -> Outage | None:
        """Nothing: the setup data are there if they were recorded."""
        return None

    async def run(self) -> None:
        """Read the file."""
        history = self._empty()
        if self._recording.parts >= COARSE_FROM:
            # k6's numbers are cumulative: what two looks a minute apart tell of that minute is exact.
            async for _ in self._filled(self.histories[self.target], self._recording.keyframes()):
                self._changed(self.target)
            self._changed(self.target)
        else:
            self.histories[self.target] = history
        async for at in self._filled(history, self._recording.entries()):
            self._read_until = max(self._read_until, at)
            self._changed(self.target)
        self.histories[self.target] = history
        # What was taken for the end need not be: in a file of samples, some come late.
        self._end = max(self._end or 0.0, self._read_until)
        self._read_until, self._is_read = self._end, True
        self._changed(self.target)

    async def _filled(self, history: TargetHistory, entries: Iterator[Played]) -> AsyncIterator[float]:
        """Give ``entries`` to ``history``, bit by bit; how far they reach by now."""
        filler = Filler(history)
        due = self.clock.now() + SLICE
        at = self._read_until
        for entry in entries:
            filler.take(entry)
            at = at if entry is None else moment_of(entry)
            if self.clock.now() >= due:
                yield at
                await self.clock.sleep(0)
                due = self.clock.now() + SLICE
        yield at

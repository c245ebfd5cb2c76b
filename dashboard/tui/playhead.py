"""The hand on time: moves the moment shown through what is known of a target, live or recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from dashboard.clock import Clock
from dashboard.model.history import TargetHistory
from dashboard.model.reel import Reel
from dashboard.quick import dataclass
from dashboard.session import Session
from dashboard.view.position import PositionFrame, build_position, span_of
from dashboard.view.selection import Selection

SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0)
SHORT: Final = 10.0
"""Seconds of a step with a key."""

Reels = Callable[[], Reel]


@dataclass(frozen=True, slots=True)
class Replayed:
    """How a recording is shown."""

    reels: Reels
    speed: float = 1.0
    at: float | None = None
    """Seconds after its start at which it stands still; None plays it from the start."""

    def begin(self, playhead: Playhead, selection: Selection) -> Selection:
        """Show the moment that it begins at."""
        playhead.speed = self.speed
        selection = playhead.seek(selection, self.reels().start + (self.at or 0.0))
        return selection if self.at is not None else playhead.toggle(selection)


class Playhead:
    """Where the moment shown is to be, when it moves by itself or is moved.

    A recording has an end that stays; the end of a live run is the present, and who reaches it follows again.
    """

    def __init__(
        self, session: Session, target: str, clock: Clock, reels: Reels | None = None, speed: float = 1.0
    ) -> None:
        self._session = session
        self._target = target
        self._clock = clock
        self._reels = reels
        self.speed = speed
        """Seconds of the run that pass in one of ours."""
        self._anchor: tuple[float, float] | None = None
        """A moment shown, and when that was; None while it stands still."""

    @property
    def is_playing(self) -> bool:
        """Whether the moment moves on by itself."""
        return self._anchor is not None

    @property
    def reel(self) -> Reel | None:
        """The recording, if it is one."""
        return self._reels() if self._reels is not None else None

    @property
    def _history(self) -> TargetHistory:
        return self._session.histories[self._target]

    @property
    def _span(self) -> tuple[float, float]:
        return span_of(self._history, self.reel)

    def frame(self, selection: Selection) -> PositionFrame | None:
        """The line to be shown; None while a live run is followed."""
        if selection.cursor is None:
            return None
        at = self._position(selection)
        return build_position(self._history, at, self.reel, is_playing=self.is_playing, speed=self.speed)

    def _position(self, selection: Selection) -> float:
        start, end = self._span
        if self._anchor is None:
            return end if selection.cursor is None else selection.cursor
        at, since = self._anchor
        return max(start, min(end, at + (self._clock.now() - since) * self.speed))

    def tick(self, selection: Selection) -> Selection:
        """Move on by the time that has passed."""
        if not self.is_playing:
            return selection
        at = self._position(selection)
        if at < self._span[1]:
            return self._at(selection, at)
        self._anchor = None
        return self._at(selection, at) if self._reels is not None else self.follow(selection)

    def follow(self, selection: Selection) -> Selection:
        """Show the present; of a recording, its end."""
        self._anchor = None
        if self._reels is not None:
            return self._at(selection, self._span[1])
        return replace(selection, cursor=None, run=None)

    def toggle(self, selection: Selection) -> Selection:
        """Play, or stand still. At the end of a recording, it begins again."""
        if self.is_playing:
            selection = self._at(selection, self._position(selection))
            self._anchor = None
            return selection
        start, end = self._span
        at = self._position(selection)
        if at >= end:
            if self._reels is None:
                return selection
            at = start
        self._anchor = (at, self._clock.now())
        return self._at(selection, at)

    def seek(self, selection: Selection, at: float) -> Selection:
        """Show the moment ``at``, or the nearest there is."""
        start, end = self._span
        if at >= end and self._reels is None:
            return self.follow(selection)
        at = max(start, min(end, at))
        if self.is_playing:
            self._anchor = (at, self._clock.now())
        return self._at(selection, at)

    def move(self, selection: Selection, seconds: float) -> Selection:
        """Show a moment so much later; earlier where it is negative. Who follows the present stays there."""
        if selection.cursor is None and seconds > 0:
            return selection
        return self.seek(selection, self._position(selection) + seconds)

    def step(self, selection: Selection, looks: int) -> Selection:
        """Show the next look, or the one before, and stand still there."""
        at = self._position(selection)
        self._anchor = None
        times = [run.table for run in self._history.runs]
        found = [table.later(at) for table in times] if looks > 0 else [table.earlier(at) for table in times]
        known = [time for time in found if time is not None]
        if not known:
            return selection
        return self.seek(selection, min(known) if looks > 0 else max(known))

    def to_event(self, selection: Selection, step: int) -> Selection:
        """Show the moment of the next event, or of the one before."""
        at = self._position(selection)
        times = [event.at for event in self._history.events]
        known = [time for time in times if time > at] if step > 0 else [time for time in times if time < at]
        if not known:
            return selection
        return self.seek(selection, min(known) if step > 0 else max(known))

    def faster(self, step: int) -> None:
        """Play at the next speed, or at the one before."""
        if self._anchor is not None:
            at, since = self._anchor
            now = self._clock.now()
            self._anchor = (at + (now - since) * self.speed, now)
        quicker = [speed for speed in SPEEDS if speed > self.speed]
        slower = [speed for speed in SPEEDS if speed < self.speed]
        if step > 0:
            self.speed = min(quicker, default=self.speed)
        else:
            self.speed = max(slower, default=self.speed)

    def _at(self, selection: Selection, at: float) -> Selection:
        """Show ``at``, in the run that was under way then."""
        runs = self._history.runs
        number = next((run.number for run in reversed(runs) if run.first_seen <= at), runs[0].number)
        return replace(selection, cursor=at, run=None if number == self._history.run.number else number)

"""Where in the past the dashboard stands: the line with the bar, while a moment that has passed is shown."""

from __future__ import annotations

from dashboard.model.history import TargetHistory
from dashboard.model.reel import Reel
from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class PositionFrame:
    """The line. Times are seconds since the Unix epoch."""

    at: float
    """The moment shown."""
    start: float
    end: float
    """The newest moment; of a recording the last one."""
    is_playing: bool
    speed: float
    """Seconds of the run that pass in one of ours."""
    events: tuple[tuple[float, bool], ...]
    """When something happened, and whether it is bad."""
    read: float
    """The share of the recording that has been read, 0 to 1."""
    trouble: str
    """What is wrong with the recording."""


def span_of(history: TargetHistory, reel: Reel | None) -> tuple[float, float]:
    """From when to when there is something to show."""
    if reel is not None:
        return reel.start, reel.end
    start = history.runs[0].first_seen
    return start, max(start, history.last.at if history.last is not None else start)


def build_position(
    history: TargetHistory, at: float, reel: Reel | None, *, is_playing: bool, speed: float
) -> PositionFrame:
    """The line at a moment.

    Args:
        history: The target.
        at: The moment shown.
        reel: The recording, if it is one.
        is_playing: Whether the moment moves on.
        speed: How fast it does.
    """
    start, end = span_of(history, reel)
    return PositionFrame(
        at=at,
        start=start,
        end=end,
        is_playing=is_playing,
        speed=speed,
        events=tuple((event.at, event.is_bad) for event in history.events if start <= event.at <= end),
        read=1.0 if reel is None else reel.share,
        trouble="" if reel is None else reel.trouble,
    )

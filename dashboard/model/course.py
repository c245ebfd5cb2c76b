"""k6's test clock over time: it begins with setup(), stands still while the test is paused, and only looks show it.

It is followed a look at a time and carried on beyond the newest one at its own pace, since a plan is laid out on it
ahead of the run: while the test is paused it stays where it is. A look that belies what was foretold begins a new
piece, so that where two meet the clock may jump, and even go back. ``run_clock.py`` has both clocks for two runs to be
laid over each other, where neither may: it is made at once, of all looks.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import attrgetter

from dashboard.quick import dataclass

_SLACK = 0.25
"""Seconds by which a look may differ from what the course foretells: it is of a moment within an answer's time."""
_MOST = 1000
"""Pieces that are kept; each pause makes two."""
_STILL, _STEADY = 0.1, 0.8


@dataclass(frozen=True, slots=True)
class Piece:
    """A time in which the clock runs evenly."""

    at: float
    """When it begins, in seconds since the Unix epoch."""
    elapsed: float
    """The clock then, in seconds."""
    pace: float
    """Seconds of the clock in one second: 1, or 0 in a pause; another number in a simulation that hurries."""


class ClockCourse:
    """The course of one run's clock, from looks at it."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        """Oldest first; each holds until the next one."""
        self._last = (0.0, 0.0)

    def add(self, at: float, elapsed: float) -> None:
        """Take in a look, in the order of time."""
        if not self.pieces:
            self.pieces.append(Piece(at, elapsed, 1.0))
        elif abs(self._foretold(self.pieces[-1], at) - elapsed) > _SLACK:
            before_at, before = self._last
            if at > before_at:
                pace = max(0.0, (elapsed - before) / (at - before_at))
                pace = 0.0 if pace < _STILL else 1.0 if _STEADY < pace < 1 / _STEADY else pace
                self.pieces.append(Piece(before_at, before, pace))
                del self.pieces[:-_MOST]
        self._last = at, elapsed

    def elapsed_at(self, at: float) -> float | None:
        """The clock at a moment, carried on beyond the looks; None before there was one."""
        if not self.pieces:
            return None
        index = bisect_right(self.pieces, at, key=attrgetter("at")) - 1
        return max(0.0, self._foretold(self.pieces[max(0, index)], at))

    def moment_of(self, elapsed: float) -> float | None:
        """When the clock shows so much, in seconds since the Unix epoch; None where nothing tells."""
        for index in range(len(self.pieces) - 1, -1, -1):
            piece = self.pieces[index]
            if piece.pace > 0 and (elapsed >= piece.elapsed or index == 0):
                return piece.at + (elapsed - piece.elapsed) / piece.pace
        return None

    @staticmethod
    def _foretold(piece: Piece, at: float) -> float:
        return piece.elapsed + piece.pace * (at - piece.at)

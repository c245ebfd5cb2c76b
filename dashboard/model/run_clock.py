"""k6's clock of one run beside the wall's: where the one stands when the other does.

Made at once of all looks and never changed, to lay two runs over each other: neither clock goes back, one leads to the
other and back again, and both go on together before the first look and after the last, in a pause too. The clock of
``course.py`` is followed while the run goes on and foretells at its own pace: it stands at 0 before the start and still
in a pause, and may jump where a look corrects it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Final

from dashboard.model.run_history import RunHistory
from dashboard.model.run_numbers import ELAPSED
from dashboard.quick import dataclass

_TOLERANCE: Final = 0.3
"""Seconds by which the two may drift apart before that is taken for a pause, and not for an answer that was slow."""
_ROWS: Final = 480


@dataclass(frozen=True, slots=True)
class RunClock:
    """Both clocks at the moments at which they began to run together, or ceased to; between them, a straight line.

    Before the first moment and after the last one they run together.
    """

    walls: tuple[float, ...]
    """Seconds since the Unix epoch, ascending."""
    elapsed: tuple[float, ...]
    """k6's clock then, in seconds; it stands still while the test is paused."""

    def elapsed_at(self, wall: float) -> float:
        """k6's clock at a moment; below 0 before the run."""
        place = bisect_right(self.walls, wall)
        if place in (0, len(self.walls)):
            known = min(place, len(self.walls) - 1)
            return self.elapsed[known] + wall - self.walls[known]
        return _between(wall, self.walls[place - 1 : place + 1], self.elapsed[place - 1 : place + 1])

    def wall_at(self, elapsed: float) -> float:
        """The first moment at which k6's clock showed so much."""
        place = bisect_left(self.elapsed, elapsed)
        if place in (0, len(self.elapsed)):
            known = min(place, len(self.elapsed) - 1)
            return self.walls[known] + elapsed - self.elapsed[known]
        return _between(elapsed, self.elapsed[place - 1 : place + 1], self.walls[place - 1 : place + 1])


def run_clock(run: RunHistory) -> RunClock:
    """The clock of a run as far as it is known. Where k6 gave none, it is taken to have run since it was first seen."""
    first, last = run.table.first, run.table.last
    walls: list[float] = []
    elapsed: list[float] = []
    if first is not None and last is not None:
        extract = run.table.extract(ELAPSED, first, last, _ROWS)
        before = 0.0
        for wall, clock in zip(extract.times, extract.lasts, strict=True):
            if clock != clock:
                continue
            late = wall - walls[-1] - (clock - elapsed[-1]) if walls else 0.0
            if not walls:
                _add(walls, elapsed, wall, clock)
            elif late > _TOLERANCE and len(walls) > 1 and clock <= elapsed[-2]:
                walls[-1] = wall  # still the same pause
            elif late > _TOLERANCE:
                _add(walls, elapsed, wall - late, clock)
                _add(walls, elapsed, wall, clock)
            elif late < -_TOLERANCE:
                _add(walls, elapsed, before, elapsed[-1] + before - walls[-1])
                _add(walls, elapsed, wall, clock)
            before = wall
    if not walls:
        return RunClock((run.first_seen,), (0.0,))
    return RunClock(tuple(walls), tuple(elapsed))


def _add(walls: list[float], elapsed: list[float], wall: float, clock: float) -> None:
    """Add a moment, so that neither clock ever goes back."""
    if not walls or wall > walls[-1]:
        walls.append(wall)
        elapsed.append(max(clock, elapsed[-1]) if elapsed else clock)


def _between(x: float, xs: tuple[float, ...], ys: tuple[float, ...]) -> float:
    share = (x - xs[0]) / (xs[1] - xs[0]) if xs[1] > xs[0] else 0.0
    return ys[0] + share * (ys[1] - ys[0])

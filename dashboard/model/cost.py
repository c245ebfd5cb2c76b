"""What looking costs the k6 that is looked at."""

from __future__ import annotations

from collections import deque

from dashboard.model.observation import Observation
from dashboard.quick import dataclass

WINDOW = 60.0
"""Seconds over which a cost is averaged; what is asked for most seldom comes twice in it."""
_MOST = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What looking cost, a second."""

    requests: float
    bytes: float
    busy: float
    """Share of the time that k6 took to answer, 0 to 1: an upper bound, for it waits and does other things besides."""
    slowest: float
    """Seconds of the slowest look's requests together."""
    seconds: float
    """The time over which it was counted."""


class Costs:
    """The looks of the recent past."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int, int, float]] = deque(maxlen=_MOST)

    def add(self, observation: Observation) -> None:
        """Take in one look."""
        self._looks.append((observation.at, observation.requests, observation.size, observation.asking))

    def recent(self, at: float) -> Cost | None:
        """The cost over the window that ends at a moment; None before there were two looks in it."""
        looks = [look for look in self._looks if at - WINDOW < look[0] <= at]
        # The first of them ends the time before the window's own.
        seconds = looks[-1][0] - looks[0][0] if len(looks) > 1 else 0.0
        if seconds <= 0:
            return None
        _, requests, sizes, asking = zip(*looks[1:], strict=True)
        return Cost(sum(requests) / seconds, sum(sizes) / seconds, sum(asking) / seconds, max(asking), seconds)

    def latencies(self, start: float, end: float) -> tuple[tuple[float, float], ...]:
        """The looks of a time: when, and the seconds that all requests of it took."""
        return tuple((at, asking) for at, _, _, asking in self._looks if start <= at <= end)

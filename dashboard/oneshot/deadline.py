"""The time that a command may take, all its requests together."""

from __future__ import annotations

import math

from dashboard.clock import Clock

_LEAST = 0.05
"""Seconds that a request gets even when the time is up, so that the last word can be k6's."""


class Deadline:
    """A moment at which patience ends.

    Args:
        clock: Where time comes from.
        seconds: From now; None is for ever.
    """

    def __init__(self, clock: Clock, seconds: float | None) -> None:
        self.clock = clock
        self.seconds = seconds
        self._started = clock.now()

    @property
    def taken(self) -> float:
        """Seconds since the beginning."""
        return self.clock.now() - self._started

    @property
    def left(self) -> float:
        """Seconds left; infinite where there is no end."""
        return math.inf if self.seconds is None else max(_LEAST, self.seconds - self.taken)

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self.seconds is not None and self.taken >= self.seconds

    async def sleep(self, seconds: float) -> None:
        """Wait, but not beyond the end."""
        await self.clock.sleep(min(seconds, self.left))

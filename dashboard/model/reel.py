"""How far a recording reaches, and how much of it has been read by now."""

from __future__ import annotations

from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class Reel:
    """A recording that is shown. Times are seconds since the Unix epoch."""

    start: float
    end: float
    read_until: float
    """Up to here each look is there; behind it only one a minute, until all has been read."""
    trouble: str = ""
    """What is wrong with the file, in a sentence; known once all has been read."""

    @property
    def share(self) -> float:
        """How much has been read, 0 to 1."""
        if self.end <= self.start:
            return 1.0
        return min(1.0, max(0.0, (self.read_until - self.start) / (self.end - self.start)))

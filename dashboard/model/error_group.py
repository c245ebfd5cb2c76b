"""Errors of one kind, counted over time.

What is kept is how many there had been at each moment at which some came. So between any two of those moments the
difference is exact, and old ones can be left out without making the others wrong: that is how memory stays bounded.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right

from dashboard.model.log import Level, LogLine


class ErrorGroup:
    """Warnings and errors that say the same but for numbers, addresses and identifiers."""

    __slots__ = ("_counts", "_times", "code", "example", "level", "number", "title")

    def __init__(self, number: int, title: str, example: LogLine) -> None:
        self.number = number
        """Its place among the groups of the run, from 1 on in the order in which they came."""
        self.title = title
        """What they have in common. Untrusted text."""
        self.level: Level = example.level
        self.code: str = example.code
        """k6's error code or the like, where one is told; else empty."""
        self.example = example
        """The first of them."""
        self._times = array("d")
        self._counts = array("Q")

    @property
    def size(self) -> int:
        """How many numbers are held."""
        return 2 * len(self._times)

    @property
    def first(self) -> float:
        """When the first came."""
        return self._times[0]

    def add(self, at: float) -> None:
        """Count one more. Called in the order of time."""
        if self._times and self._times[-1] >= at:
            self._counts[-1] += 1
        else:
            self._counts.append(self._counts[-1] + 1 if self._counts else 1)
            self._times.append(at)

    def count(self, at: float | None = None) -> int:
        """How many there had been at a moment; until now where it is None."""
        row = len(self._times) if at is None else bisect_right(self._times, at)
        return self._counts[row - 1] if row else 0

    def last(self, at: float | None = None) -> float | None:
        """When the newest came that had come by a moment."""
        row = len(self._times) if at is None else bisect_right(self._times, at)
        return self._times[row - 1] if row else None

    def thin_out(self) -> None:
        """Leave out every second moment of the older half, but the first."""
        half = len(self._times) // 2
        self._times = self._times[:1] + self._times[1:half][1::2] + self._times[half:]
        self._counts = self._counts[:1] + self._counts[1:half][1::2] + self._counts[half:]

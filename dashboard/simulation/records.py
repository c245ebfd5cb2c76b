"""What VUs have done and nobody has counted yet: plain lists, which the load fills and the script empties."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple


class Rare(NamedTuple):
    """A request that did not do what most do: it had to connect first, or it failed. Times are in ticks."""

    step: int
    is_failed: bool
    duration: int
    connecting: int


class Records:
    """What slots of one size have done. Times are in ticks; each entry is one event of all the slot's VUs.

    Attributes:
        requests: For each step of the script, how long its requests took.
        rare: Requests that are not in there, but told in full.
        laps: Iterations by the requests that were made in them, one bit for a step. Each is told by moments: its
            start, the starts of its requests, its end.
        broken: Iterations that were interrupted: the requests made in them, and the moments until then.
        laps_held: How many iterations there are in ``laps``.
    """

    __slots__ = ("broken", "laps", "laps_held", "rare", "requests")

    def __init__(self, steps: int) -> None:
        self.requests: list[list[int]] = [[] for _ in range(steps)]
        self.rare: list[Rare] = []
        self.laps: defaultdict[int, list[list[int]]] = defaultdict(list)
        self.broken: list[tuple[int, list[int]]] = []
        self.laps_held = 0

    def move_to(self, other: Records) -> None:
        """Hand over everything to other records, and be empty."""
        for mine, theirs in zip(self.requests, other.requests, strict=True):
            theirs += mine
            mine.clear()
        other.rare += self.rare
        self.rare.clear()
        other.broken += self.broken
        self.broken.clear()
        for made, laps in self.laps.items():
            other.laps[made] += laps
        self.laps.clear()
        other.laps_held += self.laps_held
        self.laps_held = 0

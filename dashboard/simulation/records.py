"""What VUs have done and nobody has counted yet: plain lists, which the load fills and the script empties."""

from __future__ import annotations

from collections import defaultdict


class Records:
    """What slots of one size have done. Times are in ticks; each entry is one event of all the slot's VUs.

    Attributes:
        requests: For each step of the script, how long its requests took.
        failed: The same of requests that failed.
        connected: Requests that are in neither because they had to open a connection first, by their step and whether
            they failed: how long they took, and how long connecting took before.
        laps: Iterations by the requests that were made in them, one bit for a step. Each is told by moments: its
            start, the starts of its requests, its end; one iteration after the other, in one list, since many small
            ones would keep Python's garbage collector busy.
        broken: Iterations that were interrupted: the requests made in them, and the moments until then.
        laps_held: How many iterations there are in ``laps``.
    """

    __slots__ = ("broken", "connected", "failed", "laps", "laps_held", "requests")

    def __init__(self, steps: int) -> None:
        self.requests: list[list[int]] = [[] for _ in range(steps)]
        self.failed: list[list[int]] = [[] for _ in range(steps)]
        self.connected: defaultdict[tuple[int, bool], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        self.laps: defaultdict[int, list[int]] = defaultdict(list)
        self.broken: list[tuple[int, list[int]]] = []
        self.laps_held = 0

    def move_to(self, other: Records) -> None:
        """Hand over everything to other records, and be empty."""
        for mine, theirs in ((self.requests, other.requests), (self.failed, other.failed)):
            for durations, others in zip(mine, theirs, strict=True):
                if durations:
                    others += durations
                    durations.clear()
        for kind, (durations, connecting) in self.connected.items():
            other.connected[kind][0].extend(durations)
            other.connected[kind][1].extend(connecting)
        self.connected.clear()
        other.broken += self.broken
        self.broken.clear()
        for made, laps in self.laps.items():
            other.laps[made] += laps
        self.laps.clear()
        other.laps_held += self.laps_held
        self.laps_held = 0

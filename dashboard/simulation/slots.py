"""Slots, which are VUs that move together, and the course that they run: the script in a form made for that."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from random import Random
from typing import Final, NamedTuple

from dashboard.simulation.batches import TICKS
from dashboard.simulation.decks import beyond_the_deck, normal_deck
from dashboard.simulation.records import Records
from dashboard.simulation.samples import handshakes, ticks
from dashboard.simulation.scenario import Request, Scenario, Think

PER_SECOND: Final = 1000 * TICKS
"""Ticks per second."""

NEVER: Final = 1 << 62
"""A time that does not come."""


class Rarity(NamedTuple):
    """What is unusual about a request: how many of a slot's VUs find that it failed, and how long connecting takes."""

    failed: int
    connecting: int


class Slot:
    """VUs that move together. Times are in ticks.

    Attributes:
        wanted: VUs that shall start an iteration when the present one ends.
        running: VUs in the present iteration.
        records: Where what they do is noted.
        step: The step of the script that is going on.
        due: When it ends.
        duration: How long the present request takes; 0 in a pause.
        rarity: What is unusual about it, if anything.
        made: Requests that were made in this iteration, one bit for a step.
        lap: When the iteration began, and when each of them began.
        connected: How many of the VUs have a connection, which a VU's first request opens.
    """

    __slots__ = (
        "connected",
        "draw",
        "due",
        "duration",
        "lap",
        "made",
        "random",
        "rarity",
        "records",
        "running",
        "step",
        "wanted",
    )

    def __init__(self, random: Random, records: Records) -> None:
        self.random: Callable[[], float] = random.random
        self.draw: Callable[[int], int] = random.getrandbits
        self.records = records
        self.wanted = self.connected = 0
        self.stop()

    def start(self, now: int, records: Records) -> None:
        """Begin an iteration with the VUs that are wanted."""
        self.running, self.records = self.wanted, records
        self.step, self.due = -1, now
        self.lap.append(now)

    def stop(self) -> None:
        """Be in no iteration."""
        self.running = self.step = self.made = self.duration = 0
        self.due = NEVER
        self.rarity: Rarity | None = None
        self.lap: list[int] = []


class Stay(NamedTuple):
    """A stay in a group: its number, and which moments of a lap are its beginning and its end."""

    group: int
    begin: int
    end: int


class Course:
    """The steps of a scenario in the form in which slots go through them.

    Attributes:
        requests: The steps that are requests; None for a pause.
        groups: The paths of all groups.
        durations: For each request the deck of its durations in ticks without load; None for a pause.
        shares: In what share of the iterations each step is made.
        lows: The shortest time of each pause, in ticks.
        spans: By how much it may be longer.
        bits: Each step's bit among those that were made.
    """

    def __init__(self, scenario: Scenario) -> None:
        steps = scenario.steps
        thinks = [step if isinstance(step, Think) else Think(0.0, 0.0) for step in steps]
        self.requests = [step if isinstance(step, Request) else None for step in steps]
        self.groups: list[str] = []
        self._chains = [self._chain(request.group if request else "") for request in self.requests]
        self._stays: dict[int, tuple[Stay, ...]] = {}
        normal = normal_deck()
        self.durations: list[list[float] | None] = []
        for request in self.requests:
            # The last part of the distribution has no end: what is drawn there is drawn anew each time.
            table = [request.median_ms * TICKS * math.exp(request.spread * each) for each in normal] if request else []
            self.durations.append([*table[:-1], 0.0] if request else None)
        self.shares = [request.share if request else 1.0 for request in self.requests]
        self.lows = [think.low * PER_SECOND for think in thinks]
        self.spans = [(think.high - think.low) * PER_SECOND for think in thinks]
        self.bits = [1 << number for number in range(len(steps))]
        self._handshakes = [handshakes(request) if request else 1 for request in self.requests]

    def extreme(self, step: int, random: Callable[[], float]) -> float:
        """A duration of a request that is beyond its deck."""
        request = self.requests[step]
        return request.median_ms * TICKS * math.exp(request.spread * beyond_the_deck(random)) if request else 0.0

    def connecting(self, step: int, random: Callable[[], float]) -> int:
        """How long it takes to connect for a request, without the TLS handshake."""
        request = self.requests[step]
        return ticks(0.2 + 0.1 * request.median_ms * random()) if request else 0

    def opening(self, step: int, connecting: int) -> int:
        """How long it takes until the connection can be used."""
        return connecting * self._handshakes[step]

    def stays(self, made: int) -> tuple[Stay, ...]:
        """Which groups a VU stays in, and when, in a lap with those requests. They are told as they are left.

        A group is left when the next request is made outside it, or else with the iteration.
        """
        stays = self._stays.get(made)
        if stays is None:
            stays = self._stays[made] = tuple(self._stays_of(made))
        return stays

    def _stays_of(self, made: int) -> Iterator[Stay]:
        chains = [chain for number, chain in enumerate(self._chains) if made >> number & 1]
        within: list[tuple[int, int]] = []
        for moment, chain in enumerate((*chains, ()), 1):
            common = 0
            while common < min(len(within), len(chain)) and within[common][0] == chain[common]:
                common += 1
            while len(within) > common:
                group, begin = within.pop()
                yield Stay(group, begin, moment)
            within += [(group, moment) for group in chain[common:]]

    def _chain(self, path: str) -> tuple[int, ...]:
        """The numbers of the groups that a path leads through, from the outermost."""
        chain: list[int] = []
        entered = ""
        for name in path.split("::")[1:]:
            entered = f"{entered}::{name}"
            if entered not in self.groups:
                self.groups.append(entered)
            chain.append(self.groups.index(entered))
        return tuple(chain)

"""The load: VUs that iterate through the script, and the system that answers them.

VUs are simulated event by event. Up to :data:`SLOTS` of them each have a slot of their own; beyond that
several share one and move together, so that the cost of a simulated second stays the same however many VUs
there are. Whatever is in a slot is always in an iteration, which makes Little's law hold: VUs = iterations
per second x seconds per iteration.

The system is a queue with a soft knee. With n requests in progress and n* of them at its capacity, latency
grows by

    slowdown(n) = (1 + (n / n*)^k)^(1/k)

where n* = capacity x latency without load. Below n* latency stays; beyond, n / latency tends to the capacity.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import field
from random import Random
from typing import Final

from dashboard.quick import dataclass
from dashboard.simulation.samples import NO_TIMES, HttpTimes
from dashboard.simulation.scenario import Request, Scenario, System, Think
from dashboard.simulation.script import Script

SLOTS: Final = 48
"""How many groups of VUs are told apart."""


_EMPTY_ITERATION: Final = 0.001


class SystemUnderLoad:
    """Latency and failures as they follow from how many requests are in progress."""

    def __init__(self, system: System, mean_latency: float) -> None:
        self._system = system
        self._saturation = system.capacity * mean_latency
        self.in_progress = 0
        """Requests being answered."""

    def slowdown(self, seconds: float) -> float:
        """The factor on latency after ``seconds`` of the test."""
        system = self._system
        weather = 1.0 + system.decay_per_hour * seconds / 3600.0
        for incident in system.incidents:
            if incident.is_on(seconds):
                weather *= incident.slowdown
        return weather * self._queueing(weather)

    def _queueing(self, weather: float) -> float:
        # A slower system is saturated by as many requests in progress as before, at a lower capacity; the
        # capacity in the scenario is that of the system in good weather.
        load = self.in_progress / self._saturation
        return math.pow(1.0 + math.pow(load, self._system.knee), 1.0 / self._system.knee)

    def failures(self, seconds: float, own_share: float) -> float:
        """The share of requests that fail now, of those that fail with ``own_share`` anyway."""
        system = self._system
        queueing = self._queueing(1.0)
        overload = max(0.0, 1.0 - 1.4 / queueing) * system.overload_failures
        healthy = (1.0 - own_share) * (1.0 - overload)
        for incident in system.incidents:
            if incident.failures and incident.is_on(seconds):
                healthy *= 1.0 - incident.failures
        return 1.0 - healthy


@dataclass(slots=True)
class Slot:
    """VUs that move together.

    Attributes:
        wanted: VUs that shall start an iteration when the present one ends.
        running: VUs in the present iteration.
        step: The step of the script that is going on.
        epoch: Counts interruptions, so that an event from before one is not mistaken for the present.
        started: When the iteration began.
        in_request: Whether the present step is a request.
        failed: How many of the VUs will find that request failed.
        connected: How many of the VUs have a connection, which a VU's first request opens.
    """

    wanted: int = 0
    running: int = 0
    step: int = 0
    epoch: int = 0
    started: float = 0.0
    in_request: bool = False
    failed: int = 0
    connected: int = 0
    groups: list[tuple[str, float]] = field(default_factory=list[tuple[str, float]])
    times: HttpTimes = NO_TIMES
    sent: float = 0.0
    received: float = 0.0


class Load:
    """The VUs and what they do. Times are seconds of the process; it never looks at a clock."""

    def __init__(self, scenario: Scenario, script: Script, random: Random, slots: int = SLOTS) -> None:
        self._script = script
        self._random = random
        self._steps = scenario.steps
        self._system = SystemUnderLoad(scenario.system, script.mean_latency)
        self._slots = [Slot() for _ in range(slots)]
        self._events: list[tuple[float, int, int, int]] = []
        self._order = 0
        self._now = 0.0
        self._test_started = 0.0
        self.iterations = 0
        """Iterations that have been completed."""

    @property
    def active_vus(self) -> int:
        """VUs that are executing the script, those on their last iteration included."""
        return sum(max(slot.wanted, slot.running) for slot in self._slots)

    @property
    def requests_in_progress(self) -> int:
        """Requests being answered."""
        return self._system.in_progress

    def begin(self, now: float) -> None:
        """The test starts; incidents and decay count from here."""
        self._test_started = now

    def shift(self, seconds: float) -> None:
        """The test stood still for so long."""
        self._test_started += seconds

    def next_event(self) -> float:
        """When something happens next, or infinity."""
        while self._events and self._slots[self._events[0][2]].epoch != self._events[0][3]:
            heapq.heappop(self._events)
        return self._events[0][0] if self._events else math.inf

    def step(self) -> None:
        """Let the next thing happen; there must be one."""
        when, _, number, epoch = heapq.heappop(self._events)
        slot = self._slots[number]
        if slot.epoch == epoch:
            self._now = when
            self._finish_step(number, slot)

    def set_vus(self, now: float, count: int, *, interrupt: bool) -> None:
        """Let ``count`` VUs iterate from now on.

        Args:
            now: The time.
            count: How many.
            interrupt: Whether those beyond are cut off in their iteration, or finish it first.
        """
        self._now = now
        many = len(self._slots)
        for number, slot in enumerate(self._slots):
            slot.wanted = count // many + (number < count % many)
            if interrupt and slot.running > slot.wanted:
                self._interrupt(slot)
            if slot.wanted and not slot.running:
                self._start_iteration(number, slot)

    def _interrupt(self, slot: Slot) -> None:
        gone = slot.running - slot.wanted
        if slot.in_request:
            self._system.in_progress -= gone
            slot.failed = min(slot.failed, slot.wanted)
        slot.running = slot.wanted
        if not slot.running:
            slot.in_request = False
            slot.epoch += 1

    def _start_iteration(self, number: int, slot: Slot) -> None:
        slot.running = slot.wanted
        slot.step = -1
        slot.started = self._now
        slot.sent = slot.received = 0.0
        slot.groups = []
        self._next_step(number, slot)

    def _schedule(self, number: int, slot: Slot, seconds: float) -> None:
        self._order += 1
        heapq.heappush(self._events, (self._now + seconds, self._order, number, slot.epoch))

    def _next_step(self, number: int, slot: Slot) -> None:
        """Start the next step that takes time, or end the iteration."""
        random = self._random.random
        while True:
            slot.step += 1
            if slot.step >= len(self._steps):
                if self._now > slot.started:
                    self._end_iteration(number, slot)
                else:
                    # Every step was left out by chance: the empty iteration still takes a moment, or time
                    # would stand still.
                    self._schedule(number, slot, _EMPTY_ITERATION)
                return
            step = self._steps[slot.step]
            if isinstance(step, Think):
                self._schedule(number, slot, step.low + (step.high - step.low) * random())
                return
            self._move_to_group(slot, step.group)
            if step.share >= 1.0 or random() < step.share:
                self._start_request(number, slot, step)
                return

    def _start_request(self, number: int, slot: Slot, request: Request) -> None:
        seconds = self._now - self._test_started
        system = self._system
        system.in_progress += slot.running
        failing = slot.running * system.failures(seconds, request.failures)
        slot.failed = min(slot.running, int(failing + self._random.random()))
        slot.in_request = True
        connects = slot.running > slot.connected
        slot.connected = max(slot.connected, slot.running)
        slot.times = self._script.draw(slot.step, system.slowdown(seconds), connects=connects)
        # What k6 calls the duration begins when the request is no longer blocked.
        self._schedule(number, slot, (slot.times.phases.blocked + slot.times.duration) / 1000.0)

    def _finish_step(self, number: int, slot: Slot) -> None:
        if slot.in_request:
            slot.in_request = False
            self._system.in_progress -= slot.running
            self._script.finish(slot.step, slot.times, slot.running - slot.failed, slot.failed)
            request = self._steps[slot.step]
            if isinstance(request, Request):
                slot.sent += request.sent_bytes
                slot.received += request.received_bytes
        self._next_step(number, slot)

    def _move_to_group(self, slot: Slot, path: str) -> None:
        """Leave and enter groups until ``path`` is the innermost; those that are left are sampled."""
        groups = slot.groups
        if (groups[-1][0] if groups else "") == path:
            return
        while groups and path != groups[-1][0] and not path.startswith(groups[-1][0] + "::"):
            left, since = groups.pop()
            self._script.finish_group(left, (self._now - since) * 1000.0, slot.running)
        entered = groups[-1][0] if groups else ""
        for name in path[len(entered) :].split("::")[1:]:
            entered = f"{entered}::{name}"
            groups.append((entered, self._now))

    def _end_iteration(self, number: int, slot: Slot) -> None:
        self._move_to_group(slot, "")
        self.iterations += slot.running
        seconds = self._now - self._test_started
        self._script.finish_iteration(
            (self._now - slot.started) * 1000.0,
            slot.running,
            slot.sent,
            slot.received,
            self.iterations,
            seconds,
        )
        slot.running = 0
        if slot.wanted:
            self._start_iteration(number, slot)

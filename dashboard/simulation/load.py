"""The load: VUs that iterate through the script, and the system that answers them.

Up to :data:`SLOTS` VUs each have a slot of their own; beyond that several share one and move together, so that
the cost of a simulated second stays the same however many VUs there are. Whatever is in a slot is always in an
iteration, which makes Little's law hold: VUs = iterations per second x seconds per iteration.

Time is cut into cells. What the system is like, how slow and how healthy, is looked at when a cell begins, and
whoever asks it within the cell finds it so. Slots meet nowhere else: through a cell each goes on alone, with a
chance of its own, and only notes what it did in :class:`~dashboard.simulation.records.Records`. So it does not
matter at which moments somebody looks, and the samples are counted many at a time, when somebody reads them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Final

from dashboard.simulation.batches import TICKS
from dashboard.simulation.decks import CARDS
from dashboard.simulation.records import Records
from dashboard.simulation.scenario import Scenario
from dashboard.simulation.script import Script, mean_latency
from dashboard.simulation.slots import NEVER, PER_SECOND, Course, Rarity, Slot
from dashboard.simulation.system import SystemUnderLoad

SLOTS: Final = 48
"""How many groups of VUs are told apart."""

SHORTEST_CELL: Final = 0.25
"""Seconds after something has changed until the system is looked at again; then twice that, and so on."""

LONGEST_CELL: Final = 2.0
"""Seconds that the system is looked at again after, however steady all is."""

_AVERAGED: Final = 4.0
"""Seconds from which on a cell tells by itself how many requests are in progress on average; before, a look does."""

_EMPTY_ITERATION: Final = TICKS
"""How long an iteration takes of which every step was left out by chance, or time would stand still."""

_BLOCKED: Final = 7
"""The average time for which a request is blocked that reuses a connection, in ticks."""

_SHORTEST: Final = round(SHORTEST_CELL * PER_SECOND)
_DRAW_BITS: Final = 30
_DRAWS: Final = 1 << _DRAW_BITS
_LOST: Final = _DRAWS // 256
"""Of all draws, those below find no connection to reuse."""

MOST_HELD: Final = 8192
"""Iterations that may wait for being counted. Many at once cost less each; all of them are two megabytes."""


class Load:
    """The VUs and what they do. Times are seconds of the process; it never looks at a clock.

    Args:
        scenario: What they do.
        course: Its steps, prepared.
        script: What becomes of what they did.
        random: Where chance comes from.
        slots: How many groups of VUs are told apart.
        longest_cell: Seconds that the system is looked at again after, however steady all is.
        on_full: Has everything counted that has been noted, because it has become much.
    """

    def __init__(
        self,
        scenario: Scenario,
        course: Course,
        script: Script,
        random: Random,
        slots: int,
        longest_cell: float,
        on_full: Callable[[], None],
    ) -> None:
        self._script = script
        self._course = course
        self._on_full = on_full
        self._system = SystemUnderLoad(scenario.system, mean_latency(scenario))
        self._records: dict[int, Records] = {}
        self._marked: dict[int, Records] = {}
        self._slots = [Slot(Random(random.getrandbits(64)), self._records_of(1)) for _ in range(slots)]
        self._busy: list[Slot] = []
        self._longest_cell = round(longest_cell * PER_SECOND)
        self._cell = 0
        self._cell_ends = NEVER
        self._next_turn = 0.0
        self._now = 0
        self._last_end = 0
        self._test_started = 0.0
        self._in_progress = 0.0
        self._answering = 0
        self._cell_began = 0
        self._slowdown = 1.0
        self._set_health(1.0)
        self.is_counted = True
        """Whether nothing has been noted that has not been counted."""
        self.iterations = 0
        """Iterations that have been completed."""
        self.laps = 0
        """Iterations that slots have completed, which is what the work depends on."""

    @property
    def active_vus(self) -> int:
        """VUs that are executing the script, those on their last iteration included."""
        return sum(max(slot.wanted, slot.running) for slot in self._busy)

    @property
    def is_steady(self) -> bool:
        """Whether no VU is on its last iteration, so that :attr:`active_vus` stays until somebody sets them."""
        return all(slot.running <= slot.wanted for slot in self._busy)

    @property
    def requests_in_progress(self) -> int:
        """Requests being answered."""
        return sum(slot.running for slot in self._busy if slot.duration)

    @property
    def idle_since(self) -> float:
        """When the last iteration ended that has ended."""
        return self._last_end / PER_SECOND

    @property
    def laps_held(self) -> int:
        """Iterations of slots that have been noted and not been counted."""
        return sum(records.laps_held for records in (*self._records.values(), *self._marked.values()))

    def begin(self, now: float) -> None:
        """The test starts; incidents and decay count from here."""
        self._test_started = now

    def shift(self, seconds: float) -> None:
        """The test stood still for so long."""
        self._test_started += seconds

    def next_event(self) -> float:
        """When something happens next, or infinity."""
        due = min((slot.due for slot in self._busy), default=NEVER)
        return math.inf if due == NEVER else due / PER_SECOND

    def advance(self, until: float) -> None:
        """Let everything happen that is due by ``until``."""
        end = _ticks_at(until)
        while self._now < end:
            self._now = min(end, self._cell_ends)
            self._sweep(self._now)
            if self._now == self._cell_ends:
                self._begin_cell(2 * self._cell)

    def set_vus(self, now: float, count: int, *, interrupt: bool) -> None:
        """Let ``count`` VUs iterate from now on.

        Args:
            now: The time.
            count: How many.
            interrupt: Whether those beyond are cut off in their iteration, or finish it first.
        """
        self.advance(now)
        before = sum(slot.wanted for slot in self._slots)
        many = len(self._slots)
        for number, slot in enumerate(self._slots):
            slot.wanted = count // many + (number < count % many)
            if interrupt and slot.running > slot.wanted:
                self._interrupt(slot)
            if slot.wanted and not slot.running:
                slot.start(self._now, self._records_of(slot.wanted))
        self._busy = [slot for slot in self._slots if slot.running]
        self._sweep(self._now)
        self._in_progress = self._in_progress * count / before if before else self.requests_in_progress
        self._answering, self._cell_began = 0, self._now
        self._begin_cell(0)

    def _interrupt(self, slot: Slot) -> None:
        gone = slot.running - slot.wanted
        self.is_counted = False
        self._records_of(gone).broken.append((slot.made, list(slot.lap)))
        self._last_end = max(self._last_end, self._now)
        if not slot.wanted:
            slot.stop()
            return
        slot.running, slot.records = slot.wanted, self._records_of(slot.wanted)
        if slot.rarity:
            slot.rarity = slot.rarity._replace(failed=min(slot.rarity.failed, slot.wanted))

    def _begin_cell(self, length: int) -> None:
        """Look at the system, which stays as it is for so long; for 0, as short as can be since all is new."""
        seconds = self._now / PER_SECOND - self._test_started
        self._script.begin_metrics(seconds, self.iterations)
        self._busy = [slot for slot in self._busy if slot.running]
        if not self._busy:
            self._cell_ends = NEVER
            return
        if seconds >= self._next_turn:
            length = 0
            self._next_turn = self._system.next_turn(seconds)
        self._see_requests()
        self._cell = cell = max(_SHORTEST, min(length, self._longest_cell))
        turn = min(self._next_turn, self._script.next_metric)
        turns = _ticks_at(turn + self._test_started) + 1 if turn < math.inf else NEVER
        self._cell_ends = min(self._now + cell, turns)
        self._slowdown = self._system.slowdown(self._in_progress, seconds)
        health = self._system.health(self._in_progress, seconds)
        if health != self._health:
            self._set_health(health)
        if self.laps_held > MOST_HELD:
            self._on_full()

    def _see_requests(self) -> None:
        """Bring up to date how many requests are in progress, of which one look says little."""
        passed = self._now - self._cell_began
        if passed >= _AVERAGED * PER_SECOND:
            seen, share = self._answering / passed, 0.5
        else:
            seen, share = self.requests_in_progress, 0.5 if passed <= 2 * _SHORTEST else 0.25
        self._in_progress += (seen - self._in_progress) * share
        self._answering = 0
        self._cell_began = self._now

    def _set_health(self, health: float) -> None:
        """Let a share of the requests succeed, of those that the script does not have fail anyway."""
        self._health = health
        failures = [1.0 - (1.0 - each.failures) * health if each else 0.0 for each in self._course.requests]
        self._failures = failures
        self._rare_alone = [_LOST + int((_DRAWS - _LOST) * each) for each in failures]
        self._rare_together = [_DRAWS if each else _LOST for each in failures]

    def mark(self) -> None:
        """Note what has been done until now, apart from what follows."""
        for vus, records in self._records.items():
            if vus not in self._marked:
                self._marked[vus] = Records(len(self._course.requests))
            records.move_to(self._marked[vus])

    def settle_marked(self) -> None:
        """Have counted what had been done when the last mark was made."""
        for vus, records in self._marked.items():
            self._script.take(vus, records)
        self._marked.clear()

    def settle(self) -> None:
        """Have counted what has been done."""
        self.mark()
        self.settle_marked()
        self.is_counted = True
        if len(self._records) > SLOTS:
            self._records = {slot.running: slot.records for slot in self._slots}

    def _records_of(self, vus: int) -> Records:
        records = self._records.get(vus)
        if records is None:
            records = self._records[vus] = Records(len(self._course.requests))
        return records

    def _sweep(self, end: int) -> None:
        """Let each slot go on alone until ``end``."""
        # This is where a simulation spends its time: it is one function, and what it needs is at hand.
        course, slowdown = self._course, self._slowdown
        durations, shares, bits, lows, spans = course.durations, course.shares, course.bits, course.lows, course.spans
        last = len(durations)
        self.is_counted = False
        mask, width, blocked = CARDS - 1, _DRAW_BITS, _BLOCKED
        for slot in self._busy:
            now = slot.due
            if now > end:
                continue
            random, draw, vus = slot.random, slot.draw, slot.running
            requests = slot.records.requests
            rare = self._rare_alone if vus == 1 else self._rare_together
            answering = 0
            step, duration, rarity, made, lap = slot.step, slot.duration, slot.rarity, slot.made, slot.lap
            while now <= end:
                if duration:
                    if rarity:
                        self._note(step, vus, duration, rarity)
                        rarity = None
                    else:
                        requests[step].append(duration)
                    duration = 0
                step += 1
                if step < last:
                    table = durations[step]
                    if table is None:
                        now += int(lows[step] + spans[step] * random())
                        continue
                    share = shares[step]
                    if share < 1.0 and random() >= share:
                        continue
                    lap.append(now)
                    made += bits[step]
                    drawn = draw(width)
                    duration = int((table[drawn & mask] or course.extreme(step, random)) * slowdown) or 1
                    answering += duration
                    now += duration + blocked
                    if drawn < rare[step] or vus > slot.connected:
                        rarity = self._rarity(slot, step, drawn)
                        if rarity:
                            now += course.opening(step, rarity.connecting)
                elif step == last and now == lap[0]:
                    now += _EMPTY_ITERATION
                else:
                    lap.append(now)
                    records = slot.records
                    records.laps[made].extend(lap)
                    records.laps_held += 1
                    self.iterations += vus
                    self.laps += 1
                    step, made, lap = -1, 0, [now]
                    if vus != slot.wanted:
                        self._answering += answering * vus
                        vus, answering = slot.wanted, 0
                        if not vus:
                            self._last_end = max(self._last_end, now)
                            break
                        slot.running, slot.records = vus, self._records_of(vus)
                        requests = slot.records.requests
                        rare = self._rare_alone if vus == 1 else self._rare_together
            self._answering += answering * vus
            if vus:
                slot.due, slot.step, slot.duration, slot.rarity, slot.made, slot.lap = (
                    now,
                    step,
                    duration,
                    rarity,
                    made,
                    lap,
                )
            else:
                slot.stop()

    def _rarity(self, slot: Slot, step: int, drawn: int) -> Rarity | None:
        """What is unusual about a request that a slot makes and has drawn a number for."""
        chance, vus, connecting = self._failures[step], slot.running, 0
        if drawn < _LOST or vus > slot.connected:
            slot.connected = max(slot.connected, vus)
            connecting = self._course.connecting(step, slot.random)
        failed = int(vus * chance + slot.random()) if chance else 0
        if vus == 1 and not connecting:
            failed = 1  # or else it would not be unusual
        return Rarity(failed, connecting) if failed or connecting else None

    def _note(self, step: int, vus: int, duration: int, rarity: Rarity) -> None:
        """Note a request that was unusual."""
        failed, connecting = rarity
        for count, is_failed in ((vus - failed, False), (failed, True)):
            if not count:
                continue
            records = self._records_of(count)
            if connecting:
                durations, times = records.connected[step, is_failed]
                durations.append(duration)
                times.append(connecting)
            else:
                (records.failed if is_failed else records.requests)[step].append(duration)


def _ticks_at(seconds: float) -> int:
    """A time in whole ticks, as forgiving as floats need it."""
    return int(seconds * PER_SECOND + 1e-3)

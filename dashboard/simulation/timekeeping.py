"""Time in a simulated process: what is to happen when, and how long the test has run."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable


class Timers:
    """Things that happen at their time, in order; those of one time in the order they were set."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = 0
        self.now = 0.0
        """The present, in seconds since the process began."""

    def at(self, when: float, happen: Callable[[], None]) -> None:
        """Let something happen at a time."""
        self._order += 1
        heapq.heappush(self._heap, (when, self._order, happen))

    def after(self, seconds: float, happen: Callable[[], None]) -> None:
        """Let something happen in a while."""
        self.at(self.now + seconds, happen)

    @property
    def next(self) -> float:
        """When the next thing happens, or infinity."""
        return self._heap[0][0] if self._heap else math.inf

    def step(self) -> None:
        """Let the next thing happen; there must be one."""
        self.now, _, happen = heapq.heappop(self._heap)
        happen()


class Recurring:
    """Something that happens at every multiple of an interval, of which only the last time can be seen.

    So it need not happen each time: whoever goes from one moment to another lets the last one between happen.
    """

    def __init__(self, interval: float, happen: Callable[[], None]) -> None:
        self._interval = interval
        self._happen = happen
        self._count = 0

    def last_until(self, moment: float) -> float:
        """When it happens last, until that moment, inclusive; infinity if it does not any more."""
        count = math.floor(moment / self._interval + 1e-9)
        return count * self._interval if count > self._count else math.inf

    def happen(self, when: float) -> None:
        """Let it happen at one of its times."""
        self._count = round(when / self._interval)
        self._happen()


class RunDuration:
    """How long the test has run: k6's ``GetCurrentTestRunDuration``.

    It begins with setup(), stands still in a pause, ends with a natural end, and goes on for ever after an
    abort.
    """

    def __init__(self) -> None:
        self._started_at: float | None = None
        self._paused_at: float | None = None
        self._ended_at: float | None = None
        self._paused_seconds = 0.0

    @property
    def has_started(self) -> bool:
        """Whether setup() has begun."""
        return self._started_at is not None

    @property
    def has_ended(self) -> bool:
        """Whether the test came to a natural end."""
        return self._ended_at is not None

    def start(self, now: float) -> None:
        """Setup() begins."""
        self._started_at = now

    def pause(self, now: float) -> None:
        """The test is paused."""
        self._paused_at = now

    def resume(self, now: float) -> float:
        """The test goes on; say how many seconds it was paused."""
        paused = 0.0 if self._paused_at is None else now - self._paused_at
        self._paused_at = None
        self._paused_seconds += paused
        return paused

    def end(self, now: float) -> None:
        """The test came to a natural end."""
        self._ended_at = now

    def seconds(self, now: float) -> float:
        """The duration, 0 before the start."""
        if self._started_at is None:
            return 0.0
        end = now
        if self._ended_at is not None:
            end = self._ended_at
        elif self._paused_at is not None:
            end = self._paused_at
        return end - self._started_at - self._paused_seconds

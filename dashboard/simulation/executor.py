"""Executors: how many VUs there shall be at each moment."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from dashboard.simulation.load import Load
from dashboard.simulation.scenario import Run, Stage
from dashboard.simulation.timekeeping import RunDuration, Timers

TICK: Final = 0.1
"""Seconds between looks at a ramp, and at an externally-controlled run, where it is k6's own."""


def next_change(start: int, stages: Sequence[Stage], seconds: float) -> float:
    """When the VUs of a ramp change next, after so many seconds; infinity if never again. See :func:`staged_vus`."""
    begin, at = 0.0, start
    for stage in stages:
        slope = stage.target - at
        if slope and seconds < begin + stage.seconds:
            changes = abs(slope) * max(0.0, seconds - begin) / stage.seconds
            return begin + stage.seconds * (math.floor(changes + 1e-9) + 1) / abs(slope)
        if slope and seconds < begin:
            return begin
        begin, at = begin + stage.seconds, stage.target
    return math.inf


def staged_vus(start: int, stages: Sequence[Stage], seconds: float) -> int:
    """The VUs of a ramp after ``seconds``: whole ones only, an extra one once the line has reached it.

    That is how k6's ``ramping-vus`` turns stages into steps: rounded towards the stage's beginning.
    """
    at = start
    for stage in stages:
        if seconds < stage.seconds:
            line = at + (stage.target - at) * seconds / stage.seconds
            return math.floor(line + 1e-9) if stage.target > at else math.ceil(line - 1e-9)
        seconds -= stage.seconds
        at = stage.target
    return at


class ConfigurationRefused(Exception):
    """The externally-controlled executor does not accept new numbers; the message is k6's."""


class ExternalControl:
    """The numbers of the externally-controlled executor (k6's ``externally_controlled.go``).

    Until somebody sets VUs, an imaginary operator follows the scenario's stages, as people do with ``k6
    scale``.

    Attributes:
        vus: VUs that shall run.
        max_vus: VUs that are initialised.
        has_operator: Whether the imaginary operator is still in charge.
    """

    def __init__(self, run: Run) -> None:
        self._start_max_vus = run.max_vus
        self._run = run
        self.vus = run.vus
        self.max_vus = run.max_vus
        self.has_operator = bool(run.stages)

    def check(self, vus: int | None, max_vus: int | None) -> tuple[int, int]:
        """The numbers as they would be.

        Raises:
            ConfigurationRefused: they are out of range.
        """
        new_vus = self.vus if vus is None else vus
        new_max = self.max_vus if max_vus is None else max_vus
        errors: list[str] = []
        if new_vus < 0:
            errors.append("the number of VUs can't be negative")
        if new_max < new_vus:
            errors.append(
                f"the number of active VUs ({new_vus}) must be less than or equal to the number of maxVUs ({new_max})"
            )
        if errors:
            raise ConfigurationRefused("invalid configuration supplied: " + ", ".join(errors))
        if new_max < self._start_max_vus:
            raise ConfigurationRefused(
                f"the new number of max VUs cannot be lower than the starting number of max VUs ({self._start_max_vus})"
            )
        return new_vus, new_max

    def configure(self, vus: int, max_vus: int) -> None:
        """Take over numbers that have been checked."""
        self.vus, self.max_vus = vus, max_vus
        self.has_operator = False

    def next_change(self, seconds: float) -> float:
        """When the imaginary operator changes the VUs next; infinity if never."""
        return next_change(self._run.vus, self._run.stages, seconds) if self.has_operator else math.inf

    def operate(self, seconds: float) -> bool:
        """Let the imaginary operator look at the plan; say whether he changed the VUs."""
        if not self.has_operator:
            return False
        planned = staged_vus(self._run.vus, self._run.stages, seconds)
        changed = planned != self.vus
        self.vus = planned
        return changed


class Executor:
    """What makes VUs start and stop while the test runs.

    Args:
        run: The plan.
        external: The numbers of the externally-controlled executor, or None where the plan is followed.
        load: The VUs.
        timers: The process's time.
        duration: The test's time.
        on_end: Called once, when the last iteration is over or has been interrupted.
        on_pause: Called when a pause begins.
    """

    def __init__(
        self,
        run: Run,
        external: ExternalControl | None,
        load: Load,
        timers: Timers,
        duration: RunDuration,
        *,
        on_end: Callable[[], None],
        on_pause: Callable[[], None],
    ) -> None:
        self._run = run
        self._external = external
        self._load = load
        self._timers = timers
        self._duration = duration
        self._on_end = on_end
        self._on_pause = on_pause
        self._began = 0.0
        self._began_in_test = 0.0
        self._paused = False
        self._winding_down = False
        self._looks = 0
        self.has_started = False
        """Whether it listens to controls, or has done so."""
        self.has_ended = False
        """Whether it has stopped listening: who asks it something then waits for ever."""
        self.is_pausing = False
        """Whether a pause waits for the last iterations."""

    def start(self) -> None:
        """Let VUs iterate."""
        self.has_started = True
        self._began = self._timers.now
        self._began_in_test = self._duration.seconds(self._timers.now)
        if self._external:
            self._load.set_vus(self._timers.now, self._external.vus, interrupt=True)
            self._look_after_external()
        else:
            self._timers.after(self._run.seconds, self._wind_down)
            self._follow_stages()

    def end(self) -> None:
        """Interrupt what still iterates; nothing follows."""
        if self.has_ended:
            return
        self.has_ended = True
        self._winding_down = False
        self._load.set_vus(self._timers.now, 0, interrupt=True)
        self.settle()
        self._on_end()

    @property
    def is_waiting(self) -> bool:
        """Whether something is to happen when the last VU has finished its iteration."""
        return self._winding_down or self.is_pausing

    def settle(self) -> None:
        """Do what waits for the last VU to finish its iteration; to be called whenever one may have."""
        if not self.is_waiting or self._load.active_vus:
            return
        if self._winding_down:
            self.end()
        else:
            self.is_pausing = False
            self._paused = True
            self._on_pause()

    def begin_pause(self) -> None:
        """Let no VU start another iteration; the pause begins when the last one has finished."""
        self.is_pausing = True
        self._load.set_vus(self._timers.now, 0, interrupt=False)
        self.settle()

    def resume(self, paused_seconds: float) -> None:
        """Go on after a pause of so many seconds."""
        self._paused = False
        self._load.shift(paused_seconds)
        self.apply()
        if self.has_started:
            self._look_after_external()

    def apply(self) -> None:
        """Bring the VUs to the number that the externally-controlled executor has been told."""
        if self._external and self.has_started and not self.has_ended and not self._paused:
            self._load.set_vus(self._timers.now, self._external.vus, interrupt=True)

    def _follow_stages(self) -> None:
        since = self._timers.now - self._began
        if self.has_ended or since >= self._run.seconds:
            return
        vus = staged_vus(self._run.vus, self._run.stages, since)
        self._load.set_vus(self._timers.now, vus, interrupt=False)
        change = next_change(self._run.vus, self._run.stages, since)
        if change < self._run.seconds:
            self._timers.at(self._tick_from(self._began + change), self._follow_stages)

    def _tick_from(self, when: float) -> float:
        """The first look from a time on, and after the present one."""
        now = math.floor((self._timers.now - self._began) / TICK + 1e-6)
        return self._began + TICK * max(now + 1, math.ceil((when - self._began) / TICK - 1e-6))

    def _wind_down(self) -> None:
        """The time is over: the last iterations may finish within the graceful stop."""
        if self.has_ended:
            return
        self._winding_down = True
        self._load.set_vus(self._timers.now, 0, interrupt=False)
        self._timers.after(self._run.graceful_stop, self.end)
        self.settle()

    def _look_after_external(self) -> None:
        """The externally-controlled executor compares the test's duration, setup() included, with its own."""
        external = self._external
        if external is None or self.has_ended:
            return
        now = self._timers.now
        seconds = self._duration.seconds(now)
        if seconds >= self._run.seconds:
            self.end()
            return
        if self._paused:
            return  # the test's time stands still, until resume() has it looked after again
        in_plan = seconds - self._began_in_test
        if not self.is_pausing and external.operate(in_plan):
            self.apply()
        wait = self._run.seconds - seconds
        if not self.is_pausing:
            wait = min(wait, external.next_change(in_plan) - in_plan)
        self._looks += 1
        number = self._looks

        def look() -> None:
            if number == self._looks:
                self._look_after_external()

        self._timers.at(self._tick_from(now + wait), look)

"""One simulated k6 process: its run from the first VU to its exit, advanced by the clock it is given.

The engine lives in process time, seconds since the process began, which is the clock's time times the speed.
Everything happens at its own moment in order, whenever it is asked about, so what it says at a time does not
depend on how often it was asked before. The only things from outside are the controls, and they happen at the
moment they are given.

What costs is kept from growing with time that nobody looks at: the load goes on in strides from one moment that
matters to the next, and what happens again and again, of which only the last time can be seen, happens only then
(:class:`~dashboard.simulation.timekeeping.Recurring`). Samples are counted when somebody reads
:attr:`~dashboard.simulation.registry.Metric.sink`. Whoever tells of periods sets a timer for the end of each and asks
:meth:`~dashboard.simulation.sinks.Sink.end_period` of every metric's sink there.
"""

from __future__ import annotations

import math
from random import Random
from typing import Final

from dashboard.clock import Clock
from dashboard.simulation.event_stream import EventStream
from dashboard.simulation.executor import Executor, ExternalControl
from dashboard.simulation.groups import GroupTree
from dashboard.simulation.lifecycle import ExecutionStatus, K6Exit, ScriptError, StatusView
from dashboard.simulation.load import LONGEST_CELL, SLOTS, Load
from dashboard.simulation.profile import Profile
from dashboard.simulation.registry import Registry
from dashboard.simulation.run_log import RunLog
from dashboard.simulation.samples import Channel
from dashboard.simulation.scenario import Hook, Scenario
from dashboard.simulation.script import Script
from dashboard.simulation.slots import Course
from dashboard.simulation.thresholds import EVALUATION_INTERVAL, parse_threshold
from dashboard.simulation.timekeeping import Recurring, RunDuration, Timers

VUS_INTERVAL: Final = 1.0
"""Seconds between samples of ``vus`` and ``vus_max``."""

_BOOT: Final = 0.003
_REACTION: Final = 0.002
_EXIT_DELAY: Final = 0.015
_FULL_DETAIL_SPEED: Final = 10.0
_FEWEST_SLOTS: Final = 4
_SHORT_CELLS_SPEED: Final = 10.0


class Engine:
    """A k6 process that runs a scenario.

    Args:
        scenario: What it runs.
        profile: Which k6 it is.
        seed: The same seed and the same controls give the same numbers.
        clock: Where time comes from.
        speed: Simulated seconds per second of the clock.
        paused: k6's ``--paused``.
        linger: k6's ``--linger``.
        stream: k6's ``--out web-dashboard``, if there is to be one.
        log: What it logs, if anybody is to read that.
    """

    def __init__(
        self,
        scenario: Scenario,
        profile: Profile,
        *,
        seed: int,
        clock: Clock,
        speed: float = 1.0,
        paused: bool = False,
        linger: bool = False,
        stream: EventStream | None = None,
        log: RunLog | None = None,
    ) -> None:
        self.scenario = scenario
        self.profile = profile
        self.seed = seed
        self.clock = clock
        self.speed = speed
        self.start_paused = paused
        self.linger = linger
        self.stream = stream
        self.log = log
        self.restart()

    def restart(self) -> None:
        """Begin anew, as a process started at this moment."""
        scenario = self.scenario
        self.random = Random(self.seed)
        self._origin = self.clock.now()
        self._timers = timers = Timers()
        self._duration = RunDuration()
        custom = {metric.name: (metric.type, metric.contains) for metric in scenario.metrics}
        self.registry = Registry(custom, by_group=self.stream is not None)
        self._groups = GroupTree()
        for name, specs in scenario.thresholds:
            kind = self.registry[name.partition("{")[0]].type
            parsed = (
                parse_threshold(each.source, kind, abort_on_fail=each.abort_on_fail, abort_delay=each.abort_delay)
                for each in specs
            )
            self.registry.add_thresholds(name, tuple(parsed))
        # k6 makes this submetric by itself, see InitSubMetricsAndThresholds; it shows from its first sample.
        self.registry.submetric("http_req_duration{expected_response:true}")
        # At great speed VUs share slots earlier and the system is looked at less often, or the simulated second
        # would cost more than a real one.
        slots = max(_FEWEST_SLOTS, int(SLOTS / max(1.0, self.speed / _FULL_DETAIL_SPEED)))
        cell = LONGEST_CELL * max(1.0, self.speed / _SHORT_CELLS_SPEED)
        course = Course(scenario)
        script = Script(scenario, self.registry, self._groups, course, self.random)
        self.load = Load(scenario, course, script, self.random, slots, cell, self._count)
        self.registry.before_reading(self._count)
        self._evaluation: float | None = None
        self._vus, self._vus_max = (Channel(self.registry, name, {}) for name in ("vus", "vus_max"))
        self._is_watching_vus = any(name.startswith("vus") for name, _ in scenario.thresholds)
        self.shuffle = Random(self.seed)
        self.external = ExternalControl(scenario.run) if self.profile.is_external else None
        self.setup_data: bytes | None = None
        self.exit_code: K6Exit | None = None
        self._status = ExecutionStatus.CREATED
        self._initialized = 0
        self._paused = self.start_paused
        self.executor = Executor(
            scenario.run,
            self.external,
            self.load,
            timers,
            self._duration,
            on_end=self._executor_ended,
            on_pause=self._pause_begins,
        )
        self._cancelled = False
        self._abort: K6Exit | None = None
        self._script_threw = False
        self._marked_failed = False
        self._exiting = False
        timers.at(_BOOT, self._init_vus)
        if self.stream is not None:
            self.stream.begin(self.registry, timers, self.moment)
        if self.log is not None:
            self.log.begin(self.registry, timers, self.moment)
        # The VUs come first: see _stride().
        self._recurring = [Recurring(VUS_INTERVAL, self._sample_vus)]
        if self.registry.can_abort:
            timers.at(EVALUATION_INTERVAL, self._evaluate_and_abort)
        elif self.registry.has_thresholds:
            self._recurring.append(Recurring(EVALUATION_INTERVAL, self._mark_evaluation))

    @property
    def now(self) -> float:
        """Process time, in seconds, as of the last advance."""
        return self._timers.now

    def moment(self) -> float:
        """The present on the clock, in seconds since the Unix epoch."""
        return self._origin + self.now / self.speed

    @property
    def is_gone(self) -> bool:
        """Whether the process has exited; nobody answers any more."""
        return self.exit_code is not None

    def advance(self) -> None:
        """Let everything happen that is due by the clock's present."""
        self.advance_to((self.clock.now() - self._origin) * self.speed)

    def advance_to(self, until: float) -> None:
        """Let everything happen that is due by ``until``, in process time."""
        timers = self._timers
        while not self.is_gone:
            # Something that happens on the way may set a timer that comes earlier.
            stop = min(timers.next, until)
            if not self._stride(stop):
                continue
            if timers.next > until:
                break
            timers.step()
        timers.now = max(timers.now, until)

    def _stride(self, stop: float) -> bool:
        """Let the load go on, and what recurs happen, until ``stop``; say whether nothing came between."""
        due = [(each.last_until(stop), place, each) for place, each in enumerate(self._recurring)]
        due.sort()
        for when, place, each in due:
            if when == math.inf:
                break
            # To count the VUs the load need not go on, as long as none is on its last iteration.
            if (place or not self.load.is_steady) and not self._load_until(when):
                return False
            self._timers.now = max(self._timers.now, when)
            each.happen(when)
        return self._load_until(stop)

    def _load_until(self, when: float) -> bool:
        """Let the load go on; if the executor waits for its last iteration and that ends, stop there and say no."""
        self.load.advance(when)
        if self.executor.is_waiting and not self.load.active_vus:
            self._timers.now = max(self._timers.now, self.load.idle_since)
            self.executor.settle()
            return False
        self._timers.now = max(self._timers.now, when)
        return True

    def seconds_to_next_event(self) -> float:
        """How long, on the clock, until something happens; infinity if nothing will."""
        return max(0.0, min(self._timers.next, self.load.next_event()) - self.now) / self.speed

    @property
    def groups(self) -> GroupTree:
        """The groups and checks that have been seen so far."""
        self.registry.settle()
        return self._groups

    def test_seconds(self) -> float:
        """Seconds of the test, what counters' rates divide by; see :class:`RunDuration`."""
        return self._duration.seconds(self.now)

    def status(self) -> StatusView:
        """What ``/v1/status`` shows now."""
        return StatusView(
            status=self._status,
            paused=self._paused,
            vus=self.load.active_vus,
            vus_max=self._initialized,
            stopped=self._cancelled,
            running=self._duration.has_started and not self._duration.has_ended,
            tainted=self.registry.crossed > 0,
        )

    @property
    def has_started(self) -> bool:
        """Whether setup() has begun."""
        return self._duration.has_started

    @property
    def is_paused(self) -> bool:
        """The pause flag."""
        return self._paused

    def _init_vus(self) -> None:
        self._status = ExecutionStatus.INIT_VUS
        run = self.scenario.run
        for number in range(1, run.max_vus + 1):
            self._timers.after(run.init_seconds * number / (run.max_vus + 1), self._vu_initialized)
        self._timers.after(run.init_seconds, self._init_done)

    def _vu_initialized(self) -> None:
        if self._abort is None:
            self._initialized += 1

    def _init_done(self) -> None:
        if self._abort is not None:
            return
        if self._paused:
            self._status = ExecutionStatus.PAUSED_BEFORE_RUN
        else:
            self._begin()

    def _begin(self) -> None:
        if self._abort is not None or self.has_started:
            return
        self._duration.start(self.now)
        self.load.begin(self.now)
        self._status = ExecutionStatus.SETUP
        setup = self.scenario.setup
        self._timers.after(max(_REACTION, setup.seconds if setup else 0.0), self._setup_done)

    def _setup_done(self) -> None:
        if self._abort is not None:
            return
        try:
            self.run_hook(self.scenario.setup, "::setup")
        except ScriptError:
            self._script_threw = True
            self._finish()
            return
        self._status = ExecutionStatus.RUNNING
        run = self.scenario.run
        for moment, happen in ((run.aborts_at, self._script_aborts), (run.fails_at, self._script_fails)):
            if moment is not None:
                self._timers.after(moment, happen)
        if self.external:
            self._initialized = self.external.max_vus
        self.executor.start()

    def run_hook(self, hook: Hook | None, group: str) -> None:
        """Do what setup() or teardown() does when its time has passed: its checks, its data, its exception.

        Raises:
            ScriptError: the script throws there.
        """
        if hook is None:
            return
        self.registry.settle()
        if self.log is not None:
            self.log.ran_hook(group.removeprefix("::"), hook)
        for name in hook.checks:
            self._groups.check(group, name).passes += 1
            self.registry.record("checks", 1.0, {"group": group, "check": name})
        if hook.throws is not None:
            raise ScriptError(hook.throws)
        if group == "::setup":
            self.setup_data = None if hook.returns is None else hook.returns.encode()

    def _script_aborts(self) -> None:
        self.abort(K6Exit.SCRIPT_ABORTED)

    def _script_fails(self) -> None:
        if self.log is not None:
            self.log.fails()
        self._marked_failed = True

    def _executor_ended(self) -> None:
        if self.external:
            # VUs beyond those planned at the start are given up with the executor.
            self._initialized = min(self._initialized, self.scenario.run.max_vus)
        self._status = ExecutionStatus.TEARDOWN
        teardown = self.scenario.teardown
        self._timers.after(max(_REACTION, teardown.seconds if teardown else 0.0), self._teardown_done)

    def _teardown_done(self) -> None:
        try:
            self.run_hook(self.scenario.teardown, "::teardown")
        except ScriptError:
            self._script_threw = True
        self._finish()

    def _finish(self) -> None:
        """The run is over; the process goes unless it lingers."""
        if self._abort is not None:
            self._status = ExecutionStatus.INTERRUPTED
        elif self._marked_failed:
            self._status = ExecutionStatus.MARKED_AS_FAILED
        else:
            self._status = ExecutionStatus.ENDED
            self._duration.end(self.now)
        if not self.linger:
            self._leave()

    def _leave(self) -> None:
        if not self._exiting:
            self._exiting = True
            self._timers.after(_EXIT_DELAY, self._exit)

    def _exit(self) -> None:
        """Decide the exit code: the first error wins, and thresholds are evaluated once more."""
        self.registry.settle()
        crossed = self.registry.evaluate(self.test_seconds(), at_end=True)
        code = K6Exit.THRESHOLDS_HAVE_FAILED if crossed else K6Exit.OK
        if self._abort is not None:
            code = self._abort
        elif self._script_threw:
            code = K6Exit.SCRIPT_EXCEPTION
        elif self._marked_failed:
            code = K6Exit.MARKED_AS_FAILED
        if self.log is not None:
            self.log.end(code, (metric.name for metric in crossed))

        def exit_now() -> None:
            self.exit_code = code

        if self.stream is not None:
            self.stream.end(exit_now, passed=code is K6Exit.OK)
        else:
            exit_now()

    def _sample_vus(self) -> None:
        if self._cancelled:
            return  # k6 stops sampling with the run's context, so the last values stay
        if self._is_watching_vus:
            self.registry.settle()  # an evaluation that is due sees the values before these
        self._vus.add(float(self.load.active_vus))
        self._vus_max.add(float(self._initialized))

    def _mark_evaluation(self) -> None:
        """Thresholds are evaluated now: nobody can see it until somebody reads, so it is done only then."""
        self.load.mark()
        self._evaluation = self.test_seconds()

    def _count(self) -> None:
        """Count what the load has noted, and do the evaluation that is due on the way."""
        if self.load.is_counted and self._evaluation is None:
            return
        if self._evaluation is not None:
            seconds, self._evaluation = self._evaluation, None
            self.load.settle_marked()
            self.registry.evaluate(seconds)
        self.load.settle()

    def _evaluate_and_abort(self) -> None:
        self.registry.settle()
        seconds = self.test_seconds()
        for metric in self.registry.evaluate(seconds):
            for threshold in metric.thresholds:
                if (
                    threshold.abort_on_fail
                    and threshold.abort_delay <= seconds
                    and not threshold.holds(metric.sink, seconds)
                ):
                    self.abort(K6Exit.THRESHOLDS_HAVE_FAILED)
        self._timers.after(EVALUATION_INTERVAL, self._evaluate_and_abort)

    def abort(self, reason: K6Exit) -> None:
        """Cancel the run: ``stopped`` shows at once, the rest follows in a moment. The first reason stays."""
        self._cancelled = True
        if self._abort is None and not self._status.is_final:
            self._abort = reason
            self._timers.after(_REACTION, self._unwind)

    def _unwind(self) -> None:
        match self._status:
            case ExecutionStatus.RUNNING:
                self.executor.end()
            case ExecutionStatus.TEARDOWN:
                pass  # it runs to completion first
            case ExecutionStatus.CREATED | ExecutionStatus.INIT_VUS:
                # k6 decides to linger only after VUs are initialised.
                self._status = ExecutionStatus.INTERRUPTED
                self._leave()
            case _:
                self._finish()

    def signal(self) -> None:
        """SIGINT or SIGTERM: abort the run, and linger no longer."""
        self.linger = False
        if self._status.is_final:
            self._leave()
            if self.stream is not None:
                self.stream.let_go()
        else:
            self.abort(K6Exit.EXTERNAL_ABORT)

    def resume_before_start(self) -> None:
        """Start a run that was paused before its start; the status follows in a moment."""
        self._paused = False
        if self._status is ExecutionStatus.PAUSED_BEFORE_RUN:
            self._timers.after(_REACTION, self._begin)

    def _pause_begins(self) -> None:
        self._paused = True
        self._duration.pause(self.now)

    def resume(self) -> None:
        """Go on after a pause."""
        self._paused = False
        self.executor.resume(self._duration.resume(self.now))

    def configure(self, vus: int, max_vus: int) -> None:
        """Give the externally-controlled executor new numbers that have been checked."""
        external = self.external
        if external is None:
            return
        if self.executor.has_started and not self.executor.has_ended:
            self._initialized += max_vus - external.max_vus
        external.configure(vus, max_vus)
        self.executor.apply()

"""One run of k6 at one target: its numbers over time, and what k6 last said of itself.

What is drawn reads from here by one path for now and for then: a moment's numbers are looked up at that moment, and the
present is just the newest moment. So whatever can change during a run is kept with the moment since which it holds.
"""

from __future__ import annotations

import dataclasses
import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from dashboard.model import derive
from dashboard.model.action import Outcome, Pause, SetVUs, Stop, Verdict
from dashboard.model.check_history import CheckHistory
from dashboard.model.generator import GeneratorHistory
from dashboard.model.launched import ProcessHistory
from dashboard.model.metric import Contains, Metric, MetricType
from dashboard.model.observation import Outage, OutageKind, Snapshot
from dashboard.model.origin import Origin
from dashboard.model.plan import Plan
from dashboard.model.process import Told
from dashboard.model.run import ExecutionStatus, RunStatus, State
from dashboard.model.schedule import Schedule
from dashboard.model.series import ROWS, Extract, Key, Moment, Table, later
from dashboard.model.setup_data import SetupLog
from dashboard.model.silence import Gap, Silences
from dashboard.model.status_history import OF_STATUS, StatusHistory
from dashboard.model.stream import StreamNews, StreamState
from dashboard.model.window import Window
from dashboard.model.window_history import WindowHistory
from dashboard.quick import dataclass

if TYPE_CHECKING:
    from dashboard.model.log_book import LogBook
    from dashboard.model.threshold_log import Judgement, ThresholdLog

ELAPSED: Key = ("", "elapsed")
CHECKS = "checks"
"""k6's metric of all checks together. It has no count: its interval share comes from the groups, if they are asked."""
TAINTED = "tainted"
"""Statistic of a metric with a threshold: 1 while it is crossed, 0 while it holds."""

_MOST_POISONINGS = 500
MOST_METRICS = 4000
"""Metrics that are kept of a run; a script has a few dozen, and memory must not depend on what a server sends."""


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """What stays the same of a metric during a run."""

    type: MetricType
    contains: Contains
    since: float = -math.inf
    """When k6 first gave it."""


class RunHistory:
    """One run of k6 at one target."""

    def __init__(self, number: int, first_seen: float, rows: int = ROWS) -> None:
        self.number = number
        """1 for the first run seen at the target."""
        self.first_seen = first_seen
        """When k6 first gave anything, or what it tells of began; until then, since when it is looked for."""
        self.last_seen: float | None = None
        """When k6 last gave anything."""
        self.last_row: float | None = None
        """When k6 last gave metrics with anything new in them: the moment whose numbers are the newest."""
        self.final_row: float | None = None
        """When it first gave them after the end. What comes later, such as a threshold, is of no interval any more."""
        self.table: Table[Key] = Table(rows)
        """A row for each time that k6 gave its metrics."""
        self.statuses = StatusHistory(rows)
        """What k6 said of the run as a whole; it is asked for that more often."""
        self.silences = Silences()
        """The times in which k6 gave nothing."""
        self.windows = WindowHistory()
        """The periods of which exact statistics came."""
        self.stream: StreamNews | None = None
        """How k6's event stream stands, as far as anything is known of one."""
        self.checks = CheckHistory()
        """The groups and checks, of each time that k6 gave them."""
        self.generator = GeneratorHistory()
        """What was told of the process that makes the load."""
        self.setup = SetupLog()
        """The setup data that k6 gave when it was asked for them."""
        self.origin = Origin.API
        """What told the newest metrics."""
        self.plan: Plan | None = None
        """What the script is going to do, as far as that is known."""
        self.schedule = Schedule()
        """When it does it: k6's clock, and what k6 told of its scenarios."""
        self.thresholds: ThresholdLog | None = None
        """The thresholds of the plan; None where no expression is known."""
        self.launched: ProcessHistory | None = None
        """The process that k6dash has started; None where it did not."""
        self.log: LogBook | None = None
        """What k6 has logged; None where its log cannot be read."""
        self.metrics: dict[str, MetricInfo] = {}
        """By name, sorted."""
        self.is_past = False
        """Whether another run has taken its place."""
        self.stop_accepted = False
        """Whether k6 said yes when it was asked to stop. It may leave before its status shows it."""
        self.final_elapsed: float | None = None
        """k6's clock when the run was first seen to be over; it runs on in k6 after an interrupted run."""
        self.clock_lingers = False
        """Whether nobody saw the run end, so that its clock includes k6's lingering."""
        self._figures: derive.Figures | None = None
        self._base: derive.Figures | None = None
        """Where the newest interval began; None where there is none."""
        self._taints: dict[str, bool] = {}
        self._poisonings: deque[tuple[float, tuple[str, ...]]] = deque(maxlen=_MOST_POISONINGS)
        self._inexact: dict[Key, float] = {}
        self._without_share: dict[str, float] = {}
        self._strange: set[str] = set()
        self._first_look: float | None = None

    @property
    def status(self) -> RunStatus | None:
        """The newest status k6 gave."""
        return self.statuses.newest

    @property
    def gaps(self) -> Sequence[Gap]:
        """The newest of the times in which k6 gave nothing, oldest first."""
        return self.silences.gaps

    @property
    def outage(self) -> Gap | None:
        """The outage that lasts now."""
        return self.silences.current

    @property
    def size(self) -> int:
        """How many numbers are held."""
        own = (self.table, self.statuses.table, self.windows.table, self.generator.table)
        return sum(table.size for table in own) + self.checks.size

    @property
    def elapsed(self) -> float | None:
        """k6's clock at the newest poll, standing still once the run is over."""
        if self.final_elapsed is not None:
            return self.final_elapsed
        return self._figures.elapsed if self._figures else None

    @property
    def interval(self) -> float | None:
        """Seconds of k6's clock that the newest interval values are of; None where there are none."""
        if self._base is None or self._base.elapsed is None or self.elapsed is None:
            return None
        return max(0.0, self.elapsed - self._base.elapsed) or None

    @property
    def vus(self) -> int | None:
        """The VUs that k6 runs; while it is paused and shows none, those it will run when it goes on."""
        return self.statuses.vus

    @property
    def poisoned(self) -> tuple[str, ...]:
        """The metrics that k6 cannot give now, because a sample of theirs is infinite."""
        return self._poisonings[-1][1] if self._poisonings else ()

    @property
    def is_coherent(self) -> bool:
        """Whether the newest metrics are of one moment."""
        return self._figures is None or self._figures.coherent

    def metric(self, name: str) -> Metric | None:
        """The newest entry of that name, as k6 gave it."""
        return self._figures.metrics.get(name) if self._figures else None

    def value(self, name: str, statistic: str, at: float) -> float | None:
        """A statistic at a moment; None where it is not known."""
        key = (name, statistic)
        if not self._is_seen(key, at) and (of_window := self.windows.key(name, statistic)):
            return self._window_at(at).value(of_window)
        value = (self.statuses.table if key in OF_STATUS else self.table).value(key, self._moment_of(statistic, at))
        return None if value != value else value

    def look(self, at: float) -> Callable[[str, str], float | None]:
        """:meth:`value` at one moment, for many statistics. Good until the next poll."""
        row = self.table.moment(at)
        of_interval = self._moment_of(derive.INTERVAL_RATE, at)
        interval_row = row if of_interval == at else self.table.moment(of_interval)
        window_row = self._window_at(at)

        def value(name: str, statistic: str) -> float | None:
            if not self._is_seen((name, statistic), at) and (of_window := self.windows.key(name, statistic)):
                return window_row.value(of_window)
            return (interval_row if statistic in derive.INTERVALS else row).value((name, statistic))

        return value

    def _is_seen(self, key: Key, at: float) -> bool:
        """Whether looks at k6 itself tell a statistic at a moment, so that no window has to."""
        since = (self.statuses.table if key in OF_STATUS else self.table).since(key)
        if since is None or since > at:
            return False
        return key[1] != derive.INTERVAL_SHARE or key[0] not in self._without_share

    def _window_at(self, at: float) -> Moment[Key]:
        """The period that had just ended at a moment. What is newer than the newest look belongs to that look."""
        is_newest = self.last_row is None or at >= self.last_row
        if is_newest and self.state().is_over:
            return self.windows.moment(math.inf, patience=math.inf)
        return self.windows.moment(at, newest=is_newest)

    def _moment_of(self, statistic: str, at: float) -> float:
        """Where a statistic of a moment is to be read: the last interval of a run stays the last."""
        if statistic in derive.INTERVALS and self.final_row is not None:
            return min(at, self.final_row)
        return at

    def extract(self, name: str, statistic: str, start: float, end: float, rows: int) -> Extract:
        """A statistic over a time; see :meth:`Table.extract`. What was not seen of it, windows tell."""
        key = (name, statistic)
        table = self.statuses.table if key in OF_STATUS else self.table
        of_window = self.windows.key(name, statistic)
        if of_window is None:
            return table.extract(key, start, end, rows)
        since = table.since(key) if self._is_seen(key, math.inf) else None
        if since is None:
            return self.windows.table.extract(of_window, start, end, rows)
        if since <= start:
            return table.extract(key, start, end, rows)
        before = self.windows.table.extract(of_window, start, min(end, math.nextafter(since, -math.inf)), rows)
        return before + table.extract(key, since, end, rows)

    def has(self, name: str, statistic: str, at: float | None) -> bool:
        """Whether that statistic had been given at a moment; at any, where it is None."""
        since = self.table.since((name, statistic))
        return (since is not None and (at is None or since <= at)) or self.windows.has(name, statistic, at)

    def statistics(self, name: str) -> frozenset[str]:
        """Every statistic that has been given of a metric, in whichever way."""
        return frozenset(
            statistic
            for table in (self.table, self.windows.table)
            for metric, statistic in table.keys
            if metric == name
        )

    def known(self, at: float | None) -> Iterable[str]:
        """The metrics that had been given at a moment, sorted by name."""
        if at is None:
            return self.metrics
        return (name for name, info in self.metrics.items() if info.since <= at)

    def is_estimate(self, name: str, statistic: str, at: float | None) -> bool:
        """Whether there was an estimate among its interval values by then: metrics that were read one by one."""
        since = self._inexact.get((name, statistic))
        return since is not None and (at is None or since <= at)

    def has_share(self, name: str, at: float | None) -> bool:
        """Whether the interval share of a rate can be had, as far as was known by then."""
        since = self._without_share.get(name)
        if since is not None and (at is None or since <= at):
            return self.windows.has(name, derive.INTERVAL_SHARE, at)
        return self.has(name, derive.INTERVAL_SHARE, at)

    def poisoned_at(self, at: float | None) -> tuple[str, ...]:
        """The metrics that k6 could not give at a moment; at the newest one where none is named."""
        if at is None:
            return self.poisoned
        return next((names for since, names in reversed(self._poisonings) if since <= at), ())

    def with_threshold(self, at: float | None = None) -> tuple[str, ...]:
        """The metrics on which a threshold had been evaluated by then, sorted by name."""
        return tuple(name for name in sorted(self._taints) if self.has(name, TAINTED, at))

    def tainted(self, at: float | None = None) -> tuple[str, ...]:
        """The metrics whose thresholds are crossed at a moment; at the newest one where none is named."""
        if at is None:
            return tuple(name for name in sorted(self._taints) if self._taints[name])
        return tuple(name for name in sorted(self._taints) if self.value(name, TAINTED, at) == 1.0)

    def state(self) -> State:
        """The word for what the run is doing, as far as k6's last answer, or its silence, tells."""
        if self.launched is not None and (end := self.launched.exit) is not None:
            return end.state
        if self.status is None:
            return State.UNREACHABLE
        if self.status.state.is_over:
            return self.status.state
        if self.is_past or self._port_has_closed:
            return State.STOPPED if self.status.stopped or self.stop_accepted else State.ENDED
        return self.status.state if self.outage is None else State.UNREACHABLE

    def status_at(self, at: float) -> RunStatus | None:
        """The status that k6 had last given by then; None where it was not known."""
        return self.statuses.at(at) if at >= self.first_seen else None

    def state_at(self, at: float) -> State:
        """The word for what the run was doing at a moment that has passed, as far as was known then."""
        if self.launched is not None and (end := self.launched.exit_by(at)) is not None:
            return end.state
        gap = self.silences.at(at)
        status = self.status_at(at if gap is None else math.nextafter(gap.start, -math.inf))
        if status is None:
            return State.UNREACHABLE
        if gap is None or status.state.is_over:
            return status.state
        if gap.kind.has_left and (status.has_started or status.stopped):
            return State.STOPPED if status.stopped or self.stop_accepted else State.ENDED
        return State.UNREACHABLE

    @property
    def _port_has_closed(self) -> bool:
        """Whether a run that was under way has left: k6 closes its port within milliseconds of its end."""
        return (
            self.outage is not None
            and self.silences.was_refused
            and self.status is not None
            and (self.status.has_started or self.status.stopped or self.stop_accepted)
        )

    @property
    def has_gone(self) -> bool:
        """Whether k6 left before it said how the run ended."""
        return self.status is not None and not self.status.is_final and (self.is_past or self._port_has_closed)

    @property
    def is_at_work(self) -> bool:
        """Whether k6 makes load now, as far as its last answer tells."""
        status = self.status
        return (
            status is not None
            and self.outage is None
            and status.status == ExecutionStatus.RUNNING
            and not (status.paused or status.stopped)
        )

    @property
    def was_stopped(self) -> bool:
        """Whether the run was being stopped when it was last seen."""
        return self.stop_accepted or (self.status is not None and self.status.stopped)

    def is_another(self, snapshot: Snapshot, at: float) -> bool:
        """Whether ``snapshot`` is of a run that began after this one."""
        old, new = self.status, snapshot.status
        if old is None:
            return False
        if new is not None:
            if old.stopped and not new.stopped:
                return True
            if None not in (old.status, new.status) and old.has_started and (new.status or 0) < (old.status or 0):
                return True
        if snapshot.groups is not None and self.checks.fell(snapshot.groups):
            return True
        if snapshot.metrics is None or self._figures is None or self.last_row is None:
            return False
        figures = derive.figures(snapshot.metrics, coherent=snapshot.coherent)
        if derive.fell(self._figures, figures):
            return True
        # A clock that stood still while nobody looked is no other clock, so a paused run proves nothing by its own.
        if (
            old.paused
            or (new is not None and new.paused)
            or (self.silences.is_bridging and not self.silences.was_refused)
        ):
            return False
        return self._is_another_clock(self._figures, figures, at)

    def _is_another_clock(self, before: derive.Figures, after: derive.Figures, at: float) -> bool:
        """Whether the clock cannot be this run's. Not asked after an outage in which the port was not seen closed."""
        seen_before = self.silences.seen_before if self.silences.is_bridging else self.last_seen
        if seen_before is None or self.last_row is None or before.elapsed is None or after.elapsed is None:
            return False
        if self.silences.was_refused and derive.ran_ahead(before, after, at - self.last_row):
            return True
        # Beside ours, this clock has lost time, and it did not begin to run before this run was last seen.
        lost = at - self.last_row - (after.elapsed - before.elapsed)
        began_after = at - after.elapsed > seen_before - derive.CLOCK_SLACK
        return after.elapsed != before.elapsed and lost > 2 * derive.CLOCK_SLACK and began_after

    def leave(self, at: float) -> None:
        """Note that another run has taken its place."""
        self.is_past = True
        self.silences.end(at)

    def hear(self, outcome: Outcome) -> None:
        """Take in how far an action on this run has come: some of it shows in no status, or not yet."""
        action, verdict = outcome.action, outcome.verdict
        if isinstance(action, Pause):
            self.statuses.is_pausing = verdict is Verdict.ASKED
        if verdict is Verdict.ACCEPTED:
            match action:
                case Stop():
                    self.stop_accepted = True
                case SetVUs(vus):
                    self.statuses.promise_vus(vus)
                case _:
                    pass

    def add(self, snapshot: Snapshot, at: float) -> None:
        """Take in what one poll returned. Called in the order of time."""
        if self.last_seen is None:
            self.first_seen = self._first_look = at
        self.silences.end(at)
        self.last_seen = at
        was_over = self.status is not None and self.status.is_final
        if snapshot.status is not None:
            self.statuses.add(snapshot.status, at)
            self.schedule.see_status(snapshot.status, at)
        if snapshot.groups is not None:
            checks = snapshot.metric(CHECKS)
            self.checks.add(snapshot.groups, at, checks.sample.get("rate") if checks else None)
        if snapshot.metrics is None:
            return
        self.origin = snapshot.origin
        if self.origin.is_file:
            self.generator.told = Told.NOT_WRITTEN
        figures = derive.figures(snapshot.metrics[:MOST_METRICS], coherent=snapshot.coherent)
        if self.status is not None and self.status.is_final:
            if was_over and self._figures is not None and derive.same_but_for_clock(self._figures, figures):
                return
            figures = self._with_final_clock(figures, self.status, at)
        self._add_figures(figures, snapshot.poisoned, at)
        if self.status is not None and self.status.is_final and self.final_row is None:
            self.final_row = self.last_row

    def _with_final_clock(self, figures: derive.Figures, status: RunStatus, at: float) -> derive.Figures:
        """The figures of a run that is over, with the clock as it was when the run was first seen to be over."""
        if self.final_elapsed is None and figures.elapsed is not None:
            ended_itself = status.status == ExecutionStatus.ENDED
            self.final_elapsed = figures.elapsed
            self.clock_lingers = not ended_itself and (self._figures is None or self.silences.is_bridging)
            before = self._figures.elapsed if self._figures else None
            late = self.statuses.final_at is not None and self.statuses.final_at < at
            if (
                late
                and not ended_itself
                and before is not None
                and self.last_row is not None
                and self.statuses.final_at
            ):
                # The metrics came later than the word of the end: until then the clock cannot have run on further.
                self.final_elapsed = min(figures.elapsed, before + max(0.0, self.statuses.final_at - self.last_row))
        return dataclasses.replace(figures, elapsed=self.final_elapsed)

    def _add_figures(self, figures: derive.Figures, poisoned: tuple[str, ...], at: float) -> None:
        at = later(self.table, at)
        if poisoned != self.poisoned:
            self._poisonings.append((at, poisoned))
        self._learn_metrics(figures, at)
        values: dict[Key, float] = {}
        for name, metric in figures.metrics.items():
            if name not in self.metrics:
                continue
            for statistic, value in metric.sample.items():
                values[name, statistic] = value
            if metric.tainted is not None:
                self._taints[name] = metric.tainted
        # A metric that has been poisoned is as crossed as it was: k6 evaluates it, it only cannot give it any more.
        for name, tainted in self._taints.items():
            values[name, TAINTED] = float(tainted)
        for name in derive.uncountable(figures):
            self._without_share.setdefault(name, at)
        if self._figures is None or self.silences.is_bridging:
            self._base = None
        elif not derive.is_too_short(self._figures, figures):
            # A poll that comes too soon after another one only prolongs the interval that ended there.
            self._base = self._figures
        if self._base is not None:
            for name, statistic, value, is_exact in derive.intervals(self._base, figures, self._without_share):
                if name in self.metrics and not (self.origin.is_rounded and statistic != derive.INTERVAL_RATE):
                    values[name, statistic] = value
                    if not is_exact:
                        self._inexact.setdefault((name, statistic), at)
        share = self.checks.share(at)
        if share is not None and CHECKS in self.metrics:
            values[CHECKS, derive.INTERVAL_SHARE] = share
        self._figures = figures
        self.silences.bridge()
        if self.elapsed is not None:
            values[ELAPSED] = self.elapsed
            self.schedule.course.add(at, self.elapsed)
        self.table.append(at, values, exact=(key for key in values if key[1] == "count" or key == ELAPSED))
        self.last_row = at

    def _learn_metrics(self, figures: derive.Figures, at: float) -> None:
        if figures.metrics.keys() <= self.metrics.keys():
            return
        for metric in figures.metrics.values():
            if metric.name not in self.metrics and len(self.metrics) < MOST_METRICS:
                self.metrics[metric.name] = MetricInfo(metric.type, metric.contains, at)
        self.metrics = dict(sorted(self.metrics.items()))

    def add_beside(self, snapshot: Snapshot, at: float) -> None:
        """Take in what came beside k6's API."""
        if snapshot.stream is not None:
            self.stream = snapshot.stream
            if snapshot.stream.state is StreamState.OTHER:
                self._drop_windows()
        if snapshot.plan is not None:
            self._follow(snapshot.plan.or_better(self.plan))
        if snapshot.launched is not None:
            self.launched = self.launched or ProcessHistory()
            self.launched.add(snapshot.launched, at)
            if snapshot.launched.progress is not None:
                self.schedule.hear(snapshot.launched.progress, self.plan, at)
        if snapshot.log is not None:
            if self.log is None:
                from dashboard.model.log_book import LogBook

                self.log = LogBook()
            self.log.add(snapshot.log, at)
        self._add_windows(snapshot.windows)

    def _drop_windows(self) -> None:
        """Forget what came of an event stream: it turned out to be of another test."""
        self.windows = WindowHistory()
        given = frozenset(self._figures.metrics) if self._figures is not None else frozenset[str]()
        self.metrics = {name: info for name, info in self.metrics.items() if name in given or name not in self._strange}
        self._strange.clear()
        self.first_seen = self._first_look if self._first_look is not None else self.first_seen
        if self.launched is None:
            self.plan = self.thresholds = None

    def _follow(self, plan: Plan) -> None:
        """Follow a plan from now on."""
        self.plan = plan
        if plan.thresholds:
            from dashboard.model.threshold_log import ThresholdLog

            self.thresholds = self.thresholds or ThresholdLog()
            self.thresholds.plan(plan.thresholds)

    def judge_thresholds(self, at: float) -> list[Judgement]:
        """Evaluate the thresholds of the plan on the newest numbers; those of which it is to be told."""
        if self.thresholds is None or self.last_row is None:
            return []
        return self.thresholds.see(self.look(at), self.type_of, self.origin, at)

    def type_of(self, name: str) -> MetricType | None:
        """The type of a metric; None where k6 has not given it."""
        info = self.metrics.get(name)
        return None if info is None else info.type

    def _add_windows(self, windows: Iterable[Window]) -> None:
        """Take in exact statistics of periods, oldest first."""
        kept: list[Window] = []
        strange: dict[str, MetricInfo] = {}
        for window in windows:
            name = window.metric
            if name not in self.metrics and name not in strange:
                if len(self.metrics) + len(strange) >= MOST_METRICS:
                    continue
                strange[name] = MetricInfo(window.type, window.contains, window.end)
            kept.append(window)
        if strange:
            self.metrics = dict(sorted({**self.metrics, **strange}.items()))
            self._strange.update(strange)
        self.windows.add(kept)
        if self.windows.began is not None:
            self.first_seen = min(self.first_seen, self.windows.began)

    def miss(self, outage: Outage, at: float) -> None:
        """Take in that k6 gave nothing."""
        begins = self.silences.add(outage, at, self.last_seen)
        if begins and outage.kind is not OutageKind.CLOSED:  # nothing is missing behind the end of a file
            for table in (self.table, self.statuses.table):
                if table.last is not None:
                    table.append(later(table, at), {})

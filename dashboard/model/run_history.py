"""One run of k6 at one target: it takes in what polls give, and what comes beside them.

The run is one class in parts: how it stands is in ``run_standing.py``, and its numbers are read in ``run_numbers.py``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dashboard.model import derive
from dashboard.model.action import Outcome, Pause, SetVUs, Stop, Verdict
from dashboard.model.check_history import CheckHistory
from dashboard.model.generator import GeneratorHistory
from dashboard.model.launched import ProcessHistory
from dashboard.model.metric import Metric
from dashboard.model.observation import Outage, OutageKind, Snapshot
from dashboard.model.origin import Origin
from dashboard.model.plan import Plan
from dashboard.model.process import Told
from dashboard.model.run import ExecutionStatus, RunStatus
from dashboard.model.run_numbers import CHECKS, ELAPSED, TAINTED, MetricInfo, RunNumbers
from dashboard.model.schedule import Schedule
from dashboard.model.series import ROWS, Key, later
from dashboard.model.setup_data import SetupLog
from dashboard.model.stream import StreamNews, StreamState
from dashboard.model.window import Window
from dashboard.model.window_history import WindowHistory

if TYPE_CHECKING:
    from dashboard.model.log_book import LogBook
    from dashboard.model.threshold_log import Judgement, ThresholdLog

MOST_METRICS = 4000
"""Metrics that are kept of a run; a script has a few dozen, and memory must not depend on what a server sends."""


class RunHistory(RunNumbers):
    """One run of k6 at one target."""

    def __init__(self, number: int, first_seen: float, rows: int = ROWS) -> None:
        super().__init__(first_seen, rows)
        self.number = number
        """1 for the first run seen at the target."""
        self.last_seen: float | None = None
        """When k6 last gave anything."""
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
        self.log: LogBook | None = None
        """What k6 has logged; None where its log cannot be read."""
        self.final_elapsed: float | None = None
        """k6's clock when the run was first seen to be over; it runs on in k6 after an interrupted run."""
        self.clock_lingers = False
        """Whether nobody saw the run end, so that its clock includes k6's lingering."""
        self.figures: derive.Figures | None = None
        """What the newest poll that gave anything new says; None before there was one."""
        self._base: derive.Figures | None = None
        """Where the newest interval began; None where there is none."""
        self._strange: set[str] = set()
        self._first_look: float | None = None

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
        return self.figures.elapsed if self.figures else None

    @property
    def interval(self) -> float | None:
        """Seconds of k6's clock that the newest interval values are of; None where there are none."""
        if self._base is None or self._base.elapsed is None or self.elapsed is None:
            return None
        return max(0.0, self.elapsed - self._base.elapsed) or None

    @property
    def is_coherent(self) -> bool:
        """Whether the newest metrics are of one moment."""
        return self.figures is None or self.figures.coherent

    def metric(self, name: str) -> Metric | None:
        """The newest entry of that name, as k6 gave it."""
        return self.figures.metrics.get(name) if self.figures else None

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
            if was_over and self.figures is not None and derive.same_but_for_clock(self.figures, figures):
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
            self.clock_lingers = not ended_itself and (self.figures is None or self.silences.is_bridging)
            before = self.figures.elapsed if self.figures else None
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
        if self.figures is None or self.silences.is_bridging:
            self._base = None
        elif not derive.is_too_short(self.figures, figures):
            # A poll that comes too soon after another one only prolongs the interval that ended there.
            self._base = self.figures
        if self._base is not None:
            for name, statistic, value, is_exact in derive.intervals(self._base, figures, self._without_share):
                if name in self.metrics and not (self.origin.is_rounded and statistic != derive.INTERVAL_RATE):
                    values[name, statistic] = value
                    if not is_exact:
                        self._inexact.setdefault((name, statistic), at)
        share = self.checks.share(at)
        if share is not None and CHECKS in self.metrics:
            values[CHECKS, derive.INTERVAL_SHARE] = share
        self.figures = figures
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
        given = frozenset(self.figures.metrics) if self.figures is not None else frozenset[str]()
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

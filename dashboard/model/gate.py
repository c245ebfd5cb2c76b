"""Conditions held against a run while it goes on: which fail, since when, by how much.

A condition on the whole run stands as its newest numbers say, as k6 judges its own thresholds at the end. One on a
window has failed for good once a whole window did not hold.

Nothing is judged before the test's clock runs, nor in a grace period after. A window lies wholly in the time in which
k6 runs iterations: setup, teardown and the ramp after a stop are not what it is about. Pauses are no time at all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from dashboard.model import derive
from dashboard.model.condition import Condition, check_fit
from dashboard.model.metric import Contains, Metric
from dashboard.model.observation import Snapshot
from dashboard.model.run import ExecutionStatus, RunStatus
from dashboard.model.threshold import UNKNOWN, Evaluation
from dashboard.quick import dataclass

_SLACK: Final = 0.02
"""The share by which a window may fall short: two looks a second apart are seldom exactly a second apart."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one condition stood at one moment."""

    condition: Condition
    evaluation: Evaluation
    at: float
    """Seconds since the Unix epoch."""
    elapsed: float
    """k6's test clock, in seconds."""
    span: float | None = None
    """Seconds of the test's clock that the window really had; None for the whole run."""
    contains: Contains = Contains.DEFAULT


@dataclass(frozen=True, slots=True)
class Standing:
    """What has become of one condition so far."""

    condition: Condition
    failed: bool
    """Whether it has failed, as the module's description says."""
    newest: Judgement | None
    """None where it could never be judged."""
    first: Judgement | None
    """When it first did not hold."""
    worst: Judgement | None
    """When it failed by most."""
    reason: str = ""
    """Why it could never be judged."""


@dataclass(slots=True)
class _Course:
    condition: Condition
    newest: Judgement | None = None
    first: Judgement | None = None
    worst: Judgement | None = None

    @property
    def failed(self) -> bool:
        if self.condition.window is not None:
            return self.first is not None
        return self.newest is not None and self.newest.evaluation.holds is False

    def take(self, judgement: Judgement) -> bool:
        """Note a judgement; whether it turned the condition."""
        held = self.newest is None or self.newest.evaluation.holds
        self.newest = judgement
        if judgement.evaluation.holds:
            return not held
        self.first = self.first or judgement
        margin, worst = judgement.evaluation.margin, self.worst.evaluation.margin if self.worst else None
        if worst is None or (margin is not None and margin < worst):
            self.worst = judgement
        return bool(held)


class Gate:
    """Conditions, and how they stand."""

    def __init__(self, conditions: Sequence[Condition], grace: float = 0.0) -> None:
        """Nothing has been judged yet.

        Args:
            conditions: What has to hold.
            grace: Seconds of the test's clock in which nothing is judged.
        """
        self._courses = [_Course(condition) for condition in conditions]
        self._grace = grace
        self._longest = max((condition.window or 0.0 for condition in conditions), default=0.0)
        self._windowed = {condition.metric for condition in conditions if condition.window is not None}
        self._rows: deque[derive.Figures] = deque()
        self._without_share: set[str] = set()
        self._named: set[str] = set()
        """What k6 listed before its clock ran: metrics with a threshold, whose zeros may be of no samples at all."""
        self._checked: set[str] = set()
        """Conditions that are known to fit their metric."""
        self._known: dict[str, Metric] = {}

    @property
    def failed(self) -> bool:
        """Whether a condition has failed."""
        return any(course.failed for course in self._courses)

    def observe(self, snapshot: Snapshot, at: float) -> tuple[Judgement, ...]:
        """Judge what one look gave; what turned by it, in the order of the conditions.

        Raises:
            ValueError: a condition asks something that the metric, now that it is known, does not have.
        """
        if snapshot.metrics is None:
            return ()
        figures = derive.figures(snapshot.metrics, coherent=snapshot.coherent)
        self._check(figures)
        elapsed = figures.elapsed
        if elapsed is None:
            self._named.update(figures.metrics)
            return ()
        self._keep(figures, elapsed, snapshot.status)
        if elapsed < self._grace:
            return ()
        turned: list[Judgement] = []
        for course in self._courses:
            judgement = self._judge(course.condition, figures, elapsed, at, snapshot.status)
            if judgement is not None and course.take(judgement):
                turned.append(judgement)
        return tuple(turned)

    def standings(self) -> tuple[Standing, ...]:
        """How each condition stands, in their order."""
        return tuple(
            Standing(
                course.condition,
                course.failed,
                course.newest,
                course.first,
                course.worst,
                "" if course.newest is not None else self._why_unknown(course.condition),
            )
            for course in self._courses
        )

    def _check(self, figures: derive.Figures) -> None:
        self._known.update(figures.metrics)
        for course in self._courses:
            condition = course.condition
            metric = figures.metrics.get(condition.metric)
            if metric is not None and condition.source not in self._checked:
                check_fit(condition, metric.type)
                self._checked.add(condition.source)

    def _keep(self, figures: derive.Figures, elapsed: float, status: RunStatus | None) -> None:
        """Remember what a window will be the difference to."""
        self._without_share.update(derive.uncountable(figures))
        if not self._windowed or not _iterates(status):
            return
        if self._rows and elapsed <= (self._rows[-1].elapsed or 0.0):
            return  # paused: the same moment of the test again
        kept: dict[str, Metric] = {}
        for name in self._windowed:
            metric = figures.metrics.get(name)
            counter = figures.metrics.get(derive.count_metric(metric) or "") if metric else None
            kept.update((found.name, found) for found in (metric, counter) if found is not None)
        self._rows.append(derive.Figures(kept, elapsed, figures.coherent))
        while len(self._rows) > 1 and elapsed - (self._rows[1].elapsed or 0.0) >= self._longest * (1 - _SLACK):
            self._rows.popleft()

    def _judge(
        self, condition: Condition, figures: derive.Figures, elapsed: float, at: float, status: RunStatus | None
    ) -> Judgement | None:
        metric = figures.metrics.get(condition.metric)
        if metric is None:
            return None
        span: float | None = None
        if condition.window is None:
            evaluation = UNKNOWN if self._has_no_sample(metric) else condition.threshold.evaluate(metric.sample)
        else:
            before = self._begin(condition.window, elapsed) if _iterates(status) else None
            if before is None or before.elapsed is None:
                return None
            span = elapsed - before.elapsed
            value = self._of_window(condition, metric, before, figures)
            evaluation = UNKNOWN if value is None else condition.threshold.judge(value)
        if evaluation.holds is None:
            return None
        return Judgement(condition, evaluation, at, elapsed, span, metric.contains)

    def _begin(self, window: float, elapsed: float) -> derive.Figures | None:
        """The newest row that lies a whole window back."""
        for row in reversed(self._rows):
            if row.elapsed is not None and elapsed - row.elapsed >= window * (1 - _SLACK):
                return row
        return None

    def _of_window(
        self, condition: Condition, metric: Metric, before: derive.Figures, after: derive.Figures
    ) -> float | None:
        if condition.threshold.statistic == "count":
            earlier = before.metrics.get(metric.name)
            return metric.sample.get("count", 0.0) - (earlier.sample.get("count", 0.0) if earlier else 0.0)
        names = (metric.name, derive.count_metric(metric) or "")
        kept = {name: after.metrics[name] for name in names if name in after.metrics}
        part = derive.Figures(kept, after.elapsed, after.coherent)
        for name, _, value, _ in derive.intervals(before, part, self._without_share):
            if name == metric.name:
                return value
        return None

    def _has_no_sample(self, metric: Metric) -> bool:
        """Whether k6 lists zeros of a metric because a threshold names it, and not because it was sampled."""
        return metric.name in self._named and metric.tainted is None and not any(metric.sample.values())

    def _why_unknown(self, condition: Condition) -> str:
        name = condition.metric
        if not self._known:
            return "k6 gave no metrics"
        metric = self._known.get(name)
        if metric is None:
            if "{" in name:
                return f"k6 did not list {name}; it lists a submetric when a threshold in the script names it"
            near = get_close_matches(name, self._known, 1)
            return f"k6 gave no metric {name}" + (f"; there is {near[0]}" if near else "")
        if condition.window is None:
            return f"{name} had no sample"
        counter = derive.count_metric(metric)
        if counter is not None and counter not in self._known:
            return f"k6 did not list {counter}, which would count its samples"
        if name in self._without_share:
            return "its samples are not counted: the script takes some requests out of it"
        return "there was no whole window with a sample in it"


def _iterates(status: RunStatus | None) -> bool:
    return status is not None and status.status == ExecutionStatus.RUNNING and not status.stopped

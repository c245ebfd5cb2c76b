"""A recorded run as sums over the test's clock, from which any part of it can be told exactly."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import field
from statistics import median

from dashboard.model import derive
from dashboard.model.metric import Metric, MetricType
from dashboard.model.observation import Snapshot
from dashboard.model.run import State
from dashboard.model.significance import Block
from dashboard.playback import Playback
from dashboard.quick import dataclass
from dashboard.sources.replayable import Replayable


@dataclass(slots=True)
class Sums:
    """One metric: what it had summed up to, and of how much, at each look. NaN where it was not there."""

    metric: Metric
    totals: array[float] = field(default_factory=lambda: array("d"))
    weights: array[float] = field(default_factory=lambda: array("d"))


class Course:
    """One run."""

    def __init__(self) -> None:
        self.elapsed: array[float] = array("d")
        """k6's clock at each look, ascending."""
        self.sums: dict[str, Sums] = {}
        """Of metrics whose parts can be told exactly."""
        self.looks: list[tuple[Metric, ...]] = []
        self.vus: array[float] = array("d")
        self.state = State.UNREACHABLE
        self._without_share: set[str] = set()

    @property
    def end(self) -> float:
        """k6's clock at the last look."""
        return self.elapsed[-1] if self.elapsed else 0.0

    @property
    def begin(self) -> float:
        """k6's clock at the first look."""
        return self.elapsed[0] if self.elapsed else 0.0

    @property
    def interval(self) -> float:
        """Seconds between two looks, as they mostly were."""
        gaps = [later - earlier for earlier, later in zip(self.elapsed, self.elapsed[1:], strict=False)]
        return median(gaps) if gaps else 1.0

    def add(self, snapshot: Snapshot) -> None:
        """Take in a look. One at which the clock had not gone on, or whose numbers are of many moments, is left out."""
        if not snapshot.metrics or not snapshot.coherent:
            return
        figures = derive.figures(snapshot.metrics)
        if figures.elapsed is None or (self.elapsed and figures.elapsed <= self.elapsed[-1]):
            return
        status = snapshot.status
        if status is not None and status.is_final and status.state is not State.ENDED and self.elapsed:
            return  # after an interrupted run k6's clock goes on
        row = len(self.elapsed)
        self.elapsed.append(figures.elapsed)
        self.looks.append(snapshot.metrics)
        self.vus.append(float(status.vus) if status is not None and status.vus is not None else float("nan"))
        self._without_share.update(derive.uncountable(figures))
        for name, metric in figures.metrics.items():
            found = _sum_of(metric, figures)
            if found is None:
                continue
            sums = self.sums.get(name)
            if sums is None:
                # What comes into being later had had nothing before.
                sums = self.sums[name] = Sums(metric, array("d", bytes(8 * row)), array("d", self.elapsed[:row]))
                if metric.type is not MetricType.COUNTER:
                    sums.weights = array("d", bytes(8 * row))
            sums.metric = metric
            sums.totals.append(found[0])
            sums.weights.append(found[1])
        for sums in self.sums.values():
            if len(sums.totals) <= row:
                sums.totals.append(float("nan"))
                sums.weights.append(float("nan"))

    def can_tell(self, name: str) -> bool:
        """Whether parts of that metric's course can be told."""
        return name in self.sums and name not in self._without_share

    def row(self, elapsed: float) -> int:
        """The newest look not after that moment of the test's clock; -1 where there is none."""
        return bisect_right(self.elapsed, elapsed + 1e-9) - 1

    def part(self, name: str, first: int, last: int) -> Block | None:
        """What a metric did between two looks; None where nothing of it can be measured."""
        sums = self.sums[name]
        total, weight = sums.totals[last] - sums.totals[first], sums.weights[last] - sums.weights[first]
        return Block(total, weight) if weight > 0 and total == total else None


def _sum_of(metric: Metric, figures: derive.Figures) -> tuple[float, float] | None:
    """The sum of a metric's samples so far, and what it is to be divided by."""
    match metric.type:
        case MetricType.COUNTER:
            return metric.sample.get("count", 0.0), figures.elapsed or 0.0
        case MetricType.TREND | MetricType.RATE:
            count = derive.sample_count(metric, figures)
            mean = metric.sample.get("avg" if metric.type is MetricType.TREND else "rate")
            return (mean * count, count) if count is not None and mean is not None else None
        case MetricType.GAUGE:
            return None


def read_course(recording: Replayable) -> Course:
    """The last run of a recording."""
    playback = Playback(recording)
    course, run = Course(), playback.history.run
    for look in playback.looks():
        if playback.history.run is not run:
            course, run = Course(), playback.history.run
        if isinstance(look.outcome, Snapshot):
            course.add(look.outcome)
    course.state = run.state()
    return course

"""Two runs compared: what changed, by how much, for better or worse, and whether that is more than noise."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Final

from dashboard.diff.course import Course
from dashboard.model.metric import Contains, Metric, MetricType, split_name
from dashboard.model.significance import Block, Comparison, compare, holm
from dashboard.quick import dataclass

LEVEL: Final = 0.05
"""The chance, over all comparisons together, of calling noise a change."""
STATISTICS: Final = {
    MetricType.COUNTER: ("rate",),
    MetricType.GAUGE: (),
    MetricType.RATE: ("rate",),
    MetricType.TREND: ("avg", "med", "p(90)", "p(95)", "max"),
}
TESTED: Final = {MetricType.COUNTER: "rate", MetricType.RATE: "rate", MetricType.TREND: "avg"}
"""The statistic of each type that is known of every part of a run, so that noise can be told from change."""
_PHASES: Final = ("blocked", "connecting", "tls_handshaking", "sending", "waiting", "receiving")
_MORE_IS_BETTER: Final = frozenset({"http_reqs", "iterations", "checks"})
_LESS_IS_BETTER: Final = frozenset({"http_req_failed", "browser_http_req_failed", "dropped_iterations"})
_BASE_BLOCK: Final = 1.0
_DIFFERENT_LOAD: Final = 0.1


class Judgement(StrEnum):
    """What a change is."""

    WORSE = "worse"
    BETTER = "better"
    CHANGED = "changed"
    """More than noise, where neither direction is better."""
    NOISE = "noise"
    UNKNOWN = "unknown"
    """Whether it is noise cannot be said."""


@dataclass(frozen=True, slots=True)
class Change:
    """One statistic of one metric in both runs."""

    metric: str
    """Untrusted text."""
    statistic: str
    type: MetricType
    contains: Contains
    before: float | None
    after: float | None
    relative: float | None
    """The change as a share of what was before; infinite where that was 0. None where one of them is unknown."""
    is_worse: bool | None
    """Whether it goes the wrong way; None where there is none."""
    judgement: Judgement
    probability: float | None
    """Of a difference at least so large by chance, for all comparisons together."""
    blocks: int
    reason: str
    """Why it is not judged."""
    is_main: bool
    """Whether it is what a test is about; phases of requests and what a script measures without a unit are not."""

    def is_regression(self, share: float) -> bool:
        """Whether it is worse by more than ``share``.

        Where noise can be told from change it has to be more than noise, and since only one direction is asked for,
        half the probability counts. A percentile counts by its size alone, and the largest value not at all: one
        sample decides it.
        """
        if not self.is_main or not self.is_worse or self.relative is None or self.statistic == "max":
            return False
        if self.probability is not None and self.probability / 2 >= LEVEL:
            return False
        return abs(self.relative) > share


@dataclass(frozen=True, slots=True)
class Diff:
    """Two runs beside each other."""

    seconds: float
    """The part of the test's clock that both have, from its start."""
    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    """What has to be known to read them."""


def compare_runs(before: Course, after: Course, wanted: Collection[str] = ()) -> Diff:
    """Compare two runs over the time that both have.

    Args:
        before: The one to compare with.
        after: The other one.
        wanted: The metrics to compare; all where none is named.
    """
    end = min(before.end, after.end)
    begin = max(before.begin, after.begin)
    rows = before.row(end), after.row(end)
    metrics = tuple(
        {metric.name: metric for metric in course.looks[row]} if row >= 0 else {}
        for course, row in zip((before, after), rows, strict=True)
    )
    names = [name for name in sorted({*metrics[0], *metrics[1]}) if not wanted or name in wanted]
    comparisons = {name: _compare(before, after, name, begin, end) for name in names}
    tested = [name for name in names if comparisons[name].probability is not None]
    adjusted = dict(zip(tested, holm([comparisons[name].probability for name in tested]), strict=True))
    changes: list[Change] = []
    for name in names:
        changes += _changes(metrics[0].get(name), metrics[1].get(name), comparisons[name], adjusted.get(name))
    if wanted:
        changes = [dataclasses.replace(change, is_main=True) for change in changes]
    return Diff(end, tuple(changes), tuple(_notes(before, after, begin, end)))


def _compare(before: Course, after: Course, name: str, begin: float, end: float) -> Comparison:
    if not (before.can_tell(name) and after.can_tell(name)):
        reason = "k6's API does not tell how many samples it has"
        return Comparison(0, 0, None, None, reason)
    length = max(_BASE_BLOCK, before.interval, after.interval)
    pairs: list[tuple[Block, Block] | None] = []
    for block in range(int((end - begin) / length + 1e-6)):
        edges = begin + block * length, begin + (block + 1) * length
        parts = [course.part(name, course.row(edges[0]), course.row(edges[1])) for course in (before, after)]
        pairs.append(None if parts[0] is None or parts[1] is None else (parts[0], parts[1]))
    return compare(pairs)


def _changes(
    before: Metric | None, after: Metric | None, comparison: Comparison, probability: float | None
) -> Iterator[Change]:
    metric = after or before
    if metric is None:
        return
    for statistic in STATISTICS[metric.type]:
        values = [found.sample.get(statistic) if found is not None else None for found in (before, after)]
        relative = _relative(values[0], values[1])
        rise = None if relative is None or relative == 0 else relative > 0
        worse_if_more = _is_worse_if_more(metric)
        is_worse = None if rise is None or worse_if_more is None else rise is worse_if_more
        is_tested = statistic == TESTED[metric.type]
        yield Change(
            metric.name,
            statistic,
            metric.type,
            metric.contains,
            values[0],
            values[1],
            relative,
            is_worse,
            _judge(probability, is_worse) if is_tested else Judgement.UNKNOWN,
            probability if is_tested else None,
            comparison.blocks if is_tested else 0,
            comparison.reason if is_tested else "k6's API gives it of the whole run alone",
            _is_main(metric),
        )


def _relative(before: float | None, after: float | None) -> float | None:
    if before is None or after is None:
        return None
    if before == after:
        return 0.0
    return (after - before) / abs(before) if before else math.copysign(math.inf, after)


def _judge(probability: float | None, is_worse: bool | None) -> Judgement:
    if probability is None:
        return Judgement.UNKNOWN
    if probability >= LEVEL:
        return Judgement.NOISE
    if is_worse is None:
        return Judgement.CHANGED
    return Judgement.WORSE if is_worse else Judgement.BETTER


def _is_worse_if_more(metric: Metric) -> bool | None:
    name = split_name(metric.name)[0]
    if name in _MORE_IS_BETTER:
        return False
    if name in _LESS_IS_BETTER or (metric.type is MetricType.TREND and metric.contains is Contains.TIME):
        return True
    return None


def _is_main(metric: Metric) -> bool:
    name = split_name(metric.name)[0]
    return _is_worse_if_more(metric) is not None and name.removeprefix("http_req_") not in _PHASES


def _notes(before: Course, after: Course, begin: float, end: float) -> Iterator[str]:
    if end <= begin:
        yield "the two have no time of the test's clock in common"
    for name, course in (("A", before), ("B", after)):
        if course.end > 1.02 * end and course.end - end > 2:
            yield f"{name} ran for {course.end:.0f} s; only the first {end:.0f} s of it are compared"
        if not course.state.is_over:
            yield f"the recording {name} ends before the test does"
    first, second = _mean_vus(before, end), _mean_vus(after, end)
    if first is not None and second is not None and abs(second - first) > _DIFFERENT_LOAD * max(first, second):
        yield f"not the same load: A ran {first:.3g} VUs on average, B {second:.3g}"


def _mean_vus(course: Course, end: float) -> float | None:
    values = [value for value in course.vus[: course.row(end) + 1] if value == value]
    return math.fsum(values) / len(values) if values else None

"""The thresholds of a plan against what k6 gives: each expression's state, and since when.

k6's API gives cumulative values and, for a metric, whether any of its thresholds was crossed when k6 last judged them,
which it does every two seconds. So each expression is evaluated here, on the numbers of one answer; k6's own verdict
stands beside it, and says what the numbers cannot.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from enum import Enum
from operator import itemgetter
from typing import Final

from dashboard.model.metric import MetricType
from dashboard.model.origin import Origin
from dashboard.model.plan import PlannedThreshold
from dashboard.model.threshold import API_STATISTICS, UNKNOWN, Evaluation, Threshold, parse_threshold, unsuitable
from dashboard.quick import dataclass

JUDGED_EVERY: Final = 2.0
"""Seconds between two judgements of k6."""
PATIENCE: Final = 2 * JUDGED_EVERY
"""Seconds for which k6's verdict and ours may differ because its own is of an earlier moment."""
CALM: Final = 30.0
"""Seconds for which a threshold has to have held for its next crossing to be told: many flap in the first seconds."""
_MOST_TURNS = 500
"""Turns of one threshold that are kept: it may flap for days."""


class Standing(Enum):
    """How a threshold stands."""

    HOLDS = "holds"
    FAILS = "fails"
    NO_DATA = "no data"
    """Its metric has no sample yet."""
    UNKNOWN = "unknown"
    """What is given does not tell."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One threshold at one moment."""

    planned: PlannedThreshold
    threshold: Threshold | None
    """None where the expression is none of k6's."""
    standing: Standing
    value: float | None
    """The cumulative statistic that was compared."""
    margin: float | None
    """How far it is on the right side of the bound, in the metric's unit."""
    why: str
    """Why its standing is not known, or how it is known where k6's API does not give the number."""
    crossed: bool | None
    """k6's verdict on the metric: whether some threshold on it is crossed; None where it has not judged, or nothing
    tells how."""
    is_concluded: bool = False
    """Whether the standing follows from k6's verdict and not from a number."""


Look = Callable[[str, str], float | None]
"""A statistic of a metric at the moment in question."""
TypeOf = Callable[[str], MetricType | None]
TAINTED: Final = "tainted"


class Watched:
    """One expression, read once."""

    def __init__(self, planned: PlannedThreshold) -> None:
        self.planned = planned
        self.threshold: Threshold | None = None
        self.trouble = ""
        try:
            self.threshold = parse_threshold(planned.source)
        except ValueError as error:
            self.trouble = f"k6dash cannot read it: {error}"
        self.turns: list[tuple[float, Standing]] = []
        """When its standing changed, and to what."""
        self.first: float | None = None
        """When it was first seen to fail."""

    def turn(self, standing: Standing, at: float) -> bool:
        """Note how it stands; whether it fails for the first time, or again after a while in which it did not."""
        if self.turns and self.turns[-1][1] is standing:
            return False
        was_calm = bool(self.turns) and at - self.turns[-1][0] >= CALM
        self.turns.append((at, standing))
        del self.turns[:-_MOST_TURNS]
        if standing is not Standing.FAILS:
            return False
        is_first = self.first is None
        self.first = at if self.first is None else self.first
        return is_first or was_calm

    def failing_since(self, at: float | None) -> float | None:
        """Since when it fails, as seen at a moment; None where it does not."""
        index = len(self.turns) if at is None else bisect_right(self.turns, at, key=itemgetter(0))
        if index == 0 or self.turns[index - 1][1] is not Standing.FAILS:
            return None
        return self.turns[index - 1][0]

    def first_by(self, at: float | None) -> float | None:
        """When it was first seen to fail, as far as was known at a moment."""
        return None if self.first is None or (at is not None and self.first > at) else self.first


class ThresholdLog:
    """All thresholds of a run."""

    def __init__(self) -> None:
        self.watched: tuple[Watched, ...] = ()
        self._disagreements: dict[str, float] = {}

    def plan(self, thresholds: tuple[PlannedThreshold, ...]) -> None:
        """Watch these from now on; what was known of the same ones stays."""
        known = {(each.planned.metric, each.planned.source): each for each in self.watched}
        watched: list[Watched] = []
        for planned in thresholds:
            each = known.get((planned.metric, planned.source)) or Watched(planned)
            each.planned = planned
            watched.append(each)
        self.watched = tuple(watched)

    def see(self, look: Look, type_of: TypeOf, origin: Origin, at: float) -> list[Judgement]:
        """Take in new numbers; the thresholds of which it is to be told that they fail."""
        judgements = self.judge(look, type_of, origin)
        fresh = [
            judgement
            for each, judgement in zip(self.watched, judgements, strict=True)
            if each.turn(judgement.standing, at)
        ]
        differing = set(disagreements(judgements))
        self._disagreements = {name: self._disagreements.get(name, at) for name in differing}
        return fresh

    def judge(self, look: Look, type_of: TypeOf, origin: Origin) -> tuple[Judgement, ...]:
        """How all of them stand, by the numbers of one moment, which ``origin`` gave."""
        first = [_by_numbers(each, look, type_of(each.planned.metric), origin) for each in self.watched]
        return tuple(_concluded(judgement, first) for judgement in first)

    def differs_since(self, metric: str) -> float | None:
        """Since when k6's verdict on a metric and ours differ, as of the newest numbers."""
        return self._disagreements.get(metric)


def disagreements(judgements: Iterable[Judgement]) -> list[str]:
    """The metrics of which k6 says otherwise than their numbers do."""
    by_metric: dict[str, list[Judgement]] = {}
    for judgement in judgements:
        by_metric.setdefault(judgement.planned.metric, []).append(judgement)
    found: list[str] = []
    for name, group in by_metric.items():
        numbers = [each for each in group if not each.is_concluded]
        fails = any(each.standing is Standing.FAILS for each in numbers)
        is_whole = len(numbers) == len(group) and all(each.standing is Standing.HOLDS for each in numbers)
        crossed = group[0].crossed
        if (crossed is False and fails) or (crossed and is_whole):
            found.append(name)
    return found


def _by_numbers(watched: Watched, look: Look, metric_type: MetricType | None, origin: Origin) -> Judgement:
    planned, threshold = watched.planned, watched.threshold
    tainted = look(planned.metric, TAINTED)
    crossed = tainted == 1.0 if tainted is not None and origin.has_verdicts else None

    def judged(standing: Standing, why: str, evaluation: Evaluation = UNKNOWN) -> Judgement:
        return Judgement(planned, threshold, standing, evaluation.value, evaluation.margin, why, crossed)

    if threshold is None:
        return judged(Standing.UNKNOWN, watched.trouble)
    if metric_type is None:
        return judged(Standing.NO_DATA, "k6 has not listed the metric yet")
    if not threshold.applies_to(metric_type):
        return judged(Standing.UNKNOWN, unsuitable(threshold, metric_type))
    # k6's files tell more than its API does.
    given = {name: look(planned.metric, name) for name in API_STATISTICS[metric_type] | {threshold.statistic}}
    known = {name: value for name, value in given.items() if value is not None}
    if tainted is None and not any(known.values()):
        return judged(Standing.NO_DATA, _at_end(threshold, metric_type))
    evaluation = threshold.evaluate(known)
    if evaluation.holds is None and not threshold.in_api(metric_type):
        giver = "the file" if origin.is_file else "k6's API"
        return judged(Standing.UNKNOWN, f"{giver} does not give {threshold.statistic}")
    if evaluation.holds is None:
        return judged(Standing.UNKNOWN, "k6 cannot give the metric: a sample of it is infinite")
    return judged(Standing.HOLDS if evaluation.holds else Standing.FAILS, "", evaluation)


def _at_end(threshold: Threshold, metric_type: MetricType) -> str:
    """What becomes of a threshold whose metric never gets a sample."""
    if metric_type is MetricType.RATE:
        return "no sample yet; without one it passes at the end"
    outcome = "passes" if threshold.judge(0.0).holds else "fails"
    return f"no sample yet; without one k6 takes 0 at the end, and it {outcome}"


def _concluded(judgement: Judgement, all_of_them: list[Judgement]) -> Judgement:
    """What k6's verdict says of a threshold whose number it does not give."""
    if judgement.standing is not Standing.UNKNOWN or judgement.crossed is None:
        return judgement
    if not judgement.crossed:
        return _replaced(judgement, Standing.HOLDS, f"{judgement.why}; k6 says that it holds")
    others = [
        each
        for each in all_of_them
        if each.planned.metric == judgement.planned.metric and each.planned != judgement.planned
    ]
    if all(each.standing is Standing.HOLDS for each in others):
        return _replaced(judgement, Standing.FAILS, f"{judgement.why}; k6 says that it is crossed")
    return _replaced(judgement, Standing.UNKNOWN, f"{judgement.why}; k6 says that one on the metric is crossed")


def _replaced(judgement: Judgement, standing: Standing, why: str) -> Judgement:
    return Judgement(
        judgement.planned,
        judgement.threshold,
        standing,
        judgement.value,
        judgement.margin,
        why,
        judgement.crossed,
        is_concluded=standing is not Standing.UNKNOWN,
    )

"""How far a run has come of what it plans."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, IntEnum
from typing import Final

from dashboard.model.plan import Plan, ScenarioPlan
from dashboard.quick import dataclass


class Phase(IntEnum):
    """Where a scenario is."""

    WAITING = 0
    RUNNING = 1
    ENDING = 2
    """Its time is over, its last iterations may go on."""
    DONE = 3
    CUT_OFF = 4
    """It was ended before its time."""
    NOT_RUN = 5


class Told(IntEnum):
    """What k6's own progress line tells of a scenario."""

    PHASE = 0
    SHARE = 1
    """0 to 1."""
    VUS = 2
    SECONDS = 3
    """Since its start, to a tenth; of one that waits, until then."""
    DONE = 4
    """Iterations done, of those that it is to do."""


class Certainty(Enum):
    """How sure it is when the load ends."""

    EXACT = "exact"
    ESTIMATED = "estimated"
    """It goes on as fast as it did so far, as is assumed where iterations have to be done."""
    AT_MOST = "at most"
    OPEN = "open"
    """There is no end but the one that somebody makes."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ScenarioProgress:
    """One scenario."""

    plan: ScenarioPlan
    phase: Phase
    share: float | None
    """0 to 1; None where that cannot be known."""
    elapsed: float | None
    """Seconds since its start; None before it."""
    starts_in: float | None
    """Seconds until its start; None after it, or where it is not known."""
    vus: int | None
    """VUs that it uses, as k6 tells; the API does not."""
    done: int | None
    """Iterations done, where it ends by them."""
    ends_in: float | None
    """Seconds until the end of its load: at most, or as ``certainty`` says."""
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class RunProgress:
    """All of it."""

    load: float | None
    """Seconds since the load began; None before that."""
    share: float | None
    """0 to 1; None where there is no end to be seen."""
    remaining: float | None
    """Seconds until the end of the load."""
    certainty: Certainty
    scenarios: tuple[ScenarioProgress, ...]


_SLACK: Final = 0.5
"""Seconds by which a scenario that ended with its time may seem to have ended before it: its clock is read late."""

Tell = Callable[[str, Told], float | None]
"""What k6 told of a scenario, by its name."""


def progress(
    plan: Plan,
    load: float | None,
    tell: Tell,
    *,
    is_over: bool,
    iterations: float | None = None,
    unseen: float = 0.0,
) -> RunProgress:
    """How far a run has come.

    Args:
        plan: What it plans.
        load: Seconds of k6's clock since the load began; None before that.
        tell: What k6 tells of each scenario, if it was started by k6dash.
        is_over: Whether the run is over.
        iterations: Iterations done by all scenarios together; they tell of a scenario that is the only one.
        unseen: Seconds of load that may have followed on ``load`` before the end, with nobody looking.
    """
    counted = iterations if len(plan.scenarios) == 1 else None
    slack = max(_SLACK, unseen)
    scenarios = tuple(
        _scenario(each, load, tell, is_over=is_over, counted=counted, slack=slack) for each in plan.scenarios
    )
    certainty, remaining = _remaining(plan, scenarios, load, is_over=is_over)
    share = None
    if load is not None and remaining is not None:
        whole = load + remaining
        if is_over:
            whole = max(load, plan.load_duration or load)
            if all(each.phase is Phase.DONE for each in scenarios):
                whole = load
        share = 1.0 if whole <= 0 else min(1.0, load / whole)
    elif remaining is not None:
        share = 0.0
    return RunProgress(load, share, remaining, certainty, scenarios)


def _scenario(
    plan: ScenarioPlan, load: float | None, tell: Tell, *, is_over: bool, counted: float | None, slack: float
) -> ScenarioProgress:
    told = tell(plan.name, Told.PHASE)
    phase = _phase(plan, load, counted) if told is None else Phase(round(told))
    if is_over and phase in (Phase.WAITING, Phase.RUNNING, Phase.ENDING):
        has_ended = phase is Phase.ENDING or (told is not None and (tell(plan.name, Told.SHARE) or 0.0) >= 1.0)
        has_ended = has_ended or (plan.end is not None and load is not None and load >= plan.end - slack)
        phase = Phase.NOT_RUN if phase is Phase.WAITING else Phase.DONE if has_ended else Phase.CUT_OFF
    elapsed = None if load is None or load < plan.start else load - plan.start
    if phase in (Phase.WAITING, Phase.NOT_RUN):
        elapsed = None
    elif (seconds := tell(plan.name, Told.SECONDS)) is not None and phase is not Phase.RUNNING:
        elapsed = seconds
    elif elapsed is not None and plan.duration is not None:
        elapsed = min(elapsed, plan.duration)
    done = tell(plan.name, Told.DONE)
    if done is None and plan.iterations is not None:
        done = counted
    share = _share(plan, phase, elapsed, done, tell(plan.name, Told.SHARE))
    certainty, ends_in = _end(plan, phase, load, elapsed, share)
    vus = tell(plan.name, Told.VUS)
    return ScenarioProgress(
        plan,
        phase,
        share,
        elapsed,
        max(0.0, plan.start - (load or 0.0)) if phase is Phase.WAITING and plan.executor else None,
        None if vus is None else round(vus),
        None if done is None or plan.iterations is None else round(done),
        ends_in,
        certainty,
    )


def _phase(plan: ScenarioPlan, load: float | None, counted: float | None) -> Phase:
    """Where a scenario is by the clock."""
    if load is None or load < plan.start:
        return Phase.WAITING
    if plan.iterations is not None and counted is not None and counted >= plan.iterations:
        return Phase.DONE
    if plan.end is None or load < plan.end:
        return Phase.RUNNING
    last = plan.most[-1][0] if plan.most else plan.end
    return Phase.DONE if load >= last else Phase.ENDING


def _share(
    plan: ScenarioPlan, phase: Phase, elapsed: float | None, done: float | None, told: float | None
) -> float | None:
    if phase in (Phase.WAITING, Phase.NOT_RUN):
        return 0.0
    if phase in (Phase.ENDING, Phase.DONE):
        return 1.0
    if plan.iterations is not None:
        if done is not None and plan.iterations:
            return min(1.0, done / plan.iterations)
        return told
    if elapsed is None or not plan.duration:
        return told
    return min(1.0, elapsed / plan.duration)


def _end(
    plan: ScenarioPlan, phase: Phase, load: float | None, elapsed: float | None, share: float | None
) -> tuple[Certainty, float | None]:
    """How sure it is when its load ends, and in how many seconds."""
    if phase not in (Phase.WAITING, Phase.RUNNING):
        return Certainty.EXACT, 0.0
    if plan.end is None:
        return (Certainty.OPEN if plan.is_open else Certainty.UNKNOWN), None
    left = max(0.0, plan.end - (load or 0.0))
    if plan.iterations is None:
        return Certainty.EXACT, left
    if phase is Phase.RUNNING and share and elapsed:
        return Certainty.ESTIMATED, min(left, elapsed / share - elapsed)
    return Certainty.AT_MOST, left


_WEIGHT = (Certainty.EXACT, Certainty.ESTIMATED, Certainty.AT_MOST, Certainty.UNKNOWN, Certainty.OPEN)


def _remaining(
    plan: Plan, scenarios: tuple[ScenarioProgress, ...], load: float | None, *, is_over: bool
) -> tuple[Certainty, float | None]:
    if is_over:
        return Certainty.EXACT, 0.0
    worst = max((each.certainty for each in scenarios), key=_WEIGHT.index, default=Certainty.UNKNOWN)
    known = [each.ends_in for each in scenarios if each.ends_in is not None]
    if worst is Certainty.OPEN:
        return worst, None
    if worst is Certainty.UNKNOWN or not known:
        # The event stream names scenarios, and tells the end of all with the time for the last iterations.
        if plan.duration is None:
            return Certainty.UNKNOWN, None
        return Certainty.AT_MOST, max(0.0, plan.duration - (load or 0.0))
    remaining = max(known)
    # What is sure to last longest decides, whatever else may end before it.
    last = [each.certainty for each in scenarios if each.ends_in == remaining]
    return min(last, key=_WEIGHT.index), remaining

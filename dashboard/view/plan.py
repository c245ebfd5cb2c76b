"""Screen 8: the plan, how far it has come, and the thresholds."""

from __future__ import annotations

import math
from collections.abc import Iterator

from dashboard.duration import duration_text
from dashboard.model.derive import INTERVAL_RATE
from dashboard.model.history import TargetHistory
from dashboard.model.origin import Origin
from dashboard.model.plan import Plan, ScenarioPlan
from dashboard.model.profile import Corners, after
from dashboard.model.progress import Certainty, Phase, RunProgress, ScenarioProgress
from dashboard.model.run_history import RunHistory
from dashboard.model.schedule import Timeline
from dashboard.model.status_history import VUS
from dashboard.quick import dataclass
from dashboard.view.chart import Kind, Line, MarkLine, PlotSpec, Role, Unit
from dashboard.view.format import elapsed_text
from dashboard.view.frame import ChartFrame
from dashboard.view.header import selected_run
from dashboard.view.lines import COLUMNS, points
from dashboard.view.planned import over_test, planned_vus
from dashboard.view.progress import left_text, run_progress, shown_at
from dashboard.view.selection import WINDOWS, Selection
from dashboard.view.thresholds import ThresholdLine, threshold_lines
from dashboard.view.units import kind_of


@dataclass(frozen=True, slots=True)
class ScenarioRow:
    """One scenario. Name and executor are untrusted text."""

    name: str
    executor: str
    detail: str
    phase: Phase
    share: float | None
    time: str
    """How long it has been at it, of how long."""
    vus: str
    """VUs it uses, as k6 tells; empty where nobody does."""
    note: str
    """When it starts, or ends."""


@dataclass(frozen=True, slots=True)
class PlanFrame:
    """Screen 8."""

    title: str
    share: float | None
    """How much of the load has passed, 0 to 1; None where there is no end."""
    spent: str
    """How much of it has passed, of how much."""
    left: str
    """How much is left, and how sure that is."""
    facts: str
    """What is planned, in a sentence; or why nothing is known."""
    scenarios: tuple[ScenarioRow, ...]
    chart: ChartFrame | None
    moments: tuple[tuple[float, float], ...]
    """Seconds of load and the time of day, wherever k6's clock changes its pace: what a click on the chart means."""
    thresholds: tuple[ThresholdLine, ...]
    empty: str
    """Why there is no threshold."""


def build_plan(history: TargetHistory, selection: Selection, now: float) -> PlanFrame:
    """Screen 8 at ``now``."""
    run = selected_run(history, selection)
    lines = threshold_lines(run, selection.cursor)
    plan = run.plan
    if plan is None:
        return PlanFrame(
            "Plan", None, "", "", _why_unknown(run), (), None, (), (), "No expression is known. " + _verdicts(run)
        )
    at = shown_at(run, selection.cursor, now)
    come = run_progress(run, plan, selection.cursor, at)
    return PlanFrame(
        title=_title(plan),
        share=come.share,
        spent=_spent(plan, come),
        left=left_text(come),
        facts=_facts(run, plan),
        scenarios=tuple(_row(each) for each in come.scenarios),
        chart=_chart(run, plan, come, selection.cursor, at),
        moments=_moments(run.schedule.timeline(selection.cursor)),
        thresholds=lines,
        empty="The script has no thresholds." if not plan.thresholds else "",
    )


def _title(plan: Plan) -> str:
    script = plan.script.rsplit("/", 1)[-1]
    return f"Plan · {script}" if script else "Plan"


def _why_unknown(run: RunHistory) -> str:
    if run.launched is not None:
        return "k6 inspect has not answered yet, or cannot read the script: what is planned is not known."
    return (
        "k6's API does not tell what the script plans: start it with k6dash run, which asks k6 inspect, or let k6"
        " stream its events (--out web-dashboard)."
    )


def _verdicts(run: RunHistory) -> str:
    count = len(run.with_threshold())
    if not count:
        return "k6 has judged none."
    crossed = len(run.tainted())
    metrics = "1 metric" if count == 1 else f"{count} metrics"
    return f"k6 judges those of {metrics}, {crossed or 'none'} crossed: screen 1 lists them."


def _spent(plan: Plan, come: RunProgress) -> str:
    load = "not begun" if come.load is None else elapsed_text(come.load)
    if come.load is not None and come.remaining and come.certainty in (Certainty.EXACT, Certainty.ESTIMATED):
        # Iterations may be done long before their time.
        return f"{load} / {elapsed_text(come.load + come.remaining)}"
    whole = plan.load_duration
    if whole is None:
        whole = None if plan.is_open else plan.duration
    return load if whole is None else f"{load} / {elapsed_text(whole)}"


def _facts(run: RunHistory, plan: Plan) -> str:
    count = len(plan.scenarios)
    parts = ["1 scenario" if count == 1 else f"{count} scenarios"]
    if plan.max_vus is not None:
        parts.append(f"up to {plan.max_vus} VUs")
    whole = plan.load_duration
    if whole is not None:
        most = " at most" if any(each.iterations for each in plan.scenarios) else ""
        parts.append(f"{duration_text(whole)} of load{most}")
    if plan.duration is not None and not plan.is_open and plan.duration != whole:
        parts.append(f"{duration_text(plan.duration)} with the last iterations")
    if not any(each.executor for each in plan.scenarios):
        parts.append(f"k6's {'samples' if run.origin is Origin.SAMPLES else 'events'} tell no more of it")
    return " · ".join(parts)


def _row(each: ScenarioProgress) -> ScenarioRow:
    plan = each.plan
    whole = "" if plan.duration is None else f" / {duration_text(plan.duration)}"
    time = ("" if each.elapsed is None else elapsed_text(each.elapsed)) + whole
    if each.done is not None:
        time = f"{each.done} / {plan.iterations}"
    return ScenarioRow(
        plan.name,
        plan.executor,
        plan.detail,
        each.phase,
        each.share if plan.executor else None,
        time.removeprefix(" / "),
        "" if each.vus is None or each.phase is Phase.DONE else str(each.vus),
        _when(plan, each),
    )


def _when(plan: ScenarioPlan, each: ScenarioProgress) -> str:
    match each.phase:
        case Phase.WAITING if not plan.executor:
            return ""
        case Phase.WAITING:
            return f"in {elapsed_text(math.ceil((each.starts_in or 0.0) - 1e-6))}"
        case Phase.RUNNING if each.ends_in is not None:
            sign = {Certainty.ESTIMATED: "≈ ", Certainty.AT_MOST: "≤ "}.get(each.certainty, "")
            return f"{sign}{elapsed_text(math.ceil(each.ends_in - 1e-6))} left"
        case Phase.RUNNING:
            return "until stopped" if each.certainty is Certainty.OPEN else ""
        case Phase.ENDING:
            return "last iterations"
        case _:
            return ""


def _reach(plan: Plan, come: RunProgress) -> float:
    """Where the time of the chart ends: with the load, or where that is not known, a little after now."""
    load = come.load or 0.0
    ends = [each.plan.end for each in come.scenarios if each.plan.end is not None and each.plan.iterations is None]
    ends += [
        load + (each.ends_in or 0.0)
        for each in come.scenarios
        if each.certainty is Certainty.ESTIMATED and each.ends_in is not None
    ]
    ends += [end for end in (each.plan.start for each in come.scenarios) if end > 0]
    sure = max((end for end in ends if math.isfinite(end)), default=0.0)
    if come.certainty is Certainty.EXACT and plan.load_duration is not None and load <= sure:
        return sure
    wanted = max(sure, 1.1 * load)
    return next((step for step in WINDOWS if step >= wanted), wanted)


def _chart(run: RunHistory, plan: Plan, come: RunProgress, cursor: float | None, at: float | None) -> ChartFrame | None:
    """What is planned and what was, over the time of the test."""
    label, vus = planned_vus(run)
    if not vus and not plan.rate:
        return None
    reach = _reach(plan, come)
    real = _Real(run, at, run.schedule.timeline(cursor))
    lines = list(_lines(plan, come, real, reach, label, vus))
    marks = () if come.load is None else (MarkLine(min(come.load, reach), "now"),)
    quarters = tuple((reach * share, elapsed_text(reach * share)) for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    title = "VUs and iterations, planned and real" if plan.rate else "VUs, planned and real"
    return ChartFrame(
        "plan",
        title,
        PlotSpec(tuple(lines), 0.0, reach, Unit.NUMBER, Unit.PER_SECOND, quarters, marks, empty="nothing is planned"),
        "vus",
    )


def _lines(plan: Plan, come: RunProgress, real: _Real, reach: float, label: str, vus: Corners) -> Iterator[Line]:
    rate = plan.rate
    if rate:
        yield _planned(rate, "iter/s planned", come.load, reach, right=True)
    if vus:
        yield _planned(vus, f"VUs {label}", come.load, reach)
    if rate:
        kind = kind_of(real.run, "iterations", INTERVAL_RATE)
        yield real.line("iterations", INTERVAL_RATE, "iter/s", Role.RATE, kind, right=True)
    yield real.line(*VUS, "VUs", Role.VUS, Kind.NOW)


def _planned(corners: Corners, label: str, load: float | None, reach: float, *, right: bool = False) -> Line:
    xs, ys = over_test(corners, reach)
    latest = math.nan if load is None else after(corners, load)
    return Line(label, Role.PLANNED, Kind.NOW, xs, ys, right, latest)


@dataclass(frozen=True, slots=True)
class _Real:
    """What was, by the time of the test."""

    run: RunHistory
    at: float | None
    timeline: Timeline

    def line(self, name: str, statistic: str, label: str, role: Role, kind: Kind, *, right: bool = False) -> Line:
        """One statistic up to the moment shown."""
        run, at = self.run, self.at
        if at is None:
            return Line(label, role, kind, (), (), right, math.nan)
        times, ys = points(run.extract(name, statistic, run.first_seen, at, COLUMNS), run.gaps)
        placed = [(self.timeline.load_at(time, run.final_elapsed), y) for time, y in zip(times, ys, strict=True)]
        known = [(load, y) for load, y in placed if load is not None]
        value = run.value(name, statistic, at)
        return Line(
            label,
            role,
            kind,
            tuple(load for load, _ in known),
            tuple(y for _, y in known),
            right,
            math.nan if value is None else value,
        )


def _moments(timeline: Timeline) -> tuple[tuple[float, float], ...]:
    begins = timeline.moment_of(0.0)
    if begins is None:
        return ()
    knots = [(0.0, begins)]
    for at in timeline.turns(begins, math.inf):
        load = timeline.load_at(at)
        if load is not None and load > knots[-1][0]:
            knots.append((load, at))
        elif load is not None:
            knots[-1] = (load, at)  # it stood still until then
    return tuple(knots)


def moment_of(moments: tuple[tuple[float, float], ...], load: float) -> float | None:
    """The time of day at which so much of the load had passed; None where nothing tells.

    >>> moment_of(((0.0, 100.0), (10.0, 150.0)), 12.0)
    152.0
    """
    known = [(since, at) for since, at in moments if since <= load]
    return known[-1][1] + load - known[-1][0] if known else None

"""What a report says, whatever it is written in: built once from all that was recorded of a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Final

from dashboard import __version__
from dashboard.model.event import Event
from dashboard.model.group_tree import Branch, tree
from dashboard.model.history import TargetHistory
from dashboard.model.metric import MetricType
from dashboard.model.origin import Origin
from dashboard.model.run import State
from dashboard.model.run_history import RunHistory
from dashboard.model.status_history import VUS
from dashboard.quick import dataclass
from dashboard.sources.replayable import Replayable
from dashboard.view.chart import PlotSpec, Unit
from dashboard.view.format import UNKNOWN, elapsed_text, full, quantity
from dashboard.view.frame import ChartFrame
from dashboard.view.generator import build_generator
from dashboard.view.generator_frame import GeneratorFrame
from dashboard.view.lines import Span
from dashboard.view.run_charts import build_charts, main_trend
from dashboard.view.selection import Selection
from dashboard.view.thresholds import ThresholdLine, threshold_lines
from dashboard.view.tick import MetricTick, metric_ticks
from dashboard.view.units import unit_of

TREND_COLUMNS = ("avg", "min", "med", "max", "p(90)", "p(95)")
MOST_EVENTS = 500
_LONGEST = 200


_HOW_UNKNOWN: Final = {
    False: ", as far as was seen: k6 had gone without a word",
    True: ", as far as the file tells: how is not in it",
}
_TOLD_BY: Final = {
    Origin.API: "k6's REST API",
    Origin.SAMPLES: "every single sample, as k6's --out json wrote them",
    Origin.DASHBOARD: "k6's web dashboard, which rounds to five digits",
}
_TOGETHER: Final = "what k6 says is of all thresholds on the metric together."
_EVALUATED_ON: Final = {
    Origin.API: "Each expression is evaluated on the last numbers that k6's API gave, which are of the whole run (Σ); "
    + _TOGETHER,
    Origin.SAMPLES: "Each expression is evaluated on all samples in the file (Σ); what k6 says is not in it.",
    Origin.DASHBOARD: "Each expression is evaluated on the last numbers in the file, which are of the whole run (Σ) and"
    " rounded to five digits; " + _TOGETHER,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number at the top."""

    title: str
    value: str
    note: str
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class StatisticsTable:
    """The metrics of one type, with all that k6 gives of them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, bool | None, tuple[str, ...]], ...]
    """Name (untrusted text), whether its threshold is crossed, and a text for each column."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A parameter of the run."""

    name: str
    value: str
    """May be untrusted text."""


@dataclass(frozen=True, slots=True)
class Content:
    """All of a report. What k6 or the file gave in it is untrusted text."""

    title: str
    verdict: str
    """One sentence on how the run went."""
    is_bad: bool
    figures: tuple[Figure, ...]
    facts: tuple[Fact, ...]
    charts: tuple[ChartFrame, ...]
    thresholds: tuple[tuple[str, bool], ...]
    """Metrics with a threshold, and whether it is crossed; crossed ones first."""
    tables: tuple[StatisticsTable, ...]
    checks: tuple[Branch, ...]
    checks_note: str
    generator: GeneratorFrame | None
    events: tuple[tuple[str, Event], ...]
    """Each with the test's clock as text."""
    events_omitted: int
    trouble: str
    """What is wrong with the recording; empty where nothing is."""
    expressions: tuple[ThresholdLine, ...] = ()
    """Each threshold of the script, where its expressions are known; those that fail first."""
    expressions_note: str = ""
    """What they were evaluated on."""
    start: float = 0.0
    """What the time axes count from, in seconds since the Unix epoch."""


def build_content(recording: Replayable, history: TargetHistory, number: int | None = None) -> Content:
    """What is to be said of a run.

    Args:
        recording: Where it comes from; it has been read to its end.
        history: All that was recorded.
        number: Which run, counted from 1; None for the newest.

    Raises:
        LookupError: there is no such run.
    """
    run = history.run if number is None else next((run for run in history.runs if run.number == number), None)
    if run is None:
        raise LookupError(f"it has the runs {', '.join(str(run.number) for run in history.runs)}")
    at = run.final_row or run.last_row
    metrics = tuple(metric_ticks(run, run.last_row)) if run.last_row is not None else ()
    end = max(filter(None, (at, run.last_seen, run.first_seen)))
    events = _events(history, run, end)
    verdict, is_bad = _verdict(run)
    return Content(
        title=f"k6 test {'in' if run.origin.is_file else 'at'} {history.target}",
        verdict=verdict,
        is_bad=is_bad,
        figures=tuple(_figures(run, metrics)),
        facts=tuple(_facts(recording, history, run, end)),
        charts=_charts(history, run, end),
        thresholds=_thresholds(run),
        expressions=threshold_lines(run, None),
        expressions_note=_EVALUATED_ON[run.origin],
        tables=tuple(_tables(run, metrics)),
        checks=tree(run.checks.groups),
        checks_note=_checks_note(run),
        generator=_generator(history, run, end),
        events=tuple((elapsed_text(event.elapsed), event) for event in events[:MOST_EVENTS]),
        events_omitted=max(0, len(events) - MOST_EVENTS),
        trouble=recording.trouble,
        start=run.first_seen,
    )


def _verdict(run: RunHistory) -> tuple[str, bool]:
    state = run.state()
    crossed = len(run.tainted())
    words = {
        State.ENDED: "The test ended" + (_HOW_UNKNOWN[run.origin.is_file] * run.has_gone),
        State.STOPPED: "The test was stopped before its end",
        State.FAILED: "The test marked itself as failed",
    }.get(state, f"The recording ends while the test is {state}")
    if crossed:
        which = "one metric is" if crossed == 1 else f"{crossed} metrics are"
        return f"{words}. The thresholds of {which} crossed.", True
    if run.with_threshold():
        return f"{words}. No threshold is crossed.", state in (State.FAILED, State.STOPPED)
    return f"{words}.", state in (State.FAILED, State.STOPPED)


def _figures(run: RunHistory, metrics: tuple[MetricTick, ...]) -> Iterator[Figure]:
    known = {metric.name: metric for metric in metrics}
    tainted = set(run.tainted())

    def of(name: str, statistic: str, unit: Unit) -> str:
        metric = known.get(name)
        return UNKNOWN if metric is None else quantity(metric.cumulative.get(statistic), unit)

    counter = "http_reqs" if "http_reqs" in known else "iterations"
    title = "Requests" if counter == "http_reqs" else "Iterations"
    if counter == "http_reqs" and "iterations" in known:
        mean = of("iterations", "rate", Unit.PER_SECOND)
        yield Figure("Iterations", of("iterations", "count", Unit.NUMBER), f"{mean} on average")
    yield Figure(title, of(counter, "count", Unit.NUMBER), of(counter, "rate", Unit.PER_SECOND) + " on average")
    trend = main_trend(run)
    yield Figure(
        f"{trend} p(95)",
        of(trend, "p(95)", Unit.MILLISECONDS),
        f"avg {of(trend, 'avg', Unit.MILLISECONDS)}, max {of(trend, 'max', Unit.MILLISECONDS)}",
        trend in tainted,
    )
    for name, label in (("http_req_failed", "Failed requests"), ("checks", "Passed checks")):
        if name in known:
            yield Figure(label, of(name, "rate", Unit.RATIO), "of the whole run", name in tainted)
    if "data_received" in known:
        sent = of("data_sent", "count", Unit.BYTES)
        yield Figure("Received", of("data_received", "count", Unit.BYTES), f"{sent} sent")
    most = run.extract(*VUS, run.first_seen, run.last_seen or run.first_seen, 1000).highs
    highest = max((value for value in most if value == value), default=None)
    yield Figure("VUs", quantity(highest, Unit.NUMBER), "at most")
    clock = "about: k6's clock is not in the file" if run.origin.is_file else "by k6's clock"
    yield Figure("Duration", elapsed_text(run.elapsed), clock + ", at most" * run.clock_lingers)


def _facts(recording: Replayable, history: TargetHistory, run: RunHistory, end: float) -> Iterator[Fact]:
    yield Fact("File" if run.origin.is_file else "Target", history.target)
    if run.generator.script:
        yield Fact("Script", run.generator.script)
    yield Fact("Seen from", _moment(run.first_seen))
    yield Fact("Seen until", _moment(end))
    yield Fact("State", str(run.state()))
    if history.run.number > 1:
        yield Fact("Run", f"{run.number} of {history.run.number} at this address")
    interval = f"{recording.header.interval:g} s"
    if run.origin.is_file:
        yield Fact("Told in", f"periods of {interval}")
    else:
        yield Fact("Looked at", f"every {interval}, {history.looks:,} times")
    yield Fact("Told by", _TOLD_BY[run.origin])
    yield Fact("Recorded by", recording.header.by or "unknown")
    yield Fact("Report by", f"k6dash {__version__}")


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _charts(history: TargetHistory, run: RunHistory, end: float) -> tuple[ChartFrame, ...]:
    span = Span(run.first_seen, max(end, run.first_seen + 1), end, run.last_row)
    events = [event for event in history.events if run.first_seen <= event.at <= end]
    return tuple(
        dataclasses.replace(chart, spec=_from_zero(chart.spec, run.first_seen))
        for chart in build_charts(run, events, span, None)
        if any(line.xs for line in chart.spec.lines)
    )


def _from_zero(spec: PlotSpec, start: float) -> PlotSpec:
    """The chart with its time axis counted from the start of the run."""
    return dataclasses.replace(
        spec,
        lines=tuple(dataclasses.replace(line, xs=tuple(x - start for x in line.xs)) for line in spec.lines),
        x_from=max(0.0, spec.x_from - start),
        x_to=spec.x_to - start,
        marks=tuple(dataclasses.replace(mark, x=mark.x - start) for mark in spec.marks),
    )


def _thresholds(run: RunHistory) -> tuple[tuple[str, bool], ...]:
    tainted = set(run.tainted())
    return tuple(
        sorted(((name, name in tainted) for name in run.with_threshold()), key=lambda row: (not row[1], row[0]))
    )


def _tables(run: RunHistory, metrics: tuple[MetricTick, ...]) -> Iterator[StatisticsTable]:
    wanted = (
        ("Trends", MetricType.TREND, TREND_COLUMNS),
        ("Counters", MetricType.COUNTER, ("count", "rate")),
        ("Rates", MetricType.RATE, ("rate",)),
        ("Gauges, as last seen", MetricType.GAUGE, ("value",)),
    )
    for title, metric_type, columns in wanted:
        rows = tuple(
            (
                metric.name,
                metric.tainted,
                tuple(
                    _exact({**metric.cumulative, **metric.now}.get(column), unit_of(run.metrics[metric.name], column))
                    for column in columns
                ),
            )
            for metric in metrics
            if metric.type is metric_type
        )
        if rows:
            yield StatisticsTable(title, columns, rows)


def _exact(value: float | None, unit: Unit) -> str:
    """A number of a table: a count with all its digits, anything else to three."""
    return full(value, unit) if unit is Unit.NUMBER else quantity(value, unit)


def _checks_note(run: RunHistory) -> str:
    if run.checks.groups:
        return ""
    if run.origin is Origin.DASHBOARD and "checks" in run.metrics:
        return "Groups and checks are not in what k6's web dashboard records, only their overall rate."
    if "checks" in run.metrics:
        return (
            "Groups and checks were not recorded, only their overall rate: k6 is asked for them with --groups,"
            " since the question can crash it while new names appear."
        )
    return "The test made no checks."


def _generator(history: TargetHistory, run: RunHistory, end: float) -> GeneratorFrame | None:
    """The generator when it was last at work, with its charts over the whole run."""
    at = run.generator.last_at_work or run.generator.last
    if at is None:
        return None
    selection = Selection(cursor=at, window=max(1.0, at - run.first_seen), run=run.number)
    frame = build_generator(history, selection, end)
    return dataclasses.replace(
        frame,
        charts=tuple(
            dataclasses.replace(chart, spec=_from_zero(chart.spec, run.first_seen))
            for chart in frame.charts
            if any(line.xs for line in chart.spec.lines)
        ),
    )


def _events(history: TargetHistory, run: RunHistory, end: float) -> list[Event]:
    begins = run.first_seen if run.number > 1 else 0.0
    later = [other.first_seen for other in history.runs if other.number > run.number]
    until = min(chain(later, (float("inf"),)))
    return [event for event in history.events if begins <= event.at < until]

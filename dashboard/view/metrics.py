"""Screen 2: every metric and submetric, and one metric opened."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from dashboard.model.derive import INTERVAL_MEAN, INTERVAL_RATE, INTERVAL_SHARE
from dashboard.model.event import Event
from dashboard.model.history import TargetHistory
from dashboard.model.metric import MetricType, split_name, submetric
from dashboard.model.origin import Origin
from dashboard.model.run_history import RunHistory
from dashboard.model.run_numbers import CHECKS, ELAPSED, TAINTED, MetricInfo
from dashboard.model.window import interval
from dashboard.view.baseline import find_ghost
from dashboard.view.chart import Kind, Line, PlotSpec, Role, Unit
from dashboard.view.frame import ChartFrame, MetricFrame, MetricRow, MetricsFrame, Number
from dashboard.view.header import selected_run
from dashboard.view.lazy import LazyRows
from dashboard.view.levels import DRAWN_OF_TREND, levels
from dashboard.view.lines import Span, bar_width, bars, bars_end, line, marks, moment, time_span, x_labels
from dashboard.view.run_charts import trend_lines
from dashboard.view.selection import MetricSort, Selection
from dashboard.view.units import kind_of, unit_of

if TYPE_CHECKING:
    from dashboard.view.ghost import Ghost

SPARK_BARS = 32

_INTERVAL = {
    MetricType.COUNTER: INTERVAL_RATE,
    MetricType.TREND: INTERVAL_MEAN,
    MetricType.RATE: INTERVAL_SHARE,
    MetricType.GAUGE: "value",
}
_VALUE = {
    MetricType.COUNTER: "count",
    MetricType.TREND: "avg",
    MetricType.RATE: "rate",
    MetricType.GAUGE: "value",
}
_DRAWN = {
    MetricType.COUNTER: frozenset({"rate"}),
    MetricType.TREND: DRAWN_OF_TREND | {"min", "max"},
    MetricType.RATE: frozenset({"rate"}),
    MetricType.GAUGE: frozenset({"value"}),
}
"""The statistics of which a threshold is a level of the chart."""
_STATISTICS = ("avg", "min", "med", "p(90)", "p(95)", "p(99)", "max", "count", "rate", "passes", "fails", "value")
"""The order in which k6's statistics are listed, and then those of an interval; others follow by name."""


def build_metrics(history: TargetHistory, selection: Selection, now: float) -> MetricsFrame:
    """Screen 2 at ``now``: filtered and sorted, submetrics under their parents where sorted by name."""
    run = selected_run(history, selection)
    at = moment(run, selection)
    known = tuple(run.known(selection.cursor))
    names = [name for name in known if matches(name, selection.filter)] if selection.filter.strip() else list(known)
    _sort(run, names, selection, at)
    span = time_span(run, selection, now)
    end, width = bars_end(run, selection, now), bar_width(span)
    poisoned = run.poisoned_at(selection.cursor)
    parents = frozenset(names) if selection.sort is MetricSort.NAME else frozenset[str]()

    def make(name: str) -> MetricRow:
        return _row(run, name, at, end, width, is_nested=split_name(name)[0] in parents, is_poisoned=name in poisoned)

    keys = tuple(names)
    rows = LazyRows(keys, make, (run, at, end, width, poisoned, bool(parents)))
    return MetricsFrame(rows, len(keys), len(known))


def _sort(run: RunHistory, names: list[str], selection: Selection, at: float | None) -> None:
    """Bring ``names`` into the order wished for; those without a value come last in any order."""
    sort, down = selection.sort, selection.descending
    # A submetric stays below its parent either way.
    names.sort(key=lambda name: split_name(name)[1])
    names.sort(key=lambda name: split_name(name)[0], reverse=down and sort is MetricSort.NAME)
    if sort is MetricSort.TYPE:
        names.sort(key=lambda name: run.metrics[name].type, reverse=down)
    elif sort is not MetricSort.NAME:
        look = None if at is None else run.look(at)
        values = {name: look and look(name, _sort_statistic(run, name, sort)) for name in names}

        def order(name: str) -> float:
            value = values[name]
            return -math.inf if value is None else value

        names.sort(key=order, reverse=down)
        names.sort(key=lambda name: values[name] is None)


def _sort_statistic(run: RunHistory, name: str, sort: MetricSort) -> str:
    """The statistic of a metric that a column shows; an empty name where the column shows none."""
    kind = run.metrics[name].type
    match sort:
        case MetricSort.INTERVAL:
            return _INTERVAL[kind]
        case MetricSort.VALUE:
            return _VALUE[kind]
        case MetricSort.TAINTED:
            return TAINTED
        case _:
            return sort.value if kind is MetricType.TREND else ""


def matches(name: str, wanted: str) -> bool:
    """Whether ``name`` passes the filter: it holds the text in any case; after ``!``, it does not."""
    text = wanted.strip().casefold()
    if text.startswith("!"):
        return not text[1:] or text[1:] not in name.casefold()
    return text in name.casefold()


def _row(
    run: RunHistory, name: str, at: float | None, end: float, width: float, *, is_nested: bool, is_poisoned: bool
) -> MetricRow:
    info = run.metrics[name]
    tags = split_name(name)[1]
    nested = is_nested and bool(tags)
    interval, value = _INTERVAL[info.type], _VALUE[info.type]
    lookup = None if at is None else run.look(at)

    def look(statistic: str) -> float | None:
        return None if lookup is None else lookup(name, statistic)

    drawn = interval if run.has(name, interval, at) else value
    tainted = look(TAINTED)
    of_trend = ("med", "p(90)", "p(95)", "max") if info.type is MetricType.TREND else ("", "", "", "")
    med, p90, p95, most = (look(statistic) for statistic in of_trend)
    extract = run.extract(name, drawn, end - SPARK_BARS * width, end, SPARK_BARS)
    return MetricRow(
        name=name,
        label=f"{{{tags}}}" if nested else name,
        depth=int(nested),
        type=info.type,
        interval=Number(look(interval), unit_of(info, interval), kind_of(run, name, interval, at)),
        value=Number(look(value), unit_of(info, value), kind_of(run, name, value, at)),
        statistics=(med, p90, p95, most),
        unit=unit_of(info, value),
        spark=bars(extract, end, width, SPARK_BARS, run.gaps),
        tainted=None if tainted is None else tainted == 1.0,
        is_poisoned=is_poisoned,
    )


def build_metric(history: TargetHistory, selection: Selection, now: float) -> MetricFrame:
    """The metric that the selection names, with its chart and every statistic of it."""
    run = selected_run(history, selection)
    name = selection.metric or ""
    info = run.metrics.get(name)
    span = time_span(run, selection, now)
    at = moment(run, selection)
    if info is None or (selection.cursor is not None and info.since > selection.cursor):
        spec = PlotSpec((), span.start, span.end, Unit.NUMBER, x_labels=x_labels(span), empty="k6 has not given it yet")
        return MetricFrame(name, None, "", ChartFrame("metric", name, spec, name), (), "")
    ghost = find_ghost(selection.baseline, run, span)
    statistics = _statistics(run, name, info, at)
    return MetricFrame(
        name=name,
        type=info.type,
        subtitle=_subtitle(run, name, info, at),
        chart=_chart(run, name, info, history.events, span, selection.cursor, ghost),
        statistics=statistics,
        explanation=_explanation(run, name, info, selection.cursor),
        compared=None if ghost is None else tuple(ghost.beside(number, name, key, at) for key, number in statistics),
    )


def _subtitle(run: RunHistory, name: str, info: MetricInfo, at: float | None) -> str:
    words = [str(info.type)]
    if info.contains != "default":
        words.append(f"contains {info.contains}")
    if split_name(name)[1]:
        words.append("submetric")
    tainted = None if at is None else run.value(name, TAINTED, at)
    if tainted is not None:
        words.append("a threshold on it is crossed" if tainted else "its thresholds hold")
    if name in run.poisoned_at(at):
        words.append("poisoned by an infinite sample")
    return ", ".join(words)


def _chart(
    run: RunHistory,
    name: str,
    info: MetricInfo,
    events: Iterable[Event],
    span: Span,
    at: float | None,
    ghost: Ghost | None,
) -> ChartFrame:
    unit = unit_of(info, _VALUE[info.type])
    lines: tuple[Line, ...]
    match info.type:
        case MetricType.TREND:
            lines = trend_lines(run, name, span, at)
        case MetricType.COUNTER:
            unit = unit_of(info, INTERVAL_RATE)
            rate_kind = kind_of(run, name, INTERVAL_RATE, at)
            lines = (line(run, name, INTERVAL_RATE, span, label="rate", role=Role.RATE, kind=rate_kind),)
        case MetricType.RATE:
            lines = (line(run, name, "rate", span, label="rate", role=Role.VALUE, kind=Kind.CUMULATIVE),)
            if run.has_share(name, at):
                kind = kind_of(run, name, INTERVAL_SHARE, at)
                lines += (line(run, name, INTERVAL_SHARE, span, label="share", role=Role.RATE, kind=kind),)
        case MetricType.GAUGE:
            lines = (line(run, name, "value", span, label="value", role=Role.VALUE, kind=Kind.NOW),)
    drawn, said = (lines, "") if ghost is None else ghost.behind(lines)
    spec = PlotSpec(
        drawn,
        span.start,
        span.end,
        unit,
        x_labels=x_labels(span),
        marks=marks(events, span),
        levels=levels(run, name, _DRAWN[info.type], of_intervals=run.has(name, interval("p(95)"), at)),
        empty="no sample yet",
        ghost=said,
    )
    return ChartFrame("metric", name, spec, name)


def _statistics(run: RunHistory, name: str, info: MetricInfo, at: float | None) -> tuple[tuple[str, Number], ...]:
    if at is None:
        return ()
    known = [statistic for statistic in run.statistics(name) if statistic != TAINTED and run.has(name, statistic, at)]
    listed = (*_STATISTICS, INTERVAL_MEAN, *(interval(statistic) for statistic in _STATISTICS))
    order = {statistic: index for index, statistic in enumerate(listed)}
    known.sort(key=lambda statistic: (order.get(statistic, len(order)), statistic))
    rows: list[tuple[str, Number]] = []
    for statistic in known:
        value = run.value(name, statistic, at)
        if statistic == "rate" and info.type is MetricType.COUNTER:
            value = _cumulative_rate(run, name, at)
        rows.append((statistic, Number(value, unit_of(info, statistic), kind_of(run, name, statistic, at))))
    return tuple(rows)


def _cumulative_rate(run: RunHistory, name: str, at: float) -> float | None:
    """A counter's mean rate over the run: its count by k6's clock, which stands still once the run is over.

    k6's own ``rate`` goes on falling while it lingers after an interrupted run.
    """
    count, elapsed = run.value(name, "count", at), run.value(*ELAPSED, at)
    return count / elapsed if count is not None and elapsed else None


def _explanation(run: RunHistory, name: str, info: MetricInfo, at: float | None) -> str:
    if run.origin.is_file:
        return _explanation_of_file(run.origin, info.type)
    match info.type:
        case MetricType.TREND if run.has(name, interval("p(95)"), at):
            return (
                "The interval percentiles are exact, from k6's event stream, which rounds to five digits. The others "
                "are cumulative."
            )
        case MetricType.TREND if run.has(name, INTERVAL_MEAN, at):
            if kind_of(run, name, INTERVAL_MEAN, at) is Kind.ESTIMATED:
                return "Percentiles are cumulative. The interval mean is an estimate: metrics were read one by one."
            return "Percentiles are cumulative: k6's API has no others. The interval mean is exact."
        case MetricType.TREND:
            return "Everything here is cumulative: k6 gives no count of its samples, so no interval mean can be had."
        case MetricType.COUNTER:
            return "The interval rate is exact, on k6's own clock, which stands still while the test is paused."
        case MetricType.RATE if run.windows.has(name, INTERVAL_SHARE, at):
            return "The interval share is exact: k6's event stream gives it for each period, to five digits."
        case MetricType.RATE if name == CHECKS and run.has_share(name, at):
            return (
                "The interval share is exact: it is counted between two looks at k6's groups, which are further apart "
                "than those at the metrics, and stands until the next."
            )
        case MetricType.RATE if name == CHECKS:
            return (
                "Cumulative only: a rate comes without a count. Its recent share can be had from k6's groups, which "
                "are asked for once screen 3 has been opened."
            )
        case MetricType.RATE if run.has_share(name, at):
            return "The interval share is exact: http_reqs counts its samples."
        case MetricType.RATE:
            tags = split_name(name)[1]
            counter = submetric("http_reqs", tags) if name.startswith("http_req_failed") else ""
            missing = f" ({counter} would tell)" if counter else ""
            return f"Cumulative only: a rate comes without a count{missing}, so its recent share cannot be had."
        case MetricType.GAUGE:
            return "The value of this moment."


def _explanation_of_file(origin: Origin, metric_type: MetricType) -> str:
    """What can be known of a metric that k6 wrote into a file."""
    match metric_type, origin:
        case MetricType.GAUGE, _:
            return "The value of this moment."
        case MetricType.COUNTER, _:
            return (
                "The interval rate is exact; that of the whole run is an estimate: k6's own clock is not in the file."
            )
        case _, Origin.DASHBOARD:
            return (
                "From k6's web dashboard, which rounds to five digits: interval statistics are of each period alone, "
                "the others cumulative."
            )
        case MetricType.RATE, _:
            return "The interval share is exact: every sample is counted."
        case _:
            return "Interval statistics are exact, from every sample of the last second. The others are cumulative."

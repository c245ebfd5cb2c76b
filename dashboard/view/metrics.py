"""Screen 2: every metric and submetric, and one metric opened."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from dashboard.model.derive import INTERVAL_MEAN, INTERVAL_RATE, INTERVAL_SHARE
from dashboard.model.event import Event
from dashboard.model.history import ELAPSED, TAINTED, MetricInfo, RunHistory, TargetHistory
from dashboard.model.metric import MetricType, split_name, submetric
from dashboard.view.chart import Kind, Line, PlotSpec, Role, Unit
from dashboard.view.frame import ChartFrame, MetricFrame, MetricRow, MetricsFrame, Number
from dashboard.view.header import selected_run
from dashboard.view.lines import Span, bars, line, marks, moment, time_span
from dashboard.view.overview import kind_of, trend_lines, x_labels
from dashboard.view.selection import MetricSort, Selection
from dashboard.view.units import unit_of

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
_STATISTICS = ("avg", "min", "med", "p(90)", "p(95)", "p(99)", "max", "count", "rate", "value")
"""The order in which k6's statistics are listed; others follow by name."""


def build_metrics(history: TargetHistory, selection: Selection, now: float) -> MetricsFrame:
    """Screen 2 at ``now``: filtered and sorted, submetrics under their parents where sorted by name."""
    run = selected_run(history, selection)
    at = moment(run, selection)
    names = [name for name in run.metrics if matches(name, selection.filter)]
    span = time_span(run, selection, now)
    rows = [_row(run, name, at, span, indent=selection.sort is MetricSort.NAME) for name in names]
    rows.sort(key=_ORDERS[selection.sort], reverse=selection.descending)
    if selection.sort not in (MetricSort.NAME, MetricSort.TYPE):
        rows.sort(key=lambda row: _sort_value(row, selection.sort) is None)
    return MetricsFrame(tuple(rows), len(rows), len(run.metrics))


def matches(name: str, wanted: str) -> bool:
    """Whether ``name`` passes the filter: it holds the text in any case; after ``!``, it does not."""
    text = wanted.strip().casefold()
    if text.startswith("!"):
        return not text[1:] or text[1:] not in name.casefold()
    return text in name.casefold()


def _name_order(row: MetricRow) -> tuple[str, str]:
    return split_name(row.name)


def _sort_value(row: MetricRow, sort: MetricSort) -> float | None:
    match sort:
        case MetricSort.INTERVAL:
            return row.interval.value
        case MetricSort.VALUE:
            return row.value.value
        case MetricSort.MED:
            return row.statistics[0]
        case MetricSort.P90:
            return row.statistics[1]
        case MetricSort.P95:
            return row.statistics[2]
        case MetricSort.MAX:
            return row.statistics[3]
        case MetricSort.TAINTED:
            return None if row.tainted is None else float(row.tainted)
        case MetricSort.NAME | MetricSort.TYPE:
            return None


def _by(sort: MetricSort) -> Callable[[MetricRow], tuple[float, tuple[str, str]]]:
    def order(row: MetricRow) -> tuple[float, tuple[str, str]]:
        value = _sort_value(row, sort)
        return (-math.inf if value is None else value, _name_order(row))

    return order


_ORDERS: dict[MetricSort, Callable[[MetricRow], tuple[object, ...]]] = {
    MetricSort.NAME: _name_order,
    MetricSort.TYPE: lambda row: (row.type, *_name_order(row)),
    **{sort: _by(sort) for sort in MetricSort if sort not in (MetricSort.NAME, MetricSort.TYPE)},
}


def _row(run: RunHistory, name: str, at: float | None, span: Span, *, indent: bool) -> MetricRow:
    info = run.metrics[name]
    parent, tags = split_name(name)
    interval, value = _INTERVAL[info.type], _VALUE[info.type]
    nested = indent and bool(tags) and parent in run.metrics

    def look(statistic: str) -> float | None:
        return None if at is None else run.value(name, statistic, at)

    is_trend = info.type is MetricType.TREND
    drawn = interval if (name, interval) in run.table else value
    width = max(1.0, span.window / 300)
    extract = run.extract(name, drawn, span.until - SPARK_BARS * width, span.until, SPARK_BARS)
    tainted = look(TAINTED)
    return MetricRow(
        name=name,
        label=f"{{{tags}}}" if nested else name,
        depth=int(nested),
        type=info.type,
        interval=Number(look(interval), unit_of(info, interval), kind_of(run, name, interval)),
        value=Number(look(value), unit_of(info, value), kind_of(run, name, value)),
        statistics=(look("med"), look("p(90)"), look("p(95)"), look("max")) if is_trend else (None,) * 4,
        unit=unit_of(info, value),
        spark=bars(extract, span.until, width, SPARK_BARS, run.gaps),
        tainted=None if tainted is None else tainted == 1.0,
        is_poisoned=name in run.poisoned,
    )


def build_metric(history: TargetHistory, selection: Selection, now: float) -> MetricFrame:
    """The metric that the selection names, with its chart and every statistic of it."""
    run = selected_run(history, selection)
    name = selection.metric or ""
    info = run.metrics.get(name)
    span = time_span(run, selection, now)
    at = moment(run, selection)
    if info is None:
        spec = PlotSpec((), span.start, span.end, Unit.NUMBER, x_labels=x_labels(span), empty="k6 has not given it yet")
        return MetricFrame(name, None, "", ChartFrame("metric", name, spec, name), (), "")
    return MetricFrame(
        name=name,
        type=info.type,
        subtitle=_subtitle(run, name, info, at),
        chart=_chart(run, name, info, history.events, span),
        statistics=_statistics(run, name, info, at),
        explanation=_explanation(run, name, info),
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
    if name in run.poisoned:
        words.append("poisoned by an infinite sample")
    return ", ".join(words)


def _chart(run: RunHistory, name: str, info: MetricInfo, events: Iterable[Event], span: Span) -> ChartFrame:
    unit = unit_of(info, _VALUE[info.type])
    lines: tuple[Line, ...]
    match info.type:
        case MetricType.TREND:
            lines = trend_lines(run, name, span)
        case MetricType.COUNTER:
            unit = unit_of(info, INTERVAL_RATE)
            rate_kind = kind_of(run, name, INTERVAL_RATE)
            lines = (line(run, name, INTERVAL_RATE, span, label="rate", role=Role.RATE, kind=rate_kind),)
        case MetricType.RATE:
            lines = (line(run, name, "rate", span, label="rate", role=Role.VALUE, kind=Kind.CUMULATIVE),)
            if (name, INTERVAL_SHARE) in run.table:
                kind = kind_of(run, name, INTERVAL_SHARE)
                lines += (line(run, name, INTERVAL_SHARE, span, label="share", role=Role.RATE, kind=kind),)
        case MetricType.GAUGE:
            lines = (line(run, name, "value", span, label="value", role=Role.VALUE, kind=Kind.NOW),)
    spec = PlotSpec(
        lines,
        span.start,
        span.end,
        unit,
        x_labels=x_labels(span),
        marks=marks(events, span),
        empty="no sample yet",
    )
    return ChartFrame("metric", name, spec, name)


def _statistics(run: RunHistory, name: str, info: MetricInfo, at: float | None) -> tuple[tuple[str, Number], ...]:
    if at is None:
        return ()
    known = [statistic for metric, statistic in run.table.keys if metric == name and statistic != TAINTED]
    order = {statistic: index for index, statistic in enumerate(_STATISTICS)}
    known.sort(key=lambda statistic: (order.get(statistic, len(order)), statistic))
    rows: list[tuple[str, Number]] = []
    for statistic in known:
        value = run.value(name, statistic, at)
        if statistic == "rate" and info.type is MetricType.COUNTER:
            value = _cumulative_rate(run, name, at)
        rows.append((statistic, Number(value, unit_of(info, statistic), kind_of(run, name, statistic))))
    return tuple(rows)


def _cumulative_rate(run: RunHistory, name: str, at: float) -> float | None:
    """A counter's mean rate over the run: its count by k6's clock, which stands still once the run is over.

    k6's own ``rate`` goes on falling while it lingers after an interrupted run.
    """
    count, elapsed = run.value(name, "count", at), run.value(*ELAPSED, at)
    return count / elapsed if count is not None and elapsed else None


def _explanation(run: RunHistory, name: str, info: MetricInfo) -> str:
    match info.type:
        case MetricType.TREND if (name, INTERVAL_MEAN) in run.table:
            if kind_of(run, name, INTERVAL_MEAN) is Kind.ESTIMATED:
                return "Percentiles are cumulative. The interval mean is an estimate: metrics were read one by one."
            return "Percentiles are cumulative: k6's API has no others. The interval mean is exact."
        case MetricType.TREND:
            return "Everything here is cumulative: k6 gives no count of its samples, so no interval mean can be had."
        case MetricType.COUNTER:
            return "The interval rate is exact, on k6's own clock, which stands still while the test is paused."
        case MetricType.RATE if (name, INTERVAL_SHARE) in run.table:
            return "The interval share is exact: http_reqs counts its samples."
        case MetricType.RATE:
            tags = split_name(name)[1]
            counter = submetric("http_reqs", tags) if name.startswith("http_req_failed") else ""
            missing = f" ({counter} would tell)" if counter else ""
            return f"Cumulative only: a rate comes without a count{missing}, so its recent share cannot be had."
        case MetricType.GAUGE:
            return "The value of this moment."

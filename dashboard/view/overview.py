"""Screen 1: the run at a glance."""

from __future__ import annotations

from dashboard.model.derive import INTERVAL_MEAN
from dashboard.model.history import TargetHistory
from dashboard.model.metric import MetricType
from dashboard.model.run_history import RunHistory
from dashboard.view.baseline import find_ghost
from dashboard.view.format import quantity
from dashboard.view.frame import OverviewFrame, Phase, ThresholdRow
from dashboard.view.header import selected_run
from dashboard.view.lines import bar_width, bars_end, moment, time_span
from dashboard.view.run_charts import build_charts
from dashboard.view.selection import Selection
from dashboard.view.tiles import Tiles
from dashboard.view.units import unit_of
from dashboard.view.waiting import waiting_text

PHASES = ("blocked", "connecting", "tls_handshaking", "sending", "waiting", "receiving")


def build_overview(history: TargetHistory, selection: Selection, now: float) -> OverviewFrame:
    """Screen 1 at ``now``."""
    run = selected_run(history, selection)
    at = moment(run, selection)
    span = time_span(run, selection, now)
    ghost = find_ghost(selection.baseline, run, span)
    end, width = bars_end(run, selection, now), bar_width(span)
    return OverviewFrame(
        tiles=tuple(Tiles(run, at, end, width, selection.cursor is None, ghost).build()),
        charts=build_charts(run, history.events, span, selection.cursor, ghost),
        phases=_phases(run, at),
        thresholds=_thresholds(run, at, selection.cursor),
        waiting=waiting_text(history, run),
    )


def _phases(run: RunHistory, at: float | None) -> tuple[Phase, ...]:
    if at is None:
        return ()
    return tuple(
        Phase(
            phase.replace("_handshaking", ""),
            f"http_req_{phase}",
            run.value(f"http_req_{phase}", INTERVAL_MEAN, at),
            run.value(f"http_req_{phase}", "avg", at),
        )
        for phase in PHASES
        if run.has(f"http_req_{phase}", "avg", at)
    )


def _thresholds(run: RunHistory, at: float | None, cursor: float | None) -> tuple[ThresholdRow, ...]:
    """The expressions of the plan; of metrics whose expressions are not known, k6's verdict on the metric."""
    if at is None:
        return ()
    rows: list[ThresholdRow] = []
    if run.thresholds is not None:
        from dashboard.view.thresholds import threshold_rows

        rows += threshold_rows(run, cursor)
    told = {row.metric for row in rows}
    tainted = run.tainted(at)
    rows += [
        ThresholdRow(name, name in tainted, _figure(run, name, at))
        for name in run.with_threshold(at)
        if name not in told
    ]
    return tuple(sorted(rows, key=lambda row: (not row.is_crossed, row.metric)))


def _figure(run: RunHistory, name: str, at: float) -> str:
    """The figure of a metric that a threshold is most often about."""
    info = run.metrics[name]
    match info.type:
        case MetricType.TREND:
            statistic = "p(95)"
        case MetricType.RATE:
            statistic = "rate"
        case MetricType.COUNTER:
            statistic = "count"
        case MetricType.GAUGE:
            statistic = "value"
    return f"{statistic} {quantity(run.value(name, statistic, at), unit_of(info, statistic))}"

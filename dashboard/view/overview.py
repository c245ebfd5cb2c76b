"""Screen 1: the run at a glance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dashboard.model.derive import INTERVAL_MEAN, INTERVAL_RATE, INTERVAL_SHARE
from dashboard.model.event import Event
from dashboard.model.history import TargetHistory
from dashboard.model.metric import MetricType
from dashboard.model.run_history import RunHistory
from dashboard.model.run_numbers import CHECKS, ELAPSED
from dashboard.model.status_history import VUS, VUS_MAX
from dashboard.model.window import interval
from dashboard.quick import dataclass
from dashboard.view.baseline import Baseline
from dashboard.view.chart import Kind, Level, Line, PlotSpec, Role, Unit
from dashboard.view.format import clock_time, quantity
from dashboard.view.frame import ChartFrame, Number, OverviewFrame, Phase, ThresholdRow, Tile, Tone
from dashboard.view.header import selected_run
from dashboard.view.levels import DRAWN_OF_TREND, levels
from dashboard.view.lines import Span, bar_width, bars, bars_end, line, marks, moment, time_span
from dashboard.view.planned import planned_vus_lines
from dashboard.view.selection import Selection
from dashboard.view.units import kind_of, unit_of
from dashboard.view.waiting import waiting_text

if TYPE_CHECKING:
    from dashboard.view.ghost import Ghost

SPARK_BARS = 64
"""Bars prepared for a sparkline; the widget draws as many as it has room for."""

PHASES = ("blocked", "connecting", "tls_handshaking", "sending", "waiting", "receiving")

_MAIN_TRENDS = (
    "http_req_duration",
    "grpc_req_duration",
    "browser_http_req_duration",
    "ws_session_duration",
    "iteration_duration",
)


_TREND_TITLES = {
    "http_req_duration": "Duration",
    "grpc_req_duration": "gRPC",
    "browser_http_req_duration": "Browser",
    "ws_session_duration": "Session",
    "iteration_duration": "Iteration",
}


@dataclass(frozen=True, slots=True)
class Protocol:
    """A chart that appears with the first of its metrics."""

    id: str
    title: str
    lines: tuple[tuple[str, str, str, Role, Kind], ...]
    """Metric, statistic, label, role, kind."""
    unit: Unit


def _cumulative(metric: str, label: str, role: Role, statistic: str = "p(95)") -> tuple[str, str, str, Role, Kind]:
    return metric, statistic, label, role, Kind.CUMULATIVE


def _interval(metric: str, label: str, role: Role) -> tuple[str, str, str, Role, Kind]:
    return metric, INTERVAL_RATE, label, role, Kind.INTERVAL


PROTOCOLS = (
    Protocol(
        "grpc",
        "gRPC request duration",
        (
            _cumulative("grpc_req_duration", "med", Role.MED, "med"),
            _cumulative("grpc_req_duration", "p(90)", Role.P90, "p(90)"),
            _cumulative("grpc_req_duration", "p(95)", Role.P95),
        ),
        Unit.MILLISECONDS,
    ),
    Protocol(
        "grpc_streams",
        "gRPC streams",
        (
            _interval("grpc_streams", "streams", Role.RATE),
            _interval("grpc_streams_msgs_sent", "sent", Role.SENT),
            _interval("grpc_streams_msgs_received", "received", Role.RECEIVED),
        ),
        Unit.PER_SECOND,
    ),
    Protocol(
        "ws",
        "WebSocket messages",
        (
            _interval("ws_sessions", "sessions", Role.RATE),
            _interval("ws_msgs_sent", "sent", Role.SENT),
            _interval("ws_msgs_received", "received", Role.RECEIVED),
        ),
        Unit.PER_SECOND,
    ),
    Protocol(
        "ws_durations",
        "WebSocket p(95)",
        (
            _cumulative("ws_connecting", "connecting", Role.MED),
            _cumulative("ws_ping", "ping", Role.P90),
            _cumulative("ws_session_duration", "session", Role.P95),
        ),
        Unit.MILLISECONDS,
    ),
    Protocol(
        "vitals",
        "Web vitals p(95)",
        (
            _cumulative("browser_web_vital_ttfb", "TTFB", Role.MIN),
            _cumulative("browser_web_vital_fcp", "FCP", Role.MED),
            _cumulative("browser_web_vital_inp", "INP", Role.P90),
            _cumulative("browser_web_vital_fid", "FID", Role.AVG),
            _cumulative("browser_web_vital_lcp", "LCP", Role.P95),
        ),
        Unit.MILLISECONDS,
    ),
    Protocol(
        "layout_shift",
        "Layout shift p(95)",
        (_cumulative("browser_web_vital_cls", "CLS", Role.P95),),
        Unit.NUMBER,
    ),
    Protocol(
        "browser_http",
        "Browser request duration",
        (
            _cumulative("browser_http_req_duration", "med", Role.MED, "med"),
            _cumulative("browser_http_req_duration", "p(90)", Role.P90, "p(90)"),
            _cumulative("browser_http_req_duration", "p(95)", Role.P95),
        ),
        Unit.MILLISECONDS,
    ),
)


def build_overview(history: TargetHistory, selection: Selection, now: float) -> OverviewFrame:
    """Screen 1 at ``now``."""
    run = selected_run(history, selection)
    at = moment(run, selection)
    span = time_span(run, selection, now)
    ghost = find_ghost(selection.baseline, run, span)
    end, width = bars_end(run, selection, now), bar_width(span)
    return OverviewFrame(
        tiles=tuple(_Tiles(run, at, end, width, selection.cursor is None, ghost).build()),
        charts=build_charts(run, history.events, span, selection.cursor, ghost),
        phases=_phases(run, at),
        thresholds=_thresholds(run, at, selection.cursor),
        waiting=waiting_text(history, run),
    )


def find_ghost(baseline: Baseline | None, run: RunHistory, span: Span) -> Ghost | None:
    """The baseline at the moments of the run shown; what it takes is loaded for who has one."""
    if baseline is None:
        return None
    from dashboard.view.ghost import Ghost

    return Ghost(baseline, run, span)


class _Tiles:
    """Builds the tiles of one moment."""

    def __init__(
        self, run: RunHistory, at: float | None, end: float, width: float, follows: bool, ghost: Ghost | None
    ) -> None:
        self._run = run
        self._at = at
        self._end = end
        self._width = width
        self._follows = follows
        self._ghost = ghost

    def build(self) -> list[Tile]:
        """All tiles, in the order in which they are read."""
        run = self._run
        tainted = set(run.tainted(self._at))
        trend = main_trend(run, self._at)
        of_what = _TREND_TITLES[trend]
        return [
            self._rate("Requests", "http_reqs", Role.RATE),
            self._tile(
                f"{of_what}, mean",
                trend,
                INTERVAL_MEAN if run.has(trend, INTERVAL_MEAN, self._at) else "avg",
                Role.AVG,
                (("avg", self._number(trend, "avg")), ("med", self._number(trend, "med"))),
            ),
            self._percentile(f"{of_what}, p(95)", trend, tone=Tone.BAD if trend in tainted else Tone.PLAIN),
            self._share("Failed", "http_req_failed", Role.FAILED, tainted, bad_above_zero=True),
            self._rate("Iterations", "iterations", Role.RATE),
            self._share("Checks", CHECKS, Role.PASSED, tainted, bad_above_zero=False),
            self._traffic(),
            self._vus(),
        ]

    def _number(self, name: str, statistic: str) -> Number:
        info = self._run.metrics.get(name)
        if info is None or self._at is None or info.since > self._at:
            # Of what is not there nothing is claimed, not even its kind.
            return Number(None, Unit.NUMBER, Kind.NOW)
        value = self._run.value(name, statistic, self._at)
        if not value and self._run.value(*ELAPSED, self._at) is None:
            # k6 lists what has a threshold before anything was counted, with zeros that measure nothing.
            return Number(None, unit_of(info, statistic), Kind.NOW)
        return Number(value, unit_of(info, statistic), kind_of(self._run, name, statistic, self._at))

    def _change(self, number: Number, name: str, statistic: str) -> str:
        return "" if self._ghost is None else self._ghost.beside(number, name, statistic, self._at)[1]

    def _bars(self, name: str, statistic: str) -> tuple[float, ...]:
        extract = self._run.extract(name, statistic, self._end - SPARK_BARS * self._width, self._end, SPARK_BARS)
        return bars(extract, self._end, self._width, SPARK_BARS, self._run.gaps)

    def _tile(
        self,
        title: str,
        name: str,
        statistic: str,
        role: Role,
        notes: tuple[tuple[str, Number], ...],
        tone: Tone = Tone.PLAIN,
    ) -> Tile:
        number = self._number(name, statistic)
        change = self._change(number, name, statistic)
        return Tile(title, number, notes, self._bars(name, statistic), role, tone, name, change)

    def _percentile(self, title: str, trend: str, tone: Tone) -> Tile:
        """The p(95) of the last period where k6's event stream gives it, else that of the whole run."""
        of_period = interval("p(95)")
        if self._run.has(trend, of_period, self._at):
            notes = (("p(99)", self._number(trend, interval("p(99)"))), ("all", self._number(trend, "p(95)")))
            return self._tile(title, trend, of_period, Role.P95, notes, tone)
        notes = (("p(90)", self._number(trend, "p(90)")), ("max", self._number(trend, "max")))
        return self._tile(title, trend, "p(95)", Role.P95, notes, tone)

    def _rate(self, title: str, name: str, role: Role) -> Tile:
        return self._tile(title, name, INTERVAL_RATE, role, (("total", self._number(name, "count")),))

    def _share(self, title: str, name: str, role: Role, tainted: set[str], *, bad_above_zero: bool) -> Tile:
        """A rate: its share in the last interval where that can be had, else its share since the start."""
        cumulative = self._number(name, "rate")
        statistic = INTERVAL_SHARE if self._run.has_share(name, self._at) else "rate"
        number = self._number(name, statistic)
        if name == CHECKS and number.value is None:
            # The groups, of which its interval share is made, are not asked any more, or no check has been made.
            statistic, number = "rate", cumulative
        notes = (("all", cumulative),) if statistic == INTERVAL_SHARE else ()
        tone = Tone.PLAIN
        if name in tainted:
            tone = Tone.BAD
        elif number.value is not None:
            hurt = number.value > 0 if bad_above_zero else number.value < 1
            tone = Tone.WARN if hurt else Tone.GOOD
        return self._tile(title, name, statistic, role, notes, tone)

    def _traffic(self) -> Tile:
        notes = (("sent", self._number("data_sent", INTERVAL_RATE)),)
        return self._tile("Received", "data_received", INTERVAL_RATE, Role.RECEIVED, notes)

    def _vus(self) -> Tile:
        run, at = self._run, self._at
        status = run.status if self._follows else None
        vus = float(status.vus) if status and status.vus is not None else (run.value(*VUS, at) if at else None)
        most = (
            float(status.vus_max)
            if status and status.vus_max is not None
            else (run.value(*VUS_MAX, at) if at else None)
        )
        notes = (("max", Number(most, Unit.NUMBER, Kind.NOW)),)
        number = Number(vus, Unit.NUMBER, Kind.NOW)
        change = self._change(number, *VUS)
        return Tile("VUs", number, notes, self._bars(*VUS), Role.VUS, Tone.PLAIN, "vus", change)


def main_trend(run: RunHistory, at: float | None = None) -> str:
    """The trend that the first chart shows: HTTP's if there is one, else the first other that had appeared by then."""
    return next((name for name in _MAIN_TRENDS if run.has(name, "avg", at)), _MAIN_TRENDS[0])


_PERCENTILES = (("med", Role.MED), ("p(90)", Role.P90), ("p(95)", Role.P95), ("p(99)", Role.P99))


def trend_lines(run: RunHistory, name: str, span: Span, at: float | None = None) -> tuple[Line, ...]:
    """The percentile lines of a trend, and its interval mean; the last is drawn on top.

    The percentiles are those of each period where k6's event stream gives them, else cumulative ones: the API has no
    others.
    """
    of_periods = run.has(name, interval("p(95)"), at)
    chosen: list[Line] = []
    for statistic, role in _PERCENTILES:
        given, kind = (interval(statistic), Kind.INTERVAL) if of_periods else (statistic, Kind.CUMULATIVE)
        if run.has(name, given, at) or statistic != "p(99)":
            chosen.append(line(run, name, given, span, label=statistic, role=role, kind=kind))
    if run.has(name, INTERVAL_MEAN, at):
        kind = kind_of(run, name, INTERVAL_MEAN, at)
        chosen.append(line(run, name, INTERVAL_MEAN, span, label="mean", role=Role.AVG, kind=kind))
    return tuple(chosen)


def x_labels(span: Span) -> tuple[tuple[float, str], ...]:
    """Clock times along the axis."""
    seconds = span.window < 600
    return tuple(
        (at, clock_time(at) if seconds else clock_time(at)[:5])
        for at in (span.start + span.window * share for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    )


def build_charts(
    run: RunHistory, events: Iterable[Event], span: Span, at: float | None = None, ghost: Ghost | None = None
) -> tuple[ChartFrame, ...]:
    """The charts of the overview: durations, rates, and those of protocols that had appeared at a moment.

    Where the script's plan is known, its thresholds are levels and its VUs a line of their own.
    """
    marked = marks(events, span)
    ticks = x_labels(span)

    def spec(lines: tuple[Line, ...], unit: Unit, empty: str, levels: tuple[Level, ...] = ()) -> PlotSpec:
        drawn, said = (lines, "") if ghost is None else ghost.behind(lines)
        return PlotSpec(
            drawn,
            span.start,
            span.end,
            unit,
            x_labels=ticks,
            marks=marked,
            levels=levels,
            empty=empty,
            ghost=said,
        )

    trend = main_trend(run, at)
    iterates = run.has("iterations", "count", at) and not run.has("http_reqs", "count", at)
    counter = "iterations" if iterates else "http_reqs"
    rate_kind = kind_of(run, counter, INTERVAL_RATE, at)
    per_second = "req/s" if counter == "http_reqs" else "iter/s"
    charts = [
        ChartFrame(
            "durations",
            trend,
            spec(
                trend_lines(run, trend, span, at),
                Unit.MILLISECONDS,
                "no sample yet",
                levels(run, trend, DRAWN_OF_TREND, of_intervals=run.has(trend, interval("p(95)"), at)),
            ),
            trend,
        ),
        ChartFrame(
            "rates",
            f"{counter} and VUs",
            spec(
                (
                    *planned_vus_lines(run, span, at),
                    line(run, *VUS, span, label="VUs", role=Role.VUS, kind=Kind.NOW, right=True),
                    line(run, counter, INTERVAL_RATE, span, label=per_second, role=Role.RATE, kind=rate_kind),
                ),
                Unit.PER_SECOND,
                "no request yet",
            ),
            counter,
        ),
    ]
    for protocol in PROTOCOLS:
        present = [entry for entry in protocol.lines if run.has(entry[0], entry[1], at)]
        if not present or present[0][0] == trend:
            continue
        lines = tuple(
            line(run, name, statistic, span, label=label, role=role, kind=kind)
            for name, statistic, label, role, kind in present
        )
        charts.append(
            ChartFrame(protocol.id, protocol.title, spec(lines, protocol.unit, "no sample yet"), present[0][0])
        )
    return tuple(charts)


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

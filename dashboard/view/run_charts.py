"""The charts of a run: its durations, its rates, and those of the protocols that its script speaks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dashboard.model.derive import INTERVAL_MEAN, INTERVAL_RATE
from dashboard.model.event import Event
from dashboard.model.run_history import RunHistory
from dashboard.model.status_history import VUS
from dashboard.model.window import interval
from dashboard.quick import dataclass
from dashboard.view.chart import Kind, Level, Line, PlotSpec, Role, Unit
from dashboard.view.frame import ChartFrame
from dashboard.view.levels import DRAWN_OF_TREND, levels
from dashboard.view.lines import Span, line, marks, x_labels
from dashboard.view.planned import planned_vus_lines
from dashboard.view.units import kind_of

if TYPE_CHECKING:
    from dashboard.view.ghost import Ghost

MAIN_TRENDS = {
    "http_req_duration": "Duration",
    "grpc_req_duration": "gRPC",
    "browser_http_req_duration": "Browser",
    "ws_session_duration": "Session",
    "iteration_duration": "Iteration",
}
"""The trends that a run may be about, the first that is there before the others, and what each is called."""


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


def main_trend(run: RunHistory, at: float | None = None) -> str:
    """The trend that the first chart shows: HTTP's if there is one, else the first other that had appeared by then."""
    return next((name for name in MAIN_TRENDS if run.has(name, "avg", at)), next(iter(MAIN_TRENDS)))


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

"""The metrics of a run: which exist, which show, which are tainted, and which samples reach which submetrics.

The counterpart of k6's metrics registry and of its metrics engine (``internal/metrics/engine``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Final

from dashboard.quick import dataclass
from dashboard.simulation.sinks import CounterSink, GaugeSink, RateSink, Sink, TrendSink
from dashboard.simulation.thresholds import Threshold

BUILTIN_METRICS: Final[dict[str, tuple[str, str]]] = {
    "vus": ("gauge", "default"),
    "vus_max": ("gauge", "default"),
    "iterations": ("counter", "default"),
    "iteration_duration": ("trend", "time"),
    "dropped_iterations": ("counter", "default"),
    "checks": ("rate", "default"),
    "group_duration": ("trend", "time"),
    "http_reqs": ("counter", "default"),
    "http_req_failed": ("rate", "default"),
    "http_req_duration": ("trend", "time"),
    "http_req_blocked": ("trend", "time"),
    "http_req_connecting": ("trend", "time"),
    "http_req_tls_handshaking": ("trend", "time"),
    "http_req_sending": ("trend", "time"),
    "http_req_waiting": ("trend", "time"),
    "http_req_receiving": ("trend", "time"),
    "ws_sessions": ("counter", "default"),
    "ws_msgs_sent": ("counter", "default"),
    "ws_msgs_received": ("counter", "default"),
    "ws_ping": ("trend", "time"),
    "ws_session_duration": ("trend", "time"),
    "ws_connecting": ("trend", "time"),
    "grpc_req_duration": ("trend", "time"),
    "grpc_streams": ("counter", "default"),
    "grpc_streams_msgs_sent": ("counter", "default"),
    "grpc_streams_msgs_received": ("counter", "default"),
    "data_sent": ("counter", "data"),
    "data_received": ("counter", "data"),
    "browser_data_sent": ("counter", "data"),
    "browser_data_received": ("counter", "data"),
    "browser_http_req_duration": ("trend", "time"),
    "browser_http_req_failed": ("rate", "default"),
    "browser_web_vital_cls": ("trend", "default"),
    "browser_web_vital_fcp": ("trend", "time"),
    "browser_web_vital_fid": ("trend", "time"),
    "browser_web_vital_inp": ("trend", "time"),
    "browser_web_vital_lcp": ("trend", "time"),
    "browser_web_vital_ttfb": ("trend", "time"),
}
"""k6's own metrics: name to type and content (``metrics/builtin.go`` and the browser module)."""

_SINKS: Final[dict[str, Callable[[], Sink]]] = {
    "counter": CounterSink,
    "gauge": GaugeSink,
    "rate": RateSink,
    "trend": TrendSink,
}


@dataclass(slots=True)
class Metric:
    """A metric or submetric with its sink.

    Attributes:
        name: Its id in the REST API, for a submetric ``parent{tag:value}`` as the threshold wrote it.
        type: ``counter``, ``gauge``, ``rate`` or ``trend``.
        contains: ``default``, ``time`` or ``data``.
        raw: Where its samples are, as far as they have been counted.
        tags: What a sample must carry to reach it; empty for a metric itself.
        is_beside: Whether the event stream alone tells of it: the samples of one group.
        tainted: None until its thresholds have been evaluated.
        settle: Has all samples counted, its own but for those that are dealt to it.
        dealers: Each of them has some of those dealt.
        shown: Its document and the state of which it tells, so that it need not be written anew.
    """

    name: str
    type: str
    contains: str
    raw: Sink
    settle: Callable[[], None]
    tags: frozenset[tuple[str, str]] = frozenset()
    is_beside: bool = False
    dealers: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    thresholds: tuple[Threshold, ...] = ()
    tainted: bool | None = None
    shown: tuple[tuple[float, bool | None], str] | None = None
    submetrics: list[Metric] = field(default_factory=list["Metric"])

    @property
    def sink(self) -> Sink:
        """Where its samples are, all of them up to the present: for whoever reads."""
        self.settle()
        return self.dealt

    @property
    def dealt(self) -> Sink:
        """Where its samples are, as far as they have been counted, those included that are dealt to it."""
        for deal in self.dealers:
            deal()
        return self.raw


def split_name(name: str) -> tuple[str, dict[str, str]]:
    """``http_req_duration{status:200}`` as a name and tags, trimmed as by k6's ``AddSubmetric``.

    Raises:
        ValueError: the brackets or the tags are not well formed.
    """
    base, bracket, inside = name.partition("{")
    if not bracket:
        return base, {}
    if not inside.endswith("}"):
        raise ValueError("missing ending bracket, sub-metric format needs to be 'metric{key:value}'")
    tags: dict[str, str] = {}
    for pair in inside[:-1].split(","):
        key, _, value = pair.partition(":")
        if pair.strip():
            tags[key.strip().strip("\"'")] = value.strip().strip("\"'")
    if not tags:
        raise ValueError("submetric criteria for metric '" + base + "' cannot be empty")
    return base, tags


class Registry:
    """All metrics of one run. Only those observed are shown.

    Args:
        custom: The script's own metrics: name to type and content.
        by_group: Whether samples are told apart by their group too, for the event stream.
    """

    def __init__(self, custom: Mapping[str, tuple[str, str]], *, by_group: bool = False) -> None:
        self._custom = frozenset(custom)
        self._by_group = by_group
        self._beside: dict[str, Metric] = {}
        self._metrics: dict[str, Metric] = {}
        for name, (kind, contains) in {**BUILTIN_METRICS, **custom}.items():
            self._metrics[name] = Metric(name, kind, contains, _SINKS[kind](), self.settle)
        self._with_thresholds: list[Metric] = []
        self._observed: dict[str, Metric] = {}
        self._settlers: list[Callable[[], None]] = []
        self._crossed = 0

    @property
    def observed(self) -> Mapping[str, Metric]:
        """The metrics that show, by id, in no order that means anything."""
        self.settle()
        return self._observed

    def streamed(self) -> list[Metric]:
        """The metrics of which the event stream tells, sorted by name: those with samples, whole and by group."""
        found = [metric for metric in self._metrics.values() if not metric.sink.is_empty]
        found += [metric for metric in self._beside.values() if not metric.sink.is_empty]
        return sorted(found, key=lambda metric: metric.name)

    def is_custom(self, metric: Metric) -> bool:
        """Whether it is one of the script's own."""
        return split_name(metric.name)[0] in self._custom

    def __getitem__(self, name: str) -> Metric:
        return self._metrics[name]

    def before_reading(self, settle: Callable[[], None]) -> None:
        """Have something called before sinks are read."""
        self._settlers.append(settle)

    def before_reading_metric(self, name: str, deal: Callable[[], None]) -> None:
        """Have something called before the sinks of one metric and of its submetrics are read, after all else."""
        parent = self._metrics[name]
        beside = (metric for metric in self._beside.values() if metric.name.startswith(f"{name}{{"))
        for metric in (parent, *parent.submetrics, *beside):
            metric.dealers.append(deal)

    def settle(self) -> None:
        """Have counted what is known of all metrics."""
        for settle in self._settlers:
            settle()

    def add_thresholds(self, name: str, thresholds: tuple[Threshold, ...]) -> None:
        """Put thresholds on a metric or submetric, which then shows at once, and so does its parent."""
        metric = self.submetric(name)
        metric.thresholds = thresholds
        self._with_thresholds.append(metric)
        self._observed[metric.name] = metric
        base, _ = split_name(name)
        self._observed[base] = self._metrics[base]

    def submetric(self, name: str) -> Metric:
        """The metric of that name, made if it is a submetric not asked for before."""
        base, tags = split_name(name)
        parent = self._metrics[base]
        if not tags:
            return parent
        inside = name[name.index("{") + 1 : -1].strip()
        wanted = frozenset(tags.items())
        for known in parent.submetrics:
            if known.tags == wanted:
                return known
        made = Metric(f"{base}{{{inside}}}", parent.type, parent.contains, _SINKS[parent.type](), parent.settle, wanted)
        parent.submetrics.append(made)
        return made

    def reached_by(self, name: str, tags: Mapping[str, str]) -> tuple[Metric, ...]:
        """The metric and those of its submetrics that a sample with ``tags`` reaches."""
        parent = self._metrics[name]
        carried = frozenset(tags.items())
        reached = (parent, *(metric for metric in parent.submetrics if metric.tags <= carried))
        group = tags.get("group") if self._by_group else None
        return (*reached, self._of_group(parent, group)) if group else reached

    def _of_group(self, parent: Metric, group: str) -> Metric:
        name = f"{parent.name}{{group:{group}}}"
        if name not in self._beside:
            tags = frozenset({("group", group)})
            sink = _SINKS[parent.type]()
            made = Metric(name, parent.type, parent.contains, sink, parent.settle, tags, is_beside=True)
            self._beside[name] = made
        return self._beside[name]

    def observe(self, metrics: Iterable[Metric]) -> None:
        """Let metrics show from now on."""
        for metric in metrics:
            if not metric.is_beside:
                self._observed.setdefault(metric.name, metric)

    def record(self, name: str, value: float, tags: Mapping[str, str]) -> None:
        """Take in one sample, on the slow path; the load binds its sinks once instead."""
        metrics = self.reached_by(name, tags)
        self.observe(metrics)
        for metric in metrics:
            metric.raw.add(value)

    @property
    def crossed(self) -> int:
        """How many metrics crossed a threshold at the last evaluation."""
        self.settle()
        return self._crossed

    @property
    def has_thresholds(self) -> bool:
        """Whether there is anything to evaluate."""
        return bool(self._with_thresholds)

    @property
    def can_abort(self) -> bool:
        """Whether a threshold ends the test when it is crossed."""
        return any(threshold.abort_on_fail for metric in self._with_thresholds for threshold in metric.thresholds)

    def evaluate(self, seconds: float, *, at_end: bool = False) -> tuple[Metric, ...]:
        """Evaluate all thresholds over what has been counted, and return the metrics that crossed one.

        That is k6's ``evaluateThresholds``.

        Args:
            seconds: How long the test has run.
            at_end: Whether the run is over; then metrics without samples count too.
        """
        crossed: list[Metric] = []
        for metric in self._with_thresholds:
            if metric.dealt.is_empty and not at_end:
                continue
            metric.tainted = not all(threshold.holds(metric.raw, seconds) for threshold in metric.thresholds)
            if metric.tainted:
                crossed.append(metric)
        self._crossed = len(crossed)
        return tuple(crossed)

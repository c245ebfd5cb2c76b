"""Which samples k6 would emit for what happens in the load, bound to their sinks once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from dashboard.simulation.groups import Check, GroupTree
from dashboard.simulation.registry import Metric, Registry
from dashboard.simulation.scenario import CheckSpec, CustomMetric, Request
from dashboard.simulation.sinks import Sink


class Channel:
    """A metric and the submetrics that samples with certain tags reach, ready to take samples."""

    __slots__ = ("_metrics", "_registry", "_seen", "sinks")

    def __init__(self, registry: Registry, name: str, tags: Mapping[str, str]) -> None:
        self._registry = registry
        self._metrics: tuple[Metric, ...] = registry.reached_by(name, tags)
        self.sinks: tuple[Sink, ...] = tuple(metric.sink for metric in self._metrics)
        self._seen = False

    def add(self, value: float, count: int = 1) -> None:
        """Take in ``count`` equal samples; the first makes the metric show."""
        if count <= 0:
            return
        if not self._seen:
            self._seen = True
            self._registry.observe(self._metrics)
        for sink in self.sinks:
            sink.add(value, count)


class Phases(NamedTuple):
    """The small parts of a request, in milliseconds. They are shared by some requests in a row."""

    blocked: float = 0.0
    connecting: float = 0.0
    tls_handshaking: float = 0.0
    sending: float = 0.0
    receiving: float = 0.0


class HttpTimes(NamedTuple):
    """How long a request takes, in milliseconds; sending, waiting and receiving add up to its duration."""

    phases: Phases = Phases()
    waiting: float = 0.0
    duration: float = 0.0


NO_TIMES = HttpTimes()
"""Before the first request."""


class HttpChannels:
    """The samples of one request of the script with one outcome, as k6's ``httpext`` emits them.

    Equal phases in a row are counted and sampled together, by :meth:`settle` at the latest. As all times are
    multiples of a quantum (see ``script``), sums are exact, and it does not matter when that is.
    """

    def __init__(self, registry: Registry, tags: Mapping[str, str], *, failed: bool) -> None:
        def adders(name: str) -> tuple[Callable[[float, int], None], ...]:
            return tuple(metric.sink.add for metric in registry.reached_by(name, tags))

        names = [f"http_req_{phase}" for phase in Phases._fields]
        others = ("http_reqs", "http_req_failed", "http_req_duration", "http_req_waiting")
        self._registry = registry
        self._metrics = tuple(metric for name in (*names, *others) for metric in registry.reached_by(name, tags))
        self._phases = tuple((add, at) for at, name in enumerate(names) for add in adders(name))
        self._counts = adders("http_reqs")
        self._rates = adders("http_req_failed")
        self._durations = adders("http_req_duration")
        self._waitings = adders("http_req_waiting")
        self._is_failed = float(failed)
        self._held = Phases()
        self._held_count = 0
        self._seen = False
        registry.before_reading(self.settle)

    def add(self, times: HttpTimes, count: int) -> None:
        """Take in ``count`` requests that took equally long, at least one."""
        if not self._seen:
            self._seen = True
            self._registry.observe(self._metrics)
        if times.phases is not self._held:
            self.settle()
            self._held = times.phases
        self._held_count += count
        for add in self._counts:
            add(1.0, count)
        for add in self._rates:
            add(self._is_failed, count)
        for add in self._durations:
            add(times.duration, count)
        for add in self._waitings:
            add(times.waiting, count)

    def settle(self) -> None:
        """Sample the phases that are only counted so far."""
        if self._held_count:
            for add, at in self._phases:
                add(self._held[at], self._held_count)
            self._held_count = 0


class CheckChannel:
    """One check of the script: its samples and its place among the groups."""

    def __init__(self, registry: Registry, groups: GroupTree, spec: CheckSpec, tags: Mapping[str, str]) -> None:
        self.spec = spec
        self._path = tags.get("group", "")
        self._groups = groups
        self._check: Check | None = None
        self._samples = Channel(registry, "checks", {**tags, "check": spec.name, **spec.tags})

    def add(self, passes: int, fails: int) -> None:
        """Count results; the first makes the check and its groups show."""
        if self._check is None:
            self._check = self._groups.check(self._path, self.spec.name)
        self._check.passes += passes
        self._check.fails += fails
        self._samples.add(1.0, passes)
        self._samples.add(0.0, fails)


def request_tags(request: Request, scenario_name: str, *, failed: bool) -> dict[str, str]:
    """The system tags that k6 puts on a request's samples by default, and the script's own."""
    tags = {"scenario": scenario_name, "group": request.group}
    if request.protocol == "http":
        status = request.failed_status if failed else request.status
        tags |= {
            "method": request.method,
            "name": request.name,
            "url": request.name,
            "proto": "HTTP/2.0" if request.name.startswith("https:") else "HTTP/1.1",
            "status": str(status),
            "expected_response": str(not failed).lower(),
        }
        if request.name.startswith("https:"):
            tags["tls_version"] = "tls1.3"
        if failed and status >= 400:
            tags["error_code"] = str(1000 + status)
    elif request.protocol == "grpc":
        tags |= {"service": request.name.rpartition("/")[0], "method": request.name.rpartition("/")[2]}
        tags |= {"name": request.name, "status": "14" if failed else "0"}
    else:
        tags |= {"url": request.name, "name": request.name, "status": "101" if not failed else "503"}
    return {**tags, **request.tags}


class CustomChannel:
    """A metric of the script's own."""

    def __init__(self, registry: Registry, metric: CustomMetric, scenario_name: str) -> None:
        self.metric = metric
        self.samples = Channel(registry, metric.name, {"scenario": scenario_name, "group": "", **metric.tags})

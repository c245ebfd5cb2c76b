"""Short ways to say what k6 answered, for tables of cases."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from dashboard.model.derive import Figures, figures
from dashboard.model.group import Check, Group
from dashboard.model.history import TargetHistory
from dashboard.model.metric import Contains, Metric, MetricType
from dashboard.model.observation import Observation, Outage, OutageKind, Snapshot
from dashboard.model.run import RunStatus
from dashboard.model.run_history import RunHistory

START = 1_700_000_000.0
TARGET = "localhost:6565"


def near(value: float | None, expected: float) -> bool:
    """Whether a number is the expected one but for what differences of large times lose."""
    return value is not None and math.isclose(value, expected, rel_tol=1e-6)


def counter(
    name: str, count: float, elapsed: float, *, contains: Contains = Contains.DEFAULT, tainted: bool | None = None
) -> Metric:
    rate = count / elapsed if elapsed else 0.0
    return Metric(name, MetricType.COUNTER, contains, tainted, {"count": float(count), "rate": rate})


def trend(name: str, average: float, *, tainted: bool | None = None, **sample: float) -> Metric:
    values = {"avg": average, "min": 0.0, "med": average, "max": 1e12, "p(90)": average, "p(95)": average, **sample}
    return Metric(name, MetricType.TREND, Contains.TIME, tainted, values)


def share(name: str, value: float, *, tainted: bool | None = None) -> Metric:
    return Metric(name, MetricType.RATE, Contains.DEFAULT, tainted, {"rate": value})


def gauge(name: str, value: float) -> Metric:
    return Metric(name, MetricType.GAUGE, Contains.DEFAULT, None, {"value": value})


def at_work(number: int | None = 7, *, paused: bool = False, vus: int | None = 3, **flags: bool) -> RunStatus:
    return RunStatus(
        status=number,
        paused=paused,
        vus=vus,
        vus_max=5,
        stopped=flags.get("stopped", False),
        running=flags.get("running", True),
        tainted=flags.get("tainted", False),
    )


def listed(*metrics: Metric, coherent: bool = True) -> Figures:
    return figures(tuple(sorted(metrics, key=lambda metric: metric.name)), coherent=coherent)


@dataclass
class Load:
    """A made-up run that keeps every sample, so that what is derived can be held against all of them."""

    elapsed: float = 0.0
    durations: list[float] = field(default_factory=list[float])
    failed: list[bool] = field(default_factory=list[bool])

    def request(self, duration: float, *, failed: bool = False) -> None:
        self.durations.append(duration)
        self.failed.append(failed)

    def metrics(self, *more: Metric) -> tuple[Metric, ...]:
        """What k6 would list of it."""
        known: list[Metric] = list(more)
        count = len(self.durations)
        if count:
            ordered = sorted(self.durations)
            average = sum(self.durations) / count
            known += [
                counter("http_reqs", count, self.elapsed),
                counter("data_received", 100 * count, self.elapsed, contains=Contains.DATA),
                trend("http_req_duration", average, min=ordered[0], max=ordered[-1], med=ordered[count // 2]),
                share("http_req_failed", sum(self.failed) / count),
            ]
        return tuple(sorted(known, key=lambda metric: metric.name))


class Story:
    """A target's history, told look by look."""

    def __init__(self) -> None:
        self.history = TargetHistory(TARGET, START)
        self.now: float = START

    @property
    def run(self) -> RunHistory:
        return self.history.run

    @property
    def titles(self) -> list[str]:
        return [event.title for event in self.history.events]

    def see(
        self,
        metrics: tuple[Metric, ...] | None = (),
        status: RunStatus | None = None,
        *,
        after: float = 1.0,
        coherent: bool = True,
        poisoned: tuple[str, ...] = (),
        groups: tuple[Group, ...] | None = None,
    ) -> None:
        """k6 answered, ``after`` seconds after the look before."""
        self.now += after
        known = at_work() if status is None else status
        snapshot = Snapshot(known, metrics, coherent=coherent, poisoned=poisoned, groups=groups)
        self.history.observe(Observation(self.now, 0.001, 1000, snapshot))

    def miss(self, kind: OutageKind = OutageKind.TIMED_OUT, *, after: float = 1.0) -> None:
        """k6 did not answer."""
        self.now += after
        self.history.observe(Observation(self.now, 0.0, 0, Outage(kind, "/v1/status", f"it is {kind}")))


def check(name: str, passes: int, fails: int) -> Check:
    """A check; its id is its name, which :func:`group` makes unique."""
    return Check(name, name, name, passes, fails)


def group(name: str, parent: str | None, *checks: Check) -> Group:
    """A group; its id is its name, and that of the root is empty."""
    own = tuple(Check(f"{name}::{each.name}", each.name, each.path, each.passes, each.fails) for each in checks)
    return Group(f"id {name}", name, f"::{name}" if name else "", None if parent is None else f"id {parent}", own)


def shop(**counts: tuple[int, int]) -> tuple[Group, ...]:
    """The root with one group, which has a check for each name."""
    return group("", None), group("buy", "", *(check(name, *each) for name, each in counts.items()))

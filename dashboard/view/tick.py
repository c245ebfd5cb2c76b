"""One look at a target as a front end without a screen gives it: everything that is known then, with its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from dashboard.model.check_history import Interval
from dashboard.model.derive import INTERVAL_MEAN, INTERVAL_RATE, INTERVAL_SHARE, INTERVALS
from dashboard.model.event import Event
from dashboard.model.group import Check, Group
from dashboard.model.group_tree import check_key
from dashboard.model.history import TargetHistory
from dashboard.model.launched import Exit
from dashboard.model.metric import Contains, MetricType
from dashboard.model.observation import Observation, Outage, Snapshot
from dashboard.model.origin import Origin
from dashboard.model.run import State
from dashboard.model.run_history import RunHistory
from dashboard.model.run_numbers import TAINTED, MetricInfo
from dashboard.model.window import is_of_window
from dashboard.quick import dataclass

SHORT: Final = {INTERVAL_RATE: "rate", INTERVAL_MEAN: "avg", INTERVAL_SHARE: "rate"}
"""What a derived statistic is called where its kind stands beside it: as k6 calls it of the whole run."""


@dataclass(frozen=True, slots=True)
class MetricTick:
    """One metric at one look. Statistics are k6's; times in milliseconds, data in bytes, rates per second or 0 to 1."""

    name: str
    """Untrusted text."""
    type: MetricType
    contains: Contains
    tainted: bool | None
    cumulative: Mapping[str, float]
    """Over the whole run so far."""
    interval: Mapping[str, float]
    """Since the look before, exact."""
    estimated: Mapping[str, float]
    """Likewise, where the metrics are not of one moment."""
    period: Mapping[str, float]
    """Over the newest whole period of k6's event stream, where there is one: its percentiles too."""
    now: Mapping[str, float]
    """At this moment: a gauge's value."""


@dataclass(frozen=True, slots=True)
class CheckTick:
    """One check at one look, counted since the start."""

    check: Check
    interval: Interval | None
    """What was counted since the groups were asked for before; None where that was never."""


@dataclass(frozen=True, slots=True)
class GroupTick:
    """One group at one look."""

    group: Group
    checks: tuple[CheckTick, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    """One look."""

    target: str
    run: int
    """1 for the first run seen at the target."""
    at: float
    """Seconds since the Unix epoch."""
    elapsed: float | None
    """k6's test clock in seconds, at the newest metrics; None before it runs."""
    is_bound: bool
    """Whether the test ran at most this long: nobody saw it end."""
    interval: float | None
    """Seconds of k6's clock that the interval values are of: since the look before that gave metrics, or the one before
    that where it was only a moment ago. None where there are none."""
    state: State
    status: int | None
    """k6's own number for it."""
    vus: int | None
    vus_max: int | None
    paused: bool
    tainted: bool
    """Whether k6 says that some threshold is crossed."""
    crossed: tuple[str, ...]
    """The metrics whose thresholds are crossed; untrusted text."""
    round_trip: float | None
    """Seconds that the slowest request of it took; None where k6 was not asked but wrote a file."""
    origin: Origin
    """What told the metrics."""
    outage: Outage | None
    coherent: bool
    poisoned: tuple[str, ...]
    metrics: tuple[MetricTick, ...] | None
    """Sorted by name; None where this look gave none."""
    events: tuple[Event, ...]
    """What has happened since the tick before."""
    exit: Exit | None = None
    """How the k6 process ended, where k6dash has started it."""
    groups: tuple[GroupTick, ...] | None = None
    """The groups, each before those in it; None where this look did not ask for them."""

    def metric(self, name: str) -> MetricTick | None:
        """The metric of that name, if this look gave it."""
        return next((metric for metric in self.metrics or () if metric.name == name), None)


class Ticks:
    """Makes a tick of each look at one target, in order."""

    def __init__(self) -> None:
        self._looks = 0
        self._event = 0
        self._before: tuple[RunHistory, float] | None = None
        """The run and its clock at the newest metrics."""

    def next(self, history: TargetHistory) -> Tick | None:
        """The tick of the newest look; None where it has been given already."""
        if history.looks == self._looks or history.last is None:
            return None
        self._looks = history.looks
        return self._of(history.last, history)

    def last(self, history: TargetHistory) -> Tick | None:
        """The tick of how a k6 that was started here has ended, which is no look; None where it never answered."""
        process = history.run.launched
        if process is None or process.exit is None or history.run.status is None or not history.events:
            return None
        end = Observation(history.events[-1].at, 0.0, 0, Snapshot())
        return self._of(end, history)

    def _of(self, look: Observation, history: TargetHistory) -> Tick:
        run, status = history.run, history.run.status
        snapshot = look.outcome if isinstance(look.outcome, Snapshot) else None
        has_metrics = snapshot is not None and snapshot.metrics is not None
        interval = self._interval(run) if has_metrics else None
        return Tick(
            target=history.target,
            run=run.number,
            at=look.at,
            elapsed=run.elapsed,
            is_bound=run.clock_lingers,
            interval=interval,
            state=run.state(),
            status=status.status if status else None,
            vus=status.vus if status else None,
            vus_max=status.vus_max if status else None,
            paused=status is not None and status.paused,
            tainted=bool(run.tainted()) or (status is not None and status.tainted),
            crossed=run.tainted(),
            round_trip=None if run.origin.is_file else look.round_trip,
            origin=run.origin,
            outage=look.outcome if isinstance(look.outcome, Outage) else None,
            coherent=run.is_coherent,
            poisoned=run.poisoned,
            metrics=tuple(metric_ticks(run, look.at)) if has_metrics else None,
            events=self._events(history),
            exit=run.launched.exit if run.launched is not None else None,
            groups=None if snapshot is None or snapshot.groups is None else tuple(_group_ticks(run)),
        )

    def _interval(self, run: RunHistory) -> float | None:
        before, elapsed = self._before, run.elapsed
        self._before = None if elapsed is None else (run, elapsed)
        if before is None or elapsed is None or before[0] is not run or elapsed <= before[1]:
            return None
        return run.interval

    def _events(self, history: TargetHistory) -> tuple[Event, ...]:
        fresh: list[Event] = []
        for event in reversed(history.events):
            if event.id <= self._event:
                break
            fresh.append(event)
        if fresh:
            self._event = fresh[0].id
        return tuple(reversed(fresh))


def _group_ticks(run: RunHistory) -> Iterator[GroupTick]:
    """The groups of the newest look at them, as far as they are kept."""
    for group in run.checks.groups:
        yield GroupTick(group, tuple(CheckTick(check, run.checks.interval(check_key(check))) for check in group.checks))


def metric_ticks(run: RunHistory, at: float) -> Iterator[MetricTick]:
    """Every metric of a run at a moment, sorted by name."""
    statistics: dict[str, set[str]] = {}
    for table in (run.table, run.windows.table):
        for name, statistic in table.keys:
            statistics.setdefault(name, set()).add(statistic)
    value = run.look(at)
    for name in run.known(at):
        info = run.metrics[name]
        kinds = _by_kind(run, name, info, at, {key: value(name, key) for key in sorted(statistics.get(name, ()))})
        tainted = value(name, TAINTED)
        yield MetricTick(name, info.type, info.contains, None if tainted is None else tainted == 1.0, *kinds)


def _by_kind(
    run: RunHistory, name: str, info: MetricInfo, at: float, values: Mapping[str, float | None]
) -> tuple[dict[str, float], ...]:
    """The values as cumulative, interval, estimated, of a period, and of now."""
    cumulative: dict[str, float] = {}
    interval: dict[str, float] = {}
    estimated: dict[str, float] = {}
    period: dict[str, float] = {}
    now: dict[str, float] = {}
    for statistic, value in values.items():
        if value is None or statistic == TAINTED:
            continue
        if is_of_window(statistic):
            period[statistic.removeprefix("interval ")] = value
        elif statistic in INTERVALS:
            kind = estimated if run.is_estimate(name, statistic, at) else interval
            kind[SHORT[statistic]] = value
        elif info.type is MetricType.GAUGE:
            now[statistic] = value
        elif run.elapsed is not None:  # before its clock runs, k6 lists zeros that are of no samples
            cumulative[statistic] = value
    return cumulative, interval, estimated, period, now

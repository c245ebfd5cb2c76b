"""Everything known of one target: its runs, one history each, and what happened in them.

Only the session writes here. What is drawn reads from here, by one path for now and for then: a moment's numbers are
looked up at that moment, and the present is just the newest moment.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from dashboard.model import derive
from dashboard.model.event import Event, EventKind
from dashboard.model.metric import Contains, Metric, MetricType
from dashboard.model.observation import Observation, Outage, OutageKind, Snapshot
from dashboard.model.run import ExecutionStatus, RunStatus, State
from dashboard.model.series import Extract, Table

Key = tuple[str, str]
"""Metric name and statistic. The run's own columns have an empty name."""

VUS: Key = ("", "vus")
VUS_MAX: Key = ("", "vus_max")
ELAPSED: Key = ("", "elapsed")
STATUS: Key = ("", "status")
TAINTED = "tainted"
"""Statistic of a metric with a threshold: 1 while it is crossed, 0 while it holds."""

_MOST_EVENTS = 5000
_MOST_OUTAGES = 500
_MOST_RUNS = 8


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """What stays the same of a metric during a run."""

    type: MetricType
    contains: Contains


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which k6 gave nothing. ``end`` is None while it lasts."""

    start: float
    end: float | None
    kind: OutageKind


class RunHistory:
    """One run of k6 at one target."""

    def __init__(self, number: int, first_seen: float) -> None:
        self.number = number
        """1 for the first run seen at the target."""
        self.first_seen = first_seen
        self.last_seen: float | None = None
        """When k6 last gave anything."""
        self.last_row: float | None = None
        """When k6 last gave its metrics: the moment whose numbers are the newest."""
        self.table: Table[Key] = Table()
        self.metrics: dict[str, MetricInfo] = {}
        """By name, sorted."""
        self.status: RunStatus | None = None
        """The newest status k6 gave."""
        self.poisoned: tuple[str, ...] = ()
        self.gaps: deque[Gap] = deque(maxlen=_MOST_OUTAGES)
        self.inexact: set[Key] = set()
        """Interval columns that hold at least one estimate: metrics that were read one by one."""
        self.final_elapsed: float | None = None
        """k6's clock when the run was first seen to be over; it runs on in k6 after an interrupted run."""
        self.clock_lingers = False
        """Whether the run was over before it was first seen, so that its clock includes k6's lingering."""
        self._figures: derive.Figures | None = None
        self._previous_state: State | None = None

    @property
    def outage(self) -> Gap | None:
        """The outage that lasts now."""
        return self.gaps[-1] if self.gaps and self.gaps[-1].end is None else None

    @property
    def elapsed(self) -> float | None:
        """k6's clock at the newest poll, standing still once the run is over."""
        if self.final_elapsed is not None:
            return self.final_elapsed
        return self._figures.elapsed if self._figures else None

    def metric(self, name: str) -> Metric | None:
        """The newest entry of that name, as k6 gave it."""
        return self._figures.metrics.get(name) if self._figures else None

    def value(self, name: str, statistic: str, at: float) -> float | None:
        """A statistic at a moment; None where it is not known."""
        value = self.table.value((name, statistic), at)
        return None if value != value else value

    def extract(self, name: str, statistic: str, start: float, end: float, rows: int) -> Extract:
        """A statistic over a time; see :meth:`Table.extract`."""
        return self.table.extract((name, statistic), start, end, rows)

    def state(self) -> State:
        """The word for what the run is doing, as far as k6's last answer, or its silence, tells."""
        outage = self.outage
        if self.status is None:
            return State.UNREACHABLE
        if outage is None:
            return self.status.state
        if self.status.state.is_over:
            return self.status.state
        if outage.kind is OutageKind.REFUSED and self.status.has_started:
            # A run that was under way and whose port is now closed has ended: k6 leaves within milliseconds.
            return State.STOPPED if self.status.stopped else State.ENDED
        return State.UNREACHABLE

    @property
    def has_gone(self) -> bool:
        """Whether k6 left before it said how the run ended."""
        outage = self.outage
        return (
            outage is not None
            and outage.kind is OutageKind.REFUSED
            and self.status is not None
            and self.status.has_started
            and not self.status.is_final
        )

    def tainted(self, at: float | None = None) -> tuple[str, ...]:
        """The metrics whose thresholds are crossed at a moment; at the newest one where none is named."""
        at = self.last_row if at is None else at
        return () if at is None else tuple(name for name in self.metrics if self.value(name, TAINTED, at) == 1.0)

    def is_another(self, snapshot: Snapshot, at: float) -> bool:
        """Whether ``snapshot`` is of a run that began after this one."""
        if self.status is None or snapshot.status is None:
            return False
        if self.status.has_started and not snapshot.status.has_started:
            return True
        if self.status.is_final and not snapshot.status.is_final and snapshot.status.status is not None:
            return True
        if snapshot.metrics is None or self._figures is None or not snapshot.coherent:
            return False
        figures = derive.figures(snapshot.metrics)
        if derive.fell(self._figures, figures):
            return True
        # The port was closed in between, and this clock began to run after the old run was last seen running.
        before = self.outage
        return (
            before is not None
            and before.kind is OutageKind.REFUSED
            and self.last_seen is not None
            and self._figures.elapsed is not None
            and figures.elapsed is not None
            and figures.elapsed != self._figures.elapsed
            and at - figures.elapsed > self.last_seen + 0.5
        )

    def add(self, snapshot: Snapshot, at: float) -> None:
        """Take in what one poll returned. Called in the order of time."""
        bridged = self.outage is not None
        self._end_outage(at)
        self.last_seen = at
        was_over = self.status is not None and self.status.is_final
        if snapshot.status is not None:
            self.status = snapshot.status
        if snapshot.metrics is None:
            return
        self.poisoned = snapshot.poisoned
        figures = derive.figures(snapshot.metrics, coherent=snapshot.coherent)
        values = self._values(figures)
        if self._figures is not None and not bridged:
            for name, statistic, value, is_exact in derive.intervals(self._figures, figures):
                values[name, statistic] = value
                if not is_exact:
                    self.inexact.add((name, statistic))
        is_over = self.status is not None and self.status.is_final
        if is_over and self.final_elapsed is None:
            self.final_elapsed = figures.elapsed
            ended_itself = self.status is not None and self.status.status == ExecutionStatus.ENDED
            self.clock_lingers = not was_over and self._figures is None and not ended_itself
        self._figures = figures
        if self.elapsed is not None:
            values[ELAPSED] = self.elapsed
        self.table.append(at, values, exact=_exact_keys(values))
        self.last_row = at

    def _values(self, figures: derive.Figures) -> dict[Key, float]:
        values: dict[Key, float] = {}
        if self.status is not None:
            for key, number in (
                (VUS, self.status.vus),
                (VUS_MAX, self.status.vus_max),
                (STATUS, self.status.status),
            ):
                if number is not None:
                    values[key] = float(number)
        if not figures.metrics.keys() <= self.metrics.keys():
            for metric in figures.metrics.values():
                self.metrics[metric.name] = MetricInfo(metric.type, metric.contains)
            self.metrics = dict(sorted(self.metrics.items()))
        for name, metric in figures.metrics.items():
            for statistic, value in metric.sample.items():
                values[name, statistic] = value
            if metric.tainted is not None:
                values[name, TAINTED] = float(metric.tainted)
        return values

    def miss(self, outage: Outage, at: float) -> None:
        """Take in that k6 gave nothing."""
        current = self.outage
        if current is not None and current.kind is outage.kind:
            return
        if current is not None:
            self.gaps[-1] = dataclasses.replace(current, kind=outage.kind)
            return
        self.gaps.append(Gap(at, None, outage.kind))
        if self.table.last is not None:
            self.table.append(max(at, self.table.last), {})

    def _end_outage(self, at: float) -> None:
        current = self.outage
        if current is not None:
            self.gaps[-1] = dataclasses.replace(current, end=at)


def _exact_keys(values: dict[Key, float]) -> Iterator[Key]:
    return (key for key in values if key[1] == "count" or key == ELAPSED)


class TargetHistory:
    """Everything known of one target."""

    def __init__(self, target: str, first_seen: float) -> None:
        self.target = target
        self.first_seen = first_seen
        self.runs: deque[RunHistory] = deque(maxlen=_MOST_RUNS)
        """Oldest first; the last one is the current run."""
        self.runs.append(RunHistory(1, first_seen))
        self.events: deque[Event] = deque(maxlen=_MOST_EVENTS)
        """Oldest first."""
        self.looks = 0
        """How often the target was looked at."""
        self.last: Observation | None = None
        """The newest look, whatever it gave."""
        self.last_snapshot: Observation | None = None
        """The newest look that gave something."""
        self.round_trip: float | None = None
        """Seconds that the newest GET of the metrics took."""
        self._next_event = 1

    @property
    def run(self) -> RunHistory:
        """The current run."""
        return self.runs[-1]

    def observe(self, observation: Observation) -> None:
        """Take in one look, in the order of time, and note what changed by it."""
        run = self.run
        state_before = run.state()
        tainted_before = frozenset(run.tainted())
        self.last = observation
        self.looks += 1
        match observation.outcome:
            case Outage() as outage:
                was_out = run.outage is not None
                run.miss(outage, observation.at)
                if not was_out and run.status is not None:
                    self._note_outage(outage, observation.at)
            case Snapshot() as snapshot:
                self.last_snapshot = observation
                if snapshot.metrics is not None:
                    self.round_trip = observation.round_trip
                if run.is_another(snapshot, observation.at):
                    run = self._begin_run(observation.at)
                    state_before, tainted_before = State.UNREACHABLE, frozenset[str]()
                elif run.outage is not None and run.status is not None:
                    seconds = observation.at - run.outage.start
                    self.note(observation.at, EventKind.OUTAGE, f"k6 is back after {seconds:.0f} s")
                poisoned_before = run.poisoned
                run.add(snapshot, observation.at)
                for name in snapshot.poisoned:
                    if name not in poisoned_before:
                        self.note(
                            observation.at,
                            EventKind.OUTAGE,
                            f"{name} is poisoned",
                            "A sample of it is infinite, and k6 can no longer give the list of metrics: they "
                            "are read one by one, so that numbers of one row may be of different moments.",
                            is_bad=True,
                        )
        self._note_changes(state_before, tainted_before, observation.at)

    def _begin_run(self, at: float) -> RunHistory:
        run = RunHistory(self.run.number + 1, at)
        self.runs.append(run)
        self.note(at, EventKind.RUN, f"run {run.number} begins", "k6's counters or its clock went back.")
        return run

    def _note_outage(self, outage: Outage, at: float) -> None:
        if self.run.has_gone:
            self.note(
                at,
                EventKind.OUTAGE,
                "k6 has gone",
                f"{outage.message}. k6 closes its port when a run is over and does not say how it ended; "
                "run it with --linger to keep the result readable.",
            )
        else:
            self.note(at, EventKind.OUTAGE, f"k6 {_WHAT_IS_WRONG[outage.kind]}", outage.message, is_bad=True)

    def _note_changes(self, before: State, tainted_before: frozenset[str], at: float) -> None:
        state = self.run.state()
        if state is not before and state is not State.UNREACHABLE:
            bad = state is State.FAILED
            self.note(at, EventKind.STATE, str(state), f"was {before}", is_bad=bad)
        tainted = frozenset(self.run.tainted())
        for name in sorted(tainted - tainted_before):
            self.note(at, EventKind.THRESHOLD, f"{name} crossed", "A threshold on it is crossed.", is_bad=True)
        for name in sorted(tainted_before - tainted):
            self.note(at, EventKind.THRESHOLD, f"{name} holds again", "No threshold on it is crossed now.")

    def note(
        self,
        at: float,
        kind: EventKind,
        title: str,
        detail: str = "",
        *,
        is_bad: bool = False,
        is_open: bool = False,
    ) -> Event:
        """Add an event."""
        event = Event(self._next_event, at, self.run.elapsed, kind, title, detail, is_bad, is_open)
        self._next_event += 1
        self.events.append(event)
        return event

    def revise(self, event: Event) -> None:
        """Replace the event of the same id: more became known of it. One that was dropped stays dropped."""
        for index in range(len(self.events) - 1, -1, -1):
            if self.events[index].id == event.id:
                self.events[index] = event
                return


_WHAT_IS_WRONG = {
    OutageKind.REFUSED: "does not listen",
    OutageKind.UNREACHABLE: "cannot be reached",
    OutageKind.TIMED_OUT: "does not answer",
    OutageKind.REJECTED: "refuses to answer",
    OutageKind.UNDECODABLE: "answers with something else",
}

"""What one look at a target gave: a snapshot of the run, or an outage."""

from __future__ import annotations

from enum import StrEnum

from dashboard.model.group import Group
from dashboard.model.launched import ProcessNews
from dashboard.model.log import LogNews
from dashboard.model.metric import Metric
from dashboard.model.origin import Origin
from dashboard.model.plan import Plan
from dashboard.model.process import ProcessReport
from dashboard.model.run import RunStatus
from dashboard.model.setup_data import SetupData
from dashboard.model.stream import StreamNews
from dashboard.model.window import Window
from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one poll returned, decoded. A part that was not asked for this time is None."""

    status: RunStatus | None = None
    metrics: tuple[Metric, ...] | None = None
    """Sorted by name."""
    coherent: bool = True
    """Whether all metrics are of one moment. False when the list was poisoned and they were read one by one."""
    poisoned: tuple[str, ...] = ()
    """Metrics that k6 cannot give because a sample of theirs is infinite."""
    groups: tuple[Group, ...] | None = None
    windows: tuple[Window, ...] = ()
    """Exact statistics of periods that have ended, oldest first; k6 gives them beside its API, if at all."""
    plan: Plan | None = None
    stream: StreamNews | None = None
    """What became of the event stream, when that changes."""
    launched: ProcessNews | None = None
    """What came of the k6 process, where k6dash has started it."""

    origin: Origin = Origin.API
    """What told the metrics."""

    log: LogNews | None = None
    """What k6 logged, where its log can be read."""
    setup: SetupData | None = None
    """The setup data, which k6 is asked for when the user wants to see it."""
    setup_failure: str = ""
    """Why k6 did not give it when it was asked; may quote k6, so it is untrusted text."""

    @property
    def is_look(self) -> bool:
        """Whether k6's API answered: what came beside it says nothing of the state of the run."""
        return self.status is not None or self.metrics is not None

    def metric(self, name: str) -> Metric | None:
        """The metric or submetric of that name, if k6 gave it."""
        return next((metric for metric in self.metrics or () if metric.name == name), None)


class OutageKind(StrEnum):
    """Why a look at a target gave nothing."""

    REFUSED = "refused"
    """Nobody listens there."""
    UNREACHABLE = "unreachable"
    """No way there, or the connection closed without a word."""
    TIMED_OUT = "timed out"
    REJECTED = "rejected"
    UNDECODABLE = "undecodable"
    CLOSED = "closed"
    """k6 wrote into a file what is known of it, and that file is at its end."""

    @property
    def has_left(self) -> bool:
        """Whether that is what a k6 looks like that has left."""
        return self in (OutageKind.REFUSED, OutageKind.CLOSED)


@dataclass(frozen=True, slots=True)
class Outage:
    """A look at a target that gave nothing."""

    kind: OutageKind
    endpoint: str
    message: str
    """One sentence; may quote the server, so it is untrusted text."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One look at one target."""

    at: float
    """When the answer was complete, in seconds since the Unix epoch."""
    round_trip: float
    """Seconds that the slowest request about the test took; what is asked about the process does not count."""
    size: int
    """Bytes of all bodies received."""
    outcome: Snapshot | Outage
    requests: int = 0
    """How many requests were answered."""
    asking: float = 0.0
    """Seconds that they took together."""
    process: ProcessReport | None = None
    """What it brought about the process that makes the load; None where that was not asked for this time."""

    @property
    def is_look(self) -> bool:
        """Whether k6's API was asked about the run: what came beside it says nothing of the run's state."""
        return isinstance(self.outcome, Outage) or self.outcome.is_look

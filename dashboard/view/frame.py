"""What the screens show, as immutable data: numbers and words, no colours, no widths."""

from __future__ import annotations

from enum import StrEnum

from dashboard.model.event import EventKind
from dashboard.model.metric import MetricType
from dashboard.model.run import State
from dashboard.model.taping import Taping
from dashboard.quick import dataclass
from dashboard.view.chart import Kind, PlotSpec, Role, Unit
from dashboard.view.lazy import LazyRows


class Tone(StrEnum):
    """What a number means for the user; never by colour alone."""

    PLAIN = "plain"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class HeaderFrame:
    """The state of the target in a line or two.

    State, note, wanted VUs, control, age and cadence are of the present, whatever moment is shown: keys act on the
    present. The rest is of the moment shown.
    """

    target: str
    state: State
    note: str
    """What the state word alone would hide; may be empty."""
    elapsed: float | None
    elapsed_is_bound: bool
    """Whether the test ran at most this long: it was over before it was first seen."""
    elapsed_is_estimate: bool
    """Whether k6's own clock is not known, as in a file of k6's."""
    vus: int | None
    vus_max: int | None
    wanted_vus: int | None
    control: str
    """What this k6 can be made to do, in a few words."""
    round_trip: float | None
    """Seconds that k6 took for its metrics."""
    age: float | None
    """Seconds since k6 last gave anything."""
    is_stale: bool
    cadence: float
    """Seconds between two looks at the metrics."""
    is_slowed: bool
    """Whether k6 answers so slowly that it is asked less often than the user wanted."""
    frozen_at: float | None
    """The moment shown, where it is not the present."""
    window: float
    run_number: int
    run_count: int
    tainted: tuple[str, ...]
    poisoned: tuple[str, ...]
    is_tainted: bool = False
    """Whether some threshold is crossed. True before ``tainted`` names it where k6 is slow to give its metrics, or
    cannot give the metric because it is poisoned."""
    is_read_only: bool = False
    """Whether the user ruled out whatever would change something."""
    is_generator_suspect: bool = False
    """Whether the numbers of the test may be those of the machine that makes the load."""
    taping: Taping | None = None
    """The recording under way."""
    progress: str = ""
    """How much of the plan has passed, and how much is left; empty where no plan is known."""
    is_recorded: bool = False
    """Whether it is a recording that is shown: then there is no present, and all is of the moment shown."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number with what it is."""

    value: float | None
    unit: Unit
    kind: Kind


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of the overview."""

    title: str
    number: Number
    notes: tuple[tuple[str, Number], ...]
    """Further figures, each with a word before it."""
    spark: tuple[float, ...]
    """Newest last; NaN for a gap."""
    role: Role
    tone: Tone
    metric: str
    """The metric that it is of; what a click opens. Empty for the VUs."""
    change: str = ""
    """How the number differs from the baseline's of the same kind at the same moment of the test; may be empty."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of a request's time."""

    name: str
    metric: str
    interval: float | None
    """Exact mean of the last interval, in milliseconds."""
    cumulative: float | None
    """Mean since the start, in milliseconds."""


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """One threshold, or where its expression is not known, one metric with a threshold."""

    metric: str
    is_crossed: bool | None
    """None where that is not known, or there is no sample yet."""
    text: str
    """The expression with the value that is compared; else the metric's own figure, as a hint of why."""


@dataclass(frozen=True, slots=True)
class ChartFrame:
    """A chart with its title."""

    id: str
    title: str
    spec: PlotSpec
    metric: str
    """What opening it shows."""


@dataclass(frozen=True, slots=True)
class OverviewFrame:
    """Screen 1."""

    tiles: tuple[Tile, ...]
    charts: tuple[ChartFrame, ...]
    """The durations first, then the rates, then one for each protocol that has appeared."""
    phases: tuple[Phase, ...]
    thresholds: tuple[ThresholdRow, ...]
    """Crossed first."""
    waiting: str
    """What to say instead, before there is anything to show; may have several lines."""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One line of the list of metrics."""

    name: str
    label: str
    """The name, or for a submetric under its parent the tags."""
    depth: int
    type: MetricType
    interval: Number
    value: Number
    statistics: tuple[float | None, float | None, float | None, float | None]
    """med, p(90), p(95), max; of trends only."""
    unit: Unit
    spark: tuple[float, ...]
    tainted: bool | None
    is_poisoned: bool


@dataclass(frozen=True, slots=True)
class MetricsFrame:
    """Screen 2."""

    rows: LazyRows[MetricRow]
    """Made when they are looked at: see :class:`~dashboard.view.lazy.LazyRows`."""
    shown: int
    total: int


@dataclass(frozen=True, slots=True)
class MetricFrame:
    """One metric, opened."""

    name: str
    type: MetricType | None
    subtitle: str
    chart: ChartFrame
    statistics: tuple[tuple[str, Number], ...]
    explanation: str
    """What can and cannot be known of it."""
    compared: tuple[tuple[Number, str], ...] | None = None
    """For each statistic the baseline's number at the same moment of the test, and how this one differs from it."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of the events."""

    id: int
    at: float
    elapsed: float | None
    kind: EventKind
    title: str
    detail: str
    is_bad: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class KindCount:
    """One kind of event."""

    kind: EventKind
    count: int
    """How many of it pass the text filter."""
    is_wanted: bool
    """Whether it was picked; where none was, all are shown."""


@dataclass(frozen=True, slots=True)
class EventsFrame:
    """Screen 5, newest first."""

    rows: LazyRows[EventRow]
    kinds: tuple[KindCount, ...] = ()
    """Every kind, in the order in which they are told."""

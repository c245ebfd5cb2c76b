"""What a chart is to show, independent of who draws it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a number says about time and certainty; every number shown carries one."""

    CUMULATIVE = "cumulative"
    """Over the whole run so far, as k6 gives it."""
    INTERVAL = "interval"
    """Over the time between two looks, exact."""
    ESTIMATED = "estimated"
    """Derived with an assumption that may not hold."""
    NOW = "now"
    """The value of this moment: a gauge, the VUs."""


class Unit(StrEnum):
    """What a number counts. Trends of ``contains: time`` are in milliseconds throughout."""

    NUMBER = "number"
    PER_SECOND = "per second"
    MILLISECONDS = "milliseconds"
    BYTES = "bytes"
    BYTES_PER_SECOND = "bytes per second"
    RATIO = "ratio"
    """0 to 1, shown in per cent."""


class Role(StrEnum):
    """What a line stands for; the theme gives each role its colour."""

    AVG = "avg"
    MIN = "min"
    MED = "med"
    P90 = "p90"
    P95 = "p95"
    P99 = "p99"
    MAX = "max"
    RATE = "rate"
    VUS = "vus"
    FAILED = "failed"
    PASSED = "passed"
    RECEIVED = "received"
    SENT = "sent"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart. ``xs`` ascend; a NaN in ``ys`` breaks the line there: a gap is drawn as a gap."""

    label: str
    role: Role
    kind: Kind
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    right: bool = False
    """Measured on the right axis."""


@dataclass(frozen=True, slots=True)
class MarkLine:
    """A moment on the time axis: an action, an outage's end, a mark of the user's."""

    x: float
    label: str
    is_bad: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A height on the left axis, such as a threshold."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class PlotSpec:
    """A chart over time, ready to be drawn at any size.

    ``x`` is in seconds; ``x_labels`` gives the ticks that the view chose.
    """

    lines: tuple[Line, ...]
    x_from: float
    x_to: float
    unit: Unit
    right_unit: Unit = Unit.NUMBER
    x_labels: tuple[tuple[float, str], ...] = ()
    marks: tuple[MarkLine, ...] = ()
    levels: tuple[Level, ...] = ()
    empty: str = ""
    """What to say in the middle when no line has a point: why, and when that would change."""

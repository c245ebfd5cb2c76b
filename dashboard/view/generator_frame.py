"""What screen 4 shows of the machine that makes the load, as immutable data."""

from __future__ import annotations

from dashboard.model.verdict import Level
from dashboard.quick import dataclass
from dashboard.view.chart import Role
from dashboard.view.frame import ChartFrame, Number, Tone


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure with what stands beside it."""

    label: str
    number: Number
    notes: tuple[str, ...] = ()
    """What the number is a part of, and whose it is, in pieces that follow each other; the first says most, and what
    has no room is left out from the end. May name a process: untrusted text."""
    spark: tuple[float, ...] = ()
    """Newest last; NaN for a gap."""
    role: Role = Role.VALUE
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class FiguresFrame:
    """A panel of figures."""

    title: str
    subtitle: str
    """Whose they are; untrusted text."""
    rows: tuple[FigureRow, ...]
    why: str = ""
    """Why there is no more, where there is not."""


@dataclass(frozen=True, slots=True)
class VerdictFrame:
    """What is to be thought of the generator, and on what evidence."""

    level: Level
    headline: str
    further: tuple[str, ...]
    """The other findings, the gravest first."""


@dataclass(frozen=True, slots=True)
class GeneratorFrame:
    """Screen 4."""

    verdict: VerdictFrame
    process: FiguresFrame
    load: FiguresFrame
    machine: FiguresFrame
    looking: FiguresFrame
    charts: tuple[ChartFrame, ...]
    """CPU, memory, VUs."""

"""What the screens of checks show, as immutable data."""

from __future__ import annotations

from dashboard.model.group_tree import Tally
from dashboard.quick import dataclass
from dashboard.view.frame import ChartFrame, Number
from dashboard.view.lazy import LazyRows


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One line of the tree."""

    key: str
    label: str
    """The name; untrusted text."""
    depth: int
    is_group: bool
    is_folded: bool
    tally: Tally
    """Since the start of the test."""
    recent: Tally | None
    """Between the last two looks; None where there was one look only."""
    spark: tuple[float, ...]
    """Fails of each interval between two looks, newest last."""


@dataclass(frozen=True, slots=True)
class ChecksSummary:
    """All checks together."""

    checks: int
    groups: int
    tally: Tally
    recent: Tally | None
    seconds: float | None
    """How long the last interval was."""
    stand_in: Number | None
    """k6's metric ``checks``, where the groups are not known."""
    looked_at: float | None
    order: str
    """What the lines are ordered by, in words."""
    omitted: int
    """Names that are not shown, since there are too many."""


@dataclass(frozen=True, slots=True)
class ChecksFrame:
    """Screen 3."""

    rows: LazyRows[CheckRow]
    summary: ChecksSummary
    empty: str
    """A few words where there is no line."""
    note: str
    """How k6 is asked, and what that means for what is shown."""
    is_wanting: bool
    """Whether nobody has asked for the groups yet."""


@dataclass(frozen=True, slots=True)
class CheckFrame:
    """One check, opened."""

    name: str
    path: str
    """In k6's spelling; untrusted text."""
    charts: tuple[ChartFrame, ...]
    statistics: tuple[tuple[str, Number], ...]
    explanation: str

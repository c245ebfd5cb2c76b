"""What happened during a run that is worth a line: actions, outages, changes of state, thresholds, marks."""

from __future__ import annotations

from enum import StrEnum

from dashboard.quick import dataclass


class EventKind(StrEnum):
    """The kinds of event."""

    ACTION = "action"
    OUTAGE = "outage"
    STATE = "state"
    THRESHOLD = "threshold"
    RUN = "run"
    GENERATOR = "generator"
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the event list, and one mark on the charts."""

    id: int
    """Unique within a target; an action keeps its id while its outcome becomes known."""
    at: float
    """Seconds since the Unix epoch."""
    elapsed: float | None
    """k6's test clock then, in seconds."""
    kind: EventKind
    title: str
    """A few words; also the label on a chart. May quote the server: untrusted text."""
    detail: str = ""
    """A sentence or more; untrusted text."""
    is_bad: bool = False
    is_open: bool = False
    """Whether its end is still to come, as with an action that k6 has not answered."""

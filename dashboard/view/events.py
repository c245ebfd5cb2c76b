"""Screen 5: what happened, newest first."""

from __future__ import annotations

from collections import Counter
from typing import Final

from dashboard.model.event import Event, EventKind
from dashboard.model.history import TargetHistory
from dashboard.view.format import clean, clock_time, elapsed_text
from dashboard.view.frame import EventRow, EventsFrame, KindCount
from dashboard.view.lazy import LazyRows
from dashboard.view.metrics import matches
from dashboard.view.selection import Selection

_LONGEST: Final = 4000
"""Characters of an event that are copied."""


def build_events(history: TargetHistory, selection: Selection) -> EventsFrame:
    """The events of the kinds wanted that pass the filter, up to the moment shown."""
    until, wanted, kinds = selection.cursor, selection.filter.strip(), selection.kinds
    passing = [
        event
        for event in reversed(history.events)
        if (until is None or event.at <= until)
        and (not wanted or matches(f"{event.kind} {event.title} {event.detail}", wanted))
    ]
    # A mark is of the moment at which its note was begun.
    passing.sort(key=lambda event: event.at, reverse=True)
    counts = Counter(event.kind for event in passing)
    shown = {str(event.id): event for event in passing if not kinds or event.kind in kinds}

    def make(key: str) -> EventRow:
        return _row(shown[key])

    rows = LazyRows(tuple(shown), make, tuple(shown.values()))
    return EventsFrame(rows, tuple(KindCount(kind, counts[kind], kind in kinds) for kind in EventKind))


def next_kind(kinds: frozenset[EventKind]) -> frozenset[EventKind]:
    """The next choice of one kind, after the last one all of them again."""
    order = list(EventKind)
    chosen = next((kind for kind in order if kind in kinds), None)
    following = 0 if chosen is None else order.index(chosen) + 1
    return frozenset(order[following : following + 1])


def event_text(row: EventRow) -> str:
    """An event in one line that can be pasted anywhere."""
    when = f"{clock_time(row.at)} ({elapsed_text(row.elapsed)})"
    detail = f". {row.detail}" if row.detail else ""
    return clean(f"{when} {row.kind}: {row.title}{detail}", _LONGEST)


def _row(event: Event) -> EventRow:
    return EventRow(
        event.id,
        event.at,
        event.elapsed,
        event.kind,
        event.title,
        event.detail,
        event.is_bad,
        event.is_open,
    )

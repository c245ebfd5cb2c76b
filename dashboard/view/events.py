"""Screen 5: what happened, newest first."""

from __future__ import annotations

from dashboard.model.event import Event
from dashboard.model.history import TargetHistory
from dashboard.view.frame import EventRow, EventsFrame
from dashboard.view.lazy import LazyRows
from dashboard.view.metrics import matches
from dashboard.view.selection import Selection


def build_events(history: TargetHistory, selection: Selection) -> EventsFrame:
    """The events that pass the filter, up to the moment shown."""
    until, wanted = selection.cursor, selection.filter.strip()
    shown = {
        str(event.id): event
        for event in reversed(history.events)
        if (until is None or event.at <= until)
        and (not wanted or matches(f"{event.kind} {event.title} {event.detail}", wanted))
    }

    def make(key: str) -> EventRow:
        return _row(shown[key])

    return EventsFrame(LazyRows(tuple(shown), make, tuple(shown.values())))


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

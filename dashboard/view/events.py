"""Screen 5: what happened, newest first."""

from __future__ import annotations

from dashboard.model.history import TargetHistory
from dashboard.view.frame import EventRow, EventsFrame
from dashboard.view.metrics import matches
from dashboard.view.selection import Selection


def build_events(history: TargetHistory, selection: Selection) -> EventsFrame:
    """The events that pass the filter, up to the moment shown."""
    until = selection.cursor
    return EventsFrame(
        tuple(
            EventRow(
                event.id,
                event.at,
                event.elapsed,
                event.kind,
                event.title,
                event.detail,
                event.is_bad,
                event.is_open,
            )
            for event in reversed(history.events)
            if (until is None or event.at <= until)
            and matches(f"{event.kind} {event.title} {event.detail}", selection.filter)
        )
    )

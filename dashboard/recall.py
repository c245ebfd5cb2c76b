"""What was recorded of a target, told to a history again."""

from __future__ import annotations

import dataclasses

from dashboard.model.event import Event
from dashboard.model.history import TargetHistory
from dashboard.model.run_history import RunHistory
from dashboard.sources.base import Note


class Recall:
    """Gives one history the notes of a recording, in their order among its readings."""

    def __init__(self, history: TargetHistory) -> None:
        self._history = history
        self._known: dict[int, tuple[Event, RunHistory]] = {}
        """By the id that the event had when it was recorded, while more may come of it."""

    def take(self, note: Note) -> None:
        """Note the event, or what more became known of it, and what it does to the run."""
        given = note.event
        event, run = self._known.get(given.id, (None, self._history.run))
        if note.outcome is not None:
            run.hear(note.outcome)
        if event is None:
            event = self._history.note(
                given.at, given.kind, given.title, given.detail, is_bad=given.is_bad, is_open=given.is_open
            )
        event = dataclasses.replace(given, id=event.id)
        self._history.revise(event)
        if given.is_open:
            self._known[given.id] = (event, run)
        else:
            self._known.pop(given.id, None)

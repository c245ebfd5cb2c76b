"""A whole recording as a history: everything that a live session would have known at its end."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.model.history import TargetHistory
from dashboard.recall import Recall
from dashboard.session import decode_reading
from dashboard.sources.base import Note, Reading
from dashboard.sources.record_file import Recording
from dashboard.sources.recording import Entry


def history_of(recording: Recording) -> TargetHistory:
    """The history of a recording, through the decoder that a live k6 goes through."""
    history = TargetHistory(recording.header.target, recording.header.start)
    fill(history, recording.entries())
    return history


def fill(history: TargetHistory, entries: Iterable[Entry]) -> None:
    """Give ``entries`` to a history, in their order."""
    recall = Recall(history)
    for entry in entries:
        match entry:
            case Reading():
                history.observe(decode_reading(entry))
            case Note():
                recall.take(entry)
            case _:
                pass

"""A whole recording as a history: everything that a live session would have known at its end."""

from __future__ import annotations

from dashboard.decoding import Decoder
from dashboard.model.history import TargetHistory
from dashboard.model.observation import Observation
from dashboard.recall import Recall
from dashboard.sources.base import Note, Reading
from dashboard.sources.replayable import Played, Replayable


class Filler:
    """Gives a history what was recorded, through the decoder that a live k6 goes through."""

    def __init__(self, history: TargetHistory) -> None:
        self._history = history
        self._recall = Recall(history)
        self._decoder = Decoder()

    def take(self, entry: Played) -> None:
        """Give it one entry; they come in their order."""
        match entry:
            case Reading():
                self._history.observe(self._decoder.decode(entry))
                if entry.asking is not None:
                    self._history.see_asking(entry.asking, entry.at)
            case Note():
                self._recall.take(entry)
            case Observation():
                self._history.observe(entry)
            case _:
                pass


def history_of(recording: Replayable) -> TargetHistory:
    """The history of a recording."""
    history = TargetHistory(recording.header.target, recording.header.start)
    filler = Filler(history)
    for entry in recording.entries():
        filler.take(entry)
    return history

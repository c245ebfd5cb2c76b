"""The file of ``--baseline``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.api import encode
from dashboard.errors import UsageError
from dashboard.model.observation import Observation, Snapshot
from dashboard.sources.base import Reading

if TYPE_CHECKING:
    from dashboard.sources.replayable import Played, Replayable


def open_baseline(name: str) -> Replayable:
    """Open the file of a run to compare another one with.

    Raises:
        UsageError: it cannot be read, or no test ran while it was recorded.
    """
    from dashboard.sources.replayable import open_replayable

    file = open_replayable(Path(name))
    if not any(map(_has_numbers, file.entries())):
        raise UsageError(f"{name} holds no numbers of a test that ran; record one from its start")
    return file


def _has_numbers(entry: Played) -> bool:
    match entry:
        case Reading(documents=documents):
            return any(document.endpoint == encode.METRICS and document.status_code == 200 for document in documents)
        case Observation(outcome=Snapshot(metrics=metrics, windows=windows)):
            return bool(metrics or windows)
        case _:
            return False

"""The one place that decides what a file is: by what is in it, whatever it is called."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from dashboard.api.shape import is_object
from dashboard.errors import UsageError
from dashboard.model.observation import Observation
from dashboard.sources.base import Reading
from dashboard.sources.dashboard_file import DashboardFile
from dashboard.sources.file_bytes import FileBytes, first_line
from dashboard.sources.record_file import Recording
from dashboard.sources.recording import Entry, Header
from dashboard.sources.sample_file import SampleFile

OPENS: Final = "what k6dash record writes, k6's --out json, and the record= of its web dashboard"
"""The files that can be replayed, in a few words."""

Played = Entry | Observation | None
"""What a file gives: an entry of a recording, or what was worked out already; None where it is still at work."""


class Replayable(Protocol):
    """A file with a test in it."""

    path: Path

    @property
    def header(self) -> Header:
        """What is known before anything else is read."""
        ...

    def entries(self) -> Iterator[Played]:
        """All of it, in order."""
        ...

    def keyframes(self) -> Iterator[Reading]:
        """The whole in coarse steps, where it can be had so in a fraction of the time."""
        ...

    @property
    def parts(self) -> int:
        """How many coarse steps that are."""
        ...

    @property
    def last_at(self) -> float | None:
        """The moment at which it ends, in seconds since the Unix epoch; None where only reading all of it tells."""
        ...

    def find_end(self) -> float:
        """That moment in any case, even if all of the file has to be read for it."""
        ...

    @property
    def share(self) -> float:
        """How much of its bytes has been read, 0 to 1."""
        ...

    @property
    def trouble(self) -> str:
        """What is wrong with the file, in a sentence, once everything was read; empty where nothing is."""
        ...


def open_replayable(path: Path) -> Replayable:
    """Open a file to replay it.

    Raises:
        UsageError: it cannot be read, or there is nothing in it that can be replayed.
    """
    data = FileBytes(path)
    if not len(data):
        raise UsageError(f"{path} is empty; k6dash replays {OPENS}")
    line = first_line(data)
    document = _document(line)
    if document.get("k6dash") == "recording":
        return Recording(path)
    if document.get("type") in ("Metric", "Point") and is_object(document.get("data")):
        return SampleFile(path)
    if isinstance(document.get("event"), str) and "data" in document:
        return DashboardFile(path)
    raise UsageError(f"{path} {_otherwise(line, document)}; k6dash replays {OPENS}")


def _document(line: bytes | None) -> dict[str, object]:
    try:
        document: object = json.loads((line or b"").decode("utf-8"))
    except (ValueError, RecursionError):
        return {}
    return document if is_object(document) else {}


def _otherwise(line: bytes | None, document: dict[str, object]) -> str:
    """What a file is that cannot be replayed."""
    if line is None:
        return "does not begin with a line of text"
    if document.keys() & {"root_group", "metrics"} or line.strip() == b"{":
        return "is one document of JSON, such as k6's summary, and not the course of a test"
    if line.startswith(b"metric_name,timestamp"):
        return "is what k6's --out csv writes"
    if line.lstrip().lower().startswith((b"<!doctype", b"<html")):
        return "is a page of HTML, such as k6's report"
    return "holds lines of JSON that are not k6's" if document else "holds nothing that k6 writes of a test"

"""What a recording that begins in the middle needs of what came before: the events of a stream build on one another."""

from __future__ import annotations

import re
from typing import Final

from dashboard.sources.base import Document, Reading

_OF_API: Final = ("/v1/", "/metrics", "/debug/")
_NAME: Final = re.compile(rb"^event: ?(\w+)\r?$", re.MULTILINE)
_MOST: Final = 2 * 1024 * 1024
"""Bytes of events that are kept; k6's announcements have some kB."""


class Preamble:
    """Takes in all readings of a target, and keeps what those to come cannot be understood without."""

    def __init__(self) -> None:
        self._lasting: dict[str, Document] = {}
        self._events: list[tuple[bytes, bytes]] = []
        self._size = 0

    def take(self, reading: Reading) -> None:
        """Take in a reading; they come in their order."""
        for document in reading.documents:
            if not document.endpoint.startswith(_OF_API):
                self._take(document)

    def _take(self, document: Document) -> None:
        # Not before there is such a document: the first frame does without.
        from dashboard.api.events import ENDPOINT
        from dashboard.sources.process_documents import LAUNCH, PLAN
        from dashboard.sources.stream import NEWS

        if document.endpoint in (LAUNCH, PLAN, NEWS):  # the newest says all
            self._lasting[document.endpoint] = document
        elif document.endpoint == ENDPOINT:
            for block in document.body.split(b"\n\n"):
                self._take_event(block)

    def _take_event(self, block: bytes) -> None:
        match = _NAME.search(block)
        name = match[1] if match is not None else b""
        if name == b"config":
            self._events, self._size = [], 0
        elif name == b"snapshot":
            # Where the next period begins; without one, that is the start.
            self._events = [each for each in self._events if each[0] not in (b"snapshot", b"start")]
        elif name not in (b"param", b"metric", b"start"):
            return
        if self._size < _MOST:
            self._events.append((name, block))
            self._size = sum(len(each) for _, each in self._events)

    def reading(self, target: str, at: float) -> Reading | None:
        """All of that as a reading; None where there is nothing."""
        documents = [self._lasting[name] for name in sorted(self._lasting)]
        if self._events:
            from dashboard.api.events import ENDPOINT

            events = b"".join(block + b"\n\n" for _, block in self._events)
            documents.append(Document(ENDPOINT, 200, events, 0.0))
        return Reading(target, at, tuple(documents)) if documents else None

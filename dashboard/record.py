"""Recording without a front end, for days: what comes from a source goes into files, and no history is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from dashboard.api import encode
from dashboard.clock import Clock
from dashboard.decoding import decode_reading
from dashboard.errors import OutputError
from dashboard.model.asking import Asking
from dashboard.model.history import TargetHistory
from dashboard.recall import Recall
from dashboard.sources.base import Note, Reading
from dashboard.sources.preamble import Preamble
from dashboard.sources.record_path import part_path
from dashboard.sources.recorder import Recorder

TALK_EVERY: Final = 600.0
"""Seconds between two words about how far it has come."""


class Recordable(Protocol):
    """What has to be known of a source to record it."""

    @property
    def target(self) -> str:
        """The target's address, as shown."""
        ...

    def readings(self) -> AsyncIterator[Reading | Note]:
        """Look again and again."""
        ...

    @property
    def groups_asking(self) -> Asking | None:
        """Whether the target is asked for its groups and checks, and why not."""
        ...


class Recordist:
    """One target, recorded until it is told to stop, or until the test is over."""

    def __init__(
        self,
        source: Recordable,
        clock: Clock,
        interval: float,
        path: Path,
        say: Callable[[str], None],
        *,
        until_ended: bool = False,
        rotate: float | None = None,
        replace_file: bool = False,
    ) -> None:
        """Create the file.

        Args:
            source: What is recorded.
            clock: Where time comes from.
            interval: Seconds between two looks, as the user wanted it.
            path: The file; where there are several, each has its time in its name.
            say: Tells the user something.
            until_ended: Whether to end when the test has.
            rotate: Seconds after which another file is begun.
            replace_file: Whether a file that is there is overwritten.

        Raises:
            UsageError: the file is there, or cannot be created.
        """
        self._source = source
        self._clock = clock
        self._interval = interval
        self._path = path
        self._say = say
        self._until_ended = until_ended
        self._rotate = rotate
        self._history = TargetHistory(source.target, clock.now())
        """Of the status alone: what is said of the test, in memory that does not grow with it."""
        self._recall = Recall(self._history)
        self._said = 0
        self._has_last_metrics = False
        self._bytes_before: int = 0
        self._began = self._spoke = clock.now()
        self._asking: Asking | None = None
        self._preamble = Preamble()
        self._recorder: Recorder = self._begin(replace_file=replace_file)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return self._bytes_before + self._recorder.size

    @property
    def seconds(self) -> float:
        """Since the start."""
        return self._clock.now() - self._began

    def _begin(self, *, replace_file: bool = False) -> Recorder:
        now = self._clock.now()
        path = self._path if self._rotate is None else part_path(self._path, now)
        recorder = Recorder(path, self._source.target, now, self._interval, replace=replace_file)
        self._say(f"recording {self._source.target} into {path}")
        self._asking = None
        before = self._preamble.reading(self._source.target, now)
        if before is not None:
            recorder.take(before)
        return recorder

    def _note_asking(self, at: float) -> None:
        """Record how the target is asked for its groups, where that has changed."""
        asking = self._source.groups_asking
        if asking is not None and asking != self._asking:
            self._asking = asking
            self._recorder.take(Reading(self._source.target, at, asking=asking))

    async def run(self) -> None:
        """Record until the test is over, if that is wanted; else for ever. Close the file in any case.

        Raises:
            OutputError: nothing can be written any more.
        """
        reason = "stopped"
        try:
            async for entry in self._source.readings():
                self._take(entry)
                if self._until_ended and self._is_over:
                    reason = "the test is over"
                    break
        finally:
            self._recorder.close(self._clock.now(), reason)
        self._check()

    def _take(self, entry: Reading | Note) -> None:
        self._recorder.take(entry)
        if isinstance(entry, Reading):
            self._preamble.take(entry)
        match entry:
            case Reading():
                self._note_asking(entry.at)
                self._watch(entry)
            case Note():
                self._recall.take(entry)
        self._check()
        now = self._clock.now()
        if self._rotate is not None and now - self._recorder.started >= self._rotate:
            self._recorder.close(now, "continued in another file")
            self._check()
            self._bytes_before += self._recorder.size
            self._recorder = self._begin()
        if now - self._spoke >= TALK_EVERY:
            self._spoke = now
            self._say(f"{self._history.run.state()}; {self.progress}")

    @property
    def progress(self) -> str:
        """How much has been recorded, in a few words."""
        minutes, seconds = divmod(round(self.seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{self.size / 1e6:.1f} MB in {hours}:{minutes:02}:{seconds:02}"

    def _watch(self, reading: Reading) -> None:
        """Learn from a reading what the test is doing, and say what is new."""
        documents = tuple(document for document in reading.documents if document.endpoint == encode.STATUS)
        self._history.observe(decode_reading(replace(reading, documents=documents)))
        status = self._history.run.status
        if status is not None and status.is_final:
            self._has_last_metrics |= any(document.endpoint == encode.METRICS for document in reading.documents)
        else:
            self._has_last_metrics = False
        for event in self._history.events:
            if event.id > self._said:
                self._said = event.id
                detail = f": {event.detail}" if event.is_bad and event.detail else ""
                self._say(f"{event.title}{detail}")

    def _check(self) -> None:
        if self._recorder.broken:
            raise OutputError(self._recorder.broken)

    @property
    def _is_over(self) -> bool:
        """Whether the test has ended and its last metrics are recorded, or k6 has gone."""
        run = self._history.run
        status = run.status
        if run.has_gone:
            return True
        return status is not None and status.is_final and (self._has_last_metrics or run.outage is not None)

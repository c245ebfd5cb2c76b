"""The recording of a session's target: begun and ended while the session goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.clock import Clock
from dashboard.errors import UsageError
from dashboard.model.taping import Taping
from dashboard.session import Session
from dashboard.sources.base import Reading
from dashboard.sources.preamble import Preamble

if TYPE_CHECKING:
    from dashboard.sources.recorder import Recorder


class Tape:
    """Records what a session sees of one target, from when it is told to until it is told to stop."""

    def __init__(self, session: Session, target: str, clock: Clock, interval: float) -> None:
        self._session = session
        self._target = target
        self._clock = clock
        self._interval = interval
        self._recorder: Recorder | None = None
        self._preamble = Preamble()
        session.listeners.append(self._preamble.take)

    @property
    def state(self) -> Taping | None:
        """The recording under way; None where there is none."""
        recorder = self._recorder
        if recorder is None:
            return None
        return Taping(recorder.path, recorder.size, self._clock.now() - recorder.started, recorder.broken)

    def begin(self, path: Path | None = None, *, replace: bool = False) -> Path:
        """Record from now on. Without a path, the file is named by target and time, in the data folder.

        Raises:
            UsageError: the file cannot be created.
        """
        from dashboard.sources.record_path import automatic_path, data_folder
        from dashboard.sources.recorder import Recorder

        self.end("another recording was begun")
        now = self._clock.now()
        if path is None:
            path = automatic_path(self._target, now, data_folder())
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UsageError(f"{path.parent} cannot be made: {error.strerror or error}") from None
        recorder = Recorder(path, self._target, now, self._interval, replace=replace)
        self._recorder = recorder
        # What changes seldom would else be missing from a recording that begins in the middle.
        recorder.take(Reading(self._target, now, asking=self._session.histories[self._target].asking))
        before = self._preamble.reading(self._target, now)
        if before is not None:
            recorder.take(before)
        self._session.listeners.append(recorder.take)
        self._session.note_listeners.append(recorder.take)
        return path

    def end(self, reason: str = "stopped") -> Taping | None:
        """Record no more and close the file; what has been recorded, if there was anything to end."""
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return None
        self._session.listeners.remove(recorder.take)
        self._session.note_listeners.remove(recorder.take)
        now = self._clock.now()
        recorder.close(now, reason)
        return Taping(recorder.path, recorder.size, now - recorder.started, recorder.broken)

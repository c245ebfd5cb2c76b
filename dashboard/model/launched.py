"""A k6 process that k6dash has started, as its run's history keeps it."""

from __future__ import annotations

from dashboard.model.progress import Phase
from dashboard.model.run import State
from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class Launch:
    """How it was started."""

    words: tuple[str, ...]
    """The command line, word for word."""
    pid: int
    address: str
    """``host:port`` of its REST API; others can attach there."""
    events: str
    """``host:port`` of its event stream; empty where there is none."""
    output: str
    """The file of its standard output."""
    log: str
    """The file of its standard error."""
    log_output: str = ""
    """Where its log goes, as words after "goes", if the user sent it somewhere else than there."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How it ended."""

    code: int
    """Its exit code; negative for a signal."""
    meaning: str
    """What that means, in words."""
    is_stop: bool
    """Whether the test was stopped before its end."""
    is_failure: bool
    """Whether the script marked it as failed."""
    is_whole: bool
    """Whether its load ran to its end, unless a threshold aborted it."""

    @property
    def state(self) -> State:
        """The word for what the run is doing, now that it has ended so."""
        return State.FAILED if self.is_failure else State.STOPPED if self.is_stop else State.ENDED


@dataclass(frozen=True, slots=True)
class Progress:
    """One scenario as k6's own progress line tells it. Untrusted text."""

    name: str
    share: float | None
    """0 to 1; None where k6 tells none."""
    text: str
    """VUs, time, iterations."""
    is_over: bool
    phase: Phase = Phase.RUNNING
    vus: int | None = None
    """VUs that it uses."""
    seconds: float | None = None
    """Since its start, to a tenth; of one that waits, until then."""
    done: int | None = None
    """Iterations done, where it ends by them."""


@dataclass(frozen=True, slots=True)
class ProcessNews:
    """What came of it since the last time. What did not change is None or empty."""

    launch: Launch | None = None
    progress: tuple[Progress, ...] | None = None
    summary: str | None = None
    exit: Exit | None = None


@dataclass(slots=True)
class ProcessHistory:
    """All that is known of it."""

    launch: Launch | None = None
    progress: tuple[Progress, ...] = ()
    summary: str = ""
    """The end-of-test summary, as k6 printed it. Untrusted text of many lines."""
    exit: Exit | None = None
    exit_at: float | None = None
    """When that became known, in seconds since the Unix epoch."""

    def exit_by(self, at: float) -> Exit | None:
        """How it ended, as far as was known at a moment."""
        return self.exit if self.exit_at is not None and self.exit_at <= at else None

    def add(self, news: ProcessNews, at: float) -> None:
        """Take in what came."""
        self.launch = news.launch or self.launch
        if news.progress is not None:
            self.progress = news.progress
        if news.summary is not None:
            self.summary = news.summary
        if news.exit is not None:
            self.exit = news.exit
            self.exit_at = at if self.exit_at is None else self.exit_at

"""One entry of k6's log."""

from __future__ import annotations

from enum import StrEnum

from dashboard.quick import dataclass


class Level(StrEnum):
    """How serious a line is, in k6's words; the most serious first, as they are listed."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"


class Origin(StrEnum):
    """Who said it."""

    K6 = "k6"
    SCRIPT = "js"
    """The script, with ``console.log`` and the like."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry of k6's log. All of it is untrusted text, of bounded length."""

    at: float
    """When it was written, in seconds since the Unix epoch; k6 tells whole seconds."""
    level: Level
    message: str
    source: str = ""
    """``console`` for what the script says, ``stacktrace`` for its exceptions, empty for k6 itself."""
    fields: tuple[tuple[str, str], ...] = ()
    """What k6 adds: ``error``, ``scenario``, ``executor``, ``hint`` ..."""

    @property
    def origin(self) -> Origin:
        """Who said it. Of an exception it is k6 that tells."""
        return Origin.SCRIPT if self.source.startswith("console") else Origin.K6

    @property
    def is_trouble(self) -> bool:
        """Whether it is counted among the errors: k6's warnings are, such as of a failed request; the script's not."""
        return self.level is Level.ERROR or (self.level is Level.WARNING and self.origin is Origin.K6)

    @property
    def detail(self) -> str:
        """The error itself, where k6 tells it beside the message."""
        return next((value for name, value in self.fields if name == "error"), "")

    @property
    def code(self) -> str:
        """k6's error code or the like, where one is told; else empty."""
        return next((value for name, value in self.fields if name in ("error_code", "code")), "")

    @property
    def text(self) -> str:
        """All of it in one piece."""
        return " ".join((self.message.strip(), *(f"{name}={value}" for name, value in self.fields)))


@dataclass(frozen=True, slots=True)
class LogNews:
    """What came of a log since the last time."""

    lines: tuple[LogLine, ...] = ()
    skipped: int = 0
    """Bytes that came too fast to be read."""

"""A recording under way, as it is shown."""

from __future__ import annotations

from pathlib import Path

from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class Taping:
    """A recording under way, as it is shown."""

    path: Path
    size: int
    """Bytes of the file."""
    seconds: float
    """Since it was begun."""
    broken: str = ""
    """Why nothing is recorded any more, in a sentence; empty while all is well."""

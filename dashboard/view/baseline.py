"""The run that the one shown is compared with."""

from __future__ import annotations

from collections.abc import Callable

from dashboard.model.run_history import RunHistory
from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class Baseline:
    """A run that was recorded before."""

    name: str
    """What it is called, such as the file's name; untrusted text."""
    run: Callable[[], RunHistory]
    """What is known of it by now: it is read while something else is shown already."""

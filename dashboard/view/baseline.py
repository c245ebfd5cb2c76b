"""The run that the one shown is compared with, and its ghost behind that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dashboard.model.run_history import RunHistory
from dashboard.quick import dataclass

if TYPE_CHECKING:
    from dashboard.view.ghost import Ghost
    from dashboard.view.lines import Span


@dataclass(frozen=True, slots=True)
class Baseline:
    """A run that was recorded before."""

    name: str
    """What it is called, such as the file's name; untrusted text."""
    run: Callable[[], RunHistory]
    """What is known of it by now: it is read while something else is shown already."""


def find_ghost(baseline: Baseline | None, run: RunHistory, span: Span) -> Ghost | None:
    """The baseline at the moments of the run shown; what it takes is loaded for who has one."""
    if baseline is None:
        return None
    from dashboard.view.ghost import Ghost

    return Ghost(baseline, run, span)

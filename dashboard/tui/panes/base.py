"""What the stage knows of every screen."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from dashboard.model.history import TargetHistory
from dashboard.tui.glyphs import Glyphs
from dashboard.view.selection import Selection


@runtime_checkable
class Pane(Protocol):
    """A screen: a widget that can be fed."""

    glyphs: Glyphs

    def show(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Show what ``selection`` picks of ``history``; ``now`` is for ages, and for the edge of charts that follow."""
        ...

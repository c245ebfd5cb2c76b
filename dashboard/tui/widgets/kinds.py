"""The kinds of event, each a switch with the number of its events."""

from __future__ import annotations

from dashboard.model.event import EventKind
from dashboard.tui.messages import KindsChosen
from dashboard.tui.widgets.switches import SwitchRow


class KindsRow(SwitchRow):
    """One line: all, and each kind of event."""

    def picked(self, names: frozenset[str]) -> None:
        """Tell which kinds are wanted."""
        self.post_message(KindsChosen(frozenset(EventKind(name) for name in names)))

"""Where a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from dashboard.tui.widgets.note import NoteInput


class FilterInput(NoteInput):
    """A filter, hidden while it is neither used nor in force."""

    BINDINGS: ClassVar = [("escape", "app.close", "give up")]

    def on_mount(self) -> None:
        """Begin hidden."""
        self.add_class("-idle", "-text")

    def on_focus(self) -> None:
        """Be seen."""
        self.remove_class("-idle")

    def on_blur(self) -> None:
        """Hide, unless something is filtered."""
        self.set_class(not self.value, "-idle")

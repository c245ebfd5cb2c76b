"""Where a filter is typed."""

from __future__ import annotations

from typing import ClassVar

from textual.widgets import Input


class FilterInput(Input):
    """A filter, hidden while it is neither used nor in force."""

    BINDINGS: ClassVar = [("escape", "app.close", "give up")]

    def validate_value(self, value: str) -> str:
        """Take what can be shown; a clipboard may hold anything."""
        return "".join(character for character in value if character.isprintable())

    def on_mount(self) -> None:
        """Begin hidden."""
        self.add_class("-idle", "-text")

    def on_focus(self) -> None:
        """Be seen."""
        self.remove_class("-idle")

    def on_blur(self) -> None:
        """Hide, unless something is filtered."""
        self.set_class(not self.value, "-idle")

"""Where a line of text is typed."""

from __future__ import annotations

from textual.widgets import Input


class NoteInput(Input):
    """A line of text, of what can be shown."""

    def validate_value(self, value: str) -> str:
        """Take what can be shown; a clipboard may hold anything."""
        return "".join(character for character in value if character.isprintable())

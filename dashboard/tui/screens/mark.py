"""The dialog that takes a note for a mark."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from dashboard.tui.widgets.note import NoteInput

LONGEST = 200


class MarkDialog(ModalScreen[str | None]):
    """Enter marks, with what was typed or without; Esc does not mark."""

    AUTO_FOCUS = "#note"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "cancel")]

    def __init__(self, moment: str) -> None:
        super().__init__()
        self._moment = moment

    def compose(self) -> ComposeResult:
        """The note, and what the keys do."""
        with Vertical(id="dialog"):
            yield Static(Content(f"Mark {self._moment}"), id="question")
            yield NoteInput(placeholder="a note, if you like", max_length=LONGEST, id="note")
            yield Static(
                Content("Enter marks the moment at which you pressed the key; Esc does not."), id="consequences"
            )

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Mark."""
        self.dismiss(event.value.strip())

    def action_cancel(self) -> None:
        """Do not mark."""
        self.dismiss(None)

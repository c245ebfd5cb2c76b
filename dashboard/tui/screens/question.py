"""A question before something is done to the test, with what it will really do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from dashboard.view.setup import Question


class QuestionDialog(ModalScreen[bool]):
    """Asks; only ``y`` or the button says yes. The button that has the focus says no."""

    AUTO_FOCUS = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "yes"),
        Binding("n,escape", "answer(False)", "no"),
        Binding("left,right", "app.focus_next", "choose", show=False),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """The question, its consequences, and two buttons."""
        asked = self._question
        with Vertical(id="dialog", classes="-danger" if asked.is_danger else ""):
            yield Static(Content(asked.question), id="question")
            yield Static(Content(asked.consequences), id="consequences")
            with Horizontal(id="answers"):
                yield Button(f"{asked.no}  (n)", id="no", variant="primary")
                yield Button(f"{asked.yes}  (y)", id="yes", variant="error" if asked.is_danger else "warning")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by button."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, yes: bool) -> None:
        """Answer by key."""
        self.dismiss(yes)

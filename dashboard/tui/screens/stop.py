"""The question before a test is stopped."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from dashboard.view.format import clean


class StopDialog(ModalScreen[bool]):
    """Asks; only ``y`` or the button says yes. The button that has the focus says no."""

    AUTO_FOCUS = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "stop the test"),
        Binding("n,escape", "answer(False)", "go on"),
        Binding("left,right", "app.focus_next", "choose", show=False),
    ]

    def __init__(self, target: str, situation: str) -> None:
        super().__init__()
        self._target = target
        self._situation = situation

    def compose(self) -> ComposeResult:
        """The question, its consequences, and two buttons."""
        with Vertical(id="dialog", classes="-danger"):
            yield Static(Content(f"Stop the test at {clean(self._target, 60)}?"), id="question")
            yield Static(
                Content(
                    f"It is {clean(self._situation)}. Running iterations are cut off at once, teardown() still runs, "
                    "and k6 exits with code 103. This cannot be undone."
                ),
                id="consequences",
            )
            with Horizontal(id="answers"):
                yield Button("No, go on  (n)", id="no", variant="primary")
                yield Button("Yes, stop  (y)", id="yes", variant="error")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by button."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, stop: bool) -> None:
        """Answer by key."""
        self.dismiss(stop)

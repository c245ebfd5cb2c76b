"""The question before k6dash leaves a k6 that it has started."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """What can become of a k6, and what follows from it."""

    question: str
    consequences: str
    end: str
    """What ends it; empty where nothing can."""


class LeaveDialog(ModalScreen[str]):
    """Asks what is to become of k6: ``detach``, ``stop``, or nothing. The button that has the focus stays."""

    AUTO_FOCUS = "#stay"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "answer('detach')", "leave k6 running"),
        Binding("s", "answer('stop')", "stop the test"),
        Binding("escape,n,q", "answer('')", "stay"),
        Binding("down,right", "app.focus_next", "choose", show=False),
        Binding("up,left", "app.focus_previous", "choose", show=False),
    ]

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self._choice = choice

    def compose(self) -> ComposeResult:
        """The question, and an answer a line."""
        with Vertical(id="dialog"):
            yield Static(Content(self._choice.question), id="question")
            yield Static(Content(self._choice.consequences), id="consequences")
            with Vertical(id="choices"):
                yield Button("Stay here  (Esc)", id="stay", variant="primary")
                yield Button("Leave k6 running  (d)", id="detach")
                if self._choice.end:
                    yield Button(f"{self._choice.end}  (s)", id="stop", variant="error")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an answer is among the choices."""
        return bool(self._choice.end) or parameters != ("stop",)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by button."""
        self.dismiss("" if event.button.id == "stay" else event.button.id or "")

    def action_answer(self, answer: str) -> None:
        """Answer by key."""
        self.dismiss(answer)

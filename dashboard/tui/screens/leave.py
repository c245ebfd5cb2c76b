"""The question before k6dash leaves a k6 that it has started."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static


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

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._pid = pid

    def compose(self) -> ComposeResult:
        """The question, and an answer a line."""
        with Vertical(id="dialog"):
            yield Static(Content(f"k6 is still running (pid {self._pid}). What is to become of it?"), id="question")
            yield Static(
                Content(
                    "Left running, it goes on without k6dash: its output and log go on into their files, and k6dash "
                    "says where they are and how to watch it again. Stopped, iterations are cut off, teardown() "
                    "still runs, and k6 exits with code 103."
                ),
                id="consequences",
            )
            with Vertical(id="choices"):
                yield Button("Stay here  (Esc)", id="stay", variant="primary")
                yield Button("Leave k6 running  (d)", id="detach")
                yield Button("Stop the test, then leave  (s)", id="stop", variant="error")

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by button."""
        self.dismiss("" if event.button.id == "stay" else event.button.id or "")

    def action_answer(self, answer: str) -> None:
        """Answer by key."""
        self.dismiss(answer)

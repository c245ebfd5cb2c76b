"""The question before k6dash leaves a k6 that it has started."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

_DETACHED = (
    "Left running, it goes on without k6dash: its output and log go on into their files, and k6dash "
    "says where they are and how to watch it again."
)
_STOPPED = "Stopped, iterations are cut off, teardown() still runs, and k6 exits with code 103."
_READ_ONLY = "It cannot be stopped from here: k6dash was started with --read-only."


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

    def __init__(self, pid: int, *, may_stop: bool = True) -> None:
        super().__init__()
        self._pid = pid
        self._may_stop = may_stop

    def compose(self) -> ComposeResult:
        """The question, and an answer a line."""
        with Vertical(id="dialog"):
            yield Static(Content(f"k6 is still running (pid {self._pid}). What is to become of it?"), id="question")
            yield Static(Content(f"{_DETACHED} {_STOPPED if self._may_stop else _READ_ONLY}"), id="consequences")
            with Vertical(id="choices"):
                yield Button("Stay here  (Esc)", id="stay", variant="primary")
                yield Button("Leave k6 running  (d)", id="detach")
                if self._may_stop:
                    yield Button("Stop the test, then leave  (s)", id="stop", variant="error")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an answer is among the choices."""
        return self._may_stop or parameters != ("stop",)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer by button."""
        self.dismiss("" if event.button.id == "stay" else event.button.id or "")

    def action_answer(self, answer: str) -> None:
        """Answer by key."""
        self.dismiss(answer)

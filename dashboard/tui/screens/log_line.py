"""One line of the log, whole: every line of its message, every field."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from dashboard.tui.messages import CopyWanted
from dashboard.view.format import clean

_MOST_LINES: Final = 200
_WIDEST: Final = 4000


class LogLineScreen(ModalScreen[None]):
    """Over the log, which goes on beneath it."""

    AUTO_FOCUS = "#line-text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "dismiss", "back to the log"),
        Binding("c,y", "copy_line", "copy"),
    ]

    def __init__(self, details: tuple[tuple[str, str], ...], text: str) -> None:
        """Take what is shown.

        Args:
            details: What each part is called, and what it says; untrusted text of many lines.
            text: What is copied. It is harmless already.
        """
        super().__init__()
        self._details = details
        self._text = text

    def compose(self) -> ComposeResult:
        """The parts one below the other, and the way back."""
        with Vertical(id="line"):
            with VerticalScroll(id="line-text"):
                for name, text in self._details:
                    with Horizontal(classes="entry"):
                        yield Static(Content(clean(name, 40)), classes="name")
                        lines = text.split("\n")[:_MOST_LINES]
                        shown = "\n".join(clean(line.replace("\t", "    "), _WIDEST) for line in lines)
                        yield Static(Content(shown), classes="value")
            yield Static(Content("c copies it in one line; Esc goes back to the log."), id="line-way")

    def action_copy_line(self) -> None:
        """Have it copied."""
        self.post_message(CopyWanted(self._text))

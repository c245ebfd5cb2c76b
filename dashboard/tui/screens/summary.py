"""How a launched k6 ended, and its end-of-test summary, as k6 printed it."""

from __future__ import annotations

from textwrap import dedent
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from dashboard.model.launched import Exit, ProcessHistory
from dashboard.view.format import clean

_WIDEST = 400


class SummaryScreen(ModalScreen[None]):
    """Over the charts, which stay as they were at the end."""

    AUTO_FOCUS = "#summary-text"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,E,enter,space,q", "dismiss", "back to the charts")]

    def __init__(self, process: ProcessHistory) -> None:
        super().__init__()
        self._process = process

    def compose(self) -> ComposeResult:
        """The exit code in words, k6's own summary, the way back."""
        end = self._process.exit
        with Vertical(id="summary"):
            yield Static(exit_text(end), id="summary-exit", classes="-failed" if end and end.code else "")
            with ScrollableContainer(id="summary-text"):
                lines = dedent(self._process.summary or "k6 printed no summary.").split("\n")
                yield Static(Content("\n".join(clean(line, _WIDEST) for line in lines)), id="summary-lines")
            yield Static(
                Content("Esc goes back to the charts; q there leaves, and prints this again."), id="summary-way"
            )


def exit_text(end: Exit | None) -> Content:
    """An exit code in words."""
    if end is None:
        return Content("k6 is still running.")
    sign = "✓" if end.code == 0 else "✗"
    return Content(f"{sign} k6 ended with exit code {end.code}: {end.meaning}.")

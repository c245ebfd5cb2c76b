"""The dialog that takes a number of VUs."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.validation import Integer
from textual.widgets import Input, Static

MOST_VUS = 1_000_000
"""Far more than one k6 can run; a slip of the finger is not sent."""


class VUsDialog(ModalScreen[int | None]):
    """Asks for a whole number; Enter sends it, Esc does not."""

    AUTO_FOCUS = "#vus"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "cancel")]

    def __init__(self, vus: int | None, vus_max: int | None) -> None:
        super().__init__()
        self._vus = vus
        self._vus_max = vus_max

    def compose(self) -> ComposeResult:
        """The number, and what it starts from."""
        with Vertical(id="dialog"):
            yield Static(Content("How many VUs?"), id="question")
            yield Input(
                value="" if self._vus is None else str(self._vus),
                placeholder="a whole number",
                type="integer",
                validators=[Integer(minimum=0, maximum=MOST_VUS)],
                validate_on=["changed", "submitted"],
                select_on_focus=True,
                id="vus",
            )
            most = "" if self._vus_max is None else f" {self._vus_max} are initialised; more takes k6 a moment."
            yield Static(Content(f"Now {'unknown' if self._vus is None else self._vus}.{most}"), id="consequences")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the number, or say what it has to be."""
        if event.validation_result is None or event.validation_result.is_valid:
            self.dismiss(int(event.value) if event.value.strip() else None)
            return
        self.query_one("#consequences", Static).update(Content(f"A whole number from 0 to {MOST_VUS:,} is needed."))

    def action_cancel(self) -> None:
        """Send nothing."""
        self.dismiss(None)

"""The editor of the setup data: checks while one types, and sends after a question."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Button, Static, TextArea

from dashboard.model.action import SetSetup
from dashboard.model.json_text import Fault, check, same_value
from dashboard.tui.widgets.json_area import JSONArea

MOST_CHARACTERS = 200_000
"""Larger data are for ``k6dash setup set FILE``: an editor in a terminal is no place for them."""
_AT_ONCE = 20_000
"""Texts up to this length are checked at every key; longer ones when one pauses."""
_PAUSE = 0.4


class SetupEditor(ModalScreen[SetSetup | None]):
    """Takes a JSON text; ``Ctrl+S`` sends it after a question, ``Esc`` gives it up."""

    AUTO_FOCUS = "#editor-text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,f2", "send", "send", priority=True),
        Binding("escape", "give_up", "give up", priority=True),
        Binding("f8", "go_to_fault", "to the fault", priority=True),
    ]

    def __init__(self, text: str, data: str | None, confirm: Callable[[SetSetup], Awaitable[bool]]) -> None:
        """Take what is edited.

        Args:
            text: The data as they are shown.
            data: The data as k6 gave them; None where there are none.
            confirm: Asks the user before they are sent.
        """
        super().__init__()
        self._text = text
        self._data = data
        self._confirm = confirm
        self._timer: Timer | None = None
        self._warned = False

    def compose(self) -> ComposeResult:
        """The text, what is wrong with it, and two buttons."""
        with Vertical(id="editor"):
            yield Static(Content("The setup data, as one JSON value"), id="question")
            area = JSONArea(self._text, id="editor-text", classes="-text")
            area.show_line_numbers = True
            area.cursor_blink = False
            yield area
            yield Static(id="editor-fault")
            with Horizontal(id="answers"):
                yield Button("Give up  (Esc)", id="give-up", variant="primary")
                yield Button("Send …  (Ctrl+S)", id="send", variant="warning")

    def on_mount(self) -> None:
        """Say how it stands with the text."""
        self._check()

    @property
    def _area(self) -> JSONArea:
        return self.query_one(JSONArea)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Check, at once or when one pauses."""
        event.stop()
        self._warned = False
        if self._timer is not None:
            self._timer.stop()
        if len(event.text_area.text) <= _AT_ONCE:
            self._check()
        else:
            self._timer = self.set_timer(_PAUSE, self._check)

    def _check(self) -> Fault | None:
        text = self._area.text
        fault = check(text) if text.strip() else None
        self._area.mark(fault)
        if fault is not None:
            self._say(f"✗ {fault}", is_bad=True)
        elif not text.strip():
            self._say("An empty text takes the setup data away.")
        elif self._is_unchanged(text):
            self._say("✓ as k6 has it")
        else:
            self._say(f"✓ JSON of {len(text):,} characters")
        return fault

    def _is_unchanged(self, text: str) -> bool:
        if text == self._text:
            return True
        return self._data is not None and same_value(text, self._data)

    def _say(self, text: str, *, is_bad: bool = False) -> None:
        said = self.query_one("#editor-fault", Static)
        said.update(Content(text))
        said.set_class(is_bad, "-bad")

    def action_go_to_fault(self) -> None:
        """Put the cursor where the text goes wrong."""
        self._area.go_to_fault()
        self._area.focus()

    def action_send(self) -> None:
        """Send the text after a question; where it is no JSON, go to where it goes wrong."""
        if self._check() is not None:
            self.action_go_to_fault()
            return
        text = self._area.text
        if not text.strip() and self._data is None:
            self._say("There are no setup data to take away.")
        elif text.strip() and self._is_unchanged(text):
            self._say("Nothing was changed; there is nothing to send.")
        else:
            sending = self._send(SetSetup(text if text.strip() else None))
            self.run_worker(sending, name="ask before sending", exclusive=True)

    async def _send(self, action: SetSetup) -> None:
        if await self._confirm(action):
            self.dismiss(action)

    def action_give_up(self) -> None:
        """Go back; what was typed is not thrown away at the first press."""
        if self._area.text != self._text and not self._warned:
            self._warned = True
            self._say("Esc once more throws away what you typed.", is_bad=True)
        else:
            self.dismiss(None)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Do what the button says."""
        if event.button.id == "send":
            self.action_send()
        else:
            self.action_give_up()

"""The help: every command of the registry, and what the signs mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Static

from dashboard.tui.commands import Command, Group
from dashboard.tui.glyphs import Glyphs
from dashboard.view.format import UNKNOWN

_TITLES = {
    Group.TEST: "The test",
    Group.VIEW: "The view",
    Group.SCREENS: "Screens",
    Group.GENERAL: "k6dash",
}


class HelpScreen(ModalScreen[None]):
    """Opened with ``?``; what cannot be done now says why."""

    AUTO_FOCUS = "#help"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "close", "close")]

    def __init__(self, commands: Sequence[Command], impossible: dict[str, str], glyphs: Glyphs) -> None:
        """Take what depends on the moment.

        Args:
            commands: All that can be done, with the keys that are in force.
            impossible: Command id to the reason why it does not work now.
            glyphs: The characters whose signs are explained.
        """
        super().__init__()
        self._commands = commands
        self._impossible = impossible
        self._glyphs = glyphs

    def compose(self) -> ComposeResult:
        """One section a group, then the signs."""
        said: set[str] = set()
        with VerticalScroll(id="help"):
            for group in Group:
                yield Static(Content(_TITLES[group]), classes="section")
                for command in self._commands:
                    if command.group is not group:
                        continue
                    yield from _entry(command.key_text, command.description)
                    reason = self._impossible.get(command.id)
                    if reason is not None:
                        yield from _entry("", "Not now either." if reason in said else f"Not now: {reason}", "why")
                        said.add(reason)
            characters = self._glyphs.characters
            yield Static(Content("What the signs mean"), classes="section")
            for sign, meaning in (
                (characters.cumulative, "cumulative: over the whole run so far, as k6 gives it"),
                (characters.interval, "interval: between two polls, exact on k6's own clock"),
                (characters.estimated, "estimated: derived with an assumption that may not hold"),
                (UNKNOWN, "not known: k6 does not give it, or has not given it yet"),
                (characters.gap, "a gap: k6 gave nothing then"),
            ):
                yield from _entry(sign, meaning)

    def on_key(self, event: Key) -> None:
        """Go back by the key that opened it, whichever that is."""
        if any(event.key in command.keys for command in self._commands if command.id == "help"):
            event.stop()
            self.dismiss(None)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)


def _entry(key: str, text: str, classes: str = "command") -> ComposeResult:
    """One line: a key or sign, and what it stands for, wrapped beside it."""
    with Horizontal(classes="entry"):
        yield Static(Content(key), classes="key")
        yield Static(Content(text), classes=classes)

"""The key bar: what the keys do here and now; a key that cannot work is dim and says why when pressed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from textual.events import Click
from textual.reactive import reactive

from dashboard.quick import dataclass
from dashboard.tui.commands import COMMANDS, Command
from dashboard.tui.keynames import key_text
from dashboard.tui.messages import CommandChosen
from dashboard.tui.widgets.lines import LinesWidget, put, row_width

_SCREENS = ("overview", "metrics", "checks", "generator", "events", "setup", "log", "plan")

_FOR_SCREENS = 0.4
"""The part of the width in which all screens are named; where it does not do, only the one that is seen is."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """What the key bar has to know beside the registry."""

    screen: str
    impossible: frozenset[str] = frozenset()
    """Commands that this k6 cannot do now, by id."""
    labels: tuple[tuple[str, str], ...] = ()
    """Labels that depend on the state: ``p`` is pause, resume or start."""
    is_past: bool = False
    """Whether a moment is shown that has passed."""
    commands: tuple[Command, ...] = COMMANDS
    """The commands with the keys that are in force."""


class KeyBar(LinesWidget):
    """One line at the bottom: the screens, then the keys, as many as there is room for."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "keybar--key",
        "keybar--label",
        "keybar--dim",
        "keybar--screen",
        "keybar--here",
    }

    state: reactive[KeyState] = reactive(KeyState("overview"), layout=False, repaint=False)

    def watch_state(self) -> None:
        """Draw the keys of the new state."""
        self.redraw()

    def _items(self, width: int) -> list[tuple[Command, list[Segment]]]:
        """What is shown, in order; the help and the way out have their room first."""
        labels = dict(self.state.labels)
        items: list[tuple[Command, list[Segment]]] = []
        commands = self.state.commands
        wanted = [command for command in commands if command.id in _SCREENS]
        # What belongs to this screen alone comes first: it is what one came for.
        wanted += [
            command for command in commands if command.in_bar and command.screen and command.works_on(self.state.screen)
        ]
        first = [command for command in commands if command.of_past and self.state.is_past]
        wanted += first
        wanted += [command for command in commands if command.in_bar and not command.screen and command not in first]
        sure = {"help", "leave"}
        screens = [command for command in wanted if command.id in _SCREENS]
        is_roomy = sum(row_width(self._item(command, labels)) for command in screens) <= width * _FOR_SCREENS
        drawn = {command.id: self._item(command, labels, is_roomy=is_roomy) for command in wanted}
        room = width - sum(row_width(drawn[command_id]) for command_id in sure)
        missing = False
        for index, command in enumerate(wanted):
            if command.id in sure:
                items.append((command, drawn[command.id]))
                continue
            needed = row_width(drawn[command.id])
            if command.pairs:
                needed += row_width(drawn[wanted[index + 1].id])
            if missing or needed > room:
                # What is less important than what had no room has none either; a pair is never torn.
                missing = True
                continue
            room -= row_width(drawn[command.id])
            items.append((command, drawn[command.id]))
        return items

    def _item(self, command: Command, labels: dict[str, str], *, is_roomy: bool = True) -> list[Segment]:
        label = labels.get(command.id, command.label)
        dim = command.id in self.state.impossible
        if command.id in _SCREENS:
            here = command.id == self.state.screen
            style = self.style_of("keybar--here" if here else "keybar--dim" if dim else "keybar--screen")
            if not (here or is_roomy):
                return [put(f" {key_text(command.keys[0])} ", style)]
            return [put(f" {key_text(command.keys[0])} {label} ", style)]
        key = self.style_of("keybar--dim" if dim else "keybar--key")
        text = self.style_of("keybar--dim" if dim else "keybar--label")
        if command.pairs:
            # The next key does the reverse and says what of; they stand together.
            return [put(f" {key_text(command.keys[0])}", key)]
        return [put(f" {key_text(command.keys[0])}", key), put(f" {label} ", text)]

    def build(self, width: int, height: int) -> Iterable[Iterable[Segment]]:
        """The line."""
        return [[segment for _, item in self._items(width) for segment in item]]

    def on_click(self, event: Click) -> None:
        """Do what the key under the pointer does."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        x = 0
        for command, item in self._items(self.content_size.width):
            x += row_width(item)
            if offset.x < x:
                self.post_message(CommandChosen(command.id))
                return

"""From commands to the terminal library's bindings."""

from __future__ import annotations

from textual.binding import Binding, BindingType, Keymap

from dashboard.tui.commands import COMMANDS
from dashboard.tui.keymap import Keys, with_keys


def bindings() -> list[BindingType]:
    """One binding a command, each with the id that users rebind it by."""
    return [
        Binding(
            ",".join(command.keys),
            command.run,
            command.label,
            tooltip=command.description,
            show=command.in_bar,
            id=command.id,
            priority=command.goes_first,
        )
        for command in COMMANDS
    ]


def keymap(keys: Keys) -> Keymap:
    """What the terminal library is to bind instead."""
    return {command.id: ",".join(command.keys) for command in with_keys(keys) if command.id in keys}

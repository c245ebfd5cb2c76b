"""Keys of the user's own choice: which command each belongs to, checked before anything is bound."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeGuard

from dashboard.errors import UsageError
from dashboard.tui.commands import COMMANDS, Command
from dashboard.tui.keynames import key_name, key_text

Keys = Mapping[str, tuple[str, ...]]
"""Command ids to the keys that take the place of their own, in the terminal library's spelling."""

ALWAYS: Final[Mapping[str, tuple[str, ...]]] = {"interrupt": ("ctrl+c",)}
"""What stays bound whatever is chosen: there has to be a way out."""

_OF_LISTS: Final = frozenset({"up", "down", "j", "k", "pageup", "pagedown", "home", "end"})
_OF_TYPING: Final = frozenset({"left", "right", "backspace", "delete", "tab", "shift+tab", "enter", "escape"})
_SAME: Final = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+h": "backspace"}
"""What a terminal sends for another key too."""


def read_keys(given: Mapping[str, object]) -> Keys:
    """Check keys as a settings file has them: a command's id, and a key or a list of keys.

    A text with white space in it is a list: ``"p space"``.

    Raises:
        UsageError: there is no such command or key, a key is wanted twice, or it is needed for something else.
    """
    known = {command.id for command in COMMANDS}
    chosen: dict[str, tuple[str, ...]] = {}
    for command_id, value in given.items():
        if command_id not in known:
            raise UsageError(f"no command is called {command_id!r}{_nearest(command_id, known)}")
        chosen[command_id] = _read_list(command_id, value)
    _check_collisions(chosen)
    return chosen


def with_keys(keys: Keys, commands: Sequence[Command] = COMMANDS) -> tuple[Command, ...]:
    """The commands, each with the keys that were chosen for it; with its own where none were."""
    return tuple(
        replace(command, keys=_whole(command.id, keys[command.id])) if command.id in keys else command
        for command in commands
    )


def _whole(command_id: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*keys, *ALWAYS.get(command_id, ()))))


def _nearest(command_id: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(command_id, sorted(known), n=3, cutoff=0.5)
    if near:
        return f"; did you mean {' or '.join(near)}?"
    return "; the README's table of keys names them all"


def _is_list(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    return isinstance(value, (list, tuple))


def _read_list(command_id: str, value: object) -> tuple[str, ...]:
    parts: list[object] = []
    if isinstance(value, str):
        parts += value.split()
    elif _is_list(value):
        parts += value
    else:
        raise UsageError(f'keys of {command_id}: a key such as "p" or a list of keys is needed, not {value!r}')
    if not parts:
        raise UsageError(f"keys of {command_id}: at least one key is needed")
    return tuple(dict.fromkeys(_read_key(command_id, part) for part in parts))


def _read_key(command_id: str, text: object) -> str:
    if not isinstance(text, str) or not text:
        raise UsageError(f'keys of {command_id}: {text!r} is no key; write it in quotes, such as "p"')
    try:
        key = key_name(text)
    except UsageError as error:
        raise UsageError(f"keys of {command_id}: {error}") from None
    own = {key for command in COMMANDS if command.id == command_id for key in command.keys}
    if key in own:
        return key
    if key in _SAME:
        raise UsageError(f"keys of {command_id}: a terminal cannot tell {key_text(key)} from {key_text(_SAME[key])}")
    if key in _OF_LISTS:
        raise UsageError(f"keys of {command_id}: {key_text(key)} moves in lists; choose another key")
    if key in _OF_TYPING:
        raise UsageError(f"keys of {command_id}: {key_text(key)} is needed for typing and in dialogs")
    if key in ("ctrl+c", "ctrl+q"):
        raise UsageError(f"keys of {command_id}: {key_text(key)} always leaves k6dash; choose another key")
    return key


def _check_collisions(chosen: Keys) -> None:
    holders: dict[str, Command] = {}
    for command in with_keys(chosen):
        for key in command.keys:
            other = holders.setdefault(key, command)
            if other is command:
                continue
            settled = next((each.id for each in (other, command) if each.id not in chosen), "")
            if settled:
                wanted = command.id if settled == other.id else other.id
                raise UsageError(
                    f"keys of {wanted}: {key_text(key)} belongs to {settled}; give {settled} another key as well"
                )
            raise UsageError(f"keys of {command.id}: {key_text(key)} is given to {other.id} too; a key does one thing")

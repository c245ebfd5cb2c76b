"""The names of keys: as people write them, and as the terminal library spells them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

from dashboard.errors import UsageError

_SHORT: Final = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Characters that the terminal library does not call by their Unicode names."""
_PUNCTUATION: Final = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_SPECIAL: Final[Mapping[str, str]] = {
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "space": "Space",
    "backspace": "Backspace",
    "insert": "Insert",
    "delete": "Delete",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "Up",
    "down": "Down",
    "left": "Left",
    "right": "Right",
    **{f"f{number}": f"F{number}" for number in range(1, 25)},
}
"""Keys that give no character, by the terminal library's names, as people read them."""
_ALIASES: Final = {"esc": "escape", "return": "enter", "pgup": "pageup", "pgdn": "pagedown", "del": "delete"}
_MODIFIERS: Final = frozenset({"alt", "ctrl", "shift"})


def _character_name(character: str) -> str:
    """What the terminal library calls the key of a character."""
    if character.isalnum():
        return character
    if character == " ":
        return "space"
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _SHORT.get(name, name)


_CHARACTERS: Final[Mapping[str, str]] = {_character_name(character): character for character in _PUNCTUATION}


def _character(name: str) -> str:
    """The character of a key of that name; the name itself where there is none."""
    try:
        return name if len(name) == 1 else unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return name


def key_text(key: str) -> str:
    """A key in the way people write it.

    >>> key_text("plus"), key_text("ctrl+p"), key_text("W"), key_text("shift+tab")
    ('+', 'Ctrl+P', 'W', 'Shift+Tab')
    """
    *modifiers, last = key.split("+")
    shown = _CHARACTERS.get(last) or _SPECIAL.get(last) or _character(last)
    if modifiers and len(last) == 1:
        shown = last.upper()
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])


def key_name(text: str) -> str:
    """The terminal library's name of a key that somebody wrote, such as ``?``, ``Ctrl+P`` or ``PgUp``.

    >>> key_name("?"), key_name("Ctrl+P"), key_name("PgUp"), key_name("W"), key_name("ctrl++")
    ('question_mark', 'ctrl+p', 'pageup', 'W', 'ctrl+plus')

    Raises:
        UsageError: there is no such key, or no terminal tells it from another one.
    """
    if len(text) == 1:
        if not text.isprintable() or not _character_name(text):
            raise UsageError(f"{text!r} is no key that can be pressed")
        return _character_name(text)
    head, plus, last = text.rpartition("+")
    if not last and plus:  # the plus itself, with a modifier before it
        head, last = head.removesuffix("+"), "plus"
    modifiers = frozenset(part.lower() for part in head.split("+")) if head else frozenset[str]()
    if not modifiers <= _MODIFIERS:
        raise UsageError(f"{text!r} is no key; before the last + stand ctrl, alt or shift")
    key = _bare_name(last)
    if not key:
        raise UsageError(
            f"{text!r} is no key; write a character such as x or ?, or a name such as space, f5, pageup or ctrl+k"
        )
    is_character = len(key) == 1 or key in _CHARACTERS
    if is_character and "shift" in modifiers:
        raise UsageError(f"{text!r} cannot be told from the character that it types; write that character")
    if modifiers and len(key) == 1:
        key = key.lower()
    return "+".join([*sorted(modifiers), key])


def _bare_name(text: str) -> str:
    if len(text) == 1:
        return _character_name(text) if text.isprintable() else ""
    name = text.lower()
    name = _ALIASES.get(name, name)
    return name if name in _SPECIAL or name in _CHARACTERS else ""

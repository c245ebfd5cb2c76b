"""Keys of the user's own choice: checked first, then in force wherever a key is bound or told."""

from __future__ import annotations

import string
from collections.abc import Mapping

import pytest
from textual.keys import Keys as TextualKeys
from textual.keys import _character_to_key  # pyright: ignore[reportPrivateUsage] - the oracle of the spelling
from textual.widgets import Static

from dashboard.errors import UsageError
from dashboard.model.action import Stop, Verb
from dashboard.tui.commands import COMMANDS
from dashboard.tui.keymap import read_keys, with_keys
from dashboard.tui.keynames import key_name, key_text
from dashboard.tui.screens.stop import StopDialog
from dashboard.tui.widgets.filter import FilterInput
from tests.tui.cockpit import cockpit

MESSAGES: list[tuple[Mapping[str, object], str]] = [
    ({"puase": "p"}, "no command is called 'puase'; did you mean pause or faster?"),
    ({"xyzzy": "p"}, "no command is called 'xyzzy'; the README's table of keys names them all"),
    ({"pause": "x"}, "keys of pause: x belongs to stop; give stop another key as well"),
    ({"pause": "z", "mark": "z"}, "keys of mark: z is given to pause too; a key does one thing"),
    ({"pause": "hyper"}, "keys of pause: 'hyper' is no key"),
    ({"pause": "meta+x"}, "before the last + stand ctrl, alt or shift"),
    ({"pause": "shift+x"}, "cannot be told from the character that it types"),
    ({"pause": "ctrl+m"}, "a terminal cannot tell Ctrl+M from Enter"),
    ({"pause": "j"}, "j moves in lists"),
    ({"pause": "Enter"}, "Enter is needed for typing and in dialogs"),
    ({"pause": "ctrl+c"}, "Ctrl+C always leaves k6dash"),
    ({"pause": ""}, "at least one key is needed"),
    ({"pause": []}, "at least one key is needed"),
    ({"pause": 5}, 'a key such as "p" or a list of keys is needed, not 5'),
    ({"pause": ["p", 5]}, "5 is no key; write it in quotes"),
    ({"pause": "\x1b"}, "is no key that can be pressed"),
]


@pytest.mark.parametrize(("given", "message"), MESSAGES)
def test_what_cannot_be_is_told_in_one_line(given: Mapping[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_keys(given)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_keys_are_read_as_people_write_them() -> None:
    assert read_keys({"play": "F6", "pause": "Space ctrl+P", "command_palette": ["F5"], "stop": ["!"]}) == {
        "play": ("f6",),
        "pause": ("space", "ctrl+p"),
        "command_palette": ("f5",),
        "stop": ("exclamation_mark",),
    }


def test_two_commands_may_trade_their_keys() -> None:
    assert read_keys({"pause": "x", "stop": "p"}) == {"pause": ("x",), "stop": ("p",)}


def test_a_command_may_keep_what_it_has() -> None:
    own = {command.id: list(command.keys) for command in COMMANDS}
    assert with_keys(read_keys(own)) == COMMANDS


def test_there_is_always_a_way_out() -> None:
    keys = {command.id: command.keys for command in with_keys(read_keys({"leave": "Q", "interrupt": "f7"}))}
    assert keys["leave"] == ("Q",)
    assert keys["interrupt"] == ("f7", "ctrl+c")


@pytest.mark.parametrize("character", string.punctuation + string.ascii_letters + string.digits + "éß§")
def test_a_character_is_spelt_as_the_terminal_library_spells_it(character: str) -> None:
    assert key_name(character) == _character_to_key(character)
    assert key_text(key_name(character)) == character


def test_every_key_of_a_command_is_one_that_can_be_chosen() -> None:
    for command in COMMANDS:
        for key in command.keys:
            assert key_name(key_text(key)) == key


def test_every_named_key_is_one_that_the_terminal_library_knows() -> None:
    known = {str(key.value) for key in TextualKeys}
    for name in ("enter", "esc", "tab", "backspace", "insert", "del", "home", "end", "pgup", "pgdn", "f1", "f24"):
        assert key_name(name) in known
    for name in ("ctrl+left", "shift+home", "ctrl+shift+end", "shift+ctrl+down", "ctrl+k"):
        assert key_name(name) in known


async def test_a_new_key_works_and_the_old_one_does_not() -> None:
    async with cockpit(polls=3, keys={"stop": "p", "pause": "x"}) as c:
        await c.press("x")
        await c.until(lambda: "paused" in c.header, wake=0.5, poll=True)
        await c.press("p")
        assert isinstance(c.app.screen, StopDialog)
        await c.press("y")
        await c.until(lambda: Stop() in c.source.performed, wake=0.5, poll=True)


async def test_the_key_bar_the_help_and_the_palette_tell_the_new_keys() -> None:
    async with cockpit(polls=3, size=(160, 40), keys={"stop": "ctrl+x z", "help": "h"}) as c:
        assert "Ctrl+X stop" in c.keys
        assert "h help" in c.keys
        offered = [command.title for command in c.app.get_system_commands(c.app.screen)]
        assert "the test: stop (Ctrl+X z)" in offered
        await c.press("question_mark")
        assert len(c.app.screen_stack) == 1
        await c.press("h")
        told = [str(static.render()) for static in c.app.screen.query(Static)]
        assert "Ctrl+X z" in told
        await c.press("h")
        assert len(c.app.screen_stack) == 1


async def test_a_filter_on_a_letter_leaves_that_letter_to_typing() -> None:
    async with cockpit(polls=3, keys={"filter": "y"}) as c:
        await c.press("2", "y")
        await c.press("y")
        assert c.app.screen.query_one("#metrics-filter", FilterInput).value == "y"


async def test_rebinding_the_vus_keeps_all_their_keys_apart() -> None:
    async with cockpit(polls=3, keys={"more_vus": "f4 f6", "fewer_vus": "f5"}) as c:
        await c.press("plus", "w", "minus", "s")
        assert "→" not in c.header
        await c.press("f4")
        await c.press("f6")
        assert "→" in c.header
        await c.until(lambda: bool(c.source.performed), wake=0.3, poll=True)
        assert [action.verb for action in c.source.performed] == [Verb.SET_VUS]

"""Every command: one key, one action, one place in the help, the palette and the key bar."""

from __future__ import annotations

from collections import Counter

import pytest
from textual.actions import parse
from textual.widgets import Static

from dashboard.model.action import Verb
from dashboard.model.capability import Control
from dashboard.simulation.profile import Profile
from dashboard.tui.app import K6DashApp
from dashboard.tui.bindings import bindings
from dashboard.tui.commands import COMMANDS, Command
from dashboard.tui.screens.help import HelpScreen
from tests.tui.cockpit import cockpit


def each_command() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)


def test_ids_are_unique() -> None:
    assert not [name for name, count in Counter(command.id for command in COMMANDS).items() if count > 1]


def test_a_key_means_one_thing() -> None:
    keys = Counter(key for command in COMMANDS for key in command.keys)
    assert not [key for key, count in keys.items() if count > 1]


@each_command()
def test_a_command_has_an_action_of_the_app(command: Command) -> None:
    _, name, _ = parse(command.run)
    assert callable(getattr(K6DashApp, f"action_{name}"))


@each_command()
def test_a_command_is_described_in_a_sentence(command: Command) -> None:
    assert command.description[0].isupper()
    assert command.description.endswith(".")
    assert len(command.label) <= 12


@pytest.mark.parametrize("name", sorted(name for name in vars(K6DashApp) if name.startswith("action_")))
def test_an_action_of_the_app_has_a_command(name: str) -> None:
    assert name.removeprefix("action_") in {parse(command.run)[1] for command in COMMANDS}


def test_every_binding_can_be_rebound() -> None:
    assert [getattr(binding, "id", None) for binding in bindings()] == [command.id for command in COMMANDS]


async def test_the_help_lists_every_command() -> None:
    async with cockpit(polls=2) as c:
        await c.press("question_mark")
        assert isinstance(c.app.screen, HelpScreen)
        told = [str(static.render()) for static in c.app.screen.query(Static)]
        for command in COMMANDS:
            assert told[told.index(command.key_text) + 1] == command.description


async def test_the_help_says_why_something_cannot_be_done() -> None:
    async with cockpit(polls=2, profile=Profile.V2, control=Control.NONE_V2) as c:
        await c.press("question_mark")
        told = [str(static.render()) for static in c.app.screen.query(Static)]
        reasons = [line for line in told if line.startswith("Not now")]
        cannot = sum(command.verb in (Verb.PAUSE, Verb.SET_VUS) for command in COMMANDS)
        assert len(reasons) == cannot + 1  # there is no log of it, either
        reason = c.session.capability(c.source.target, Verb.SET_VUS).reason
        assert reasons.count(f"Not now: {reason}") == 1
        assert reasons.count("Not now either.") == len(reasons) - 3


async def test_the_help_closes() -> None:
    async with cockpit(polls=2) as c:
        for key in ("escape", "question_mark", "q", "f1"):
            await c.press("f1")
            assert isinstance(c.app.screen, HelpScreen)
            await c.press(key)
            assert not isinstance(c.app.screen, HelpScreen)
        assert c.app.is_running


@pytest.mark.parametrize(
    ("profile", "control", "missing"),
    [
        (Profile.V1_EXTERNAL, Control.EXTERNAL, set[str]()),
        (Profile.V1, Control.NONE_V1, {"pause", "more_vus", "fewer_vus", "many_more_vus", "many_fewer_vus", "set_vus"}),
        (Profile.V2, Control.NONE_V2, {"pause", "more_vus", "fewer_vus", "many_more_vus", "many_fewer_vus", "set_vus"}),
    ],
)
async def test_the_palette_offers_what_can_be_done(profile: Profile, control: Control, missing: set[str]) -> None:
    async with cockpit(polls=2, profile=profile, control=control) as c:
        offered = {command.help for command in c.app.get_system_commands(c.app.screen)}
        for command in COMMANDS:
            is_offered = command.description in offered
            assert is_offered is (command.id not in {*missing, "command_palette", "log"}), command.id


async def test_the_palette_does_what_it_offers() -> None:
    async with cockpit(polls=2) as c:
        await c.press("ctrl+p")
        await c.press(*"metrics (2)")
        await c.until(lambda: "metrics (2)" in c.text)
        await c.press("enter")
        await c.until(lambda: len(c.app.screen_stack) == 1)
        await c.until(lambda: c.app.screen_name == "metrics")


async def test_the_key_bar_always_has_help_and_quit() -> None:
    async with cockpit(polls=1) as c:
        for width in (48, 60, 80, 100, 120, 200):
            await c.pilot.resize_terminal(width, 24)
            await c.pilot.pause()
            for always in ("1 overview", "? help", "q quit"):
                assert always in c.keys


async def test_the_key_bar_names_the_pause_key_by_what_it_does() -> None:
    async with cockpit(polls=0, paused=True) as c:
        await c.watch(1)
        assert "p start" in c.keys
        await c.press("p")
        await c.until(lambda: "p pause" in c.keys, poll=True)
        await c.press("f")
        assert "f follow" in c.keys
        await c.press("f")
        assert "f freeze" in c.keys

"""Started with ``--read-only``, nothing leaves for k6 but the GETs of looking, and the screen says so."""

from __future__ import annotations

import pytest

from dashboard.model.action import Action, Pause, Resume, RunSetup, RunTeardown, SetSetup, SetVUs, Stop, Verb, Verdict
from dashboard.model.capability import READ_ONLY
from dashboard.session import Session
from dashboard.sources.read_only import ReadOnlySource
from dashboard.tui.commands import COMMANDS
from tests.sources.fake import TARGET, FakeK6
from tests.sources.test_live import turns_until
from tests.tui.cockpit import RecordedApp, screen_text
from tests.tui.test_honest_keys import PAUSE, STOP, VUS

ENDING = frozenset({"leave", "command_palette"})
CHANGING = [command for command in COMMANDS if command.verb is not None]
ACTIONS: list[Action] = [Pause(), Resume(), SetVUs(3), Stop(), RunSetup(), SetSetup("1"), RunTeardown()]


def watched() -> tuple[FakeK6, RecordedApp, Session]:
    """The app over the live source and the real client; what arrives at the transport is written down."""
    k6 = FakeK6()
    session = Session([ReadOnlySource(k6.source())], k6.clock)
    app = RecordedApp(session, k6.clock, interval=1.0)
    app.notices = []
    return k6, app, session


def methods(k6: FakeK6) -> set[str]:
    return {what.split()[0] for _, what in k6.requests}


async def test_whatever_is_pressed_nothing_but_gets_arrives() -> None:
    k6, app, session = watched()
    async with app.run_test(size=(120, 40)) as pilot:
        await turns_until(lambda: session.histories[TARGET].run.status is not None)
        for command in COMMANDS:
            if command.id in ENDING:
                continue
            for key in command.keys:
                if command.screen:
                    await pilot.press(next(each.keys[0] for each in COMMANDS if each.id == command.screen))
                await pilot.press(key)
                await pilot.press("y", "5", "enter", "escape")
        k6.clock.set(k6.clock.now() + 5)
        await pilot.pause()
    assert methods(k6) == {"GET"}
    assert k6.patches == []


@pytest.mark.parametrize("action", ACTIONS, ids=str)
async def test_an_action_that_got_past_the_keys_is_not_sent(action: Action) -> None:
    k6, _, session = watched()
    source = session.sources[TARGET]
    answer = await source.perform(action, None)
    assert (answer.verdict, answer.explanation) == (Verdict.IMPOSSIBLE, READ_ONLY.reason)
    outcome = await session.perform(TARGET, action)
    assert outcome.verdict is Verdict.IMPOSSIBLE
    assert k6.requests == []


async def test_every_such_key_says_why() -> None:
    _, app, session = watched()
    async with app.run_test(size=(160, 40)) as pilot:
        await turns_until(lambda: session.histories[TARGET].run.status is not None)
        for key in (*PAUSE, *VUS, *STOP):
            app.notices.clear()
            await pilot.press(key)
            assert [(notice.message, notice.severity) for notice in app.notices] == [(READ_ONLY.reason, "warning")]
            assert len(app.screen_stack) == 1


async def test_the_screen_the_palette_and_the_help_say_so() -> None:
    _, app, session = watched()
    async with app.run_test(size=(120, 40)) as pilot:
        await turns_until(lambda: session.histories[TARGET].run.status is not None)
        await pilot.pause()
        header = screen_text(app).splitlines()[1]
        assert header.startswith("  read-only ")
        assert "can look" in header
        offered = {command.help for command in app.get_system_commands(app.screen)}
        assert not offered & {command.description for command in CHANGING}
        await pilot.press("question_mark")
        assert f"Not now: {READ_ONLY.reason}" in screen_text(app)


async def test_a_mark_changes_nothing_in_k6_and_is_allowed() -> None:
    k6, app, session = watched()
    async with app.run_test(size=(120, 40)) as pilot:
        await turns_until(lambda: session.histories[TARGET].run.status is not None)
        await pilot.press("m")
        await pilot.press("enter")
        await pilot.pause()
        assert session.histories[TARGET].events[-1].title == "mark"
    assert methods(k6) == {"GET"}


def test_every_verb_is_ruled_out() -> None:
    _, _, session = watched()
    assert {session.capability(TARGET, verb) for verb in Verb} == {READ_ONLY}
    assert {command.verb for command in CHANGING} | {Verb.RESUME} == set(Verb)

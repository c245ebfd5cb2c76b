"""Screen 6: the setup data seen, edited and made anew."""

from __future__ import annotations

import asyncio
import json

import pytest
from textual.widgets import Static

from dashboard.model.action import RunSetup, RunTeardown, SetSetup, Verb, Verdict
from dashboard.model.observation import Outage, OutageKind
from dashboard.sources.base import Answer, Reading
from dashboard.tui.screens.question import QuestionDialog
from dashboard.tui.screens.setup_editor import SetupEditor
from dashboard.tui.widgets.json_area import JSONArea
from dashboard.tui.widgets.table import LineTable
from dashboard.view.setup import MOST_VALUES
from tests.tui.cockpit import Cockpit, cockpit

VERBATIM = '{"b":12345678901234567890,"a":[1.50,{"deep":null}],"b":"twice"}'
HOSTILE = '{"\\u001b[31m":"\x9b2J \u202ereversed [bold]markup[/bold]","e\u0301\u0301\u0301":"\u2028"}'


async def open_setup(c: Cockpit, data: str | None = VERBATIM) -> None:
    """Go to the screen, with k6 having these data."""
    c.source.engine.setup_data = None if data is None else data.encode()
    await c.press("6")
    await c.until(lambda: c.source.looks_at_setup > 0)
    await c.until(lambda: "since" in c.text or "setup data" in c.text)
    await c.pilot.pause()


async def open_editor(c: Cockpit, data: str | None = VERBATIM) -> JSONArea:
    await open_setup(c, data)
    await c.press("e")
    await c.until(lambda: isinstance(c.app.screen, SetupEditor))
    await c.pilot.pause()
    return c.app.screen.query_one(JSONArea)


def table(c: Cockpit) -> list[str]:
    return [" ".join(line.split()) for line in c.text.splitlines()[4:-8] if line.strip()]


def said_of_text(c: Cockpit) -> str:
    return str(c.app.screen.query_one("#editor-fault", Static).render())


async def test_k6_is_asked_when_the_screen_is_opened_and_when_the_user_wants_it_again() -> None:
    async with cockpit(polls=3) as c:
        assert c.source.looks_at_setup == 0
        await open_setup(c)
        assert c.source.looks_at_setup == 1
        await c.watch(10)
        assert c.source.looks_at_setup == 1
        c.source.engine.setup_data = b'"fresh"'
        await c.press("r")
        await c.until(lambda: '"fresh"' in c.text)
        assert c.source.looks_at_setup == 2
        await c.press("1")
        await c.press("6")
        await c.until(lambda: c.source.looks_at_setup == 3)


async def test_the_tree_shows_every_value_as_it_is_written() -> None:
    async with cockpit(polls=3) as c:
        await open_setup(c)
        assert table(c) == [
            "▾ data { 3 }",
            "b 12345678901234567890",
            "▾ a [ 2 ]",
            "[0] 1.50",
            "▾ [1] { 1 }",
            "deep null",
            'b "twice"',
        ]


async def test_branches_fold_and_open() -> None:
    async with cockpit(polls=3) as c:
        await open_setup(c)
        await c.press("down", "down", "enter")
        folded = ["▾ data { 3 }", "b 12345678901234567890", "▸ a [ 2 ]", 'b "twice"']
        assert table(c) == folded
        await c.watch(2)
        assert table(c) == folded, "polls change nothing"
        await c.press("right")
        assert "deep null" in table(c)
        await c.press("left")
        assert table(c) == folded
        await c.press("left", "left")
        assert table(c) == ["▸ data { 3 }"]


async def test_the_text_is_the_same_value() -> None:
    async with cockpit(polls=3) as c:
        await open_setup(c)
        await c.press("T")
        await c.until(lambda: '"b": 12345678901234567890,' in c.text)
        assert json.loads(c.app.screen.query_one("#setup-text", JSONArea).text) == json.loads(VERBATIM)
        await c.press("T")
        await c.until(lambda: "▾ data" in c.text)


async def test_no_data_are_told_from_null() -> None:
    async with cockpit(polls=3) as c:
        await open_setup(c, None)
        assert "there are none" in c.text
        c.source.engine.setup_data = b"null"
        await c.press("r")
        await c.until(lambda: table(c) == ["data null"])


async def test_hostile_data_are_harmless_in_every_form() -> None:
    async with cockpit(polls=3) as c:
        await open_setup(c, HOSTILE)
        for key in ("6", "T", "e"):
            await c.press(key)
            await c.until(lambda: "[bold]markup[/bold]" in c.text)
            for line in c.text.splitlines():
                assert not {"\x1b", "\x9b", "\u202e", "\u2028"} & set(line)
        assert isinstance(c.app.screen, SetupEditor)
        assert json.loads(c.app.screen.query_one(JSONArea).text) == json.loads(HOSTILE)


async def test_large_data_are_bounded_and_no_burden() -> None:
    async with cockpit(polls=3) as c:
        await open_setup(c, json.dumps([{"i": number, "s": "x" * 20} for number in range(30_000)]))
        assert f"the first {MOST_VALUES:,} values" in c.text
        assert "▸ [0]" in c.text
        rows = c.app.screen.query_one("#setup-tree", LineTable).rows
        assert len(rows) <= MOST_VALUES
        await c.press("e")
        await c.until(lambda: "too many to edit here" in c.said)
        assert len(c.app.screen_stack) == 1


async def test_a_look_that_fails_is_told_on_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit(polls=3) as c:
        await open_setup(c)
        failed = Reading("sim:test", 0.0, failure=Outage(OutageKind.TIMED_OUT, "/v1/setup", "no answer in 10 s"))

        async def fail() -> Reading:
            return failed

        monkeypatch.setattr(c.source, "look_at_setup", fail)
        await c.press("r")
        await c.until(lambda: "✗ no answer in 10 s" in c.text)
        assert "▾ data { 3 }" in table(c), "what was seen before stays"
        await c.press("e")
        await c.until(lambda: c.said == "Cannot edit the setup data: no answer in 10 s")


async def test_what_is_typed_is_checked_at_its_place() -> None:
    async with cockpit(polls=3) as c:
        area = await open_editor(c)
        assert said_of_text(c) == "✓ as k6 has it"
        await c.press("end", "x")
        assert said_of_text(c).startswith("✗ line 1, column 2: a name in double quotes")
        await c.press("down", "down")
        assert area.cursor_location[0] == 2
        await c.press("ctrl+s")
        assert isinstance(c.app.screen, SetupEditor), "nothing is asked while it is no JSON"
        assert area.cursor_location == (0, 1)
        await c.press("delete")
        assert said_of_text(c) == "✓ as k6 has it"
        assert not area.fault
        assert c.source.performed == []


async def test_an_edit_is_sent_after_a_question_and_confirmed() -> None:
    async with cockpit(polls=3) as c:
        area = await open_editor(c, '{"a":1}')
        await c.press("down", "end")
        area.insert(', "b": 12345678901234567890')
        text = area.text
        await c.press("ctrl+s")
        await c.until(lambda: isinstance(c.app.screen, QuestionDialog))
        assert "A VU reads the setup data once" in c.text
        await c.press("n")
        assert isinstance(c.app.screen, SetupEditor)
        assert area.text == text, "what was typed is kept"
        assert c.source.performed == []
        await c.press("ctrl+s")
        await c.until(lambda: isinstance(c.app.screen, QuestionDialog))
        await c.press("y")
        await c.until(lambda: "confirmed" in c.said, poll=True)
        assert c.source.performed == [SetSetup(text)]
        assert b"".join((c.source.engine.setup_data or b"").split()) == b'{"a":1,"b":12345678901234567890}'
        assert len(c.app.screen_stack) == 1
        assert "b 12345678901234567890" in table(c)
        assert c.session.histories["sim:test"].events[-1].title == "set setup data confirmed"


async def test_what_was_not_changed_is_not_sent() -> None:
    async with cockpit(polls=3) as c:
        area = await open_editor(c)
        await c.press("ctrl+s")
        assert said_of_text(c) == "Nothing was changed; there is nothing to send."
        area.load_text(f"  {VERBATIM}\n")
        await c.pilot.pause()
        await c.press("ctrl+s")
        assert said_of_text(c) == "Nothing was changed; there is nothing to send."
        assert c.source.performed == []


async def test_an_emptied_text_takes_the_data_away() -> None:
    async with cockpit(polls=3) as c:
        area = await open_editor(c)
        area.load_text(" \n")
        await c.pilot.pause()
        await c.press("ctrl+s")
        await c.until(lambda: isinstance(c.app.screen, QuestionDialog))
        assert "Take the setup data away?" in c.text
        await c.press("y")
        await c.until(lambda: "confirmed" in c.said, poll=True)
        assert c.source.engine.setup_data is None


async def test_escape_gives_up_and_what_was_typed_only_at_the_second_press() -> None:
    async with cockpit(polls=3) as c:
        await open_editor(c)
        await c.press("escape")
        assert len(c.app.screen_stack) == 1
        await c.press("e")
        await c.until(lambda: isinstance(c.app.screen, SetupEditor))
        await c.press("x")
        await c.press("escape")
        assert isinstance(c.app.screen, SetupEditor)
        assert "Esc once more" in said_of_text(c)
        await c.press("escape")
        assert len(c.app.screen_stack) == 1
        assert c.source.performed == []


async def test_pasted_control_characters_become_escapes() -> None:
    async with cockpit(polls=3) as c:
        area = await open_editor(c, None)
        area.insert('"\x1b]0;title\x07\u202e"')
        assert area.text == '"\\u001b]0;title\\u0007\\u202e"'


async def test_setup_runs_again_and_the_screen_lives_meanwhile() -> None:
    async with cockpit(polls=3) as c:
        await open_setup(c, "1")
        c.source.gate = asyncio.Event()
        await c.press("u")
        await c.until(lambda: isinstance(c.app.screen, QuestionDialog))
        await c.press("y")
        assert "running setup()" in c.header
        await c.watch(2)
        await c.press("2")
        assert c.app.screen_name == "metrics"
        await c.press("6")
        await c.press("u")
        await c.until(lambda: isinstance(c.app.screen, QuestionDialog))
        await c.press("y")
        await c.until(lambda: "Still running setup()" in c.said)
        assert c.source.performed == [RunSetup()]
        c.source.gate.set()
        await c.until(lambda: "run setup(): confirmed" in c.said, wake=0.3)
        assert "running setup()" not in c.header
        await c.until(lambda: "d0a9c2" in c.text)


async def test_an_exception_in_setup_is_shown_in_one_clean_line() -> None:
    async with cockpit(polls=3) as c:
        await open_setup(c)
        why = "setup() threw an exception. The setup data stay as they were, and so does the test."
        answer = "Error: boom in setup\n\tat setup (file:///home/me/shop.js:4:50(6))\n"
        c.source.answers[Verb.RUN_SETUP] = Answer(Verdict.REFUSED, answer, why)
        await c.press("u")
        await c.until(lambda: isinstance(c.app.screen, QuestionDialog))
        await c.press("y")
        await c.until(lambda: "refused" in c.said)
        assert "boom in setup" in c.said
        assert c.app.notices[-1].message.isprintable()


async def test_teardown_runs_after_a_question() -> None:
    async with cockpit(polls=3) as c:
        await open_setup(c)
        await c.press("d")
        await c.until(lambda: isinstance(c.app.screen, QuestionDialog))
        assert "once more at the end of the test" in str(c.app.screen.query_one("#consequences", Static).render())
        await c.press("enter")
        assert c.source.performed == [], "the button that has the focus says no"
        await c.press("d")
        await c.until(lambda: isinstance(c.app.screen, QuestionDialog))
        await c.press("y")
        await c.until(lambda: "teardown() has run to its end" in c.said, wake=0.3)
        assert c.source.performed == [RunTeardown()]


async def test_the_keys_work_on_this_screen_alone() -> None:
    async with cockpit(polls=3) as c:
        await c.press("e", "u", "d", "C", "T", "r")
        assert len(c.app.screen_stack) == 1
        assert c.source.looks_at_setup == 0
        assert "teardown()" not in c.keys
        await open_setup(c)
        assert "e edit" in c.keys


@pytest.mark.parametrize(
    ("status", "keys", "why"),
    [(9, "euC", "no VU reads"), (8, "euC", "only teardown() runs"), (8, "d", "runs right now")],
)
async def test_what_k6_would_do_for_nothing_is_dim_and_says_why(status: int, keys: str, why: str) -> None:
    async with cockpit(polls=3) as c:
        await open_setup(c)
        await c.give(status={"status": status, "vus": 0})
        for key in keys:
            before = c.said_so_far
            await c.press(key)
            assert c.said_so_far == before + 1
            assert why in c.said
        assert len(c.app.screen_stack) == 1

"""Screen 7: the log followed, filtered, opened, copied, and the errors in it by kind."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager

import pytest

from dashboard.sources.base import Document, Reading
from dashboard.sources.process_documents import LOG
from dashboard.tui.screens.log_line import LogLineScreen
from dashboard.tui.widgets.keybar import KeyBar
from dashboard.tui.widgets.log_list import LogList
from tests.tui.cockpit import Cockpit, cockpit

FAILED = {
    "level": "warning",
    "msg": "Request Failed",
    "error": 'Get "http://10.0.0.1/user/%d": dial tcp 10.0.0.1:80: connect: connection refused',
}
THROWN = {
    "level": "error",
    "source": "stacktrace",
    "msg": "Error: boom %d\n\tat shop (file:///x.js:18:25(66))\n",
    "scenario": "shop",
    "executor": "constant-vus",
}
TOLD = {"level": "info", "msg": "iteration %d", "source": "console"}


def write(c: Cockpit, entries: Iterable[dict[str, str]], seconds: float = 0.0) -> None:
    """Have k6 log something."""
    c.clock.set(c.clock.now() + seconds)
    body = b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)
    c.session.observe(Reading(c.source.target, c.clock.now(), (Document(LOG, 0, body, 0.0),)))


def numbered(entry: dict[str, str], *numbers: int) -> list[dict[str, str]]:
    return [{name: text.replace("%d", str(number)) for name, text in entry.items()} for number in numbers]


@asynccontextmanager
async def logging(size: tuple[int, int] = (120, 40), lines: int = 100) -> AsyncGenerator[Cockpit]:
    """The log screen over a k6 that has logged as many lines of its script, three failed requests and an exception."""
    async with cockpit(polls=3, size=size) as c:
        write(c, numbered(FAILED, 1, 2, 3) + numbered(THROWN, 7) + numbered(TOLD, *range(lines)))
        await c.press("7")
        yield c


def lines_shown(c: Cockpit) -> str:
    """What the list shows."""
    region = c.app.screen.query_one(LogList).region
    # The last column is the scroll bar's.
    return "\n".join(line[: region.right - 1] for line in c.text.splitlines()[region.y : region.bottom])


async def test_the_log_is_followed_until_the_user_goes_up_and_again_from_the_end() -> None:
    async with logging() as c:
        assert "iteration 99" in lines_shown(c).splitlines()[-1]
        await c.press("k")
        write(c, numbered(TOLD, 100))
        await c.pilot.pause()
        assert "iteration 98" in lines_shown(c).splitlines()[-1]
        assert "End follows again" in c.text
        await c.press("G")
        assert "iteration 100" in lines_shown(c).splitlines()[-1]
        write(c, numbered(TOLD, 101))
        await c.pilot.pause()
        assert "iteration 101" in lines_shown(c).splitlines()[-1]
        assert "following" in c.text


async def test_who_has_scrolled_away_sees_the_same_lines_while_others_come_and_go() -> None:
    async with logging(lines=12_000) as c:
        await c.press(*["pageup"] * 3)
        before = lines_shown(c)
        write(c, numbered(TOLD, *range(12_000, 13_000)))
        await c.pilot.pause()
        assert lines_shown(c) == before


async def test_scrolling_with_the_wheel_stops_following_and_coming_back_follows() -> None:
    async with logging() as c:
        lines = c.app.screen.query_one(LogList)
        lines.scroll_to(y=20, animate=False, immediate=True)
        await c.pilot.pause()
        assert "End follows again" in c.text
        lines.scroll_end(animate=False, immediate=True)
        await c.pilot.pause()
        assert "following" in c.text
        assert lines.cursor == 103


async def test_errors_are_grouped_and_a_group_shows_its_lines_alone() -> None:
    async with logging() as c:
        assert "Σ3" in next(line for line in c.text.splitlines() if line.lstrip().startswith("! Get"))
        assert "Σ1" in next(line for line in c.text.splitlines() if line.lstrip().startswith("✗ Error: boom N"))
        await c.press("shift+tab", "shift+tab", "enter")
        shown = [line for line in lines_shown(c).splitlines() if line.strip()]
        assert len(shown) == 3
        assert all("Request Failed" in line for line in shown)
        assert "3 of 104 lines" in c.text
        await c.press("escape")
        assert "iteration 99" in lines_shown(c)


async def test_a_level_and_an_origin_can_be_picked_with_the_key_and_with_a_click() -> None:
    async with logging() as c:
        await c.press("t")
        assert [line.split()[2] for line in lines_shown(c).splitlines() if line.strip()] == ["ERROR"]
        row = c.app.screen.query_one("#log-kinds")
        text = c.text.splitlines()[row.region.y]
        await c.pilot.click(row, offset=(text.index("] js") - row.region.x + 2, 0))
        assert "no line passes the filter" in lines_shown(c)
        await c.press("t", "t", "t", "t", "t")
        assert all(" js " in line for line in lines_shown(c).splitlines() if line.strip())
        await c.press("t")
        assert "104 lines" in c.text


async def test_what_is_searched_for_is_all_that_is_shown_and_highlighted() -> None:
    async with logging() as c:
        await c.press("slash", *"BOOM")
        shown = lines_shown(c)
        assert "boom 7" in shown
        assert "iteration" not in shown
        lines = c.app.screen.query_one(LogList)
        match = lines.get_component_rich_style("log--match", partial=True)
        marked = [
            segment.text for segment in lines.render_line(0) if segment.style and segment.style.bgcolor == match.bgcolor
        ]
        assert marked == ["boom"]
        await c.press("escape")
        assert "iteration 99" in lines_shown(c)


async def test_a_line_is_opened_whole_and_copied() -> None:
    async with logging() as c:
        await c.press("slash", *"boom", "enter", "enter")
        assert isinstance(c.app.screen, LogLineScreen)
        for part in ("Error: boom 7", "at shop (file:///x.js:18:25(66))", "constant-vus", "source stacktrace"):
            assert part in c.text
        await c.press("c")
        assert "Error: boom 7 ⏎" in c.app.clipboard
        await c.press("escape")
        assert len(c.app.screen_stack) == 1
        c.app.copy_to_clipboard("")
        await c.press("c")
        assert "Error: boom 7 ⏎" in c.app.clipboard


@pytest.mark.parametrize("size", [(48, 14), (80, 24), (120, 40), (200, 60)])
async def test_it_fits(size: tuple[int, int]) -> None:
    async with logging(size=size) as c:
        assert "iteration 99" in lines_shown(c)
        assert "refused" in c.text
        assert all(len(line) == size[0] for line in c.text.splitlines())


async def test_a_hostile_line_is_harmless() -> None:
    async with logging() as c:
        evil = "\x1b[2J\x1b]0;owned\x07 [bold]x[/] a[/]b \u202e\u0000 " + "日" * 5000
        write(c, [{"level": "error", "msg": evil, "source": evil, evil: evil, "error": evil}])
        write(c, [{"level": "\x1b", "msg": "", "scenario": evil}])
        await c.press("k", "enter")
        assert isinstance(c.app.screen, LogLineScreen)
        assert "\x1b" not in c.text
        assert "a[/]b" in c.text
        await c.press("c", "escape", "shift+tab", "shift+tab", "enter")
        assert "\x1b" not in c.text
        assert c.app.clipboard.isprintable()


async def test_without_a_log_the_key_is_dim_and_the_screen_says_what_would_give_one() -> None:
    async with cockpit(polls=3) as c:
        keys = c.app.screen.query_one(KeyBar)
        assert "log" in keys.state.impossible
        await c.press("7")
        assert "k6dash run script.js" in " ".join(c.text.split())
        assert "debug" not in c.text
        write(c, numbered(TOLD, 1))
        await c.pilot.pause()
        assert "iteration 1" in lines_shown(c)
        assert "log" not in keys.state.impossible


async def test_the_key_of_order_turns_the_errors_of_the_log_round() -> None:
    async with logging() as c:

        def titles() -> list[str]:
            shown = c.text.splitlines()[: c.app.screen.query_one(LogList).region.y]
            return [line.split()[1] for line in shown if line.lstrip().startswith(("! ", "✗ "))]

        assert titles() == ["Get", "Error:"]
        await c.press("O")
        assert titles() == ["Error:", "Get"]

"""Every size, every theme, every set of characters: never an exception, never a line too wide."""

from __future__ import annotations

from itertools import chain

import pytest
from rich.color import ColorType
from textual.color import Color

from dashboard.tui.glyphs import Glyphs
from tests.tui.cockpit import Cockpit, cockpit, screen_lines

SIZES = ((80, 24), (120, 40), (200, 60), (48, 14), (20, 5), (1, 1), (300, 5), (20, 80), (49, 15), (100, 32), (2, 40))


def assert_whole(c: Cockpit) -> None:
    """The screen has all its lines, each as wide as it is, and drawing it again draws the same."""
    lines = screen_lines(c.app)
    width, height = c.app.size
    assert len(lines) == height
    assert {sum(segment.cell_length for segment in line) for line in lines} <= {width}
    assert screen_lines(c.app) == lines


@pytest.mark.parametrize("keys", [("1",), ("2",), ("2", "enter"), ("4",), ("5",), ("x",), ("v",), ("question_mark",)])
async def test_every_screen_at_every_size_back_and_forth(keys: tuple[str, ...]) -> None:
    async with cockpit(polls=10) as c:
        await c.press(*keys)
        for size in chain(SIZES, reversed(SIZES)):
            await c.pilot.resize_terminal(*size)
            await c.pilot.pause()
            assert_whole(c)
        await c.watch(1)
        assert_whole(c)


async def test_a_maximised_panel_survives_being_resized() -> None:
    async with cockpit(polls=10) as c:
        for _ in range(4):
            await c.press("tab", "enter")
            for size in ((20, 5), (80, 24), (120, 40)):
                await c.pilot.resize_terminal(*size)
                await c.pilot.pause()
                assert_whole(c)
            await c.press("escape")


async def test_the_protocols_of_others_fit_as_well() -> None:
    async with cockpit("websocket", polls=10) as c:
        for size in SIZES:
            await c.pilot.resize_terminal(*size)
            await c.pilot.pause()
            assert_whole(c)


@pytest.mark.parametrize("width", [48, 60, 80, 120])
async def test_clock_and_vus_stay_in_the_header_when_thresholds_are_crossed(width: int) -> None:
    async with cockpit(size=(width, 20)) as c:
        metric = {"type": "counter", "contains": "default", "tainted": True, "sample": {"count": 650, "rate": 10.0}}
        for _ in range(2):
            await c.give({"vus": 37, "vus-max": 40, "tainted": True}, {"http_reqs": metric})
        first = c.header.splitlines()[0]
        for words in ("▶ running", "01:05", "VUs 37/40", "✗ 1"):
            assert words in first
        assert ("sim:" in first) == ("k6dash" in first) == (width >= 60)


async def test_what_is_too_small_says_so_and_what_would_do() -> None:
    async with cockpit(polls=5, size=(20, 5)) as c:
        assert "running" in c.text
        assert "20x5 is too small" in c.text
        assert "48x14 will do" in c.text
        await c.press("q")
        assert c.app.return_value is not None


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_overview_is_complete(size: tuple[int, int]) -> None:
    async with cockpit(polls=10, size=size) as c:
        for words in ("running", "VUs 20/40", "crossed", "age", "http_req_duration", "http_reqs and VUs", "waiting"):
            assert words in c.text, words
        for title in ("req", "mean", "p(95)", "ailed", "ter", "hecks", "ec", "VUs"):
            assert title in c.text, title
        assert c.app.screen.query_one("#overview").max_scroll_y == 0


@pytest.mark.parametrize("theme", ["k6dash-dark", "k6dash-light", "k6dash-ansi", "nord", "textual-ansi"])
async def test_every_theme(theme: str) -> None:
    async with cockpit(polls=5, theme=theme) as c:
        for key in ("2", "4", "5", "question_mark", "escape", "x", "n", "1"):
            await c.press(key)
            assert_whole(c)


def colour_types(c: Cockpit) -> set[ColorType]:
    """Of which kind the colours on the screen are."""
    styles = [segment.style for line in screen_lines(c.app) for segment in line if segment.style is not None]
    return {colour.type for style in styles for colour in (style.color, style.bgcolor) if colour is not None}


async def test_the_ansi_theme_takes_the_terminals_own_colours() -> None:
    async with cockpit(polls=5, theme="k6dash-ansi") as c:
        assert colour_types(c) <= {ColorType.DEFAULT, ColorType.STANDARD}
    async with cockpit(polls=5) as c:
        assert colour_types(c) == {ColorType.TRUECOLOR}


@pytest.mark.parametrize("theme", ["k6dash-dark", "k6dash-light"])
async def test_the_theme_asked_for_is_the_one_seen(theme: str) -> None:
    async with cockpit(polls=2, theme=theme) as c:
        assert c.app.screen.styles.background == Color.parse(c.app.current_theme.background or "")


async def test_without_colour_nothing_is_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with cockpit(polls=5) as c:
        for key in ("1", "2", "5"):
            await c.press(key)
            colours = {
                colour
                for line in screen_lines(c.app)
                for segment in line
                if segment.style is not None
                for colour in (segment.style.color, segment.style.bgcolor)
                if colour is not None and colour.triplet is not None
            }
            saturations = [Color(*colour.triplet).hsl.s for colour in colours if colour.triplet is not None]
            assert max(saturations) < 0.02
        assert "✗" in c.text, "colour is never the only sign"


async def test_ascii_leaves_nothing_but_ascii() -> None:
    async with cockpit(polls=10, glyphs=Glyphs.ASCII) as c:
        await c.press("w")
        for keys in (
            ("1",),
            ("2",),
            ("enter",),
            ("escape", "4"),
            ("5",),
            ("question_mark",),
            ("escape", "x"),
            ("n", "v"),
        ):
            await c.press(*keys)
            strange = {char for char in c.text if not char.isascii()}
            assert not strange, (keys, strange)


async def test_g_leaves_nothing_behind() -> None:
    async with cockpit(polls=5) as c:
        before = c.text
        await c.press("g", "g")
        c.app.clear_notifications()
        await c.until(c.text.isascii)
        await c.press("g")
        c.app.clear_notifications()
        await c.until(lambda: c.text == before)

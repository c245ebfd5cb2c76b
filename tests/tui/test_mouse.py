"""Whatever can be seen can be clicked."""

from __future__ import annotations

from textual.widgets import Input

from dashboard.tui.widgets.chart import ChartPanel
from dashboard.tui.widgets.keybar import KeyBar
from dashboard.tui.widgets.phases import Phases
from dashboard.tui.widgets.table import LineTable
from dashboard.tui.widgets.thresholds import Thresholds
from dashboard.tui.widgets.tiles import Tiles
from tests.tui.cockpit import Cockpit, cockpit


async def _opened(c: Cockpit) -> str:
    await c.pilot.pause()
    assert c.app.screen_name == "metric"
    name = c.text.splitlines()[3].split()[0]
    await c.press("escape")
    assert c.app.screen_name == "overview"
    return name


async def test_tiles_open_their_metrics() -> None:
    async with cockpit(polls=5) as c:
        for x, y, name in (
            (5, 2, "http_reqs"),
            (40, 2, "http_req_duration"),
            (95, 3, "http_req_failed"),
            (5, 7, "iterations"),
            (40, 8, "checks"),
            (70, 8, "data_received"),
            (110, 8, "vus"),
        ):
            await c.pilot.click(Tiles, offset=(x, y))
            assert await _opened(c) == name


async def test_phases_and_thresholds_open_their_metrics() -> None:
    async with cockpit(polls=5) as c:
        await c.pilot.click(Phases, offset=(5, 2))
        assert await _opened(c) == "http_req_blocked"
        thresholds = c.app.screen.query_one(Thresholds)
        for index, row in enumerate(thresholds.rows[:3]):
            await c.pilot.click(Thresholds, offset=(10, 1 + index))
            assert await _opened(c) == row.metric


async def test_a_chart_shows_the_moment_that_is_clicked() -> None:
    async with cockpit(polls=20) as c:
        panel = c.app.screen.query_one("#chart-durations", ChartPanel)
        await c.pilot.click(panel, offset=(panel.size.width // 2, 5))
        await c.pilot.pause()
        assert "frozen at 22:13:3" in c.header
        await c.press("f")
        assert "frozen" not in c.header


async def test_rows_are_chosen_and_then_opened() -> None:
    async with cockpit(polls=5) as c:
        await c.press("2")
        table = c.app.screen.query_one("#metrics-table", LineTable)
        wanted = table.rows[4].key
        await c.pilot.click(table, offset=(5, 5))
        assert table.cursor_key == wanted
        assert c.app.screen_name == "metrics"
        await c.pilot.click(table, offset=(5, 5))
        await c.pilot.pause()
        assert c.app.screen_name == "metric"
        assert wanted in c.text


async def test_a_title_sorts_and_turns_round() -> None:
    async with cockpit(polls=5) as c:
        await c.press("2")
        table = c.app.screen.query_one("#metrics-table", LineTable)
        title = c.text.splitlines()[2]
        for _ in range(2):
            before = [row.key for row in table.rows]
            await c.pilot.click(table, offset=(title.index("WHOLE RUN"), 0))
            await c.pilot.pause()
            assert [row.key for row in table.rows] != before
        assert table.sort == ("value", False)
        await c.pilot.click(table, offset=(title.index("METRIC"), 0))
        await c.pilot.pause()
        assert table.sort == ("name", False)


async def test_every_key_of_the_bar_can_be_clicked() -> None:
    async with cockpit(polls=5) as c:
        bar = c.app.screen.query_one(KeyBar)

        async def click(words: str) -> None:
            await c.pilot.click(bar, offset=(c.keys.index(words) + 1, 0))
            await c.pilot.pause()
            await c.pilot.pause()

        await click(" 2 ")
        assert c.app.screen_name == "metrics"
        await click(" 5 ")
        assert c.app.screen_name == "events"
        await click(" 1 ")
        assert c.app.screen_name == "overview"
        await click("f freeze")
        assert "frozen" in c.header
        await click("f follow")
        assert "frozen" not in c.header
        await click("m mark")
        await c.press("enter")
        assert c.said == ": Marked."
        await click("x stop")
        assert len(c.app.screen_stack) == 2
        await c.press("n")
        await click("? help")
        assert len(c.app.screen_stack) == 2
        await c.press("escape")
        await click("q quit")
        assert c.app.return_value is not None


async def test_a_click_into_the_filter_lets_one_type() -> None:
    async with cockpit(polls=5) as c:
        await c.press("2", "slash", "v", "enter")
        await c.pilot.click("#metrics-filter")
        assert isinstance(c.app.focused, Input)


async def test_the_wheel_scrolls_a_long_list() -> None:
    async with cockpit("many", polls=5) as c:
        await c.press("2")
        table = c.app.screen.query_one("#metrics-table", LineTable)
        before = c.text
        table.scroll_down(animate=False)
        await c.pilot.pause()
        assert c.text != before

"""The keys that choose what is looked at; none of them asks k6 for anything."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from dashboard.tui.glyphs import Glyphs
from dashboard.tui.widgets.chart import ChartPanel
from dashboard.tui.widgets.table import LineTable
from dashboard.view.selection import MetricSort
from tests.tui.cockpit import Cockpit, cockpit


def names(c: Cockpit) -> list[str]:
    """The metrics listed, from above."""
    return [row.key for row in c.app.screen.query_one("#metrics-table", LineTable).rows]


async def test_digits_change_the_screen() -> None:
    async with cockpit(polls=3) as c:
        for key, name, shown in (("2", "metrics", "METRIC"), ("5", "events", "WHAT"), ("1", "overview", "Requests")):
            await c.press(key)
            assert c.app.screen_name == name
            assert shown in c.text


async def test_freezing_stops_the_display_and_not_the_collection() -> None:
    async with cockpit(polls=5) as c:
        await c.press("f")
        before = c.text
        assert "frozen at 22:13:25" in c.header
        await c.watch(5)
        # Only the bar says that there is more by now.
        assert [*c.text.splitlines()[:-2], c.keys] == [*before.splitlines()[:-2], before.splitlines()[-1]]
        assert c.session.histories[c.source.target].looks == 10
        await c.press("f")
        assert "frozen" not in c.header
        assert c.text != before
        assert "00:09" in c.header


async def test_brackets_change_the_window() -> None:
    async with cockpit(polls=3) as c:
        assert "window 5m" in c.header
        await c.press("left_square_bracket")
        assert "window 2m" in c.header
        await c.press(*["left_square_bracket"] * 5)
        assert "window 30s" in c.header
        await c.press(*["right_square_bracket"] * 20)
        assert "window 7d" in c.header


async def test_a_filter_applies_while_it_is_typed() -> None:
    async with cockpit(polls=3) as c:
        await c.press("slash")
        assert c.app.screen_name == "metrics"
        assert isinstance(c.app.focused, Input)
        await c.press(*"HTTP_req_f")
        assert names(c) == ["http_req_failed"]
        await c.press("enter")
        assert isinstance(c.app.focused, LineTable)
        assert names(c) == ["http_req_failed"]
        assert "HTTP_req_f" in c.text
        await c.press("escape")
        assert "vus" in names(c)
        assert "HTTP_req_f" not in c.text


async def test_an_exclamation_mark_excludes() -> None:
    async with cockpit(polls=3) as c:
        await c.press("2")
        everything = names(c)
        await c.press("slash", *"!http")
        assert names(c) == [name for name in everything if "http" not in name]
        await c.press("escape")
        assert names(c) == everything
        assert isinstance(c.app.focused, LineTable)


async def test_what_nothing_passes_says_so() -> None:
    async with cockpit(polls=3) as c:
        await c.press("slash", *"zzz")
        assert names(c) == []
        assert "no metric passes the filter" in c.text
        await c.press("enter", "enter", "up", "down")
        assert c.app.screen_name == "metrics"


async def test_keys_that_are_typed_into_a_filter_do_nothing_else() -> None:
    async with cockpit(polls=3) as c:
        await c.press("slash", *"pxqwsvm125fg")
        assert c.app.is_running
        assert c.source.performed == []
        assert c.app.screen_name == "metrics"
        assert c.app.focused is not None
        assert isinstance(c.app.focused, Input)
        assert c.app.focused.value == "pxqwsvm125fg"


async def test_filters_of_two_screens_do_not_mix() -> None:
    async with cockpit(polls=3) as c:
        await c.press("2", "slash", *"vus", "enter")
        assert names(c) == ["vus", "vus_max"]
        await c.press("5")
        assert "running" in c.app.screen.query_one("#events-table", LineTable).rows[-1].cells[3].text  # type: ignore[union-attr]
        await c.press("2")
        assert names(c) == ["vus", "vus_max"]


async def test_o_sorts_by_each_column_in_turn_and_back() -> None:
    async with cockpit(polls=5) as c:
        await c.press("2")
        table = c.app.screen.query_one("#metrics-table", LineTable)
        by_name = names(c)
        seen: list[str] = []
        for _ in MetricSort:
            await c.press("o")
            assert table.sort is not None
            seen.append(table.sort[0])
            assert sorted(names(c)) == sorted(by_name)
        assert seen == [*list(MetricSort)[1:], MetricSort.NAME]
        assert names(c) == by_name


async def test_capital_o_turns_the_order_round() -> None:
    async with cockpit(polls=5) as c:
        await c.press("2")
        by_name = names(c)
        parents = [name for name in by_name if "{" not in name]
        await c.press("O")
        assert [name for name in names(c) if "{" not in name] == parents[::-1]
        await c.press("O")
        assert names(c) == by_name


async def test_enter_opens_a_metric_and_escape_goes_back() -> None:
    async with cockpit(polls=5) as c:
        await c.press("2", "down", "enter")
        assert c.app.screen_name == "metric"
        assert "checks" in c.text
        assert "STATISTIC" in c.text
        await c.watch(1)
        await c.press("escape")
        assert c.app.screen_name == "metrics"
        assert c.app.screen.query_one("#metrics-table", LineTable).cursor_key == "checks"


async def test_enter_maximises_a_panel_and_escape_goes_back() -> None:
    async with cockpit(polls=5) as c:
        await c.press("tab")
        panel = c.app.focused
        assert isinstance(panel, ChartPanel)
        size = panel.size
        await c.press("enter")
        assert c.app.screen.maximized is panel
        assert panel.size.width > size.width
        await c.watch(2)
        await c.press("escape")
        assert not c.app.screen.query(".-maximized")
        assert panel.size == size
        await c.press("enter", "enter")
        assert not c.app.screen.query(".-maximized")


async def test_an_event_shows_the_charts_at_its_moment() -> None:
    async with cockpit(polls=5) as c:
        await c.press("5", "end", "enter")
        assert c.app.screen_name == "overview"
        assert "frozen at 22:13:21" in c.header


async def test_braces_walk_through_the_runs() -> None:
    async with cockpit(polls=8) as c:
        await c.press("left_curly_bracket")
        assert c.said == ": There is no earlier run."
        c.source.engine.restart()
        await c.watch(3)
        assert "run 2/2" in c.header
        assert "00:02" in c.header
        await c.press("left_curly_bracket")
        assert "run 1/2" in c.header
        assert "00:07" in c.header
        await c.watch(2)
        assert "run 1/2" in c.header
        assert "00:07" in c.header
        await c.press("right_curly_bracket")
        assert "run 2/2" in c.header
        await c.press("right_curly_bracket")
        assert c.said == ": This is the newest run."
        c.source.engine.restart()
        await c.watch(3)
        assert "run 3/3" in c.header, "whoever is back at the newest run follows again"


async def test_g_goes_round_the_glyphs() -> None:
    async with cockpit(polls=5) as c:
        for glyphs in (Glyphs.BLOCK, Glyphs.ASCII, Glyphs.BRAILLE):
            await c.press("g")
            assert c.said == f": Drawing with {glyphs}."
            assert c.app.screen.query_one("#chart-durations", ChartPanel).glyphs is glyphs


async def test_m_marks_this_moment() -> None:
    async with cockpit(polls=5) as c:
        await c.press("m")
        await c.press("enter")
        assert c.said == ": Marked."
        await c.watch(2)
        spec = c.app.screen.query_one("#chart-durations", ChartPanel).spec
        assert spec is not None
        assert [mark.label for mark in spec.marks][-1:] == ["mark"]
        await c.press("5")
        assert "mark" in c.text


@pytest.mark.parametrize("screen", ["1", "2", "5"])
async def test_escape_with_nothing_open_does_nothing(screen: str) -> None:
    async with cockpit(polls=3) as c:
        await c.press(screen)
        before = c.text
        await c.press("escape")
        assert c.text == before
        assert c.app.is_running

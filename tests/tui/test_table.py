from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from dashboard.resources import stylesheet
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.theme import DARK, THEMES
from dashboard.tui.widgets import table as table_module
from dashboard.tui.widgets.columns import share_out
from dashboard.tui.widgets.table import Cell, Column, LineTable, Row
from dashboard.view.format import clean

COLUMNS = (
    Column("name", "Metric", 10, share=1),
    Column("avg", "avg", 7, align="right"),
    Column("trend", "Trend", 6, priority=2),
)


def row(number: int, value: str = "1ms") -> Row:
    return Row(f"row-{number}", (f"metric {number}", Cell(value, "value"), Cell(spark=(1.0, 2.0, 3.0))))


ROWS = tuple(row(number) for number in range(30))


class TableApp(App[None]):
    CSS_PATH = stylesheet("table.tcss")

    def __init__(self, table: LineTable) -> None:
        super().__init__()
        self.table = table
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK.name

    def compose(self) -> ComposeResult:
        yield self.table


def table_of(rows: tuple[Row, ...] = ROWS, *, empty: str = "") -> LineTable:
    return LineTable(COLUMNS, rows, empty=empty)


def cursor(table: LineTable) -> str | None:
    return table.cursor_key


def lines(table: LineTable) -> list[str]:
    return [table.render_line(y).text for y in range(table.size.height)]


async def test_titles_above_rows_below() -> None:
    table = table_of()
    async with TableApp(table).run_test(size=(40, 8)):
        shown = lines(table)
        assert shown[0].split() == ["Metric", "avg", "Trend"]
        assert shown[1].startswith("metric 0")
        assert shown[7].startswith("metric 6")
        assert {len(line) for line in shown} == {table.scrollable_content_region.width}


async def test_keys_move_the_cursor_and_the_view_follows() -> None:
    table = table_of()
    app = TableApp(table)
    async with app.run_test(size=(40, 8)) as pilot:
        table.focus()
        await pilot.press("down", "down", "up")
        assert table.cursor_key == "row-1"
        await pilot.press("end")
        assert table.cursor_key == "row-29"
        assert lines(table)[-1].startswith("metric 29")
        await pilot.press("pageup")
        assert table.cursor_key == "row-23"
        await pilot.press("home", "up")
        assert table.cursor_key == "row-0"
        assert lines(table)[1].startswith("metric 0")


async def test_the_cursor_stays_on_its_row_when_rows_move() -> None:
    table = table_of()
    async with TableApp(table).run_test(size=(40, 8)) as pilot:
        table.cursor_key = "row-3"
        table.rows = tuple(reversed(ROWS))
        await pilot.pause()
        assert (table.cursor_key, table.cursor_row) == ("row-3", 26)
        assert any(line.startswith("metric 3 ") for line in lines(table))


async def test_rows_that_move_do_not_pull_back_who_scrolled_away() -> None:
    table = table_of()
    async with TableApp(table).run_test(size=(40, 8)) as pilot:
        table.scroll_to(y=15, animate=False)
        await pilot.pause()
        table.rows = (*ROWS[1:5], ROWS[0], *ROWS[5:])
        await pilot.pause()
        assert table.cursor_row == 4
        assert lines(table)[1].startswith("metric 15")


async def test_where_its_row_goes_the_cursor_keeps_its_place() -> None:
    table = table_of()
    async with TableApp(table).run_test(size=(40, 8)) as pilot:
        table.cursor_key = "row-3"
        table.rows = ROWS[:3] + ROWS[4:]
        await pilot.pause()
        assert cursor(table) == "row-4"
        table.rows = ()
        await pilot.pause()
        assert cursor(table) is None
        table.rows = ROWS[:2]
        await pilot.pause()
        assert cursor(table) == "row-0"


async def test_new_values_keep_the_scroll_position_and_redraw_only_what_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = table_of()
    async with TableApp(table).run_test(size=(40, 8)) as pilot:
        table.scroll_to(y=10, animate=False)
        await pilot.pause()
        regions: list[object] = []
        monkeypatch.setattr(table, "refresh", lambda *given, **_: regions.extend(given))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        table.rows = (*ROWS[:12], row(12, "2ms"), *ROWS[13:28], row(28, "9ms"), ROWS[29])
        assert [getattr(region, "y", None) for region in regions] == [3]
        assert lines(table)[1].startswith("metric 10")
        assert "2ms" in lines(table)[3]


async def test_the_screen_shows_the_newest_rows_wherever_the_table_is() -> None:
    table = table_of()
    app = TableApp(table)
    async with app.run_test(size=(40, 12)) as pilot:
        table.styles.border = ("round", "red")
        table.styles.padding = (1, 2)
        await pilot.pause()
        for step in range(20):
            table.scroll_to(y=step, animate=False)
            table.rows = tuple(row(number, f"{step}.{number}ms") for number in range(30))
            table.cursor_key = f"row-{step}"
            await pilot.pause()
            shown = screen_text(app).split("\n")
            for y in range(table.content_size.height):
                line = shown[table.content_region.y + y]
                assert table.render_line(y).text.rstrip() in line, (step, y)


async def test_only_rows_in_view_are_formatted(monkeypatch: pytest.MonkeyPatch) -> None:
    formatted: list[str] = []

    def noted(text: str, limit: int = 200) -> str:
        formatted.append(text)
        return clean(text, limit)

    monkeypatch.setattr(table_module, "clean", noted)
    table = table_of(tuple(row(number) for number in range(1000)))
    async with TableApp(table).run_test(size=(40, 8)):
        assert 0 < sum(text.startswith("metric") for text in formatted) <= 3 * 8


def once(messages: list[Message]) -> list[Message]:
    """The hook sees a message again at every widget it bubbles to."""
    return list({id(message): message for message in messages}.values())


def screen_text(app: App[None]) -> str:
    strips = app.screen._compositor.render_strips()  # pyright: ignore[reportPrivateUsage]
    return "\n".join(strip.text for strip in strips)


async def choices(pilot: Pilot[None], messages: list[Message]) -> list[tuple[str, str]]:
    await pilot.pause()
    found: list[tuple[str, str]] = []
    for message in once(messages):
        if isinstance(message, LineTable.RowSelected):
            found.append(("selected", message.key))
        elif isinstance(message, LineTable.SortRequested):
            found.append(("sort", message.column_key))
    messages.clear()
    return found


async def test_enter_and_clicks_choose_and_sort() -> None:
    table = table_of()
    messages: list[Message] = []
    async with TableApp(table).run_test(size=(40, 8), message_hook=messages.append) as pilot:
        table.focus()
        await pilot.press("down", "enter")
        assert await choices(pilot, messages) == [("selected", "row-1")]
        await pilot.click(table, offset=(2, 4))
        assert await choices(pilot, messages) == []
        assert table.cursor_key == "row-3"
        await pilot.click(table, offset=(2, 4))
        assert await choices(pilot, messages) == [("selected", "row-3")]
        await pilot.click(table, offset=(2, 0))
        assert await choices(pilot, messages) == [("sort", "name")]
        await pilot.click(table, offset=(28, 0))
        assert await choices(pilot, messages) == [("sort", "avg")]


async def test_the_wheel_scrolls() -> None:
    table = table_of()
    async with TableApp(table).run_test(size=(40, 8)) as pilot:
        await pilot.pause()
        table.scroll_down(animate=False)
        await pilot.pause()
        assert lines(table)[1].startswith("metric 1")
        assert lines(table)[0].startswith("Metric")
        table.scroll_end(animate=False)
        await pilot.pause()
        assert lines(table)[-1].startswith("metric 29")


@pytest.mark.parametrize(("before", "after"), [(3, 30), (30, 3)])
async def test_a_scroll_bar_that_comes_or_goes_hides_nothing_of_the_last_column(before: int, after: int) -> None:
    last = Column("when", "LAST", 8)
    rows = tuple(Row(f"row-{number}", (f"metric {number}", "19:17:56")) for number in range(30))
    table = LineTable((COLUMNS[0], last), rows[:before])
    async with TableApp(table).run_test(size=(40, 8)) as pilot:
        await pilot.pause()
        lines(table)
        table.rows = rows[:after]
        await pilot.pause()
        shown = lines(table)
        assert shown[1].endswith("19:17:56")
        assert {len(line) for line in shown} == {table.scrollable_content_region.width}


async def test_the_sorted_column_has_an_arrow() -> None:
    table = table_of()
    async with TableApp(table).run_test(size=(40, 8)):
        table.sort = ("avg", True)
        assert "avg▼" in lines(table)[0]
        table.sort = ("avg", False)
        assert "avg▲" in lines(table)[0]


async def test_text_is_plain_text() -> None:
    table = table_of((Row("evil", ("a[/b]\x1b[2J", "[red]", Cell("x"))),))
    async with TableApp(table).run_test(size=(40, 8)):
        assert lines(table)[1].startswith("a[/b]␛[2J")
        assert "[red]" in lines(table)[1]


async def test_without_rows_it_says_so() -> None:
    table = table_of((), empty="no metric matches")
    async with TableApp(table).run_test(size=(40, 9)) as pilot:
        assert any("no metric matches" in line for line in lines(table))
        table.focus()
        await pilot.press("down", "up", "pagedown", "end", "home", "enter")
        assert table.cursor_key is None


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (5, 3), (12, 4), (200, 60)])
@pytest.mark.parametrize("glyphs", Glyphs)
async def test_it_survives_every_size(size: tuple[int, int], glyphs: Glyphs) -> None:
    table = LineTable(COLUMNS, ROWS, glyphs=glyphs)
    app = TableApp(table)
    async with app.run_test(size=size) as pilot:
        table.focus()
        await pilot.press("end", "home")
        assert app.export_screenshot()
        assert all(table.render_line(y).cell_length == table.scrollable_content_region.width for y in range(size[1]))


def test_columns_go_by_priority_when_it_is_narrow() -> None:
    columns = (Column("a", "A", 10), Column("b", "B", 10, priority=1), Column("c", "C", 10, priority=2))
    assert share_out(columns, 40) == [(0, 10), (1, 10), (2, 10)]
    assert share_out(columns, 25) == [(0, 10), (1, 10)]
    assert share_out(columns, 15) == [(0, 10)]
    assert share_out(columns, 6) == [(0, 6)]


def test_spare_room_is_shared() -> None:
    columns = (Column("a", "A", 4, share=1), Column("b", "B", 4), Column("c", "C", 4, share=3))
    assert share_out(columns, 22) == [(0, 6), (1, 4), (2, 10)]


@given(
    st.lists(
        st.builds(Column, st.text(), st.text(), st.integers(0, 20), st.integers(0, 3), priority=st.integers(0, 3))
    ),
    st.integers(0, 100),
)
def test_columns_never_take_more_than_there_is(columns: list[Column], width: int) -> None:
    shares = share_out(columns, width)
    assert sum(size for _, size in shares) + max(0, len(shares) - 1) <= max(0, width)
    assert all(size > 0 for _, size in shares)
    assert [index for index, _ in shares] == sorted(index for index, _ in shares)


def test_every_class_is_in_the_stylesheet() -> None:
    rules = Path(stylesheet("table.tcss")).read_text(encoding="utf-8")
    assert [name for name in table_module.STYLE_CLASSES if f".table--{name} {{" not in rules] == []

"""A table that formats the rows in view alone, and keeps cursor and scroll position by row key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dashboard.quick import dataclass
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.spark import sparkline
from dashboard.tui.widgets.columns import Cell, Column, Row, share_out
from dashboard.view.format import clean, fit, fit_both_ends
from dashboard.view.lazy import LazyRows

__all__ = ["Cell", "Column", "LineTable", "Row"]

STYLE_CLASSES = (
    *("pass", "fail", "warn", "dim", "value", "strong", "spark"),
    *("cursor", "header", "header-sorted", "empty"),
)
"""What the stylesheet colours, each as ``table--<class>``."""


_LONGEST = 2000


class LineTable(ScrollView, can_focus=True):
    """Shows rows of plain text and sparklines; drawn line by line, at the cost of what is seen."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"table--{name}" for name in STYLE_CLASSES}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_by(-1)", "Up", show=False, id="table.up"),
        Binding("down,j", "cursor_by(1)", "Down", show=False, id="table.down"),
        Binding("pageup", "cursor_page(-1)", "Page up", show=False, id="table.page-up"),
        Binding("pagedown", "cursor_page(1)", "Page down", show=False, id="table.page-down"),
        Binding("home", "cursor_edge(-1)", "First row", show=False, id="table.first"),
        Binding("end", "cursor_edge(1)", "Last row", show=False, id="table.last"),
        Binding("enter", "select", "Open", show=False, id="table.open"),
    ]

    columns: reactive[tuple[Column, ...]] = reactive((), layout=False, init=False)
    rows: reactive[Sequence[Row]] = reactive((), layout=False, repaint=False, init=False)
    """Only those in view are looked at, so that a lazy sequence makes no others."""
    sort: reactive[tuple[str, bool] | None] = reactive(None, layout=False, init=False)
    """Key of the column the rows are sorted by, and whether from the greatest down: for the arrow alone."""
    cursor_key: reactive[str | None] = reactive(None, layout=False, repaint=False, init=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, init=False)
    empty: reactive[str] = reactive("", layout=False, init=False)
    """What to say where there is no row."""

    @dataclass
    class RowSelected(Message):
        """A row was chosen, with enter or a click on the row under the cursor."""

        table: LineTable
        key: str

        @property
        def control(self) -> LineTable:
            """The table it is a row of."""
            return self.table

    @dataclass
    class RowHighlighted(Message):
        """The cursor is on another row."""

        table: LineTable
        key: str | None

        @property
        def control(self) -> LineTable:
            """The table it is a row of."""
            return self.table

    @dataclass
    class SortRequested(Message):
        """A column's title was clicked."""

        table: LineTable
        column_key: str

        @property
        def control(self) -> LineTable:
            """The table it is a column of."""
            return self.table

    def __init__(
        self,
        columns: Iterable[Column] = (),
        rows: Iterable[Row] = (),
        *,
        empty: str = "",
        glyphs: Glyphs = Glyphs.BRAILLE,
        follows_first: bool = False,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._follows_first = follows_first
        """Whether rows come above the others: the cursor then stays on the first one, or what is seen stays put."""
        self._places: dict[str, int] = {}
        self._strips: dict[tuple[Row, bool, bool], Strip] = {}
        self._widths: list[tuple[int, int]] = []
        self._styles_known: dict[tuple[str, Style | None], Style] = {}
        self.set_reactive(LineTable.columns, tuple(columns))
        self.set_reactive(LineTable.rows, tuple(rows))
        self.set_reactive(LineTable.empty, empty)
        self.set_reactive(LineTable.glyphs, glyphs)
        self._index_rows()
        self.set_reactive(LineTable.cursor_key, self.rows[0].key if self.rows else None)

    @property
    def cursor_row(self) -> int | None:
        """The place of the row under the cursor, None where there is no row."""
        return None if self.cursor_key is None else self._places.get(self.cursor_key)

    def on_mount(self) -> None:
        """Fit to the rows given at the start."""
        self._fit()

    def watch_rows(self, before: Sequence[Row], rows: Sequence[Row]) -> None:
        """Keep the cursor on its row; where that is gone, on its place. Redraw the lines that changed."""
        old_place = self._places.get(self.cursor_key) if self.cursor_key is not None else None
        self._index_rows()
        if self._follows_first and self._follow(before, rows, old_place):
            return
        if self.cursor_key not in self._places:
            place = min(old_place or 0, len(rows) - 1)
            self.cursor_key = rows[place].key if rows else None
        new_place = self.cursor_row
        top = int(self.scroll_y)
        was_in_view = old_place is not None and top <= old_place < top + self._body_height
        if new_place != old_place and was_in_view:  # who scrolled away is looking at something else
            self._scroll_to_cursor()
        if len(rows) != len(before) or not rows:
            self._fit()
            return
        changed = [row for row in range(top, min(len(rows), top + self._body_height)) if rows[row] != before[row]]
        if changed:  # one region costs less than many
            self._refresh_rows(changed[0], changed[-1])

    def _follow(self, before: Sequence[Row], rows: Sequence[Row], old_place: int | None) -> bool:
        """Stay on the first row, or keep what is seen where it is; whether one of both could be done."""
        top = int(self.scroll_y)
        if not before or not rows or rows[0].key == before[0].key:
            return False
        if old_place == 0 and top == 0:
            self._fit()
            self.cursor_key = rows[0].key
            return True
        seen = self._places.get(before[min(top, len(before) - 1)].key)
        if seen is None or self.cursor_key not in self._places:
            return False
        self._fit()
        self.scroll_to(y=seen, animate=False, force=True)
        return True

    def watch_columns(self) -> None:
        """Lay the columns out anew."""
        self._forget()

    def watch_sort(self) -> None:
        """Move the arrow."""
        self._forget()

    def watch_glyphs(self) -> None:
        """Draw with other characters."""
        self._forget()

    def watch_cursor_key(self, before: str | None, key: str | None) -> None:
        """Move the cursor's colour, and tell."""
        for changed in (before, key):
            if changed is not None and changed in self._places:
                self._refresh_rows(self._places[changed], self._places[changed])
        self._scroll_to_cursor()
        self.post_message(self.RowHighlighted(self, key))

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Show in the cursor whether keys arrive here."""
        super().watch_has_focus(_has_focus)
        if (row := self.cursor_row) is not None:
            self._refresh_rows(row, row)

    def notify_style_update(self) -> None:
        """Forget what was drawn: its colours are another theme's."""
        super().notify_style_update()
        self._styles_known.clear()
        self._forget()

    def on_resize(self) -> None:
        """Share the new width out."""
        self._forget()
        self._fit()
        self._scroll_to_cursor()

    def watch_show_vertical_scrollbar(self) -> None:
        """Share the width out anew: a scroll bar comes and goes without a resize."""
        self._forget()

    def on_click(self, event: Click) -> None:
        """Move the cursor, choose the row under it, or ask for an order."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y == 0:
            column = self._column_at(offset.x)
            if column is not None and column.is_sortable:
                self.post_message(self.SortRequested(self, column.key))
            return
        row = offset.y - 1 + int(self.scroll_y)
        if row >= len(self.rows):
            return
        key = self.rows[row].key
        if key == self.cursor_key or event.chain > 1:
            self.cursor_key = key
            self.post_message(self.RowSelected(self, key))
        else:
            self.cursor_key = key

    def action_cursor_by(self, rows: int) -> None:
        """Move the cursor by ``rows``."""
        if self.rows:
            place = (self.cursor_row or 0) + rows
            self.cursor_key = self.rows[min(len(self.rows) - 1, max(0, place))].key

    def action_cursor_page(self, direction: int) -> None:
        """Move the cursor by what is seen at once."""
        self.action_cursor_by(direction * max(1, self._body_height - 1))

    def action_cursor_edge(self, direction: int) -> None:
        """Move the cursor to the first row, or to the last."""
        self.action_cursor_by(direction * len(self.rows))

    def action_select(self) -> None:
        """Choose the row under the cursor."""
        if self.cursor_key is not None:
            self.post_message(self.RowSelected(self, self.cursor_key))

    def render_line(self, y: int) -> Strip:
        """Give line ``y`` of what is seen: the titles, then rows."""
        width = self._width
        if y == 0:
            return self._header()
        row = y - 1 + int(self.scroll_y)
        if row < len(self.rows):
            return self._row(self.rows[row], is_cursor=row == self.cursor_row)
        if not self.rows and y == 1 + (self._body_height - 1) // 2:
            text = fit(f" {clean(self.empty)}", width)
            return Strip([Segment(text, self._style("empty"))]).adjust_cell_length(width, self._style(""))
        return Strip.blank(width, self._style(""))

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    @property
    def _body_height(self) -> int:
        return max(0, self.scrollable_content_region.height - 1)

    def _index_rows(self) -> None:
        keys = self.rows.keys if isinstance(self.rows, LazyRows) else [row.key for row in self.rows]
        self._places = {key: place for place, key in enumerate(keys)}
        if len(self._strips) > 4 * max(64, self.size.height):
            self._strips.clear()

    def _forget(self) -> None:
        self._strips.clear()
        self._widths = []
        self.refresh()

    def _fit(self) -> None:
        """Give the scroll bar its length. Titles do not scroll, so they count as one more line."""
        self.virtual_size = Size(0, len(self.rows) + 1)
        self.refresh()

    def _refresh_rows(self, first: int, last: int) -> None:
        top = int(self.scroll_y)
        y, end = max(1, first - top + 1), min(self._body_height, last - top + 1)
        if y <= end:
            self.refresh(Region(0, y, self.size.width, end + 1 - y))

    def _scroll_to_cursor(self) -> None:
        """Scroll as little as shows the cursor."""
        row, height = self.cursor_row, self._body_height
        if row is None or height <= 0:
            return
        top = int(self.scroll_y)
        if row < top:
            self.scroll_to(y=row, animate=False)
        elif row >= top + height:
            self.scroll_to(y=row - height + 1, animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Draw every line anew: all have moved."""
        super().watch_scroll_y(old_value, new_value)
        self.refresh()

    def _shares(self) -> list[tuple[int, int]]:
        if not self._widths:
            self._widths = share_out(self.columns, self._width)
        return self._widths

    def _column_at(self, x: int) -> Column | None:
        start = 0
        for index, width in self._shares():
            if start <= x < start + width + 1:
                return self.columns[index]
            start += width + 1
        return None

    def _style(self, name: str, base: Style | None = None) -> Style:
        """The style of a class upon ``base``; remembered, since Textual forgets it at every refresh."""
        if (style := self._styles_known.get((name, base))) is None:
            style = base or self.rich_style
            if name:
                style += self.get_component_rich_style(f"table--{name}", partial=True, default=Style.null())
            self._styles_known[name, base] = style
        return style

    def _header(self) -> Strip:
        segments: list[Segment] = []
        for index, width in self._shares():
            column = self.columns[index]
            title, name = clean(column.title, 60), "header"
            if self.sort is not None and self.sort[0] == column.key:
                characters = self.glyphs.characters
                title, name = f"{title}{characters.down if self.sort[1] else characters.up}", "header-sorted"
            self._add(segments, fit(title, width, column.align), self._style(name), self._style("header"))
        return Strip(segments).adjust_cell_length(self._width, self._style("header"))

    def _row(self, row: Row, *, is_cursor: bool) -> Strip:
        known = (row, is_cursor, self.has_focus)
        if (strip := self._strips.get(known)) is not None:
            return strip
        base = self._style(row.style_class)
        segments: list[Segment] = []
        for index, width in self._shares():
            cell = row.cells[index] if index < len(row.cells) else ""
            if isinstance(cell, Cell) and cell.spark:
                style = self._style(cell.style_class or "spark", base)
                if segments:
                    segments.append(Segment(" ", base))
                segments += sparkline(cell.spark, width, 1, style, self.glyphs, upper=cell.upper)[0]
                continue
            styled = Cell(cell) if isinstance(cell, str) else cell
            indent = " " * min(styled.indent, width - 1)
            if self.columns[index].elides == "middle":
                text = fit_both_ends(indent + clean(styled.text, _LONGEST), width)
            else:
                text = fit(indent + clean(styled.text, width + 1), width, self.columns[index].align)
            self._add(segments, text, self._style(styled.style_class, base), base)
        strip = Strip(segments).adjust_cell_length(self._width, base)
        if is_cursor:
            segments = [Segment(text, self._style("cursor", style or base)) for text, style, _ in strip]
            strip = Strip(segments, self._width)
        self._strips[known] = strip
        return strip

    @staticmethod
    def _add(segments: list[Segment], text: str, style: Style, between: Style) -> None:
        if segments:
            segments.append(Segment(" ", between))
        segments.append(Segment(text, style))

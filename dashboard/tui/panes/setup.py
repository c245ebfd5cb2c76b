"""Screen 6: the setup data."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from dashboard.model.history import TargetHistory
from dashboard.model.json_text import Kind
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import SetupWanted
from dashboard.tui.widgets.json_area import JSONArea
from dashboard.tui.widgets.table import Cell, Column, LineTable, Row
from dashboard.view.format import clean
from dashboard.view.lazy import LazyRows
from dashboard.view.selection import Selection
from dashboard.view.setup import SetupFrame, SetupRow, build_setup

_STYLES = {Kind.STRING: "pass", Kind.NUMBER: "value", Kind.LITERAL: "warn"}
_INDENT = 2
_DEEPEST = 20
"""Levels that are told apart by their indent; the deeper ones stand below each other."""


class SetupPane(Vertical):
    """Screen 6: the data as a tree that folds, or as text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "fold(False)", "unfold", show=False, id="setup.unfold"),
        Binding("left,h", "fold(True)", "fold", show=False, id="setup.fold"),
    ]

    frame: reactive[SetupFrame | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)
    as_text: reactive[bool] = reactive(False, init=False)
    """Whether the data are shown as text instead of as a tree."""

    def __init__(self, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._turned: frozenset[str] = frozenset()
        self._shown: tuple[TargetHistory, Selection, float] | None = None

    def compose(self) -> ComposeResult:
        """What the data are, the data in two forms, and what k6 does with them."""
        yield Static(id="setup-heading")
        yield LineTable(
            (
                Column("name", "NAME", 24, share=1, is_sortable=False),
                Column("value", "VALUE", 30, share=2, is_sortable=False),
            ),
            empty="not asked for yet",
            id="setup-tree",
        )
        area = JSONArea(read_only=True, show_cursor=False, highlight_cursor_line=False, id="setup-text")
        area.show_line_numbers = True
        yield area
        yield Static(id="setup-value")
        yield Static(id="setup-note")

    def on_show(self) -> None:
        """Have k6 asked for the data: now, since somebody wants to see them, and not again by itself."""
        self.post_message(SetupWanted())

    def show(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Show the data of the moment that the selection picks."""
        self._shown = (history, selection, now)
        self.frame = build_setup(history, selection, self._turned)

    def watch_frame(self, before: SetupFrame | None, frame: SetupFrame | None) -> None:
        """Hand each part its share."""
        if frame is None:
            return
        self.query_one("#setup-heading", Static).update(Content(clean(frame.heading, 300)))
        table = self.query_one(LineTable)
        table.empty = frame.empty
        table.rows = frame.rows.map(self._row)
        area = self.query_one(JSONArea)
        if before is None or before.text != frame.text:
            area.load_text(frame.text or frame.empty)
        elif not frame.text and before.empty != frame.empty:
            area.load_text(frame.empty)
        note = self.query_one("#setup-note", Static)
        note.update(Content(("✗ " if frame.is_bad else "") + clean(frame.note, 400)))
        note.set_class(frame.is_bad, "-bad")
        self._show_value(table.cursor_key)

    def _row(self, row: SetupRow) -> Row:
        sign = "  " if row.is_folded is None else "▸ " if row.is_folded else "▾ "
        indent = _INDENT * min(row.depth, _DEEPEST)
        return Row(
            row.key,
            (Cell(sign + row.name, "strong" if row.is_folded else "", indent=indent), self._value(row)),
        )

    def _value(self, row: SetupRow) -> Cell:
        return Cell(row.text, _STYLES.get(row.kind, "dim"))

    def _show_value(self, key: str | None) -> None:
        row = self._of(key)
        text = "" if row is None else f"{row.name}: {row.text}"
        self.query_one("#setup-value", Static).update(Content(clean(text, 2000)))

    def _of(self, key: str | None) -> SetupRow | None:
        rows = self.frame.rows if self.frame is not None else LazyRows[SetupRow]((), _nothing, ())
        return rows.row(key) if key is not None and key in rows.keys else None

    # What the user does

    def action_turn_form(self) -> None:
        """Show the data in the other form."""
        self.as_text = not self.as_text

    def watch_as_text(self, as_text: bool) -> None:
        """Show the other form, and let the keys go to it."""
        self.set_class(as_text, "-text-form")
        self.screen.set_focus(self.query_one(JSONArea if as_text else LineTable))

    def on_line_table_row_highlighted(self, event: LineTable.RowHighlighted) -> None:
        """Show the value under the cursor in full."""
        event.stop()
        self._show_value(event.key)

    def on_line_table_row_selected(self, event: LineTable.RowSelected) -> None:
        """Fold what is open, and open what is folded."""
        event.stop()
        self._turn(event.key)

    def action_fold(self, fold: bool) -> None:
        """Fold or open what is under the cursor; what cannot be folded gives way to what contains it."""
        table = self.query_one(LineTable)
        key = table.cursor_key
        row = self._of(key)
        if row is None or key is None:
            return
        if row.is_folded is (not fold):
            self._turn(key)
        elif fold and "." in key:
            table.cursor_key = key.rpartition(".")[0]

    def _turn(self, key: str) -> None:
        row = self._of(key)
        if row is None or row.is_folded is None or self._shown is None:
            return
        self._turned ^= {key}
        self.show(*self._shown)


def _nothing(key: str) -> SetupRow:
    raise KeyError(key)

"""Screen 3: the tree of groups and checks."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from dashboard.model.group_tree import Tally
from dashboard.model.history import TargetHistory
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import CheckChosen, ChecksArranged, GroupsWanted
from dashboard.tui.widgets.check_totals import CheckTotals
from dashboard.tui.widgets.filter import FilterInput
from dashboard.tui.widgets.table import Cell, Column, LineTable, Row
from dashboard.tui.widgets.tiles import kind_sign, signed
from dashboard.view.chart import Kind, Unit
from dashboard.view.check_frames import CheckRow, ChecksFrame
from dashboard.view.checks import build_checks
from dashboard.view.checks_view import CheckSort, ChecksView
from dashboard.view.format import UNKNOWN, clean, count_text
from dashboard.view.frame import Number
from dashboard.view.selection import Selection

DEEPEST = 8
"""Levels that are indented; what lies deeper says how deep it lies."""

_COLUMNS = (
    Column(CheckSort.NAME, "GROUP OR CHECK", 22, share=3),
    Column("mark", "", 1, is_sortable=False),
    Column(CheckSort.PASSES, "PASSES", 12, align="right", priority=1),
    Column(CheckSort.FAILS, "FAILS", 11, align="right"),
    Column(CheckSort.SHARE, "PASSED", 11, align="right"),
    Column(CheckSort.RECENT, "RECENTLY", 12, align="right", priority=2),
    Column("spark", "FAILS BY LOOK", 14, share=1, align="right", priority=3, is_sortable=False),
)


class ChecksPane(Vertical):
    """Screen 3."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "fold(True)", "Fold", show=False, id="checks.fold"),
        Binding("right", "fold(False)", "Unfold", show=False, id="checks.unfold"),
        Binding("space", "toggle_fold", "Fold or unfold", show=False, id="checks.toggle"),
    ]

    frame: reactive[ChecksFrame | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view = ChecksView()

    def compose(self) -> ComposeResult:
        """The filter, all checks together, the tree, and how k6 is asked."""
        yield FilterInput(placeholder="filter by name; !text excludes", id="checks-filter")
        yield CheckTotals(id="checks-totals")
        yield LineTable(_COLUMNS, empty="not asked yet", id="checks-table")
        yield Static(id="checks-note")

    def watch_glyphs(self, glyphs: Glyphs) -> None:
        """Draw with other characters."""
        for table in self.query(LineTable):
            table.glyphs = glyphs
        for totals in self.query(CheckTotals):
            totals.glyphs = glyphs

    def show(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Show the groups and checks; ask for them, if nobody has."""
        self._view = selection.checks
        self.frame = build_checks(history, selection)
        self.query_one(LineTable).sort = (selection.checks.sort, selection.checks.descending)
        if self.frame.is_wanting:
            self.post_message(GroupsWanted())

    def watch_frame(self, before: ChecksFrame | None, frame: ChecksFrame | None) -> None:
        """Hand each part its share."""
        if frame is None:
            return
        table = self.query_one(LineTable)
        table.rows = frame.rows.map(self._row, self.glyphs)
        table.empty = frame.empty
        self.query_one(CheckTotals).summary = frame.summary
        if before is None or before.note != frame.note:
            self.query_one("#checks-note", Static).update(Content(clean(frame.note, 400)))

    def _row(self, row: CheckRow) -> Row:
        has_failed = bool(row.recent.fails if row.recent is not None else row.tally.fails)
        fold = ("▶ " if row.is_folded else "▼ ") if row.is_group else ""
        depth = f"({row.depth}) " if row.depth > DEEPEST else ""
        style = "fail" if has_failed else "strong" if row.is_group else ""
        mark = Cell("")
        if row.tally.total:
            mark = Cell("✗", "fail") if row.tally.fails else Cell("✓", "pass")
        return Row(
            row.key,
            (
                Cell(fold + depth + row.label, style, indent=2 * min(row.depth, DEEPEST)),
                mark,
                self._count(row.tally, row.tally.passes, ""),
                self._count(row.tally, row.tally.fails, "fail" if row.tally.fails else "dim"),
                self._share(row.tally, Kind.CUMULATIVE, ""),
                self._share(row.recent or Tally(), Kind.INTERVAL, "value"),
                Cell(spark=row.spark, style_class="fail" if any(row.spark) else "dim"),
            ),
        )

    def _count(self, tally: Tally, count: int, style: str) -> Cell:
        if not tally.total:
            return Cell(UNKNOWN, "dim")
        sign = kind_sign(Kind.CUMULATIVE, self.glyphs)
        return Cell(f"{sign}{' ' if sign.isalpha() and sign.isascii() else ''}{count_text(count)}", style)

    def _share(self, tally: Tally, kind: Kind, style: str) -> Cell:
        if tally.share is None:
            return Cell(UNKNOWN, "dim")
        return Cell(signed(Number(tally.share, Unit.RATIO, kind), self.glyphs), style)

    def _arrange(self, view: ChecksView) -> None:
        self.post_message(ChecksArranged(view))

    def on_line_table_row_selected(self, event: LineTable.RowSelected) -> None:
        """Open a check; fold or unfold a group."""
        event.stop()
        row = self._line(event.key)
        if row is not None and row.is_group:
            self._arrange(self._view.toggled(row.key))
        elif row is not None:
            self.post_message(CheckChosen(row.key))

    def on_line_table_sort_requested(self, event: LineTable.SortRequested) -> None:
        """Sort by a column."""
        event.stop()
        self._arrange(self._view.sorted_by(CheckSort(event.column_key)))

    def _line(self, key: str | None) -> CheckRow | None:
        if self.frame is None or key is None or key not in self.frame.rows.keys:
            return None
        return self.frame.rows.row(key)

    def action_toggle_fold(self) -> None:
        """Fold or unfold the group under the cursor."""
        row = self._line(self.query_one(LineTable).cursor_key)
        if row is not None and row.is_group:
            self._arrange(self._view.toggled(row.key))

    def action_fold(self, fold: bool) -> None:
        """Fold the group under the cursor, or go to the one around it; unfold it, or go into it."""
        table = self.query_one(LineTable)
        row = self._line(table.cursor_key)
        if row is None or self.frame is None:
            return
        if row.is_group and row.is_folded is not fold:
            self._arrange(self._view.toggled(row.key))
        elif fold:
            keys = self.frame.rows.keys
            for key in reversed(keys[: keys.index(row.key)]):
                above = self.frame.rows.row(key)
                if above.is_group and above.depth < row.depth:
                    table.cursor_key = key
                    break
        else:
            table.action_cursor_by(1)

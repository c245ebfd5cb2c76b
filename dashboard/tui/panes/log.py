"""Screen 7: what k6 and the script say, and the errors in it by kind."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from dashboard.model.history import TargetHistory
from dashboard.model.log import Level
from dashboard.model.log_book import Entry
from dashboard.model.run_numbers import ELAPSED
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import CopyWanted, LogArranged, LogLineChosen
from dashboard.tui.widgets.filter import FilterInput
from dashboard.tui.widgets.log_list import LogList
from dashboard.tui.widgets.switches import Switch, SwitchRow
from dashboard.tui.widgets.table import Cell, Column, LineTable, Row
from dashboard.tui.widgets.tiles import kind_sign, signed
from dashboard.view.chart import Kind
from dashboard.view.format import clean, clock_time, count_text
from dashboard.view.header import selected_run
from dashboard.view.log import ErrorRow, LogFrame, build_log
from dashboard.view.log_choice import LEVELS, ErrorSort, LogChoice
from dashboard.view.log_lines import LogReader, line_details, line_text
from dashboard.view.selection import Selection

_SHORT = 4
"""Letters of a level's short name: those that k6 itself writes to a terminal."""
_CODE = Column("code", "CODE", 8, priority=2, is_sortable=False)
_COLUMNS = (
    Column("title", "ERRORS BY KIND", 36, share=1, elides="middle", is_sortable=False),
    Column(ErrorSort.COUNT, "COUNT", 11, align="right"),
    Column(ErrorSort.RATE, "NOW", 12, align="right", priority=1),
    Column("spark", "RATE", 16, align="right", priority=2, is_sortable=False),
    Column(ErrorSort.FIRST, "FIRST", 8, priority=4),
    Column(ErrorSort.LAST, "LAST", 8, priority=3),
)


class LogPane(Vertical):
    """Screen 7."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "all_kinds", "All lines", show=False, id="log.all"),
    ]

    frame: reactive[LogFrame | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._choice = LogChoice()
        self._reader = LogReader()
        self._shown: tuple[TargetHistory, Selection] | None = None

    def compose(self) -> ComposeResult:
        """The filter, the errors by kind, what can be picked, the lines, and the whole line under the cursor."""
        yield FilterInput(placeholder="filter by any word; !text excludes", id="log-filter")
        yield LineTable(_COLUMNS, id="log-errors")
        yield Static(id="log-group")
        yield SwitchRow(id="log-kinds")
        yield LogList(id="log-lines", classes="-list")
        yield Static(id="log-detail")
        yield Static(id="log-note")

    def watch_glyphs(self, glyphs: Glyphs) -> None:
        """Draw with other characters."""
        for table in self.query(LineTable):
            table.glyphs = glyphs

    def show(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Show the log up to the moment that the selection picks."""
        self._shown = (history, selection)
        self.frame = frame = build_log(history, selection, now, self._reader)
        self._choice = selection.log.within(frame.run)
        self.query_one(LineTable).sort = (selection.log.sort, selection.log.descending)

    def watch_frame(self, before: LogFrame | None, frame: LogFrame | None) -> None:
        """Hand each part its share."""
        if frame is None:
            return
        self._show_errors(frame)
        self.set_class(not frame.has_log, "-without-log")
        choices = self.query_one(SwitchRow)
        # Every line has one level, and one origin beside.
        choices.total = sum(each.count for each in frame.choices if each.name in LEVELS)
        choices.switches = tuple(
            Switch(each.name, each.count, each.is_wanted, each.name[:_SHORT]) for each in frame.choices
        )
        lines = self.query_one(LogList)
        lines.needle = frame.needle
        lines.empty = frame.empty
        lines.rows = frame.lines
        if before is None or before.group != frame.group:
            group = self.query_one("#log-group", Static)
            group.set_class(bool(frame.group), "-shown")
            group.update(Content(f"only: {clean(frame.group, 300)}  (Esc shows all lines)"), layout=False)
        self._show_note()

    def _show_errors(self, frame: LogFrame) -> None:
        table = self.query_one(LineTable)
        columns = (*_COLUMNS[:1], _CODE, *_COLUMNS[1:]) if frame.has_codes else _COLUMNS
        if table.columns != columns:
            table.columns = columns
        has_code = frame.has_codes
        table.rows = frame.errors.map(lambda row: self._error(row, has_code=has_code), (self.glyphs, has_code))
        self.set_class(bool(frame.errors), "-troubled")

    def _error(self, row: ErrorRow, *, has_code: bool) -> Row:
        style = "fail" if row.level is Level.ERROR else "warn"
        sign = kind_sign(Kind.CUMULATIVE, self.glyphs)
        count = f"{sign}{' ' if sign.isalpha() and sign.isascii() else ''}{count_text(row.count)}"
        is_quiet = not row.rate.value
        cells: tuple[Cell, ...] = (
            Cell(("▶ " if row.is_chosen else "✗ " if row.level is Level.ERROR else "! ") + row.title, style),
            Cell(count, "strong"),
            Cell(signed(row.rate, self.glyphs), "dim" if is_quiet else "value"),
            Cell(spark=row.spark, style_class="dim" if not any(row.spark) else style),
            Cell(clock_time(row.first), "dim"),
            Cell(clock_time(row.last), "dim"),
        )
        if has_code:
            cells = (cells[0], Cell(row.code, "value"), *cells[1:])
        return Row(str(row.number), cells)

    # The line under the cursor

    def _entry(self, number: int | None) -> tuple[Entry, float | None] | None:
        """A line, and what k6's clock showed then."""
        if number is None or self._shown is None:
            return None
        run = selected_run(*self._shown)
        entry = None if run.log is None else run.log.entry(number)
        return None if entry is None else (entry, run.value(*ELAPSED, entry.arrived))

    def _show_detail(self) -> None:
        """Show the whole line under the cursor, unless it runs with the end."""
        lines = self.query_one(LogList)
        self.set_class(not lines.follows, "-reading")
        if lines.follows:
            return
        found = self._entry(lines.cursor)
        text = "" if found is None else "\n".join(clean(line, 1000) for line in found[0].line.text.splitlines()[:6])
        self.query_one("#log-detail", Static).update(Content(text), layout=False)

    def _show_note(self) -> None:
        if self.frame is None:
            return
        lines = self.query_one(LogList)
        way = "following" if lines.follows else "End follows again"
        note = f"{way} · {self.frame.note}" if self.frame.lines.numbers else self.frame.note
        self.query_one("#log-note", Static).update(Content(clean(note, 300)), layout=False)

    def on_log_list_highlighted(self, event: LogList.Highlighted) -> None:
        """Show the line under the cursor in full."""
        event.stop()
        self._show_detail()
        self._show_note()

    def on_log_list_selected(self, event: LogList.Selected) -> None:
        """Open a line."""
        event.stop()
        found = self._entry(event.number)
        if found is not None:
            entry, elapsed = found
            self.post_message(LogLineChosen(line_details(entry.line, elapsed), line_text(entry.line, elapsed)))

    def action_copy_line(self) -> None:
        """Have the line under the cursor copied."""
        found = self._entry(self.query_one(LogList).cursor)
        if found is not None:
            self.post_message(CopyWanted(line_text(found[0].line, found[1])))

    # What is wanted

    def _want(self, choice: LogChoice) -> None:
        self.post_message(LogArranged(choice))

    def on_switch_row_picked(self, event: SwitchRow.Picked) -> None:
        """Show the lines of some levels and origins."""
        event.stop()
        self._want(replace(self._choice, wanted=event.names))

    def on_line_table_row_selected(self, event: LineTable.RowSelected) -> None:
        """Show the lines of one kind of error alone, or all again."""
        event.stop()
        self._want(self._choice.of_group(int(event.key), 0 if self.frame is None else self.frame.run))

    def on_line_table_row_highlighted(self, event: LineTable.RowHighlighted) -> None:
        """Nothing follows from where the cursor is."""
        event.stop()

    def on_line_table_sort_requested(self, event: LineTable.SortRequested) -> None:
        """Sort the kinds of errors by a column."""
        event.stop()
        self._want(self._choice.sorted_by(ErrorSort(event.column_key)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the key to the app where there is nothing to give up."""
        if action == "all_kinds":
            return bool(self._choice.group)
        return super().check_action(action, parameters)

    def action_all_kinds(self) -> None:
        """Show the lines of all kinds again."""
        self._want(replace(self._choice, group=0))

"""Screen 5: what happened."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from dashboard.model.event import EventKind
from dashboard.model.history import TargetHistory
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import CopyWanted, KindsChosen, MomentChosen
from dashboard.tui.widgets.filter import FilterInput
from dashboard.tui.widgets.switches import Switch, SwitchRow
from dashboard.tui.widgets.table import Cell, Column, LineTable, Row
from dashboard.view.events import build_events, event_text
from dashboard.view.format import clean, clock_time, elapsed_text
from dashboard.view.frame import EventRow, EventsFrame
from dashboard.view.selection import Selection


class EventsPane(Vertical):
    """Screen 5."""

    frame: reactive[EventsFrame | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def compose(self) -> ComposeResult:
        """The filter, the list, and the whole text of the event under the cursor."""
        yield FilterInput(placeholder="filter by any word; !text excludes", id="events-filter")
        yield SwitchRow(id="events-kinds")
        yield LineTable(
            (
                Column("at", "TIME", 8, is_sortable=False),
                Column("elapsed", "ELAPSED", 9, align="right", priority=3, is_sortable=False),
                Column("kind", "KIND", 9, priority=2, is_sortable=False),
                Column("title", "WHAT", 24, share=2, is_sortable=False),
                Column("detail", "DETAIL", 20, share=3, priority=1, is_sortable=False),
            ),
            empty="nothing has happened yet",
            follows_first=True,
            id="events-table",
        )
        yield Static(id="event-detail")

    def show(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Show what happened up to the moment shown."""
        self.frame = build_events(history, selection)

    def watch_frame(self, frame: EventsFrame | None) -> None:
        """Hand the rows to the table."""
        if frame is None:
            return
        kinds = self.query_one(SwitchRow)
        kinds.total = total = sum(each.count for each in frame.kinds)
        kinds.switches = tuple(Switch(str(each.kind), each.count, each.is_wanted) for each in frame.kinds)
        table = self.query_one(LineTable)
        table.empty = "no event of these kinds" if total else "nothing has happened yet, or passes the filter"
        table.rows = frame.rows.map(self._row)
        self._show_detail(self.query_one(LineTable).cursor_key)

    def _row(self, row: EventRow) -> Row:
        style = "fail" if row.is_bad else "warn" if row.is_open else ""
        return Row(
            str(row.id),
            (
                clock_time(row.at),
                Cell(elapsed_text(row.elapsed), "dim"),
                Cell(str(row.kind), "dim"),
                Cell(("✗ " if row.is_bad else "… " if row.is_open else "  ") + row.title, style),
                Cell(row.detail, "dim"),
            ),
        )

    def on_switch_row_picked(self, event: SwitchRow.Picked) -> None:
        """Show the events of some kinds."""
        event.stop()
        self.post_message(KindsChosen(frozenset(EventKind(name) for name in event.names)))

    def on_line_table_row_highlighted(self, event: LineTable.RowHighlighted) -> None:
        """Show the event under the cursor in full."""
        event.stop()
        self._show_detail(event.key)

    def _event(self, key: str | None) -> EventRow | None:
        if self.frame is None or key is None or key not in self.frame.rows.keys:
            return None
        return self.frame.rows.row(key)

    def _show_detail(self, key: str | None) -> None:
        row = self._event(key)
        text = Content("") if row is None else Content(clean(f"{row.title}. {row.detail}", 2000))
        self.query_one("#event-detail", Static).update(text)

    def action_copy_event(self) -> None:
        """Have the event under the cursor copied."""
        row = self._event(self.query_one(LineTable).cursor_key)
        if row is not None:
            self.post_message(CopyWanted(event_text(row)))

    def on_line_table_row_selected(self, event: LineTable.RowSelected) -> None:
        """Show the charts at the moment of the event."""
        event.stop()
        row = self._event(event.key)
        if row is not None:
            self.post_message(MomentChosen(row.at))

"""Screen 2: every metric and submetric."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive

from dashboard.model.history import TargetHistory
from dashboard.model.metric import MetricType
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import MetricChosen
from dashboard.tui.widgets.filter import FilterInput
from dashboard.tui.widgets.table import Cell, Column, LineTable, Row
from dashboard.tui.widgets.tiles import signed
from dashboard.view.format import UNKNOWN, quantity
from dashboard.view.frame import MetricRow, MetricsFrame, Number
from dashboard.view.metrics import build_metrics
from dashboard.view.selection import MetricSort, Selection

_TYPE_NAMES = {
    MetricType.COUNTER: "counter",
    MetricType.GAUGE: "gauge",
    MetricType.RATE: "rate",
    MetricType.TREND: "trend",
}

METRIC_COLUMNS = (
    Column(MetricSort.NAME, "METRIC", 22, share=3),
    Column(MetricSort.TAINTED, "", 2),
    Column(MetricSort.TYPE, "TYPE", 7, priority=6),
    Column(MetricSort.INTERVAL, "INTERVAL", 11, align="right"),
    Column(MetricSort.VALUE, "WHOLE RUN", 10, align="right"),
    Column(MetricSort.MED, "med", 8, align="right", priority=3),
    Column(MetricSort.P90, "p(90)", 8, align="right", priority=4),
    Column(MetricSort.P95, "p(95)", 8, align="right", priority=1),
    Column(MetricSort.MAX, "max", 8, align="right", priority=5),
    Column("spark", "RECENT", 12, share=1, priority=2, is_sortable=False),
)


class MetricsPane(Vertical):
    """Screen 2."""

    frame: reactive[MetricsFrame | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def compose(self) -> ComposeResult:
        """The filter, and the table."""
        yield FilterInput(placeholder="filter by name; !text excludes", id="metrics-filter")
        yield LineTable(METRIC_COLUMNS, empty="no metric yet", id="metrics-table")

    def watch_glyphs(self, glyphs: Glyphs) -> None:
        """Draw with other characters."""
        for table in self.query(LineTable):
            table.glyphs = glyphs

    def show(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Show every metric that passes the filter."""
        self.frame = build_metrics(history, selection, now)
        self.query_one(LineTable).sort = (selection.sort, selection.descending)

    def watch_frame(self, frame: MetricsFrame | None) -> None:
        """Hand the rows to the table."""
        if frame is None:
            return
        table = self.query_one(LineTable)
        table.rows = frame.rows.map(self._row, self.glyphs)
        table.empty = "no metric passes the filter" if frame.total else "no metric yet"
        self.border_subtitle = f"{frame.shown} of {frame.total}" if frame.shown != frame.total else f"{frame.total}"

    def _row(self, row: MetricRow) -> Row:
        taint = Cell("")
        if row.is_poisoned:
            taint = Cell("∞!", "warn")
        elif row.tainted is not None:
            taint = Cell("✗", "fail") if row.tainted else Cell("✓", "pass")
        name = Cell(row.label, "fail" if row.tainted else "", indent=2 * row.depth)
        return Row(
            row.name,
            (
                name,
                taint,
                Cell(_TYPE_NAMES[row.type], "dim"),
                self._number(row.interval, "value"),
                self._number(row.value),
                *(Cell("" if value is None else quantity(value, row.unit)) for value in row.statistics),
                Cell(spark=row.spark),
            ),
        )

    def _number(self, number: Number, style: str = "") -> Cell:
        if number.value is None:
            return Cell(UNKNOWN, "dim")
        return Cell(signed(number, self.glyphs), style)

    def on_line_table_row_selected(self, event: LineTable.RowSelected) -> None:
        """Open the metric."""
        event.stop()
        self.post_message(MetricChosen(event.key))

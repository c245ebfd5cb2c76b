"""The screens, as panes of one switcher: each is fed a frame while it is the one that is seen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Input, Static

from dashboard.model.history import TargetHistory
from dashboard.model.metric import MetricType
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import MetricChosen, MomentChosen
from dashboard.tui.widgets.chart import ChartPanel
from dashboard.tui.widgets.phases import Phases
from dashboard.tui.widgets.table import Cell, Column, LineTable, Row
from dashboard.tui.widgets.thresholds import Thresholds
from dashboard.tui.widgets.tiles import Tiles, signed
from dashboard.view.events import build_events
from dashboard.view.format import UNKNOWN, clean, clock_time, elapsed_text, full, quantity
from dashboard.view.frame import EventRow, EventsFrame, MetricFrame, MetricRow, MetricsFrame, Number, OverviewFrame
from dashboard.view.metrics import build_metric, build_metrics
from dashboard.view.overview import build_overview
from dashboard.view.selection import MetricSort, Selection

FIRST_CHARTS = 2
"""Durations and rates stand side by side; the charts of protocols follow below, two in a row."""


class OverviewPane(VerticalScroll):
    """Screen 1."""

    can_focus = False
    frame: reactive[OverviewFrame | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def compose(self) -> ComposeResult:
        """The tiles, two charts, two panels; more charts come when their metrics do."""
        yield Tiles(id="tiles")
        with Horizontal(id="charts"):
            yield ChartPanel(id="chart-durations")
            yield ChartPanel(id="chart-rates")
        yield Container(id="protocols")
        with Horizontal(id="panels"):
            yield Phases(id="phases")
            yield Thresholds(id="thresholds")

    def watch_glyphs(self, glyphs: Glyphs) -> None:
        """Draw with other characters."""
        for tiles in self.query(Tiles):
            tiles.glyphs = glyphs
        for phases in self.query(Phases):
            phases.glyphs = glyphs
        for panel in self.query(ChartPanel):
            panel.glyphs = glyphs

    def show(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Show the run at a glance."""
        self.frame = build_overview(history, selection, now)

    def watch_frame(self, frame: OverviewFrame | None) -> None:
        """Hand each part its share; a part that is the same draws nothing."""
        if frame is None:
            return
        self.query_one(Tiles).tiles = frame.tiles
        self.query_one(Phases).phases = frame.phases
        self.query_one(Thresholds).rows = frame.thresholds
        for chart in frame.charts:
            panels = self.query(f"#chart-{chart.id}").results(ChartPanel)
            panel = next(iter(panels), None)
            if panel is None:
                panel = ChartPanel(id=f"chart-{chart.id}", glyphs=self.glyphs)
                self.query_one("#protocols", Container).mount(panel)
            if panel.title != chart.title:
                panel.title = chart.title
            panel.spec = chart.spec
        wanted = {f"chart-{chart.id}" for chart in frame.charts}
        for panel in self.query_one("#protocols", Container).query(ChartPanel):
            if panel.id not in wanted:
                panel.remove()
        self.set_class(len(frame.charts) > FIRST_CHARTS, "-protocols")
        self.set_class(len(frame.charts) > FIRST_CHARTS and not frame.phases, "-no-http")

    def on_chart_panel_clicked(self, event: ChartPanel.Clicked) -> None:
        """A click into a chart shows that moment."""
        event.stop()
        self.post_message(MomentChosen(event.x))


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


class MetricPane(Vertical):
    """One metric, opened: its chart and everything k6 gives of it."""

    frame: reactive[MetricFrame | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def compose(self) -> ComposeResult:
        """The name, the chart, the statistics, and what can be known."""
        yield Static(id="metric-title")
        yield ChartPanel(id="chart-metric")
        yield LineTable(
            (
                Column("statistic", "STATISTIC", 16, is_sortable=False),
                Column("value", "VALUE", 26, align="right", is_sortable=False),
                Column("kind", "  KIND", 14, share=1, is_sortable=False),
            ),
            empty="no statistic yet",
            id="metric-statistics",
        )
        yield Static(id="metric-explanation")

    def watch_glyphs(self, glyphs: Glyphs) -> None:
        """Draw with other characters."""
        for panel in self.query(ChartPanel):
            panel.glyphs = glyphs

    def show(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Show the metric that the selection names."""
        self.frame = build_metric(history, selection, now)

    def watch_frame(self, before: MetricFrame | None, frame: MetricFrame | None) -> None:
        """Hand each part its share."""
        if frame is None:
            return
        panel = self.query_one(ChartPanel)
        panel.spec = frame.chart.spec
        if before is None or (before.name, before.subtitle) != (frame.name, frame.subtitle):
            self.query_one("#metric-title", Static).update(
                Content.assemble((clean(frame.name, 120), "bold"), f"  {clean(frame.subtitle)}")
            )
        if before is None or before.explanation != frame.explanation:
            self.query_one("#metric-explanation", Static).update(Content(frame.explanation))
        self.query_one(LineTable).rows = tuple(
            Row(
                name,
                (name, Cell(full(number.value, number.unit), "value"), Cell(str(number.kind), "dim", indent=2)),
            )
            for name, number in frame.statistics
        )

    def on_chart_panel_clicked(self, event: ChartPanel.Clicked) -> None:
        """A click into the chart shows that moment."""
        event.stop()
        self.post_message(MomentChosen(event.x))


class EventsPane(Vertical):
    """Screen 5."""

    frame: reactive[EventsFrame | None] = reactive(None, layout=False, repaint=False)

    def compose(self) -> ComposeResult:
        """The filter, the list, and the whole text of the event under the cursor."""
        yield FilterInput(placeholder="filter by any word; !text excludes", id="events-filter")
        yield LineTable(
            (
                Column("at", "TIME", 8, is_sortable=False),
                Column("elapsed", "ELAPSED", 9, align="right", priority=3, is_sortable=False),
                Column("kind", "KIND", 9, priority=2, is_sortable=False),
                Column("title", "WHAT", 24, share=2, is_sortable=False),
                Column("detail", "DETAIL", 20, share=3, priority=1, is_sortable=False),
            ),
            empty="nothing has happened yet",
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
        self.query_one(LineTable).rows = frame.rows.map(self._row)
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

    def on_line_table_row_selected(self, event: LineTable.RowSelected) -> None:
        """Show the charts at the moment of the event."""
        event.stop()
        row = self._event(event.key)
        if row is not None:
            self.post_message(MomentChosen(row.at))


class FilterInput(Input):
    """A filter, hidden while it is neither used nor in force."""

    BINDINGS: ClassVar = [("escape", "app.close", "give up")]

    def validate_value(self, value: str) -> str:
        """Take what can be shown; a clipboard may hold anything."""
        return "".join(character for character in value if character.isprintable())

    def on_mount(self) -> None:
        """Begin hidden."""
        self.add_class("-idle", "-text")

    def on_focus(self) -> None:
        """Be seen."""
        self.remove_class("-idle")

    def on_blur(self) -> None:
        """Hide, unless something is filtered."""
        self.set_class(not self.value, "-idle")

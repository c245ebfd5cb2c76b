"""One metric, opened from any screen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from dashboard.model.history import TargetHistory
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import MomentChosen
from dashboard.tui.widgets.chart import ChartPanel
from dashboard.tui.widgets.table import Cell, Column, LineTable, Row
from dashboard.view.format import UNKNOWN, clean, full
from dashboard.view.frame import MetricFrame, Number
from dashboard.view.metrics import build_metric
from dashboard.view.selection import Selection

_FIRST = (
    Column("statistic", "STATISTIC", 16, is_sortable=False),
    Column("value", "VALUE", 26, align="right", is_sortable=False),
)
_COMPARED = (
    Column("baseline", "BASELINE", 26, align="right", is_sortable=False, priority=1),
    Column("change", "CHANGE", 10, align="right", is_sortable=False),
)
_KIND = Column("kind", "  KIND", 14, share=1, is_sortable=False)


class MetricPane(Vertical):
    """One metric, opened: its chart and everything k6 gives of it."""

    frame: reactive[MetricFrame | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def compose(self) -> ComposeResult:
        """The name, the chart, the statistics, and what can be known."""
        yield Static(id="metric-title")
        yield ChartPanel(id="chart-metric")
        yield LineTable((*_FIRST, _KIND), empty="no statistic yet", id="metric-statistics")
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
        table = self.query_one(LineTable)
        compared = frame.compared
        columns = (*_FIRST, _KIND) if compared is None else (*_FIRST, *_COMPARED, _KIND)
        if table.columns != columns:
            table.columns = columns
        table.rows = tuple(
            Row(
                name,
                (
                    name,
                    Cell(full(number.value, number.unit), "value"),
                    *(() if compared is None else self._beside(*compared[place])),
                    Cell(str(number.kind), "dim", indent=2),
                ),
            )
            for place, (name, number) in enumerate(frame.statistics)
        )

    def _beside(self, before: Number, change: str) -> tuple[Cell, Cell]:
        return Cell(full(before.value, before.unit), "dim"), Cell(change or UNKNOWN, "strong" if change else "dim")

    def on_chart_panel_clicked(self, event: ChartPanel.Clicked) -> None:
        """A click into the chart shows that moment."""
        event.stop()
        self.post_message(MomentChosen(event.x))

"""One metric, opened from any screen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.reactive import reactive
from textual.widgets import Static

from dashboard.model.history import TargetHistory
from dashboard.tui.panes.opened import FIGURES, KIND, OpenedPane, figure, kind
from dashboard.tui.widgets.chart import ChartPanel
from dashboard.tui.widgets.table import Cell, Column, LineTable, Row
from dashboard.view.format import UNKNOWN, full
from dashboard.view.frame import MetricFrame, Number
from dashboard.view.metrics import build_metric
from dashboard.view.selection import Selection

_COMPARED = (
    Column("baseline", "BASELINE", 26, align="right", is_sortable=False, priority=1),
    Column("change", "CHANGE", 10, align="right", is_sortable=False),
)


class MetricPane(OpenedPane):
    """One metric, opened: its chart and everything k6 gives of it."""

    frame: reactive[MetricFrame | None] = reactive(None, layout=False, repaint=False)

    def compose(self) -> ComposeResult:
        """The name, the chart, the statistics, and what can be known."""
        yield Static(id="metric-title", classes="-title")
        yield ChartPanel(id="chart-metric")
        yield LineTable((*FIGURES, KIND), empty="no statistic yet", id="metric-statistics")
        yield Static(id="metric-explanation", classes="-explanation")

    def show(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Show the metric that the selection names."""
        self.frame = build_metric(history, selection, now)

    def watch_frame(self, frame: MetricFrame | None) -> None:
        """Hand each part its share."""
        if frame is None:
            return
        panel = self.query_one(ChartPanel)
        panel.spec = frame.chart.spec
        self.say(frame.name, frame.subtitle, frame.explanation)
        table = self.query_one(LineTable)
        compared = frame.compared
        columns = (*FIGURES, KIND) if compared is None else (*FIGURES, *_COMPARED, KIND)
        if table.columns != columns:
            table.columns = columns
        table.rows = tuple(
            Row(
                name,
                (
                    name,
                    figure(number),
                    *(() if compared is None else self._beside(*compared[place])),
                    kind(number),
                ),
            )
            for place, (name, number) in enumerate(frame.statistics)
        )

    def _beside(self, before: Number, change: str) -> tuple[Cell, Cell]:
        return Cell(full(before.value, before.unit), "dim"), Cell(change or UNKNOWN, "strong" if change else "dim")

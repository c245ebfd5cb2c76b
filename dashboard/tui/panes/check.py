"""One check, opened from the tree."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import reactive
from textual.widgets import Static

from dashboard.model.history import TargetHistory
from dashboard.tui.panes.opened import FIGURES, KIND, OpenedPane, figure, kind
from dashboard.tui.widgets.chart import ChartPanel
from dashboard.tui.widgets.table import LineTable, Row
from dashboard.view.check_frames import CheckFrame
from dashboard.view.checks import build_check
from dashboard.view.selection import Selection


class CheckPane(OpenedPane):
    """One check: its share and its counts over time, and what k6 has counted of it."""

    frame: reactive[CheckFrame | None] = reactive(None, layout=False, repaint=False)

    def compose(self) -> ComposeResult:
        """The name, the charts, the numbers, and what they are."""
        yield Static(id="check-title", classes="-title")
        with Horizontal(id="check-charts"):
            yield ChartPanel(id="chart-check-share")
            yield ChartPanel(id="chart-check-counts")
        yield LineTable((*FIGURES, KIND), empty="nothing is known of it yet", id="check-statistics")
        yield Static(id="check-explanation", classes="-explanation")

    def show(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Show the check that the selection names."""
        self.frame = build_check(history, selection, now)

    def watch_frame(self, frame: CheckFrame | None) -> None:
        """Hand each part its share."""
        if frame is None:
            return
        for chart in frame.charts:
            panel = self.query_one(f"#chart-{chart.id}", ChartPanel)
            if panel.title != chart.title:
                panel.title = chart.title
            panel.spec = chart.spec
        self.say(frame.name, frame.path, frame.explanation)
        self.query_one(LineTable).rows = tuple(
            Row(f"{statistic} {number.kind}", (statistic, figure(number), kind(number)))
            for statistic, number in frame.statistics
        )

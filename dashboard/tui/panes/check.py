"""One check, opened from the tree."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from dashboard.model.history import TargetHistory
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import MomentChosen
from dashboard.tui.widgets.chart import ChartPanel
from dashboard.tui.widgets.table import Cell, Column, LineTable, Row
from dashboard.view.check_frames import CheckFrame
from dashboard.view.checks import build_check
from dashboard.view.format import clean, full
from dashboard.view.selection import Selection


class CheckPane(Vertical):
    """One check: its share and its counts over time, and what k6 has counted of it."""

    frame: reactive[CheckFrame | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def compose(self) -> ComposeResult:
        """The name, the charts, the numbers, and what they are."""
        yield Static(id="check-title")
        with Horizontal(id="check-charts"):
            yield ChartPanel(id="chart-check-share")
            yield ChartPanel(id="chart-check-counts")
        yield LineTable(
            (
                Column("statistic", "STATISTIC", 16, is_sortable=False),
                Column("value", "VALUE", 26, align="right", is_sortable=False),
                Column("kind", "  KIND", 14, share=1, is_sortable=False),
            ),
            empty="nothing is known of it yet",
            id="check-statistics",
        )
        yield Static(id="check-explanation")

    def watch_glyphs(self, glyphs: Glyphs) -> None:
        """Draw with other characters."""
        for panel in self.query(ChartPanel):
            panel.glyphs = glyphs

    def show(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Show the check that the selection names."""
        self.frame = build_check(history, selection, now)

    def watch_frame(self, before: CheckFrame | None, frame: CheckFrame | None) -> None:
        """Hand each part its share."""
        if frame is None:
            return
        for chart in frame.charts:
            panel = self.query_one(f"#chart-{chart.id}", ChartPanel)
            if panel.title != chart.title:
                panel.title = chart.title
            panel.spec = chart.spec
        if before is None or (before.name, before.path) != (frame.name, frame.path):
            self.query_one("#check-title", Static).update(
                Content.assemble((clean(frame.name, 120), "bold"), f"  {clean(frame.path)}")
            )
        if before is None or before.explanation != frame.explanation:
            self.query_one("#check-explanation", Static).update(Content(frame.explanation))
        self.query_one(LineTable).rows = tuple(
            Row(
                f"{statistic} {number.kind}",
                (statistic, Cell(full(number.value, number.unit), "value"), Cell(str(number.kind), "dim", indent=2)),
            )
            for statistic, number in frame.statistics
        )

    def on_chart_panel_clicked(self, event: ChartPanel.Clicked) -> None:
        """A click into a chart shows that moment."""
        event.stop()
        self.post_message(MomentChosen(event.x))

"""Screen 1: the run at a glance."""

from __future__ import annotations

import asyncio
from functools import partial

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, VerticalScroll
from textual.reactive import reactive

from dashboard.model.history import TargetHistory
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import MomentChosen
from dashboard.tui.strokes import load_plotext
from dashboard.tui.widgets.chart import ChartPanel
from dashboard.tui.widgets.phases import Phases
from dashboard.tui.widgets.thresholds import Thresholds
from dashboard.tui.widgets.tiles import Tiles
from dashboard.view.frame import OverviewFrame
from dashboard.view.overview import build_overview
from dashboard.view.selection import Selection

LOAD_AFTER = 0.3
"""Seconds for the first look to be drawn in, which has no lines yet."""
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

    def on_mount(self) -> None:
        """Have by the second look what draws its lines."""
        load = partial(asyncio.to_thread, load_plotext)
        self.set_timer(LOAD_AFTER, lambda: self.run_worker(load, name="load plotext"))

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

"""Screen 4: is the machine that makes the load the bottleneck?"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.reactive import reactive

from dashboard.model.history import TargetHistory
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import MomentChosen
from dashboard.tui.widgets.chart import ChartPanel
from dashboard.tui.widgets.figures import Figures
from dashboard.tui.widgets.verdict import VerdictPanel
from dashboard.view.generator import build_generator
from dashboard.view.generator_frame import GeneratorFrame
from dashboard.view.selection import Selection


class GeneratorPane(VerticalScroll):
    """Screen 4."""

    can_focus = False
    frame: reactive[GeneratorFrame | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def compose(self) -> ComposeResult:
        """The verdict first; the process at the left; its load, its machine and our own cost at the right."""
        yield VerdictPanel(id="verdict")
        with Horizontal(id="generator-columns"):
            with Vertical():
                yield Figures(id="figures-process")
                yield ChartPanel(id="chart-generator-cpu")
                yield ChartPanel(id="chart-generator-memory")
            with Vertical():
                yield Figures(id="figures-load")
                yield Figures(id="figures-machine")
                yield Figures(id="figures-looking")
                yield ChartPanel(id="chart-generator-load")

    def watch_glyphs(self, glyphs: Glyphs) -> None:
        """Draw with other characters."""
        for figures in self.query(Figures):
            figures.glyphs = glyphs
        for panel in self.query(ChartPanel):
            panel.glyphs = glyphs

    def show(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Show what is known of the generator at the moment shown."""
        self.frame = build_generator(history, selection, now)

    def watch_frame(self, frame: GeneratorFrame | None) -> None:
        """Hand each part its share; a part that is the same draws nothing."""
        if frame is None:
            return
        self.query_one(VerdictPanel).frame = frame.verdict
        for name, part in (
            ("process", frame.process),
            ("load", frame.load),
            ("machine", frame.machine),
            ("looking", frame.looking),
        ):
            self.query_one(f"#figures-{name}", Figures).frame = part
        for chart in frame.charts:
            panel = self.query_one(f"#chart-{chart.id}", ChartPanel)
            if panel.title != chart.title:
                panel.title = chart.title
            panel.spec = chart.spec

    def on_chart_panel_clicked(self, event: ChartPanel.Clicked) -> None:
        """A click into a chart shows that moment."""
        event.stop()
        self.post_message(MomentChosen(event.x))

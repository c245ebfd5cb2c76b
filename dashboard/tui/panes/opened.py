"""What was opened from a list: its name, charts, a table of its statistics, and what can be known of it."""

from __future__ import annotations

from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import MomentChosen
from dashboard.tui.widgets.chart import ChartPanel
from dashboard.tui.widgets.table import Cell, Column
from dashboard.view.format import clean, full
from dashboard.view.frame import Number

FIGURES = (
    Column("statistic", "STATISTIC", 16, is_sortable=False),
    Column("value", "VALUE", 26, align="right", is_sortable=False),
)
KIND = Column("kind", "  KIND", 14, share=1, is_sortable=False)


class OpenedPane(Vertical):
    """The pane of one thing. It has a Static of class ``-title`` and one of class ``-explanation``."""

    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._said: tuple[str, str, str] | None = None

    def watch_glyphs(self, glyphs: Glyphs) -> None:
        """Draw with other characters."""
        for panel in self.query(ChartPanel):
            panel.glyphs = glyphs

    def say(self, name: str, subtitle: str, explanation: str) -> None:
        """Say what is shown, by names that are untrusted, and what is to be known of it."""
        said = (name, subtitle, explanation)
        if said == self._said:
            return
        self._said = said
        title = Content.assemble((clean(name, 120), "bold"), f"  {clean(subtitle)}")
        self.query_one(".-title", Static).update(title)
        self.query_one(".-explanation", Static).update(Content(explanation))

    def on_chart_panel_clicked(self, event: ChartPanel.Clicked) -> None:
        """A click into a chart shows that moment."""
        event.stop()
        self.post_message(MomentChosen(event.x))


def figure(number: Number) -> Cell:
    """A number in full."""
    return Cell(full(number.value, number.unit), "value")


def kind(number: Number) -> Cell:
    """What kind of number it is."""
    return Cell(str(number.kind), "dim", indent=2)

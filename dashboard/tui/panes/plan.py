"""Screen 8: what the script plans, how far it has come, and its thresholds."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from dashboard.model.history import TargetHistory
from dashboard.model.threshold_log import Standing
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import MetricChosen, MomentChosen
from dashboard.tui.widgets.chart import ChartPanel
from dashboard.tui.widgets.plan_panel import PlanPanel
from dashboard.tui.widgets.table import Cell, Column, LineTable, Row
from dashboard.tui.widgets.tiles import signed
from dashboard.view.format import UNKNOWN, clean
from dashboard.view.plan import PlanFrame, build_plan, moment_of
from dashboard.view.selection import Selection
from dashboard.view.thresholds import ThresholdLine

_COLUMNS = (
    Column("sign", "", 1, is_sortable=False),
    Column("metric", "METRIC", 12, share=3, is_sortable=False),
    Column("threshold", "THRESHOLD", 12, share=1, is_sortable=False),
    Column("value", "NOW", 11, align="right", is_sortable=False),
    Column("margin", "MARGIN", 9, align="right", priority=1, is_sortable=False),
    Column("relative", "", 6, align="right", priority=3, is_sortable=False),
    Column("state", " STATE", 9, is_sortable=False),
    Column("since", "SINCE", 8, align="right", priority=2, is_sortable=False),
    Column("k6", " K6 SAYS", 12, priority=1, is_sortable=False),
)
_ABORTS = Column("aborts", "ENDS THE TEST", 16, priority=4, is_sortable=False)
_STATES = {
    Standing.FAILS: ("✗", "fail", "failing"),
    Standing.HOLDS: ("✓", "pass", "ok"),
    Standing.NO_DATA: ("–", "dim", "no data"),  # noqa: RUF001 - the sign for what is not
    Standing.UNKNOWN: ("?", "warn", "unknown"),
}


class PlanPane(Vertical):
    """Screen 8."""

    frame: reactive[PlanFrame | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def compose(self) -> ComposeResult:
        """The progress, the profile, the thresholds, and what there is to say of the one under the cursor."""
        yield PlanPanel(id="plan-panel")
        yield ChartPanel(id="chart-plan")
        yield LineTable(_COLUMNS, empty="no threshold", id="plan-thresholds")
        yield Static(id="plan-note")

    def watch_glyphs(self, glyphs: Glyphs) -> None:
        """Draw with other characters."""
        for panel in self.query(PlanPanel):
            panel.glyphs = glyphs
        for chart in self.query(ChartPanel):
            chart.glyphs = glyphs
        for table in self.query(LineTable):
            table.glyphs = glyphs

    def show(self, history: TargetHistory, selection: Selection, now: float) -> None:
        """Show the plan at the moment shown."""
        self.frame = build_plan(history, selection, now)

    def watch_frame(self, frame: PlanFrame | None) -> None:
        """Hand each part its share."""
        if frame is None:
            return
        self.query_one(PlanPanel).frame = frame
        chart = self.query_one(ChartPanel)
        chart.set_class(frame.chart is not None, "-shown")
        if frame.chart is not None:
            if chart.title != frame.chart.title:
                chart.title = frame.chart.title
            chart.spec = frame.chart.spec
        table = self.query_one(LineTable)
        table.empty = frame.empty
        table.columns = (*_COLUMNS, _ABORTS) if any(line.aborts for line in frame.thresholds) else _COLUMNS
        table.rows = tuple(self._row(line) for line in frame.thresholds)
        self._show_note()

    def _row(self, line: ThresholdLine) -> Row:
        sign, style, word = _STATES[line.standing]
        # A standing that is known from k6's verdict alone is told apart from one that is known from a number.
        state = f"{word} (k6)" if line.is_concluded and word == "ok" else word
        theirs = UNKNOWN if line.crossed is None else "✗ crossed" if line.crossed else "✓ holds"
        k6_style = "dim" if line.crossed is None else "fail" if line.crossed else "pass"
        value = UNKNOWN if line.number.value is None else signed(line.number, self.glyphs)
        return Row(
            line.key,
            (
                Cell(sign, style),
                Cell(line.metric, style if line.standing is Standing.FAILS else ""),
                Cell(line.source, "strong"),
                Cell(value, "value" if line.number.value is not None else "dim"),
                Cell(line.margin or UNKNOWN, style if line.margin else "dim"),
                Cell(line.relative, style if line.margin else "dim"),
                Cell(state, style, indent=1),
                Cell(line.since, "fail"),
                Cell(f"{theirs} ≠" if line.differs else theirs, "warn" if line.differs else k6_style, indent=1),
                Cell(line.aborts, "dim"),
            ),
        )

    def _show_note(self) -> None:
        """Say all about the threshold under the cursor."""
        line = self._line(self.query_one(LineTable).cursor_key)
        note = "" if line is None else f"{clean(line.metric)} {clean(line.source, 80)}: {line.note}"
        self.query_one("#plan-note", Static).update(Content(clean(note, 400)))

    def _line(self, key: str | None) -> ThresholdLine | None:
        return next((line for line in self.frame.thresholds if line.key == key), None) if self.frame else None

    def on_line_table_row_highlighted(self, event: LineTable.RowHighlighted) -> None:
        """Say all about another one."""
        event.stop()
        self._show_note()

    def on_line_table_row_selected(self, event: LineTable.RowSelected) -> None:
        """Open the metric of a threshold."""
        event.stop()
        line = self._line(event.key)
        if line is not None:
            self.post_message(MetricChosen(line.metric))

    def on_chart_panel_clicked(self, event: ChartPanel.Clicked) -> None:
        """A click into the profile shows that moment, if it has been."""
        event.stop()
        at = moment_of(self.frame.moments, event.x) if self.frame else None
        if at is not None:
            self.post_message(MomentChosen(at))

"""Which metrics have a threshold, and whether it is crossed: the crossed ones first, and unmissable."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from textual.events import Click
from textual.reactive import reactive

from dashboard.tui.messages import MetricChosen
from dashboard.tui.widgets.lines import LinesWidget, put
from dashboard.view.format import fit, text_width
from dashboard.view.frame import ThresholdRow

_SIGNS = {
    True: ("✗ crossed ", "crossed"),
    False: ("✓ holds   ", "holds"),
    None: ("? unknown ", "note"),
}


class Thresholds(LinesWidget, can_focus=True):
    """A line a threshold; where only k6's API tells of it, that of its metric: it does not tell the expression."""

    ALLOW_MAXIMIZE = True
    BORDER_TITLE = "Thresholds"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "thresholds--crossed",
        "thresholds--holds",
        "thresholds--value",
        "thresholds--note",
    }

    rows: reactive[tuple[ThresholdRow, ...]] = reactive((), layout=False, repaint=False)

    def watch_rows(self, rows: tuple[ThresholdRow, ...]) -> None:
        """Draw the new verdicts."""
        crossed = sum(row.is_crossed is True for row in rows)
        self.border_subtitle = f"{crossed} of {len(rows)} crossed" if rows else ""
        self.set_class(crossed > 0, "-crossed")
        self.redraw()

    def build(self, width: int, height: int) -> Iterable[Iterable[Segment]]:
        """A line each, and how many did not fit."""
        note = self.style_of("thresholds--note")
        if not self.rows:
            yield [put("k6 has not evaluated a threshold", note)]
            return
        shown = self.rows if len(self.rows) <= height else self.rows[: max(1, height - 1)]
        for row in shown:
            sign, part = _SIGNS[row.is_crossed]
            style = self.style_of(f"thresholds--{part}")
            room = max(4, width - len(sign) - text_width(row.text) - 2)
            yield [
                put(sign, style),
                put(fit(row.metric, room), style if row.is_crossed else self.style_of("thresholds--value")),
                put("  "),
                put(row.text, note),
            ]
        if len(shown) < len(self.rows):
            yield [put(f"… and {len(self.rows) - len(shown)} more", note)]

    def on_click(self, event: Click) -> None:
        """Open the metric under the pointer."""
        offset = event.get_content_offset(self)
        if offset is not None and 0 <= offset.y < len(self.rows):
            self.post_message(MetricChosen(self.rows[offset.y].metric))

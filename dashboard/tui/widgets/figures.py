"""A panel of figures: a line each, with what it is a part of and a sparkline."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive

from dashboard.tui.glyphs import Glyphs
from dashboard.tui.spark import sparkline
from dashboard.tui.widgets.lines import LinesWidget, put
from dashboard.tui.widgets.tiles import signed
from dashboard.view.chart import Role
from dashboard.view.format import UNKNOWN, clean, fit, text_width
from dashboard.view.frame import Tone
from dashboard.view.generator_frame import FigureRow, FiguresFrame

_LABEL, _FIGURE, _NOTE, _SPARK = 10, 9, 20, 24
_WORD = 4
_SPARK_FROM = 52
"""From this width on there is room for a sparkline beside the notes."""
_SIGNS = {Tone.PLAIN: "", Tone.GOOD: "", Tone.WARN: " !", Tone.BAD: " ✗"}


class Figures(LinesWidget, can_focus=True):
    """As high as its figures need."""

    ALLOW_MAXIMIZE = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "figures--label",
        "figures--value",
        "figures--note",
        "figures--gap",
        "figures--warn",
        "figures--bad",
        *(f"figures--{role.value}" for role in Role),
    }

    frame: reactive[FiguresFrame | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def watch_frame(self, before: FiguresFrame | None, frame: FiguresFrame | None) -> None:
        """Draw the new figures, and ask for more room where there are more."""
        if frame is None:
            return
        if before is None or (before.title, before.subtitle) != (frame.title, frame.subtitle):
            self.border_title = Content(" · ".join(filter(None, (frame.title, frame.subtitle))))
        self.redraw()
        if before is None or (len(before.rows), before.why) != (len(frame.rows), frame.why):
            self.refresh(layout=True)

    def watch_glyphs(self) -> None:
        """Draw with other characters."""
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line for each figure, and those of the explanation."""
        if self.frame is None:
            return 1
        return max(1, len(self.frame.rows) + len(self._why(self.frame, width)))

    def build(self, width: int, height: int) -> Iterable[Iterable[Segment]]:
        """The figures, then why there are no more."""
        if self.frame is None or width <= 0:
            return
        for row in self.frame.rows:
            yield self._row(row, width)
        for text in self._why(self.frame, width):
            yield [put(text, self.style_of("figures--note"))]

    def _why(self, frame: FiguresFrame, width: int) -> list[str]:
        return textwrap.wrap(frame.why, max(10, width)) if frame.why else []

    def _row(self, row: FigureRow, width: int) -> list[Segment]:
        tone = {Tone.WARN: "warn", Tone.BAD: "bad"}.get(row.tone, "value")
        style = self.style_of(f"figures--{tone}" if row.number.value is not None else "figures--note")
        value = signed(row.number, self.glyphs) if row.number.value is not None else UNKNOWN
        # Where the sign of a kind is a word, the figure behind it needs more room.
        figure = _FIGURE + (_WORD if self.glyphs is Glyphs.ASCII else 0)
        rest = width - _LABEL - figure - 4
        room = min(rest - _NOTE, _SPARK) if width >= _SPARK_FROM else 0
        notes = rest - room - 1 if room else rest
        segments = [
            put(fit(row.label, _LABEL) + " ", self.style_of("figures--label")),
            put(fit(value, figure, "right") + fit(_SIGNS[row.tone], 2), style),
            put(
                " " + fit(self._notes(row, notes), notes) + " " * (rest - room - notes), self.style_of("figures--note")
            ),
        ]
        if room:
            style = self.style_of(f"figures--{row.role.value}")
            drawn = sparkline(row.spark, room, 1, style, self.glyphs, gap_style=self.style_of("figures--gap"))
            segments += drawn[0]
        return segments

    def _notes(self, row: FigureRow, room: int) -> str:
        """As many of the notes as there is room for."""
        notes = row.notes
        while len(notes) > 1 and text_width("".join(notes)) > room:
            notes = notes[:-1]
        return clean("".join(notes))

"""Where a request's time goes: the phases of the last interval, side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.reactive import reactive

from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import MetricChosen
from dashboard.tui.spark import bar, stacked_bar
from dashboard.tui.widgets.lines import LinesWidget, put
from dashboard.tui.widgets.tiles import kind_sign
from dashboard.view.chart import Kind, Unit
from dashboard.view.format import fit, quantity
from dashboard.view.frame import Phase

_NAME = 11
_NUMBER = 9


class Phases(LinesWidget, can_focus=True):
    """One bar with all phases, then a line for each where there is room."""

    ALLOW_MAXIMIZE = True
    BORDER_TITLE = "Timing phases"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "phases--head",
        "phases--value",
        "phases--note",
        "phases--0",
        "phases--1",
        "phases--2",
        "phases--3",
        "phases--4",
        "phases--5",
    }

    phases: reactive[tuple[Phase, ...]] = reactive((), layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def watch_phases(self) -> None:
        """Draw the new times."""
        self.redraw()

    def watch_glyphs(self) -> None:
        """Draw with other characters."""
        self.redraw()

    @property
    def _is_interval(self) -> bool:
        return any(phase.interval is not None for phase in self.phases)

    def _time(self, phase: Phase) -> float | None:
        """The mean that is drawn: of the interval where any phase has one, else since the start."""
        return phase.interval if self._is_interval else phase.cumulative

    def build(self, width: int, height: int) -> Iterable[Iterable[Segment]]:
        """The rows for this size."""
        head = self.style_of("phases--head")
        if not self.phases:
            yield [put("no HTTP request yet", head)]
            return
        times = [max(0.0, self._time(phase) or 0.0) for phase in self.phases]
        styles = [self.style_of(f"phases--{index % 6}") for index in range(len(self.phases))]
        kind = Kind.INTERVAL if self._is_interval else Kind.CUMULATIVE
        if height >= len(self.phases) + 1:
            yield self._heading(width, kind)
            total = sum(times)
            for phase, time, style in zip(self.phases, times, styles, strict=True):
                yield self._row(phase, time / total if total else 0.0, style, width)
            return
        yield stacked_bar(list(zip(times, styles, strict=True)), width, self.glyphs)
        sign = kind_sign(kind, self.glyphs)
        legend: list[Segment] = []
        used = 0
        for phase, style in sorted(
            zip(self.phases, styles, strict=True), key=lambda pair: -(self._time(pair[0]) or 0.0)
        ):
            text = f"{phase.name} {sign}{quantity(self._time(phase), Unit.MILLISECONDS)}  "
            if used + len(text) + 2 > width and legend:
                yield legend
                legend, used = [], 0
            legend += [
                put("■ " if self.glyphs is not Glyphs.ASCII else "* ", style),
                put(text, self.style_of("phases--value")),
            ]
            used += len(text) + 2
        yield legend

    def _heading(self, width: int, kind: Kind) -> list[Segment]:
        head = self.style_of("phases--head")
        interval = f"mean {kind_sign(Kind.INTERVAL, self.glyphs)}"
        cumulative = f"mean {kind_sign(Kind.CUMULATIVE, self.glyphs)}"
        share = max(0, width - _NAME - 2 * (_NUMBER + 1) - 1)
        text = (
            fit("", _NAME)
            + " "
            + fit(f"share {kind_sign(kind, self.glyphs)}", share)
            + fit(interval, _NUMBER + 1, "right")
            + fit(cumulative, _NUMBER + 1, "right")
        )
        return [Segment(fit(text, width), head)]

    def _row(self, phase: Phase, share: float, style: Style, width: int) -> list[Segment]:
        room = max(0, width - _NAME - 2 * (_NUMBER + 1) - 1)
        return [
            Segment(fit(phase.name, _NAME) + " ", self.style_of("phases--value")),
            Segment(bar(share, room, self.glyphs), style),
            Segment(
                fit(quantity(phase.interval, Unit.MILLISECONDS), _NUMBER + 1, "right"),
                self.style_of("phases--value"),
            ),
            Segment(
                fit(quantity(phase.cumulative, Unit.MILLISECONDS), _NUMBER + 1, "right"),
                self.style_of("phases--note"),
            ),
        ]

    def on_click(self, event: Click) -> None:
        """Open the phase under the pointer."""
        offset = event.get_content_offset(self)
        if offset is None or self.content_size.height < len(self.phases) + 1:
            return
        if 1 <= offset.y <= len(self.phases):
            self.post_message(MetricChosen(self.phases[offset.y - 1].metric))

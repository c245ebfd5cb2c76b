"""A chart over time in a frame with a title."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rich.style import Style
from textual.content import Content
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from dashboard.quick import dataclass
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.plot import render_plot, time_at
from dashboard.tui.widgets.lines import regions
from dashboard.view.chart import Bounds, PlotSpec, Role, choose_bounds
from dashboard.view.format import clean

ROLES = tuple(role.value for role in Role)
PARTS = (*ROLES, "ghost", "axis", "grid", "mark", "mark-bad", "level", "empty", "legend")
"""What the stylesheet colours, each as ``chart--<part>``."""


class ChartPanel(Widget, can_focus=True):
    """Shows a :class:`PlotSpec` at whatever size it has; empty without one.

    The value axes keep their ends from one spec to the next while they fit, so that they do not jump.
    """

    ALLOW_MAXIMIZE = True
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"chart--{part}" for part in PARTS}

    spec: reactive[PlotSpec | None] = reactive(None, layout=False, repaint=False, init=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, init=False)

    @dataclass
    class Clicked(Message):
        """The user pointed at a moment."""

        panel: ChartPanel
        x: float

        @property
        def control(self) -> ChartPanel:
            """The chart clicked at."""
            return self.panel

    def __init__(
        self,
        title: str = "",
        *,
        spec: PlotSpec | None = None,
        glyphs: Glyphs = Glyphs.BRAILLE,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._drawn: list[Strip] | None = None
        self._drawn_size = Size(0, 0)
        self._colours: dict[str, Style] = {}
        self._bounds: Bounds | None = None
        self._shown: PlotSpec | None = None
        self.title = title
        self.set_reactive(ChartPanel.glyphs, glyphs)
        self.set_reactive(ChartPanel.spec, spec)
        self._take(spec)
        self.set_class(glyphs is Glyphs.ASCII, "-ascii")

    @property
    def title(self) -> str:
        """The text in the frame; any text, never markup."""
        return self._title

    @title.setter
    def title(self, title: str) -> None:
        self._title = title
        self.border_title = Content(clean(title))

    def watch_spec(self, spec: PlotSpec | None) -> None:
        """Draw anew if what is seen changed: a new moment alone rarely shows."""
        before, size = self._drawn, self._drawn_size
        self._take(spec)
        drawn = self._strips()
        if before is None or size != self._drawn_size:
            self.refresh()
            return
        rows = [y for y, (old, new) in enumerate(zip(before, drawn, strict=True)) if old != new]
        if rows:
            self.refresh(*regions(rows, self.content_size.width))

    def watch_glyphs(self, glyphs: Glyphs) -> None:
        """Draw with other characters."""
        self.set_class(glyphs is Glyphs.ASCII, "-ascii")
        self._drawn = None

    def notify_style_update(self) -> None:
        """Forget the drawing: its colours are another theme's."""
        super().notify_style_update()
        self._drawn = None
        self._colours = {}

    def on_click(self, event: Click) -> None:
        """Say which moment was clicked at."""
        offset = event.get_content_offset(self)
        if offset is None or self._shown is None:
            return
        x = time_at(self._shown, self.content_size.width, self.content_size.height, offset.x)
        if x is not None:
            self.post_message(self.Clicked(self, x))

    def render_line(self, y: int) -> Strip:
        """Give row ``y`` of the drawing."""
        strips = self._strips()
        if y < len(strips):
            return strips[y]
        return Strip.blank(self.content_size.width, self.rich_style)

    def _take(self, spec: PlotSpec | None) -> None:
        """Note what to show, with axes that go on from those of the spec before."""
        self._drawn = None
        if spec is None:
            self._shown = self._bounds = None
            return
        if self._shown is None or not _is_comparable(self._shown, spec):
            self._bounds = None
        self._bounds = spec.bounds or choose_bounds(spec, self._bounds)
        self._shown = replace(spec, bounds=self._bounds)

    def _strips(self) -> list[Strip]:
        size = self.content_size
        if self._drawn is None or self._drawn_size != size:
            # A widget may be painted at a new size before its Resize arrives.
            self._drawn_size = size
            palette = self._palette()
            if self._shown is None:
                self._drawn = [Strip.blank(size.width, palette[""])] * size.height
            else:
                self._drawn = render_plot(self._shown, size.width, size.height, palette, self.glyphs)
        return self._drawn

    def _palette(self) -> dict[str, Style]:
        if not self._colours:
            base = self.rich_style
            parts = {part: self.get_component_rich_style(f"chart--{part}", partial=True) for part in PARTS}
            self._colours = {"": base} | {part: base + style for part, style in parts.items()}
            self._colours |= {f"ghost-{role}": self._colours[role] + parts["ghost"] for role in ROLES}
        return self._colours


def _is_comparable(one: PlotSpec, other: PlotSpec) -> bool:
    """Whether two specs are of the same quantities, so that one's axes mean something for the other."""
    return (
        one.unit is other.unit
        and one.right_unit is other.right_unit
        and tuple(line.label for line in one.lines) == tuple(line.label for line in other.lines)
    )

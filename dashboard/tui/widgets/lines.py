"""What the small panels have in common: text built once for a frame and a size, given out row by row."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from dashboard.view.format import clean, text_width


class LinesWidget(Widget):
    """A widget whose rows are built together, and again only when its frame, size or theme changes."""

    _rows: list[Strip] | None = None
    _rows_size = Size(0, 0)
    _styles_known: dict[str, Style] | None = None

    def build(self, width: int, height: int) -> Iterable[Iterable[Segment]]:
        """The rows, each a sequence of segments; those beyond ``height`` are not shown."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Build the rows again when they are next wanted."""
        self._rows = None
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget rows of another theme."""
        super().notify_style_update()
        self._rows = None
        self._styles_known = None

    def render_line(self, y: int) -> Strip:
        """Row ``y``, exactly as wide as the widget."""
        width, height = size = self.content_size
        if self._rows is None or self._rows_size != size:
            # A widget may be painted at a new size before its Resize arrives.
            self._rows_size = size
            base = self._base_style()
            self._rows = [
                Strip(row).adjust_cell_length(width, base).apply_style(base) for row in self.build(width, height)
            ][:height]
        return self._rows[y] if y < len(self._rows) else Strip.blank(width, self._base_style())

    def style_of(self, part: str) -> Style:
        """The stylesheet's look of a part, such as ``tiles--title``."""
        known = self._known()
        style = known.get(part)
        if style is None:
            style = known[part] = self.get_component_rich_style(part, partial=True)
        return style

    def _base_style(self) -> Style:
        known = self._known()
        style = known.get("")
        if style is None:
            style = known[""] = self.rich_style
        return style

    def _known(self) -> dict[str, Style]:
        """The styles looked up since the stylesheet last changed: Textual computes them anew for each question."""
        if self._styles_known is None:
            self._styles_known = {}
        return self._styles_known


def put(text: str, style: Style | None = None) -> Segment:
    """A piece of a row. The text may come from anywhere: it is made harmless."""
    return Segment(clean(text, 400), style)


def row_width(row: Iterable[Segment]) -> int:
    """The cells that a row takes."""
    return sum(text_width(segment.text) for segment in row)

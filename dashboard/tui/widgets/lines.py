"""What the small panels have in common: text built once for a frame and a size, given out row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import zip_longest

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from dashboard.view.format import clean, text_width


class LinesWidget(Widget):
    """A widget whose rows are built together, and again only when its frame, size or theme changes."""

    build: Callable[[int, int], Iterable[Iterable[Segment]]]
    """Each widget's own method: its rows at a width and a height; those beyond the height are not shown."""
    _rows: list[Strip] | None = None
    _rows_size = Size(0, 0)
    _styles_known: dict[str, Style] | None = None

    def redraw(self) -> None:
        """Build the rows again: at once where those seen are known, and then only what differs is drawn."""
        before, self._rows = self._rows, None
        if before is None or self._rows_size != self.content_size:
            self.refresh()
            return
        after = self._built()
        changed = [y for y, (old, new) in enumerate(zip_longest(before, after)) if old != new]
        if changed:
            self.refresh(*regions(changed, self.content_size.width))

    def notify_style_update(self) -> None:
        """Forget rows of another theme."""
        super().notify_style_update()
        self._rows = None
        self._styles_known = None

    def render_line(self, y: int) -> Strip:
        """Row ``y``, exactly as wide as the widget."""
        rows = self._built()
        return rows[y] if y < len(rows) else Strip.blank(self.content_size.width, self._base_style())

    def _built(self) -> list[Strip]:
        """The rows at the size of this moment: a widget may be painted at a new size before its Resize arrives."""
        width, height = size = self.content_size
        if self._rows is None or self._rows_size != size:
            self._rows_size = size
            base = self._base_style()
            self._rows = [
                Strip(row).adjust_cell_length(width, base).apply_style(base) for row in self.build(width, height)
            ][:height]
        return self._rows

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


def regions(rows: Iterable[int], width: int) -> list[Region]:
    """The regions of some rows, ascending, as ``Widget.refresh`` takes them: neighbours together."""
    found: list[Region] = []
    for y in rows:
        if found and found[-1].bottom == y:
            found[-1] = found[-1].grow((0, 0, 1, 0))
        else:
            # Textual counts a region from the content's corner, inside the border.
            found.append(Region(0, y, width, 1))
    return found


def put(text: str, style: Style | None = None) -> Segment:
    """A piece of a row. The text may come from anywhere: it is made harmless."""
    return Segment(clean(text, 400), style)


def row_width(row: Iterable[Segment]) -> int:
    """The cells that a row takes."""
    return sum(text_width(segment.text) for segment in row)

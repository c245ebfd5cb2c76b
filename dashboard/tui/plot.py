"""Draw a chart over time into strips: the lines come in pieces, everything around them is drawn here."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import product
from typing import TypeAlias

from rich.style import Style
from textual.strip import Strip

from dashboard.tui.cells import joined, united
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.layout import axis_ticks, dot_at, ends, lay_out
from dashboard.tui.legend import empty_strips, legend_line
from dashboard.tui.line_pieces import PIECE, draw_pieces
from dashboard.tui.strokes import Scale
from dashboard.view.chart import (
    Bounds,
    Line,
    PlotSpec,
    choose_bounds,
    snapped,
)
from dashboard.view.format import clean, fit, text_width

Palette: TypeAlias = Mapping[str, Style]
"""A style by name: every role, and ``axis grid mark mark-bad level empty legend``; the empty name is the rest's."""


def render_plot(spec: PlotSpec, width: int, height: int, palette: Palette, glyphs: Glyphs) -> list[Strip]:
    """Draw ``spec`` into ``height`` strips of exactly ``width`` cells.

    The same arguments give the same strips, from a small cache.
    """
    if width <= 0 or height <= 0:
        return []
    # The numbers of the legend change more often than the lines: they are written over a drawing that is kept.
    bare = replace(spec, lines=tuple(replace(line, latest=None) for line in spec.lines))
    strips = list(_render(bare, width, height, tuple(palette.items()), glyphs))
    layout = lay_out(spec, width, height, axis_ticks(spec, _bounds(spec), height))
    if layout.legend and has_points(spec):
        strips[0] = legend_line(spec, width, palette, glyphs)
    return strips


def _bounds(spec: PlotSpec) -> Bounds:
    return spec.bounds or choose_bounds(spec)


def time_at(spec: PlotSpec, width: int, height: int, column: int) -> float | None:
    """The time under cell ``column`` of a drawing; None beside its canvas."""
    layout = lay_out(spec, width, height, axis_ticks(spec, _bounds(spec), height))
    column -= layout.left
    if not has_points(spec) or not 0 <= column < layout.columns:
        return None
    x_from, x_to = snapped(spec.x_from, spec.x_to, layout.columns)
    return min(max(x_from + (column + 0.5) / layout.columns * (x_to - x_from), spec.x_from), spec.x_to)


def has_points(spec: PlotSpec) -> bool:
    """Whether any line has a point within the window."""
    for line in spec.lines:
        first, last = bisect_left(line.xs, spec.x_from), bisect_right(line.xs, spec.x_to)
        if any(map(math.isfinite, line.ys[first:last])):
            return True
    return False


@lru_cache(maxsize=8)
def _render(
    spec: PlotSpec, width: int, height: int, styles: tuple[tuple[str, Style], ...], glyphs: Glyphs
) -> tuple[Strip, ...]:
    palette = dict(styles)
    if not has_points(spec):
        return empty_strips(spec.empty, width, height, palette)
    return _Drawing(spec, width, height, palette, glyphs).strips()


_STRIDES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)


class _Drawing:
    """One chart being drawn: a grid of cells, filled from the back to the front."""

    def __init__(self, spec: PlotSpec, width: int, height: int, palette: Palette, glyphs: Glyphs) -> None:
        self._spec = spec
        self._bounds = _bounds(spec)
        self._palette = palette
        self._glyphs = glyphs
        self._chars = glyphs.characters
        self._ticks = axis_ticks(spec, self._bounds, height)
        self._layout = lay_out(spec, width, height, self._ticks)
        self._window = snapped(spec.x_from, spec.x_to, self._layout.columns)
        self._cells = [[" "] * width for _ in range(height)]
        self._styles = [[self._style("")] * width for _ in range(height)]

    def strips(self) -> tuple[Strip, ...]:
        layout = self._layout
        if layout.columns > 0 and layout.rows > 0:
            self._draw_axes()
            self._draw_levels()
            self._draw_marks()
            self._draw_lines()
            self._label_levels()
            self._label_marks()
        return tuple(joined(cells, styles) for cells, styles in zip(self._cells, self._styles, strict=True))

    def _style(self, name: str) -> Style:
        return self._palette.get(name, Style.null())

    def _put(self, column: int, row: int, text: str, style: Style) -> None:
        """Write narrow characters; what is outside of the drawing is left out."""
        if not 0 <= row < len(self._cells):
            return
        for offset, character in enumerate(text, column):
            if 0 <= offset < self._layout.width:
                self._cells[row][offset] = character
                self._styles[row][offset] = style

    def _column(self, x: float) -> int:
        """The cell of the canvas under ``x``."""
        x_from, x_to = self._window
        return min(self._layout.columns - 1, int((x - x_from) / (x_to - x_from) * self._layout.columns))

    def _row(self, y: float, *, right: bool = False) -> int:
        """The row of the drawing at height ``y``."""
        dots = self._chars.dots[1]
        up = dot_at(y, *ends(self._bounds, right=right), self._layout.rows * dots)
        return self._layout.legend + self._layout.rows - 1 - up // dots

    def _draw_axes(self) -> None:
        layout, style = self._layout, self._style("axis")
        vertical, tick, corner, horizontal, tick_below = self._chars.axis
        top, bottom = layout.legend, layout.legend + layout.rows
        for axis, edge in ((0, layout.left), (1, layout.right)):
            if not edge:
                continue
            column = layout.left - 1 if axis == 0 else layout.width - layout.right
            for row in range(top, bottom):
                self._put(column, row, vertical, style)
            for y, text in self._ticks[axis]:
                row = self._row(y, right=bool(axis))
                self._put(column, row, self._chars.right_axis[1] if axis else tick, style)
                label = fit(text, edge - 2, "left" if axis else "right")
                self._put(column + 2 if axis else 0, row, label, style)
                if axis == 0 and row != bottom - 1:
                    self._put(layout.left, row, self._chars.grid * layout.columns, self._style("grid"))
        if layout.below == 2:
            self._put(layout.left, bottom, horizontal * layout.columns, style)
            if layout.left:
                self._put(layout.left - 1, bottom, corner, style)
            if layout.right:
                self._put(layout.width - layout.right, bottom, self._chars.right_axis[0], style)
        if layout.below:
            for column, start, text in self._time_labels():
                if layout.below == 2:
                    self._put(column, bottom, tick_below, style)
                self._put(start, bottom + layout.below - 1, text, style)

    def _time_labels(self) -> list[tuple[int, int, str]]:
        """Tick, beginning and text of the labels that have room: all, or every second, or every third."""
        x_from, x_to = self._spec.x_from, self._spec.x_to
        labels = [(x, clean(text, 20)) for x, text in self._spec.x_labels if x_from <= x <= x_to]
        step = labels[1][0] - labels[0][0] if len(labels) > 1 else 0.0
        room = step / (x_to - x_from) * self._layout.columns if step > 0 and x_to > x_from else 0.0
        longest = max((len(text) for _, text in labels), default=0)
        stride = next((stride for stride in _STRIDES if room * stride >= longest + 2), 0)
        placed: list[tuple[int, int, str]] = []
        for x, text in labels:
            # Which ones stay is a matter of their times, not of their places, which change as time moves on.
            if len(labels) > 1 and (not stride or round(x / step) % stride):
                continue
            column = self._layout.left + self._column(x)
            start = max(0, min(column - len(text) // 2, self._layout.width - len(text)))
            if len(text) <= self._layout.width and (not placed or start > placed[-1][1] + len(placed[-1][2]) + 1):
                placed.append((column, start, text))
        return placed

    def _draw_levels(self) -> None:
        layout, style = self._layout, self._style("level")
        for level in self._spec.levels:
            if math.isfinite(level.y) and self._bounds.low <= level.y <= self._bounds.high:
                self._put(layout.left, self._row(level.y), self._chars.level * layout.columns, style)

    def _label_levels(self) -> None:
        """Write the levels' labels on their lines, as far right as nothing is drawn; above all if out of sight."""
        layout, style = self._layout, self._style("level")
        free = {" ", self._chars.grid, self._chars.level}
        for level in self._spec.levels:
            if not math.isfinite(level.y) or level.y < self._bounds.low:
                continue
            text = clean(level.label, 40)
            row = self._row(level.y)
            if level.y > self._bounds.high:
                row, text = layout.legend, f"{self._chars.above} {text}"
            text = f" {text} "
            for start in range(layout.left + layout.columns - len(text), layout.left - 1, -1):
                if text_width(text) == len(text) and free.issuperset(self._cells[row][start : start + len(text)]):
                    self._put(start, row, text, style)
                    break

    def _draw_marks(self) -> None:
        for column, _, style in self._marks():
            for row in range(self._layout.legend, self._layout.legend + self._layout.rows):
                self._put(column, row, self._chars.mark, style)

    def _label_marks(self) -> None:
        """Write the marks' labels beside their lines, where nothing is drawn yet."""
        top, edge = self._layout.legend, self._layout.left + self._layout.columns
        free = {" ", self._chars.grid, self._chars.mark}
        for column, text, style in self._marks():
            for row, start in product(
                range(top, top + max(1, self._layout.rows // 3)), (column + 1, column - len(text))
            ):
                cells = self._cells[row][max(0, start - 1) : start + len(text) + 1]
                inside = self._layout.left <= start and start + len(text) <= edge
                if text and inside and free.issuperset(cells):
                    self._put(start, row, text, style)
                    break

    def _marks(self) -> Iterator[tuple[int, str, Style]]:
        for mark in self._spec.marks:
            if self._spec.x_from <= mark.x <= self._spec.x_to:
                text = clean(mark.label, 16)
                column = self._layout.left + self._column(mark.x)
                narrow = text if text_width(text) == len(text) else ""
                yield column, narrow, self._style("mark-bad" if mark.is_bad else "mark")

    def _draw_lines(self) -> None:
        layout = self._layout
        x_from, x_to = self._window
        step = (x_to - x_from) / layout.columns
        first = round(x_from / step)
        pieces = range(first // PIECE, (first + layout.columns - 1) // PIECE + 1)
        scaled: list[tuple[Line, Scale]] = []
        ghosts = sum(line.is_ghost for line in self._spec.lines)
        for index, line in enumerate(self._spec.lines, -ghosts):
            low, high = ends(self._bounds, right=line.right)
            marker = self._chars.ghost_plot if line.is_ghost else self._chars.plot[index % len(self._chars.plot)]
            scaled.append((line, Scale(step, low, high, layout.rows, marker, self._chars.dots)))
        for (line, _), drawn in zip(scaled, draw_pieces(scaled, pieces), strict=True):
            style = self._style(f"ghost-{line.role}" if line.is_ghost else line.role)
            for piece, rows in zip(pieces, drawn, strict=True):
                column = layout.left + piece * PIECE - first
                for row, text in enumerate(rows, layout.legend):
                    if line.is_ghost:
                        # Every other column of time: colour is not the only difference, and it stays where it is.
                        text = "".join(cell if at % 2 else " " for at, cell in enumerate(text, piece * PIECE))
                    if not text.isspace():
                        self._merge(column, row, text, style)

    def _merge(self, column: int, row: int, text: str, style: Style) -> None:
        """Lay a piece's row over what is there: dots of two lines in one cell both stay."""
        layout, cells, styles = self._layout, self._cells[row], self._styles[row]
        for offset, character in enumerate(text, column):
            if character != " " and layout.left <= offset < layout.left + layout.columns:
                cells[offset] = united(cells[offset], character)
                styles[offset] = style

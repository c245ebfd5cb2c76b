"""Draw a chart over time into strips: plotext draws the lines, this module everything around them.

The only importer of plotext, whose figure is global state: :func:`_draw_piece` clears it, draws and reads it
in one go, with no ``await`` between. plotext's cost grows with the dots it sets, so every line is drawn in
narrow pieces that start at a fixed column of time, each kept by what it shows: when time moves on, only the
newest piece of a line is drawn anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import plotext
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from dashboard.tui.glyphs import Glyphs
from dashboard.tui.legend import legend_line
from dashboard.view.chart import (
    Bounds,
    Line,
    PlotSpec,
    Unit,
    choose_bounds,
    decimate,
    nice_ticks,
    snapped,
)
from dashboard.view.format import clean, fit, text_width, tick_text

Palette: TypeAlias = Mapping[str, Style]
"""A style by name: every role, and ``axis grid mark mark-bad level empty legend``."""
Point: TypeAlias = tuple[int, int]
Run: TypeAlias = tuple[Point, ...]
"""Points to be joined, in dots from the left and from below."""

_PIECE = 16
"""Columns that are drawn at once. A narrow piece is soon drawn; a wide one is less often started."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a chart are, in cells."""

    width: int
    height: int
    left: int
    """Width of the left axis, its line included."""
    right: int
    legend: int
    below: int
    """Rows below the canvas: the axis, and its labels."""

    @property
    def columns(self) -> int:
        """Width of the canvas."""
        return self.width - self.left - self.right

    @property
    def rows(self) -> int:
        """Height of the canvas."""
        return self.height - self.legend - self.below


def render_plot(spec: PlotSpec, width: int, height: int, palette: Palette, glyphs: Glyphs) -> list[Strip]:
    """Draw ``spec`` into ``height`` strips of exactly ``width`` cells.

    The same arguments give the same strips, from a small cache.
    """
    if width <= 0 or height <= 0:
        return []
    return list(_render(spec, width, height, tuple(palette.items()), glyphs))


def time_at(spec: PlotSpec, width: int, height: int, column: int) -> float | None:
    """The time under cell ``column`` of a drawing; None beside its canvas."""
    bounds = spec.bounds or choose_bounds(spec)
    layout = _layout(spec, width, height, _ticks(spec, bounds, height))
    column -= layout.left
    if not has_points(spec) or not 0 <= column < layout.columns:
        return None
    x_from, x_to = snapped(spec.x_from, spec.x_to, layout.columns)
    return min(max(x_from + (column + 0.5) / layout.columns * (x_to - x_from), spec.x_from), spec.x_to)


def has_points(spec: PlotSpec) -> bool:
    """Whether any line has a point within the window."""
    return any(
        math.isfinite(y) and spec.x_from <= x <= spec.x_to
        for line in spec.lines
        for x, y in zip(line.xs, line.ys, strict=False)
    )


@lru_cache(maxsize=32)
def _render(
    spec: PlotSpec, width: int, height: int, styles: tuple[tuple[str, Style], ...], glyphs: Glyphs
) -> tuple[Strip, ...]:
    palette = dict(styles)
    if not has_points(spec):
        return _empty(spec.empty, width, height, palette.get("empty", Style.null()))
    return _Drawing(spec, width, height, palette, glyphs).strips()


class _Drawing:
    """One chart being drawn: a grid of cells, filled from the back to the front."""

    def __init__(self, spec: PlotSpec, width: int, height: int, palette: Palette, glyphs: Glyphs) -> None:
        self._spec = spec
        self._bounds = spec.bounds or choose_bounds(spec)
        self._palette = palette
        self._glyphs = glyphs
        self._chars = glyphs.characters
        self._ticks = _ticks(spec, self._bounds, height)
        self._layout = _layout(spec, width, height, self._ticks)
        self._window = snapped(spec.x_from, spec.x_to, self._layout.columns)
        self._cells = [[" "] * width for _ in range(height)]
        self._styles = [[Style.null()] * width for _ in range(height)]

    def strips(self) -> tuple[Strip, ...]:
        layout = self._layout
        if layout.columns > 0 and layout.rows > 0:
            self._draw_axes()
            self._draw_levels()
            self._draw_marks()
            for index, line in enumerate(self._spec.lines):
                self._draw_line(line, self._chars.plot[index % len(self._chars.plot)])
            self._label_marks()
        strips = [_strip(cells, styles) for cells, styles in zip(self._cells, self._styles, strict=True)]
        if layout.legend:
            strips[0] = legend_line(self._spec, layout.width, self._palette, self._glyphs)
        return tuple(strips)

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
        up = _dot(y, *_ends(self._bounds, right=right), self._layout.rows * dots)
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
        for stride in range(1, len(labels) + 1):
            placed: list[tuple[int, int, str]] = []
            for x, text in labels[::stride]:
                column = self._layout.left + self._column(x)
                start = max(0, min(column - len(text) // 2, self._layout.width - len(text)))
                if placed and start < placed[-1][1] + len(placed[-1][2]) + 2:
                    break
                placed.append((column, start, text))
            else:
                return [label for label in placed if len(label[2]) <= self._layout.width]
        return []

    def _draw_levels(self) -> None:
        layout, style = self._layout, self._style("level")
        for level in self._spec.levels:
            if not math.isfinite(level.y):
                continue
            is_above = level.y > self._bounds.high
            row = layout.legend if is_above else self._row(level.y)
            text = clean(level.label, max(0, layout.columns - 4))
            if is_above:
                text = f"{self._chars.above} {text}"
            elif level.y >= self._bounds.low:
                self._put(layout.left, row, self._chars.level * layout.columns, style)
            if text_width(text) == len(text) <= layout.columns - 2:
                self._put(layout.left + layout.columns - len(text) - 1, row, f"{text} ", style)

    def _draw_marks(self) -> None:
        for column, _, style in self._marks():
            for row in range(self._layout.legend, self._layout.legend + self._layout.rows):
                self._put(column, row, self._chars.mark, style)

    def _label_marks(self) -> None:
        """Write the marks' labels beside their lines, where nothing is drawn yet."""
        row = self._layout.legend
        edge = self._layout.left + self._layout.columns
        free = {" ", self._chars.grid, self._chars.mark}
        for column, text, style in self._marks():
            for start in (column + 1, column - len(text)):
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

    def _draw_line(self, line: Line, marker: str) -> None:
        layout = self._layout
        style = self._style(line.role)
        across, up = self._chars.dots
        x_from, x_to = self._window
        span = x_to - x_from
        runs = self._runs(line, across, up)
        # Pieces begin at a multiple of their width in absolute columns, so that time moving on keeps them.
        phase = round(x_from / span * layout.columns) % _PIECE
        for start in range(-phase, layout.columns, _PIECE):
            piece = _piece_of(runs, start * across, _PIECE * across)
            if not piece:
                continue
            for row, text in enumerate(_draw_piece(piece, _PIECE, layout.rows, marker), layout.legend):
                if not text.isspace():
                    self._merge(layout.left + start, row, text, style)

    def _merge(self, column: int, row: int, text: str, style: Style) -> None:
        """Lay a piece's row over what is there: dots of two lines in one cell both stay."""
        layout, cells, styles = self._layout, self._cells[row], self._styles[row]
        for offset, character in enumerate(text, column):
            if character != " " and layout.left <= offset < layout.left + layout.columns:
                cells[offset] = _united(cells[offset], character)
                styles[offset] = style

    def _runs(self, line: Line, across: int, up: int) -> list[Run]:
        columns, rows = self._layout.columns, self._layout.rows
        x_from, x_to = self._window
        xs, ys = decimate(line.xs, line.ys, x_from, x_to, columns)
        ends = _ends(self._bounds, right=line.right)
        runs: list[Run] = []
        run: list[Point] = []
        for x, y in zip((*xs, math.nan), (*ys, math.nan), strict=True):
            if math.isfinite(y):
                dot = min(columns * across - 1, int((x - x_from) / (x_to - x_from) * columns * across))
                run.append((dot, _dot(y, *ends, rows * up)))
            elif run:
                # One dot alone is easily missed: it is drawn two wide.
                runs.append(tuple(run) if len(run) > 1 or across == 1 else (run[0], (run[0][0] ^ 1, run[0][1])))
                run = []
        return runs


def _ticks(
    spec: PlotSpec, bounds: Bounds, height: int
) -> tuple[tuple[tuple[float, str], ...], tuple[tuple[float, str], ...]]:
    """The ticks of the left and of the right axis; none on the right where no line is measured there."""
    count = max(2, min(6, (height - 3) // 3 + 1))
    left = _axis_ticks(bounds.low, bounds.high, count, spec.unit)
    if not any(line.right for line in spec.lines):
        return left, ()
    return left, _axis_ticks(bounds.right_low, bounds.right_high, count, spec.right_unit)


def _axis_ticks(low: float, high: float, count: int, unit: Unit) -> tuple[tuple[float, str], ...]:
    return tuple((y, tick_text(y, unit)) for y in nice_ticks(low, high, count, unit))


def _layout(spec: PlotSpec, width: int, height: int, ticks: tuple[tuple[tuple[float, str], ...], ...]) -> Layout:
    """Give each part its room: the lines first, then the legend, the time, the values."""
    left, right = (max((len(text) for _, text in axis), default=-2) + 2 for axis in ticks)
    if width < 24 or width - left - right < 12:
        right = 0
    if width - left < 8 or height < 3:
        left = 0
    return Layout(
        width=width,
        height=height,
        left=left,
        right=right,
        legend=1 if height >= 4 and width >= 8 else 0,
        below=0 if height < 5 or not spec.x_labels else 1 if height < 9 else 2,
    )


def _ends(bounds: Bounds, *, right: bool) -> tuple[float, float]:
    return (bounds.right_low, bounds.right_high) if right else (bounds.low, bounds.high)


def _dot(y: float, low: float, high: float, dots: int) -> int:
    """The dot at height ``y``, counted from below; what lies outside is drawn at the edge."""
    span = high - low
    share = (y - low) / span if span > 0 and math.isfinite(span) else 0.0
    return min(dots - 1, max(0, round(share * (dots - 1))))


def _piece_of(runs: list[Run], start: int, dots: int) -> tuple[Run, ...]:
    """What a piece shows of ``runs``, counted from its left edge, with the points just beside it."""
    end = start + dots
    pieces: list[Run] = []
    for run in runs:
        if run[-1][0] < start or run[0][0] >= end:
            continue
        first = max((i for i, (x, _) in enumerate(run) if x < start), default=0)
        last = min((i for i, (x, _) in enumerate(run) if x >= end), default=len(run) - 1)
        pieces.append(tuple((x - start, y) for x, y in run[first : last + 1]))
    return tuple(pieces)


@lru_cache(maxsize=1024)
def _draw_piece(runs: tuple[Run, ...], columns: int, rows: int, marker: str) -> tuple[str, ...]:
    """Let plotext draw ``runs``: one string a row, from above."""
    across, up = {"braille": (2, 4), "hd": (2, 2)}.get(marker, (1, 1))
    figure = plotext.active()
    monitor = figure.monitor
    monitor.data_init()
    monitor.set_xaxes(False, False)
    monitor.set_yaxes(False, False)
    for side in ("lower", "upper"):
        monitor.set_xfrequency(0, side)
    for side in ("left", "right"):
        monitor.set_yfrequency(0, side)
    monitor.set_xlim(0, columns * across - 1)
    monitor.set_ylim(0, rows * up - 1)
    monitor.set_size([columns, rows])
    for run in runs:
        monitor.draw([x for x, _ in run], [y for _, y in run], lines=True, marker=marker)
    # The matrix is read as it is: writing it as SGR codes to parse them again says nothing more.
    monitor.build_plot()
    return tuple("".join(row) for row in reversed(monitor.matrix.marker))


_QUARTERS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
_BRAILLE = 0x2800


def _united(under: str, over: str) -> str:
    """One character with the dots of both, where both are made of dots."""
    if _BRAILLE < ord(over) < _BRAILLE + 256 and _BRAILLE < ord(under) < _BRAILLE + 256:
        return chr(ord(under) | ord(over))
    if under in _QUARTERS and over in _QUARTERS:
        return _QUARTERS[_QUARTERS.index(under) | _QUARTERS.index(over)]
    return over


def _strip(cells: list[str], styles: list[Style]) -> Strip:
    """Join cells of one style into segments."""
    segments: list[Segment] = []
    start = 0
    for index in range(1, len(cells) + 1):
        if index == len(cells) or styles[index] is not styles[start]:
            segments.append(Segment("".join(cells[start:index]), styles[start]))
            start = index
    return Strip(segments, len(cells))


def _empty(text: str, width: int, height: int, style: Style) -> tuple[Strip, ...]:
    """Say in the middle why there is nothing to see, in as many lines as it takes."""
    lines: list[str] = []
    for word in clean(text, 400).split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined) <= max(1, width - 4):
            lines[-1] = joined
        else:
            lines.append(word)
    lines = lines[:height]
    above = (height - len(lines)) // 2
    strips: list[Strip] = []
    for row in range(height):
        line = lines[row - above] if 0 <= row - above < len(lines) else ""
        cut = fit(line, min(width, text_width(line)))
        before = (width - text_width(cut)) // 2
        segments = [Segment(" " * before), Segment(cut, style)]
        strips.append(Strip(segments).adjust_cell_length(width))
    return tuple(strips)

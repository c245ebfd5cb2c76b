"""Draw a chart over time into strips: plotext draws the lines, this module everything around them.

The only importer of plotext, whose figure is global state: :func:`_draw_runs` clears it, draws and reads it
in one go, with no ``await`` between. plotext's cost grows with the dots it sets, so every line is drawn in
narrow pieces that start at a fixed column of time, each kept by what it shows: when time moves on, only the
newest piece of a line is drawn anew.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import chain, groupby, product
from typing import Any, Protocol, TypeAlias

from rich.style import Style
from textual.strip import Strip

from dashboard.quick import dataclass
from dashboard.tui.cells import dotted, joined, united
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.layout import axis_ticks, dot_at, ends, lay_out
from dashboard.tui.legend import empty_strips, legend_line
from dashboard.view.chart import (
    Bounds,
    Line,
    PlotSpec,
    choose_bounds,
    decimate,
    snapped,
)
from dashboard.view.format import clean, fit, text_width

Palette: TypeAlias = Mapping[str, Style]
"""A style by name: every role, and ``axis grid mark mark-bad level empty legend``; the empty name is the rest's."""
Point: TypeAlias = tuple[int, int]
Run: TypeAlias = tuple[Point, ...]
"""Points to be joined, in dots from the left and from below."""

PIECE = 8
"""Columns kept together: with fewer the next second is cheaper, with 16 by a third dearer."""


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
        scaled: list[tuple[Line, _Scale]] = []
        ghosts = sum(line.is_ghost for line in self._spec.lines)
        for index, line in enumerate(self._spec.lines, -ghosts):
            low, high = ends(self._bounds, right=line.right)
            marker = self._chars.ghost_plot if line.is_ghost else self._chars.plot[index % len(self._chars.plot)]
            scaled.append((line, _Scale(step, low, high, layout.rows, marker, self._chars.dots)))
        for (line, _), drawn in zip(scaled, _draw_pieces(scaled, pieces), strict=True):
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


@dataclass(frozen=True, slots=True)
class _Scale:
    """From values to dots: what the drawing of a piece depends on beside its points."""

    step: float
    """Seconds a column."""
    low: float
    high: float
    rows: int
    marker: str
    dots: tuple[int, int]


_Piece: TypeAlias = tuple[_Scale, int, tuple[float, ...], tuple[float, ...]]
_KEPT_PIECES = 512
_kept: dict[_Piece, tuple[str, ...]] = {}
"""Drawn pieces, the longest unused first."""


def _draw_pieces(lines: list[tuple[Line, _Scale]], pieces: range) -> list[list[tuple[str, ...]]]:
    """The rows of each piece of each line; those that are not kept are drawn together."""
    wanted: list[list[_Piece]] = []
    missing: list[tuple[list[_Piece], _Job]] = []
    for line, scale in lines:
        parts: list[_Piece] = []
        for piece in pieces:
            begin, end = _points(line, piece, 1, scale)
            parts.append((scale, piece, line.xs[begin:end], line.ys[begin:end]))
        wanted.append(parts)
        absent = [index for index, part in enumerate(parts) if part not in _kept]
        for _, group in groupby(enumerate(absent), key=lambda place: place[1] - place[0]):
            indices = [index for _, index in group]
            begin, end = _points(line, pieces[indices[0]], len(indices), scale)
            runs = _runs(line.xs[begin:end], line.ys[begin:end], pieces[indices[0]], len(indices), scale)
            missing.append(([parts[index] for index in indices], _Job(runs, len(indices) * PIECE, scale)))
    for (parts, _), rows in zip(missing, _draw_jobs([job for _, job in missing]), strict=True):
        for place, part in enumerate(parts):
            _kept[part] = tuple(row[place * PIECE : (place + 1) * PIECE] for row in rows)
    drawn: list[list[tuple[str, ...]]] = []
    for parts in wanted:
        drawn.append([])
        for part in parts:
            rows = _kept.pop(part)
            _kept[part] = rows
            drawn[-1].append(rows)
    while len(_kept) > _KEPT_PIECES:
        del _kept[next(iter(_kept))]
    return drawn


def _points(line: Line, piece: int, count: int, scale: _Scale) -> tuple[int, int]:
    """Where the points of ``count`` pieces begin and end.

    With a column and a point more on either side, for the lines that lead in and out.
    """
    begin = bisect_left(line.xs, (piece * PIECE - 1) * scale.step) - 1
    end = bisect_right(line.xs, ((piece + count) * PIECE + 1) * scale.step) + 1
    return max(0, begin), end


def _runs(xs: tuple[float, ...], ys: tuple[float, ...], piece: int, count: int, scale: _Scale) -> tuple[Run, ...]:
    """The points of ``count`` pieces as runs of dots; what lies beside the pieces leads in and out."""
    if not xs:
        return ()
    across, up = scale.dots
    start, step, columns = piece * PIECE * scale.step, scale.step, count * PIECE
    before = 1 + max(0, math.ceil((start - xs[0]) / step))
    after = 1 + max(0, math.ceil((xs[-1] - start) / step) - columns)
    kept = decimate(xs, ys, start - before * step, start + (columns + after) * step, before + columns + after)
    width = columns * across
    runs: list[Run] = []
    run: list[Point] = []
    for x, y in zip((*kept[0], math.nan), (*kept[1], math.nan), strict=True):
        if math.isfinite(y):
            height = dot_at(y, scale.low, scale.high, scale.rows * up)
            run.append((math.floor((x - start) / step * across + 1e-6), height))
        elif run:
            if run[0][0] < width and run[-1][0] >= 0:
                # One dot alone is easily missed: it is drawn two wide.
                runs.append(_clipped(run, width, PIECE * across) if len(run) > 1 else _doubled(run[0], across))
            run = []
    return tuple(runs)


def _doubled(point: Point, across: int) -> Run:
    """A point as wide as its cell."""
    x, y = point
    return ((x & -across, y), (x | across - 1, y))


def _clipped(run: list[Point], width: int, most: int) -> Run:
    """Cut the ends of ``run`` that lie more than ``most`` dots outside: plotext would draw every dot on the way."""
    points = list(run)
    for end, inner, limit in ((0, 1, -most), (-1, -2, width + most)):
        (x, y), (inner_x, inner_y) = points[end], points[inner]
        if (x < limit) if end == 0 else (x > limit):
            points[end] = (limit, round(y + (inner_y - y) * (limit - x) / (inner_x - x)))
    return tuple(points)


def load_plotext() -> Any:  # noqa: ANN401 - plotext has no types
    """Import plotext when a line is first drawn, or before: the first look gives points, and no line."""
    import plotext

    return plotext


@dataclass(frozen=True, slots=True)
class _Job:
    """Runs to be drawn in a canvas of their own, with nothing of the others in it."""

    runs: tuple[Run, ...]
    columns: int
    scale: _Scale


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a job is in the drawing of all."""

    job: _Job
    begin: int
    """Its first column there, behind the room for what leads in."""
    low: int
    """The lowest of its own rows that has a dot, which is the lowest there."""
    rows: int


def _draw_jobs(jobs: list[_Job]) -> list[tuple[str, ...]]:
    """Let plotext draw all jobs side by side, each no higher than it needs: a string a row, from above.

    One drawing costs less than several, and by its cells. Each job is given room for what leads in and out of its
    canvas, which is then left out. A job without runs has no rows.
    """
    spots = [_spots(job) for job in jobs]
    places: list[_Place | None] = []
    total = 0
    for job, spotted in zip(jobs, spots, strict=True):
        if spotted is not None:
            places.append(None)
            continue
        across, up = job.scale.dots
        xs, ys = zip(*chain.from_iterable(job.runs), strict=True)
        begin = total - (min(0, *xs) // across)
        low = min(ys) // up
        places.append(_Place(job, begin, low, max(ys) // up - low + 1))
        total = begin + job.columns + max(0, max(xs) // across + 1 - job.columns)
    drawn = _draw_places([place for place in places if place is not None], total)
    return [next(drawn) if spotted is None else spotted for spotted in spots]


def _spots(job: _Job) -> tuple[str, ...] | None:
    """The rows of a job that has no lines but single points; None where there is a line to draw.

    A run begins with single points, and its first frame is not to wait for the library that draws lines.
    """
    if not job.runs:
        return ()
    across, up = job.scale.dots
    cells = [[" "] * job.columns for _ in range(job.scale.rows)]
    for run in job.runs:
        (column, row), *others = {(x // across, y // up) for x, y in run}
        if others or not 0 <= column < job.columns:
            return None
        cell = dotted([(x % across, y % up) for x, y in run], job.scale.dots, job.scale.marker)
        cells[-1 - row][column] = united(cells[-1 - row][column], cell)
    return tuple(map("".join, cells))


def _draw_places(places: list[_Place], columns: int) -> Iterator[tuple[str, ...]]:
    """Draw the jobs where they are placed; the rows of each."""
    if not places:
        return
    across, up = places[0].job.scale.dots
    height = max(place.rows for place in places)
    monitor: _Monitor = load_plotext().active().monitor
    monitor.data_init()
    monitor.set_xaxes(False, False)
    monitor.set_yaxes(False, False)
    for side in ("lower", "upper"):
        monitor.set_xfrequency(0, side)
    for side in ("left", "right"):
        monitor.set_yfrequency(0, side)
    monitor.set_xlim(0, columns * across - 1)
    monitor.set_ylim(0, max(1, height * up - 1))
    monitor.set_size([columns, height])
    for place in places:
        for run in place.job.runs:
            xs, ys = [x + place.begin * across for x, _ in run], [y - place.low * up for _, y in run]
            monitor.draw(xs, ys, lines=True, marker=place.job.scale.marker)
    # The matrix is read as it is: writing it as SGR codes to parse them again says nothing more.
    monitor.build_plot()
    rows = ["".join(row) for row in reversed(monitor.matrix.marker)]
    for place in places:
        blank = " " * place.job.columns
        own = [row[place.begin : place.begin + place.job.columns] for row in rows[height - place.rows :]]
        yield (*[blank] * (place.job.scale.rows - place.low - place.rows), *own, *[blank] * place.low)


class _Matrix(Protocol):
    """Of plotext's character matrix, what is read here: rows from below."""

    marker: list[list[str]]


class _Monitor(Protocol):
    """Of plotext's plot, which has no types, what is used here."""

    matrix: _Matrix

    def data_init(self) -> None: ...
    def set_xaxes(self, lower: bool, upper: bool) -> None: ...
    def set_yaxes(self, left: bool, right: bool) -> None: ...
    def set_xfrequency(self, frequency: int, xside: str) -> None: ...
    def set_yfrequency(self, frequency: int, yside: str) -> None: ...
    def set_xlim(self, left: float, right: float) -> None: ...
    def set_ylim(self, lower: float, upper: float) -> None: ...
    def set_size(self, size: list[int]) -> None: ...
    def draw(self, xs: list[int], ys: list[int], *, lines: bool, marker: str) -> None: ...
    def build_plot(self) -> None: ...

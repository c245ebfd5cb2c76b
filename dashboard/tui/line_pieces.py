"""A chart's lines in narrow pieces that start at a fixed column of time, each kept by what it shows.

plotext's cost grows with the dots it sets: when time moves on, only the newest piece of a line is drawn anew.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from itertools import groupby
from typing import TypeAlias

from dashboard.tui.layout import dot_at
from dashboard.tui.strokes import Job, Point, Run, Scale, draw_jobs
from dashboard.view.chart import Line, decimate

PIECE = 8
"""Columns kept together: with fewer the next second is cheaper, with 16 by a third dearer."""

_Piece: TypeAlias = tuple[Scale, int, tuple[float, ...], tuple[float, ...]]
_KEPT_PIECES = 512
_kept: dict[_Piece, tuple[str, ...]] = {}
"""Drawn pieces, the longest unused first."""


def draw_pieces(lines: list[tuple[Line, Scale]], pieces: range) -> list[list[tuple[str, ...]]]:
    """The rows of each piece of each line; those that are not kept are drawn together."""
    wanted: list[list[_Piece]] = []
    missing: list[tuple[list[_Piece], Job]] = []
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
            missing.append(([parts[index] for index in indices], Job(runs, len(indices) * PIECE, scale)))
    for (parts, _), rows in zip(missing, draw_jobs([job for _, job in missing]), strict=True):
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


def _points(line: Line, piece: int, count: int, scale: Scale) -> tuple[int, int]:
    """Where the points of ``count`` pieces begin and end.

    With a column and a point more on either side, for the lines that lead in and out.
    """
    begin = bisect_left(line.xs, (piece * PIECE - 1) * scale.step) - 1
    end = bisect_right(line.xs, ((piece + count) * PIECE + 1) * scale.step) + 1
    return max(0, begin), end


def _runs(xs: tuple[float, ...], ys: tuple[float, ...], piece: int, count: int, scale: Scale) -> tuple[Run, ...]:
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

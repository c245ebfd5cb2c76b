"""Strokes of a chart's lines: dots joined by plotext, or set one by one where there is no line to draw.

The only importer of plotext, whose figure is global state: :func:`_draw_places` clears it, draws and reads it in one
go, with no ``await`` between.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, Protocol, TypeAlias

from dashboard.quick import dataclass
from dashboard.tui.cells import dotted, united

Point: TypeAlias = tuple[int, int]
Run: TypeAlias = tuple[Point, ...]
"""Points to be joined, in dots from the left and from below."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to dots: what the drawing of a piece depends on beside its points."""

    step: float
    """Seconds a column."""
    low: float
    high: float
    rows: int
    marker: str
    dots: tuple[int, int]


def load_plotext() -> Any:  # noqa: ANN401 - plotext has no types
    """Import plotext when a line is first drawn, or before: the first look gives points, and no line."""
    import plotext

    return plotext


@dataclass(frozen=True, slots=True)
class Job:
    """Runs to be drawn in a canvas of their own, with nothing of the others in it."""

    runs: tuple[Run, ...]
    columns: int
    scale: Scale


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a job is in the drawing of all."""

    job: Job
    begin: int
    """Its first column there, behind the room for what leads in."""
    low: int
    """The lowest of its own rows that has a dot, which is the lowest there."""
    rows: int


def draw_jobs(jobs: list[Job]) -> list[tuple[str, ...]]:
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


def _spots(job: Job) -> tuple[str, ...] | None:
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

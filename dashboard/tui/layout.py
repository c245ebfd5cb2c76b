"""Where the parts of a chart go: which ticks fit, how axes, legend and lines share the room."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TypeAlias

from dashboard.quick import dataclass
from dashboard.view.chart import Bounds, PlotSpec, Unit, nice_ticks
from dashboard.view.format import tick_text

Ticks: TypeAlias = tuple[tuple[float, str], ...]
"""Heights and what is written beside them."""


ROOMY = 40
"""From this width on, axes are at least so wide that charts one below the other line up."""
EDGE = 7


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


def axis_ticks(spec: PlotSpec, bounds: Bounds, height: int) -> tuple[Ticks, Ticks]:
    """The ticks of the left and of the right axis; none on the right where no line is measured there."""
    count = max(2, min(6, (height - 3) // 3 + 1))
    left = _one_axis(bounds.low, bounds.high, count, spec.unit)
    if not any(line.right for line in spec.lines):
        return left, ()
    return left, _one_axis(bounds.right_low, bounds.right_high, count, spec.right_unit)


@lru_cache(maxsize=64)
def _one_axis(low: float, high: float, count: int, unit: Unit) -> Ticks:
    return tuple((y, tick_text(y, unit)) for y in nice_ticks(low, high, count, unit))


def lay_out(spec: PlotSpec, width: int, height: int, ticks: tuple[Ticks, Ticks]) -> Layout:
    """Give each part its room: the lines first, then the legend, the time, the values."""
    left, right = (max((len(text) for _, text in axis), default=-2) + 2 for axis in ticks)
    if width >= ROOMY:
        left, right = max(left, EDGE), right and max(right, EDGE)
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


def ends(bounds: Bounds, *, right: bool) -> tuple[float, float]:
    """The ends of one axis."""
    return (bounds.right_low, bounds.right_high) if right else (bounds.low, bounds.high)


def dot_at(y: float, low: float, high: float, dots: int) -> int:
    """The dot at height ``y``, counted from below; what lies outside is drawn at the edge."""
    span = high - low
    share = (y - low) / span if span > 0 and math.isfinite(span) else 0.0
    return min(dots - 1, max(0, round(share * (dots - 1))))

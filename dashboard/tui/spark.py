"""Small drawings of a few cells: sparklines and bars, pure functions from numbers to segments."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from itertools import groupby

from rich.segment import Segment
from rich.style import Style

from dashboard.tui.glyphs import Glyphs

_DIM = Style(dim=True)
_LEFT_DOTS = (0, 0x40, 0x44, 0x46, 0x47, 0)
_RIGHT_DOTS = (0, 0x80, 0xA0, 0xB0, 0xB8, 0)
_BRAILLE = [[chr(0x2800 + left + right).replace("\u2800", " ") for right in _RIGHT_DOTS] for left in _LEFT_DOTS]
"""A cell by the heights of its two values, 0 to 4; the last, which -1 picks, is no value."""
_BRAILLE[-1][-1] = ""


def sparkline(
    values: Sequence[float],
    width: int,
    height: int = 1,
    style: Style | None = None,
    glyphs: Glyphs = Glyphs.BLOCK,
    *,
    upper: float | None = None,
    gap_style: Style | None = None,
) -> list[list[Segment]]:
    """Draw the newest ``values`` into ``height`` rows of ``width`` cells, the newest at the right.

    The baseline is zero, so a small change looks small; a zero shows as the thinnest line, a NaN as a gap.
    One value takes one cell, with braille half a cell. A negative value is drawn as zero. ``upper`` is the
    value of full height, the greatest shown where it is None.
    """
    if width <= 0 or height <= 0:
        return [[] for _ in range(max(0, height))]
    style = style or Style.null()
    per_cell = 2 if glyphs is Glyphs.BRAILLE else 1
    shown = list(values[-width * per_cell :])
    peak = max((value for value in shown if math.isfinite(value)), default=0.0) if upper is None else upper
    steps = 4 if per_cell == 2 else len(glyphs.characters.levels) - 1
    missing = width * per_cell - len(shown)
    heights: list[int | None] = [None] * missing
    heights += [_height(value, peak, steps * height) for value in shown]
    faint = gap_style or style + _DIM
    return [_row(heights, row, steps, per_cell, missing, glyphs, style, faint) for row in reversed(range(height))]


def _row(
    heights: Sequence[int | None],
    row: int,
    steps: int,
    per_cell: int,
    missing: int,
    glyphs: Glyphs,
    style: Style,
    faint: Style,
) -> list[Segment]:
    """One row of a sparkline, counted from below; neighbours of one style are one segment."""
    below = row * steps
    levels = [-1 if level is None else min(steps, max(0, level - below)) for level in heights]
    if per_cell == 2:
        cells = [_BRAILLE[left][right] for left, right in zip(levels[::2], levels[1::2], strict=True)]
    else:
        cells = ["" if level < 0 else glyphs.characters.levels[level] for level in levels]
    segments: list[Segment] = []
    start = 0
    for is_gap, group in groupby(cells, key=operator.not_):
        texts = list(group)
        end = start + len(texts)
        if is_gap:
            before = min(len(texts), max(0, missing // per_cell - start))
            gap = " " if row else glyphs.characters.gap
            segments.append(Segment(" " * before + gap * (len(texts) - before), faint))
        else:
            segments.append(Segment("".join(texts), style))
        start = end
    return segments


def bar(share: float, width: int, glyphs: Glyphs = Glyphs.BLOCK) -> str:
    """Draw ``share`` of ``width`` as filled; a share above none shows a sliver at least."""
    steps = len(glyphs.characters.bar) - 1
    if width <= 0:
        return ""
    share = min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0
    filled = round(share * width * steps)
    if share > 0:
        filled = max(1, filled)
    if share < 1:
        filled = min(width * steps - 1, filled)
    whole, part = divmod(filled, steps)
    text = glyphs.characters.bar[-1] * whole + (glyphs.characters.bar[part] if part else "")
    return text.ljust(width)


def stacked_bar(parts: Sequence[tuple[float, Style]], width: int, glyphs: Glyphs = Glyphs.BLOCK) -> list[Segment]:
    """Draw ``parts`` side by side, each as wide as its share of their sum, in whole cells.

    What is above none gets a cell while there is one to give; the widths sum up to ``width``.
    """
    sizes = [size if math.isfinite(size) and size > 0 else 0.0 for size, _ in parts]
    greatest = max(sizes, default=0.0)
    if width <= 0 or greatest == 0:
        return [Segment(" " * max(0, width))]
    sizes = [size / greatest for size in sizes]
    total = sum(sizes)
    exact = [size / total * width for size in sizes]
    cells = [max(1, int(share)) if share > 0 else 0 for share in exact]
    while sum(cells) > width:
        index = max(range(len(cells)), key=lambda i: (cells[i] - exact[i] if cells[i] > 1 else -1.0, cells[i]))
        if cells[index] <= 1:
            index = min((i for i in range(len(cells)) if cells[i]), key=lambda i: exact[i])
        cells[index] -= 1
    while sum(cells) < width:
        index = max((i for i in range(len(cells)) if cells[i]), key=lambda i: exact[i] - cells[i])
        cells[index] += 1
    full = glyphs.characters.bar[-1]
    return [Segment(full * count, style) for count, (_, style) in zip(cells, parts, strict=True) if count]


def _height(value: float, peak: float, steps: int) -> int | None:
    """How many steps high ``value`` is; one at least, so that a zero is seen to be a value."""
    if not math.isfinite(value):
        return None
    if peak <= 0 or value <= 0:
        return 1
    return max(1, min(steps, round(min(1.0, value / peak) * steps)))

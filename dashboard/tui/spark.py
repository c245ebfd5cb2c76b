"""Small drawings of a few cells: sparklines and bars, pure functions from numbers to segments."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style

from dashboard.tui.glyphs import Glyphs

_DIM = Style(dim=True)
_LEFT_DOTS = (0, 0x40, 0x44, 0x46, 0x47)
_RIGHT_DOTS = (0, 0x80, 0xA0, 0xB0, 0xB8)


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
    rows: list[list[Segment]] = []
    for row in reversed(range(height)):
        segments: list[Segment] = []
        for cell in range(width):
            pair = heights[cell * per_cell : (cell + 1) * per_cell]
            if all(level is None for level in pair):
                is_before = (cell + 1) * per_cell <= missing
                _append(segments, " " if is_before or row else glyphs.characters.gap, faint)
            else:
                _append(segments, _cell(pair, row, steps, glyphs), style)
        rows.append(segments)
    return rows


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


def _cell(pair: list[int | None], row: int, steps: int, glyphs: Glyphs) -> str:
    """The character of one cell: of one value, or with braille of two."""
    filled = [min(steps, max(0, (level or 0) - row * steps)) for level in pair]
    if glyphs is not Glyphs.BRAILLE:
        return glyphs.characters.levels[filled[0]]
    dots = _LEFT_DOTS[filled[0]] | _RIGHT_DOTS[filled[1]]
    return chr(0x2800 + dots) if dots else " "


def _append(segments: list[Segment], text: str, style: Style) -> None:
    """Add ``text``, to the last segment where the style is the same."""
    if segments and segments[-1].style is style:
        segments[-1] = Segment(segments[-1].text + text, style)
    else:
        segments.append(Segment(text, style))

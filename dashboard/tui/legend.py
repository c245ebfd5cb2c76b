"""What a chart says in words: which line is what, of what kind, its newest value; or why nothing is drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from dashboard.tui.glyphs import Glyphs
from dashboard.view.chart import Kind, Line, PlotSpec
from dashboard.view.format import clean, fit, quantity, text_width

_MEANINGS = {Kind.CUMULATIVE: "whole run", Kind.INTERVAL: "interval", Kind.ESTIMATED: "estimated"}


def legend_line(spec: PlotSpec, width: int, palette: Mapping[str, Style], glyphs: Glyphs) -> Strip:
    """Draw the legend of ``spec`` in exactly ``width`` cells, the most important line first.

    Lines are drawn the most important last, so that it is on top; a legend is read from the left. Where there is too
    little room, the least important lines are named without their number.
    """
    legend = palette.get("legend", Style.null())
    lines = tuple(reversed([*enumerate(line for line in spec.lines if not line.is_ghost)]))
    signs = _signs(glyphs)
    kinds = [kind for kind in _MEANINGS if any(line.kind is kind for _, line in lines)]
    every = len(lines)
    forms = ((2, True, every), (2, False, every), *((1, False, numbered) for numbered in range(every, 0, -1)))

    def ghost_entry(gap: int, *, is_loose: bool) -> list[Segment]:
        swatch = f"{glyphs.characters.ghost} " if is_loose else glyphs.characters.ghost
        return [Segment(" " * gap + swatch, legend), Segment(clean(spec.ghost, 24), legend)] if spec.ghost else []

    def entries_of(is_loose: bool, numbered: int) -> list[list[Segment]]:
        return [
            _entry(index, line, spec, palette, glyphs, is_loose=is_loose, is_numbered=place < numbered)
            for place, (index, line) in enumerate(lines)
        ]

    def size(gap: int, is_loose: bool, numbered: int) -> int:
        own = sum(Segment.get_line_length(entry) for entry in entries_of(is_loose, numbered))
        return own + gap * (every - 1) + Segment.get_line_length(ghost_entry(gap, is_loose=is_loose))

    gap, is_loose, numbered = next((form for form in forms if size(*form) <= width), forms[-1])
    ghost = ghost_entry(gap, is_loose=is_loose)
    room = width - Segment.get_line_length(ghost)
    segments: list[Segment] = []
    for entry in entries_of(is_loose, numbered):
        length = Segment.get_line_length(entry) + (gap if segments else 0)
        if sum(segment.cell_length for segment in segments) + length > room:
            break
        segments += [Segment(" " * gap, legend)] * bool(segments) + entry
    segments += ghost
    used = sum(segment.cell_length for segment in segments)
    explained = "  ".join(f"{signs[kind]} {_MEANINGS[kind]}" for kind in kinds if len(signs[kind]) == 1)
    if explained and used + len(explained) + 3 <= width:
        segments.append(Segment(" " * (width - used - len(explained)), legend))
        segments.append(Segment(explained, legend))
    return Strip(segments).adjust_cell_length(width, palette.get(""))


def latest(line: Line, spec: PlotSpec) -> float | None:
    """The number of ``line`` for the moment shown, None where it has none then."""
    if line.latest is not None:
        return line.latest if math.isfinite(line.latest) else None
    for x, y in zip(reversed(line.xs), reversed(line.ys), strict=False):
        if spec.x_from <= x <= spec.x_to:
            return y if math.isfinite(y) else None
    return None


def _signs(glyphs: Glyphs) -> dict[Kind, str]:
    characters = glyphs.characters
    return {
        Kind.CUMULATIVE: characters.cumulative,
        Kind.INTERVAL: characters.interval,
        Kind.ESTIMATED: characters.estimated,
        Kind.NOW: "",
    }


def _entry(
    index: int,
    line: Line,
    spec: PlotSpec,
    palette: Mapping[str, Style],
    glyphs: Glyphs,
    *,
    is_loose: bool,
    is_numbered: bool,
) -> list[Segment]:
    """One line's swatch, name, kind and newest value. The kind stays beside a number: without it, that misleads."""
    characters = glyphs.characters
    legend, style = palette.get("legend", Style.null()), palette.get(line.role, Style.null())
    value = quantity(latest(line, spec), spec.right_unit if line.right else spec.unit)
    sign = _signs(glyphs)[line.kind]
    swatch = characters.swatch or characters.plot[index % len(characters.plot)]
    swatched = Segment(f"{swatch} " if is_loose or not characters.swatch else swatch, style)
    if not is_numbered:
        return [swatched, Segment(clean(line.label, 24), legend)]
    return [
        swatched,
        Segment(f"{clean(line.label, 24)} ", legend),
        Segment(f"{sign} " if sign and (is_loose or len(sign) > 1) else sign, legend),
        Segment(value, style),
    ]


def empty_strips(text: str, width: int, height: int, palette: Mapping[str, Style]) -> tuple[Strip, ...]:
    """Say in the middle why there is nothing to see, in as many lines as it takes."""
    rest, style = palette.get("", Style.null()), palette.get("empty", Style.null())
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
        segments = [Segment(" " * before, rest), Segment(cut, style)]
        strips.append(Strip(segments).adjust_cell_length(width, rest))
    return tuple(strips)

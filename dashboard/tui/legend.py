"""The line above a chart: what each of its lines is, of what kind, and its newest value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from dashboard.tui.glyphs import Glyphs
from dashboard.view.chart import Kind, Line, PlotSpec
from dashboard.view.format import clean, quantity

_MEANINGS = {Kind.CUMULATIVE: "whole run", Kind.INTERVAL: "interval", Kind.ESTIMATED: "estimated"}


def legend_line(spec: PlotSpec, width: int, palette: Mapping[str, Style], glyphs: Glyphs) -> Strip:
    """Draw the legend of ``spec`` in exactly ``width`` cells, the most important line first.

    Lines are drawn the most important last, so that it is on top; a legend is read from the left.
    """
    legend = palette.get("legend", Style.null())
    lines = tuple(reversed(list(enumerate(spec.lines))))
    signs = _signs(glyphs)
    kinds = [kind for kind in _MEANINGS if any(line.kind is kind for _, line in lines)]
    # What a line is of must be told before how it is drawn; where colour is the only sign, its label has it too.
    is_drawn_alike = bool(glyphs.characters.swatch)
    forms = [_Form(2, spaced=True), _Form(2), _Form(1)]
    forms += [_Form(2, with_swatch=False), _Form(1, with_swatch=False)] if is_drawn_alike else []
    for form in forms:
        entries = [_entry(index, line, spec, palette, glyphs, form) for index, line in lines]
        used = sum(Segment.get_line_length(entry) for entry in entries) + form.gap * (len(entries) - 1)
        if used <= width:
            break
    gap = form.gap
    segments: list[Segment] = []
    for entry in entries:
        length = Segment.get_line_length(entry) + (gap if segments else 0)
        if sum(segment.cell_length for segment in segments) + length > width:
            break
        segments += [Segment(" " * gap, legend)] * bool(segments) + entry
    used = sum(segment.cell_length for segment in segments)
    explained = "  ".join(f"{signs[kind]} {_MEANINGS[kind]}" for kind in kinds if signs[kind] != _MEANINGS[kind])
    if explained and used + len(explained) + 3 <= width:
        segments.append(Segment(" " * (width - used - len(explained)), legend))
        segments.append(Segment(explained, legend))
    return Strip(segments).adjust_cell_length(width)


def latest(line: Line, spec: PlotSpec) -> float | None:
    """The newest value of ``line`` in the window, None where it ends in a gap."""
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


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write the entries."""

    gap: int
    spaced: bool = False
    """Whether a space stands between a sign and its number."""
    with_swatch: bool = True


def _entry(
    index: int, line: Line, spec: PlotSpec, palette: Mapping[str, Style], glyphs: Glyphs, form: _Form
) -> list[Segment]:
    legend, style = palette.get("legend", Style.null()), palette.get(line.role, Style.null())
    value = quantity(latest(line, spec), spec.right_unit if line.right else spec.unit)
    sign = _signs(glyphs)[line.kind]
    if sign and (form.spaced or sign.isalpha() and sign.isascii()):
        sign += " "
    swatch = glyphs.characters.swatch or glyphs.characters.plot[index % len(glyphs.characters.plot)]
    return [
        *([Segment(f"{swatch} ", style)] if form.with_swatch else []),
        Segment(clean(line.label, 24), legend if form.with_swatch else style),
        Segment(f" {sign}", legend),
        Segment(value, style),
    ]

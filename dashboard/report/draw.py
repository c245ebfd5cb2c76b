"""Charts as SVG. The only module that knows pygal."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import Any, Final
from xml.etree import ElementTree

from dashboard.quick import dataclass
from dashboard.view.chart import Kind, Line, PlotSpec, Unit, near_levels, nice_ticks
from dashboard.view.format import elapsed_text, quantity, tick_text

pygal: Any = import_module("pygal")  # untyped
Style: Any = import_module("pygal.style").Style
# For plugins that are not used here, pygal hooks itself into every import, in a way that Python has given up.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]

ElementTree.register_namespace("", "http://www.w3.org/2000/svg")

WIDTH, HEIGHT, LOW_HEIGHT = 900, 290, 150
_SIGNS: Final = {Kind.CUMULATIVE: "Σ", Kind.INTERVAL: "Δ", Kind.ESTIMATED: "≈", Kind.NOW: ""}
_SVG: Final = "http://www.w3.org/2000/svg"
_STEPS: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 604800)
_MOST_MARKS: Final = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a chart's legend."""

    colour: str
    """A variable of the page, such as ``--role-p95``."""
    text: str
    """Untrusted text."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart on the page."""

    svg: str
    """Escaped and whole; nothing in it runs or is loaded."""
    legend: tuple[Entry, ...]


def draw(spec: PlotSpec, name: str) -> tuple[Drawing, ...]:
    """A chart, and beneath it another one for what is measured on another scale.

    The page has to have the colours as variables: ``--role-p95``, ``--ink``, ``--grid``, ``--mark``, ``--warn``.

    Args:
        spec: What is shown; its time axis counts seconds from the start of the run.
        name: Tells it from the other charts of the page; letters, digits and hyphens.
    """
    lines = [line for line in spec.lines if any(y == y for y in line.ys)]
    main = [line for line in lines if not line.right]
    beside = [line for line in lines if line.right]
    drawings = [_draw(replace(spec, lines=tuple(main)), f"{name}-a", HEIGHT)] if main else []
    if beside:
        low = replace(spec, lines=tuple(beside), unit=spec.right_unit, levels=())
        drawings.append(_draw(low, f"{name}-b", LOW_HEIGHT))
    return tuple(drawings)


def _draw(whole: PlotSpec, name: str, height: int) -> Drawing:
    # A distant threshold would flatten the lines; the legend names it all the same.
    spec = replace(whole, levels=near_levels(whole.levels, (y for line in whole.lines for y in line.ys)))
    chart = pygal.XY(_configuration(spec), style=_style(spec), width=WIDTH, height=height)
    chart.uuid = f"chart-{name}"
    chart.x_labels = _time_labels(spec)
    low, high = _extent(spec)
    bottom = min(0.0, low)
    top = high + 0.06 * (high - bottom) or 1.0
    chart.range = (bottom, top)
    # pygal's own are no round numbers of milliseconds, and halves of VUs.
    chart.y_labels = list(nice_ticks(bottom, top, height // 40, spec.unit))
    for line in spec.lines:
        points = [(x, None if y != y else y) for x, y in zip(line.xs, line.ys, strict=True)]
        chart.add(line.label, points, allow_interruptions=True)
    if spec.marks:
        chart.add("events", _uprights(spec), allow_interruptions=True, stroke_style={"dasharray": "3, 4"})
    for level in spec.levels:
        chart.add(level.label, [(spec.x_from, level.y), (spec.x_to, level.y)], stroke_style={"dasharray": "6, 4"})
    text: str = chart.render(is_unicode=True)
    return Drawing(_without_scripts(text), _legend(whole))


def _without_scripts(svg: str) -> str:
    """The drawing alone: pygal writes its settings into it as a script, and the date as a comment."""
    root = ElementTree.fromstring(svg)
    for parent in root.iter():
        for script in parent.findall(f"{{{_SVG}}}script"):
            parent.remove(script)
    return ElementTree.tostring(root, encoding="unicode")


def _configuration(spec: PlotSpec) -> Any:  # noqa: ANN401 - pygal is untyped
    configuration = pygal.Config()
    configuration.js = []
    configuration.disable_xml_declaration = True
    configuration.show_dots = False
    configuration.show_legend = False
    configuration.stroke_style = {"width": 1.6, "linejoin": "round"}
    configuration.include_x_axis = True
    configuration.max_scale = 6
    configuration.margin = 6
    configuration.xrange = (spec.x_from, spec.x_to)
    configuration.x_value_formatter = elapsed_text
    configuration.value_formatter = partial(tick_text, unit=spec.unit)
    return configuration


def _colours(spec: PlotSpec) -> list[str]:
    """The colours of the lines, of the events and of the levels."""
    colours = [f"--role-{line.role}" for line in spec.lines]
    return colours + ["--mark"] * bool(spec.marks) + ["--warn"] * len(spec.levels)


def _style(spec: PlotSpec) -> Any:  # noqa: ANN401 - pygal is untyped
    return Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--ink)",
        foreground_strong="var(--ink)",
        foreground_subtle="var(--grid)",
        colors=tuple(f"var({colour})" for colour in _colours(spec)),
        font_family="inherit",
        opacity="1",
        opacity_hover="1",
        label_font_size=14,
        major_label_font_size=14,
        transition="0s",
    )


def _legend(spec: PlotSpec) -> tuple[Entry, ...]:
    texts = [_label(line, spec.unit) for line in spec.lines]
    texts += ["an action, a mark"] * bool(spec.marks) + [level.label for level in spec.levels]
    return tuple(Entry(colour, text) for colour, text in zip(_colours(spec), texts, strict=True))


def _label(line: Line, unit: Unit) -> str:
    newest = next((y for y in reversed(line.ys) if y == y), None)
    value = newest if line.latest is None or line.latest != line.latest else line.latest
    return f"{_SIGNS[line.kind]} {line.label} {quantity(value, unit)}".strip()


def _time_labels(spec: PlotSpec) -> list[dict[str, object]]:
    length = max(1.0, spec.x_to - spec.x_from)
    step = next((step for step in _STEPS if length / step <= 8), _STEPS[-1])
    first = math.ceil(spec.x_from / step) * step
    ticks = range(first, int(spec.x_to) + 1, step) or (first,)
    return [{"label": elapsed_text(value), "value": value} for value in ticks]


def _extent(spec: PlotSpec) -> tuple[float, float]:
    values = [y for line in spec.lines for y in line.ys if y == y] + [level.y for level in spec.levels]
    return min(values, default=0.0), max(values, default=1.0)


def _uprights(spec: PlotSpec) -> list[tuple[float, float | None]]:
    low, high = _extent(spec)
    points: list[tuple[float, float | None]] = []
    for mark in spec.marks[:_MOST_MARKS]:
        points += [(mark.x, min(0.0, low)), (mark.x, high), (mark.x, None)]
    return points

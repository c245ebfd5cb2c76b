"""A report as one self-contained HTML page: no script, nothing loaded from anywhere."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from dashboard.model.threshold_log import Standing
from dashboard.model.verdict import Level
from dashboard.report.content import Content
from dashboard.report.draw import Entry, draw
from dashboard.view.format import clean, quantity
from dashboard.view.frame import ChartFrame, Number

_LONGEST: Final = 500
_SIGNS: Final = {Standing.FAILS: "✗", Standing.HOLDS: "✓", Standing.NO_DATA: "·", Standing.UNKNOWN: "?"}
_LEVELS: Final = {Level.SUSPECT: "bad", Level.TIGHT: "warn"}


def render_page(content: Content) -> str:
    """The page. Whatever k6 or the file gave is escaped by the template engine, without exception."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(clean=_clean, number=_number, share=_share, sign=_SIGNS.__getitem__)
    template = environment.from_string(files("dashboard.report").joinpath("page.html.j2").read_text(encoding="utf-8"))
    generator = content.generator
    return template.render(
        content=content,
        charts=[_drawn(chart, "run") for chart in content.charts],
        generator_charts=[_drawn(chart, "generator") for chart in (generator.charts if generator else ())],
        generator_tone=_LEVELS.get(generator.verdict.level, "") if generator else "",
    )


def _drawn(chart: ChartFrame, part: str) -> tuple[str, list[tuple[Markup, tuple[Entry, ...]]]]:
    """The title of a chart, and each of its drawings with its legend."""
    name = f"{part}-{''.join(character for character in chart.id if character.isalnum())}"
    # The drawing library has escaped what it wrote.
    return chart.title, [(Markup(drawing.svg), drawing.legend) for drawing in draw(chart.spec, name)]


def _clean(text: object) -> str:
    return clean(str(text), _LONGEST)


def _share(share: float) -> str:
    return f"{100 * share:.2f}"


def _number(number: Number) -> str:
    return quantity(number.value, number.unit)

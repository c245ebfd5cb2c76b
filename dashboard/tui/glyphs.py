"""The characters drawings are made of, for good terminals and for poor ones."""

from __future__ import annotations

from enum import StrEnum

from dashboard.quick import dataclass


class Glyphs(StrEnum):
    """Which characters a terminal's font has."""

    BRAILLE = "braille"
    """Two by four dots a cell: what most terminals show."""
    BLOCK = "block"
    """Quarter blocks, for fonts without braille."""
    ASCII = "ascii"
    """Seven bits alone, for the Linux console, logs and screen readers."""

    @property
    def characters(self) -> Characters:
        """What this set draws with."""
        return _CHARACTERS[self]


@dataclass(frozen=True, slots=True)
class Characters:
    """What one set of glyphs draws with."""

    plot: tuple[str, ...]
    """plotext's marker of a line, by its place; several where colour must not be the only difference."""
    ghost_plot: str
    """plotext's marker of a baseline's lines."""
    dots: tuple[int, int]
    """How many points a cell has across and up."""
    levels: str
    """A cell filled from nothing to full, in equal steps upwards."""
    bar: str
    """A cell filled from nothing to full, in equal steps to the right."""
    gap: str
    """Stands where there is no value."""
    bullet: str
    up: str
    down: str
    axis: tuple[str, str, str, str, str]
    """Vertical, vertical with a tick, corner, horizontal, horizontal with a tick."""
    right_axis: tuple[str, str]
    """The right corner, and the right vertical with a tick."""
    mark: str
    level: str
    grid: str
    above: str
    """Says that something lies above what is drawn."""
    swatch: str
    """A line in a legend."""
    ghost: str
    """A baseline's line in a legend, and what stands before a change from it."""
    cumulative: str
    interval: str
    estimated: str
    box: tuple[str, str, str, str, str, str]
    """Corners left and right above, left and right below; horizontal, vertical."""
    ellipsis: str


_UNICODE_AXIS = ("│", "┤", "└", "─", "┬")
_UNICODE_BOX = ("╭", "╮", "╰", "╯", "─", "│")

_CHARACTERS = {
    Glyphs.BRAILLE: Characters(
        plot=("braille",),
        ghost_plot="braille",
        dots=(2, 4),
        levels=" ▁▂▃▄▅▆▇█",
        bar=" ▏▎▍▌▋▊▉█",
        gap="·",
        bullet="●",
        up="▲",
        down="▼",
        axis=_UNICODE_AXIS,
        right_axis=("┘", "├"),
        mark="┊",
        level="╌",
        grid="┈",
        above="↑",
        swatch="━",
        ghost="┅",
        cumulative="Σ",
        interval="Δ",
        estimated="≈",
        box=_UNICODE_BOX,
        ellipsis="…",
    ),
    Glyphs.BLOCK: Characters(
        plot=("hd",),
        ghost_plot="hd",
        dots=(2, 2),
        levels=" ▁▂▃▄▅▆▇█",
        bar=" ▏▎▍▌▋▊▉█",
        gap="·",
        bullet="●",
        up="▲",
        down="▼",
        axis=_UNICODE_AXIS,
        right_axis=("┘", "├"),
        mark="│",
        level="─",
        grid="·",
        above="↑",
        swatch="■",
        ghost="·",
        cumulative="Σ",
        interval="Δ",
        estimated="≈",
        box=_UNICODE_BOX,
        ellipsis="…",
    ),
    Glyphs.ASCII: Characters(
        plot=("*", "o", "+", "x", "#", "%"),
        ghost_plot=".",
        dots=(1, 1),
        levels=" .:-=+*#",
        bar=" #",
        gap=".",
        bullet="*",
        up="^",
        down="v",
        axis=("|", "+", "+", "-", "+"),
        right_axis=("+", "+"),
        mark=":",
        level="-",
        grid=".",
        above="^",
        swatch="",
        ghost="..",
        cumulative="run",
        interval="last",
        estimated="~",
        box=("+", "+", "+", "+", "-", "|"),
        ellipsis="~",
    ),
}

"""The overview's figures: each with its name, its kind, a sparkline and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.reactive import reactive

from dashboard.tui.glyphs import Glyphs
from dashboard.tui.messages import MetricChosen
from dashboard.tui.spark import sparkline
from dashboard.tui.widgets.lines import LinesWidget, put, row_width
from dashboard.view.chart import Kind, Role
from dashboard.view.format import fit, quantity
from dashboard.view.frame import Number, Tile, Tone

_TONES = {Tone.PLAIN: "", Tone.GOOD: "good", Tone.WARN: "warn", Tone.BAD: "bad"}
_TONE_SIGNS = {Tone.PLAIN: "", Tone.GOOD: "", Tone.WARN: "!", Tone.BAD: "✗"}

_SHORT_TITLES = {
    "Requests": "reqs",
    "Failed": "failed",
    "Iterations": "iters",
    "Checks": "checks",
    "Received": "recv",
}
"""For tiles that are too narrow for both title and figure."""


def kind_sign(kind: Kind, glyphs: Glyphs) -> str:
    """The sign that says what a number is; a number of this very moment needs none."""
    match kind:
        case Kind.CUMULATIVE:
            return glyphs.characters.cumulative
        case Kind.INTERVAL:
            return glyphs.characters.interval
        case Kind.ESTIMATED:
            return glyphs.characters.estimated
        case Kind.NOW:
            return ""


def signed(number: Number, glyphs: Glyphs) -> str:
    """A number behind the sign of its kind; a sign that is a word is set apart."""
    sign = kind_sign(number.kind, glyphs)
    apart = " " if sign.isascii() and sign.isalpha() else ""
    return f"{sign}{apart}{quantity(number.value, number.unit)}"


class Tiles(LinesWidget):
    """All tiles in one widget: a grid of four columns, eight where the room allows, fewer where it does not."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "tiles--title",
        "tiles--figure",
        "tiles--note",
        "tiles--good",
        "tiles--warn",
        "tiles--bad",
        "tiles--gap",
        *(f"tiles--{role.value}" for role in Role),
    }

    tiles: reactive[tuple[Tile, ...]] = reactive((), layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def watch_tiles(self) -> None:
        """Draw the new figures."""
        self.redraw()

    def watch_glyphs(self) -> None:
        """Draw with other characters."""
        self.redraw()

    def columns(self, width: int) -> int:
        """How many tiles stand beside each other."""
        return next((count for count, least in ((8, 168), (4, 64), (2, 36)) if width >= least), 1)

    def build(self, width: int, height: int) -> Iterable[Iterable[Segment]]:
        """The grid, row by row of tiles."""
        if not self.tiles or width <= 0 or height <= 0:
            return
        columns = self.columns(width)
        rows = -(-len(self.tiles) // columns)
        each = max(1, height // rows)
        edges = [width * index // columns for index in range(columns + 1)]
        for start in range(0, len(self.tiles), columns):
            drawn = [
                self._tile(tile, edges[index + 1] - edges[index], each)
                for index, tile in enumerate(self.tiles[start : start + columns])
            ]
            for lines in zip(*drawn, strict=True):
                yield [segment for cells in lines for segment in cells]

    def _tile(self, tile: Tile, width: int, height: int) -> list[list[Segment]]:
        """One tile of exactly ``width`` by ``height`` cells: a coloured edge, the figure, the sparkline."""
        role = self.style_of(f"tiles--{tile.role.value}")
        edge = Segment("▎" if self.glyphs is not Glyphs.ASCII else "|", role)
        inner = max(0, width - 3)
        title = self._title(tile, short=height < 4 or inner < 20)
        value = [self._value(tile)]
        notes = self._notes(tile)
        change = put(f"{self.glyphs.characters.ghost}{tile.change}", self.style_of("tiles--note"))
        if tile.change and height >= 4:
            # The first note has its room before it.
            room = inner - row_width(value) - row_width([change]) - row_width(notes[:1]) - 1
            value = [*value, put(" " * min(2, room)), change] if room > 0 else value
        if height >= 4:
            while notes and row_width(value) + row_width(notes) + 1 > inner:
                notes = notes[:-1]
            lines = [_spread([put(title, self.style_of("tiles--title"))], [], inner), _spread(value, notes, inner)]
        else:
            lines = [_spread([put(title, self.style_of("tiles--title"))], value, inner)]
            if height >= 3:
                while len(notes) > 1 and row_width(notes) > inner:
                    notes = notes[:-1]
                fits = tile.change and row_width(notes) + row_width([change]) + 1 <= inner
                lines.append(_spread(notes, [change] if fits else [], inner))
        lines = lines[:height]
        below = height - len(lines) - (1 if height >= 5 else 0)
        lines += sparkline(tile.spark, inner, max(0, below), role, self.glyphs, gap_style=self.style_of("tiles--gap"))
        lines += [[Segment(" " * inner)] for _ in range(height - len(lines))]
        last = height - 1 if height >= 5 else height
        return [
            [edge, Segment(" "), *line, Segment(" ")] if index < last else [Segment(" " * width)]
            for index, line in enumerate(lines)
        ]

    def _title(self, tile: Tile, *, short: bool) -> str:
        sign = kind_sign(tile.number.kind, self.glyphs)
        title = _SHORT_TITLES.get(tile.title, tile.title.rpartition(", ")[2]) if short else tile.title
        return f"{title} {sign}" if sign else title

    def _value(self, tile: Tile) -> Segment:
        tone = _TONES[tile.tone]
        style = self.style_of(f"tiles--{tone}" if tone else "tiles--figure")
        sign = _TONE_SIGNS[tile.tone]
        text = quantity(tile.number.value, tile.number.unit)
        return put(f"{sign} {text}" if sign else text, style)

    def _notes(self, tile: Tile) -> list[Segment]:
        style = self.style_of("tiles--note")
        known = [(word, number) for word, number in tile.notes if number.value is not None]
        return [
            put(("  " if index else "") + f"{word} {self._note(number)}", style)
            for index, (word, number) in enumerate(known)
        ]

    def _note(self, number: Number) -> str:
        return signed(number, self.glyphs)

    def on_click(self, event: Click) -> None:
        """Open the metric of the tile under the pointer."""
        offset = event.get_content_offset(self)
        if offset is None or not self.tiles:
            return
        width, height = self.content_size
        columns = self.columns(width)
        rows = -(-len(self.tiles) // columns)
        index = offset.y // max(1, height // rows) * columns + offset.x * columns // max(1, width)
        if 0 <= index < len(self.tiles) and self.tiles[index].metric:
            self.post_message(MetricChosen(self.tiles[index].metric))


def _spread(left: list[Segment], right: list[Segment], width: int) -> list[Segment]:
    """Both ends of a line of exactly ``width`` cells; where they do not fit, the right end gives way first."""
    while right and row_width(left) + row_width(right) + 1 > width and len(right) > 1:
        right = right[:-1]
    if right and left and row_width(left) + row_width(right) + 1 > width:
        room = width - row_width(right) - 1
        left = [_cut(left[0], room)] if room > 3 else left
        right = right if room > 3 else []
    used = row_width(left) + row_width(right)
    if used > width:
        return [Segment(fit("".join(segment.text for segment in left), width), left[0].style if left else Style())]
    return [*left, Segment(" " * (width - used)), *right]


def _cut(segment: Segment, width: int) -> Segment:
    return Segment(fit(segment.text, width).rstrip(), segment.style)

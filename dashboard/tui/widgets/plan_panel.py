"""The plan and how far it has come: a bar for all of it, and a line for each scenario."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import ClassVar

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive

from dashboard.model.progress import Phase
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.widgets.columns import Column, share_out
from dashboard.tui.widgets.lines import LinesWidget, put
from dashboard.view.format import clean, fit, text_width
from dashboard.view.plan import PlanFrame, ScenarioRow

MOST_SHOWN = 8
"""Scenarios that are shown; of more, those that run, then those that wait, come first."""
_FEW_SHOWN = 4
_LEAST_BAR, _BAR = 6, 12
_GAP = 2
_LONGEST_NAME, _LONGEST_EXECUTOR, _LEAST_DETAIL = 24, 22, 20
_SIGNS = {
    Phase.WAITING: ("◔", "waiting", "waits"),
    Phase.RUNNING: ("▶", "running", "runs"),
    Phase.ENDING: ("◕", "running", "ending"),
    Phase.DONE: ("✓", "done", "done"),
    Phase.CUT_OFF: ("✗", "cut", "cut off"),
    Phase.NOT_RUN: ("–", "cut", "not run"),  # noqa: RUF001 - the sign for what is not
}
_ORDER = (Phase.RUNNING, Phase.ENDING, Phase.WAITING, Phase.CUT_OFF, Phase.NOT_RUN, Phase.DONE)


class PlanPanel(LinesWidget):
    """As high as it needs to be."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"plan--{part}"
        for part in ("value", "note", "name", "bar", "rest", "waiting", "running", "done", "cut", "strong")
    }

    frame: reactive[PlanFrame | None] = reactive(None, layout=False, repaint=False)
    glyphs: reactive[Glyphs] = reactive(Glyphs.BRAILLE, layout=False, repaint=False)

    def watch_frame(self, before: PlanFrame | None, frame: PlanFrame | None) -> None:
        """Draw it, and ask for the room that it needs."""
        if frame is None:
            return
        if before is None or before.title != frame.title:
            self.border_title = Content(clean(frame.title, 80))
        self.redraw()
        if before is None or _height(before) != _height(frame):
            self.refresh(layout=True)

    def watch_glyphs(self) -> None:
        """Draw with other characters."""
        self.redraw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line for the bar, one for the facts, and one for each scenario."""
        return 1 if self.frame is None else _height(self.frame, _most(viewport.height))

    def build(self, width: int, height: int) -> Iterable[Iterable[Segment]]:
        """The bar, the facts, the scenarios."""
        frame = self.frame
        if frame is None or width <= 0:
            return
        note = self.style_of("plan--note")
        if frame.spent:
            yield self._whole(frame, width)
            yield [put(fit(frame.facts, width), note)]
        else:
            yield from ([put(line, note)] for line in _wrapped(frame.facts, width, height))
        yield from self._scenarios(frame.scenarios, width, height - 2)

    def _whole(self, frame: PlanFrame, width: int) -> list[Segment]:
        """The bar of all of it, between how much has passed and how much is left."""
        share = "" if frame.share is None else f"{int(frame.share * 100)}%"
        before = [put(f"{frame.spent}  ", self.style_of("plan--strong"))]
        after = [put(f"  {share}" if share else "", self.style_of("plan--value"))]
        after.append(put(f"  {frame.left}", self.style_of("plan--strong")))
        cells = width - sum(text_width(segment.text) for segment in (*before, *after))
        if cells < _LEAST_BAR:
            return [*before, *after]
        return [*before, *self._bar(frame.share, cells), *after]

    def _bar(self, share: float | None, cells: int) -> list[Segment]:
        full, rest = ("=", ".") if self.glyphs is Glyphs.ASCII else ("━", "─")
        done = 0 if share is None else int(share * cells)
        return [
            put(full * done, self.style_of("plan--bar")),
            put(rest * (cells - done), self.style_of("plan--rest")),
        ]

    def _scenarios(self, rows: tuple[ScenarioRow, ...], width: int, height: int) -> Iterator[list[Segment]]:
        shown = rows
        if len(rows) > height:
            kept = sorted(range(len(rows)), key=lambda index: (_ORDER.index(rows[index].phase), index))
            shown = tuple(rows[index] for index in sorted(kept[: max(1, height - 1)]))
        columns = _columns(rows)
        widths = share_out(columns, width, _GAP)
        for row in shown:
            yield self._scenario(row, columns, widths)
        if len(shown) < len(rows):
            yield [put(f"… and {len(rows) - len(shown)} more", self.style_of("plan--note"))]

    def _scenario(self, row: ScenarioRow, columns: tuple[Column, ...], widths: list[tuple[int, int]]) -> list[Segment]:
        sign, look, word = _SIGNS[row.phase]
        style, note = self.style_of(f"plan--{look}"), self.style_of("plan--note")
        texts = {
            "sign": (sign, style),
            "name": (row.name, self.style_of("plan--name")),
            "state": (word, style),
            "executor": (row.executor, note),
            "share": ("" if row.share is None else f"{int(row.share * 100)}%", self.style_of("plan--value")),
            "time": (row.time, self.style_of("plan--value")),
            "vus": (f"{row.vus} VUs" if row.vus else "", self.style_of("plan--value")),
            "note": (row.note, note),
            "detail": (row.detail, note),
        }
        segments: list[Segment] = []
        for index, cells in widths:
            column = columns[index]
            if segments:
                segments.append(Segment(" " * _GAP))
            if column.key == "bar":
                segments += self._bar(row.share, cells)
            else:
                text, look_of_it = texts[column.key]
                segments.append(put(fit(clean(text, cells + 1), cells, column.align), look_of_it))
        return segments


def _columns(rows: tuple[ScenarioRow, ...]) -> tuple[Column, ...]:
    """The columns, as wide as what stands in them; those that say least go first where it is narrow."""

    def longest(texts: Iterable[str], most: int) -> int:
        return min(most, max((text_width(clean(text, most)) for text in texts), default=0))

    return (
        Column("sign", "", 1),
        Column("name", "", longest((row.name for row in rows), _LONGEST_NAME)),
        Column("executor", "", longest((row.executor for row in rows), _LONGEST_EXECUTOR), priority=4),
        Column("state", "", 7, priority=3),
        Column("bar", "", _BAR, priority=1),
        Column("share", "", 4, align="right"),
        Column("time", "", longest((row.time for row in rows), 20), align="right", priority=2),
        Column("vus", "", longest((f"{row.vus} VUs" for row in rows if row.vus), 12), align="right", priority=2),
        Column("note", "", longest((row.note for row in rows), 16), priority=1),
        Column("detail", "", _LEAST_DETAIL, share=1, priority=5),
    )


def _most(height: int) -> int:
    return MOST_SHOWN if height >= 32 else _FEW_SHOWN


def _height(frame: PlanFrame, most: int = MOST_SHOWN) -> int:
    return 2 + min(len(frame.scenarios), most)


def _wrapped(text: str, width: int, height: int) -> list[str]:
    return textwrap.wrap(text, max(10, width))[:height]

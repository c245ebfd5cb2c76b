"""The line with the bar: where in the past the dashboard stands; a click goes elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import ClassVar

from rich.segment import Segment
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive

from dashboard.quick import dataclass
from dashboard.tui.widgets.lines import LinesWidget, put
from dashboard.view.format import clock_time, elapsed_text
from dashboard.view.position import PositionFrame


class PositionBar(LinesWidget):
    """One line above the keys: play or pause, where, a bar with what happened, how long, how fast."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "position--sign",
        "position--time",
        "position--label",
        "position--past",
        "position--rest",
        "position--unread",
        "position--here",
        "position--event",
        "position--bad",
        "position--warn",
    }

    frame: reactive[PositionFrame | None] = reactive(None, layout=False, repaint=False)

    @dataclass
    class Sought(Message):
        """The user wants to see another moment."""

        at: float

    def watch_frame(self) -> None:
        """Draw the line."""
        self.redraw()

    def _parts(self, frame: PositionFrame, width: int) -> tuple[list[Segment], int, list[Segment]]:
        """What stands before the bar, the cells of the bar, and what stands behind it."""
        label = self.style_of("position--label")
        sign = "▶" if frame.is_playing else "‖"
        before = [
            put(f" {sign} ", self.style_of("position--sign")),
            put(f"{clock_time(frame.at)} ", self.style_of("position--time")),
        ]
        after = [put(f" {elapsed_text(frame.end - frame.start)}", label)]
        if frame.is_playing or frame.speed != 1.0:
            after.append(put(f"  {frame.speed:g}x", self.style_of("position--time")))
        if frame.read < 1.0:
            after.append(put(f"  reading {frame.read:.0%}", self.style_of("position--warn")))
        elif frame.trouble:
            after.append(put(f"  ! {_short(frame.trouble)}", self.style_of("position--warn")))
        after.append(put(" "))
        used = sum(len(segment.text) for segment in (*before, *after))
        return before, max(0, width - used), after

    def build(self, width: int, height: int) -> Iterable[Iterable[Segment]]:
        """The line."""
        frame = self.frame
        if frame is None:
            return [[]]
        before, cells, after = self._parts(frame, width)
        return [[*before, *self._bar(frame, cells), *after]]

    def _bar(self, frame: PositionFrame, cells: int) -> Iterable[Segment]:
        if cells < 3:
            return
        here = _cell(frame.at, frame, cells)
        marks: dict[int, bool] = {}
        for at, is_bad in frame.events:
            cell = _cell(at, frame, cells)
            marks[cell] = marks.get(cell, False) or is_bad
        read = round(frame.read * (cells - 1))

        def look_of(cell: int) -> tuple[str, str]:
            if cell == here:
                return "●", "here"
            if cell in marks:
                return "╋", "bad" if marks[cell] else "event"
            if cell < here:
                return "━", "past"
            return ("━", "rest") if cell <= read else ("┈", "unread")

        for (sign, look), alike in groupby(map(look_of, range(cells))):
            yield put(sign * len(list(alike)), self.style_of(f"position--{look}"))

    def on_click(self, event: Click) -> None:
        """Go to the moment under the pointer."""
        offset, frame = event.get_content_offset(self), self.frame
        if offset is None or frame is None:
            return
        before, cells, _ = self._parts(frame, self.content_size.width)
        cell = offset.x - sum(len(segment.text) for segment in before)
        if cells >= 3 and 0 <= cell < cells:
            self.post_message(self.Sought(frame.start + (frame.end - frame.start) * cell / (cells - 1)))


def _short(trouble: str) -> str:
    """What is wrong with a recording in two words; the report and the other commands say it whole."""
    if "damaged" in trouble:
        return "damaged"
    return "of a newer k6dash" if trouble.endswith("they are left out.") and "closed" not in trouble else "cut off"


def _cell(at: float, frame: PositionFrame, cells: int) -> int:
    length = frame.end - frame.start
    share = (at - frame.start) / length if length > 0 else 1.0
    return round(min(1.0, max(0.0, share)) * (cells - 1))

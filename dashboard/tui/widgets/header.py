"""The header: two lines that say what the test is doing and how far the numbers can be trusted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.segment import Segment
from textual.reactive import reactive

from dashboard.model.run import State
from dashboard.model.taping import Taping
from dashboard.tui.widgets.lines import LinesWidget, put, row_width
from dashboard.view.chart import Unit
from dashboard.view.format import UNKNOWN, age_text, clean, clock_time, elapsed_text, quantity
from dashboard.view.frame import HeaderFrame

_SIGNS = {
    State.STARTING: "◔",
    State.PAUSED: "‖",
    State.RUNNING: "▶",
    State.TEARDOWN: "◕",
    State.ENDED: "✓",
    State.STOPPED: "■",
    State.FAILED: "✗",
    State.UNREACHABLE: "?",
}

_Part = list[Segment]
_SHORTEST_TARGET = 8
_LEAST_TAINTED, _LEAST_DOUBT = 9, 8
"""Cells for the shortest words on thresholds, up to 999 of them, and on the generator, with the gaps before them."""


class HeaderBar(LinesWidget):
    """Target, state, clock, VUs; what k6 can do, latency, age; thresholds crossed."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "header--brand",
        "header--target",
        "header--value",
        "header--label",
        "header--wanted",
        "header--warn",
        "header--bad",
        "header--doubt",
        "header--good",
        "header--frozen",
        "header--read-only",
        "header--recording",
        *(f"header--{state.value}" for state in State),
    }

    frame: reactive[HeaderFrame | None] = reactive(None, layout=False, repaint=False)

    def watch_frame(self) -> None:
        """Draw the new frame."""
        self.redraw()

    def build(self, width: int, height: int) -> Iterable[Iterable[Segment]]:
        """The two lines; what does not fit is left out from the end."""
        frame = self.frame
        if frame is None:
            return [[put(" k6dash", self.style_of("header--brand"))]]
        least = _LEAST_TAINTED * (bool(frame.tainted) or frame.is_tainted) + _LEAST_DOUBT * frame.is_generator_suspect
        first = self._first(frame, width, width - least)
        while least and len(first) > 1 and _size(first) + least > width:
            # That the numbers are bad, or in doubt, says more than the numbers.
            first.pop()
        room = width - _size(first) - 2
        doubt = self._doubt(frame, room)
        tainted = self._tainted(frame, room - sum(2 + row_width(part) for part in doubt))
        return [
            _joined(first, [*doubt, *tainted], width),
            _joined(self._second(frame), self._trust(frame), width),
        ]

    def _first(self, frame: HeaderFrame, width: int, room: int) -> list[_Part]:
        """Who, and how it does. Where there is little room, how it does says more."""
        label, value = self.style_of("header--label"), self.style_of("header--value")
        state = self.style_of(f"header--{frame.state.value}")
        parts: list[_Part] = [[put(f" {_SIGNS[frame.state]} {frame.state} ", state)]]
        sign = "≤ " if frame.elapsed_is_bound else "≈ " if frame.elapsed_is_estimate else ""
        elapsed = sign + elapsed_text(frame.elapsed)
        parts.append([put(elapsed, value)])
        vus: _Part = [put("VUs ", label), put(UNKNOWN if frame.vus is None else str(frame.vus), value)]
        if frame.wanted_vus is not None:
            vus.append(put(f"→{frame.wanted_vus}", self.style_of("header--wanted")))
        if frame.vus_max is not None:
            vus.append(put(f"/{frame.vus_max}", label))
        parts.append(vus)
        brand, target = put(" k6dash ", self.style_of("header--brand")), self.style_of("header--target")
        whole = put(f" {clean(frame.target, max(16, width // 3))}", target)
        cut = put(f" {clean(frame.target, _SHORTEST_TARGET)}", target)
        fitting = ([who, *parts] for who in ([brand, whole], [whole], [cut]))
        return next((fits for fits in fitting if _size(fits) <= room), parts)

    def _tainted(self, frame: HeaderFrame, room: int) -> list[_Part]:
        """That thresholds are crossed, in as many words as there is room for: it is never left out."""
        if not (frame.tainted or frame.is_tainted):
            return []
        count = len(frame.tainted)
        number = f"{count} " if count else ""
        what = "thresholds crossed" if count > 1 else "threshold crossed"
        texts = (f" ✗ {number}{what} ", f" ✗ {number}crossed ", f" ✗ {number}")
        text = next((text for text in texts if len(text) <= room), texts[-1])
        return [[put(text, self.style_of("header--bad"))]]

    def _doubt(self, frame: HeaderFrame, room: int) -> list[_Part]:
        """That the numbers may be the generator's own, in as many words as leave room for the thresholds."""
        if not frame.is_generator_suspect:
            return []
        others = _LEAST_TAINTED + 6 if frame.tainted or frame.is_tainted else 0
        texts = (" ! generator suspect ", " ! generator ", " !gen ")
        text = next((text for text in texts if len(text) + others <= room), texts[-1])
        return [[put(text, self.style_of("header--doubt"))]]

    def _second(self, frame: HeaderFrame) -> list[_Part]:
        label, value = self.style_of("header--label"), self.style_of("header--value")
        parts: list[_Part] = []
        if frame.taping is not None:
            parts.append(self._taping(frame.taping))
        if frame.is_read_only:
            parts.append([put(" read-only ", self.style_of("header--read-only"))])
        if frame.is_recorded:
            parts.append([put(" recording ", self.style_of("header--frozen"))])
        elif frame.frozen_at is not None:
            parts.append([put(f" frozen at {clock_time(frame.frozen_at)} ", self.style_of("header--frozen"))])
        if frame.run_count > 1:
            parts.append([put("run ", label), put(f"{frame.run_number}/{frame.run_count}", value)])
        if frame.note:
            parts.append([put(frame.note, label)])
        parts.append([put("can ", label), put(frame.control or "stop", value)])
        parts.append([put("window ", label), put(window_text(frame.window), value)])
        if frame.progress:
            parts.append([put("plan ", label), put(frame.progress, value)])
        if frame.poisoned:
            parts.append([put(f"{len(frame.poisoned)} poisoned", self.style_of("header--warn"))])
        parts[0] = [put(" "), *parts[0]]
        return parts

    def _taping(self, taping: Taping) -> _Part:
        """That it is recorded, for how long and how much; or that it is not any more."""
        if taping.broken:
            return [put(" ✗ recording broken ", self.style_of("header--bad"))]
        size = quantity(float(taping.size), Unit.BYTES)
        return [
            put(" ● rec ", self.style_of("header--recording")),
            put(f" {elapsed_text(taping.seconds)} {size}", self.style_of("header--label")),
        ]

    def _trust(self, frame: HeaderFrame) -> list[_Part]:
        label, value = self.style_of("header--label"), self.style_of("header--value")
        parts: list[_Part] = []
        if frame.round_trip is not None:
            answered = quantity(frame.round_trip * 1000, Unit.MILLISECONDS)
            parts.append([put("poll ", label), put(answered, value)])
        style = self.style_of("header--warn") if frame.is_slowed else value
        why = " slowed" if frame.is_slowed else ""
        parts.append([put("every ", label), put(f"{frame.cadence:.3g}s{why}", style)])
        if frame.age is not None:
            style = self.style_of("header--bad" if frame.is_stale else "header--value")
            parts.append([put("age ", label), put(age_text(frame.age), style)])
        parts[-1] = [*parts[-1], put(" ")]
        return parts


def _size(parts: list[_Part]) -> int:
    """The cells that parts take, with the gaps between them."""
    return sum(row_width(part) for part in parts) + 2 * (len(parts) - 1)


def _joined(left: list[_Part], right: list[_Part], width: int) -> list[Segment]:
    """Parts from the left and from the right edge; those from the right give way first."""
    used = 0
    row: list[Segment] = []
    for index, part in enumerate(left):
        gap = 2 if index else 0
        if used + gap + row_width(part) > width and index:
            break
        row += [Segment(" " * gap), *part]
        used += gap + row_width(part)
    kept: list[Segment] = []
    size = 0
    for part in reversed(right):
        if used + 2 + size + row_width(part) + (2 if kept else 0) > width:
            break
        kept = [*part, *([Segment("  ")] if kept else []), *kept]
        size = row_width(kept)
    return [*row, Segment(" " * max(0, width - used - size)), *kept]


def window_text(seconds: float) -> str:
    """A time window in the largest unit that fits.

    >>> window_text(300), window_text(30), window_text(43200)
    ('5m', '30s', '12h')
    """
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds / size:.3g}{unit}"
    return f"{seconds:.3g}s"

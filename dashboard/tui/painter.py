"""Feeds the widgets: builds the frame of what is seen, and hands it down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from dashboard.clock import Clock
from dashboard.model.action import Verb
from dashboard.model.run import State
from dashboard.model.taping import Taping
from dashboard.session import Session
from dashboard.tui.commands import Command
from dashboard.tui.hands import impossible
from dashboard.tui.playhead import Playhead
from dashboard.tui.widgets.header import HeaderBar
from dashboard.tui.widgets.keybar import KeyBar, KeyState
from dashboard.tui.widgets.position import PositionBar
from dashboard.view.chart import Unit
from dashboard.view.format import quantity
from dashboard.view.frame import HeaderFrame
from dashboard.view.header import build_header, selected_run
from dashboard.view.position import PositionFrame
from dashboard.view.selection import Selection
from dashboard.view.waiting import waiting_text

if TYPE_CHECKING:
    from dashboard.tui.widgets.stage import Stage

SMALLEST = (48, 14)
"""Columns and rows below which the dashboard says that it needs more."""


class Painter:
    """Draws one target at one selection; holds nothing but where to read and where to draw."""

    def __init__(
        self, app: App[str], session: Session, clock: Clock, interval: float, commands: tuple[Command, ...]
    ) -> None:
        self._app = app
        self._session = session
        self._clock = clock
        self._interval = interval
        self._commands = commands

    @property
    def _base(self) -> Screen[object]:
        """The dashboard itself, whatever dialog lies over it."""
        return self._app.screen_stack[0]

    def paint_header(
        self,
        target: str,
        selection: Selection,
        *,
        shown: str,
        wanted_vus: int | None,
        under_way: str,
        taping: Taping | None,
        playhead: Playhead,
    ) -> None:
        """Draw what is always seen: header, key bar, and the position in the past."""
        frame = build_header(
            self._session.histories[target],
            selection,
            now=self._clock.now(),
            interval=self._interval,
            cadence=self._session.sources[target].cadence,
            capabilities={verb: self._session.capability(target, verb) for verb in Verb},
            wanted_vus=wanted_vus,
            under_way=under_way,
            taping=taping,
        )
        base = self._base
        base.query_one(HeaderBar).frame = frame
        base.query_one(KeyBar).state = self._key_state(target, frame, shown)
        self._paint_tiny(frame)
        self.paint_position(playhead.frame(selection))

    def paint_position(self, frame: PositionFrame | None) -> None:
        """Draw where in the past the dashboard stands; nothing while it follows the present."""
        bar = self._base.query_one(PositionBar)
        bar.set_class(frame is not None, "-shown")
        bar.frame = frame

    def _key_state(self, target: str, frame: HeaderFrame, shown: str) -> KeyState:
        pause = "resume" if frame.state is State.PAUSED else "pause"
        if frame.note == "before its start":
            pause = "start"
        follow = "end" if frame.is_recorded else "follow"
        labels = (("pause", pause), ("freeze", follow if frame.frozen_at is not None else "freeze"))
        not_now = frozenset(command_id for command_id, _ in impossible(self._session, target))
        is_past = frame.frozen_at is not None
        screen = {"metric": "metrics", "check": "checks"}.get(shown, shown)
        return KeyState(screen, not_now, labels, is_past, self._commands)

    def _paint_tiny(self, frame: HeaderFrame) -> None:
        size = self._app.size
        too_small = size.width < SMALLEST[0] or size.height < SMALLEST[1]
        self._base.set_class(too_small, "-tiny")
        if not too_small:
            return
        vus = quantity(None if frame.vus is None else float(frame.vus), Unit.NUMBER)
        tainted = " ✗" if frame.tainted else ""
        text = (
            f"{frame.state}{tainted} {vus} VUs\n"
            f"{size.width}x{size.height} is too small;\n{SMALLEST[0]}x{SMALLEST[1]} will do"
        )
        self._base.query_one("#tiny", Static).update(Content(text))

    def paint_stage(self, target: str, selection: Selection, stage: Stage | None) -> None:
        """Draw the screen that is seen; what covers it until k6 has answered for the first time."""
        history = self._session.histories[target]
        waiting = waiting_text(history, selected_run(history, selection))
        cover = self._base.query_one("#waiting", Static)
        is_covered = bool(waiting) and (stage is None or stage.shown == "overview")
        cover.set_class(is_covered, "-shown")
        if stage is not None:
            # What cannot be seen is neither laid out nor drawn.
            stage.display = not is_covered
        if is_covered:
            cover.update(Content(waiting))
        elif stage is not None:
            stage.paint(history, selection, self._clock.now())

"""Feeds the widgets: builds the frame of what is seen, and hands it down."""

from __future__ import annotations

from textual.app import App
from textual.content import Content
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Static

from dashboard.clock import Clock
from dashboard.model.action import Verb
from dashboard.model.run import State
from dashboard.session import Session
from dashboard.tui.hands import impossible
from dashboard.tui.widgets.header import HeaderBar
from dashboard.tui.widgets.keybar import KeyBar, KeyState
from dashboard.tui.widgets.panes import EventsPane, MetricPane, MetricsPane, OverviewPane
from dashboard.view.chart import Unit
from dashboard.view.events import build_events
from dashboard.view.format import quantity
from dashboard.view.frame import HeaderFrame
from dashboard.view.header import build_header
from dashboard.view.metrics import build_metric, build_metrics
from dashboard.view.overview import build_overview
from dashboard.view.selection import Selection

SMALLEST = (48, 14)
"""Columns and rows below which the dashboard says that it needs more."""


class Painter:
    """Draws one target at one selection; holds nothing but where to read and where to draw."""

    def __init__(self, app: App[str], session: Session, clock: Clock, interval: float) -> None:
        self._app = app
        self._session = session
        self._clock = clock
        self._interval = interval

    @property
    def _base(self) -> Screen[object]:
        """The dashboard itself, whatever dialog lies over it."""
        return self._app.screen_stack[0]

    def paint_header(self, target: str, selection: Selection, *, wanted_vus: int | None, under_way: str) -> None:
        """Draw what is always seen: header and key bar."""
        frame = build_header(
            self._session.histories[target],
            selection,
            now=self._clock.now(),
            interval=self._interval,
            cadence=self._session.sources[target].cadence,
            capabilities={verb: self._session.capability(target, verb) for verb in Verb},
            wanted_vus=wanted_vus,
            under_way=under_way,
        )
        base = self._base
        base.query_one(HeaderBar).frame = frame
        base.set_class(bool(frame.tainted), "-tainted")
        base.set_class(frame.is_stale, "-stale")
        base.set_class(frame.frozen_at is not None, "-frozen")
        base.query_one(KeyBar).state = self._key_state(target, frame)
        self._paint_tiny(frame)

    def _key_state(self, target: str, frame: HeaderFrame) -> KeyState:
        shown = self._base.query_one(ContentSwitcher).current or "overview"
        pause = "resume" if frame.state is State.PAUSED else "pause"
        if frame.note == "before its start":
            pause = "start"
        labels = (("pause", pause), ("freeze", "follow" if frame.frozen_at is not None else "freeze"))
        not_now = frozenset(command_id for command_id, _ in impossible(self._session, target))
        return KeyState("metrics" if shown == "metric" else shown, not_now, labels)

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

    def paint_pane(self, target: str, selection: Selection) -> None:
        """Draw the screen that is seen; the others are fed when they are turned to."""
        history = self._session.histories[target]
        now = self._clock.now()
        base = self._base
        waiting = ""
        match base.query_one(ContentSwitcher).visible_content:
            case OverviewPane() as pane:
                frame = build_overview(history, selection, now)
                waiting = frame.waiting
                if waiting:
                    base.query_one("#waiting", Static).update(Content(waiting))
                else:
                    pane.frame = frame
            case MetricsPane() as pane:
                pane.frame = build_metrics(history, selection, now)
            case MetricPane() as pane:
                pane.frame = build_metric(history, selection, now)
            case EventsPane() as pane:
                pane.frame = build_events(history, selection)
            case _:
                pass
        base.set_class(bool(waiting), "-waiting")

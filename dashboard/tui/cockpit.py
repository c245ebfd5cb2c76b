"""The cockpit: turns changes into frames for the screen that is seen. What keys do is in the modules beside it."""

from __future__ import annotations

import asyncio
import importlib
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.filter import ANSIToTruecolor, LineFilter
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from dashboard.clock import Clock
from dashboard.errors import ExitCode, UsageError
from dashboard.model.action import Action, Outcome, Stop, Verb
from dashboard.model.capability import Capability
from dashboard.session import Session
from dashboard.steering import VUDial
from dashboard.tape import Tape
from dashboard.tui.bindings import bindings, keymap
from dashboard.tui.compared import Compared
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.hands import describe_outcome, describe_taping
from dashboard.tui.keymap import Keys, with_keys
from dashboard.tui.leaving import Attached, Leaving
from dashboard.tui.messages import ActionEnded, TargetChanged
from dashboard.tui.painter import Painter
from dashboard.tui.plain import PlainFilter
from dashboard.tui.playhead import Playhead, Replayed
from dashboard.tui.setup_hands import SetupHands
from dashboard.tui.sheets import FRAME, OTHERS, OVERVIEW, wear
from dashboard.tui.theme import DARK, THEMES, variable_defaults
from dashboard.tui.widgets.header import HeaderBar
from dashboard.tui.widgets.keybar import KeyBar
from dashboard.tui.widgets.position import PositionBar
from dashboard.view.selection import Selection

if TYPE_CHECKING:
    from rich.console import RenderableType

    from dashboard.tui.widgets.stage import Stage

WIDTHS = ((0, "-narrow"), (100, "-normal"), (168, "-wide"))
HEIGHTS = ((0, "-short"), (32, "-medium"), (50, "-tall"))
"""From how many columns and rows on the dashboard has which class."""
PLAY_TICK = 0.2
"""Seconds between two movements of the moment shown, while it moves by itself."""
TICK = 1.0
"""Seconds between two looks at the clock: the age of the data grows while nothing comes."""
EXPLAIN_SECONDS = 8.0
OPENED = frozenset({"metric", "check"})
"""Screens that are opened from another one, and closed again."""


class Cockpit(App[str]):
    """One session, drawn, and what every kind of action on it needs. Its result is the word of farewell."""

    TITLE = "k6dash"
    BINDINGS: ClassVar[list[BindingType]] = bindings()
    # Textual declares both as plain attributes of the instance, so they cannot be marked as the class's.
    HORIZONTAL_BREAKPOINTS = [*WIDTHS]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [*HEIGHTS]  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = True
    AUTO_FOCUS = None

    def __init__(
        self,
        session: Session,
        clock: Clock,
        *,
        interval: float,
        glyphs: Glyphs = Glyphs.BRAILLE,
        theme: str = DARK.name,
        window: float = 300.0,
        leaving: Leaving | None = None,
        keys: Keys | None = None,
        replayed: Replayed | None = None,
        compared: Compared | None = None,
    ) -> None:
        """Take what the composition root has made.

        Args:
            session: The targets; the first one is shown.
            clock: Where time comes from.
            interval: Seconds between two looks, as the user wanted it.
            glyphs: What the terminal can draw with.
            theme: The name of a theme.
            window: Seconds of the past that charts show at most.
            replayed: How the recording is played, if it is one that is shown.
            leaving: What becomes of the test when k6dash leaves; without one, it goes on.
            compared: The run that is drawn behind the one shown.
            keys: What :func:`~dashboard.tui.keymap.read_keys` made of the keys that the user chose.
        """
        super().__init__()
        self.commands = with_keys(keys or {})
        """All that can be done, with the keys that are in force."""
        self.set_keymap(keymap(keys or {}))
        self._leaving = leaving or Attached()
        self.tape = Tape(session, next(iter(session.histories)), clock, interval)
        """What records, when it is asked to."""
        self._is_said_broken = False
        self.failure: Exception | None = None
        """Why the app has ended, where the user did not end it."""
        self._session = session
        self._clock = clock
        self._shown_at = -math.inf
        """When all was drawn last."""
        self._painter = Painter(self, session, clock, interval, self.commands)
        self._glyphs = glyphs
        self._target = next(iter(session.histories))
        self._selection = Selection(window=window)
        self._compared = compared
        if compared is not None:
            self._selection = replace(self._selection, baseline=compared.baseline)
        self._playing: Timer | None = None
        self._playhead = Playhead(session, self._target, clock, replayed.reels if replayed else None)
        if replayed is not None:
            self._selection = replayed.begin(self._playhead, self._selection)
        self._dials = {target: VUDial(session, target, clock) for target in session.histories}
        self._under_way: dict[str, str] = {}
        self._setup = SetupHands(self, session, self._ask, self._explains)
        self._plain = PlainFilter()
        self._came_from = "overview"
        self._stage: Stage | None = None
        self._asked_early: list[Callable[[Stage], Awaitable[None]]] = []
        """What was asked of the stage before it was there."""
        for known in THEMES:
            self.register_theme(known)
        # Before anything is styled: a theme chosen later would have all of it styled again.
        self.set_reactive(App.theme, theme)
        self.stylesheet.set_variables(self.get_css_variables())
        wear(self.stylesheet, FRAME)
        self.set_class(self.current_theme.dark, "-dark-mode", update=False)
        self.set_class(not self.current_theme.dark, "-light-mode", update=False)

    def _fatal_error(self) -> None:
        """End after a failure of our own. Textual's report would show local variables, secrets among them."""
        from dashboard.tui.crash import crash_report

        self.panic(crash_report())

    def panic(self, *renderables: RenderableType) -> None:
        """Report a failure, unless a signal has ended k6dash: what fails then is the terminal that has gone."""
        if self.return_code != ExitCode.SIGNALLED:
            super().panic(*renderables)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of our meanings, for themes that do not define them."""
        return variable_defaults(self.current_theme)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What all that is drawn goes through."""
        filters = super().get_line_filters()
        if self.native_ansi_color:
            # Textual takes this one out only when a theme is chosen later than at the start.
            filters = [each for each in filters if not isinstance(each, ANSIToTruecolor)]
        return [*filters, self._plain] if self._glyphs is Glyphs.ASCII else filters

    def get_default_screen(self) -> Screen[object]:
        """The dashboard, classed by the terminal from the start: a class that came later would have it styled again."""
        classes = [
            next(name for least, name in reversed(known) if length >= least)
            for length, known in zip(self.size, (WIDTHS, HEIGHTS), strict=True)
        ]
        classes += ["-ascii"] * (self._glyphs is Glyphs.ASCII)
        return Screen(id="_default", classes=" ".join(classes))

    if not TYPE_CHECKING:  # the original has an overload for each kind of dialog

        def push_screen(self, *arguments: object, **options: object) -> object:
            """Open a dialog, with all that styles it."""
            wear(self.stylesheet, OTHERS)
            return super().push_screen(*arguments, **options)

    def compose(self) -> ComposeResult:
        """Header, the screens, key bar; and what is said where there is no room for them."""
        yield HeaderBar(id="header")
        with Container(id="stage"):
            yield Static(id="waiting")
        yield PositionBar(id="position")
        yield KeyBar(id="keys")
        yield Static(id="tiny")

    def on_mount(self) -> None:
        """Show the empty dashboard, then begin to look at k6."""
        self._session.on_change.append(self._on_change)
        for target, dial in self._dials.items():
            dial.on_outcome = partial(self._on_outcome, target)
        self._show()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Begin what the first frame does not need: the looking at k6, and the screens."""
        self.run_worker(self._follow(), name="session", group="session")
        self.run_worker(self._mount_stage(), name="mount the stage")
        if self._compared is not None:
            self.run_worker(self._read_baseline(self._compared), name="read the baseline", group="baseline")
        self.set_interval(TICK, self._tick)
        self._playing = self.set_interval(PLAY_TICK, self._play_on, pause=not self._playhead.is_playing)

    async def _mount_stage(self) -> None:
        """Load and mount the screens, then do what was asked of them meanwhile."""
        module = await asyncio.to_thread(importlib.import_module, "dashboard.tui.widgets.stage")
        wear(self.stylesheet, OVERVIEW)
        stage: Stage = module.Stage(self._glyphs)
        await self.screen_stack[0].query_one("#stage", Container).mount(stage, before=0)
        self._stage = stage
        self._show()
        for action in self._asked_early:
            await action(stage)
        self._asked_early.clear()

    async def _on_stage(self, action: Callable[[Stage], Awaitable[None]]) -> None:
        """Do something with the stage: now, or in a moment when it is there.

        Whoever awaits this in the app's own loop holds back the keys typed meanwhile: they are for what comes of it.
        """
        if self._stage is None or self._asked_early:
            self._asked_early.append(action)
        else:
            await action(self._stage)

    async def _follow(self) -> None:
        """Look at k6 for as long as the app runs. Where the environment makes that impossible, it ends."""
        try:
            await self._session.run()
        except* UsageError as errors:
            self.failure = errors.exceptions[0]
            self.exit(return_code=ExitCode.USAGE)

    async def _read_baseline(self, compared: Compared) -> None:
        await compared.session.run()
        self._show()

    def on_unmount(self) -> None:
        """Hear no more of the session."""
        if self._on_change in self._session.on_change:
            self._session.on_change.remove(self._on_change)

    def _on_outcome(self, target: str, outcome: Outcome) -> None:
        self.post_message(ActionEnded(target, outcome))

    def _on_change(self, target: str) -> None:
        self.post_message(TargetChanged(target))

    @property
    def screen_name(self) -> str:
        """The id of the pane that is seen."""
        return self._stage.shown if self._stage is not None else "overview"

    def on_target_changed(self, event: TargetChanged) -> None:
        """Draw what changed."""
        if event.target == self._target:
            self._show()
        self._leaving.changed(self, self._session.histories[self._target].run)

    def _play_on(self) -> None:
        """Move the moment shown, while it moves by itself."""
        if self._playhead.is_playing and self.is_running:
            self._select(self._playhead.tick(self._selection))
        elif self._playing is not None:
            self._playing.pause()

    def _tick(self) -> None:
        if not self.is_running:
            return  # a timer may fire once more while the screen is being taken down
        self._complain_of_tape()
        if self._clock.now() - self._shown_at < TICK / 2:
            return  # what a poll has just drawn is new enough, and tells the time as well
        history = self._session.histories[self._target]
        self._show_header()
        if history.run.outage is not None or history.run.last_row is None:
            self._show_pane()

    def _show(self) -> None:
        if not self.is_running or not self.screen_stack:
            return
        self._shown_at = self._clock.now()
        self._show_header()
        self._show_pane()

    def _show_header(self) -> None:
        self._painter.paint_header(
            self._target,
            self._selection,
            shown=self.screen_name,
            wanted_vus=self._dials[self._target].wanted,
            under_way=", ".join(self._under_way.values()),
            taping=self.tape.state,
            playhead=self._playhead,
        )

    def _show_pane(self) -> None:
        self._painter.paint_stage(self._target, self._selection, self._stage)

    def on_resize(self) -> None:
        """Say so if the terminal has become too small."""
        if self.is_running and self.screen_stack:
            self.call_after_refresh(self._show)

    def _apply_glyphs(self) -> None:
        base = self.screen_stack[0]
        base.set_class(self._glyphs is Glyphs.ASCII, "-ascii")
        if self._stage is not None:
            self._stage.draw_with(self._glyphs)
        for widget in base.walk_children():
            widget.refresh()

    def _select(self, selection: Selection) -> None:
        self._selection = selection
        self._show()

    async def action_show(self, name: str) -> None:
        """Go to a screen."""
        await self._on_stage(partial(self._turn_to, name))

    async def _turn_to(self, name: str, stage: Stage) -> None:
        await stage.turn_to(name)
        self._came_from = name
        self._select(replace(self._selection, filter=stage.filter or ""))

    def _complain_of_tape(self) -> None:
        """Say once that nothing is recorded any more; all else goes on."""
        taping = self.tape.state
        if taping is not None and taping.broken and not self._is_said_broken:
            self._is_said_broken = True
            title, message, severity = describe_taping(taping)
            self.notify(message, title=title, severity=severity, timeout=EXPLAIN_SECONDS, markup=False)
            self._show_header()

    def show_summary(self) -> None:
        """Show how a k6 that was started here has ended, whatever dialog is open."""
        process = self._session.histories[self._target].run.launched
        if process is not None:
            from dashboard.tui.screens.summary import SummaryScreen

            # What has been said on the way to the end would stand over it.
            self.clear_notifications()
            self.push_screen(SummaryScreen(process))

    def stop_test(self) -> bool:
        """Stop the test; whoever calls this has asked. Whether k6 is being told."""
        return self._ask(Stop(), "stopping")

    def leave(self, code: ExitCode = ExitCode.OK, signal: str = "") -> None:
        """Leave with an exit code, saying what becomes of the test, and which signal was the reason if one was."""
        run = self._session.histories[self._target].run
        who = f"k6dash, ended by {signal}," if signal else "k6dash"
        self.exit(self._leaving.farewell(self._target, run, who), return_code=code)

    def _explains_past(self, what: str) -> bool:
        """Whether there is no present for this; then it has been said why."""
        capability = self._session.capability(self._target, Verb.STOP)
        if capability.is_past:
            self.notify(capability.reason, title=f"Cannot {what}", severity="warning", markup=False)
        return capability.is_past

    def _explains(self, verb: Verb) -> bool:
        """Whether this cannot be done now; then it has been said why."""
        capability = self._session.capability(self._target, verb)
        if capability.is_out:
            self._explain(verb, capability)
        return capability.is_out

    def _explain(self, verb: Verb, capability: Capability) -> None:
        self.notify(
            capability.reason, title=f"Cannot {verb}", severity="warning", timeout=EXPLAIN_SECONDS, markup=False
        )

    def _ask(self, action: Action, doing: str) -> bool:
        """Ask k6 for something; whether it is being asked, be it since before."""
        if self._explains(action.verb):
            return False
        if action.verb in self._under_way:
            self.notify(f"Still {doing}: k6 has not answered yet.", markup=False)
            return True
        self._under_way[action.verb] = doing
        self._show_header()
        self.run_worker(self._perform(action), name=str(action), group="actions")
        return True

    async def _perform(self, action: Action) -> None:
        try:
            outcome = await self._session.perform(self._target, action)
        finally:
            self._under_way.pop(action.verb, None)
        self.post_message(ActionEnded(self._target, outcome))

    def on_action_ended(self, event: ActionEnded) -> None:
        """Say what came of it."""
        outcome = event.outcome
        message, severity = describe_outcome(outcome)
        title = f"{outcome.action}: {outcome.verdict}"
        timeout = EXPLAIN_SECONDS if outcome.verdict.is_bad else 3.0
        self.notify(message, title=title, severity=severity, timeout=timeout, markup=False)
        self._show()

"""The app: turns changes into frames for the screen that is seen, and keys into actions."""

from __future__ import annotations

import asyncio
import importlib
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.containers import Container
from textual.filter import ANSIToTruecolor, LineFilter
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from dashboard.clock import Clock
from dashboard.errors import ExitCode, UsageError
from dashboard.model.action import Action, Outcome, Pause, Resume, RunSetup, RunTeardown, SetSetup, Stop, Verb
from dashboard.model.capability import Capability
from dashboard.resources import stylesheet
from dashboard.session import Session
from dashboard.steering import VUDial
from dashboard.tape import Tape
from dashboard.tui.bindings import bindings, keymap
from dashboard.tui.commands import Command
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.hands import begin_taping, describe_outcome, describe_taping, impossible, pause_verb
from dashboard.tui.keymap import Keys, with_keys
from dashboard.tui.leaving import Attached, Leaving
from dashboard.tui.messages import (
    ActionEnded,
    CheckChosen,
    ChecksArranged,
    CommandChosen,
    CopyWanted,
    FilterTyped,
    GroupsWanted,
    KindsChosen,
    MetricChosen,
    MomentChosen,
    SortChosen,
    TargetChanged,
)
from dashboard.tui.painter import Painter
from dashboard.tui.plain import PlainFilter
from dashboard.tui.playhead import Playhead, Replayed
from dashboard.tui.setup_hands import SetupHands
from dashboard.tui.theme import DARK, THEMES, variable_defaults
from dashboard.tui.widgets.header import HeaderBar
from dashboard.tui.widgets.keybar import KeyBar
from dashboard.tui.widgets.position import PositionBar
from dashboard.view.events import next_kind
from dashboard.view.format import clock_time
from dashboard.view.header import selected_run
from dashboard.view.selection import MetricSort, Selection, narrower, wider

if TYPE_CHECKING:
    from dashboard.tui.widgets.stage import Stage

STYLESHEETS = ("app.tcss", "chart.tcss", "dialogs.tcss", "generator.tcss", "table.tcss")
PLAY_TICK = 0.2
"""Seconds between two movements of the moment shown, while it moves by itself."""
TICK = 1.0
"""Seconds between two looks at the clock: the age of the data grows while nothing comes."""
EXPLAIN_SECONDS = 8.0
OPENED = frozenset({"metric", "check"})
"""Screens that are opened from another one, and closed again."""


class K6DashApp(App[str]):
    """The cockpit over one session. Its result is the word of farewell."""

    TITLE = "k6dash"
    CSS_PATH: ClassVar = [stylesheet(name) for name in STYLESHEETS]
    BINDINGS: ClassVar[list[BindingType]] = bindings()
    # Textual declares both as plain attributes of the instance, so they cannot be marked as the class's.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (168, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-medium"), (50, "-tall")]  # noqa: RUF012
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
        is_simulated: bool = False,
        leaving: Leaving | None = None,
        keys: Keys | None = None,
        replayed: Replayed | None = None,
    ) -> None:
        """Take what the composition root has made.

        Args:
            session: The targets; the first one is shown.
            clock: Where time comes from.
            interval: Seconds between two looks, as the user wanted it.
            glyphs: What the terminal can draw with.
            theme: The name of a theme.
            window: Seconds of the past that charts show at most.
            is_simulated: Whether the test lives in this process and ends with it.
            replayed: How the recording is played, if it is one that is shown.
            leaving: What becomes of the test when k6dash leaves; without one, nothing does.
            keys: What :func:`~dashboard.tui.keymap.read_keys` made of the keys that the user chose.
        """
        super().__init__()
        self.commands = with_keys(keys or {})
        """All that can be done, with the keys that are in force."""
        self.set_keymap(keymap(keys or {}))
        self._leaving = leaving or Attached(is_simulated=is_simulated)
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
        self._replayed = replayed
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
        self.set_class(self.current_theme.dark, "-dark-mode", update=False)
        self.set_class(not self.current_theme.dark, "-light-mode", update=False)

    def _fatal_error(self) -> None:
        """End after a failure of our own. Textual's report would show local variables, secrets among them."""
        from dashboard.tui.crash import crash_report

        self.panic(crash_report())

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
        self._apply_glyphs()
        self._session.on_change.append(self._on_change)
        for target, dial in self._dials.items():
            dial.on_outcome = partial(self._on_outcome, target)
        self._show()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Begin what the first frame does not need: the looking at k6, and the screens."""
        self.run_worker(self._follow(), name="session", group="session")
        self.run_worker(self._mount_stage(), name="mount the stage")
        self.set_interval(TICK, self._tick)
        self._playing = self.set_interval(PLAY_TICK, self._play_on, pause=not self._playhead.is_playing)

    async def _mount_stage(self) -> None:
        """Load and mount the screens, then do what was asked of them meanwhile."""
        module = await asyncio.to_thread(importlib.import_module, "dashboard.tui.widgets.stage")
        stage: Stage = module.Stage(self._glyphs)
        await self.screen_stack[0].query_one("#stage", Container).mount(stage, before=0)
        self._stage = stage
        self._apply_glyphs()
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

    def on_unmount(self) -> None:
        """Hear no more of the session."""
        if self._on_change in self._session.on_change:
            self._session.on_change.remove(self._on_change)

    def _on_outcome(self, target: str, outcome: Outcome) -> None:
        self.post_message(ActionEnded(target, outcome))

    def _on_change(self, target: str) -> None:
        self.post_message(TargetChanged(target))

    # What is shown

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

    # What the user does with the view

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

    async def on_metric_chosen(self, event: MetricChosen) -> None:
        """Open a metric."""
        await self._on_stage(partial(self._open_metric, event.name))

    async def _open_metric(self, name: str, stage: Stage) -> None:
        await self._open_in("metric", stage)
        self._select(replace(self._selection, metric=name))

    async def _open_in(self, name: str, stage: Stage) -> None:
        if stage.shown not in OPENED:
            self._came_from = stage.shown
        self.screen_stack[0].minimize()
        await stage.turn_to(name)

    async def on_check_chosen(self, event: CheckChosen) -> None:
        """Open a check."""
        await self._on_stage(partial(self._open_in, "check"))
        self._select(replace(self._selection, checks=replace(self._selection.checks, opened=event.key)))

    def on_checks_arranged(self, event: ChecksArranged) -> None:
        """Show the tree of checks as the user wants it."""
        self._select(replace(self._selection, checks=event.view))

    def on_groups_wanted(self, _event: GroupsWanted) -> None:
        """Have k6 asked for its groups from now on."""
        self._session.want_groups(self._target)

    async def on_moment_chosen(self, event: MomentChosen) -> None:
        """Show a moment that has passed."""
        if self._stage is not None and self._stage.shown == "events":
            await self._turn_to("overview", self._stage)
        self._select(self._playhead.seek(self._selection, event.at))

    def on_position_bar_sought(self, event: PositionBar.Sought) -> None:
        """Show the moment that was pointed at."""
        self._select(self._playhead.seek(self._selection, event.at))

    def action_play(self) -> None:
        """Let the moment shown move on, or stand still."""
        self._select(self._playhead.toggle(self._selection))
        if self._playing is not None and self._playhead.is_playing:
            self._playing.resume()

    def action_move(self, seconds: float) -> None:
        """Show a moment so much later, or earlier."""
        self._select(self._playhead.move(self._selection, seconds))

    def action_step(self, looks: int) -> None:
        """Show the next look, or the one before."""
        self._select(self._playhead.step(self._selection, looks))

    def action_to_event(self, step: int) -> None:
        """Show what happened next, or before."""
        self._select(self._playhead.to_event(self._selection, step))

    def action_pace(self, step: int) -> None:
        """Play faster or slower."""
        self._playhead.faster(step)
        self._show_header()

    async def action_close(self) -> None:
        """Close what was opened last; then give up the filter."""
        stage = self._stage
        if self.screen_stack[0].maximized is not None:
            self.screen_stack[0].minimize()
        elif stage is not None and stage.shown in OPENED:
            await self._turn_to(self._came_from, stage)
        elif stage is not None:
            stage.give_up_filter()

    def action_open(self) -> None:
        """Show the chosen panel as large as it goes."""
        focused = self.focused
        if focused is None:
            return
        if self.screen_stack[0].maximized is not None:
            self.screen_stack[0].minimize()
        else:
            self.screen_stack[0].maximize(focused)
            self.notify("Esc goes back.", timeout=2, markup=False)

    def action_freeze(self) -> None:
        """Stand still, or follow again."""
        if self._selection.cursor is not None:
            self._select(self._playhead.follow(self._selection))
            return
        run = selected_run(self._session.histories[self._target], self._selection)
        self._select(replace(self._selection, cursor=run.last_row))

    def action_narrower(self) -> None:
        """Show a shorter time."""
        self._select(replace(self._selection, window=narrower(self._selection.window)))

    def action_wider(self) -> None:
        """Show a longer time."""
        self._select(replace(self._selection, window=wider(self._selection.window)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the filter's key to whatever text is being typed, and a screen's own keys to that screen."""
        if action == "filter" and self.focused is not None and self.focused.has_class("-text"):
            return False
        if any(command.id == action and command.screen not in ("", self.screen_name) for command in self.commands):
            return False
        return super().check_action(action, parameters)

    async def action_filter(self) -> None:
        """Type a filter; on a screen without a list, go to the metrics first."""
        await self._on_stage(self._type_filter)

    async def _type_filter(self, stage: Stage) -> None:
        if stage.filter is None:
            await self._turn_to("metrics", stage)
        stage.type_filter()

    def on_filter_typed(self, event: FilterTyped) -> None:
        """Filter while it is typed."""
        self._select(replace(self._selection, filter=event.text))

    def on_sort_chosen(self, event: SortChosen) -> None:
        """Sort by a column; the same one again turns the order round."""
        if event.sort is self._selection.sort:
            self.action_reverse()
        else:
            self._sort(event.sort, descending=event.sort not in (MetricSort.NAME, MetricSort.TYPE))

    def action_sort(self) -> None:
        """Sort by the next column."""
        if self.screen_name == "checks":
            self._select(replace(self._selection, checks=self._selection.checks.next_sort()))
            return
        orders = list(MetricSort)
        chosen = orders[(orders.index(self._selection.sort) + 1) % len(orders)]
        self._sort(chosen, descending=chosen not in (MetricSort.NAME, MetricSort.TYPE))

    def action_reverse(self) -> None:
        """Turn the order round."""
        if self.screen_name == "checks":
            self._select(replace(self._selection, checks=self._selection.checks.reversed()))
            return
        self._sort(self._selection.sort, descending=not self._selection.descending)

    def _sort(self, sort: MetricSort, *, descending: bool) -> None:
        self._select(replace(self._selection, sort=sort, descending=descending))

    def action_earlier_run(self) -> None:
        """Show the run before the one shown."""
        self._turn_to_run(-1)

    def action_later_run(self) -> None:
        """Show the run after the one shown."""
        self._turn_to_run(1)

    def _turn_to_run(self, step: int) -> None:
        history = self._session.histories[self._target]
        numbers = [run.number for run in history.runs]
        shown = numbers.index(selected_run(history, self._selection).number) + step
        if not 0 <= shown < len(numbers):
            self.notify("There is no earlier run." if step < 0 else "This is the newest run.", markup=False)
            return
        is_newest = shown == len(numbers) - 1
        run = history.runs[shown]
        self._select(
            replace(self._selection, run=None if is_newest else run.number, cursor=None if is_newest else run.last_row)
        )

    def action_glyphs(self) -> None:
        """Draw with the next set of characters."""
        every = list(Glyphs)
        self._glyphs = every[(every.index(self._glyphs) + 1) % len(every)]
        self._apply_glyphs()
        self.notify(f"Drawing with {self._glyphs}.", markup=False)

    def action_help(self) -> None:
        """Open the help."""
        from dashboard.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.commands, dict(impossible(self._session, self._target)), self._glyphs))

    def on_command_chosen(self, event: CommandChosen) -> None:
        """Do what the key bar was clicked for."""
        self._do(next(command for command in self.commands if command.id == event.command_id))

    def _do(self, command: Command) -> None:
        """Do what a command says, on its own screen where it has one."""
        if command.screen and command.screen != self.screen_name:
            self.call_later(self.action_show, command.screen)
        self.call_later(self.run_action, command.run)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: every command that is possible now, and the themes."""
        not_now = {command_id for command_id, _ in impossible(self._session, self._target)}
        for command in self.commands:
            if command.id in not_now or command.id == "command_palette":
                continue
            title = f"{command.group}: {command.id.replace('_', ' ')} ({command.key_text})"
            yield SystemCommand(title, command.description, partial(self._do, command))
        yield SystemCommand("the view: theme", "Choose the colours.", self.search_themes)
        yield SystemCommand("the view: screenshot", "Save a picture of the screen.", self.deliver_screenshot)

    # What the user does with the test

    def action_pause(self) -> None:
        """Pause, or let it go on."""
        resume = pause_verb(self._session, self._target) is Verb.RESUME
        self._ask(Resume() if resume else Pause(), "resuming" if resume else "pausing")

    def action_vus(self, delta: int) -> None:
        """Want some VUs more or less."""
        if self._explains(Verb.SET_VUS):
            return
        dial = self._dials[self._target]
        dial.turn(delta)
        self._show_header()

    def action_set_vus(self) -> None:
        """Type a number of VUs."""
        if self._explains(Verb.SET_VUS):
            return
        dial = self._dials[self._target]
        status = self._session.histories[self._target].run.status

        def take(vus: int | None) -> None:
            if vus is not None:
                dial.ask_for(vus)
                self._show_header()

        from dashboard.tui.screens.vus import VUsDialog

        self.push_screen(VUsDialog(dial.confirmed, status.vus_max if status else None), take)

    def action_stop(self) -> None:
        """Stop the test, after a question."""
        if self._explains(Verb.STOP):
            return
        run = self._session.histories[self._target].run

        def take(stop: bool | None) -> None:
            if stop:
                self._ask(Stop(), "stopping")

        vus = "" if run.status is None or run.status.vus is None else f" with {run.status.vus} VUs"
        from dashboard.tui.screens.stop import StopDialog

        self.push_screen(StopDialog(self._target, f"{run.state()}{vus}"), take)

    def action_run_setup(self) -> None:
        """Run setup() now, after a question."""
        self._setup.ask_first(self._target, RunSetup(), "running setup()")

    def action_run_teardown(self) -> None:
        """Run teardown() now, after a question."""
        self._setup.ask_first(self._target, RunTeardown(), "running teardown()")

    def action_clear_setup(self) -> None:
        """Take the setup data away, after a question."""
        self._setup.ask_first(self._target, SetSetup(None), "clearing setup data")

    def action_edit_setup(self) -> None:
        """Edit the setup data as k6 has them now."""
        self._setup.edit(self._target)

    def action_read_setup(self) -> None:
        """Ask k6 for the setup data again."""
        self._setup.look(self._target)

    def on_setup_wanted(self) -> None:
        """Ask k6 for the setup data, once."""
        self._setup.look(self._target)

    async def action_setup_form(self) -> None:
        """Show the setup data in the other form."""
        await self.run_action("turn_form", self.screen_stack[0].query_one("#setup"))

    def action_mark(self) -> None:
        """Mark this moment, with a note if one is typed."""
        if self._explains_past("mark"):
            return
        at, target = self._clock.now(), self._target
        from dashboard.tui.screens.mark import MarkDialog

        def take(note: str | None) -> None:
            if note is not None:
                self._session.mark(target, note, at)
                self.notify("Marked.", markup=False, timeout=2)

        self.push_screen(MarkDialog(clock_time(at)), take)

    def action_next_kind(self) -> None:
        """Show the events of the next kind."""
        self._select(replace(self._selection, kinds=next_kind(self._selection.kinds)))

    def on_kinds_chosen(self, event: KindsChosen) -> None:
        """Show the events of some kinds."""
        self._select(replace(self._selection, kinds=event.kinds))

    async def action_copy(self) -> None:
        """Copy the chosen event."""
        await self.run_action("copy_event", self.screen_stack[0].query_one("#events"))

    def on_copy_wanted(self, event: CopyWanted) -> None:
        """Hand a text to the terminal's clipboard."""
        self.copy_to_clipboard(event.text)
        self.notify("Copied, if the terminal lets programs copy.", markup=False, timeout=2)

    def action_record(self) -> None:
        """Record from now on, or stop recording."""
        if self._explains_past("record"):
            return
        self._is_said_broken = False
        ended = self.tape.end()
        title, message, severity = begin_taping(self.tape) if ended is None else describe_taping(ended)
        self.notify(message, title=title, severity=severity, timeout=EXPLAIN_SECONDS, markup=False)
        self._show_header()

    def _complain_of_tape(self) -> None:
        """Say once that nothing is recorded any more; all else goes on."""
        taping = self.tape.state
        if taping is not None and taping.broken and not self._is_said_broken:
            self._is_said_broken = True
            title, message, severity = describe_taping(taping)
            self.notify(message, title=title, severity=severity, timeout=EXPLAIN_SECONDS, markup=False)
            self._show_header()

    def action_leave(self) -> None:
        """Leave; the test goes on, unless it was started here and is to end."""
        self._leaving.leave(self)

    def action_interrupt(self) -> None:
        """What Ctrl-C does."""
        self._leaving.interrupt(self)

    def action_summary(self) -> None:
        """Show how k6 ended."""
        process = self._session.histories[self._target].run.launched
        if process is None:
            self.notify("The summary is in the terminal of this k6: k6dash did not start it.", markup=False)
        elif process.exit is None:
            self.notify("k6 prints its summary at the end of the test.", markup=False)
        else:
            self.show_summary()

    def show_summary(self) -> None:
        """Show how a k6 that was started here has ended, whatever dialog is open."""
        process = self._session.histories[self._target].run.launched
        if process is not None:
            from dashboard.tui.screens.summary import SummaryScreen

            self.push_screen(SummaryScreen(process))

    def stop_test(self) -> None:
        """Stop the test; whoever calls this has asked."""
        self._ask(Stop(), "stopping")

    def leave(self, code: ExitCode = ExitCode.OK, signal: str = "") -> None:
        """Leave with an exit code, saying what becomes of the test, and which signal was the reason if one was."""
        run = self._session.histories[self._target].run
        state = run.state()
        if self._replayed is not None:
            self.exit(f"k6dash has closed {self._replayed.path}.", return_code=code)
            return
        is_known = run.status is not None or run.launched is not None
        goes_on = f" {self._leaving.goes_on(run)}" if is_known and not state.is_over else ""
        who = f"k6dash, ended by {signal}," if signal else "k6dash"
        self.exit(f"{who} has left {self._target} ({state}).{goes_on}", return_code=code)

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

    def _ask(self, action: Action, doing: str) -> None:
        if self._explains(action.verb):
            return
        if action.verb in self._under_way:
            self.notify(f"Still {doing}: k6 has not answered yet.", markup=False)
            return
        self._under_way[action.verb] = doing
        self._show_header()
        self.run_worker(self._perform(action), name=str(action), group="actions")

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

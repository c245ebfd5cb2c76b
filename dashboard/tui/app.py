"""The app: all that the cockpit can do, in one class, with its help, its palette and its ways out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from textual.app import SystemCommand
from textual.screen import Screen

from dashboard.tui.acting import Acting
from dashboard.tui.commands import Command
from dashboard.tui.hands import impossible
from dashboard.tui.looking import Looking
from dashboard.tui.messages import CommandChosen
from dashboard.tui.moments import Moments


class K6DashApp(Looking, Moments, Acting):
    """The cockpit over one session. Its result is the word of farewell."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the filter's key to whatever text is being typed, and a screen's own keys to that screen."""
        if action == "filter" and self.focused is not None and self.focused.has_class("-text"):
            return False
        if any(command.id == action and not command.works_on(self.screen_name) for command in self.commands):
            return False
        return super().check_action(action, parameters)

    def action_help(self) -> None:
        """Open the help."""
        from dashboard.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.commands, dict(impossible(self._session, self._target)), self._glyphs))

    def on_command_chosen(self, event: CommandChosen) -> None:
        """Do what the key bar was clicked for."""
        self._do(next(command for command in self.commands if command.id == event.command_id))

    def _do(self, command: Command) -> None:
        """Do what a command says, on its own screen where it has one."""
        if not command.works_on(self.screen_name):
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

    def action_leave(self) -> None:
        """Leave; the test goes on, unless it was started here and is to end."""
        self._leaving.leave(self)

    def action_interrupt(self) -> None:
        """What Ctrl-C does."""
        self._leaving.interrupt(self)

    def action_summary(self) -> None:
        """Show how k6 ended."""
        run = self._session.histories[self._target].run
        process = run.launched
        if process is None:
            self.notify("The summary is in the terminal of this k6: k6dash did not start it.", markup=False)
        elif process.exit is None and run.state().is_over:
            self.notify("k6 prints its summary when it ends; Ctrl-C ends a k6 that lingers.", markup=False)
        elif process.exit is None:
            self.notify("k6 prints its summary at the end of the test.", markup=False)
        else:
            self.show_summary()

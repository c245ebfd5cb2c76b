"""What the user does with the test, and what is kept of it."""

from __future__ import annotations

from dashboard.model.action import Pause, Resume, RunSetup, RunTeardown, SetSetup, Stop, Verb
from dashboard.tui.cockpit import EXPLAIN_SECONDS, Cockpit
from dashboard.tui.hands import begin_taping, describe_taping, pause_verb
from dashboard.view.format import clock_time


class Acting(Cockpit):
    """The actions that k6, or a record of it, feels."""

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

    def action_record(self) -> None:
        """Record from now on, or stop recording."""
        if self._explains_past("record"):
            return
        self._is_said_broken = False
        ended = self.tape.end()
        title, message, severity = begin_taping(self.tape) if ended is None else describe_taping(ended)
        self.notify(message, title=title, severity=severity, timeout=EXPLAIN_SECONDS, markup=False)
        self._show_header()

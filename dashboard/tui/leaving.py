"""What becomes of the test when k6dash leaves, or is interrupted: another thing for each way to have come to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from dashboard.model.run_history import RunHistory
from dashboard.view.launched import goes_on_text

if TYPE_CHECKING:
    from pathlib import Path

    from dashboard.tui.cockpit import Cockpit
    from dashboard.tui.screens.leave import Choice


class Leaving(Protocol):
    """Decides; the app asks it."""

    def leave(self, app: Cockpit) -> None:
        """The user wants to leave."""
        ...

    def interrupt(self, app: Cockpit) -> None:
        """The user pressed Ctrl-C."""
        ...

    def changed(self, app: Cockpit, run: RunHistory) -> None:
        """Something about the run changed."""
        ...

    def farewell(self, target: str, run: RunHistory, who: str) -> str:
        """What stands on the terminal afterwards, of a target that ``who`` has left."""
        ...


class Attached:
    """A k6 that somebody else has started."""

    _goes_on = "The test goes on."

    def leave(self, app: Cockpit) -> None:
        """Leave at once; nothing is lost."""
        app.leave()

    def interrupt(self, app: Cockpit) -> None:
        """Likewise."""
        app.leave()

    def changed(self, app: Cockpit, run: RunHistory) -> None:
        """Nothing follows from it."""

    def farewell(self, target: str, run: RunHistory, who: str) -> str:
        """What was left, and what becomes of it."""
        return _left(target, run, who, self._goes_on)


class Simulated(Attached):
    """A simulated k6, which has lived in this process."""

    _goes_on = "The simulated test has ended with it."


class Played(Attached):
    """A recording: nothing becomes of it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def farewell(self, target: str, run: RunHistory, who: str) -> str:
        """Which one was closed, whoever has closed it."""
        return f"k6dash has closed {self._path}."


def _left(target: str, run: RunHistory, who: str, goes_on: str) -> str:
    """What was left, and what becomes of it where it is known and not over."""
    state = run.state()
    is_known = run.status is not None or run.launched is not None
    return f"{who} has left {target} ({state})." + (f" {goes_on}" if is_known and not state.is_over else "")


class Process(Protocol):
    """What is needed of a k6 that has been started."""

    @property
    def pid(self) -> int:
        """Its number."""
        ...

    @property
    def interrupts(self) -> int:
        """How often it has been interrupted."""
        ...

    def interrupt(self) -> None:
        """What Ctrl-C does to it."""
        ...


_DETACHED: Final = (
    "Left running, it goes on without k6dash: its output and log go on into their files, and k6dash says where they "
    "are and how to watch it again."
)


class Launched:
    """A k6 that k6dash has started. It goes on whatever happens to k6dash, unless it is told to end."""

    def __init__(self, process: Process, *, may_steer: bool = True) -> None:
        """Watch over a process.

        Args:
            process: The process.
            may_steer: Whether it may be ended from here, or only looked at.
        """
        self._process = process
        self._may_steer = may_steer
        self._leaves_at_the_end = False
        self._has_ended = False
        self._lingers = False

    def leave(self, app: Cockpit) -> None:
        """Leave a k6 that has ended; of a running one, ask what is to become of it."""
        if self._has_ended:
            app.leave()
            return

        def take(answer: str | None) -> None:
            match answer:
                case "detach":
                    app.leave()
                case "stop":
                    self._end(app)
                case _:
                    pass

        from dashboard.tui.screens.leave import LeaveDialog

        app.push_screen(LeaveDialog(self._choice()), take)

    def _end(self, app: Cockpit) -> None:
        """End k6 as it is now, not as it was when the question was asked, then leave."""
        if self._has_ended:
            app.leave()
        elif self._lingers:
            self._leaves_at_the_end = True
            self._process.interrupt()
        else:
            self._leaves_at_the_end = app.stop_test()

    def _choice(self) -> Choice:
        from dashboard.tui.screens.leave import Choice

        pid = self._process.pid
        if self._lingers:
            question, end = f"The test is over, and k6 lingers (pid {pid}). What is to become of it?", "End k6"
            stopped = "Ended, it exits with the code of the test."
        else:
            question, end = f"k6 is still running (pid {pid}). What is to become of it?", "Stop the test"
            stopped = "Stopped, iterations are cut off, teardown() still runs, and k6 exits with code 103."
        if not self._may_steer:
            stopped, end = "It cannot be ended from here: k6dash was started with --read-only.", ""
        return Choice(question, f"{_DETACHED} {stopped}", f"{end}, then leave" if end else "")

    def interrupt(self, app: Cockpit) -> None:
        """Let k6 end gracefully; the second time, at once."""
        if self._has_ended or not self._may_steer:
            self.leave(app)
            return
        self._process.interrupt()
        if self._lingers:
            app.notify("k6 lingers no longer.", title="Interrupted", markup=False)
        elif self._process.interrupts == 1:
            app.notify(
                "k6 lets running iterations finish, as far as gracefulStop allows, then runs teardown(). "
                "Ctrl-C again ends it at once.",
                title="Interrupted",
                timeout=8,
                markup=False,
            )
        else:
            app.notify("k6 ends at once.", title="Interrupted again", markup=False)

    def changed(self, app: Cockpit, run: RunHistory) -> None:
        """When k6 has ended, show how; leave where there is nothing to be seen."""
        end = run.launched and run.launched.exit
        self._lingers = run.status is not None and run.status.is_final
        if not end or self._has_ended:
            return
        self._has_ended = True
        if run.status is None or self._leaves_at_the_end:
            # It never answered, or nobody wants to look any more: what it said is printed.
            app.leave()
            return
        app.show_summary()

    def farewell(self, target: str, run: RunHistory, who: str) -> str:
        """What was left, where k6 can be found again, and what it writes."""
        launch = run.launched and run.launched.launch
        return _left(target, run, who, goes_on_text(launch) if launch else f"k6 goes on (pid {self._process.pid}).")

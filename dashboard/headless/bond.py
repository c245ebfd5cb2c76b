"""How k6dash is bound to the k6 that it follows without a screen: another object for each way to have come to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from dashboard.errors import ExitCode
from dashboard.launch.exit_codes import OK, STOPPED_BY_API, as_exit_code, explain
from dashboard.model.run import State
from dashboard.model.run_history import RunHistory
from dashboard.sources.base import Reading
from dashboard.sources.process_documents import LOG
from dashboard.view.format import clean
from dashboard.view.launched import goes_on_text

Say = Callable[[str], None]
"""Takes a line of talk."""
_VERDICTS: Final = {
    State.STOPPED: ExitCode.STOPPED,
    State.FAILED: ExitCode.MARKED_AS_FAILED,
}


class Log(Protocol):
    """Where what k6 writes into its log goes."""

    lost_bytes: int
    """How much was given up because whoever reads is too slow."""

    def write(self, text: str) -> None:
        """Write whole lines soon."""
        ...


class Bond(Protocol):
    """What depends on whose k6 it is."""

    def take(self, reading: Reading) -> None:
        """Be given each reading, raw."""
        ...

    def is_over(self, run: RunHistory) -> bool:
        """Whether the newest look at k6 is the last one."""
        ...

    def is_between(self, run: RunHistory) -> bool:
        """Whether a look that gave nothing says nothing, since more will be known soon."""
        ...

    def verdict(self, run: RunHistory, say: Say) -> int:
        """The exit code of a run that is over; what it does not tell is said."""
        ...

    def judged(self, code: int, *, stopped: bool) -> int:
        """The exit code where a condition has failed.

        Args:
            code: The exit code without that.
            stopped: Whether the test was told to stop because of it.
        """
        ...

    def summary(self, run: RunHistory) -> str:
        """k6's end-of-test summary, where it is k6dash that has to show it; untrusted text."""
        ...

    def part(self, run: RunHistory, say: Say) -> None:
        """Say the last words."""
        ...


class Attached:
    """Somebody else's k6, or a simulated one: what it last said has to do."""

    def take(self, reading: Reading) -> None:
        """All that matters is in the history."""

    def is_over(self, run: RunHistory) -> bool:
        """Whether k6 has said that the run is over, or has gone. A run that is being stopped goes on."""
        return run.has_gone or (run.status is not None and run.status.is_final)

    def is_between(self, run: RunHistory) -> bool:
        """Nothing more will be known."""
        return False

    def verdict(self, run: RunHistory, say: Say) -> int:
        """k6's own code as far as it shows."""
        if run.has_gone and not run.was_stopped:
            say("k6 has gone without a word on how the run ended; what it last said counts")
        state = run.state()
        code = _VERDICTS.get(state, ExitCode.OK)
        if run.tainted() or (run.status is not None and run.status.tainted):
            crossed = clean(" ".join(run.tainted()))
            say(f"thresholds are crossed{': ' if crossed else ''}{crossed}")
            if not (state is State.STOPPED and run.stop_accepted):
                code = ExitCode.THRESHOLDS_CROSSED
        return code

    def judged(self, code: int, *, stopped: bool) -> int:
        """A failed condition counts more than anything but a signal."""
        return code if code == ExitCode.SIGNALLED else ExitCode.THRESHOLDS_CROSSED

    def summary(self, run: RunHistory) -> str:
        """It is on the terminal of that k6."""
        return ""

    def part(self, run: RunHistory, say: Say) -> None:
        """All has been said."""


class Launched:
    """A k6 that k6dash has started: it tells itself how it ends, and its code is passed on."""

    def __init__(self, log: Log, shown: Callable[[str], str]) -> None:
        """Nothing has been heard yet.

        Args:
            log: Where k6's log goes; what is said goes the same way, so that it stands after it.
            shown: What is done to untrusted text before it is shown there.
        """
        self._log = log
        self._shown = shown

    def take(self, reading: Reading) -> None:
        """Pass k6's log on as it comes."""
        for document in reading.documents:
            if document.endpoint == LOG:
                self._log.write(self._shown(document.body.decode("utf-8", "backslashreplace")))

    def is_over(self, run: RunHistory) -> bool:
        """The process ends, and not the test: k6 may linger."""
        return False

    def is_between(self, run: RunHistory) -> bool:
        """While it starts it does not answer yet; when it closes its port, its exit code comes next."""
        return run.status is None or run.has_gone

    def verdict(self, run: RunHistory, say: Say) -> int:
        """k6's own exit code."""
        end = run.launched and run.launched.exit
        return as_exit_code(end.code) if end else ExitCode.FAILED

    def judged(self, code: int, *, stopped: bool) -> int:
        """A failed condition turns a success into a failure; of a k6 that failed by itself, its own code says more."""
        is_ours = code == OK or (stopped and code == STOPPED_BY_API)
        return ExitCode.THRESHOLDS_CROSSED if is_ours else code

    def summary(self, run: RunHistory) -> str:
        """As k6 wrote it."""
        process = run.launched
        return self._shown(process.summary) if process is not None and process.exit is not None else ""

    def part(self, run: RunHistory, say: Say) -> None:
        """Say how k6 ended, or that it goes on and where."""
        process = run.launched
        if lost := self._log.lost_bytes:
            where = f"; all of it is in {process.launch.log}" if process is not None and process.launch else ""
            say(f"{lost / 1e6:.1f} MB of k6's log were not passed on: whoever reads is too slow{where}")
        if process is None:
            return
        if process.exit is not None:
            say(f"k6 ended with exit code {process.exit.code}: {explain(process.exit.code)}")
        elif process.launch is not None:
            for line in goes_on_text(process.launch).split("\n"):
                say(line)

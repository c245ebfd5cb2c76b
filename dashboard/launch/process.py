"""One k6 process, in a session of its own: neither a key of the terminal nor the end of k6dash reaches it."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from dashboard.errors import UsageError
from dashboard.launch.command import Command
from dashboard.launch.folder import RunFolder
from dashboard.launch.threads import beside_the_loop
from dashboard.model.launched import Launch


class K6Process:
    """A k6 that has been started. k6dash may leave it at any time, and it goes on."""

    def __init__(self, command: Command, folder: RunFolder, script: Path | None = None) -> None:
        """Start it.

        Args:
            command: What to start.
            folder: Where it writes.
            script: What it reads on its standard input; nothing without one.

        Raises:
            UsageError: it cannot be started.
        """
        self.command = command
        self.folder = folder
        self._interrupts = 0
        try:
            with (
                folder.output.open("wb") as output,
                folder.log.open("wb") as log,
                (script or Path("/dev/null")).open("rb") as stdin,
            ):
                self._process = subprocess.Popen(
                    command.words,
                    stdin=stdin,
                    stdout=output,
                    stderr=log,
                    env=command.environment,
                    start_new_session=True,
                )
        except OSError as error:
            raise UsageError(f"{command.words[0]} cannot be started: {error.strerror}") from None
        folder.note_pid(self.pid)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """Its exit code; negative for a signal; None while it runs."""
        return self._process.returncode

    @property
    def launch(self) -> Launch:
        """How it was started."""
        return Launch(
            words=self.command.words,
            pid=self.pid,
            address=self.command.address,
            events=self.command.events or "",
            output=str(self.folder.output),
            log=str(self.folder.log),
        )

    @property
    def interrupts(self) -> int:
        """How often it has been interrupted."""
        return self._interrupts

    async def wait(self) -> int:
        """Wait until it ends, and give its exit code. Whoever stops waiting holds nothing up."""
        code = await beside_the_loop(self._process.wait)
        self.folder.close(code)
        return code

    def interrupt(self) -> None:
        """What Ctrl-C does to a k6 of one's own: once it ends gracefully, a second time at once."""
        self._interrupts += 1
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGINT)

"""``k6dash run`` on real k6 processes, with and without a terminal, and the files that it leaves."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.command import Cockpit, open_cockpit
from tests.harness.k6 import SCRIPTS, K6Binary
from tests.harness.terminal import K6DASH, open_terminal
from tests.harness.waiting import PATIENCE, wait_until

QUIET = {"K6_NO_USAGE_REPORT": "true", "K6_AUTO_EXTENSION_RESOLUTION": "false"}


@dataclass(frozen=True, slots=True)
class Ended:
    """What a ``k6dash run`` without a terminal left."""

    code: int
    output: str
    errors: str


class Launches:
    """Starts k6dash, and ends every k6 that it has left behind."""

    def __init__(self, k6: K6Binary, state: Path) -> None:
        self._k6 = k6
        self._state = state
        self._env = {**QUIET, "XDG_STATE_HOME": str(state), "K6DASH_K6": os.fspath(k6)}

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """What k6dash runs with."""
        return {**os.environ, **self._env, **more}

    def run(
        self, *arguments: str, env: Mapping[str, str] | None = None, stdin: bytes = b"", cwd: Path | None = None
    ) -> Ended:
        """Run without a terminal, to the end."""
        done = subprocess.run(
            [*K6DASH, "run", *map(_script, arguments)],
            input=stdin,
            capture_output=True,
            env=self.environment(env or {}),
            cwd=cwd,
            timeout=3 * PATIENCE,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    @contextmanager
    def process(self, *arguments: str, env: Mapping[str, str] | None = None) -> Generator[subprocess.Popen[bytes]]:
        """Run without a terminal, beside the test."""
        process = subprocess.Popen(
            [*K6DASH, "run", *map(_script, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.environment(env or {}),
        )
        with process:
            try:
                yield process
            finally:
                process.kill()
                process.communicate()

    @contextmanager
    def cockpit(
        self, *arguments: str, env: Mapping[str, str] | None = None, columns: int = 120, rows: int = 40
    ) -> Generator[Cockpit]:
        """Run in a terminal."""
        words = ("run", "--interval", "0.2", *map(_script, arguments))
        with open_cockpit(*words, columns=columns, rows=rows, env={**self._env, **(env or {})}) as cockpit:
            yield cockpit

    @contextmanager
    def shell(self, words: str) -> Generator[Cockpit]:
        """Run a line of shell in a terminal."""
        with open_terminal(["/bin/sh", "-c", words], env=self._env) as terminal:
            yield Cockpit(terminal)

    @property
    def k6dash(self) -> str:
        """The command."""
        return K6DASH[0]

    @property
    def folder(self) -> Path:
        """Where the newest k6 writes."""
        wait_until(lambda: self.folders, what="a run folder")
        return self.folders[-1]

    @property
    def folders(self) -> Sequence[Path]:
        """All of them."""
        return sorted((self._state / "k6dash" / "runs").glob("*"))

    @property
    def pid(self) -> int:
        """The newest k6."""
        path = self.folder / "pid"
        return int(wait_until(lambda: path.exists() and path.read_text(), what="the pid"))

    def wait_output(self, text: str) -> None:
        """Wait until k6 has written that on its standard output."""
        path = self.folder / "stdout.txt"
        wait_until(lambda: path.exists() and text in path.read_text(), what=f"{text!r} in {path}")

    @property
    def banner(self) -> str:
        """What the newest k6 says of its plan on its standard output."""
        return (self.folder / "stdout.txt").read_text()

    def wait_log(self, text: str) -> None:
        """Wait until k6 has written that into its log."""
        path = self.folder / "stderr.txt"
        wait_until(lambda: path.exists() and text in path.read_text(), what=f"{text!r} in {path}")

    def wait_gone(self, pid: int) -> None:
        """Wait until a k6 has ended by itself."""
        wait_until(lambda: not is_running(pid), 2 * PATIENCE, f"the end of k6 {pid}")

    def wait_line(self, process: subprocess.Popen[bytes]) -> None:
        """Wait until a k6dash without a screen has seen k6, so that it hears signals."""
        assert process.stdout is not None
        assert process.stdout.readline()

    def check_goes_on(self) -> None:
        """See that the newest k6 goes on without k6dash, and is able to end and to say how the test went.

        Raises:
            AssertionError: it does not.
        """
        pid, output = self.pid, self.folder / "stdout.txt"
        assert is_running(pid)
        seen = output.read_text().count("running (")
        wait_until(lambda: output.read_text().count("running (") > seen + 1, what="more of k6's progress")
        os.kill(pid, signal.SIGINT)
        self.wait_gone(pid)
        assert "iteration_duration" in output.read_text()

    @property
    def address(self) -> str:
        """The newest k6's API, as its process was told."""
        words = Path(f"/proc/{self.pid}/cmdline").read_text().split("\0")
        return words[words.index("--address") + 1]

    def end_all(self) -> None:
        """End what was left behind."""
        for folder in self.folders:
            with suppress(OSError, ValueError):
                os.kill(int((folder / "pid").read_text()), signal.SIGKILL)


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it is no mere entry that waits to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1] != "Z"
    except OSError:
        return False


def _script(word: str) -> str:
    """A script of ours by its name; any other word as it is."""
    return str(SCRIPTS / word) if word.endswith(".js") and "/" not in word else word

"""Where a launched k6 writes: a folder a run, in the place that the platform has for such things.

k6 writes into files and not into pipes: whatever becomes of k6dash, k6 neither waits for a reader nor dies of having
none, and what it said can be read afterwards.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from dashboard.errors import UsageError

KEPT: Final = 20
"""Folders of earlier runs that are kept; older ones are removed once nobody writes there any more."""
_OVER: Final = "ended"
TAIL: Final = 256 * 1024
"""The most bytes of the log that are read at its end."""
END_OF_OUTPUT: Final = 2 * 1024 * 1024
"""The most bytes of the output that are read at either end."""


class RunFolder:
    """The files of one launched k6. Only their owner may read them: a log may hold secrets."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def output(self) -> Path:
        """k6's standard output: its banner, its progress, the end-of-test summary."""
        return self.path / "stdout.txt"

    @property
    def log(self) -> Path:
        """k6's standard error: its log."""
        return self.path / "stderr.txt"

    @property
    def script(self) -> Path:
        """The script that came on standard input."""
        return self.path / "script.js"

    def tail_of_log(self) -> bytes:
        """The end of the log, where a k6 that could not go on says why."""
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - TAIL))
            return log.read()

    def ends_of_output(self) -> bytes:
        """The output in whole lines; of a very long one its beginning and its end, and how much is missing between."""
        with self.output.open("rb") as output:
            size = os.fstat(output.fileno()).st_size
            head = output.read(END_OF_OUTPUT)
            if size <= 2 * END_OF_OUTPUT:
                return head + output.read(END_OF_OUTPUT)
            output.seek(size - END_OF_OUTPUT)
            tail = output.read(END_OF_OUTPUT)
        head, tail = head[: head.rfind(b"\n") + 1], tail[tail.find(b"\n") + 1 :]
        missing = (size - len(head) - len(tail)) / 1e6
        return head + f"… {missing:.1f} MB are left out here …\n".encode() + tail

    def note_pid(self, pid: int) -> None:
        """Note which process writes here from now on."""
        (self.path / _OVER).unlink(missing_ok=True)
        (self.path / "pid").write_text(f"{pid}\n")

    def close(self, code: int) -> None:
        """Note that k6 has ended, so that the folder may be removed one day."""
        (self.path / _OVER).write_text(f"{code}\n")


def state_directory(environment: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Where programs keep what they write by themselves: the place of this platform, or XDG_STATE_HOME."""
    home = Path(environment.get("HOME") or Path.home())
    if chosen := environment.get("XDG_STATE_HOME"):
        return Path(chosen) / "k6dash"
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local") / "k6dash"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "k6dash"
    return home / ".local" / "state" / "k6dash"


def make_folder(environment: Mapping[str, str], now: float) -> RunFolder:
    """Make the folder of a run that begins now, and remove those of old runs.

    Raises:
        UsageError: there is no place to write to.
    """
    runs = state_directory(environment) / "runs"
    name = f"{datetime.fromtimestamp(now, UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}"
    path = runs / name
    try:
        runs.mkdir(mode=0o700, parents=True, exist_ok=True)
        _tidy(runs)
        path.mkdir(mode=0o700)
    except OSError as error:
        raise UsageError(
            f"cannot write to {path}, where k6's output is to go: {error.strerror}; "
            "XDG_STATE_HOME chooses another place"
        ) from None
    return RunFolder(path)


def _tidy(runs: Path) -> None:
    """Remove the oldest folders of runs that are over, as far as the filesystem lets one."""
    over = sorted(path for path in runs.iterdir() if (path / _OVER).is_file())
    for path in over[: max(0, len(over) - KEPT + 1)]:
        shutil.rmtree(path, ignore_errors=True)

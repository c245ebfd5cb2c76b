"""Where a launched k6 writes: a folder a run, in the place that the platform has for such things.

k6 writes into files and not into pipes: whatever becomes of k6dash, k6 neither waits for a reader nor dies of having
none, and what it said can be read afterwards.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from dashboard.errors import UsageError

KEPT: Final = 20
"""Folders of earlier runs that are kept; older ones are removed once nobody writes there any more."""
_OVER: Final = "ended"
_PID: Final = "pid"
_NAMED: Final = "%Y%m%dT%H%M%SZ"
"""How the name of a folder begins: when its run began."""
_LONGEST_START: Final = timedelta(hours=1)
"""In a folder that is older than this, no k6 will be started any more."""
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
        (self.path / _PID).write_text(f"{pid}\n")

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
    began = datetime.fromtimestamp(now, UTC)
    name = f"{began:{_NAMED}}-{os.getpid()}"
    path = runs / name
    try:
        runs.mkdir(mode=0o700, parents=True, exist_ok=True)
        _tidy(runs, began)
        path.mkdir(mode=0o700)
    except OSError as error:
        raise UsageError(
            f"cannot write to {path}, where k6's output is to go: {error.strerror}; "
            "XDG_STATE_HOME chooses another place"
        ) from None
    return RunFolder(path)


def _tidy(runs: Path, now: datetime) -> None:
    """Remove the oldest folders of runs that are over, as far as the filesystem lets one."""
    over = sorted(path for path in runs.iterdir() if _is_over(path, now))
    for path in over[: max(0, len(over) - KEPT + 1)]:
        shutil.rmtree(path, ignore_errors=True)


def _is_over(path: Path, now: datetime) -> bool:
    """Whether nobody writes there any more: k6 has ended, seen by k6dash or not, or was never started."""
    if (path / _OVER).is_file():
        return True
    try:
        began = datetime.strptime(path.name.partition("-")[0], _NAMED).replace(tzinfo=UTC)
    except ValueError:
        return False  # not made here
    try:
        pid = int((path / _PID).read_text())
    except (OSError, ValueError):
        return now - began > _LONGEST_START
    return not _is_there(pid)


def _is_there(pid: int) -> bool:
    """Whether there is a process of that number, be it another one by now; yes where that cannot be asked."""
    if os.name == "nt":
        return True  # where a signal of 0 is no question
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError) as error:
        return not isinstance(error, ProcessLookupError)
    return True

"""``python -m tests.record.kills [COUNT]``: kills recorders at random moments, and counts what is lost."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final

from dashboard.sources.base import Reading
from dashboard.sources.record_file import Recording
from tests.harness.k6 import CHECKOUT

INTERVAL: Final = 0.05
MOST_LOOKS: Final = 60


@dataclass(frozen=True, slots=True)
class Kill:
    """What was left of one recording after SIGKILL."""

    seen: tuple[float, ...]
    """The moments of the looks that the process had seen, in seconds since the Unix epoch."""
    kept: tuple[float, ...]
    """Those of the looks in the file."""
    trouble: str

    @property
    def lost(self) -> tuple[float, ...]:
        """The looks that are not in the file."""
        return tuple(at for at in self.seen if at not in set(self.kept))

    @property
    def lost_before_the_last_second(self) -> tuple[float, ...]:
        """Those of them that are older than a second when the process dies."""
        return tuple(at for at in self.lost if at < self.seen[-1] - 1.0)


def kill(path: Path, dice: random.Random) -> Kill:
    """Let a process record, kill it at a random moment, and read what it left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.record.killable", str(path), str(INTERVAL), "steady"],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    with process:
        assert process.stdout is not None
        looks = dice.randint(1, MOST_LOOKS)
        said = b""
        while said.count(b"\n") < looks:
            said += process.stdout.read(100)
        # Into whatever the process is doing between two looks.
        Event().wait(dice.uniform(0.0, INTERVAL))
        process.kill()
        said += process.stdout.read()
    recording = Recording(path)
    kept = tuple(entry.at for entry in recording.entries() if isinstance(entry, Reading) and entry.asking is None)
    return Kill(tuple(float(line) for line in said.split()), kept, recording.trouble)


def main() -> None:
    """Kill, and count."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    dice = random.Random(20)
    with tempfile.TemporaryDirectory() as folder:
        kills = [kill(Path(folder) / f"{number}.ndjson.gz", dice) for number in range(count)]
    seen, lost = sum(len(each.seen) for each in kills), sum(len(each.lost) for each in kills)
    early = sum(len(each.lost_before_the_last_second) for each in kills)
    sys.stdout.write(
        f"{count} kills, all files readable; {seen} looks seen, {lost} not in the files, at most"
        f" {max(len(each.lost) for each in kills)} of one; lost before the last second: {early}\n"
    )
    if early:
        raise SystemExit(1)


if __name__ == "__main__":
    main()

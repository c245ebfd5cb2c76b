"""What it costs to open what k6 itself writes: a million samples, beside reading their lines as JSON."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.benchmarks.measure import Row, absolute, ratio
from tests.harness.k6 import CHECKOUT
from tests.harness.terminal import K6DASH, open_terminal
from tests.sources.k6_files import write_samples

MILLION: Final = 1_000_000
DATA: Final = rb"running.*?\xce\xa3[0-9]"
_HISTORY: Final = (
    "import sys; from pathlib import Path; from dashboard.rebuild import history_of;"
    " from dashboard.sources.replayable import open_replayable; history_of(open_replayable(Path(sys.argv[1])))"
)
_JSON: Final = "import sys, json\nwith open(sys.argv[1], 'rb') as lines:\n  for line in lines: json.loads(line)"


def rows() -> Iterator[Row]:
    """All of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_samples(Path(folder) / "samples.json", MILLION)
        bare, _ = _cost("pass", path)
        json, _ = _cost(_JSON, path)
        history, memory = _cost(_HISTORY, path)
        yield ratio("CPU of a million samples, against json.loads of each", history - bare, json - bare, 1.5, "s")
        yield absolute("memory of a million samples, at most", memory, 80, "MB")
        with open_terminal([*K6DASH, "replay", str(path)], 120, 40, cwd=CHECKOUT, is_watched=False) as terminal:
            seen = terminal.wait_for_bytes(DATA) - terminal.started_at
        yield absolute("first numbers of a million samples painted", seen, 3, "s")


def _cost(program: str, path: Path) -> tuple[float, float]:
    """Seconds of CPU that a program takes, and the most memory in MB."""
    process = subprocess.Popen([sys.executable, "-c", program, str(path)], cwd=CHECKOUT)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_utime + used.ru_stime, used.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)

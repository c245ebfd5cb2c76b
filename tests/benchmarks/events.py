"""What k6's event stream costs the k6 that is watched: its exit, and its throughput on a core of its own.

Each is measured in pairs, with k6dash's stream and without, in turns, so that both see the same machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.benchmarks import measure
from tests.benchmarks.measure import CLOCK, Row
from tests.harness.k6 import CHECKOUT, SCRIPTS, find_k6, start_target
from tests.harness.ports import HOST, free_port
from tests.harness.terminal import K6DASH

EXITS: Final = 7
LOADS: Final = 7
LOAD: Final = "8s"
CORES: Final = ("0", "1")
"""That of k6, and that of the server under load and of k6dash."""


def rows() -> Iterator[Row]:
    """Both, on k6 v1 and v2."""
    for major in (1, 2):
        if not os.environ.get(f"K6DASH_K6_V{major}"):
            yield f"what the event stream costs a k6 v{major}", "", f"not measured: K6DASH_K6_V{major}", ""
            continue
        with start_target() as url:
            pairs = [(_lifetime(major, url, True), _lifetime(major, url, False)) for _ in range(EXITS)]
            late = 1000 * measure.median([on - off for on, off in pairs])
            yield f"k6 v{major}: exit later with the stream", "< 100 ms", f"{late:+.0f} ms", _kept(late < 100)
            rates = [(_throughput(major, url, True), _throughput(major, url, False)) for _ in range(LOADS)]
        share = 100 * (1 - measure.median([on / off for on, off in rates]))
        each = ", ".join(f"{100 * (1 - on / off):.1f}" for on, off in rates)
        yield (
            f"k6 v{major}: throughput of a saturated core lost to it",
            "< 3 %",
            f"{share:.1f} % ({each})",
            _kept(share < 3),
        )


def _kept(is_kept: bool) -> str:
    return "kept" if is_kept else "EXCEEDED"


def _lifetime(major: int, url: str, stream: bool) -> float:
    """Seconds from k6's start to its exit."""
    began = CLOCK.now()
    with _watched(major, "idle.js", url, stream, "--vus", "1", "--duration", "2s") as k6:
        k6.wait(60)
        return CLOCK.now() - began


def _throughput(major: int, url: str, stream: bool) -> float:
    """Iterations in a second of CPU that k6 gets: what it does on a saturated core, whoever else is on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        summary = Path(folder) / "summary.json"
        flags = ("--summary-export", str(summary))
        with _watched(major, "saturated.js", url, stream, *flags, env={"DUR": LOAD}) as k6:
            _, _, usage = os.wait4(k6.pid, 0)
            k6.returncode = 0
        count: float = json.loads(summary.read_text())["metrics"]["iterations"]["count"]
    return count / (usage.ru_utime + usage.ru_stime)


@contextmanager
def _watched(
    major: int, script: str, url: str, stream: bool, *flags: str, env: dict[str, str] | None = None
) -> Generator[subprocess.Popen[bytes]]:
    """A k6 with a core of its own, and a k6dash that watches it."""
    api, events = free_port(), free_port()
    given = {name: value for name, value in os.environ.items() if not name.startswith("K6_")}
    given |= {"K6_NO_USAGE_REPORT": "true", "NO_COLOR": "1", "TARGET": url, **(env or {})}
    if stream:
        given |= {
            "K6_WEB_DASHBOARD": "true",
            "K6_WEB_DASHBOARD_HOST": HOST,
            "K6_WEB_DASHBOARD_PORT": str(events),
            "K6_WEB_DASHBOARD_PERIOD": "1s",
        }
    command = [os.fspath(find_k6(major)), "run", "--quiet", "--address", f"{HOST}:{api}", *flags, str(SCRIPTS / script)]
    following = [*K6DASH, "--headless", "--target", f"{HOST}:{api}"]
    following += ["--events", f"{HOST}:{events}"] if stream else ["--no-events"]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(_pinned(CORES[1], following), cwd=CHECKOUT, stdout=quiet, stderr=quiet) as k6dash:
        measure.sleep(0.7)
        k6 = subprocess.Popen(_pinned(CORES[0], command), env=given, stdout=quiet, stderr=quiet)
        try:
            yield k6
        finally:
            if k6.returncode is None:
                k6.kill()
                k6.wait()
            k6dash.terminate()


def _pinned(core: str, command: Sequence[str]) -> list[str]:
    taskset = shutil.which("taskset")
    return [taskset, "-c", core, *command] if taskset and (os.cpu_count() or 1) > 1 else list(command)

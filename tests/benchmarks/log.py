"""What a script costs that logs ten thousand lines a second: how quick the screen stays, and that k6 is not slowed."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.benchmarks import measure
from tests.benchmarks.measure import CLOCK, Row, absolute
from tests.harness.k6 import SCRIPTS
from tests.harness.terminal import K6DASH, Terminal, open_terminal

LINES: Final = 500
SLEEP: Final = 0.05
"""Seconds between so many lines: ten thousand a second."""
SECONDS: Final = 20
ROUNDS: Final = 3
_PRESSES: Final = 10
_ITERATIONS: Final = re.compile(rb"iterations\.*: (\d+)")
_QUIET: Final = {"K6_NO_USAGE_REPORT": "true", "K6_AUTO_EXTENSION_RESOLUTION": "false"}


def rows() -> Iterator[Row]:
    """For each real k6 there is."""
    for major in (1, 2):
        k6 = os.environ.get(f"K6DASH_K6_V{major}")
        if not k6:
            yield f"a k6 v{major} that logs 10,000 lines a second", "", f"not measured: K6DASH_K6_V{major}", ""
            continue
        yield from _of(k6, f"k6 v{major}, 10,000 lines a second")


def _of(k6: str, what: str) -> Iterator[Row]:
    painted: list[float] = []
    with _watched(k6, 3 * SECONDS) as (terminal, _):
        measure.sleep(SECONDS / 2)
        for _ in range(_PRESSES):
            for key, pattern in (("7", rb"following"), ("1", rb"Timing phases")):
                painted.append(_key_to_bytes(terminal, key, pattern))
        terminal.press("7")
        measure.sleep(2)
        share = measure.cpu_share(terminal, SECONDS / 2)
        reached = measure.rss_megabytes(terminal.process.pid)
    yield absolute(f"key to paint, {what}, p90", 1000 * measure.quantile(painted, 0.9), 100, "ms")
    yield absolute(f"CPU, {what}", 100 * share, 40, "% of a core")
    yield absolute(f"memory, {what}", reached, 90, "MB")
    alone, watched = measure.alternately(ROUNDS, lambda: _alone(k6), lambda: _beside_k6dash(k6))
    least = 0.97
    judged = "kept" if watched >= least * alone else "EXCEEDED"
    told = f"{watched / alone:.3f}x ({watched:.0f} of {alone:.0f} in {SECONDS} s)"
    yield f"iterations beside k6dash, {what}", f">= {least}x", told, judged


_ENVIRONMENT: Final[Mapping[str, str]] = {**os.environ, **_QUIET, "K6_WEB_DASHBOARD": "false"}


def _script(seconds: float) -> tuple[str, ...]:
    """The script and its options. A variable LINES in the environment would be the height of the terminal."""
    return (str(SCRIPTS / "chatty.js"), "-e", f"LINES={LINES}", "-e", f"SLEEP={SLEEP}", "-e", f"DUR={seconds:.0f}s")


def _iterations(summary: bytes) -> float:
    found = _ITERATIONS.search(summary)
    if found is None:
        raise AssertionError(f"k6 printed no summary: {summary[-400:]!r}")
    return float(found[1])


def _alone(k6: str) -> float:
    """Iterations of a k6 whose log goes into a file, as k6dash has it, and that nobody watches."""
    with tempfile.TemporaryFile() as log:
        done = subprocess.run(
            [k6, "run", "--address", "", "--log-format", "json", *_script(SECONDS)],
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            check=True,
        )
    return _iterations(done.stdout)


def _beside_k6dash(k6: str) -> float:
    """Iterations of the same under k6dash, which shows its log."""
    with _watched(k6, SECONDS) as (terminal, state):
        terminal.press("7")
        terminal.wait_for_bytes(rb"back to the charts", timeout=3 * SECONDS)
        (output,) = state.glob("k6dash/runs/*/stdout.txt")
        return _iterations(output.read_bytes())


@contextmanager
def _watched(k6: str, seconds: float) -> Generator[tuple[Terminal, Path]]:
    with tempfile.TemporaryDirectory() as state:
        environment = {**_ENVIRONMENT, "XDG_STATE_HOME": state}
        command = [*K6DASH, "run", "--k6", k6, "--no-events", *_script(seconds)]
        with open_terminal(command, 120, 40, environment, is_watched=False) as terminal:
            terminal.wait_for_bytes(rb"running", timeout=SECONDS)
            try:
                yield terminal, Path(state)
            finally:
                for pid in Path(state).glob("k6dash/runs/*/pid"):
                    subprocess.run(["kill", "-9", pid.read_text().strip()], check=False, stderr=subprocess.DEVNULL)


def _key_to_bytes(terminal: Terminal, key: str, pattern: bytes) -> float:
    since, pressed = len(terminal.raw), CLOCK.now()
    terminal.press(key)
    seen = terminal.wait_for_bytes(pattern, since)
    measure.sleep(0.3)
    return seen - pressed

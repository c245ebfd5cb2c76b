"""What can be measured of a program from outside: times to what it paints, its CPU, its memory."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from dashboard.clock import SystemClock
from tests.harness.terminal import Terminal

CLOCK: Final = SystemClock()
TICKS: Final = os.sysconf("SC_CLK_TCK")

Row = tuple[str, str, str, str]
"""What was measured, its budget, what was reached, and whether that is within it."""


def median(values: Sequence[float]) -> float:
    """The middle of ``values``."""
    return statistics.median(values)


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def time_of(command: Sequence[str]) -> float:
    """Seconds that a command takes from its start to its end."""
    started = CLOCK.now()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return CLOCK.now() - started


def alternately(rounds: int, *measures: Callable[[], float]) -> list[float]:
    """The median of each measure, taken in turns so that all see the same machine."""
    taken = [[measure() for measure in measures] for _ in range(rounds)]
    return [median(column) for column in zip(*taken, strict=True)]


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used so far, in user and system mode."""
    statistics_file = Path(f"/proc/{pid}/stat")
    if statistics_file.exists():
        fields = statistics_file.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    clock = subprocess.run(["ps", "-o", "time=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    seconds = 0.0
    for part in clock.strip().replace("-", ":").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def cpu_share(terminal: Terminal, seconds: float) -> float:
    """The share of one core that a program uses while nobody touches it."""
    before, started = cpu_seconds(terminal.process.pid), CLOCK.now()
    sleep(seconds)
    return (cpu_seconds(terminal.process.pid) - before) / (CLOCK.now() - started)


def rss_megabytes(pid: int) -> float:
    """Resident memory of a process."""
    kilobytes = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    return int(kilobytes) / 1024


def sleep(seconds: float) -> None:
    """Let the measured program run."""
    import time

    time.sleep(seconds)


def verdict(value: float, most: float) -> str:
    """Whether a budget is kept."""
    return "kept" if value <= most else "EXCEEDED"


def ratio(what: str, value: float, base: float, most: float, unit: str = "ms") -> Row:
    """A row about something that may cost so many times as much as its base."""
    scale = 1000 if unit == "ms" else 1
    reached = f"{value / base:.2f}x ({value * scale:.0f} of {base * scale:.0f} {unit})"
    return what, f"<= {most:g}x", reached, verdict(value / base, most)


def absolute(what: str, value: float, most: float, unit: str) -> Row:
    """A row about something with a bound of its own."""
    return what, f"<= {most:g} {unit}", f"{value:.2f} {unit}", verdict(value, most)

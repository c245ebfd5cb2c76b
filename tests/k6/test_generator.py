"""The generator screen on real k6s: one without CPU to spare is called suspect, one at rest is not."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dashboard.api.address import parse_target
from dashboard.clock import SystemClock
from dashboard.model.process import Figure, Local, Told
from dashboard.model.run_history import RunHistory
from dashboard.model.verdict import Cause, Level, Verdict, gather, judge
from dashboard.session import Session
from dashboard.sources.base import Reading
from dashboard.targets import live_source
from tests.e2e.command import open_cockpit
from tests.harness.k6 import K6Binary, RunningK6, start_k6
from tests.harness.sessions import under_way
from tests.harness.waiting import PATIENCE, eventually

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("taskset") is None, reason="cores are given out by Linux's taskset"
)

LONG = 4 * PATIENCE
"""k6 begins to work in a moment where it is left any CPU; here it is meant to be short of it."""
BOUND_CORE = 0


@pytest.fixture
def bound(tmp_path: Path) -> Callable[[K6Binary], Path]:
    """Makes a program that runs a k6 on one core alone."""

    def make(binary: K6Binary) -> Path:
        program = tmp_path / "k6"
        program.write_text(f'#!/bin/sh\nexec taskset -c {BOUND_CORE} {binary.path} "$@"\n')
        program.chmod(0o755)
        return program

    return make


class Eyes:
    """A session on a k6 of this machine, as the command line makes it."""

    def __init__(self, running: RunningK6) -> None:
        self.readings: list[Reading] = []
        clock = SystemClock()
        source = live_source(parse_target(running.address), (), clock, 0.5)
        self.session = Session([source], clock)
        self.session.listeners.append(self.readings.append)

    @property
    def run(self) -> RunHistory:
        return next(iter(self.session.histories.values())).run

    @property
    def verdict(self) -> Verdict:
        return judge(gather(self.run, None))

    @property
    def looks_at_the_process(self) -> int:
        return sum(document.endpoint == "/metrics" for reading in self.readings for document in reading.documents)

    async def until(self, happened: Callable[[], bool], what: str) -> None:
        await eventually(happened, LONG, what=what, seen=lambda: self.verdict)


@asynccontextmanager
async def watching(running: RunningK6) -> AsyncGenerator[Eyes]:
    eyes = Eyes(running)
    async with under_way(eyes.session):
        yield eyes


def test_the_screen_calls_a_k6_on_one_saturated_core_suspect(
    k6: K6Binary, bound: Callable[[K6Binary], Path], target_server: str
) -> None:
    with start_k6(bound(k6), "hot.js", env={"TARGET": target_server}) as running:
        running.wait_for_status(7, timeout=LONG)
        with open_cockpit("--target", running.address) as cockpit:
            cockpit.wait_state("running", timeout=LONG)
            cockpit.press("4")
            cockpit.terminal.wait_for("✗ Suspect:", LONG)
            assert "the 1 core" in cockpit.screen
            assert "generator suspect" in cockpit.screen.splitlines()[0]
            cockpit.press("5")
            cockpit.terminal.wait_for("generator suspect", LONG)


def test_the_screen_calls_an_idle_k6_fine(k6: K6Binary, target_server: str) -> None:
    with start_k6(k6, "idle.js", "-e", "TOKEN=hunter2", env={"TARGET": target_server}) as running:
        running.wait_for_status(7, timeout=LONG)
        with open_cockpit("--target", running.address) as cockpit:
            cockpit.wait_state("running", timeout=LONG)
            cockpit.press("4")
            cockpit.terminal.wait_for("✓ Fine: k6 uses", LONG)
            screen = cockpit.terminal.wait_for("idle.js", LONG)
            assert "suspect" not in screen
            assert "hunter2" not in screen
            assert f"pid {running.process.pid}" in cockpit.terminal.wait_for("pid", LONG)


async def test_a_saturated_core_is_known_with_the_second_look_within_ten_seconds(
    k6: K6Binary, bound: Callable[[K6Binary], Path], target_server: str
) -> None:
    with start_k6(bound(k6), "hot.js", env={"TARGET": target_server}) as running:
        running.wait_for_status(7, timeout=LONG)
        async with watching(running) as eyes:
            await eyes.until(lambda: eyes.verdict.evidence.cpu is not None, "k6's CPU")
            # What is not saturated by itself is so with others beside it, which only the machine can tell.
            await eyes.until(lambda: eyes.verdict.is_suspect, "a verdict")
            assert {finding.cause for finding in eyes.verdict.findings} & {Cause.CPU, Cause.STARVED}
            assert eyes.verdict.evidence.cores == 1.0
            assert eyes.looks_at_the_process <= 3


async def test_a_k6_that_is_bound_to_a_core_while_it_runs_is_judged_by_that_core(
    k6_v2: K6Binary, target_server: str
) -> None:
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        pytest.skip("one core is all there is")
    with start_k6(k6_v2, "idle.js", env={"TARGET": target_server}) as running:
        running.wait_for_status(7, timeout=LONG)
        for thread in Path(f"/proc/{running.process.pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {allowed[0]})
        async with watching(running) as eyes:
            await eyes.until(lambda: eyes.verdict.evidence.local is Local.FOUND, "the process table")
            generator = eyes.run.generator
            assert generator.value(Figure.ALLOWED_CORES, generator.last) == 1.0
            assert generator.value(Figure.CORES, generator.last) == os.cpu_count()
            assert eyes.verdict.evidence.cores == 1.0


async def test_dropped_iterations_are_the_verdict_where_nothing_else_is_short(k6: K6Binary) -> None:
    with start_k6(k6, "arrival.js") as running:
        running.wait_for_status(7, timeout=LONG)
        async with watching(running) as eyes:
            await eyes.until(lambda: eyes.verdict.level is Level.SUSPECT, "a verdict")
            assert Cause.DROPPED in {finding.cause for finding in eyes.verdict.findings}
            # The first iterations end half a second after they began: until then Little's law has nothing to count.
            await eyes.until(lambda: eyes.verdict.evidence.are_all_vus_busy, "all VUs busy")
            await eyes.until(lambda: 4.0 < (eyes.verdict.evidence.busy_vus or 0.0) < 6.0, "about five VUs at work")


async def test_a_real_k6_tells_wholly_and_nothing_of_its_command_line_is_kept(k6: K6Binary, target_server: str) -> None:
    with start_k6(k6, "idle.js", "-e", "TOKEN=hunter2", env={"TARGET": target_server}) as running:
        running.wait_for_status(7, timeout=LONG)
        async with watching(running) as eyes:
            await eyes.until(lambda: eyes.run.generator.script is not None, "the script's name")
            assert eyes.run.generator.told is Told.WHOLLY
            assert (eyes.run.generator.script or "").endswith("idle.js")
            bodies = [document.body for reading in eyes.readings for document in reading.documents]
            assert any(b"memstats" in body for body in bodies)
            assert not any(b"hunter2" in body for body in bodies)

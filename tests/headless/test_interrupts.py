"""Ctrl-C on a ``k6dash run`` without a screen: it is k6's, whether or not anybody hears what k6dash says of it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

from tests.harness.terminal import K6DASH
from tests.harness.waiting import PATIENCE, wait_until

INTERRUPTED: Final = 105
FAKE: Final = f"""#!{sys.executable}
import signal, sys

if sys.argv[1] != "run":
    sys.exit(1)

heard = 0

def hear(number, frame):
    global heard
    heard += 1
    print("heard", heard, file=sys.stderr, flush=True)

signal.signal(signal.SIGINT, hear)
print("ready", file=sys.stderr, flush=True)
while heard < 2:
    signal.pause()
sys.exit({INTERRUPTED})
"""
"""What k6 is to k6dash that has not answered yet: the first interrupt it takes gracefully, the second ends it."""


@pytest.fixture
def k6(tmp_path: Path) -> Path:
    program = tmp_path / "k6"
    program.write_text(FAKE)
    program.chmod(0o755)
    return program


@contextmanager
def full_pipe() -> Generator[int]:
    """The end to write to of a pipe into which nothing more fits, and that nobody reads."""
    read, write = os.pipe()
    try:
        os.set_blocking(write, False)
        with suppress(BlockingIOError):
            while True:
                os.write(write, b"x")
        os.set_blocking(write, True)  # of the pipe itself, which the process is given full
        yield write
    finally:
        os.close(read)
        os.close(write)


def log_of(state: Path) -> str:
    """What the fake k6 has written on its standard error so far."""
    return "".join(path.read_text() for path in state.glob("k6dash/runs/*/stderr.txt"))


def hears(pid: int) -> bool:
    """Whether k6dash has handlers of its own for signals; that of SIGQUIT, which Python leaves alone, is the last."""
    caught = re.search(r"^SigCgt:\s*([0-9a-f]+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert caught is not None
    return bool(int(caught[1], 16) >> (signal.SIGQUIT - 1) & 1)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
@pytest.mark.parametrize("talk", ["full", "closed"])
def test_ctrl_c_reaches_k6_each_time_where_nobody_hears_of_it(talk: str, k6: Path, tmp_path: Path) -> None:
    words = [*K6DASH, "run", "--k6", os.fspath(k6), "--headless", "--no-events", "a.js"]
    if talk == "closed":
        words = ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", *words]
    with (
        full_pipe() as full,
        subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=full,
            env={**os.environ, "XDG_STATE_HOME": os.fspath(tmp_path)},
        ) as process,
    ):
        try:
            wait_until(lambda: log_of(tmp_path) == "ready\n", what="the fake k6")
            wait_until(lambda: hears(process.pid), what="k6dash's handlers")
            process.send_signal(signal.SIGINT)
            wait_until(lambda: log_of(tmp_path) == "ready\nheard 1\n", what="the first interrupt")
            assert process.poll() is None, "k6 goes on, and so does k6dash"
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE) == INTERRUPTED
        finally:
            process.kill()
    assert log_of(tmp_path) == "ready\nheard 1\nheard 2\n"

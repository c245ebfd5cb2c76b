"""Two recorded runs of one script against a real k6: what got slower is called so, and what did not is not."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashboard.cli import main
from tests.harness.k6 import K6Binary, start_k6
from tests.harness.terminal import K6DASH
from tests.harness.waiting import PATIENCE

SECONDS = 24
"""So long that seconds which resemble those before them can be taken together, and still be enough."""
WAIT, LONGER = 80, 120
"""Milliseconds that the server takes: so long that a busy machine adds little."""


def recorded(k6: K6Binary, target: str, path: Path, wait: int) -> Path:
    """A run against a server that takes so long, recorded from its start to its end."""
    env = {"TARGET": target, "WAIT": str(wait), "DUR": f"{SECONDS}s"}
    with start_k6(k6, "waits.js", "--linger", env=env) as running:
        command = [*K6DASH, "record", "-t", running.address, "-i", "0.5", "-o", str(path), "--until", "ended"]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS + 3 * PATIENCE, check=False
        )
        assert done.returncode == 0, done.stderr
    return path


def test_a_slower_server_is_a_regression_and_the_same_one_is_none(
    k6: K6Binary, target_server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(name: str, wait: int) -> Path:
        return recorded(k6, target_server, tmp_path / name, wait)

    with ThreadPoolExecutor() as beside:
        before, same, slower = beside.map(run, ("a", "b", "c"), (WAIT, WAIT, LONGER))
    assert main(["diff", str(before), str(slower), "--fail-on-regression", "10%"]) == 99
    out, _ = capsys.readouterr()
    rows = {tuple(line.split()[:2]): line for line in out.splitlines()}
    # On a busy machine seconds may resemble those before them so much that too few independent ones are left to judge
    # the durations by; the requests that were not made are then judged all the same.
    assert any("worse" in row for row in (rows["http_req_duration", "avg"], rows["http_reqs", "rate"])), out
    assert all("> 10%" in rows["http_req_duration", name] for name in ("avg", "med", "p(90)", "p(95)")), out
    assert main(["diff", str(slower), str(before), "--fail-on-regression", "10%"]) == 0
    assert "better" in capsys.readouterr().out
    # A percentile counts by its size alone, and a busy machine moves it: a third is what the server adds above.
    assert main(["diff", str(before), str(same), "--fail-on-regression", "30%"]) == 0

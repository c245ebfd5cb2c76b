"""A real k6 recorded, and the recorder killed in the middle."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

from dashboard.clock import SystemClock
from dashboard.model.run import State
from dashboard.replay import ReplaySession
from dashboard.sources.base import Reading
from dashboard.sources.record_file import Recording
from tests.harness.k6 import K6Binary, start_k6
from tests.harness.terminal import K6DASH
from tests.harness.waiting import wait_until

INTERVAL = 0.2
LOOKS = 15


def looks_in(path: Path) -> list[Reading]:
    """The looks that are in the file by now."""
    if not path.exists() or not path.stat().st_size:
        return []
    return [entry for entry in Recording(path).entries() if isinstance(entry, Reading) and entry.documents]


async def test_a_replay_shows_every_look_until_the_recorder_was_killed(
    k6: K6Binary, target_server: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.ndjson.gz"
    with start_k6(k6, "plain.js", env={"TARGET": target_server, "DUR": "60s"}) as running:
        running.wait_for_status(7)
        command = [*K6DASH, "record", "-t", running.address, "-i", str(INTERVAL), "-o", str(path)]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            wait_until(lambda: len(looks_in(path)) >= LOOKS, what="looks in the file")
            killed_at = SystemClock().now()
            process.kill()
        metrics = running.api("GET", "/v1/metrics").document["data"]
        counted = next(each for each in metrics if each["id"] == "http_reqs")["attributes"]["sample"]["count"]
    looks = looks_in(path)
    assert len(looks) >= LOOKS
    assert looks[-1].at > killed_at - 1.0, "nothing before the last second is lost"
    # A machine under load looks less often than it was told to; none of the looks is missing in between.
    assert max(later.at - look.at for look, later in pairwise(looks)) < 5.0
    session = ReplaySession(Recording(path), SystemClock())
    await session.run()
    history = session.histories[session.target]
    assert history.looks == len(looks)
    assert "without having been closed" in session.reel.trouble
    assert history.run.state_at(looks[-1].at) is State.RUNNING
    counts = [history.run.value("http_reqs", "count", look.at) or 0.0 for look in looks]
    assert counts == sorted(counts)
    assert 0 < counts[-1] <= counted

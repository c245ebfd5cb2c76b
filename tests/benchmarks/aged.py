"""k6dash as it is after long: ``python -m tests.benchmarks.aged ADDRESS SECONDS METRICS INTERVAL``.

The past is fed to the session at once, a reading a second; then the real app goes on with the k6 at ``ADDRESS``.
"""

from __future__ import annotations

import asyncio
import sys

from dashboard.api.address import parse_target
from dashboard.clock import SystemClock
from dashboard.session import Session
from dashboard.sources.base import Document, Reading
from dashboard.targets import live_source
from dashboard.tui.app import K6DashApp
from tests.benchmarks import documents


def feed(session: Session, target: str, seconds: int, count: int) -> None:
    """Let a session have watched a run with ``count`` metrics for ``seconds``, until now."""
    began = session.clock.now() - seconds
    for second in range(1, seconds):
        status = documents.body(documents.status(second, 10, is_paused=False, is_stopped=False))
        metrics = documents.body(documents.metrics(second, 10, count))
        answers = (Document("/v1/status", 200, status, 0.001), Document("/v1/metrics", 200, metrics, 0.002))
        session.observe(Reading(target, began + second, answers))


async def main(address: str, seconds: int, count: int, interval: float) -> None:
    """Run the app on a session with a past."""
    clock = SystemClock()
    target = parse_target(address)
    session = Session([live_source(target, (), clock, interval)], clock)
    feed(session, target.label, seconds, count)
    try:
        await K6DashApp(session, clock, interval=interval).run_async()
    finally:
        await session.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))

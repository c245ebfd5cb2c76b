"""Runs ``serve`` in a process of its own, for tests that need its signals and its exit code."""

from __future__ import annotations

import asyncio
import json
import sys

from dashboard.clock import SystemClock
from dashboard.simulation.engine import Engine
from dashboard.simulation.faults import parse_faults
from dashboard.simulation.profile import Profile
from dashboard.simulation.scenario_file import load_scenario
from dashboard.simulation.serve import serve


def main() -> int:
    """Serve as the one argument, a JSON object, says."""
    wanted = json.loads(sys.argv[1])
    engine = Engine(
        load_scenario(wanted.get("scenario", "steady")),
        Profile(wanted.get("profile", "v1-external")),
        seed=1,
        clock=SystemClock(),
        speed=wanted.get("speed", 1.0),
        paused=wanted.get("paused", False),
        linger=wanted.get("linger", False),
    )
    faults = parse_faults(wanted.get("faults", [])) if wanted.get("faults") else None
    return asyncio.run(serve(engine, host="127.0.0.1", port=0, faults=faults, announce=announce))


def announce(address: str) -> None:
    """Say where, as one line."""
    sys.stdout.write(address + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""A process that records a simulated k6 and says on stdout what it saw, before it is recorded: to be killed.

``python -m tests.record.killable FILE INTERVAL SCENARIO``
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from dashboard.clock import SystemClock
from dashboard.model.asking import Asking
from dashboard.record import Recordist
from dashboard.simulation.engine import Engine
from dashboard.simulation.faults import parse_faults
from dashboard.simulation.profile import Profile
from dashboard.simulation.rest import create_app
from dashboard.simulation.scenario_file import load_scenario
from dashboard.sources.base import Note, Reading, Source
from dashboard.sources.recorder import moment_of
from dashboard.targets import simulated_source

STDOUT: Final = 1


class Announced:
    """A live source that tells of each reading before anybody has it."""

    def __init__(self, source: Source) -> None:
        self.target = source.target
        self._source = source

    @property
    def groups_asking(self) -> Asking | None:
        """As the other source says."""
        return self._source.groups_asking

    async def readings(self) -> AsyncIterator[Reading | Note]:
        """The readings of the other source."""
        async for reading in self._source.readings():
            os.write(STDOUT, f"{moment_of(reading)!r}\n".encode())
            yield reading


def main() -> None:
    """Record until killed."""
    path, interval, scenario = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    clock = SystemClock()
    engine = Engine(load_scenario(scenario), Profile.V1_EXTERNAL, seed=1, clock=clock, speed=20.0)
    source = simulated_source(scenario, lambda: create_app(engine, parse_faults(())), clock, interval)
    recordist = Recordist(Announced(source), clock, interval, path, lambda _: None)
    asyncio.run(recordist.run())


if __name__ == "__main__":
    main()

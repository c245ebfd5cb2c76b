"""A simulated k6 in process, driven by a manual clock."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import httpx
import pytest

from dashboard.clock import ManualClock
from dashboard.simulation.engine import Engine
from dashboard.simulation.faults import parse_faults
from dashboard.simulation.profile import Profile
from dashboard.simulation.rest import create_app
from dashboard.simulation.scenario import Scenario
from dashboard.simulation.scenario_file import load_scenario

T = TypeVar("T")


class WakingClock(ManualClock):
    """A manual clock that can run until a task is done, whether or not its sleepers sleep again."""

    async def run(self, task: asyncio.Task[T]) -> T:
        """Wake sleepers in order, each at its moment, until ``task`` is done."""
        while not task.done():
            if self._sleepers:
                when, _, future = heapq.heappop(self._sleepers)
                self.set(when)
                if not future.done():
                    future.set_result(None)
            await asyncio.sleep(0)
        return task.result()


class Simulated:
    """One simulated k6 with a client."""

    def __init__(self, engine: Engine, clock: WakingClock, faults: tuple[str, ...]) -> None:
        self.engine = engine
        self.clock = clock
        self.app = create_app(engine, parse_faults(faults) if faults else None)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=self.app), base_url="http://k6")

    def wait(self, seconds: float) -> None:
        """Let time pass on the clock, nobody waiting for it."""
        self.clock.set(self.clock.now() + seconds)

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def status(self) -> dict[str, Any]:
        attributes: dict[str, Any] = (await self.get("/v1/status")).json()["data"]["attributes"]
        return attributes

    async def metrics(self) -> dict[str, dict[str, Any]]:
        return {each["id"]: each["attributes"] for each in (await self.get("/v1/metrics")).json()["data"]}

    async def patch(self, **attributes: Any) -> httpx.Response:
        body = {"data": {"attributes": {name.replace("_", "-"): value for name, value in attributes.items()}}}
        return await self.client.patch("/v1/status", json=body)


Make = Callable[..., Simulated]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    """Makes simulated k6s: ``make("steady", profile=..., seed=..., faults=(...))``."""
    made: list[Simulated] = []

    def build(
        scenario: str | Scenario = "steady",
        profile: Profile = Profile.V1_EXTERNAL,
        *,
        seed: int = 1,
        faults: tuple[str, ...] = (),
        **options: Any,
    ) -> Simulated:
        clock = WakingClock()
        loaded = load_scenario(scenario) if isinstance(scenario, str) else scenario
        made.append(Simulated(Engine(loaded, profile, seed=seed, clock=clock, **options), clock, faults))
        return made[-1]

    yield build
    for simulated in made:
        await simulated.client.aclose()

"""k6dash's own eyes and hands on a real k6, without a screen."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from dashboard.api.address import parse_target
from dashboard.api.client import Client
from dashboard.clock import SystemClock
from dashboard.model.history import TargetHistory
from dashboard.model.run import State
from dashboard.session import Session
from dashboard.sources.live import LiveSource
from tests.harness.sessions import under_way
from tests.harness.waiting import eventually


class Watch:
    """A session that follows one address."""

    def __init__(self, address: str, interval: float) -> None:
        self.clock = SystemClock()
        self.address = address
        self.source = LiveSource(address, self._open, self.clock, interval)
        self.session = Session([self.source], self.clock)

    async def _open(self) -> Client:
        return Client(parse_target(self.address), clock=self.clock)

    @property
    def history(self) -> TargetHistory:
        """What has been seen."""
        return self.session.histories[self.address]

    @property
    def titles(self) -> list[str]:
        """The titles of the events, oldest first."""
        return [event.title for event in self.history.events]

    async def state(self, *wanted: State) -> State:
        """Wait until the run is in one of these states."""
        await eventually(lambda: self.history.run.state() in wanted, what=f"{wanted}", seen=lambda: self.titles)
        return self.history.run.state()

    async def looks(self, count: int) -> None:
        """Wait for this many more looks."""
        until = self.history.looks + count
        await eventually(lambda: self.history.looks >= until, what="more looks", seen=lambda: self.titles)


@asynccontextmanager
async def watching(address: str, interval: float = 0.2) -> AsyncGenerator[Watch]:
    """Follow an address until the block ends."""
    watch = Watch(address, interval)
    async with under_way(watch.session):
        yield watch

"""A k6 whose states come one after another as it is looked at, on a clock that hurries through every wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx

from dashboard.api.address import parse_target
from dashboard.api.client import Client
from dashboard.clock import ManualClock
from dashboard.oneshot.deadline import Deadline
from dashboard.oneshot.report import Report
from tests.sources.fake import NEGATIVE_VUS, TARGET, FakeK6, Reply, refusal

Wish = dict[str, object]


class HastyClock(ManualClock):
    """Whoever waits has waited."""

    async def sleep(self, seconds: float) -> None:
        """Move on by ``seconds`` at once."""
        self.set(self.now() + max(0.0, seconds))
        await asyncio.sleep(0)


class K6(FakeK6):
    """Says of -1 VUs what a k6 v1 says that can set VUs, accepts what is wished, and moves on by a script."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = HastyClock()
        self.began = self.clock.now()
        self.on_wish: Callable[[Wish], Reply | Awaitable[Reply] | None] = lambda _: None
        self.looks: list[Wish | None] = []
        """What changes at each further look at the status; None is a k6 that has left."""
        self.after_patch: list[Wish | None] = []
        """The same, once something was wished."""
        self.wishes: list[Wish] = []
        self.on_patch = self._wish

    def _wish(self, attributes: Wish) -> Reply | Awaitable[Reply]:
        if attributes == {"vus": -1}:
            return self.probed
        self.wishes.append(attributes)
        self.looks = self.after_patch
        return self.on_wish(attributes) or (200, self.status_document)

    probed: Reply = refusal(NEGATIVE_VUS, code=400, title="Config update error")

    def client(self) -> Client:
        """A client whose network this k6 is."""
        return Client(parse_target(TARGET), clock=self.clock, transport=httpx.MockTransport(self._look))

    async def _look(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and request.url.path == "/v1/status" and self.looks:
            change = self.looks.pop(0)
            self.refuses_connections = change is None
            self.status.update(change or {})
        return await self._answer(request)


async def ask(
    k6: K6, question: Callable[[Client, Deadline], Awaitable[Report]], *, seconds: float | None = 60.0
) -> Report:
    """Put a question of one shot to ``k6``."""
    k6.began = k6.clock.now()
    async with k6.client() as client:
        return await question(client, Deadline(k6.clock, seconds))

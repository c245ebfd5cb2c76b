"""The hands on the VUs: many presses of a key become one request that starts from what k6 last confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dashboard.clock import Clock
from dashboard.model.action import Outcome, SetVUs
from dashboard.session import Session

GATHER = 0.3
"""Seconds in which presses are gathered, from the first one."""


class VUDial:
    """What the user wants the VUs of one target to be, until k6 has confirmed or refused it."""

    def __init__(self, session: Session, target: str, clock: Clock) -> None:
        self._session = session
        self._target = target
        self._clock = clock
        self._task: asyncio.Task[None] | None = None
        self.wanted: int | None = None
        """The number asked for and not confirmed yet; None when there is nothing under way."""
        self.on_outcome: Callable[[Outcome], None] | None = None

    @property
    def confirmed(self) -> int | None:
        """The VUs that k6 last said it runs, or will run when it goes on after a pause."""
        return self._session.histories[self._target].run.vus

    def turn(self, delta: int) -> None:
        """Want ``delta`` VUs more; less where it is negative, never below none."""
        base = self.wanted if self.wanted is not None else self.confirmed
        if base is not None:
            self.ask_for(max(0, base + delta))

    def ask_for(self, vus: int) -> None:
        """Want this many VUs. The request leaves when the presses of :data:`GATHER` have been gathered."""
        self.wanted = vus
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._send(), name=f"VUs of {self._target}")

    async def _send(self) -> None:
        try:
            await self._clock.sleep(GATHER)
            while self.wanted is not None and self.wanted != self.confirmed:
                vus = self.wanted
                status = self._session.histories[self._target].run.status
                # More VUs than k6 has initialised are refused unless it is told to initialise them too.
                more = status is not None and status.vus_max is not None and vus > status.vus_max
                outcome = await self._session.perform(self._target, SetVUs(vus, vus if more else None))
                if self.on_outcome is not None:
                    self.on_outcome(outcome)
                # What was pressed meanwhile started from the number that has just been refused.
                if outcome.verdict.is_bad or self.wanted == vus:
                    break
                await self._clock.sleep(GATHER)
        finally:
            self.wanted = None

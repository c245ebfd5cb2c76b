"""What a client may do to a run, and how k6 refuses: the part of k6's API that changes something.

Everything here follows the order in which k6 does it, since its changes are not atomic: a request that is
refused may have done its first half.
"""

from __future__ import annotations

import asyncio
from typing import Final

from dashboard.quick import dataclass
from dashboard.simulation.engine import Engine
from dashboard.simulation.executor import ConfigurationRefused
from dashboard.simulation.lifecycle import K6Exit, ScriptError
from dashboard.simulation.profile import Profile
from dashboard.simulation.scenario import Hook
from dashboard.simulation.status_patch import StatusPatch

_LONGEST_SLEEP: Final = 1.0
_SHORTEST_SLEEP: Final = 0.0005


@dataclass
class Refused(Exception):
    """k6 answers with its error document.

    Attributes:
        code: The HTTP status.
        title: k6's short name of the refusal.
        detail: k6's explanation.
    """

    code: int
    title: str
    detail: str


class Control:
    """The controls of one engine; those that k6 hands to its executor wait for each other."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._executor = asyncio.Lock()

    async def patch_status(self, patch: StatusPatch) -> None:
        """Do what ``PATCH /v1/status`` asks: a stop alone, or else first the pause, then the VUs.

        Raises:
            Refused: k6 refuses; what came before the refused part is done.
        """
        if patch.stopped:
            self._engine.abort(K6Exit.STOPPED_FROM_REST_API)
            return
        if patch.paused.valid:
            await self._set_paused(bool(patch.paused.value))
        if patch.vus.valid or patch.vus_max.valid:
            await self._set_vus(
                patch.vus.value if patch.vus.valid else None,
                patch.vus_max.value if patch.vus_max.valid else None,
            )

    async def _set_paused(self, paused: bool) -> None:
        """k6's ``Scheduler.SetPaused``."""
        engine = self._engine
        if not engine.has_started and engine.is_paused:
            if paused:
                raise Refused(500, "Pause error", "execution is already paused")
            engine.resume_before_start()
            return
        if not engine.profile.is_external:
            run = engine.scenario.run
            who = f"{run.executor} executor '{run.name}'"
            detail = f"{who} doesn't support pause and resume operations after its start"
            raise Refused(500, "Pause error", detail)
        if not engine.executor.has_started:
            detail = "cannot pause the externally controlled executor before it has started"
            raise Refused(500, "Pause error", detail)
        async with self._executor:
            await self._hang_if_nobody_listens()
            if paused and engine.is_paused:
                raise Refused(500, "Pause error", "test execution was already paused")
            if not paused and not engine.is_paused:
                raise Refused(500, "Pause error", "test execution wasn't paused")
            if not paused:
                engine.resume()
                return
            engine.executor.begin_pause()
            while engine.executor.is_pausing:
                await self._sleep(engine.seconds_to_next_event())
                engine.advance()

    async def _set_vus(self, vus: int | None, max_vus: int | None) -> None:
        """k6's ``ExternallyControlled.UpdateConfig``."""
        engine = self._engine
        if engine.external is None:
            detail = "an externally-controlled executor needs to be configured for live configuration updates"
            if engine.profile is Profile.V2:
                detail = "live VU configuration updates are not supported"
            raise Refused(500, "Execution config error", detail)
        try:
            new_vus, new_max = engine.external.check(vus, max_vus)
        except ConfigurationRefused as refusal:
            raise Refused(400, "Config update error", str(refusal)) from None
        async with self._executor:
            if engine.executor.has_started:
                await self._hang_if_nobody_listens()
            engine.configure(new_vus, new_max)

    async def run_setup(self) -> None:
        """``POST /v1/setup``: run setup() now, and wait for it.

        Raises:
            Refused: it throws.
        """
        await self._run_hook(self._engine.scenario.setup, "setup")

    async def run_teardown(self) -> None:
        """``POST /v1/teardown``: run teardown() now, and wait for it.

        Raises:
            Refused: it throws.
        """
        await self._run_hook(self._engine.scenario.teardown, "teardown")

    async def _run_hook(self, hook: Hook | None, name: str) -> None:
        if hook is None:
            return
        engine = self._engine
        until = engine.now + hook.seconds
        while engine.now < until and not engine.is_gone:
            await self._sleep((until - engine.now) / engine.speed)
            engine.advance()
        try:
            engine.run_hook(hook, f"::{name}")
        except ScriptError as error:
            raise Refused(500, f"Error executing {name}", str(error)) from None

    async def _sleep(self, seconds: float) -> None:
        await self._engine.clock.sleep(min(_LONGEST_SLEEP, max(_SHORTEST_SLEEP, seconds)))

    async def _hang_if_nobody_listens(self) -> None:
        """k6 hands a change to its executor and waits, even when the executor has ended: then for ever."""
        while self._engine.executor.has_ended:
            await asyncio.Event().wait()

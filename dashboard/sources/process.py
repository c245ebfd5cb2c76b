"""When k6 is asked about its own process, and what of the answers is kept.

Telling of itself costs k6 little, but not nothing: about a millisecond each time. So it is asked every few seconds, one
question after the other between those about the test, and no more where it has nothing to say.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from dashboard.api import decode, encode
from dashboard.api.process import without_secrets
from dashboard.clock import Clock
from dashboard.errors import ApiError, Undecodable
from dashboard.sources.base import Document

EVERY = 5.0
"""Seconds between two questions about the process: two of them make a verdict within ten seconds."""
VARS_EVERY = 30.0
"""Seconds between two questions for what changes slowly, where ``/metrics`` has the rest."""
LONGEST_REST = 60.0
"""Seconds of rest, at most, after a question that was not answered."""
TIMEOUT = 2.0
_SLACK = 0.05
"""Share of the cadence by which a look may come early and still count as due."""

Ask = Callable[[str, float], Awaitable[Document]]
"""GETs a path of k6, with a time limit."""


class Prober(Protocol):
    """Something that knows the machine k6 runs on."""

    async def probe(self) -> Document | None:
        """What the machine tells of the process since the last time, as a document; None where it tells nothing."""
        ...


class NoProber:
    """Knows nothing: k6 runs somewhere else."""

    async def probe(self) -> Document | None:
        """Nothing."""
        return None


class ProcessWatch:
    """Asks about the process that makes the load, at its own cadence, as part of somebody's looks."""

    def __init__(self, clock: Clock, prober: Prober) -> None:
        self._clock = clock
        self._prober = prober
        self._due = 0.0
        self._rest = EVERY
        self._has_metrics = True
        self._has_vars = True
        self._vars_due = 0.0
        self._was_asked = self._is_warm = False

    def forget(self) -> None:
        """Another k6 answers now, perhaps of another version."""
        self._due, self._rest, self._vars_due = 0.0, EVERY, 0.0
        self._has_metrics = self._has_vars = True
        self._was_asked = False

    async def look(self, ask: Ask) -> list[Document]:
        """Ask what is due. A question without an answer brings nothing, and is no outage: the test is not touched."""
        now = self._clock.now()
        if now < self._due - _SLACK * EVERY:
            if not self._is_warm:
                # The first frame waits for the first look: whatever has to be loaded is loaded with the second.
                self._is_warm = True
                await self._prober.probe()
            return []
        documents: list[Document] = []
        answered = True
        if self._has_metrics:
            answered = await self._ask_metrics(ask, documents)
        vars_are_due = now >= self._vars_due - _SLACK * VARS_EVERY and (self._was_asked or not self._has_metrics)
        if answered and self._has_vars and vars_are_due:
            await self._ask_vars(ask, documents)
            self._vars_due = now + (VARS_EVERY if self._has_metrics else EVERY)
        if self._was_asked:
            self._is_warm = True
            probed = await self._prober.probe()
            documents += [] if probed is None else [probed]
        if answered:
            self._due = self._due + EVERY if self._due + EVERY > now else now + EVERY
            self._rest = EVERY
        else:
            self._rest = min(2 * self._rest, LONGEST_REST)
            self._due = now + self._rest
        self._was_asked = True
        return documents

    async def _ask_metrics(self, ask: Ask, documents: list[Document]) -> bool:
        try:
            document = await ask(encode.PROCESS_METRICS, TIMEOUT)
        except ApiError:
            return False
        documents.append(document)
        try:
            refused = decode.refusal(document.endpoint, document.status_code, document.body) is not None
            self._has_metrics = not refused and bool(decode.prometheus(document.body))
        except Undecodable:
            self._has_metrics = False
        return True

    async def _ask_vars(self, ask: Ask, documents: list[Document]) -> None:
        try:
            document = await ask(encode.DEBUG_VARS, TIMEOUT)
            if decode.refusal(document.endpoint, document.status_code, document.body) is not None:
                self._has_vars = False
                return
            body = without_secrets(document.body)
        except Undecodable:
            self._has_vars = False
        except ApiError:
            return
        else:
            documents.append(Document(document.endpoint, document.status_code, body, document.took))

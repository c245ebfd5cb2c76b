"""A headless sitting over a source that gives what the test puts into it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from dashboard.clock import ManualClock
from dashboard.headless.bond import Bond
from dashboard.headless.follow import Follower, Plan
from dashboard.headless.formats import FORMATS
from dashboard.headless.lines import Page
from dashboard.model.action import Action, Verb, Verdict
from dashboard.model.asking import Asking
from dashboard.model.capability import Capability, Control, capability
from dashboard.model.observation import Outage, OutageKind
from dashboard.model.run import RunStatus, State
from dashboard.session import Session
from dashboard.sources.base import Answer, Document, Reading
from tests.model.building import START, TARGET, Load

_TURNS = 50


class Fed:
    """A source whose readings come from the test."""

    target = TARGET
    cadence = 1.0

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Reading | None] = asyncio.Queue()
        self.performed: list[Action] = []
        self.groups_asking = Asking()
        self.on_action: Callable[[Action], Answer] = lambda _: Answer(Verdict.ACCEPTED, took=0.1)
        self.on_poke: Callable[[], None] = lambda: None

    async def readings(self) -> AsyncIterator[Reading]:
        while (reading := await self.queue.get()) is not None:
            yield reading

    def poke(self) -> None:
        self.on_poke()

    async def look_at_setup(self) -> Reading:
        return Reading(self.target, 0.0)

    def forget(self) -> None:
        pass

    def want_groups(self) -> None:
        pass

    def capability(self, verb: Verb, status: RunStatus | None, state: State) -> Capability:
        return capability(verb, Control.EXTERNAL, status, state)

    async def perform(self, action: Action, status: RunStatus | None) -> Answer:
        self.performed.append(action)
        return self.on_action(action)

    async def aclose(self) -> None:
        pass


class Paper:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.error: OSError | None = None
        self.texts: list[str] = []

    def write(self, text: str) -> None:
        self.texts.append(text)


class Sitting:
    """A follower, what it is shown, and what it wrote and said."""

    def __init__(self, plan: Plan | None = None, form: str = "lines", bond: Bond | None = None) -> None:
        self.clock = ManualClock(START)
        self.source = Fed()
        self.session = Session([self.source], self.clock)
        self.paper = Paper()
        self.said: list[str] = []
        self.load = Load()
        self.follower = Follower(
            self.session, TARGET, plan or Plan(), FORMATS[form](Page()), self.paper, self.said.append, bond
        )
        self.task = asyncio.ensure_future(self.follower.run())

    @property
    def lines(self) -> list[str]:
        return "".join(self.paper.texts).splitlines()

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    async def settle(self) -> None:
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    async def second(self, durations: Sequence[float] = (), failed: int = 0, **status: object) -> None:
        """A second passes with these requests, and k6 is looked at."""
        for place, duration in enumerate(durations):
            self.load.request(duration, failed=place < failed)
        self.load.elapsed += 1.0
        await self.look(**status)

    async def look(self, metrics: bool = True, /, **status: object) -> None:
        """A second of the machine's time later k6 answers."""
        await self.settle()
        self.clock.wake(1.0)
        self.source.queue.put_nowait(self.reading(metrics, **status))
        await self.settle()

    def reading(self, metrics: bool = True, /, **status: object) -> Reading:
        documents = [status_document(**status)]
        if metrics:
            documents.append(metrics_document(self.load))
        return Reading(TARGET, self.clock.now(), tuple(documents))

    async def told(self, *documents: Document) -> None:
        """Something comes beside the API."""
        await self.settle()
        self.clock.wake(0.1)
        self.source.queue.put_nowait(Reading(TARGET, self.clock.now(), documents))
        await self.settle()

    async def over(self) -> None:
        """The source has no more to give."""
        await self.settle()
        self.source.queue.put_nowait(None)
        await self.settle()

    async def silence(self, kind: OutageKind = OutageKind.TIMED_OUT, seconds: float = 1.0) -> None:
        """k6 does not answer."""
        await self.settle()
        self.clock.wake(seconds)
        self.source.queue.put_nowait(
            Reading(TARGET, self.clock.now(), failure=Outage(kind, "/v1/status", f"it is {kind}"))
        )
        await self.settle()

    async def passes(self, seconds: float) -> None:
        """Time goes by, in which nobody looks."""
        for _ in range(round(seconds)):
            self.clock.wake(1.0)
            await self.settle()

    async def ends(self) -> int:
        """The exit code, which has to be there by now."""
        await self.settle()
        assert self.task.done(), "it goes on"
        return self.task.result()


def status_document(**attributes: object) -> Document:
    known = {"status": 7, "paused": False, "vus": 3, "vus-max": 5, "stopped": False, "running": True, "tainted": False}
    body = {"data": {"type": "status", "id": "default", "attributes": {**known, **attributes}}}
    return Document("/v1/status", 200, json.dumps(body).encode(), 0.001)


def metrics_document(load: Load) -> Document:
    data = [
        {
            "type": "metrics",
            "id": metric.name,
            "attributes": {
                "type": str(metric.type),
                "contains": str(metric.contains),
                "tainted": metric.tainted,
                "sample": dict(metric.sample),
            },
        }
        for metric in load.metrics()
    ]
    return Document("/v1/metrics", 200, json.dumps({"data": data}).encode(), 0.004)

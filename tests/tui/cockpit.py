"""The app over a simulated k6, without a network and without a clock that runs: what is seen is final at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from textual.app import App
from textual.pilot import Pilot

from dashboard.clock import ManualClock
from dashboard.model.action import Action, Pause, Resume, SetVUs, Stop, Verb, Verdict
from dashboard.model.capability import Capability, Control, capability
from dashboard.model.observation import Outage, OutageKind
from dashboard.model.run import RunStatus, State
from dashboard.session import Session
from dashboard.simulation.engine import Engine
from dashboard.simulation.profile import Profile
from dashboard.simulation.rest import create_app
from dashboard.simulation.scenario import load_scenario
from dashboard.sources.base import Answer, Document, Reading
from dashboard.tui.app import K6DashApp
from dashboard.tui.glyphs import Glyphs
from tests.tui.times import START


@dataclass
class SteppedSource:
    """Looks at a simulated k6 when the test says so, and only then."""

    clock: ManualClock
    engine: Engine
    target: str = "sim:test"
    cadence: float = 1.0
    took: float = 0.0042
    control: Control = Control.EXTERNAL
    answers: dict[Verb, Answer] = field(default_factory=dict[Verb, Answer])
    """What k6 is to answer; what is not named is done by the simulation."""
    performed: list[Action] = field(default_factory=list[Action])
    gate: asyncio.Event | None = None
    """Where given, k6 answers an action only when it is set."""

    def __post_init__(self) -> None:
        transport = httpx.ASGITransport(app=create_app(self.engine))
        self._http = httpx.AsyncClient(transport=transport, base_url="http://k6")

    async def readings(self) -> AsyncIterator[Reading]:
        """Give nothing by itself."""
        await asyncio.Event().wait()
        yield Reading(self.target, 0.0)

    def poke(self) -> None:
        """Nothing: the test looks."""

    async def look(self) -> Reading:
        """One look at the simulated k6."""
        documents = [await self._get("/v1/status"), await self._get("/v1/metrics")]
        return Reading(self.target, self.clock.now(), tuple(documents))

    async def _get(self, endpoint: str) -> Document:
        answer = await self._http.get(endpoint)
        return Document(endpoint, answer.status_code, answer.content, self.took)

    def capability(self, verb: Verb, status: RunStatus | None, state: State) -> Capability:
        """As a live source would say."""
        return capability(verb, self.control, status, state)

    async def perform(self, action: Action, status: RunStatus | None) -> Answer:
        """Do it in the simulation, or answer as told."""
        self.performed.append(action)
        if self.gate is not None:
            await self.gate.wait()
        told = self.answers.get(action.verb)
        if told is not None:
            return told
        match action:
            case Pause():
                attributes: dict[str, object] = {"paused": True}
            case Resume():
                attributes = {"paused": False}
            case SetVUs(vus, None):
                attributes = {"vus": vus}
            case SetVUs(vus, vus_max):
                attributes = {"vus": vus, "vus-max": vus_max}
            case Stop():
                attributes = {"stopped": True}
        body = {"data": {"type": "status", "id": "default", "attributes": attributes}}
        answer = await self._http.patch("/v1/status", json=body)
        if answer.status_code == 200:
            return Answer(Verdict.ACCEPTED, took=0.001)
        return Answer(Verdict.REFUSED, answer.json()["errors"][0]["detail"])

    async def aclose(self) -> None:
        """Close the client."""
        await self._http.aclose()


@dataclass
class Cockpit:
    """The app, its pilot, and the hands on time."""

    app: K6DashApp
    pilot: Pilot[str]
    session: Session
    source: SteppedSource
    clock: ManualClock

    async def watch(self, polls: int, interval: float = 1.0) -> None:
        """Let that many polls happen."""
        for _ in range(polls):
            self.clock.set(self.clock.now() + interval)
            self.session.observe(await self.source.look())
        await self.pilot.pause()

    async def lose(self, kind: OutageKind = OutageKind.REFUSED, seconds: float = 1.0) -> None:
        """Let one look fail."""
        self.clock.set(self.clock.now() + seconds)
        failure = Outage(kind, "/v1/status", f"{kind} at {self.source.target}")
        self.session.observe(Reading(self.source.target, self.clock.now(), failure=failure))
        await self.pilot.pause()

    @property
    def text(self) -> str:
        """What is on the screen, as lines of text."""
        return screen_text(self.app)


def screen_text(app: App[str]) -> str:
    """The characters of the screen that is on top."""
    compositor = app.screen._compositor  # pyright: ignore[reportPrivateUsage] - Textual has no public way to the text
    return "\n".join("".join(segment.text for segment in line) for line in compositor.render_strips())


@asynccontextmanager
async def cockpit(
    scenario: str = "steady",
    *,
    profile: Profile = Profile.V1_EXTERNAL,
    size: tuple[int, int] = (120, 40),
    seed: int = 1,
    polls: int = 0,
    interval: float = 1.0,
    paused: bool = False,
    theme: str = "k6dash-dark",
    glyphs: Glyphs = Glyphs.BRAILLE,
    control: Control = Control.EXTERNAL,
) -> AsyncGenerator[Cockpit]:
    """The app over a simulated k6, after some polls."""
    clock = ManualClock(START)
    engine = Engine(load_scenario(scenario), profile, seed=seed, clock=clock, paused=paused, linger=True)
    source = SteppedSource(clock, engine, control=control)
    session = Session([source], clock)
    app = K6DashApp(session, clock, interval=interval, theme=theme, glyphs=glyphs)
    async with app.run_test(size=size, notifications=True) as pilot:
        result = Cockpit(app, pilot, session, source, clock)
        await result.watch(polls, interval)
        yield result
    await source.aclose()

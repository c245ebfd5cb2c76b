"""The app over a simulated k6, without a network and without a clock that runs: what is seen is final at once."""

from __future__ import annotations

import asyncio
import heapq
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from rich.segment import Segment
from textual.app import App
from textual.notifications import SeverityLevel
from textual.pilot import Pilot

from dashboard.api.address import parse_target
from dashboard.api.client import Client
from dashboard.clock import ManualClock
from dashboard.model.action import Action, Pause, Resume, RunSetup, RunTeardown, SetSetup, SetVUs, Stop, Verb, Verdict
from dashboard.model.asking import Asked, Asking
from dashboard.model.capability import Capability, Control, capability
from dashboard.model.observation import Outage, OutageKind
from dashboard.model.run import RunStatus, State
from dashboard.session import Session
from dashboard.simulation.engine import Engine
from dashboard.simulation.inspect import inspect_document
from dashboard.simulation.profile import Profile
from dashboard.simulation.rest import create_app
from dashboard.simulation.run_log import RunLog
from dashboard.simulation.scenario import Scenario
from dashboard.simulation.scenario_file import load_scenario
from dashboard.sources.base import Answer, Document, Reading
from dashboard.sources.process_documents import LOG, PLAN
from dashboard.sources.setup import look_at_setup, perform_on_setup
from dashboard.steering import GATHER
from dashboard.tui.app import K6DashApp
from dashboard.tui.glyphs import Glyphs
from dashboard.tui.keymap import read_keys
from tests.tui.times import START


class HandClock(ManualClock):
    """A clock moved by hand that does not expect those whom it wakes to sleep again."""

    def wake(self, seconds: float) -> None:
        """Move on by ``seconds`` and wake everybody whose time has come; they run when the test next waits."""
        self.set(self.now() + seconds)
        while self._sleepers and self._sleepers[0][0] <= self.now():
            _, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)


@dataclass(frozen=True)
class Notice:
    """What a toast said."""

    message: str
    title: str
    severity: SeverityLevel
    markup: bool


class RecordedApp(K6DashApp):
    """The app itself, which also remembers what it said."""

    notices: list[Notice]

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Say it, and remember it."""
        self.notices.append(Notice(message, title, severity, markup))
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)


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
    groups_asking: Asking = field(default_factory=Asking)
    looks: int = 0
    """Looks so far; every fifth is at the process too."""
    gate: asyncio.Event | None = None
    """Where given, k6 answers an action only when it is set."""

    def __post_init__(self) -> None:
        transport = httpx.ASGITransport(app=create_app(self.engine))
        self._http = httpx.AsyncClient(transport=transport, base_url="http://k6")
        self._client = Client(parse_target("k6:6565"), clock=self.clock, transport=transport)
        self.looks_at_setup = 0

    async def readings(self) -> AsyncIterator[Reading]:
        """Give nothing by itself."""
        await asyncio.Event().wait()
        yield Reading(self.target, 0.0)

    def poke(self) -> None:
        """Nothing: the test looks."""

    async def look(self) -> Reading:
        """One look at the simulated k6."""
        documents = [await self._get("/v1/status")]
        if self.looks % 5 == 0:
            documents += [await self._get("/metrics"), await self._get("/debug/vars/")]
        self.looks += 1
        documents.append(await self._get("/v1/metrics"))
        if self.groups_asking.asked is Asked.REGULARLY:
            documents.append(await self._get("/v1/groups"))
        return Reading(self.target, self.clock.now(), tuple(documents))

    async def _get(self, endpoint: str) -> Document:
        answer = await self._http.get(endpoint)
        return Document(endpoint, answer.status_code, answer.content, self.took)

    async def look_at_setup(self) -> Reading:
        """Look at the simulated k6's setup data."""
        self.looks_at_setup += 1
        return await look_at_setup(self._client, self.clock, self.target)

    def forget(self) -> None:
        """Nothing was learnt."""

    def want_groups(self) -> None:
        """Ask for them with every look, unless the test says otherwise."""
        if self.groups_asking.asked is Asked.UNWANTED:
            self.groups_asking = Asking(Asked.REGULARLY, every=10.0)

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
            case RunSetup() | SetSetup() | RunTeardown():
                return await perform_on_setup(self._client, self.clock, action)
        body = {"data": {"type": "status", "id": "default", "attributes": attributes}}
        answer = await self._http.patch("/v1/status", json=body)
        if answer.status_code == 200:
            return Answer(Verdict.ACCEPTED, took=0.001)
        return Answer(Verdict.REFUSED, answer.json()["errors"][0]["detail"])

    async def aclose(self) -> None:
        """Close the clients."""
        await self._http.aclose()
        await self._client.aclose()


@dataclass
class Cockpit:
    """The app, its pilot, and the hands on time."""

    app: RecordedApp
    pilot: Pilot[str]
    session: Session
    source: SteppedSource
    clock: HandClock

    async def watch(self, polls: int, interval: float = 1.0) -> None:
        """Let that many polls happen."""
        await observe(self.session, self.source, polls, interval)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Press keys, and let all that follows from them happen."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def steer(self, key: str) -> None:
        """Press a key, and wait until something is said about what came of it."""
        before = len(self.app.notices)
        await self.press(key)
        await self.until(lambda: len(self.app.notices) > before, wake=GATHER, poll=True)

    async def until(self, happened: Callable[[], bool], *, wake: float = 0.0, poll: bool = False) -> None:
        """Let time pass, with or without polls, until something has happened.

        Raises:
            AssertionError: it does not happen.
        """
        for _ in range(100):
            if happened():
                return
            self.clock.wake(wake)
            if poll:
                await self.watch(1)
            await self.pilot.pause()
        raise AssertionError(f"it did not happen; the screen shows:\n{self.text}")

    async def give(
        self,
        status: Mapping[str, object] | None = None,
        metrics: Mapping[str, Mapping[str, object]] | None = None,
        seconds: float = 1.0,
        more: Iterable[Document] = (),
    ) -> None:
        """Let one look see crafted answers: attributes of the status, attributes of metrics by name, and whole ones."""
        self.clock.set(self.clock.now() + seconds)
        documents = [
            _crafted("/v1/status", {"type": "status", "id": "default", "attributes": {**RUNNING, **(status or {})}})
        ]
        if metrics is not None:
            listed = [{"type": "metrics", "id": name, "attributes": each} for name, each in metrics.items()]
            documents.append(_crafted("/v1/metrics", listed))
        documents += more
        self.session.observe(Reading(self.source.target, self.clock.now(), tuple(documents)))
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

    @property
    def header(self) -> str:
        """The first two lines of the screen."""
        return "\n".join(self.text.splitlines()[:2])

    @property
    def keys(self) -> str:
        """The last line of the screen."""
        return self.text.splitlines()[-1]

    @property
    def said(self) -> str:
        """What the newest toast said, its title first."""
        return f"{self.app.notices[-1].title}: {self.app.notices[-1].message}" if self.app.notices else ""

    @property
    def said_so_far(self) -> int:
        """How many toasts there were."""
        return len(self.app.notices)


RUNNING: Mapping[str, object] = {
    "status": 7,
    "paused": False,
    "vus": 5,
    "vus-max": 10,
    "stopped": False,
    "running": True,
    "tainted": False,
}
"""The status of a test that runs."""


def _crafted(endpoint: str, data: object) -> Document:
    return Document(endpoint, 200, json.dumps({"data": data}).encode(), 0.002)


def screen_lines(app: App[str]) -> list[list[Segment]]:
    """The segments of the screen that is on top, line by line."""
    compositor = app.screen._compositor  # pyright: ignore[reportPrivateUsage] - Textual has no public way to the text
    return [list(line) for line in compositor.render_strips()]


def screen_text(app: App[str]) -> str:
    """The characters of the screen that is on top."""
    return "\n".join("".join(segment.text for segment in line) for line in screen_lines(app))


async def observe(session: Session, source: SteppedSource, polls: int, interval: float = 1.0) -> None:
    """Let a session see that many polls."""
    for _ in range(polls):
        source.clock.set(source.clock.now() + interval)
        session.observe(await source.look())
        written = source.engine.log.take() if source.engine.log is not None else b""
        if written:
            session.observe(Reading(source.target, source.clock.now(), (Document(LOG, 0, written, 0.0),)))


def assemble(
    scenario: str | Scenario = "steady",
    *,
    profile: Profile = Profile.V1_EXTERNAL,
    seed: int = 1,
    interval: float = 1.0,
    paused: bool = False,
    theme: str = "k6dash-dark",
    glyphs: Glyphs = Glyphs.BRAILLE,
    control: Control = Control.EXTERNAL,
    target: str = "sim:test",
    keys: Mapping[str, object] | None = None,
    plan: bool = False,
    logs: bool = False,
) -> tuple[RecordedApp, Session, SteppedSource, HandClock]:
    """The app over a simulated k6, not running yet."""
    clock = HandClock(START)
    chosen = load_scenario(scenario) if isinstance(scenario, str) else scenario
    log = RunLog(chosen, seed) if logs else None
    engine = Engine(chosen, profile, seed=seed, clock=clock, paused=paused, linger=True, log=log)
    source = SteppedSource(clock, engine, target=target, control=control)
    session = Session([source], clock)
    if plan:
        document = Document(PLAN, 0, inspect_document(chosen, profile), 0.0)
        session.observe(Reading(target, START, (document,)))
    app = RecordedApp(session, clock, interval=interval, theme=theme, glyphs=glyphs, keys=read_keys(keys or {}))
    app.notices = []
    return app, session, source, clock


@asynccontextmanager
async def cockpit(
    scenario: str | Scenario = "steady",
    *,
    size: tuple[int, int] = (120, 40),
    polls: int = 0,
    profile: Profile = Profile.V1_EXTERNAL,
    seed: int = 1,
    interval: float = 1.0,
    paused: bool = False,
    theme: str = "k6dash-dark",
    glyphs: Glyphs = Glyphs.BRAILLE,
    control: Control = Control.EXTERNAL,
    target: str = "sim:test",
    keys: Mapping[str, object] | None = None,
    plan: bool = False,
    logs: bool = False,
) -> AsyncGenerator[Cockpit]:
    """The app over a simulated k6; the first polls have happened before it appears."""
    app, session, source, clock = assemble(
        scenario,
        profile=profile,
        seed=seed,
        interval=interval,
        paused=paused,
        theme=theme,
        glyphs=glyphs,
        control=control,
        target=target,
        keys=keys,
        plan=plan,
        logs=logs,
    )
    await observe(session, source, polls, interval)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield Cockpit(app, pilot, session, source, clock)
    await source.aclose()

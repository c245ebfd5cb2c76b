"""Every screen of a replay is the one that was seen live at the same moment, whichever screens there are."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import cast

from textual.pilot import Pilot

from dashboard.api.command_line import without_secrets
from dashboard.api.encode import DEBUG_VARS
from dashboard.api.events import ENDPOINT as EVENTS
from dashboard.model.action import Action, Pause, Resume, RunSetup, SetSetup, SetVUs, Stop, Verb, Verdict
from dashboard.model.group_tree import tree
from dashboard.model.observation import Outage, OutageKind
from dashboard.replay import ReplaySession
from dashboard.session import Session
from dashboard.simulation.engine import Engine
from dashboard.simulation.event_stream import EventStream
from dashboard.simulation.profile import Profile
from dashboard.simulation.scenario_file import load_scenario
from dashboard.sources.base import Answer, Document, Reading
from dashboard.sources.process_documents import EXIT, LAUNCH, LOG, OUTPUT, PLAN
from dashboard.sources.record_file import Recording
from dashboard.tui.playhead import Replayed
from dashboard.tui.widgets.stage import PANES
from dashboard.view.lazy import LazyRows
from dashboard.view.log_lines import LogRows
from tests.tui.cockpit import HandClock, RecordedApp, SteppedSource
from tests.tui.times import START

SIZE = (120, 40)
SCENARIO = "errors"
Frames = dict[str, object]
"""What each screen shows, by its name."""

LAUNCHED = {"words": ["k6", "run", "s.js"], "pid": 7, "address": "a:1", "events": "a:2", "output": "o", "log": "l"}
INSPECTED = {
    "scenarios": {"main": {"executor": "constant-vus", "vus": 10, "duration": "2m", "gracefulStop": "30s"}},
    "thresholds": {"http_req_duration": ["p(95)<200"], "http_req_failed": ["rate<0.01"]},
    "totalDuration": "2m30s",
    "maxVUs": 10,
}


class Live:
    """A simulated k6 with all that can come of one, its session, and the recording of it."""

    def __init__(self, path: Path) -> None:
        self.clock = HandClock(START)
        self.source = self._started()
        self.session = Session([self.source], self.clock)
        self.app = RecordedApp(self.session, self.clock, interval=1.0)
        self.app.notices = []
        self.app.tape.begin(path)
        self.target = self.source.target

    def _started(self) -> SteppedSource:
        script, profile = load_scenario(SCENARIO), Profile.V1_EXTERNAL
        self.stream, self.heard = EventStream(script, profile), 0
        source = SteppedSource(
            self.clock, Engine(script, profile, seed=1, clock=self.clock, stream=self.stream, linger=True)
        )
        source.poke = lambda: self._looking.append(asyncio.ensure_future(self._look(0.0)))  # type: ignore[method-assign]
        self._looking: list[asyncio.Future[None]] = []
        return source

    def start_again(self) -> None:
        """Another k6 answers at the address."""
        following = self._started()
        following.groups_asking = self.source.groups_asking
        self.source = self.session.sources[self.target] = following

    async def _look(self, after: float) -> None:
        self.clock.set(self.clock.now() + after)
        seen = await self.source.look()
        # Of the command line less is recorded than k6 tells, and how much it tells is counted.
        documents = tuple(
            replace(each, body=without_secrets(each.body)) if each.endpoint == DEBUG_VARS else each
            for each in seen.documents
        )
        self.session.observe(replace(seen, documents=documents))
        self._hear()

    def _hear(self) -> None:
        """Take in what has come of the event stream."""
        told, self.heard = self.stream.since(self.heard)
        if told:
            self.beside(Document(EVENTS, 200, told, 0.0))

    async def watch(self, looks: int) -> None:
        """Let time pass, a look each second."""
        for _ in range(looks):
            await self._look(1.0)

    def beside(self, *documents: Document) -> None:
        """Something comes that is no answer of k6's API."""
        self.session.observe(Reading(self.target, self.clock.now(), documents))

    def say(self, level: str, message: str, **fields: str) -> None:
        """k6 writes a line into its log."""
        moment = "2023-11-14T22:13:30Z"
        self.beside(
            Document(LOG, 0, json.dumps({"time": moment, "level": level, "msg": message, **fields}).encode(), 0.0)
        )

    async def lose(self, kind: OutageKind) -> None:
        """A look fails, whatever the stream tells."""
        self.clock.set(self.clock.now() + 1.0)
        await self.source.look()  # the simulation goes on when it is asked; nobody hears its answer
        failure = Outage(kind, "/v1/status", f"it is {kind}")
        self.session.observe(Reading(self.target, self.clock.now(), failure=failure))
        self._hear()

    async def do(self, action: Action) -> None:
        """Act, with the looks that confirm it."""
        doing = asyncio.ensure_future(self.session.perform(self.target, action))
        for _ in range(200):
            await asyncio.sleep(0.001)
            if doing.done():
                break
            self.clock.wake(0.05)
        await asyncio.gather(doing, *self._looking)


def whole(value: object) -> object:
    """A frame as plain values: rows that are made when they are looked at are made, and a gap equals a gap."""
    if isinstance(value, LazyRows):
        rows = cast("LazyRows[object]", value)
        return [whole(rows.row(key)) for key in rows.keys]
    if isinstance(value, LogRows):
        return [whole(value.row(number)) for number in value.numbers]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: whole(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [whole(each) for each in cast("tuple[object, ...]", value)]
    return "gap" if isinstance(value, float) and math.isnan(value) else value


async def frames(app: RecordedApp, pilot: Pilot[str], at: float, *, may_ask: bool = False) -> Frames:
    """What every screen that there is shows of a moment; where it may, once it has what it asks for when it is seen."""
    app._selection = app._playhead._at(replace(app._selection, metric="http_req_duration"), at)  # pyright: ignore[reportPrivateUsage]
    seen: Frames = {}
    for names in (PANES, PANES) if may_ask else (PANES,):
        for name in names:
            await app.action_show(name)
            if may_ask:
                await pilot.pause()
                for worker in [each for each in app.workers if each.group == "setup"]:
                    await worker.wait()
                await pilot.pause()
            pane = app.screen_stack[0].query_one(f"#{name}")
            assert hasattr(pane, "frame"), f"{name} has no frame, as every screen has"
            seen[name] = whole(getattr(pane, "frame"))  # noqa: B009 - no protocol names it
    return seen


async def history_of_everything(live: Live, pilot: Pilot[str]) -> dict[float, Frames]:
    """Let everything happen that can, and look at every screen on the way."""
    seen: dict[float, Frames] = {}

    async def look_round() -> None:
        run = live.session.histories[live.target].run
        if run.checks.order and not live.app._selection.checks.opened:  # pyright: ignore[reportPrivateUsage]
            view = live.app._selection.checks  # pyright: ignore[reportPrivateUsage]
            opened = replace(view, opened=next(line.key for line in tree(run.checks.groups) if line.check))
            live.app._selection = replace(live.app._selection, checks=opened)  # pyright: ignore[reportPrivateUsage]
        at = live.clock.now()
        seen[at] = await frames(live.app, pilot, at, may_ask=True)
        live.clock.set(at + 0.25)

    live.beside(Document(LAUNCH, 0, json.dumps(LAUNCHED).encode(), 0.0))
    live.beside(Document(PLAN, 0, json.dumps(INSPECTED).encode(), 0.0))
    await live.watch(3)
    await look_round()
    live.say("info", "hello", source="console")
    await live.watch(12)
    live.say("warning", "Request Failed", error='Get "http://127.0.0.1:9/": connection refused')
    live.beside(Document(OUTPUT, 0, b"running (0m15.0s), 10/10 VUs, 3 complete and 0 interrupted iterations\n", 0.0))
    live.session.mark(live.target, "a mark")
    await live.do(SetVUs(15))
    await live.watch(3)
    await look_round()
    await live.do(RunSetup())
    await live.do(SetSetup('{"token":"abc","users":[1,2,{"x":null}]}'))
    live.source.answers[Verb.STOP] = Answer(Verdict.REFUSED, "no", "because")
    await live.do(Stop())
    del live.source.answers[Verb.STOP]
    await look_round()
    await live.do(Pause())
    await live.watch(8)
    await look_round()
    await live.do(Resume())
    await live.watch(4)
    for kind in (OutageKind.TIMED_OUT, OutageKind.TIMED_OUT, OutageKind.REFUSED):
        await live.lose(kind)
    await look_round()
    await live.watch(5)
    await look_round()
    await live.watch(1)
    await live.lose(OutageKind.REFUSED)
    live.start_again()
    await live.watch(14)
    await look_round()
    await live.do(Stop())
    live.beside(Document(EXIT, 0, b"105", 0.0))
    await live.watch(3)
    await live.lose(OutageKind.REFUSED)
    await look_round()
    return seen


async def test_every_screen_of_a_replay_is_the_live_one_of_the_same_moment(tmp_path: Path) -> None:
    path = tmp_path / "run.ndjson.gz"
    live = Live(path)
    async with live.app.run_test(size=SIZE) as pilot:
        seen = await history_of_everything(live, pilot)
        live.app.tape.end()
        scrubbed = {at: await frames(live.app, pilot, at) for at in seen}
        chosen = live.app._selection  # pyright: ignore[reportPrivateUsage]
    await live.source.aclose()
    clock = HandClock(START + 1e6)
    session = ReplaySession(Recording(path), clock)
    app = RecordedApp(session, clock, interval=1.0, replayed=Replayed(lambda: session.reel, 1.0, 0.0))
    app.notices = []
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(200):
            await pilot.pause()
            if session.reel.share == 1.0:
                break
        app._selection = replace(app._selection, checks=chosen.checks)  # pyright: ignore[reportPrivateUsage]
        replayed = {at: await frames(app, pilot, at) for at in seen}
    assert set(seen[min(seen)]) == set(PANES)
    for at, screens in seen.items():
        for name in PANES:
            where = f"{name} {at - START:g} s after the start"
            assert replayed[at][name] == screens[name], where
            assert scrubbed[at][name] == screens[name], where
    still = [name for name in PANES if len({repr(screens[name]) for screens in seen.values()}) < 3]
    assert not still, "a screen on which nothing happens shows nothing of a replay"

"""Several ways to learn of one target, as one source; and the simulated one, with its stream in the same process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from dashboard.api.events import ENDPOINT
from dashboard.clock import ManualClock
from dashboard.model.stream import StreamState
from dashboard.session import Session
from dashboard.simulation.engine import Engine
from dashboard.simulation.event_stream import EventStream
from dashboard.simulation.lifecycle import K6Exit
from dashboard.simulation.profile import Profile
from dashboard.simulation.rest import App, create_app
from dashboard.simulation.scenario_file import load_scenario
from dashboard.sources.base import Document, Reading
from dashboard.sources.together import Together
from dashboard.targets import simulated_source
from tests.harness.sessions import under_way
from tests.headless.staging import Fed
from tests.sources.fake import START, TARGET, FakeK6


class Beside:
    """A feed that gives what it is told to."""

    def __init__(self, *, ends_all: bool = False) -> None:
        self.ends_all = ends_all
        self.queue: asyncio.Queue[Reading | None] = asyncio.Queue()
        self.looks: list[Reading] = []
        self.forgets = self.closes = 0

    def looked(self, reading: Reading) -> None:
        self.looks.append(reading)

    def forget(self) -> None:
        self.forgets += 1

    async def readings(self) -> AsyncGenerator[Reading]:
        try:
            while (reading := await self.queue.get()) is not None:
                yield reading
        finally:
            self.closes += 1


def said(text: bytes, at: float = START) -> Reading:
    return Reading(TARGET, at, (Document(ENDPOINT, 200, text, 0.0),))


async def turns(count: int = 200) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_all_are_given_in_the_order_in_which_they_come_and_each_look_is_told_to_the_feeds() -> None:
    main, one, other = Fed(), Beside(), Beside()
    together = Together(main, [one, other], ManualClock(START))
    given: list[object] = []

    async def take() -> None:
        async for reading in together.readings():
            given.append(reading)  # noqa: PERF401 - they are looked at while they come

    taking = asyncio.create_task(take())
    order = [said(b"1"), Reading(TARGET, START + 1), said(b"2"), said(b"3")]
    queues = (one.queue, main.queue, other.queue, one.queue)
    for queue, reading in zip(queues, order, strict=True):
        await queue.put(reading)
        await turns()
    assert given == order
    assert one.looks == other.looks == [order[1]]
    together.forget()
    assert (one.forgets, other.forgets) == (1, 1)
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
    await turns()
    assert (one.closes, other.closes) == (1, 1)


async def test_a_feed_that_ends_all_ends_the_others_after_their_last_words() -> None:
    clock, main, ending, other = ManualClock(START), Fed(), Beside(ends_all=True), Beside()
    together = Together(main, [ending, other], clock)
    given: list[object] = []

    async def take() -> None:
        async for reading in together.readings():
            given.append(reading)  # noqa: PERF401 - they are looked at while they come

    taking = asyncio.create_task(take())
    await main.queue.put(Reading(TARGET, START))
    await turns()
    await ending.queue.put(said(b"exit"))
    await ending.queue.put(None)
    await turns()
    await other.queue.put(said(b"last words"))
    await turns()
    assert not taking.done()
    clock.wake(1.1)
    await turns()
    assert taking.done()
    assert given[-1] == said(b"last words")


async def test_what_fails_unexpectedly_is_loud() -> None:
    class Broken(Beside):
        async def readings(self) -> AsyncGenerator[Reading]:
            yield said(b"1")
            raise RuntimeError("a mistake")

    with pytest.raises(RuntimeError, match="a mistake"):
        async for _ in Together(Fed(), [Broken()], ManualClock(START)).readings():
            pass


async def test_k6_is_asked_no_more_often_because_of_what_is_beside_it() -> None:
    k6 = FakeK6()
    source = Together(k6.source(), [Beside()], k6.clock)
    readings = source.readings()
    await anext(aiter(readings))
    assert [what for _, what in k6.requests].count("GET /v1/status") == 1
    assert source.cadence == 1.0
    await source.aclose()


class Simulated:
    """The simulated cockpit's source in a session, on a clock that the test moves."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        scenario = load_scenario("steady")
        stream = EventStream(scenario, Profile.V2)
        self.engine = Engine(scenario, Profile.V2, seed=1, clock=self.clock, stream=stream)
        source = simulated_source("steady", self.app, self.clock, 1.0, with_events=True)
        self.session = Session([source], self.clock)
        self.history = self.session.histories["sim:steady"]

    def app(self) -> App:
        return create_app(self.engine)

    async def later(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.1)):
            # Modules are loaded and the simulation is made in threads.
            await asyncio.to_thread(int)
            await turns(20)
            self.clock.wake(0.1)


async def test_the_simulated_k6_streams_in_the_same_process() -> None:
    simulated = Simulated()
    async with under_way(simulated.session):
        await simulated.later(6.0)
        run = simulated.history.run
        assert run.stream is not None
        assert run.stream.state is StreamState.JOINED
        extract = run.extract("http_req_duration", "interval p(99)", START, START + 10, 100)
        assert len([value for value in extract.lasts if value > 0]) >= 3
        simulated.engine.abort(K6Exit.STOPPED_FROM_REST_API)
        await simulated.later(3.0)
        assert run.state().is_over
        assert [event.title for event in simulated.history.events if "stream" in event.title] == []

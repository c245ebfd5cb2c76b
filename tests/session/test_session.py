from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from dashboard.clock import ManualClock
from dashboard.decoding import decode_reading
from dashboard.model.action import (
    Action,
    Outcome,
    Pause,
    Resume,
    RunSetup,
    RunTeardown,
    SetSetup,
    SetVUs,
    Stop,
    Verb,
    Verdict,
)
from dashboard.model.asking import Asked, Asking
from dashboard.model.capability import Capability, Control, capability
from dashboard.model.event import Event, EventKind
from dashboard.model.observation import Outage, OutageKind, Snapshot
from dashboard.model.run import RunStatus, State
from dashboard.session import Session
from dashboard.sources.base import Answer, Document, Reading
from tests.model.building import START, TARGET, at_work
from tests.sources.fake import NEGATIVE_VUS, POISON, UNKNOWN, V2_VUS, FakeK6, Reply, groups_of, metric, refusal
from tests.sources.test_live import turns_until

STATUS_BODY = b'{"data":{"type":"status","id":"default","attributes":{"status":7,"vus":3}}}'


class Scripted:
    """A source that gives what the test puts into it."""

    target = TARGET
    cadence = 1.0

    def __init__(self) -> None:
        self.answer: Callable[[Action], Awaitable[Answer]] = self.accept
        self.pokes = 0
        self.forgotten = 0
        self.groups_asking = Asking()
        self.setup: str | None = "{}"
        """What a look at the setup data finds; None for no answer."""
        self.on_poke: Callable[[], None] = lambda: None

    async def accept(self, action: Action) -> Answer:
        return Answer(Verdict.ACCEPTED, took=0.1)

    async def readings(self) -> AsyncIterator[Reading]:
        return
        yield

    def poke(self) -> None:
        self.pokes += 1
        self.on_poke()

    async def look_at_setup(self) -> Reading:
        return self.setup_reading(self.setup)

    def setup_reading(self, attributes: str | None) -> Reading:
        if attributes is None:
            return Reading(TARGET, START, failure=Outage(OutageKind.TIMED_OUT, "/v1/setup", "no answer in 10 s"))
        body = f'{{"data":{{"type":"setupData","id":"default","attributes":{attributes}}}}}'
        return Reading(TARGET, START, (Document("/v1/setup", 200, body.encode(), 0.001),))

    def forget(self) -> None:
        self.forgotten += 1

    def want_groups(self) -> None:
        self.groups_asking = Asking(Asked.NOT_YET, "names may still be appearing")

    def capability(self, verb: Verb, status: RunStatus | None, state: State) -> Capability:
        return capability(verb, Control.EXTERNAL, status, state)

    async def perform(self, action: Action, status: RunStatus | None) -> Answer:
        return await self.answer(action)

    async def aclose(self) -> None:
        pass


def status_reading(at: float, **attributes: object) -> Reading:
    known = {"status": 7, "paused": False, "vus": 3, "vus-max": 5, "stopped": False, "running": True, **attributes}
    body = json.dumps({"data": {"type": "status", "id": "default", "attributes": known}}).encode()
    return Reading(TARGET, at, (Document("/v1/status", 200, body, 0.001),))


class Stage:
    """A session with a scripted source, whose every look shows what the test wants."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.source = Scripted()
        self.session = Session([self.source], self.clock)
        self.history = self.session.histories[TARGET]
        self.session.observe(status_reading(START))

    def shows(self, **attributes: object) -> None:
        """Let every look from now on show this."""

        def look() -> None:
            asyncio.get_running_loop().call_soon(self._observe, attributes)

        self.source.on_poke = look

    def _observe(self, attributes: dict[str, object]) -> None:
        self.session.observe(status_reading(self.clock.now(), **attributes))

    async def perform(self, action: Action) -> Outcome:
        """Perform, with the clock going on for as long as it takes."""
        task = asyncio.create_task(self.session.perform(TARGET, action))
        for _ in range(1000):
            await asyncio.sleep(0)
            if task.done():
                break
            self.clock.set(self.clock.now())
            if self.clock.sleepers:
                await self._pass(0.1)
        return await asyncio.wait_for(task, 1)

    async def _pass(self, seconds: float) -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        self.clock.wake(seconds)

    @property
    def actions(self) -> list[Event]:
        return [event for event in self.history.events if event.kind is EventKind.ACTION]


@pytest.mark.parametrize(
    ("action", "shown", "observed"),
    [
        (Pause(), {"paused": True, "vus": 0}, "paused, 0/5 VUs"),
        (Resume(), {"paused": False}, "running, 3/5 VUs"),
        (SetVUs(4), {"vus": 4}, "running, 4/5 VUs"),
        (SetVUs(9, 9), {"vus": 9, "vus-max": 9}, "running, 9/9 VUs"),
        (SetVUs(4), {"paused": True, "vus": 0}, "takes effect when the test goes on"),
        (SetVUs(4), {"paused": True, "vus": 0, "status": 4}, "takes effect when the test starts"),
        (Stop(), {"stopped": True}, "stopped, 3/5 VUs"),
        (Stop(), {"status": 10}, "stopped, 3/5 VUs"),
    ],
)
async def test_what_is_seen_to_happen_is_confirmed(action: Action, shown: dict[str, object], observed: str) -> None:
    stage = Stage()
    if isinstance(action, Resume):
        stage.session.observe(status_reading(START + 1, paused=True))
    elif shown.get("status") == 4:
        stage = Stage()
        stage.history.runs[0].statuses.newest = at_work(4, paused=True)
    stage.shows(**shown)
    outcome = await stage.perform(action)
    assert outcome.verdict is Verdict.CONFIRMED
    assert outcome.observed == observed
    assert outcome.took == 0.1
    (event,) = stage.actions
    assert event.title == f"{action} confirmed"
    assert f"then: {observed}" in event.detail
    assert not event.is_open
    assert not event.is_bad


async def test_a_stop_is_confirmed_by_a_closed_port() -> None:
    stage = Stage()

    def gone() -> None:
        outage = Outage(OutageKind.REFUSED, "/v1/status", "connection refused")
        asyncio.get_running_loop().call_soon(
            stage.session.observe, Reading(TARGET, stage.clock.now() + 0.01, failure=outage)
        )

    stage.source.on_poke = gone
    outcome = await stage.perform(Stop())
    assert outcome.verdict is Verdict.CONFIRMED
    assert stage.history.run.state() is State.STOPPED
    assert stage.history.events[2].detail == "connection refused. It had been told to stop."


@pytest.mark.parametrize("action", [Pause(), SetVUs(4), SetVUs(3, 9), Stop()])
async def test_what_is_never_seen_is_not_confirmed(action: Action) -> None:
    stage = Stage()
    stage.shows()
    outcome = await stage.perform(action)
    assert outcome.verdict is Verdict.UNCONFIRMED
    assert outcome.observed == "running, 3/5 VUs"
    assert stage.source.pokes == 6
    assert stage.actions[0].is_bad
    assert stage.clock.now() - START < 10


async def test_a_source_that_looks_no_more_is_not_waited_for_for_ever() -> None:
    stage = Stage()
    outcome = await stage.perform(Pause())
    assert outcome.verdict is Verdict.UNCONFIRMED
    assert stage.clock.now() - START < 120


@pytest.mark.parametrize(
    "answer",
    [
        Answer(Verdict.REFUSED, "k6's own words", "why"),
        Answer(Verdict.UNANSWERED, explanation="no answer in 10 s"),
        Answer(Verdict.IMPOSSIBLE, "k6's own words", "why"),
    ],
)
async def test_what_did_not_work_is_noted_with_the_words(answer: Answer) -> None:
    stage = Stage()

    async def give(_: Action) -> Answer:
        return answer

    stage.source.answer = give
    outcome = await stage.perform(Pause())
    assert (outcome.verdict, outcome.answer, outcome.explanation) == (answer.verdict, answer.text, answer.explanation)
    (event,) = stage.actions
    assert event.is_bad
    assert "before: running, 3/5 VUs" in event.detail
    assert answer.explanation in event.detail
    assert answer.text in event.detail
    assert stage.source.pokes == 1


async def test_what_is_known_not_to_work_is_not_sent() -> None:
    stage = Stage()
    stage.session.observe(status_reading(START + 1, status=9))

    async def never(_: Action) -> Answer:
        raise AssertionError("it was sent")

    stage.source.answer = never
    outcome = await stage.perform(Stop())
    assert outcome.verdict is Verdict.IMPOSSIBLE
    assert outcome.explanation == "The test has ended."
    assert stage.actions[0].title == "stop impossible"


async def test_a_request_is_sent_before_anybody_draws_that_it_was_asked_for() -> None:
    stage = Stage()
    told: list[str] = []
    is_told = asyncio.Event()
    told_when_sent: list[int] = []

    def tell(target: str) -> None:
        told.append(target)
        is_told.set()

    async def late(_: Action) -> Answer:
        told_when_sent.append(len(told))
        await is_told.wait()
        return Answer(Verdict.REFUSED)

    stage.session.on_change.append(tell)
    stage.source.answer = late
    outcome = await asyncio.wait_for(stage.perform(Pause()), 30)
    assert outcome.verdict is Verdict.REFUSED
    assert told_when_sent == [0]
    # And when the answer keeps everybody waiting, they are told all the same: once, and then of the answer.
    assert len(told) == 2


async def test_while_k6_has_not_answered_it_is_under_way() -> None:
    stage = Stage()
    answered = asyncio.Event()

    async def late(_: Action) -> Answer:
        await answered.wait()
        return Answer(Verdict.ACCEPTED)

    stage.source.answer = late
    stage.shows(paused=True)
    task = asyncio.create_task(stage.perform(Pause()))
    await turns_until(lambda: bool(stage.actions))
    assert stage.actions[0].title == "pause asked"
    assert stage.actions[0].is_open
    answered.set()
    await task
    assert stage.actions[0].title == "pause confirmed"


@pytest.mark.parametrize("accepted", [False, True])
async def test_an_action_given_up_is_not_left_open(accepted: bool) -> None:
    stage = Stage()

    async def hang(_: Action) -> Answer:
        if accepted:
            return Answer(Verdict.ACCEPTED)
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    stage.source.answer = hang
    task = asyncio.create_task(stage.session.perform(TARGET, Pause()))
    await turns_until(lambda: bool(stage.actions) and (not accepted or stage.source.pokes == 1))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not stage.actions[0].is_open
    assert "gave up" in stage.actions[0].detail
    assert not stage.history.run.statuses.is_pausing
    assert not stage.clock.sleepers
    stage.session.observe(status_reading(START + 5))


async def test_another_run_is_another_k6_to_the_source() -> None:
    stage = Stage()
    stage.session.observe(status_reading(START + 1, status=8))
    assert stage.source.forgotten == 0
    stage.session.observe(status_reading(START + 2, status=1))
    assert stage.source.forgotten == 1


async def test_everybody_is_told_of_every_reading() -> None:
    stage = Stage()
    heard: list[Reading] = []
    changed: list[str] = []
    stage.session.listeners.append(heard.append)
    stage.session.on_change.append(changed.append)
    reading = status_reading(START + 1)
    stage.session.observe(reading)
    stage.session.mark(TARGET, "look here")
    assert heard == [reading]
    assert changed == [TARGET, TARGET]
    assert stage.history.events[-1].title == "look here"


async def test_a_session_ends_with_its_sources() -> None:
    await Stage().session.run()


# Decoding


def document(path: str, reply: Reply | bytes) -> Document:
    if isinstance(reply, bytes):
        return Document(path, 200, reply, 0.5)
    return Document(path, reply[0], json.dumps(reply[1]).encode(), 0.5)


STATUS = Document("/v1/status", 200, STATUS_BODY, 0.001)


def test_a_reading_of_all() -> None:
    listed = document("/v1/metrics", (200, {"data": [metric("b"), metric("a")]}))
    observation = decode_reading(Reading(TARGET, START, (STATUS, listed)))
    assert observation.round_trip == 0.5
    assert observation.size == len(STATUS_BODY) + len(listed.body)
    assert isinstance(observation.outcome, Snapshot)
    assert [entry.name for entry in observation.outcome.metrics or ()] == ["a", "b"]
    assert observation.outcome.coherent


def test_a_reading_of_the_status_alone() -> None:
    outcome = decode_reading(Reading(TARGET, START, (STATUS,))).outcome
    assert isinstance(outcome, Snapshot)
    assert outcome.metrics is None


def test_a_failure_is_what_it_is() -> None:
    outage = Outage(OutageKind.TIMED_OUT, "/v1/metrics", "late")
    assert decode_reading(Reading(TARGET, START, (STATUS,), outage)).outcome is outage


@pytest.mark.parametrize(
    ("documents", "kind"),
    [
        ((document("/v1/status", b"<html>"),), OutageKind.UNDECODABLE),
        ((document("/v1/status", refusal("no")),), OutageKind.REJECTED),
        ((STATUS, document("/v1/metrics", b"[")), OutageKind.UNDECODABLE),
        ((STATUS, document("/v1/metrics", refusal("no"))), OutageKind.REJECTED),
    ],
)
def test_a_recording_of_what_is_no_answer_is_an_outage_too(documents: tuple[Document, ...], kind: OutageKind) -> None:
    outcome = decode_reading(Reading(TARGET, START, documents)).outcome
    assert isinstance(outcome, Outage)
    assert outcome.kind is kind


def test_metrics_read_one_by_one() -> None:
    outcome = decode_reading(
        Reading(
            TARGET,
            START,
            (
                STATUS,
                document("/v1/metrics", POISON),
                document("/v1/metrics/b", (200, {"data": metric("b")})),
                document("/v1/metrics/bad%7Ba%2Fb%7D", POISON),
                document("/v1/metrics/gone", UNKNOWN),
                document("/v1/metrics/a", (200, {"data": metric("a")})),
            ),
        )
    ).outcome
    assert isinstance(outcome, Snapshot)
    assert [entry.name for entry in outcome.metrics or ()] == ["a", "b"]
    assert not outcome.coherent
    assert outcome.poisoned == ("bad{a/b}",)


# With the live source


async def test_the_dial_and_the_source_together() -> None:
    k6 = FakeK6()
    k6.on_patch = lambda asked: refusal(NEGATIVE_VUS, code=400) if asked == {"vus": -1} else None
    session = Session([k6.source()], k6.clock)
    task = asyncio.create_task(session.run())
    await k6.clock.wait_for_sleepers(1)
    outcome = await session.perform(TARGET, SetVUs(5))
    assert outcome.verdict is Verdict.CONFIRMED
    assert session.histories[TARGET].run.vus == 5
    k6.on_patch = lambda _: refusal(V2_VUS)
    assert (await session.perform(TARGET, SetVUs(2))).verdict is Verdict.REFUSED
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await session.aclose()


def test_groups_are_wanted_of_the_source_and_said_to_be_given_up_once() -> None:
    stage = Stage()
    assert stage.history.asking == Asking()
    stage.session.want_groups(TARGET)
    assert stage.history.asking.asked is Asked.NOT_YET
    stage.source.groups_asking = Asking(Asked.NO_MORE, "names keep appearing")
    for second in (1, 2):
        stage.session.observe(status_reading(START + second))
    told = [event for event in stage.history.events if "groups" in event.title]
    assert [(event.title, event.detail) for event in told] == [
        ("groups are asked for no more", "names keep appearing.")
    ]


def test_groups_that_are_refused_take_nothing_from_the_rest_of_a_reading() -> None:
    status = status_reading(START).documents[0]
    good = Document("/v1/groups", 200, json.dumps({"data": groups_of("is up")}).encode(), 0.001)
    refused = Document("/v1/groups", 404, b"{}", 0.001)
    for document, names in ((good, ["is up"]), (refused, None)):
        snapshot = decode_reading(Reading(TARGET, START, (status, document))).outcome
        assert isinstance(snapshot, Snapshot)
        assert snapshot.status is not None
        known = snapshot.groups and [check.name for group in snapshot.groups for check in group.checks]
        assert known == names


# setup(), its data, teardown()


@pytest.mark.parametrize(
    ("action", "found", "verdict", "observed"),
    [
        (
            SetSetup('{"a": 12345678901234567890}'),
            '{"data":{"a":12345678901234567890}}',
            Verdict.CONFIRMED,
            "with 26 ch",
        ),
        (SetSetup('"<"'), r'{"data":"\u003c"}', Verdict.CONFIRMED, "with 8 characters"),
        (SetSetup('{"a": 1}'), '{"data":{"a":1.0}}', Verdict.UNCONFIRMED, "with 9 characters"),
        (SetSetup("1"), "{}", Verdict.UNCONFIRMED, "without setup data"),
        (SetSetup("1"), None, Verdict.UNCONFIRMED, "not known: no answer in 10 s"),
        (SetSetup(None), "{}", Verdict.CONFIRMED, "without setup data"),
        (SetSetup(None), '{"data":null}', Verdict.UNCONFIRMED, "with null as setup data"),
        (SetSetup("null"), '{"data":null}', Verdict.CONFIRMED, "with null as setup data"),
        (RunSetup(), '{"data":[1]}', Verdict.CONFIRMED, "with 3 characters"),
        (RunSetup(), None, Verdict.UNCONFIRMED, "not known"),
        (RunTeardown(), "{}", Verdict.CONFIRMED, "teardown() has run to its end"),
    ],
)
async def test_a_look_at_the_setup_data_confirms_what_was_done_to_them(
    action: Action, found: str | None, verdict: Verdict, observed: str
) -> None:
    on = Stage()
    on.source.setup = found
    outcome = await on.perform(action)
    assert outcome.verdict is verdict
    assert outcome.observed.startswith(observed)
    assert [event.title for event in on.actions] == [f"{action} {verdict}"]
    assert "12345" not in on.actions[0].detail, "data may be secret, and is no event"


async def test_a_look_at_the_setup_data_is_no_look_at_the_run() -> None:
    on = Stage()
    looks, last = on.history.looks, on.history.last
    on.source.setup = '{"data":{"a":1}}'
    heard: list[Reading] = []
    on.session.listeners.append(heard.append)
    assert await on.session.look_at_setup(TARGET) is None
    seen = on.history.run.setup.at(None)
    assert seen is not None
    assert seen.data.text == '{"a":1}'
    assert (on.history.looks, on.history.last) == (looks, last)
    assert [document.endpoint for reading in heard for document in reading.documents] == ["/v1/setup"]


async def test_setup_data_that_cannot_be_had_are_no_outage() -> None:
    on = Stage()
    on.source.setup = None
    heard: list[Reading] = []
    on.session.listeners.append(heard.append)
    failure = await on.session.look_at_setup(TARGET)
    assert failure is not None
    assert on.history.run.outage is None
    assert on.history.run.setup.at(None) is None
    assert on.history.run.setup.failure(None) == failure.message
    assert [reading.failure for reading in heard] == [failure], "a recording keeps it too"
    on.source.setup = '{"data":1}'
    await on.session.look_at_setup(TARGET)
    assert on.history.run.setup.failure(None) == ""


@pytest.mark.parametrize(
    ("status", "possible"),
    [
        ({"status": 4, "paused": True}, {Verb.RUN_SETUP, Verb.SET_SETUP, Verb.RUN_TEARDOWN}),
        ({"status": 6}, {Verb.RUN_TEARDOWN}),
        ({"status": 7}, {Verb.RUN_SETUP, Verb.SET_SETUP, Verb.RUN_TEARDOWN}),
        ({"status": 7, "paused": True}, {Verb.RUN_SETUP, Verb.SET_SETUP, Verb.RUN_TEARDOWN}),
        ({"status": 7, "stopped": True}, set[Verb]()),
        ({"status": 8}, set[Verb]()),
        ({"status": 9, "running": False}, {Verb.RUN_TEARDOWN}),
        ({"status": 10, "stopped": True}, {Verb.RUN_TEARDOWN}),
    ],
)
def test_what_can_be_done_to_setup_depends_on_where_the_run_is(status: dict[str, object], possible: set[Verb]) -> None:
    on = Stage()
    on.session.observe(status_reading(START + 1, **status))
    for verb in (Verb.RUN_SETUP, Verb.SET_SETUP, Verb.RUN_TEARDOWN):
        known = on.session.capability(TARGET, verb)
        assert (known.possible, bool(known.reason)) == (verb in possible, verb not in possible), verb

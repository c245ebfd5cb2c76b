from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest

from dashboard.model.action import Action, Pause, Resume, SetVUs, Stop, Verdict
from dashboard.model.capability import Control
from dashboard.model.observation import OutageKind
from dashboard.sources.base import Answer, Reading
from dashboard.sources.live import BUILTIN_METRICS, LiveSource
from tests.model.building import at_work
from tests.sources.fake import (
    NEGATIVE_VUS,
    NO_PAUSE,
    POISON,
    V1_VUS,
    V2_VUS,
    FakeK6,
    Reply,
    refusal,
)

STATUS, METRICS = "GET /v1/status", "GET /v1/metrics"


@asynccontextmanager
async def looking(k6: FakeK6, source: LiveSource) -> AsyncGenerator[list[Reading]]:
    """Follow the source; what it gives is added to the list."""
    readings: list[Reading] = []

    async def follow() -> None:
        async for reading in source.readings():
            readings.append(reading)  # noqa: PERF401 - they are looked at while they come

    task = asyncio.create_task(follow())
    await k6.clock.wait_for_sleepers(1)
    try:
        yield readings
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await source.aclose()


async def turns_until(predicate: Callable[[], bool]) -> None:
    """Let the others take turns until it is true; they wait for nothing but each other."""
    for _ in range(10_000):
        if predicate():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not come about")


async def poke(k6: FakeK6, source: LiveSource) -> None:
    asked = len(k6.requests)
    source.poke()
    await turns_until(lambda: len(k6.requests) > asked)
    await k6.clock.wait_for_sleepers(1)


# Looking


async def test_one_status_and_one_list_an_interval_in_this_order() -> None:
    k6 = FakeK6()
    async with looking(k6, k6.source(0.5)) as readings:
        await k6.clock.advance(1.1)
    assert k6.requests == [
        (0.0, STATUS),
        (0.0, "GET /metrics"),
        (0.0, METRICS),
        (0.5, STATUS),
        (0.5, METRICS),
        (1.0, STATUS),
        (1.0, METRICS),
    ]
    assert all(reading.failure is None for reading in readings)
    assert [document.endpoint for document in readings[1].documents] == ["/v1/status", "/v1/metrics"]


async def test_metrics_rest_twenty_times_as_long_as_they_took_and_the_status_goes_on() -> None:
    k6 = FakeK6()
    k6.delays[METRICS] = 0.3
    source = k6.source(1.0)
    async with looking(k6, source):
        await k6.clock.advance(14.5)
        assert source.cadence == pytest.approx(6.0)  # pyright: ignore[reportUnknownMemberType]
    assert k6.times(METRICS) == [0.0, 7.0, 14.0]
    assert k6.times(STATUS) == [float(second) for second in range(15)]
    assert k6.most_gets_under_way == 1


async def test_metrics_that_are_quick_again_come_every_interval_again() -> None:
    k6 = FakeK6()
    k6.delays[METRICS] = 0.3
    source = k6.source(1.0)
    async with looking(k6, source):
        await k6.clock.advance(1.0)
        k6.delays.clear()
        await k6.clock.advance(8.5)
        assert source.cadence == 1.0
    assert k6.times(METRICS) == [0.0, 7.0, 8.0, 9.0]


async def test_a_single_slow_answer_changes_nothing() -> None:
    k6 = FakeK6()
    async with looking(k6, k6.source(1.0)):
        await k6.clock.advance(1.5)
        k6.delays[METRICS] = 0.3
        await k6.clock.advance(1.0)
        k6.delays.clear()
        await k6.clock.advance(3.0)
    assert k6.times(METRICS) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


async def test_requests_never_overlap_however_slow() -> None:
    k6 = FakeK6()
    k6.delays = {STATUS: 1.5, METRICS: 2.5}
    async with looking(k6, k6.source(0.5)):
        await k6.clock.advance(60)
    assert k6.most_gets_under_way == 1
    gaps = [later - earlier for earlier, later in zip(k6.times(STATUS), k6.times(STATUS)[1:], strict=False)]
    # A status that takes 1.5 s is asked for half of the time at most.
    assert min(gaps) >= 3.0


async def test_a_slow_look_is_not_made_up_for() -> None:
    k6 = FakeK6()
    k6.delays[STATUS] = 0.4
    async with looking(k6, k6.source(1.0)):
        await k6.clock.advance(5.5)
    assert k6.times(STATUS) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


async def test_after_a_late_look_the_next_one_is_not_at_once() -> None:
    k6 = FakeK6()
    async with looking(k6, k6.source(1.0)):
        await k6.clock.advance(1.5)
        k6.delays[METRICS] = 0.9
        await k6.clock.advance(1.0)
        k6.delays.clear()
        await k6.clock.advance(3.0)
    # The answer to the one at 2.0 was there at 2.9.
    assert k6.times(METRICS) == [0.0, 1.0, 2.0, 3.4, 4.4, 5.4]


async def test_nobody_there_is_tried_less_and_less_often_up_to_a_cap() -> None:
    k6 = FakeK6()
    k6.refuses_connections = True
    async with looking(k6, k6.source(0.5)) as readings:
        await k6.clock.advance(14)
        assert k6.times(STATUS) == [0.0, 0.5, 1.5, 3.5, 6.5, 9.5, 12.5]
        assert not k6.times(METRICS)
        assert {reading.failure.kind for reading in readings if reading.failure} == {OutageKind.REFUSED}
        k6.refuses_connections = False
        await k6.clock.advance(3)
        assert k6.times(METRICS)[0] == 15.5
        assert k6.times(STATUS)[-4:] == [15.5, 16.0, 16.5, 17.0]


async def test_an_interval_longer_than_the_cap_stays() -> None:
    k6 = FakeK6()
    k6.refuses_connections = True
    async with looking(k6, k6.source(10)):
        await k6.clock.advance(41)
    assert k6.times(STATUS) == [0.0, 10.0, 20.0, 30.0, 40.0]


@pytest.mark.parametrize(
    ("what", "reply", "kind"),
    [
        (STATUS, b"<html>hello</html>", OutageKind.UNDECODABLE),
        (STATUS, (200, {"data": {"type": "metrics"}}), OutageKind.UNDECODABLE),
        (STATUS, (503, {"error": "busy"}), OutageKind.REJECTED),
        (STATUS, (404, "no"), OutageKind.REJECTED),
        (METRICS, b"garbage", OutageKind.UNDECODABLE),
        (METRICS, (200, {"data": 3}), OutageKind.UNDECODABLE),
        (METRICS, (502, "no"), OutageKind.REJECTED),
    ],
)
async def test_what_is_no_answer_is_an_outage_and_looking_goes_on(
    what: str, reply: Reply | bytes, kind: OutageKind
) -> None:
    k6 = FakeK6()
    k6.replies[what] = reply
    async with looking(k6, k6.source(1.0)) as readings:
        await k6.clock.advance(1.5)
        assert [reading.failure.kind if reading.failure else None for reading in readings] == [kind, kind]
        # Who does not give a status is not asked for metrics.
        assert bool(k6.times(METRICS)) is (what == METRICS)
        k6.replies.clear()
        await k6.clock.advance(3)
        assert readings[-1].failure is None


async def test_a_poisoned_list_is_read_one_by_one_and_as_seldom_as_it_takes_long() -> None:
    k6 = FakeK6()
    source = k6.source(1.0)
    async with looking(k6, source) as readings:
        k6.replies[METRICS] = POISON
        k6.replies["GET /v1/metrics/http_reqs"] = POISON
        k6.delays["GET /v1/metrics/iterations"] = 0.2
        await k6.clock.advance(1.5)
        asked = [what for at, what in k6.requests if at >= 1.0]
        assert asked[:4] == [STATUS, METRICS, "GET /v1/metrics/http_reqs", "GET /v1/metrics/iterations"]
        # Names that were never listed are asked for too: they may have appeared since.
        assert len(asked) == 2 + len({"http_reqs", "iterations", *BUILTIN_METRICS})
        assert "GET /v1/metrics/http_req_duration%7Bexpected_response%3Atrue%7D" in asked
        assert readings[-1].failure is None
        assert len(readings[-1].documents) == len(asked)
        await k6.clock.advance(6.0)
        assert k6.times(METRICS) == [0.0, 1.0, 2.0, 7.0]
        assert source.cadence >= 4.0
    assert k6.most_gets_under_way == 1


async def test_metrics_that_are_never_answered_are_left_alone_and_the_status_is_not() -> None:
    k6 = FakeK6()
    k6.replies[METRICS] = b"garbage"
    k6.delays[METRICS] = 9.0
    source = k6.source(1.0)
    async with looking(k6, source) as readings:
        await k6.clock.advance(60)
        assert k6.times(METRICS) == [0.0]
        assert len(k6.times(STATUS)) > 45
        assert readings[-1].failure is None


async def test_a_k6_that_stood_still_as_a_whole_is_asked_for_its_metrics_at_once() -> None:
    k6 = FakeK6()
    k6.delays[METRICS] = 9.0
    source = k6.source(1.0)
    async with looking(k6, source):
        await k6.clock.advance(9.5)
        assert source.cadence == 180.0
        k6.refuses_connections = True
        await k6.clock.advance(2)
        k6.refuses_connections = False
        k6.delays.clear()
        await k6.clock.advance(5)
        assert source.cadence == 1.0
        assert len(k6.times(METRICS)) > 2


# Being poked


async def test_a_poke_looks_at_the_status_and_leaves_the_rhythm_alone() -> None:
    k6 = FakeK6()
    source = k6.source(1.0)
    async with looking(k6, source):
        for _ in range(3):
            await k6.clock.advance(0.25)
            await poke(k6, source)
        await k6.clock.advance(2.0)
    assert k6.times(STATUS) == [0.0, 0.25, 0.5, 0.75, 1.0, 2.0]
    assert k6.times(METRICS) == [0.0, 1.0, 2.0]


async def test_no_number_of_pokes_presses_a_struggling_k6() -> None:
    k6 = FakeK6()
    k6.delays[METRICS] = 1.0
    source = k6.source(1.0)
    async with looking(k6, source):
        await k6.clock.advance(1.5)
        for _ in range(40):
            await k6.clock.advance(0.25)
            await poke(k6, source)
        await k6.clock.advance(11)
    assert k6.times(METRICS) == [0.0, 21.5]


async def test_a_poke_during_a_look_is_followed_by_one_more() -> None:
    """The look under way may have read the status before what the poke is about."""
    k6 = FakeK6()
    k6.delays[METRICS] = 0.04
    source = k6.source(1.0)
    async with looking(k6, source) as readings:
        source.poke()
        await k6.clock.advance(0.05)
        await turns_until(lambda: len(readings) == 2)
        await k6.clock.wait_for_sleepers(1)
        assert k6.times(STATUS) == [0.0, 0.05]
        await k6.clock.advance(1.0)
        assert k6.times(STATUS) == [0.0, 0.05, 1.0]


# Acting


PROBE = {"vus": -1}
TOO_MANY = "the number of active VUs (9) must be less than or equal to the number of maxVUs (5)"


async def perform(k6: FakeK6, action: Action, source: LiveSource | None = None) -> Answer:
    return await (source or k6.source()).perform(action, at_work())


@pytest.mark.parametrize(
    ("probed", "control"),
    [
        (refusal(V2_VUS), Control.NONE_V2),
        (refusal(V1_VUS), Control.NONE_V1),
        (refusal(NEGATIVE_VUS, code=400, title="Config update error"), Control.EXTERNAL),
        (refusal("something new"), Control.UNKNOWN),
    ],
)
@pytest.mark.parametrize("action", [Pause(), SetVUs(4)])
async def test_what_k6_can_do_is_asked_once_and_only_when_needed(
    action: Action, probed: Reply, control: Control
) -> None:
    k6 = FakeK6()
    k6.on_patch = lambda asked: probed if asked == PROBE else None
    source = k6.source()
    answer = await perform(k6, action, source)
    assert source.control is (
        Control.EXTERNAL if control is Control.UNKNOWN and isinstance(action, SetVUs) else control
    )
    assert k6.patches[0] == PROBE
    if control in (Control.NONE_V1, Control.NONE_V2):
        assert answer.verdict is Verdict.IMPOSSIBLE
        assert answer.explanation
        assert len(k6.patches) == 1
    else:
        assert answer.verdict is Verdict.ACCEPTED
        assert len(k6.patches) == 2
    before = len(k6.patches)
    await perform(k6, action, source)
    assert PROBE not in k6.patches[before:] or source.control is Control.UNKNOWN


@pytest.mark.parametrize(("action", "sent"), [(Resume(), {"paused": False}), (Stop(), {"stopped": True})])
async def test_what_always_works_is_sent_at_once(action: Action, sent: dict[str, object]) -> None:
    k6 = FakeK6()
    assert (await perform(k6, action)).verdict is Verdict.ACCEPTED
    assert k6.patches == [sent]
    assert not k6.times(STATUS)


@pytest.mark.parametrize("action", [SetVUs(2), SetVUs(9, 9)])
async def test_a_test_at_the_gate_is_never_probed(action: SetVUs) -> None:
    k6 = FakeK6()
    k6.status.update({"status": 4, "paused": True, "vus": 0})
    await perform(k6, action)
    assert PROBE not in k6.patches
    assert len(k6.patches) == 1
    assert not {"paused", "vus"} <= k6.patches[0].keys()


async def test_pausing_at_the_gate_is_not_sent() -> None:
    k6 = FakeK6()
    k6.status.update({"status": 4, "paused": True})
    assert (await perform(k6, Pause())).verdict is Verdict.IMPOSSIBLE
    assert not k6.patches


@pytest.mark.parametrize("number", [8, 9, 10, 11])
@pytest.mark.parametrize("action", [Pause(), SetVUs(4)])
@pytest.mark.parametrize("control", [Control.UNKNOWN, Control.EXTERNAL])
async def test_a_test_that_has_ended_since_the_last_look_is_not_patched(
    number: int, action: Action, control: Control
) -> None:
    """It would never answer."""
    k6 = FakeK6()
    k6.status["status"] = number
    source = k6.source()
    source.control = control
    answer = await perform(k6, action, source)
    assert answer.verdict is Verdict.IMPOSSIBLE
    assert answer.explanation
    assert all(patch == PROBE for patch in k6.patches)
    assert number == 8 or not k6.patches


@pytest.mark.parametrize(
    ("action", "answered", "verdict", "words"),
    [
        (
            SetVUs(9),
            refusal(TOO_MANY, code=400),
            Verdict.REFUSED,
            "5",
        ),
        (Resume(), refusal("test execution wasn't paused", title="Pause error"), Verdict.REFUSED, "not paused"),
        (Stop(), refusal("no"), Verdict.REFUSED, ""),
    ],
)
async def test_a_refusal_is_explained(action: Action, answered: Reply, verdict: Verdict, words: str) -> None:
    k6 = FakeK6()
    k6.on_patch = lambda _: answered
    source = k6.source()
    source.control = Control.EXTERNAL
    answer = await perform(k6, action, source)
    assert answer.verdict is verdict
    assert answer.text
    assert words in answer.explanation


@pytest.mark.parametrize("undone", [refusal(NO_PAUSE, title="Pause error"), None])
async def test_half_a_pause_is_undone(undone: Reply | None) -> None:
    """k6 v1 refuses for the other executor's sake, and has paused the external one."""
    k6 = FakeK6()
    k6.on_patch = lambda asked: refusal(NO_PAUSE, title="Pause error") if asked == {"paused": True} else undone
    source = k6.source()
    source.control = Control.EXTERNAL
    answer = await perform(k6, Pause(), source)
    assert k6.patches == [{"paused": True}, {"paused": False}]
    assert answer.verdict is Verdict.REFUSED
    assert "goes on again" in answer.explanation


async def test_what_cannot_have_paused_is_not_resumed() -> None:
    k6 = FakeK6()
    k6.on_patch = lambda asked: refusal("new words") if asked == PROBE else refusal(NO_PAUSE, title="Pause error")
    await perform(k6, Pause())
    assert {"paused": False} not in k6.patches


@pytest.mark.parametrize("action", [Stop(), Resume(), Pause(), SetVUs(4)])
async def test_a_k6_that_has_gone_is_said_to_have(action: Action) -> None:
    k6 = FakeK6()
    k6.refuses_connections = True
    answer = await perform(k6, action)
    assert answer.verdict in (Verdict.UNANSWERED, Verdict.IMPOSSIBLE)
    assert "refused" in answer.explanation


async def test_another_k6_is_learnt_anew() -> None:
    k6 = FakeK6()
    source = k6.source()
    source.control = Control.NONE_V2
    async with looking(k6, source):
        before = source.control
        k6.refuses_connections = True
        await k6.clock.advance(1.5)
        assert [before, source.control] == [Control.NONE_V2, Control.UNKNOWN]


def test_what_was_learnt_can_be_forgotten() -> None:
    source = FakeK6().source()
    source.control = Control.EXTERNAL
    source.forget()
    assert str(source.control) == Control.UNKNOWN


async def test_gets_go_on_while_a_patch_hangs() -> None:
    k6 = FakeK6()
    answered = asyncio.Event()

    async def late() -> Reply:
        await answered.wait()
        return 200, k6.status_document

    k6.on_patch = lambda _: late()
    source = k6.source()
    source.control = Control.EXTERNAL
    async with looking(k6, source):
        pausing = asyncio.create_task(source.perform(Pause(), at_work()))
        await turns_until(lambda: bool(k6.patches))
        await k6.clock.advance(3)
        assert len(k6.times(METRICS)) == 4
        assert not pausing.done()
        answered.set()
        assert (await pausing).verdict is Verdict.ACCEPTED

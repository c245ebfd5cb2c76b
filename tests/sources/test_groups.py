"""When k6 is asked for its groups, which can kill it: as seldom as told, and never while names may be appearing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from dashboard.decoding import decode_reading
from dashboard.model.action import Pause, SetVUs
from dashboard.model.asking import Asked, Asking
from dashboard.model.observation import Snapshot
from dashboard.sources.groups import EVERY, MOST_NAMES, MOST_NEW_NAMES, SETTLING, GroupsPolicy
from dashboard.sources.live import LiveSource
from tests.model.building import at_work
from tests.sources.fake import NEGATIVE_VUS, FakeK6, Reply, groups_of, metric, refusal
from tests.sources.test_live import METRICS, STATUS, looking

GROUPS = "GET /v1/groups"


def shop(*, iterations: int = 100, with_checks: bool = True) -> FakeK6:
    """A k6 whose test has been running for a while."""
    k6 = FakeK6()
    k6.metrics = [metric("http_reqs"), metric("iterations", count=iterations, rate=1)]
    if with_checks:
        k6.metrics.append(metric("checks", "rate", rate=0.9))
    return k6


async def asked(k6: FakeK6, source: LiveSource, seconds: float) -> list[float]:
    async with looking(k6, source):
        await k6.clock.advance(seconds)
    return k6.times(GROUPS)


async def test_nobody_wants_them_and_nobody_asks() -> None:
    k6 = shop()
    source = k6.source()
    assert await asked(k6, source, 200) == []
    assert source.groups_asking == Asking(Asked.UNWANTED)


async def test_once_wanted_they_are_asked_for_when_the_test_has_settled_and_then_seldom() -> None:
    k6 = shop()
    source = k6.source()
    async with looking(k6, source) as readings:
        await k6.clock.advance(3.5)
        source.want_groups()
        await k6.clock.advance(1)
        assert source.groups_asking.asked is Asked.NOT_YET
        assert "names may still be appearing" in source.groups_asking.why
        await k6.clock.advance(31)
    assert k6.times(GROUPS) == [SETTLING, SETTLING + EVERY, SETTLING + 2 * EVERY]
    assert source.groups_asking == Asking(Asked.REGULARLY, every=EVERY)
    assert [document.endpoint for document in readings[10].documents][-2:] == ["/v1/metrics", "/v1/groups"]
    snapshot = decode_reading(readings[10]).outcome
    assert isinstance(snapshot, Snapshot)
    assert snapshot.groups is not None
    assert snapshot.groups[0].checks[0].name == "is up"


async def test_who_was_told_to_may_ask_without_being_asked() -> None:
    k6 = shop()
    assert await asked(k6, k6.source(groups=GroupsPolicy.ALWAYS), 15) == [SETTLING]


async def test_switched_off_is_off_even_where_they_are_wanted_and_after_the_end() -> None:
    k6 = shop()
    source = k6.source(groups=GroupsPolicy.NEVER)
    async with looking(k6, source):
        source.want_groups()
        await k6.clock.advance(60)
        k6.status["status"] = 9
        await k6.clock.advance(60)
    assert k6.times(GROUPS) == []
    assert source.groups_asking.asked is Asked.NEVER


@pytest.mark.parametrize("number", [0, 3, 5, 6, 8])
async def test_a_test_that_does_not_run_is_not_asked(number: int) -> None:
    k6 = shop()
    k6.status["status"] = number
    assert await asked(k6, k6.source(groups=GroupsPolicy.ALWAYS), 100) == []


async def test_a_test_that_begins_is_left_alone_for_some_time() -> None:
    k6 = shop()
    k6.status["status"] = 6
    source = k6.source(groups=GroupsPolicy.ALWAYS)
    async with looking(k6, source):
        await k6.clock.advance(30.5)
        k6.status["status"] = 7
        await k6.clock.advance(12)
    assert k6.times(GROUPS) == [31 + SETTLING]


async def test_a_test_that_is_being_stopped_is_not_asked() -> None:
    k6 = shop()
    k6.status["stopped"] = True
    assert await asked(k6, k6.source(groups=GroupsPolicy.ALWAYS), 100) == []


async def test_iterations_are_awaited_but_not_for_ever() -> None:
    """Names that an iteration makes are made when it has ended; one that never ends has made them some day."""
    k6 = shop(iterations=2)
    source = k6.source(groups=GroupsPolicy.ALWAYS)
    assert await asked(k6, source, 75) == [60, 70]
    k6 = shop(iterations=2)
    source = k6.source(groups=GroupsPolicy.ALWAYS)
    async with looking(k6, source):
        await k6.clock.advance(20.5)
        assert "iteration" in source.groups_asking.why
        k6.metrics[1] = metric("iterations", count=3, rate=1)
        await k6.clock.advance(5)
    assert k6.times(GROUPS) == [21]


async def test_a_script_without_groups_and_checks_is_never_asked() -> None:
    k6 = shop(with_checks=False)
    source = k6.source(groups=GroupsPolicy.ALWAYS)
    async with looking(k6, source):
        await k6.clock.advance(100)
        assert source.groups_asking.asked is Asked.NOT_YET
        assert "no check has been made" in source.groups_asking.why
        k6.metrics.append(metric("group_duration", "trend", avg=1))
        await k6.clock.advance(2)
    assert len(k6.times(GROUPS)) == 1


async def test_after_the_end_one_look_is_for_nothing_and_one_only() -> None:
    k6 = shop()
    source = k6.source()
    async with looking(k6, source):
        await k6.clock.advance(3.5)
        k6.status["status"] = 9
        await k6.clock.advance(100)
    assert k6.times(GROUPS) == [5]
    assert source.groups_asking.asked is Asked.REGULARLY


async def test_names_that_appear_make_it_wait_longer() -> None:
    k6 = shop()
    async with looking(k6, k6.source(groups=GroupsPolicy.ALWAYS)):
        await k6.clock.advance(15)
        k6.groups = groups_of("is up", "new")
        await k6.clock.advance(85)
    # Once there was a new one; then the set is as it was, and the rhythm too.
    assert k6.times(GROUPS) == [10, 20, 40, 50, 60, 70, 80, 90, 100]


def more_and_more(k6: FakeK6, step: int) -> Callable[[], None]:
    names = ["is up"]

    def grow() -> None:
        names.extend(f"user {len(names) + each}" for each in range(step))
        k6.groups = groups_of(*names)

    return grow


async def test_a_set_that_keeps_growing_is_left_alone() -> None:
    k6 = shop()
    source = k6.source(groups=GroupsPolicy.ALWAYS)
    grow = more_and_more(k6, 1)
    async with looking(k6, source):
        for _ in range(300):
            grow()
            await k6.clock.advance(1)
        assert k6.times(GROUPS) == [10, 20, 40, 80]
        assert source.groups_asking.asked is Asked.NO_MORE
        assert "names keep appearing" in source.groups_asking.why
        k6.status["status"] = 9
        await k6.clock.advance(20)
    # Nothing can appear after the end.
    assert k6.times(GROUPS)[4:] == [302]


async def test_a_set_that_grows_fast_is_left_alone_at_once() -> None:
    k6 = shop()
    source = k6.source(groups=GroupsPolicy.ALWAYS)
    grow = more_and_more(k6, MOST_NEW_NAMES + 1)
    async with looking(k6, source):
        await k6.clock.advance(15)
        grow()
        await k6.clock.advance(200)
    assert k6.times(GROUPS) == [10, 20]
    assert source.groups_asking.asked is Asked.NO_MORE


@pytest.mark.parametrize("names", [["x" * 1024 * 1024], [str(number) for number in range(MOST_NAMES)]])
async def test_a_huge_answer_is_not_asked_for_again_not_even_after_the_end(names: list[str]) -> None:
    k6 = shop()
    k6.groups = groups_of(*names)
    source = k6.source(groups=GroupsPolicy.ALWAYS)
    async with looking(k6, source):
        await k6.clock.advance(100)
        k6.status["status"] = 9
        await k6.clock.advance(20)
    assert k6.times(GROUPS) == [10]
    assert "too many" in source.groups_asking.why


async def test_groups_rest_as_long_as_they_were_slow() -> None:
    k6 = shop()
    k6.delays[GROUPS] = 1.0
    async with looking(k6, k6.source(groups=GroupsPolicy.ALWAYS)):
        await k6.clock.advance(60)
    assert k6.times(GROUPS) == [10, 31.5, 53]
    assert k6.most_gets_under_way == 1


@pytest.mark.parametrize("reply", [(500, {"oh": "no"}), b"<html>", refusal("no groups here", code=404)])
async def test_groups_that_cannot_be_had_are_no_outage(reply: Reply | bytes) -> None:
    k6 = shop()
    k6.replies[GROUPS] = reply
    source = k6.source(groups=GroupsPolicy.ALWAYS)
    async with looking(k6, source) as readings:
        await k6.clock.advance(200)
    assert k6.times(GROUPS) == [10, 30]
    assert not [reading for reading in readings if reading.failure]
    assert len(k6.times(METRICS)) == 201
    assert source.groups_asking.asked is Asked.NO_MORE


async def test_a_k6_that_died_of_it_is_not_asked_again_nor_is_the_next() -> None:
    k6 = shop()
    k6.dies_of = GROUPS
    source = k6.source(groups=GroupsPolicy.ALWAYS)
    async with looking(k6, source):
        await k6.clock.advance(20)
        k6.dies_of, k6.refuses_connections = "", False
        await k6.clock.advance(100)
        source.forget()
        await k6.clock.advance(100)
    assert k6.times(GROUPS) == [10]
    assert source.groups_asking == Asking(Asked.NO_MORE, "k6 broke the connection off when it was asked")


async def test_another_run_is_given_time_anew() -> None:
    k6 = shop()
    source = k6.source(groups=GroupsPolicy.ALWAYS)
    async with looking(k6, source):
        await k6.clock.advance(30)
        k6.groups = groups_of(*(f"other {number}" for number in range(200)))
        source.forget()
        await k6.clock.advance(12)
    assert k6.times(GROUPS) == [10, 20, 30, 41]
    assert source.groups_asking.asked is Asked.REGULARLY


@pytest.mark.parametrize("slow", [STATUS, METRICS, GROUPS])
@pytest.mark.parametrize("action", [Pause(), SetVUs(4)])
async def test_no_get_overlaps_another_not_even_one_that_an_action_needs(slow: str, action: Pause | SetVUs) -> None:
    """Only a PATCH may: pausing answers when the iterations have ended."""
    k6 = shop()
    k6.delays[slow] = 0.4
    k6.on_patch = lambda body: refusal(NEGATIVE_VUS, code=400) if body.get("vus") == -1 else None
    source = k6.source(groups=GroupsPolicy.ALWAYS)
    async with looking(k6, source):
        await k6.clock.advance(15)
        before = len(k6.times(slow))
        while len(k6.times(slow)) == before:
            await k6.clock.advance(0.1)
        acting = asyncio.create_task(source.perform(action, at_work()))
        await asyncio.gather(k6.clock.advance(3), acting)
    assert k6.most_gets_under_way == 1
    assert k6.patches

from __future__ import annotations

import asyncio

import pytest

from dashboard.clock import ManualClock, SystemClock


def test_the_system_clock_never_goes_back() -> None:
    clock = SystemClock()
    moments = [clock.now() for _ in range(100)]
    assert moments == sorted(moments)
    assert moments[0] > 1_700_000_000


async def test_sleeping_for_no_time_gives_others_a_turn() -> None:
    turns: list[str] = []

    async def other() -> None:
        turns.append("other")

    for clock in (SystemClock(), ManualClock()):
        task = asyncio.create_task(other())
        await clock.sleep(-1)
        turns.append("me")
        await task
    assert turns == ["other", "me"] * 2


async def test_sleepers_wake_at_their_own_moment() -> None:
    clock = ManualClock(0)
    woken: list[tuple[str, float]] = []

    async def every(name: str, seconds: float) -> None:
        while True:
            await clock.sleep(seconds)
            woken.append((name, clock.now()))

    tasks = [asyncio.create_task(every("a", 2)), asyncio.create_task(every("b", 3))]
    await clock.wait_for_sleepers(2)
    await clock.advance(6)
    assert woken == [("a", 2), ("b", 3), ("a", 4), ("b", 6), ("a", 6)]
    assert clock.now() == 6
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert clock.sleepers == 0


async def test_waking_does_not_wait_for_what_they_do() -> None:
    clock = ManualClock(0)
    task = asyncio.create_task(clock.sleep(1))
    await clock.wait_for_sleepers(1)
    clock.wake(0.5)
    assert clock.sleepers == 1
    clock.wake(0.5)
    assert clock.sleepers == 0
    await task


async def test_sleepers_that_never_come_are_not_waited_for_for_ever() -> None:
    with pytest.raises(RuntimeError, match="0 of 1 tasks"):
        await ManualClock().wait_for_sleepers(1, turns=10)


def test_set_does_not_go_back() -> None:
    clock = ManualClock(10)
    clock.set(20)
    clock.set(5)
    assert clock.now() == 20

from __future__ import annotations

import asyncio

import pytest

from dashboard.model.action import Action, Outcome, SetVUs, Verdict
from dashboard.sources.base import Answer
from dashboard.steering import GATHER, VUDial
from tests.model.building import TARGET
from tests.session.test_session import Stage, status_reading
from tests.sources.test_live import turns_until


class Dialled:
    """A dial over a session whose k6 does what it is told."""

    def __init__(self, **shown: object) -> None:
        self.stage = Stage()
        self.stage.session.observe(status_reading(self.stage.clock.now() + 0.1, **shown))
        self.paused = bool(shown.get("paused"))
        self.asked: list[SetVUs] = []
        self.outcomes: list[Outcome] = []
        self.verdict = Verdict.ACCEPTED
        self.answers = asyncio.Event()
        self.answers.set()
        self.stage.source.answer = self._answer
        self.dial = VUDial(self.stage.session, TARGET, self.stage.clock)
        self.dial.on_outcome = self.outcomes.append

    async def _answer(self, action: Action) -> Answer:
        assert isinstance(action, SetVUs)
        self.asked.append(action)
        await self.answers.wait()
        if self.verdict is Verdict.ACCEPTED:
            self.stage.shows(
                vus=0 if self.paused else action.vus, **{"vus-max": action.vus_max or 5}, paused=self.paused
            )
        return Answer(self.verdict)

    async def gathered(self) -> None:
        await self.stage.clock.wait_for_sleepers(1)
        self.stage.clock.wake(GATHER)

    async def settled(self) -> None:
        await turns_until(lambda: self.dial.wanted is None)


async def test_presses_are_gathered_into_one_request() -> None:
    on = Dialled()
    for delta in (1, 1, 10, -1):
        on.dial.turn(delta)
    assert on.dial.wanted == 14
    await on.stage.clock.wait_for_sleepers(1)
    on.stage.clock.wake(GATHER - 0.01)
    assert not on.asked
    on.stage.clock.wake(0.01)
    await on.settled()
    assert on.asked == [SetVUs(14, 14)]
    assert on.dial.confirmed == 14
    assert [outcome.verdict for outcome in on.outcomes] == [Verdict.CONFIRMED]


@pytest.mark.parametrize(("vus", "expected"), [(4, SetVUs(4)), (5, SetVUs(5)), (6, SetVUs(6, 6)), (0, SetVUs(0))])
async def test_only_more_than_k6_has_initialised_raises_the_most(vus: int, expected: SetVUs) -> None:
    on = Dialled()
    on.dial.ask_for(vus)
    await on.gathered()
    await on.settled()
    assert on.asked == [expected]


async def test_never_fewer_than_none() -> None:
    on = Dialled()
    on.dial.turn(-10)
    assert on.dial.wanted == 0


async def test_there_and_back_asks_nothing() -> None:
    on = Dialled()
    on.dial.turn(1)
    on.dial.turn(-1)
    await on.gathered()
    await on.settled()
    assert not on.asked


async def test_nothing_to_start_from_asks_nothing() -> None:
    on = Dialled(vus=None)
    on.dial.turn(1)
    assert on.dial.wanted is None


async def test_a_refusal_puts_it_back() -> None:
    on = Dialled()
    on.verdict = Verdict.REFUSED
    on.dial.turn(1)
    await on.gathered()
    await on.settled()
    assert on.dial.confirmed == 3
    assert [outcome.verdict for outcome in on.outcomes] == [Verdict.REFUSED]


async def test_presses_during_a_request_are_gathered_into_the_next() -> None:
    on = Dialled()
    on.answers.clear()
    on.dial.turn(1)
    await on.gathered()
    await turns_until(lambda: len(on.asked) == 1)
    on.dial.turn(1)
    on.dial.turn(1)
    assert on.dial.wanted == 6
    on.answers.set()
    await turns_until(lambda: len(on.outcomes) == 1)
    await on.gathered()
    await on.settled()
    assert on.asked == [SetVUs(4), SetVUs(6, 6)]


async def test_presses_during_a_request_that_is_refused_are_dropped() -> None:
    """They started from the number that has just been refused."""
    on = Dialled()
    on.verdict = Verdict.REFUSED
    on.answers.clear()
    on.dial.turn(1)
    await on.gathered()
    await turns_until(lambda: len(on.asked) == 1)
    on.dial.turn(1)
    on.answers.set()
    await on.settled()
    assert on.asked == [SetVUs(4)]


async def test_while_paused_they_start_from_what_it_goes_on_with() -> None:
    on = Dialled(paused=True, vus=0)
    on.dial.turn(1)
    assert on.dial.wanted == 4
    await on.gathered()
    await on.settled()
    assert on.asked == [SetVUs(4)]
    assert on.outcomes[0].observed == "takes effect when the test goes on"
    on.dial.turn(1)
    assert on.dial.wanted == 5


async def test_a_dial_given_up_wants_nothing() -> None:
    on = Dialled()
    on.answers.clear()
    on.dial.turn(1)
    await on.gathered()
    await turns_until(lambda: len(on.asked) == 1)
    for task in asyncio.all_tasks():
        if task.get_name() == f"VUs of {TARGET}":
            task.cancel()
    await on.settled()
    assert not on.stage.actions[0].is_open
    on.answers.set()
    on.dial.turn(1)
    await on.gathered()
    await on.settled()
    assert on.asked[-1] == SetVUs(4)

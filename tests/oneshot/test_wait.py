"""Waiting for a state: what ends it, and with what."""

from __future__ import annotations

import pytest

from dashboard.errors import ExitCode, Undecodable
from dashboard.model.run import State
from dashboard.oneshot.report import Report
from dashboard.oneshot.wait import wait
from tests.oneshot.hasty import K6, Wish, ask

BEFORE: Wish = {"status": 1, "vus": 0}
SETUP: Wish = {"status": 6, "vus": 0}
RUNNING: Wish = {"status": 7, "vus": 3}
TEARDOWN: Wish = {"status": 8, "vus": 0}
ENDED: Wish = {"status": 9, "running": False}
STOPPED: Wish = {"status": 10, "stopped": True}
FAILED: Wish = {"status": 11}
GONE = None


async def waited(looks: list[Wish | None], *wanted: State, seconds: float | None = 60.0) -> Report:
    k6 = K6()
    k6.looks = list(looks)
    report = await ask(k6, lambda client, deadline: wait(client, deadline, frozenset(wanted)), seconds=seconds)
    assert not k6.looks
    return report


@pytest.mark.parametrize(
    ("looks", "wanted"),
    [
        ([RUNNING], State.RUNNING),
        ([BEFORE], State.STARTING),
        ([GONE, GONE, BEFORE, SETUP, RUNNING], State.RUNNING),
        ([RUNNING, TEARDOWN], State.TEARDOWN),
        ([RUNNING, TEARDOWN, ENDED], State.ENDED),
        ([RUNNING, {"status": 7, "paused": True}], State.PAUSED),
        ([RUNNING, STOPPED], State.STOPPED),
        ([RUNNING, FAILED], State.FAILED),
        ([GONE], State.UNREACHABLE),
        ([RUNNING, ENDED, ENDED, GONE], State.UNREACHABLE),
        # A refused connection after the setup is the end, as far as can be seen.
        ([RUNNING, GONE], State.ENDED),
        ([RUNNING, {"stopped": True, "status": 8}, GONE], State.STOPPED),
        # Another run on the same port.
        ([BEFORE, GONE, BEFORE, RUNNING], State.RUNNING),
    ],
)
async def test_a_state_that_comes_is_reached(looks: list[Wish | None], wanted: State) -> None:
    report = await waited(looks, wanted)
    assert (report.code, report.document["reached"]) == (ExitCode.OK, True)


async def test_one_of_several_states_is_enough() -> None:
    report = await waited([RUNNING, RUNNING, FAILED], State.ENDED, State.FAILED, State.STOPPED)
    assert (report.code, report.document["state"]) == (ExitCode.OK, "failed")
    assert report.document["states"] == ["running", "failed"]


async def test_an_end_that_nobody_saw_is_told_as_such() -> None:
    report = await waited([RUNNING, GONE], State.ENDED)
    assert report.document["has_gone"] is True
    assert report.remarks == ("k6 left before it said how the run ended",)


@pytest.mark.parametrize(
    ("looks", "wanted"),
    [([ENDED], State.RUNNING), ([RUNNING, STOPPED], State.ENDED), ([RUNNING, GONE], State.TEARDOWN)],
)
async def test_what_cannot_come_any_more_is_not_waited_for(looks: list[Wish | None], wanted: State) -> None:
    report = await waited(looks, wanted, seconds=None)
    assert (report.code, report.document["reached"]) == (ExitCode.REFUSED, False)
    assert f"will not be {wanted}" in report.remarks[0]


async def test_the_time_may_run_out() -> None:
    report = await waited([RUNNING], State.ENDED, seconds=5.0)
    assert (report.code, report.document["waited"]) == (ExitCode.TIMED_OUT, 5.0)
    assert "running and not ended after 5 s" in report.remarks[0]


@pytest.mark.parametrize("answer", [(404, {"message": "no such page"}), b"<title>It works!</title>"])
async def test_another_server_is_not_waited_for(answer: tuple[int, object] | bytes) -> None:
    k6 = K6()
    k6.replies["GET /v1/status"] = answer
    with pytest.raises(Undecodable):
        await ask(k6, lambda client, deadline: wait(client, deadline, frozenset({State.RUNNING})))


async def test_a_proxy_whose_k6_is_not_there_yet_is_waited_for() -> None:
    k6 = K6()
    k6.replies["GET /v1/status"] = (503, {"message": "no upstream"})
    report = await ask(k6, lambda client, deadline: wait(client, deadline, frozenset({State.RUNNING})), seconds=3.0)
    assert report.code is ExitCode.TIMED_OUT

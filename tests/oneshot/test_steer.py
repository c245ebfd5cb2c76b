"""Actions of a moment: sent once, followed until they show, and told as they went."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dashboard.errors import ExitCode, Undecodable, Unreachable
from dashboard.oneshot import steer
from dashboard.oneshot.report import Report
from tests.oneshot.hasty import K6, ask
from tests.sources.fake import V1_VUS, V2_VUS, refusal


@pytest.fixture
def k6() -> K6:
    """A k6 v1 whose VUs can be set."""
    return K6()


async def scale_to_five(k6: K6) -> Report:
    return await ask(k6, lambda client, deadline: steer.scale(client, deadline, 5, None))


async def test_a_scale_is_confirmed_when_k6_runs_so_many_vus(k6: K6) -> None:
    k6.after_patch = [{"vus": 4}, {"vus": 5}]
    report = await scale_to_five(k6)
    assert report.code is ExitCode.OK
    assert report.document["verdict"] == "confirmed"
    assert k6.wishes == [{"vus": 5}]


async def test_a_scale_that_k6_accepts_and_does_not_reach_times_out(k6: K6) -> None:
    k6.after_patch = [{"vus": 4}]
    report = await scale_to_five(k6)
    assert (report.code, report.document["verdict"]) == (ExitCode.TIMED_OUT, "not confirmed")
    assert "k6 runs 4 of 5 VUs after 60 s" in report.remarks[0]
    assert k6.clock.now() - k6.began >= 60


async def test_more_vus_than_there_may_be_raise_the_most_there_may_be(k6: K6) -> None:
    k6.after_patch = [{"vus": 9, "vus-max": 9}]
    report = await ask(k6, lambda client, deadline: steer.scale(client, deadline, 9, None))
    assert report.code is ExitCode.OK
    assert k6.wishes == [{"vus": 9, "vus-max": 9}]


async def test_a_scale_before_the_start_is_confirmed_as_one_that_takes_effect_later(k6: K6) -> None:
    k6.status.update({"status": 4, "paused": True, "running": False})
    report = await scale_to_five(k6)
    assert (report.code, report.remarks) == (ExitCode.OK, ("It takes effect when the test starts.",))


@pytest.mark.parametrize("words", [V2_VUS, V1_VUS])
@pytest.mark.parametrize("action", ["pause", "scale"])
async def test_a_k6_that_cannot_is_not_asked_for_it(k6: K6, words: str, action: str) -> None:
    k6.probed = refusal(words)
    report = await (scale_to_five(k6) if action == "scale" else ask(k6, steer.pause))
    assert (report.code, report.document["verdict"]) == (ExitCode.REFUSED, "impossible")
    assert words in report.remarks[0]
    assert report.document["explanation"]
    assert k6.wishes == []


async def test_a_refusal_is_told_in_k6s_words_and_in_ours(k6: K6) -> None:
    words = "invalid configuration supplied: the number of active VUs (5) must be less than or equal to the number of "
    k6.on_wish = lambda _: refusal(f"{words}maxVUs (4)", code=400, title="Config update error")
    report = await scale_to_five(k6)
    assert (report.code, report.document["verdict"]) == (ExitCode.REFUSED, "refused")
    assert "at most 4 VUs" in report.remarks[0]
    assert words in report.remarks[0]


@pytest.mark.parametrize(
    ("action", "status", "said"),
    [
        (steer.pause, {"paused": True}, "is paused"),
        (steer.pause, {"status": 4, "paused": True, "running": False}, "waits at its start"),
        (steer.resume, {}, "is not paused"),
        (steer.stop, {"status": 9, "running": False}, "lingers"),
    ],
)
async def test_what_is_so_already_is_done_and_nothing_is_sent(
    k6: K6, action: Callable[..., Awaitable[Report]], status: dict[str, object], said: str
) -> None:
    k6.status.update(status)
    report = await ask(k6, action)
    assert report.code is ExitCode.OK
    assert said in report.remarks[0]
    assert k6.patches == []


async def test_a_resume_at_the_start_asks_nothing_but_to_resume(k6: K6) -> None:
    k6.status.update({"status": 4, "paused": True, "running": False})
    k6.after_patch = [{"status": 7, "paused": False, "running": True}]
    report = await ask(k6, steer.resume)
    assert report.code is ExitCode.OK
    assert [wish for wish in k6.patches if "paused" not in wish] == []


async def test_a_pause_that_k6_does_not_answer_in_time_may_still_have_happened(k6: K6) -> None:
    async def never(_: dict[str, object]) -> tuple[int, object]:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    k6.on_wish = never
    k6.after_patch = [{"paused": True}]
    report = await ask(k6, steer.pause, seconds=0.1)
    assert (report.code, report.document["verdict"]) == (ExitCode.OK, "confirmed")
    k6.status["paused"], k6.after_patch = False, []
    report = await ask(k6, steer.pause, seconds=0.1)
    assert (report.code, report.document["verdict"]) == (ExitCode.TIMED_OUT, "no answer")
    assert "may still happen" in report.remarks[0]


async def test_a_stop_waits_for_teardown_and_for_k6_to_leave(k6: K6) -> None:
    stopping: list[dict[str, object] | None] = [{"stopped": True}, {"status": 8}, {"status": 8}, {"status": 10}, None]
    k6.after_patch = stopping
    report = await ask(k6, steer.stop)
    assert (report.code, report.document["end"], report.document["after"]) == (ExitCode.OK, "gone", None)
    assert not k6.after_patch


async def test_a_stop_tells_a_k6_that_lingers(k6: K6) -> None:
    k6.after_patch = [{"stopped": True}, {"status": 10}]
    report = await ask(k6, steer.stop)
    assert (report.code, report.document["end"]) == (ExitCode.OK, "lingering")
    assert 1.0 <= k6.clock.now() - k6.began < 5.0


async def test_a_teardown_that_outlasts_the_time_is_told(k6: K6) -> None:
    k6.after_patch = [{"stopped": True, "status": 8}]
    report = await ask(k6, steer.stop)
    assert (report.code, report.document["verdict"]) == (ExitCode.TIMED_OUT, "not confirmed")
    assert "teardown()" in report.remarks[0]


async def test_a_k6_that_goes_before_it_is_seen_is_unreachable(k6: K6) -> None:
    k6.after_patch = [None]
    report = await scale_to_five(k6)
    assert (report.code, report.document["verdict"]) == (ExitCode.UNREACHABLE, "not confirmed")


async def test_nobody_and_somebody_else_are_unreachable(k6: K6) -> None:
    k6.replies["GET /v1/status"] = (404, {"message": "not found"})
    with pytest.raises(Undecodable) as caught:
        await ask(k6, steer.pause)
    assert caught.value.exit_code is ExitCode.UNREACHABLE
    k6.refuses_connections = True
    with pytest.raises(Unreachable):
        await ask(k6, steer.pause)

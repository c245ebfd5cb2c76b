"""The engine: a run's life, and that it does not depend on who looks."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from dashboard.simulation.lifecycle import K6Exit
from dashboard.simulation.profile import Profile
from dashboard.simulation.rest import ProcessGone
from dashboard.simulation.scenario import Hook, Request, Run, Scenario, Think, ThresholdSpec
from tests.simulation.conftest import Make, Simulated

SHORT = Scenario(
    "short",
    run=Run(name="main", vus=3, max_vus=5, seconds=10.0, init_seconds=0.5),
    setup=Hook(seconds=1.0, returns='{"a":1}'),
    teardown=Hook(seconds=1.0),
    steps=(Request("http", "http://x/", median_ms=50.0), Think(0.2, 0.2)),
)


async def seen_until_gone(simulated: Simulated, step: float = 0.005, most: int = 20_000) -> list[int]:
    """The distinct statuses in order, looking every ``step`` seconds until the process is gone."""
    seen: list[int] = []
    for _ in range(most):
        simulated.engine.advance()
        if simulated.engine.is_gone:
            return seen
        status = int(simulated.engine.status().status)
        if not seen or seen[-1] != status:
            seen.append(status)
        simulated.wait(step)
    raise AssertionError(f"still there after {most} looks: {seen}")


@pytest.mark.parametrize("profile", list(Profile))
async def test_a_natural_life_goes_through_k6s_numbers_and_ends_with_code_0(make: Make, profile: Profile) -> None:
    simulated = make(SHORT, profile)
    assert await seen_until_gone(simulated) == [0, 1, 6, 7, 8, 9]
    assert simulated.engine.exit_code is K6Exit.OK


async def test_who_asks_when_does_not_change_the_numbers(make: Make) -> None:
    often, seldom = make("steady", seed=7), make("steady", seed=7)
    for turn in range(300):
        often.wait(0.125)
        await often.status()
        if turn % 10 == 0:
            await often.metrics()
    seldom.wait(300 * 0.125)
    assert await often.metrics() == await seldom.metrics()
    assert await often.status() == await seldom.status()


async def test_seeds_differ(make: Make) -> None:
    one, two = make("steady", seed=1), make("steady", seed=2)
    for each in (one, two):
        each.wait(20)
    assert await one.metrics() != await two.metrics()


async def test_speed_makes_a_minute_a_second(make: Make) -> None:
    fast, slow = make("steady", speed=60.0), make("steady")
    fast.wait(0.5)
    slow.wait(30)
    fast_status, slow_status = await fast.status(), await slow.status()
    assert fast_status == slow_status
    assert abs(fast.engine.now - slow.engine.now) < 1e-3


async def test_paused_start_waits_for_one_resume(make: Make) -> None:
    simulated = make(SHORT, Profile.V2, paused=True)
    simulated.wait(60)
    assert await simulated.status() == {
        "status": 4,
        "paused": True,
        "vus": 0,
        "vus-max": 5,
        "stopped": False,
        "running": False,
        "tainted": False,
    }
    refused = await simulated.patch(paused=True)
    assert (refused.status_code, "execution is already paused" in refused.text) == (500, True)
    resumed = (await simulated.patch(paused=False)).json()["data"]["attributes"]
    assert (resumed["status"], resumed["paused"]) == (4, False)
    simulated.wait(0.01)
    assert (await simulated.status())["status"] == 6
    simulated.wait(1.01)
    assert (await simulated.status())["status"] == 7


async def test_stop_answers_with_the_status_before_it_takes_effect_and_runs_teardown(make: Make) -> None:
    simulated = make(SHORT, Profile.V1)
    simulated.wait(3)
    answer = (await simulated.patch(stopped=True, vus=99)).json()["data"]["attributes"]
    assert answer["stopped"] is True
    assert (answer["status"], answer["vus"], answer["running"]) == (7, 3, True)
    simulated.wait(0.1)
    status = await simulated.status()
    assert (status["status"], status["vus"], status["stopped"]) == (8, 0, True)
    assert await seen_until_gone(simulated) == [8, 10]
    assert simulated.engine.exit_code is K6Exit.STOPPED_FROM_REST_API
    with pytest.raises(ProcessGone):
        await simulated.get("/v1/status")


async def test_stop_in_setup_skips_teardown(make: Make) -> None:
    simulated = make(SHORT)
    simulated.wait(0.8)
    assert (await simulated.status())["status"] == 6
    await simulated.patch(stopped=True)
    assert await seen_until_gone(simulated) == [6, 10]
    assert simulated.engine.exit_code is K6Exit.STOPPED_FROM_REST_API


async def test_a_stop_after_the_end_changes_nothing_but_the_flag(make: Make) -> None:
    simulated = make(SHORT, linger=True)
    simulated.wait(20)
    assert (await simulated.status())["status"] == 9
    await simulated.patch(stopped=True)
    simulated.wait(5)
    status = await simulated.status()
    assert (status["status"], status["stopped"], status["running"]) == (9, True, False)
    simulated.engine.signal()
    simulated.wait(0.1)
    assert simulated.app.is_gone
    assert simulated.engine.exit_code is K6Exit.OK


async def test_rates_freeze_at_a_natural_end_and_decay_after_an_abort(make: Make) -> None:
    natural, aborted = make(SHORT, linger=True), make(SHORT, linger=True)
    natural.wait(20)
    aborted.wait(5)
    await aborted.patch(stopped=True)
    aborted.wait(3)
    before = [(await each.metrics())["iterations"]["sample"] for each in (natural, aborted)]
    for each in (natural, aborted):
        each.wait(10)
    after = [(await each.metrics())["iterations"]["sample"] for each in (natural, aborted)]
    assert after[0] == before[0]
    assert after[1]["count"] == before[1]["count"]
    assert after[1]["rate"] < before[1]["rate"]
    assert (await aborted.status())["running"] is True


async def test_pause_waits_for_iterations_and_freezes_the_duration(make: Make) -> None:
    simulated = make(SHORT)
    simulated.wait(3.1)
    await simulated.status()
    pausing = asyncio.create_task(simulated.patch(paused=True))
    await simulated.clock.wait_for_sleepers(1)
    during = await simulated.status()
    assert (during["paused"], during["vus"] > 0) == (False, True)
    assert (await simulated.clock.run(pausing)).json()["data"]["attributes"] | {"tainted": False} == {
        "status": 7,
        "paused": True,
        "vus": 0,
        "vus-max": 5,
        "stopped": False,
        "running": True,
        "tainted": False,
    }
    frozen = (await simulated.metrics())["iterations"]
    simulated.wait(100)
    assert (await simulated.metrics())["iterations"] == frozen
    again = await simulated.patch(paused=True)
    assert (again.status_code, "test execution was already paused" in again.text) == (500, True)
    assert (await simulated.patch(vus=2)).status_code == 200
    assert (await simulated.status())["vus"] == 0
    assert (await simulated.patch(paused=False)).json()["data"]["attributes"]["vus"] == 2
    simulated.wait(1)
    assert (await simulated.metrics())["iterations"]["sample"]["count"] > frozen["sample"]["count"]


async def test_thresholds_taint_every_two_seconds_and_decide_the_exit_code(make: Make) -> None:
    crossed = Scenario(
        "crossed",
        run=Run(vus=1, max_vus=1, seconds=5.0, init_seconds=0.1),
        steps=(Request("http", "http://x/"),),
        thresholds=(
            ("http_req_duration", (ThresholdSpec("max<1"),)),
            ("http_req_failed", (ThresholdSpec("rate<0.5"),)),
        ),
    )
    simulated = make(crossed)
    simulated.wait(1.99)
    assert (await simulated.metrics())["http_req_duration"]["tainted"] is None
    assert (await simulated.status())["tainted"] is False
    simulated.wait(0.02)
    metrics = await simulated.metrics()
    assert (metrics["http_req_duration"]["tainted"], metrics["http_req_failed"]["tainted"]) == (True, False)
    assert (await simulated.status())["tainted"] is True
    await seen_until_gone(simulated)
    assert simulated.engine.exit_code is K6Exit.THRESHOLDS_HAVE_FAILED


async def test_metrics_appear_with_their_first_sample_and_thresholds_at_once(make: Make) -> None:
    simulated = make(SHORT)
    assert await simulated.metrics() == {}
    simulated.wait(1.2)
    assert set(await simulated.metrics()) == {"vus", "vus_max"}
    simulated.wait(0.6)
    assert "http_reqs" in await simulated.metrics()
    named = make("steady", paused=True)
    metrics = await named.metrics()
    assert metrics["refund_time"]["sample"]["avg"] == 0
    assert "http_req_duration{tier:payment}" in metrics
    assert "http_req_duration{expected_response:true}" not in metrics


async def test_a_client_without_a_process_is_told_by_an_exception(make: Make) -> None:
    simulated = make(SHORT)
    simulated.wait(1000)
    with pytest.raises(ProcessGone):
        await simulated.client.get("/")
    with pytest.raises(ProcessGone):
        await simulated.client.send(httpx.Request("PATCH", "http://k6/v1/status"))

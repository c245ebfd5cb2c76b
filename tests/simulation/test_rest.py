"""The REST API's oddities that the conformance suite does not reach, and what must not be imported for it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from dashboard.simulation.executor import staged_vus
from dashboard.simulation.profile import Profile
from dashboard.simulation.scenario import Hook, Run, Scenario, Stage, Think
from tests.simulation.conftest import Make


async def test_lists_are_shuffled_and_seeded(make: Make) -> None:
    one, same = make(seed=4), make(seed=4)
    for each in (one, same):
        each.wait(10)
    orders = [[entry["id"] for entry in (await one.get("/v1/metrics")).json()["data"]] for _ in range(8)]
    again = [[entry["id"] for entry in (await same.get("/v1/metrics")).json()["data"]] for _ in range(8)]
    assert orders == again
    assert len({tuple(order) for order in orders}) > 4
    assert len({tuple(sorted(order)) for order in orders}) == 1


async def test_one_infinite_sample_spoils_the_list_but_not_the_others(make: Make) -> None:
    nasty = make("nasty")
    nasty.wait(80)
    assert (await nasty.get("/v1/metrics")).status_code == 200
    nasty.wait(40)
    spoilt = await nasty.get("/v1/metrics")
    assert spoilt.status_code == 500
    error = spoilt.json()["errors"][0]
    assert (error["title"], error["detail"]) == ("Encoding error", "json: unsupported value: +Inf")
    assert (await nasty.get("/v1/metrics/explodes")).status_code == 500
    assert (await nasty.get("/v1/metrics/http_reqs")).status_code == 200


async def test_hostile_names_are_found_by_their_escaped_ids(make: Make) -> None:
    nasty = make("nasty")
    nasty.wait(10)
    for name in await nasty.metrics():
        escaped = "".join(f"%{byte:02X}" for byte in name.encode())
        found = await nasty.get(f"/v1/metrics/{escaped}")
        assert found.json()["data"]["id"] == name
    groups = (await nasty.get("/v1/groups")).json()["data"]
    checks = [check["name"] for group in groups for check in group["attributes"]["checks"] or ()]
    assert "a[/]b" in checks
    assert "\x1b[31mred\x1b[0m\x07" in checks
    thrown = await nasty.client.post("/v1/teardown")
    assert (thrown.status_code, "\x1b[2Jboom" in thrown.json()["errors"][0]["detail"]) == (500, True)


async def test_the_operator_follows_the_stages_until_somebody_else_takes_over(make: Make) -> None:
    ramp = make("ramp", Profile.V1_EXTERNAL)
    ramp.wait(60)
    half_way = (await ramp.status())["vus"]
    assert 28 <= half_way <= 31
    assert (await ramp.patch(vus=7)).json()["data"]["attributes"]["vus"] == 7
    ramp.wait(60)
    assert (await ramp.status())["vus"] == 7
    plain = make("ramp", Profile.V2)
    plain.wait(60)
    assert abs((await plain.status())["vus"] - half_way) <= 1


@pytest.mark.parametrize(
    ("seconds", "vus"),
    [
        (0, 2),
        (0.99, 2),
        (1.0, 3),
        (4.0, 6),
        (5.0, 6),
        (7.0, 6),
        (8.0, 6),
        (8.01, 6),
        (9.0, 5),
        (14.0, 0),
        (99.0, 0),
    ],
)
def test_stages_have_whole_vus_rounded_towards_their_beginning(seconds: float, vus: int) -> None:
    stages = (Stage(4.0, 6), Stage(4.0, 6), Stage(6.0, 0))
    assert staged_vus(2, stages, seconds) == vus


async def test_a_post_to_setup_blocks_for_its_time_and_gets_are_not_blocked(make: Make) -> None:
    slow = make(Scenario("slow", run=Run(seconds=60.0), setup=Hook(seconds=3.0, returns="[1]"), steps=(Think(1, 1),)))
    slow.wait(10)
    began = slow.clock.now()
    posting = asyncio.create_task(slow.client.post("/v1/setup"))
    await slow.clock.wait_for_sleepers(1)
    assert (await slow.get("/v1/setup")).json()["data"]["attributes"] == {"data": [1]}
    answer = await slow.clock.run(posting)
    assert answer.json()["data"]["attributes"] == {"data": [1]}
    assert slow.clock.now() - began >= 3.0


async def test_setup_that_throws_ends_the_run_with_107(make: Make) -> None:
    scenario = Scenario("throws", setup=Hook(seconds=0.5, throws="Error: boom\n\tat setup\n"), steps=(Think(1, 1),))
    thrown = make(scenario, linger=True)
    thrown.wait(3)
    status = await thrown.status()
    assert (status["status"], status["running"], status["stopped"]) == (9, False, False)
    refused = await thrown.clock.run(asyncio.create_task(thrown.client.post("/v1/setup")))
    assert refused.json()["errors"][0]["title"] == "Error executing setup"
    thrown.engine.signal()
    thrown.wait(1)
    assert thrown.app.is_gone
    assert thrown.engine.exit_code == 107


@pytest.mark.parametrize(("option", "status", "code"), [("aborts_at", 10, 108), ("fails_at", 11, 110)])
async def test_the_script_may_abort_or_mark_itself_as_failed(make: Make, option: str, status: int, code: int) -> None:
    options: dict[str, Any] = {option: 2.0, "seconds": 4.0}
    scenario = Scenario("ends", run=Run(**options), steps=(Think(0.5, 0.5),))
    ended = make(scenario, linger=True)
    ended.wait(20)
    seen = await ended.status()
    assert (seen["status"], seen["running"]) == (status, True)
    ended.engine.signal()
    ended.wait(1)
    assert ended.app.is_gone
    assert ended.engine.exit_code == code


async def test_who_changes_an_ended_executor_waits_for_ever(make: Make) -> None:
    ended = make(Scenario("short", run=Run(seconds=1.0), steps=(Think(0.1, 0.1),)), linger=True)
    ended.wait(10)
    patching = asyncio.create_task(ended.patch(vus=3))
    for _ in range(1000):
        await asyncio.sleep(0)
    assert not patching.done()
    assert (await ended.status())["status"] == 9
    assert (await ended.patch(vus=-1)).status_code == 400
    patching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await patching


LIGHT = ("profile", "scenario", "faults")
UI = {"textual", "rich", "plotext", "httpx"}


@pytest.mark.parametrize("module", [*LIGHT, "engine", "rest", "serve"])
def test_only_what_is_needed_is_imported(module: str) -> None:
    program = f"import sys, dashboard.simulation.{module}; print(' '.join(sys.modules))"
    loaded = set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & UI
    assert not any(name.startswith(("dashboard.api", "dashboard.model", "dashboard.tui")) for name in loaded)
    if module in (*LIGHT, "engine"):
        assert not loaded & {"starlette", "uvicorn"}
    if module in LIGHT:
        assert "asyncio" not in loaded

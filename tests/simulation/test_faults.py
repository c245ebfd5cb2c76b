"""Faults: how they are written, and what a client in process sees; test_serve has those on the wire."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from dashboard.errors import UsageError
from dashboard.simulation.faults import Fault, Faults, parse_faults
from dashboard.simulation.rest import ConnectionDropped, ProcessGone
from dashboard.simulation.spoil import HUGE
from tests.simulation.conftest import Make


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("latency=500ms", Fault("latency", seconds=0.5)),
        ("drop=10%", Fault("drop", share=0.1)),
        ("drop", Fault("drop")),
        ("5xx=2.5%@1m30s", Fault("5xx", share=0.025, since=90.0)),
        ("hang@5s", Fault("hang", since=5.0)),
        ("restart@30s", Fault("restart", since=30.0)),
        ("die@60s", Fault("die", since=60.0)),
    ],
)
def test_a_fault_is_read(text: str, fault: Fault) -> None:
    assert parse_faults([text]) == Faults((fault,))


def test_faults_combine() -> None:
    names = [fault.name for fault in parse_faults(["latency=1s, drop=5%", "garbage"]).faults]
    assert names == ["latency", "drop", "garbage"]


NO_FAULTS = ("", "nope", "drop=10", "drop=110%", "latency", "latency=fast", "die", "die=3@1s", "die@soon")


@pytest.mark.parametrize("text", [*NO_FAULTS, "drop=1%=2%"])
def test_what_is_no_fault_is_refused_with_what_would_be(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_faults([text])
    assert "fault" in str(caught.value)
    assert "like '" in str(caught.value)


async def test_latency_waits_on_the_clock(make: Make) -> None:
    slow = make(faults=("latency=500ms",))
    began = slow.clock.now()
    answering = asyncio.create_task(slow.get("/v1/status"))
    assert (await slow.clock.run(answering)).status_code == 200
    assert slow.clock.now() == began + 0.5


async def test_drop_and_die_are_seen_as_no_connection(make: Make) -> None:
    with pytest.raises(ConnectionDropped):
        await make(faults=("drop",)).get("/v1/status")
    dying = make(faults=("die@60s",))
    dying.wait(59)
    assert (await dying.get("/v1/status")).status_code == 200
    dying.wait(1)
    with pytest.raises(ProcessGone):
        await dying.get("/v1/status")
    assert dying.app.is_gone_for_good


async def test_restart_begins_anew_after_a_gap(make: Make) -> None:
    restarting = make(faults=("restart@30s",))
    restarting.wait(29.5)
    before = (await restarting.metrics())["iterations"]["sample"]["count"]
    restarting.wait(0.6)
    with pytest.raises(ProcessGone):
        await restarting.get("/v1/status")
    assert not restarting.app.is_gone_for_good
    restarting.wait(1.5)
    assert (await restarting.metrics()).get("iterations", {"sample": {"count": 0}})["sample"]["count"] < before / 4
    restarting.wait(30)
    assert (await restarting.metrics())["iterations"]["sample"]["count"] > before / 2


async def test_shares_are_shares_and_seeded(make: Make) -> None:
    one, same, other = (make(faults=("5xx=30%",), seed=seed) for seed in (5, 5, 6))
    codes = [[(await each.get("/v1/status")).status_code for _ in range(300)] for each in (one, same, other)]
    assert codes[0] == codes[1] != codes[2]
    assert 60 < sum(code >= 500 for code in codes[0]) < 120
    assert set(codes[0]) <= {200, 502, 503, 504}


async def test_garbage_is_no_json_and_truncation_no_whole_one(make: Make) -> None:
    garbage = await make(faults=("garbage",)).get("/v1/status")
    cut = await make(faults=("truncate",)).get("/v1/status")
    for each in (garbage, cut):
        with pytest.raises(ValueError, match=r"Expecting|Unterminated|decode"):
            json.loads(each.content)
    assert int(cut.headers["content-length"]) > len(cut.content) > 10


async def test_dribble_takes_five_seconds_and_is_whole(make: Make) -> None:
    dribbling = make(faults=("dribble",))
    began = dribbling.clock.now()
    answer = await dribbling.clock.run(asyncio.create_task(dribbling.get("/v1/status")))
    assert answer.json()["data"]["type"] == "status"
    assert abs(dribbling.clock.now() - began - 5.0) < 0.3


async def test_huge_is_huge(make: Make) -> None:
    answer = await make(faults=("huge",)).get("/v1/status")
    assert len(answer.content) > HUGE


async def test_hang_never_answers_and_costs_nothing_when_given_up(make: Make) -> None:
    hanging = make(faults=("hang",))
    answering = asyncio.create_task(hanging.get("/v1/status"))
    for _ in range(1000):
        await asyncio.sleep(0)
    hanging.wait(1000)
    assert not answering.done()
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering


async def test_faults_combine_in_process(make: Make) -> None:
    both = make(faults=("latency=1s", "truncate", "dribble"))
    began = both.clock.now()
    answer = await both.clock.run(asyncio.create_task(both.get("/v1/status")))
    assert isinstance(answer, httpx.Response)
    assert both.clock.now() - began > 5.5
    assert int(answer.headers["content-length"]) > len(answer.content)

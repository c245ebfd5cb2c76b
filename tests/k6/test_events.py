"""The event stream of real k6s: exact to its rounding, found, told apart, and never in the way of k6's exit."""

from __future__ import annotations

import asyncio
import json
import math
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dashboard import targets
from dashboard.api.address import parse_target
from dashboard.api.events import ENDPOINT, EventDecoder
from dashboard.clock import SystemClock
from dashboard.model.history import TargetHistory
from dashboard.model.stream import StreamState
from dashboard.model.window import Window
from dashboard.session import Session
from dashboard.simulation.event_stream import shortened
from dashboard.sources.base import Reading
from dashboard.targets import EventsAt, attached_source, events_at
from tests.harness.k6 import K6Binary, RunningK6, start_k6
from tests.harness.ports import HOST, free_port
from tests.harness.sessions import under_way
from tests.harness.waiting import eventually

SHARES = {"med": 0.5, "p(90)": 0.9, "p(95)": 0.95, "p(99)": 0.99}


def dashboard_at(port: int) -> tuple[str, str]:
    return "--out", f"web-dashboard=host={HOST}&port={port}&period=1s&open=false"


class Attached:
    """A session attached to a k6, and all that came of its event stream."""

    def __init__(self, address: str, events: EventsAt | None) -> None:
        clock = SystemClock()
        self.session = Session([attached_source(parse_target(address), (), clock, 0.3, events=events)], clock)
        self.history: TargetHistory = self.session.histories[address]
        self.readings: list[Reading] = []
        self.session.listeners.append(self.readings.append)

    @property
    def windows(self) -> list[Window]:
        decoder = EventDecoder()
        documents = [document for reading in self.readings for document in reading.documents]
        return [
            window
            for document in documents
            if document.endpoint == ENDPOINT
            for window in decoder.decode(document.body).windows
        ]

    async def stands(self, state: StreamState) -> None:
        def is_so() -> bool:
            stream = self.history.run.stream
            return stream is not None and stream.state is state

        await eventually(
            is_so, what=f"a stream that is {state}", seen=lambda: [each.title for each in self.history.events]
        )

    async def over(self) -> None:
        await eventually(lambda: self.history.run.state().is_over, what="the end")


@asynccontextmanager
async def attached(address: str, events: EventsAt | None) -> AsyncGenerator[Attached]:
    watch = Attached(address, events)
    async with under_way(watch.session):
        yield watch


def iterations(running: RunningK6) -> float:
    """How many k6 has counted."""
    answer = running.api("GET", "/v1/metrics/iterations")
    count: float = answer.attributes["sample"]["count"] if answer.status == 200 else 0
    return count


def promised(port: int) -> EventsAt:
    return EventsAt(parse_target(f"{HOST}:{port}"), True)


def percentile(ordered: list[float], share: float) -> float:
    """k6's: linear interpolation between the closest ranks."""
    rank = share * (len(ordered) - 1)
    low, high = ordered[math.floor(rank)], ordered[math.ceil(rank)]
    return low + (high - low) * (rank - math.floor(rank))


def is_told(told: float, exact: float) -> bool:
    """Whether a number is what k6 makes of another when it cuts it to five digits. A sum may differ in its last bit."""
    return told in (shortened(exact), shortened(exact * (1 - 1e-12)), shortened(exact * (1 + 1e-12)))


async def test_interval_percentiles_equal_those_of_the_samples_themselves(
    k6: K6Binary, target_server: str, tmp_path: Path
) -> None:
    port, out = free_port(), tmp_path / "samples.json"
    env = {"TARGET": target_server, "DUR": "5s"}
    with start_k6(k6, "plain.js", *dashboard_at(port), "--out", f"json={out}", env=env) as running:
        async with attached(running.address, promised(port)) as watch:
            await watch.over()
            running.wait()
        windows = watch.windows
    samples: dict[str, list[float]] = defaultdict(list)
    for line in out.read_text().splitlines():
        entry = json.loads(line)
        if entry["type"] == "Point":
            samples[entry["metric"]].append(entry["data"]["value"])
    ends = sorted({window.end for window in windows})
    assert len(ends) >= 4
    by_period = {(window.metric, window.end): window.statistics for window in windows}
    compared = 0
    # k6 hands the samples of a request on together, so http_reqs counts those of every trend about requests.
    for trend, counter in (
        ("http_req_duration", "http_reqs"),
        ("http_req_waiting", "http_reqs"),
        ("my_trend", "iterations"),
    ):
        begin = 0
        for end in ends:
            told = by_period.get((trend, end))
            count = round(by_period.get((counter, end), {}).get("count", 0))
            if told is None:
                continue
            if counter == "iterations":
                # An iteration that was cut by the end of the period has left its sample in this one already.
                fitting = [n for n in range(count - 3, count + 4) if fits(told, samples[trend][begin : begin + n])]
                assert fitting, (trend, end)
                count = fitting[0]
            assert fits(told, samples[trend][begin : begin + count]), (trend, end, told)
            begin += count
            compared += count
    assert compared > 200


def fits(told: Mapping[str, float], values: list[float]) -> bool:
    """Whether the statistics of a period are those of these samples."""
    if not values:
        return False
    ordered = sorted(values)
    exact = {name: percentile(ordered, share) for name, share in SHARES.items()}
    exact |= {"avg": math.fsum(values) / len(values), "min": ordered[0], "max": ordered[-1]}
    return all(is_told(told[name], value) for name, value in exact.items())


async def test_a_late_attach_finds_the_stream_by_itself_and_has_its_past(
    k6: K6Binary, target_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setattr(targets, "K6_EVENTS_PORT", port)
    with start_k6(k6, "plain.js", *dashboard_at(port), env={"TARGET": target_server}) as running:
        running.wait_for_status(7)
        await eventually(lambda: iterations(running) > 150)
        async with attached(running.address, events_at(parse_target(running.address), None)) as watch:
            await watch.stands(StreamState.JOINED)
            run = watch.history.run
            await eventually(lambda: run.windows.has("http_req_duration", "interval p(99)", None))
            await eventually(lambda: run.last_row is not None)
            first_look = min(reading.at for reading in watch.readings)
            assert run.windows.began is not None
            assert run.windows.began < first_look - 2.0
            assert run.plan is not None
            assert [scenario.name for scenario in run.plan.scenarios] == ["main"]


async def test_a_passing_k6_ends_as_soon_as_it_has_said_so(k6: K6Binary, target_server: str) -> None:
    port = free_port()
    with start_k6(
        k6, "idle.js", *dashboard_at(port), "--vus", "1", "--duration", "3s", env={"TARGET": target_server}
    ) as running:
        async with attached(running.address, promised(port)) as watch:
            await watch.stands(StreamState.ENDED)
            assert await asyncio.to_thread(running.wait) == 0


async def test_without_a_stream_nothing_is_missed(
    k6: K6Binary, target_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, "K6_EVENTS_PORT", free_port())
    with start_k6(k6, "plain.js", env={"TARGET": target_server}) as running:
        running.wait_for_status(7)
        async with attached(running.address, events_at(parse_target(running.address), None)) as watch:
            await eventually(lambda: watch.history.looks > 4)
            assert watch.history.run.stream is None
            assert [event.title for event in watch.history.events if event.is_bad and "stream" in event.title] == []


@pytest.mark.parametrize("other", ["hot.js", "plain.js"])
async def test_a_stream_of_another_k6_is_not_mixed_in(k6_v2: K6Binary, target_server: str, other: str) -> None:
    port, env = free_port(), {"TARGET": target_server, "DUR": "60s"}
    with (
        start_k6(k6_v2, "plain.js", env=env | {"VUS": "4"}) as ours,
        start_k6(k6_v2, other, *dashboard_at(port), env=env | {"VUS": "1"}) as theirs,
    ):
        ours.wait_for_status(7)
        theirs.wait_for_status(7)
        async with attached(ours.address, promised(port)) as watch:
            await watch.stands(StreamState.OTHER)
            assert any("is of another test" in event.title for event in watch.history.events)
            run = watch.history.run
            assert run.windows.began is None
            assert "my_trend" in run.metrics
            assert theirs.stop() == 103  # nobody holds its stream

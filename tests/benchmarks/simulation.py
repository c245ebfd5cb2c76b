"""What the simulated k6 costs, and how quick it is beside a real one."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from typing import Final

from dashboard.clock import ManualClock
from dashboard.simulation.engine import Engine
from dashboard.simulation.profile import Profile
from dashboard.simulation.scenario import SCENARIO_NAMES
from dashboard.simulation.scenario_file import load_scenario
from dashboard.simulation.sinks import TrendSink
from tests.benchmarks import measure
from tests.benchmarks.measure import CLOCK, Row, absolute
from tests.harness.k6 import CHECKOUT, find_k6, start_k6, start_target
from tests.harness.ports import HOST
from tests.harness.terminal import K6DASH, open_terminal

MILLION: Final = 1_000_000
MANY_VUS: Final = 2000
ENOUGH: Final = 50_000
ENDLESS: Final = 1e9
LOOKS: Final = 50
REQUESTS: Final = ("http_req_duration", "grpc_req_duration", "ws_connecting", "browser_http_req_duration")
ASKING: Final = 3.0
CLIENTS: Final = 200
CLIENTS_FOR: Final = 10.0


def rows() -> Iterator[Row]:
    """All of it."""
    yield absolute(
        f"CPU of a million requests, steady with {MANY_VUS} VUs", _per_million("steady", 1, MANY_VUS), 2, "s"
    )
    for name, speed in (*(("steady", speed) for speed in (1, 1000)), *((name, 60) for name in SCENARIO_NAMES)):
        what = f"CPU of a million requests, {name} at {speed}x"
        yield absolute(what, round(_per_million(name, speed), 2), 2, "s")
    with _served() as (port, pid):
        yield absolute(f"CPU of serve with {CLIENTS} clients at 1 Hz", 100 * _crowded(port, pid), 50, "% of a core")
        simulated = _rate(port)
    what = "requests per second of serve, against a real k6"
    if not os.environ.get("K6DASH_K6_V2"):
        yield what, ">= 0.33x", f"{simulated:.0f} a second", "not compared: K6DASH_K6_V2"
        return
    with start_target() as url, start_k6(find_k6(2), "plain.js", env={"TARGET": url, "DUR": "60s"}) as k6:
        real = _rate(k6.port)
    reached = f"{simulated / real:.2f}x ({simulated:.0f} of {real:.0f})"
    yield what, ">= 0.33x", reached, "kept" if simulated >= real / 3 else "EXCEEDED"


def _per_million(name: str, speed: int, vus: int | None = None) -> float:
    """CPU seconds of simulating, looked at once a second of the clock, told for a million requests of any protocol.

    What is over begins anew; what ends only because its time is over goes on instead.
    """
    scenario = load_scenario(name)
    if not scenario.run.stages:
        scenario = replace(scenario, run=replace(scenario.run, seconds=ENDLESS))
    spent = requests = 0.0
    while requests < ENOUGH:
        clock = ManualClock(0.0)
        engine = Engine(scenario, Profile.V1_EXTERNAL, seed=1, clock=clock, speed=float(speed))
        engine.advance_to(1.0)
        if vus is not None:
            engine.configure(vus, vus)
        begin, looks, made = time.process_time(), 0, 0.0
        while made < ENOUGH and engine.now < scenario.run.seconds - 1.0:
            clock.set(min(clock.now() + 1.0, (scenario.run.seconds - 1.0) / speed + 1e-9))
            engine.advance()
            looks += 1
            if not looks % LOOKS:
                made = sum(_total(engine, each) for each in REQUESTS)
        requests += sum(_total(engine, each) for each in REQUESTS)
        spent += time.process_time() - begin
    return spent * MILLION / requests


def _total(engine: Engine, name: str) -> float:
    sink = engine.registry[name].sink
    return sink.count if isinstance(sink, TrendSink) else 0.0


@contextmanager
def _served() -> Generator[tuple[int, int]]:
    """A simulated k6 on a port; that and its process."""
    command = [*K6DASH, "serve", "steady", "--listen", f"{HOST}:0", "--linger"]
    with open_terminal(command, cwd=CHECKOUT) as terminal:
        terminal.wait_for_bytes(rb":[0-9]+\r?\n")
        port = int(bytes(terminal.raw).split(b"\n")[0].rpartition(b":")[2])
        measure.sleep(2.0)
        yield port, terminal.process.pid


def _rate(port: int) -> float:
    """How often a second one client after the other gets the metrics, over a connection that is kept."""
    connection = HTTPConnection(HOST, port, timeout=10)
    count, began = 0, CLOCK.now()
    while (now := CLOCK.now()) - began < ASKING:
        connection.request("GET", "/v1/metrics")
        connection.getresponse().read()
        count += 1
    connection.close()
    return count / (now - began)


def _crowded(port: int, pid: int) -> float:
    """The share of a core that a server takes while many clients ask once a second each."""
    before, began = measure.cpu_seconds(pid), CLOCK.now()
    asyncio.run(_crowd(port))
    return (measure.cpu_seconds(pid) - before) / (CLOCK.now() - began)


async def _crowd(port: int) -> None:
    async def client(number: int) -> None:
        await asyncio.sleep(number / CLIENTS)
        reader, writer = await asyncio.open_connection(HOST, port)
        for _ in range(int(CLIENTS_FOR)):
            writer.write(b"GET /v1/metrics HTTP/1.1\r\nHost: k6\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            await _body(reader, head.lower())
            await asyncio.sleep(1.0)
        writer.close()

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))


async def _body(reader: asyncio.StreamReader, head: bytes) -> None:
    """Read a body, told by its length or in chunks."""
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            await reader.readexactly(int(value))
            return
    while size := int(await reader.readline(), 16):
        await reader.readexactly(size + 2)
    await reader.readline()

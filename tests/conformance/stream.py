"""k6's event stream, from real k6 and from the simulation, and what of it has to be the same."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from dashboard.clock import SystemClock
from dashboard.simulation.engine import Engine
from dashboard.simulation.event_stream import EventStream
from dashboard.simulation.events_app import EventsApp
from dashboard.simulation.profile import Profile
from dashboard.simulation.rest import create_app
from dashboard.simulation.serve import Server
from tests.conformance.targets import HERE, binary_of, scenario, system_under_load
from tests.harness.ports import free_port, listens
from tests.harness.waiting import PATIENCE, wait_until

GOLDEN: Final = HERE / "golden" / "events.json"
PERIODS: Final = 3
OF_HOOKS: Final = "{group:::setup}"
"""k6 samples the traffic of setup() too, even where there is none; the simulation does not."""


def read_stream(port: int, snapshots: int = PERIODS, *, to_the_end: bool = False) -> bytes:
    """The answer of ``/events`` as it comes, up to a number of snapshots, or until the server or a ``stop`` ends it."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.settimeout(PATIENCE)
        connection.sendall(b"GET /events HTTP/1.1\r\nHost: k6\r\nAccept: text/event-stream\r\n\r\n")
        while to_the_end or received.count(b"event: snapshot\n\n") < snapshots:
            piece = connection.recv(65536)
            if not piece:
                break
            received += piece
            if b"event: stop\n" in received:
                break
    return received


def dechunked(body: bytes) -> bytes:
    """What was sent in chunks; an unfinished one as far as it came."""
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            break
        whole, body = whole + rest[:length], rest[length + 2 :]
    return whole


def events_of(received: bytes) -> list[tuple[str, str, Any]]:
    """Name, id and data of each whole event."""
    found: list[tuple[str, str, Any]] = []
    for block in dechunked(received.partition(b"\r\n\r\n")[2]).split(b"\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.decode().split("\n"))
        found.append((fields["event"], fields["id"], json.loads(fields["data"])))
    return found


def shape_of(received: bytes) -> dict[str, Any]:
    """All of a stream that does not depend on chance and time."""
    head = received.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    events = events_of(received)
    assert [number for _, number, _ in events] == [str(place) for place in range(len(events))]
    param = next(data for name, _, data in events if name == "param")
    announced: dict[str, Any] = {}
    aggregates: dict[str, list[str]] = param["aggregates"]
    for name, _, data in events:
        if name == "metric":
            assert list(data) == sorted(data), "names are announced in their order"
            announced.update(data)
        elif name in ("cumulative", "snapshot"):
            for metric, values in zip(sorted(announced), data, strict=True):
                wanted = 1 if metric == "time" else len(aggregates[announced[metric]["type"]])
                assert len(values) in ((wanted, 0) if name == "snapshot" else (wanted,)), metric
    periods = [name for name, *_ in events if name != "metric"]
    return {
        "head": [line for line in head if not line.startswith("Date:")],
        "param": {name: value for name, value in param.items() if name != "scriptPath"},
        "param keys": list(param),
        "metrics": {name: about for name, about in sorted(announced.items()) if OF_HOOKS not in name},
        "order": periods[: periods.index("snapshot") + 1],
        "failing": next((data for name, _, data in events if name == "threshold"), None),
    }


@contextmanager
def real_stream(profile: Profile, script: Path = HERE / "script.js") -> Generator[int]:
    """The port of the event stream of a real k6."""
    binary, port, api = binary_of(profile), free_port(), free_port()
    with system_under_load() as url:
        environment = {**os.environ, "K6_NO_USAGE_REPORT": "true", "K6_AUTO_EXTENSION_RESOLUTION": "false"}
        environment |= {"TARGET": url} | ({"EXTERNAL": "1"} if profile.is_external else {})
        out = f"web-dashboard=host=127.0.0.1&port={port}&period=1s&open=false"
        command = [
            binary,
            "run",
            "--quiet",
            "--address",
            f"127.0.0.1:{api}",
            "--out",
            out,
            str(script),
        ]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: listens(port), what="an event stream")
            yield port
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def simulated_stream(profile: Profile, **options: Any) -> Generator[tuple[int, Engine]]:
    """The port of the event stream of a simulated k6, in a thread of its own, and its engine."""
    import threading

    loop = asyncio.new_event_loop()
    run = scenario(profile)
    engine = Engine(run, profile, seed=1, clock=SystemClock(), speed=10.0, stream=EventStream(run, profile), **options)
    assert engine.stream is not None
    server = Server(EventsApp(create_app(engine), engine.stream))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.start(), loop).result(PATIENCE)
    try:
        yield int(server.address.rpartition(":")[2]), engine
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


if __name__ == "__main__":
    shapes: dict[str, Any] = {}
    for chosen in Profile:
        with real_stream(chosen) as where:
            shapes[chosen] = shape_of(read_stream(where))
    GOLDEN.write_text(json.dumps(shapes, indent=1) + "\n")
    sys.stdout.write(f"{GOLDEN}\n")

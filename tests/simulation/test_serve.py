"""The simulation on a socket: signals, exit codes, faults on the wire, and k6's own client against it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboard.clock import SystemClock
from dashboard.errors import UsageError
from dashboard.simulation.engine import Engine
from dashboard.simulation.faults import parse_faults
from dashboard.simulation.lifecycle import K6Exit
from dashboard.simulation.profile import Profile
from dashboard.simulation.rest import create_app
from dashboard.simulation.scenario_file import load_scenario
from dashboard.simulation.serve import DIED, Server
from dashboard.simulation.spoil import GARBAGE
from tests.harness.k6 import find_k6
from tests.harness.waiting import wait_until

LAUNCHER = [sys.executable, "-m", "tests.simulation.serve_launcher"]
ROOT = Path(__file__).resolve().parents[2]
CROSSED = """
[run]
duration = "4s"
vus = 2
[[step]]
request = "GET http://x/"
[thresholds]
http_req_duration = "max<0.001"
"""


class Served:
    """A process that serves a simulation."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address

    def patch(self, **attributes: object) -> httpx.Response:
        body = {"data": {"attributes": attributes}}
        return httpx.patch(f"http://{self.address}/v1/status", json=body, timeout=20)

    def wait_for(self, status: int) -> None:
        """Look until the status is there."""

        def is_there() -> bool:
            answer = httpx.get(f"http://{self.address}/v1/status", timeout=20)
            return bool(answer.json()["data"]["attributes"]["status"] == status)

        wait_until(is_there, what=f"status {status}")


Launch = Callable[..., AbstractContextManager[Served]]


@pytest.fixture
def launch() -> Launch:
    @contextlib.contextmanager
    def start(**wanted: Any) -> Generator[Served]:
        process = subprocess.Popen([*LAUNCHER, json.dumps(wanted)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert re.fullmatch(r"127\.0\.0\.1:\d+\n", line), line
            yield Served(process, line.strip())
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    return start


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_k6s_code(launch: Launch, number: int) -> None:
    with launch(speed=20) as served:
        served.wait_for(7)
        served.process.send_signal(number)
        assert served.process.wait(20) == K6Exit.EXTERNAL_ABORT


def test_a_natural_end_crossed_thresholds_and_a_stop_have_k6s_codes(launch: Launch, tmp_path: Path) -> None:
    crossed = tmp_path / "crossed.toml"
    crossed.write_text(CROSSED, encoding="utf-8")
    fine = tmp_path / "fine.toml"
    fine.write_text(CROSSED.replace("max<0.001", "max<100000"), encoding="utf-8")
    with (
        launch(scenario=str(crossed), speed=20) as one,
        launch(scenario=str(fine), speed=20) as two,
        launch() as three,
    ):
        three.wait_for(7)
        assert three.patch(stopped=True).json()["data"]["attributes"]["stopped"] is True
        assert one.process.wait(20) == K6Exit.THRESHOLDS_HAVE_FAILED
        assert two.process.wait(20) == K6Exit.OK
        assert three.process.wait(20) == K6Exit.STOPPED_FROM_REST_API
        with pytest.raises(httpx.ConnectError):
            three.patch(stopped=True)


def test_linger_stays_until_a_signal_and_keeps_the_runs_code(launch: Launch, tmp_path: Path) -> None:
    fine = tmp_path / "fine.toml"
    fine.write_text(CROSSED.replace("max<0.001", "max<100000"), encoding="utf-8")
    with launch(scenario=str(fine), speed=50, linger=True) as served:
        served.wait_for(9)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(20) == K6Exit.OK


def test_die_ends_the_process_as_a_crash_does(launch: Launch) -> None:
    with launch(faults=["die@1s"]) as served:
        assert served.process.wait(20) == DIED


@contextlib.asynccontextmanager
async def serving(*faults: str, profile: Profile = Profile.V1, **options: Any) -> AsyncGenerator[Server]:
    engine = Engine(load_scenario("steady"), profile, seed=1, clock=SystemClock(), **options)
    async with Server(create_app(engine, parse_faults(faults) if faults else None)) as server:
        yield server


async def raw(server: Server, request: bytes) -> bytes:
    """What comes back until the connection is closed."""
    host, _, port = server.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


GET = b"GET /v1/status HTTP/1.1\r\nHost: k6\r\nConnection: close\r\n\r\n"


async def test_faults_on_the_wire_are_what_they_say() -> None:
    async with serving("drop") as server:
        assert await raw(server, GET) == b""
    async with serving("garbage") as server:
        assert await raw(server, GET) == GARBAGE
        async with httpx.AsyncClient() as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get(f"http://{server.address}/v1/status")
    async with serving("truncate") as server:
        head, _, body = (await raw(server, GET)).partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        assert length is not None
        assert 0 < len(body) < int(length.group(1))
        body = (await raw(server, GET.replace(b"status", b"metrics"))).partition(b"\r\n\r\n")[2]
        assert body
        assert not body.endswith(b"0\r\n\r\n")
    async with serving("5xx") as server:
        assert re.match(rb"HTTP/1.1 50[234] ", await raw(server, GET))


async def test_many_clients_and_pipelining_on_kept_alive_connections() -> None:
    async with serving() as server:
        answers = await raw(server, GET.replace(b"Connection: close\r\n", b"") * 3 + GET)
        assert answers.count(b'"type":"status"') == 4
        async with httpx.AsyncClient(base_url=f"http://{server.address}") as client:
            paths = ["/v1/status", "/v1/metrics", "/v1/groups", "/v1/setup"] * 50
            got = await asyncio.gather(*(client.get(path) for path in paths))
        assert {answer.status_code for answer in got} == {200}


async def test_stop_ends_hung_requests_and_frees_the_port() -> None:
    async with serving("hang") as server:
        host, _, port = server.address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(GET)
        await writer.drain()
        reading = asyncio.create_task(reader.read())
        await asyncio.sleep(0)
        await server.stop()
        with contextlib.suppress(ConnectionError):
            assert await reading == b""
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        with socket.socket() as again:
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind((host, int(port)))


async def test_a_port_in_use_is_told_in_one_line() -> None:
    async with serving() as server:
        port = int(server.address.rpartition(":")[2])
        other = Server(create_app(Engine(load_scenario("steady"), Profile.V1, seed=1, clock=SystemClock())), port=port)
        with pytest.raises(UsageError, match=rf"cannot listen on 127.0.0.1:{port}: .*; choose another port"):
            await other.start()


async def test_the_embedded_server_leaves_signals_alone() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    async with serving():
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


async def test_a_restart_closes_the_port_and_opens_it_again() -> None:
    async with (
        serving("restart@0s") as server,
        httpx.AsyncClient(base_url=f"http://{server.address}") as client,
    ):
        refused = answered = False
        for _ in range(1000):
            try:
                answered = (await client.get("/v1/status")).status_code == 200
            except (httpx.TransportError, ConnectionError):
                refused = True
            if answered and refused:
                break
            await asyncio.sleep(0.01)
        assert refused
        assert answered


def k6(major: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Real k6's own client."""
    return subprocess.run([find_k6(major), *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.k6
@pytest.mark.parametrize("major", [1, 2])
def test_k6s_hidden_stats_command_reads_it(launch: Launch, major: int) -> None:
    with launch(speed=10) as served:
        served.wait_for(7)
        shown = k6(major, "stats", "--address", served.address)
        assert shown.returncode == 0, shown.stderr
        assert "name: vus_max" in shown.stdout or "name: http_req_duration" in shown.stdout


@pytest.mark.k6
def test_k6s_controls_work_on_it(launch: Launch) -> None:
    with launch(speed=5) as served:
        served.wait_for(7)
        address = ("--address", served.address)
        for command, wanted in (
            (("status",), 'paused: "false"'),
            (("pause",), 'paused: "true"'),
            (("resume",), 'paused: "false"'),
            (("scale", "--vus", "7"), 'vus: "7"'),
            (("scale", "--vus", "45", "--max", "50"), 'vus-max: "50"'),
        ):
            shown = k6(1, *command, *address)
            assert shown.returncode == 0, shown.stderr
            assert wanted in shown.stdout
        refused = k6(1, "scale", "--vus", "99", *address)
        assert refused.returncode != 0
        assert "must be less than or equal to the number of maxVUs (50)" in refused.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_curl_gets_what_k6s_documentation_shows(launch: Launch) -> None:
    def curl(served: Served, path: str, *arguments: str) -> str:
        command = ["curl", "-s", "-w", " %{http_code}", *arguments, f"http://{served.address}{path}"]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    envelope = '{"data": {"type": "setupData", "id": "default", "attributes": {"data": {"a": 1, "b": 2}}}}'
    documented = '{"data": {"attributes": {"paused": true, "vus": 1,}, "id": "default", "type": "status"}}'
    json_header = ("-H", "Content-Type: application/json")
    with launch(speed=10, profile="v2") as served:
        served.wait_for(7)
        assert '"type":"status"' in curl(served, "/v1/status")
        assert '"type":"metrics"' in curl(served, "/v1/metrics")
        wait_until(lambda: curl(served, "/v1/metrics/vus").endswith("} 200"), what="the first sample of the VUs")
        assert '"type":"groups"' in curl(served, "/v1/groups")
        assert curl(served, "/v1/groups/d41d8cd98f00b204e9800998ecf8427e").endswith("} 200")
        assert '"token":"d0a9c2"' in curl(served, "/v1/setup")
        # The documented PUT stores its envelope, the PATCH is no JSON, and the stop shows the whole status.
        assert '"attributes":{"data":{"data":{' in curl(served, "/v1/setup", "-X", "PUT", *json_header, "-d", envelope)
        assert curl(served, "/v1/setup", "-X", "POST", *json_header).endswith("} 200")
        assert curl(served, "/v1/teardown", "-X", "POST", *json_header) == " 200"
        assert curl(served, "/v1/status", "-X", "PATCH", *json_header, "-d", documented).endswith("} 400")
        stop = '{"data": {"type": "status", "id": "default", "attributes": {"stopped": true}}}'
        assert '"stopped":true,"running":true' in curl(served, "/v1/status", "-X", "PATCH", *json_header, "-d", stop)
        assert served.process.wait(20) == K6Exit.STOPPED_FROM_REST_API

"""What can be asked: real k6, the simulation on a socket, and the simulation in process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

from dashboard.clock import ManualClock, SystemClock
from dashboard.simulation.engine import Engine
from dashboard.simulation.profile import Profile
from dashboard.simulation.rest import create_app
from dashboard.simulation.scenario_file import load_scenario
from dashboard.simulation.serve import Server
from tests.conformance.cases import patch
from tests.conformance.wire import Answer, Case, send
from tests.harness.k6 import find_k6
from tests.harness.ports import free_port, listens
from tests.harness.waiting import wait_until

PHASE_PATIENCE = 60.0
"""Seconds that a k6 may need to come to a phase: it evaluates thresholds every two."""

HERE = Path(__file__).resolve().parent
_MAJORS = {Profile.V1_EXTERNAL: 1, Profile.V1: 1, Profile.V2: 2}


class Target(Protocol):
    """Something that answers as k6 does."""

    def ask(self, case: Case) -> Answer | None:
        """Send one request; None if no answer comes."""
        ...

    def wait_until(self, predicate: Callable[[], bool], what: str) -> None:
        """Let time pass until ``predicate`` holds."""
        ...


def _json(target: Target, path: str) -> Any:
    answer = target.ask(Case("poll", target=path))
    return json.loads(answer.body) if answer and answer.status_line.endswith("200 OK") else {}


def _status(target: Target) -> dict[str, Any]:
    attributes: dict[str, Any] = _json(target, "/v1/status")["data"]["attributes"]
    return attributes


def _is_sampled(target: Target) -> bool:
    metric = _json(target, "/v1/metrics/my_trend%7Ba%3Ab%2Cc%3Ad%7D")
    if not metric or not _json(target, "/v1/metrics/iterations"):
        return False  # what an iteration has sent is counted at its end
    return _status(target)["tainted"] and metric["data"]["attributes"]["tainted"] is False and _vus(target) > 0


def _vus(target: Target) -> float:
    value: float = _json(target, "/v1/metrics/vus")["data"]["attributes"]["sample"]["value"]
    return value


def _is_there(target: Target, phase: str) -> bool:
    if phase == "paused":
        return _status(target)["status"] == 4 and bool(_json(target, "/v1/metrics/vus_max"))
    return _is_sampled(target) if phase == "running" else _status(target)["status"] == 10


def go_to(target: Target, phase: str) -> None:
    """Bring a target that was started with ``--paused --linger`` to a phase; phases come in order."""
    if phase == "running":
        target.ask(Case("resume", "PATCH", "/v1/status", patch(paused=False)))
    elif phase == "stopped":
        target.ask(Case("stop", "PATCH", "/v1/status", patch(stopped=True)))
    target.wait_until(lambda: _is_there(target, phase), phase)


class OnSocket:
    """Something that listens."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self.port = port

    def ask(self, case: Case) -> Answer | None:
        return send(self._host, self.port, case)

    def wait_until(self, predicate: Callable[[], bool], what: str) -> None:
        wait_until(predicate, PHASE_PATIENCE, what)


class InProcess:
    """The simulation without a socket, on a clock that jumps to whatever is waited for."""

    def __init__(self, profile: Profile) -> None:
        self.clock = _JumpingClock()
        engine = Engine(scenario(profile), profile, seed=1, clock=self.clock, paused=True, linger=True)
        self.app = create_app(engine)
        self._loop = asyncio.new_event_loop()

    def ask(self, case: Case) -> Answer | None:
        return self._loop.run_until_complete(self._ask(case))

    def wait_until(self, predicate: Callable[[], bool], what: str) -> None:
        for _ in range(2000):
            if predicate():
                return
            self.clock.set(self.clock.now() + 0.1)
        raise AssertionError(f"{what} did not come about in 200 s of the simulation")

    def close(self) -> None:
        self._loop.close()

    async def _ask(self, case: Case) -> Answer | None:
        path, _, query = case.target.partition("?")
        messages: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": case.body or b""}

        async def collect(message: Any) -> None:
            messages.append(message)

        scope: dict[str, Any] = {
            "type": "http",
            "method": case.method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [],
        }
        answering = asyncio.ensure_future(self.app(scope, receive, collect))
        for _ in range(20_000):
            if answering.done():
                break
            await asyncio.sleep(0)
        if not answering.done():
            answering.cancel()
            return None
        await answering
        headers = tuple((name.decode(), value.decode()) for name, value in messages[0]["headers"])
        body = b"".join(message.get("body", b"") for message in messages[1:])
        has_length = any(name == "Content-Length" for name, _ in headers)
        framing = "none" if case.method == "HEAD" else "length" if has_length else "chunked"
        reason = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"} | {
            307: "Temporary Redirect",
            500: "Internal Server Error",
        }
        return Answer(f"HTTP/1.1 {messages[0]['status']} {reason[messages[0]['status']]}", headers, body, framing)


class _JumpingClock(ManualClock):
    """A clock on which every wait is over at once, and that much time has passed."""

    async def sleep(self, seconds: float) -> None:
        self.set(self.now() + max(0.0, seconds))
        await asyncio.sleep(0)


def scenario(profile: Profile) -> Any:
    """What the simulation runs in the place of ``script.js``."""
    return load_scenario(str(HERE / ("external.toml" if profile.is_external else "conformance.toml")))


@contextmanager
def in_process(profile: Profile) -> Generator[Target]:
    """The simulation without a socket."""
    target = InProcess(profile)
    yield target
    target.close()


@contextmanager
def on_socket(profile: Profile) -> Generator[Target]:
    """The simulation on a socket, in a thread of its own."""
    loop = asyncio.new_event_loop()
    started: list[tuple[Server, str]] = []
    ready = threading.Event()

    async def serve() -> None:
        engine = Engine(scenario(profile), profile, seed=1, clock=SystemClock(), speed=10.0, paused=True, linger=True)
        server = Server(create_app(engine))
        started.append((server, await server.start()))
        ready.set()

    def run() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(10)
    server, address = started[0]
    try:
        yield OnSocket("127.0.0.1", int(address.rpartition(":")[2]))
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


class _Ok(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # an interrupted iteration hangs up
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


@contextmanager
def system_under_load() -> Generator[str]:
    """Something for real k6 to ask; its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Ok)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(10)


def binary_of(profile: Profile) -> str:
    """The k6 that a profile is of; without one the test is skipped or failed, as :func:`find_k6` decides."""
    return os.fspath(find_k6(_MAJORS[profile]))


@contextmanager
def real_k6(profile: Profile) -> Generator[Target]:
    """A k6 that the environment names."""
    binary, port = binary_of(profile), free_port()
    environment = {**os.environ, "K6_NO_USAGE_REPORT": "true", "K6_AUTO_EXTENSION_RESOLUTION": "false"}
    if profile.is_external:
        environment["EXTERNAL"] = "1"
    with system_under_load() as url:
        command = [binary, "run", "--paused", "--linger", "--quiet"]
        command += ["--address", f"127.0.0.1:{port}", str(HERE / "script.js")]
        process = subprocess.Popen(
            command, env={**environment, "TARGET": url}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            wait_until(lambda: listens(port), what="a k6 that listens")
            yield OnSocket("127.0.0.1", port)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

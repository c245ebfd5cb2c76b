"""A k6 that answers at once with moving numbers, and writes down who asked what, and when.

``python -m tests.benchmarks.stub METRICS AGE`` prints its port and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from typing import Any

from dashboard.clock import SystemClock
from tests.benchmarks import documents
from tests.harness.k6 import CHECKOUT
from tests.harness.ports import HOST


@dataclass(frozen=True, slots=True)
class Request:
    """One request that came in."""

    method: str
    path: str
    at: float
    """When it had come in, on the system clock."""
    body: str
    in_flight: int
    """How many requests were being answered then, this one included."""


class StubK6:
    """The server's side."""

    def __init__(self, count: int, age: float) -> None:
        self._count = count
        self._clock = SystemClock()
        self._started = self._clock.now() - age
        self._log: list[Request] = []
        self._in_flight = 0
        self._vus = 10
        self._is_paused = False
        self._is_stopped = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                now = self._clock.now()
                method, path, _ = head.split(" ", 2)
                length = next(
                    (int(line[15:]) for line in head.lower().split("\r\n") if line.startswith("content-length:")), 0
                )
                payload = await reader.readexactly(length)
                self._in_flight += 1
                if not path.startswith("/stub/"):
                    self._log.append(Request(method, path, now, payload.decode(), self._in_flight))
                status, body = self._answer(method, path, payload, now - self._started)
                writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)
                await writer.drain()
                self._in_flight -= 1
        writer.close()

    def _answer(self, method: str, path: str, payload: bytes, elapsed: float) -> tuple[int, bytes]:
        match method, path:
            case "PATCH", "/v1/status":
                wanted: dict[str, Any] = json.loads(payload)["data"]["attributes"]
                if wanted.get("vus", 0) < 0:
                    refusal = {"status": "400", "title": "Config update error", "detail": "negative number of VUs"}
                    return 400, documents.body({"errors": [refusal]})
                self._is_paused = wanted.get("paused", self._is_paused)
                self._vus = wanted.get("vus", self._vus)
                self._is_stopped = self._is_stopped or wanted.get("stopped") is True
                return 200, documents.body(documents.status(elapsed, self._vus, self._is_paused, self._is_stopped))
            case "GET", "/v1/status":
                return 200, documents.body(documents.status(elapsed, self._vus, self._is_paused, self._is_stopped))
            case "GET", "/v1/metrics":
                return 200, documents.body(documents.metrics(elapsed, self._vus, self._count))
            case "GET", "/v1/setup":
                return 200, b'{"data":{"type":"setupData","id":"default","attributes":{}}}'
            case "GET", "/v1/groups":
                return 200, b'{"data":[]}'
            case "GET", "/stub/log":
                return 200, json.dumps([asdict(request) for request in self._log]).encode()
            case _:
                return 404, b"404 page not found\n"


@dataclass(frozen=True, slots=True)
class RunningStub:
    """A stub in a process of its own."""

    port: int

    @property
    def address(self) -> str:
        """``host:port``."""
        return f"{HOST}:{self.port}"

    def log(self) -> list[Request]:
        """Every request so far."""
        connection = HTTPConnection(HOST, self.port, timeout=10)
        try:
            connection.request("GET", "/stub/log")
            return [Request(**entry) for entry in json.loads(connection.getresponse().read())]
        finally:
            connection.close()


@contextmanager
def start_stub(count: int = documents.BUILTIN, age: float = 60.0) -> Generator[RunningStub]:
    """Run a stub with ``count`` metrics whose run has gone on for ``age`` seconds."""
    command = [sys.executable, "-m", "tests.benchmarks.stub", str(count), str(age)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield RunningStub(int(process.stdout.readline()))
        finally:
            process.terminate()


async def _main(count: int, age: float) -> None:
    server = await asyncio.start_server(StubK6(count, age).serve, HOST, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2])))

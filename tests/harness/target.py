"""The server under load: a small HTTP server on loopback, for k6 to shoot at.

Paths: ``/fast`` answers at once, ``/var`` after a log-normal while around 20 ms, ``/slow`` after a second,
``/flaky`` with a tenth of 500s, ``/status/N`` with that status, ``/wait/N`` after so many milliseconds.

``python -m tests.harness.target`` prints its port and serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import math
import random
import sys
from typing import cast

_DRAIN = 65536


class Target(asyncio.Protocol):
    """One connection: requests are answered one after the other, in the order they came."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._buffer = b""
        self._paths: list[str] = []
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, rest = self._buffer.split(b"\r\n\r\n", 1)
            lines = head.split(b"\r\n")
            length = 0
            for line in lines[1:]:
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if len(rest) < length:
                break
            self._buffer = rest[length:]
            self._paths.append(lines[0].split(b" ", 2)[1].decode("latin-1").split("?")[0])
        self._pump()

    def _pump(self) -> None:
        if self._busy or not self._paths:
            return
        path = self._paths.pop(0)
        status, delay = self._answer_to(path)
        self._busy = True
        asyncio.get_running_loop().call_later(delay, self._reply, status, path)

    def _answer_to(self, path: str) -> tuple[int, float]:
        if path == "/var":
            return 200, 0.020 * math.exp(self._chance.gauss(0, 0.6))
        if path == "/slow":
            return 200, 1.0
        if path.startswith("/wait/"):
            return 200, int(path.rsplit("/", 1)[1]) / 1000
        if path == "/flaky":
            status = 500 if self._chance.random() < 0.1 else 200
            return status, 0.005 * math.exp(self._chance.gauss(0, 0.5))
        if path.startswith("/status/"):
            return int(path.rsplit("/", 1)[1]), 0.0
        return 200, 0.0

    def _reply(self, status: int, path: str) -> None:
        self._busy = False
        if self._transport.is_closing():
            return
        body = b'{"ok":true,"path":"%s"}' % path.encode()
        head = b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(head % (status, len(body)) + body)
        self._pump()


async def serve(seed: int = 1) -> None:
    """Print the port, then serve until standard input ends."""
    chance = random.Random(seed)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Target(chance), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - its parent reads it
    while await loop.run_in_executor(None, sys.stdin.buffer.read, _DRAIN):
        pass
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())

"""Servers on loopback that speak as a test tells them to, and know what became of their connections."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Talk = Callable[["Wire"], Awaitable[None]]

PATIENCE = 20.0
"""Seconds after which a test that hangs is ended; nothing is expected to take that long."""


@dataclass
class Listener:
    """A listening server."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list[bytes])
    """Head and body of each request, as far as its length was told."""
    sent: int = 0
    """Bytes written to all connections."""
    connections: int = 0
    still_open: int = 0
    all_closed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while no client's connection is open."""


class Wire:
    """One client's connection, from the server's side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener: Listener) -> None:
        self._reader = reader
        self._writer = writer
        self._listener = listener

    async def request(self) -> bytes:
        """Read one request; empty when the client has gone."""
        try:
            request = await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""
        for line in request.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                request += await self._reader.readexactly(int(value))
        self._listener.requests.append(request)
        return request

    async def send(self, data: bytes) -> None:
        """Write, and wait until there is room for more."""
        self._writer.write(data)
        self._listener.sent += len(data)
        await self._writer.drain()

    async def gone(self) -> None:
        """Wait until the client has closed its end."""
        while await self._reader.read(65536):
            pass

    def reset(self) -> None:
        """Break the connection off."""
        sock: socket.socket = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


@asynccontextmanager
async def listen(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncGenerator[Listener]:
    """Serve each connection with ``talk``; it closes when that returns."""
    listener = Listener()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        listener.connections += 1
        listener.still_open += 1
        listener.all_closed.clear()
        wire = Wire(reader, writer, listener)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await talk(wire)
                writer.write_eof() if writer.can_write_eof() else writer.close()
                await wire.gone()
        except asyncio.CancelledError:
            # The test is over; asyncio's own callback would report a cancelled handler as an error.
            pass
        finally:
            tasks.discard(task)
            listener.still_open -= 1
            if not listener.still_open:
                listener.all_closed.set()
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """Return a whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def answering(*data: bytes) -> Talk:
    """Answer each request of a connection with the next of ``data``, the last one again and again."""

    async def talk(wire: Wire) -> None:
        index = 0
        while await wire.request():
            await wire.send(data[min(index, len(data) - 1)])
            index += 1

    return talk


def saying_once(data: bytes) -> Talk:
    """Answer the first request with ``data`` and close."""

    async def talk(wire: Wire) -> None:
        await wire.request()
        await wire.send(data)

    return talk


def saying_for_ever(first: bytes, then: bytes) -> Talk:
    """Answer with ``first``, and go on with ``then`` as fast as it is read."""

    async def talk(wire: Wire) -> None:
        await wire.request()
        await wire.send(first)
        while True:
            await wire.send(then)
            await asyncio.sleep(0)

    return talk


def saying_and_waiting(data: bytes = b"") -> Talk:
    """Answer with ``data``, then neither speak nor close."""

    async def talk(wire: Wire) -> None:
        await wire.request()
        await wire.send(data)
        await wire.gone()

    return talk


def dribbling(first: bytes, piece: bytes = b" ") -> Talk:
    """Answer with ``first``, then a byte now and then for ever."""

    async def talk(wire: Wire) -> None:
        await wire.request()
        await wire.send(first)
        while True:
            await asyncio.sleep(0.02)
            await wire.send(piece)

    return talk

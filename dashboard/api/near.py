"""The way to a k6 on this machine: HTTP/1.1 over asyncio, without TLS and without a proxy.

httpx does the same through httpcore and anyio. All that takes 45 ms to load before the first data and twice the CPU for
a request, and here they are asked twice a look. What an answer may be is h11's judgement in both.
"""

from __future__ import annotations

import asyncio
import ipaddress
import select
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

import h11

from dashboard.api.way import Arriving, GarbledError, Request, WayError

LARGEST_HEAD: Final = 100 * 1024
"""The most bytes of an answer's head, or of one line of a chunked body."""
_ENOUGH_UNREAD: Final = 256 * 1024
"""Bytes not yet taken of an answer, after which the server has to wait."""


class NearWay:
    """Keeps a few connections, each for one request at a time.

    Args:
        url: Where k6 is.
        most: How many requests are under way at once; further ones wait.
        most_idle: How many connections are kept for the next request.
        expiry: Seconds after which a connection that nobody needed is not used again.
    """

    def __init__(self, url: str, *, most: int, most_idle: int, expiry: float) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or 80
        self._prefix = parts.path
        self._headers = {b"Host": parts.netloc.encode("ascii"), b"Connection": b"keep-alive"}
        self._slots = asyncio.Semaphore(most)
        self._most_idle = most_idle
        self._expiry = expiry
        self._idle: list[_Connection] = []
        self._busy: set[_Connection] = set()

    @asynccontextmanager
    async def ask(self, request: Request) -> AsyncGenerator[Arriving]:
        """Send a request and wait for the head of its answer."""
        given = {name.lower() for name, _ in request.headers}
        more = tuple(header for header in self._headers.items() if header[0].lower() not in given)
        request = replace(request, path=self._prefix + request.path, headers=more + request.headers)
        async with self._slots:
            connection = self._kept() or await _connect(self._host, self._port)
            self._busy.add(connection)
            try:
                head = await connection.ask(request)
                yield Arriving(head.status_code, tuple(head.headers.raw_items()), connection.pieces())
            finally:
                self._take_back(connection)

    def _kept(self) -> _Connection | None:
        """The connection used last, of those that can still be used."""
        oldest = asyncio.get_running_loop().time() - self._expiry
        while self._idle:
            connection = self._idle.pop()
            if connection.idle_since > oldest and connection.is_quiet_still:
                return connection
            connection.close()
        return None

    def _take_back(self, connection: _Connection) -> None:
        """Keep a connection whose answer has been read to its end; close any other."""
        self._busy.discard(connection)
        if len(self._idle) < self._most_idle and connection.is_done():
            self._idle.append(connection)
        else:
            connection.close()

    async def aclose(self) -> None:
        """Close all connections. What is under way fails."""
        for connection in (*self._idle, *self._busy):
            connection.close()
        self._idle.clear()
        # The transports close in the loop's next turn.
        await asyncio.sleep(0)


class _Connection(asyncio.Protocol):
    """One connection: bytes in, events of HTTP out."""

    def __init__(self) -> None:
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD)
        self._transport: asyncio.Transport | None = None
        self._unread = bytearray()
        self._has_ended = False
        self._error: Exception | None = None
        self._news: asyncio.Future[None] | None = None
        self.idle_since = 0.0

    # What asyncio tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._unread += data
        if len(self._unread) > _ENOUGH_UNREAD and self._transport is not None:
            self._transport.pause_reading()
        self._tell()

    def eof_received(self) -> None:
        self._has_ended = True
        self._tell()

    def connection_lost(self, exc: Exception | None) -> None:
        self._has_ended = True
        self._error = exc
        self._tell()

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    # What the way does

    @property
    def is_quiet(self) -> bool:
        """Whether the server neither closed it nor said anything unasked, as far as the loop knows."""
        return not (self._has_ended or self._unread)

    @property
    def is_quiet_still(self) -> bool:
        """The same, looking at the socket too: what came in since the loop last looked it does not know."""
        if not self.is_quiet or self._transport is None or self._transport.is_closing():
            return False
        poll = select.poll()
        poll.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        return not poll.poll(0)

    async def ask(self, request: Request) -> h11.Response:
        """Send a request and wait for the head of its answer.

        Raises:
            GarbledError: what came is no HTTP, or nothing did.
            WayError: it cannot be said in HTTP, or the connection broke.
        """
        assert self._transport is not None
        headers = [*request.headers]
        if request.content is not None:
            headers.append((b"Content-Length", b"%d" % len(request.content)))
        try:
            sent = [self._http.send(h11.Request(method=request.method, target=request.path, headers=headers))]
            if request.content:
                sent.append(self._http.send(h11.Data(data=request.content)))
            sent.append(self._http.send(h11.EndOfMessage()))
        except h11.LocalProtocolError as error:
            raise WayError(str(error)) from error
        # In one piece: a server may answer and close before it has read all of it.
        self._transport.write(b"".join(data for data in sent if data))
        while True:
            event = await self._event()
            if isinstance(event, h11.Response):
                return event

    async def pieces(self) -> AsyncGenerator[bytes]:
        """The body as it comes in.

        Raises:
            GarbledError: it is garbled, or cut short.
            WayError: the connection broke.
        """
        while isinstance(event := await self._event(), h11.Data):
            yield bytes(event.data)

    async def _event(self) -> h11.Event | type[h11.PAUSED]:
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                raise GarbledError(str(error)) from error
            if event is not h11.NEED_DATA:
                assert not isinstance(event, type) or event is h11.PAUSED
                return event
            data = await self._read()
            if not data and self._http.their_state is h11.SEND_RESPONSE:
                raise GarbledError("Server disconnected without sending a response.")
            try:
                self._http.receive_data(data)
            except h11.RemoteProtocolError as error:
                raise GarbledError(str(error)) from error

    async def _read(self) -> bytes:
        """What has come in; nothing at the end of the connection."""
        while not self._unread and not self._has_ended:
            self._news = asyncio.get_running_loop().create_future()
            try:
                await self._news
            finally:
                self._news = None
        if self._unread:
            data = bytes(self._unread)
            self._unread.clear()
            if self._transport is not None and not self._transport.is_closing():
                self._transport.resume_reading()
            return data
        if self._error is not None:
            raise WayError(str(self._error)) from self._error
        return b""

    def is_done(self) -> bool:
        """Whether it can take another request: question and answer have been said to their ends, and nothing else."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE or not self.is_quiet:
            return False
        if self._http.trailing_data[0]:
            return False
        self._http.start_next_cycle()
        self.idle_since = asyncio.get_running_loop().time()
        return True

    def close(self) -> None:
        """Close it now, whatever is under way."""
        if not self._has_ended:
            self._has_ended = True
            self._error = ConnectionAbortedError("the connection was closed on this side")
            self._tell()
        if self._transport is not None:
            self._transport.abort()


async def _connect(host: str, port: int) -> _Connection:
    """Open a connection to the first address of ``host`` that takes one.

    Raises:
        WayError: none does; its cause says why, for each.
    """
    loop = asyncio.get_running_loop()
    failures: list[OSError] = []
    try:
        for address in await _addresses(host, port):
            try:
                _, connection = await loop.create_connection(_Connection, address, port)
            except OSError as error:
                failures.append(error)
            else:
                return connection
    except (OSError, UnicodeError) as error:
        raise WayError(str(error)) from error
    raise WayError("all connection attempts failed") from ExceptionGroup("by address", failures)


async def _addresses(host: str, port: int) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        import socket

        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

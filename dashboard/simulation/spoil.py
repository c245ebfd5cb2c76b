"""Spoiling of answers: the faults, as something that stands between an ASGI application and the wire.

On a socket the connection offers itself in the scope (see ``http11``), so that it can really be dropped or
fed with something that is not HTTP. In process there is no wire: what cannot be shown there is raised, or
shown in the body.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import Final, Protocol, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.clock import Clock
from dashboard.simulation.faults import Faults

CONNECTION: Final = "k6dash.connection"
"""The ASGI extension under which a socket's connection offers itself."""

GARBAGE: Final = b"\x16\x03\x01\x02\x00 this is \x00 not \xff HTTP \x1b[31m\r\n\xde\xad\xbe\xef" * 3
HUGE: Final = 32 * 1024 * 1024
_PIECE: Final = 64 * 1024
_DRIBBLE_PIECES: Final = 20
_DRIBBLE_PAUSE: Final = 0.25


class ProcessGone(Exception):
    """The simulated process does not exist (any more): a client must see its connection refused."""


class ConnectionDropped(ProcessGone):
    """The connection was closed without a word, or in the middle of one."""


class Connection(Protocol):
    """What a socket's connection lets a fault do."""

    def drop(self) -> None:
        """Close it without another word."""
        ...

    def write_raw(self, data: bytes) -> None:
        """Send bytes that need not be HTTP, then close."""
        ...


def _connection(scope: Scope) -> Connection | None:
    extensions = cast("dict[str, object]", scope.get("extensions") or {})
    return cast("Connection | None", extensions.get(CONNECTION))


class Spoiler:
    """Lets faults befall the answers of an application.

    Args:
        faults: Which.
        clock: What latency waits on.
        random: What decides whom a fault befalls.
    """

    def __init__(self, faults: Faults, clock: Clock, random: Random) -> None:
        self._faults = faults
        self._clock = clock
        self._random = random

    def _befalls(self, name: str, seconds: float) -> bool:
        return any(
            seconds >= fault.since and (fault.share >= 1.0 or self._random.random() < fault.share)
            for fault in self._faults.named(name)
        )

    async def __call__(self, app: ASGIApp, seconds: float, scope: Scope, receive: Receive, send: Send) -> None:
        """Let ``app`` answer a request that came ``seconds`` after the start of the server."""
        if not self._faults.faults:
            await app(scope, receive, send)
            return
        befalls = {
            name
            for name in ("hang", "drop", "garbage", "5xx", "huge", "truncate", "dribble")
            if self._befalls(name, seconds)
        }
        latency = sum(fault.seconds for fault in self._faults.named("latency") if seconds >= fault.since)
        if latency:
            await self._clock.sleep(latency)
        if "hang" in befalls:
            await asyncio.Event().wait()
        connection = _connection(scope)
        if "drop" in befalls:
            self._drop(connection)
            return
        if "garbage" in befalls:
            await self._garbage(connection, send)
            return
        if "5xx" in befalls:
            await self._proxy_error(send)
            return
        if befalls:
            send = _Spoiled(befalls, self._clock, connection, send)
        await app(scope, receive, send)

    def _drop(self, connection: Connection | None) -> None:
        if connection is None:
            raise ConnectionDropped("the connection was dropped")
        connection.drop()

    async def _garbage(self, connection: Connection | None, send: Send) -> None:
        if connection is not None:
            connection.write_raw(GARBAGE)
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Type", b"text/plain")]})
        await send({"type": "http.response.body", "body": GARBAGE})

    async def _proxy_error(self, send: Send) -> None:
        code, reason = self._random.choice(
            ((502, "Bad Gateway"), (503, "Service Unavailable"), (504, "Gateway Timeout"))
        )
        body = f"<html><body><h1>{code} {reason}</h1></body></html>\n".encode()
        headers = [(b"Content-Type", b"text/html"), (b"Content-Length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": code, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class _Spoiled:
    """A ``send`` that spoils the body on its way."""

    def __init__(self, befalls: set[str], clock: Clock, connection: Connection | None, send: Send) -> None:
        self._befalls = befalls
        self._clock = clock
        self._connection = connection
        self._send = send

    async def __call__(self, message: Message) -> None:
        """Pass a message on, spoilt."""
        if message["type"] == "http.response.start":
            if "huge" in self._befalls:
                headers = [header for header in message["headers"] if header[0].lower() != b"content-length"]
                message = {**message, "headers": headers}
            await self._send(message)
            return
        body: bytes = message.get("body", b"")
        is_cut = "truncate" in self._befalls
        body = body[: len(body) // 2] if is_cut else body
        pieces = [body]
        pause = 0.0
        if "dribble" in self._befalls:
            size = max(1, -(-len(body) // _DRIBBLE_PIECES))
            pieces = [body[at : at + size] for at in range(0, len(body), size)] or [b""]
            pause = _DRIBBLE_PAUSE
        for piece in pieces:
            if pause:
                await self._clock.sleep(pause)
            await self._body(piece)
        if "huge" in self._befalls:
            for _ in range(HUGE // _PIECE):
                await self._body(b" " * _PIECE)
        if is_cut and self._connection is not None:
            self._connection.drop()
            return
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _body(self, piece: bytes) -> None:
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

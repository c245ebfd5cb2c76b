"""The way to an application in this process. Its answers may be without an end: bodies come as they are sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from dashboard.api.way import Arriving, GarbledError, Request, WayError
from dashboard.simulation.spoil import ConnectionDropped, ProcessGone

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Scope

_ROOM = 16
"""Pieces that may wait to be taken; whoever sends more waits."""


class InProcess:
    """Asks an application. When its process has gone, nobody listens, as on a socket."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def aclose(self) -> None:
        """Nothing is kept from one request to the next."""

    @asynccontextmanager
    async def ask(self, request: Request) -> AsyncGenerator[Arriving]:
        """Send a request and wait for the head of its answer."""
        sent: asyncio.Queue[Message] = asyncio.Queue(_ROOM)
        path, _, query = request.path.partition("?")
        headers = [(b"host", b"simulated-k6"), *((name.lower(), value) for name, value in request.headers)]
        if request.content is not None:
            headers.append((b"content-length", b"%d" % len(request.content)))
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": _decoded(path),
            "raw_path": path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "root_path": "",
            "headers": headers,
        }
        is_read = False

        async def receive() -> Message:
            nonlocal is_read
            if is_read:
                await asyncio.Event().wait()  # nobody hangs up before the answer has been read
            is_read = True
            return {"type": "http.request", "body": request.content or b"", "more_body": False}

        answering = asyncio.ensure_future(self._app(scope, receive, sent.put))
        try:
            head = await _message(sent, answering)
            yield Arriving(head["status"], tuple(head["headers"]), _pieces(sent, answering))
        finally:
            answering.cancel()
            await asyncio.wait((answering,))


async def _pieces(sent: asyncio.Queue[Message], answering: asyncio.Future[None]) -> AsyncGenerator[bytes]:
    has_more = True
    while has_more:
        message = await _message(sent, answering)
        has_more = message.get("more_body", False)
        if message.get("body"):
            yield message["body"]


async def _message(sent: asyncio.Queue[Message], answering: asyncio.Future[None]) -> Message:
    """The next message.

    Raises:
        WayError: nobody listens.
        GarbledError: there are no more.
    """
    taking = asyncio.ensure_future(sent.get())
    try:
        await asyncio.wait((taking, answering), return_when=asyncio.FIRST_COMPLETED)
        if not taking.done() and sent.empty():
            try:
                answering.result()
            except ConnectionDropped as error:
                raise GarbledError("Server disconnected without sending a response.") from error
            except ProcessGone as error:
                raise WayError("connection refused") from ConnectionRefusedError(str(error))
            raise GarbledError("the connection was closed")
        return await taking
    finally:
        taking.cancel()


def _decoded(path: str) -> str:
    from urllib.parse import unquote

    return unquote(path)

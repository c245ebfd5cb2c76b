"""The way to an application in this process that answers without an end: its body comes as it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.types import ASGIApp, Message, Scope

from dashboard.api.lean_httpx import httpx
from dashboard.simulation.rest import ProcessGone

_ROOM = 16
"""Pieces that may wait to be taken; whoever sends more waits."""


class StreamingTransport(httpx.AsyncBaseTransport):
    """Asks an application. When its process has gone, nobody listens, as on a socket."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, and return the head of its answer, with the body still to come."""
        sent: asyncio.Queue[Message] = asyncio.Queue(_ROOM)
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path,
            "query_string": request.url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
        }

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        answering = asyncio.ensure_future(self._app(scope, receive, sent.put))
        body = _Body(sent, answering)
        try:
            head = await body.message()
        except BaseException:
            answering.cancel()
            raise
        return httpx.Response(head["status"], headers=head["headers"], stream=body)


class _Body(httpx.AsyncByteStream):
    """The body of an answer, as it is sent."""

    def __init__(self, sent: asyncio.Queue[Message], answering: asyncio.Future[None]) -> None:
        self._sent = sent
        self._answering = answering

    async def message(self) -> Message:
        """The next message.

        Raises:
            httpx.ConnectError: nobody listens.
            httpx.RemoteProtocolError: there are no more.
        """
        taking = asyncio.ensure_future(self._sent.get())
        try:
            await asyncio.wait((taking, self._answering), return_when=asyncio.FIRST_COMPLETED)
            if not taking.done() and self._sent.empty():
                try:
                    self._answering.result()
                except ProcessGone as error:
                    raise httpx.ConnectError("connection refused") from ConnectionRefusedError(str(error))
                raise httpx.RemoteProtocolError("the connection was closed")
            return await taking
        finally:
            taking.cancel()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        has_more = True
        while has_more:
            message = await self.message()
            has_more = message.get("more_body", False)
            if message.get("body"):
                yield message["body"]

    async def aclose(self) -> None:
        """Hang up."""
        self._answering.cancel()
        await asyncio.wait((self._answering,))

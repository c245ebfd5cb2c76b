"""HTTP/1.1 as Go's ``net/http`` serves it: one connection, as a protocol class for uvicorn.

Uvicorn's own protocols answer differently where it shows: letters of header names, the 400 for what is not
HTTP, methods in small letters, a header that is never finished. This one follows Go's ``readRequest`` and
``response`` there, and lets the faults at the wire.
"""

from __future__ import annotations

import asyncio
import http
import re
from collections.abc import Callable
from typing import Any, Final, Protocol, cast

from starlette.types import ASGIApp, Message, Scope

from dashboard.simulation.http_request import BadRequest, Body, Head, parse_head
from dashboard.simulation.spoil import CONNECTION, ProcessGone

HEADER_TIMEOUT: Final = 10.0
"""Seconds within which a header must be complete (``ReadHeaderTimeout`` of k6's server)."""

_HEADER_LIMIT: Final = (1 << 20) + 4096
_LINGER: Final = 1.0
_REASONS: Final = {status.value: status.phrase for status in http.HTTPStatus} | {
    413: "Request Entity Too Large",
    422: "Unprocessable Entity",
}


class UvicornConfig(Protocol):
    """What of uvicorn's configuration is used here."""

    loaded_app: Any


class ServerState(Protocol):
    """What uvicorn shares among connections."""

    total_requests: int
    connections: set[Any]
    tasks: set[asyncio.Task[None]]


class GoConnection(asyncio.Protocol):
    """One connection. Uvicorn makes it, with these arguments."""

    def __init__(
        self,
        config: UvicornConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._app: ASGIApp = config.loaded_app
        self._state = server_state
        self._loop = _loop or asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._head: Head | None = None
        self._body = Body(0)
        self._body_arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._task: asyncio.Task[None] | None = None
        self._response_begun = False
        self._is_chunked = False
        self._has_body = True
        self._is_closing = False
        self._saw_eof = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._transport = cast(asyncio.Transport, transport)
        self._state.connections.add(self)
        self._set_timer(HEADER_TIMEOUT, self._close)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, and with it the need to answer."""
        self._state.connections.discard(self)
        self._set_timer(None, None)
        self._is_closing = True
        self._writable.set()
        if self._task is not None:
            self._task.cancel()

    def eof_received(self) -> bool:
        """The client says no more; it may still be listening, for a moment."""
        self._saw_eof = True
        if self._task is None:
            return False
        self._set_timer(_LINGER, self._abort)
        return True

    def pause_writing(self) -> None:
        """The client does not keep up."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        """Bytes have arrived."""
        if self._is_closing:
            return
        if not self._buffer and self._head is None and self._timer is None:
            self._set_timer(HEADER_TIMEOUT, self._close)
        self._buffer += data
        self._proceed()

    def shutdown(self) -> None:
        """Uvicorn's wish to end: idle connections close at once, others after their answer."""
        if self._task is None:
            self._close()
        elif self._head is not None:
            self._head.keep_alive = False

    def drop(self) -> None:
        """Close without another word; what has been said is still sent."""
        self._close()

    def write_raw(self, data: bytes) -> None:
        """Send bytes that need not be HTTP, then close."""
        self._write(data)
        self._close()

    def _set_timer(self, seconds: float | None, happen: Callable[[], None] | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if seconds is not None and happen is not None:
            self._timer = self._loop.call_later(seconds, happen)

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._is_closing:
            self._transport.write(data)

    def _close(self) -> None:
        self._is_closing = True
        if self._transport is not None:
            self._transport.close()

    def _abort(self) -> None:
        self._is_closing = True
        if self._transport is not None:
            self._transport.abort()

    def _proceed(self) -> None:
        """Make of the buffer what can be made now."""
        try:
            if self._head is None:
                self._read_head()
            if self._head is not None and not self._body.is_complete:
                self._body.feed(self._buffer)
            if self._body.is_complete:
                self._body_arrived.set()
        except BadRequest as error:
            self._refuse(error)

    def _read_head(self) -> None:
        if self._task is not None:
            return
        end = re.search(rb"\r?\n\r?\n", self._buffer)
        if end is None or end.start() > _HEADER_LIMIT:
            if len(self._buffer) > _HEADER_LIMIT:
                raise BadRequest("", 431)
            return
        head = parse_head(bytes(self._buffer[: end.start()]))
        del self._buffer[: end.end()]
        self._set_timer(None, None)
        self._head = head
        self._body = Body(head.length)
        self._body_arrived = asyncio.Event()
        self._response_begun = False
        self._task = self._loop.create_task(self._answer(head))
        self._state.tasks.add(self._task)

    def _refuse(self, error: BadRequest) -> None:
        told = body = f"{error.code} {_REASONS[error.code]}"
        if error.code == 501:
            body = error.explanation
        elif error.explanation:
            told = body = f"{told}: {error.explanation}"
        headers = "Content-Type: text/plain; charset=utf-8\r\nConnection: close"
        self._write(f"HTTP/1.1 {told}\r\n{headers}\r\n\r\n{body}".encode())
        self._close()

    def _scope(self, head: Head) -> Scope:
        transport = self._transport
        server = transport.get_extra_info("sockname") if transport else None
        client = transport.get_extra_info("peername") if transport else None
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": f"1.{head.minor}",
            "scheme": "http",
            "method": head.method.decode("ascii"),
            "path": head.path.decode("latin-1"),
            "raw_path": head.path,
            "query_string": head.query,
            "root_path": "",
            "headers": head.headers,
            "client": client[:2] if client else None,
            "server": server[:2] if server else None,
            "extensions": {CONNECTION: self},
        }

    async def _answer(self, head: Head) -> None:
        try:
            await self._app(self._scope(head), self._receive, self._send)
        except ProcessGone:
            self._abort()
        except asyncio.CancelledError:
            self._abort()
            raise
        finally:
            task = self._task
            if task is not None:
                self._state.tasks.discard(task)
            self._task = None
            self._state.total_requests += 1
            self._finish(head)

    def _finish(self, head: Head) -> None:
        """After an answer: close, or go on with what the client has already sent."""
        if self._is_closing:
            return
        if not self._response_begun or not head.keep_alive or not self._body.is_complete:
            self._close()
            return
        self._head = None
        if self._buffer:
            self._set_timer(HEADER_TIMEOUT, self._close)
            self._loop.call_soon(self._proceed)
        elif self._saw_eof:
            self._close()

    async def _receive(self) -> Message:
        head = self._head
        if head is not None and head.expects_continue and head.length != 0:
            head.expects_continue = False
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await self._body_arrived.wait()
        return {"type": "http.request", "body": bytes(self._body.data), "more_body": False}

    async def _send(self, message: Message) -> None:
        head = self._head
        if head is None:
            return
        if message["type"] == "http.response.start":
            self._begin_response(head, message["status"], message["headers"])
            return
        body: bytes = message.get("body", b"")
        is_last = not message.get("more_body", False)
        if self._is_chunked and self._has_body:
            body = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
            body += b"0\r\n\r\n" if is_last else b""
        if body and self._has_body:
            self._write(body)
        await self._writable.wait()

    def _begin_response(self, head: Head, code: int, headers: list[tuple[bytes, bytes]]) -> None:
        self._response_begun = True
        self._has_body = head.method != b"HEAD"
        has_length = any(name.lower() == b"content-length" for name, _ in headers)
        self._is_chunked = not has_length and self._has_body and head.minor >= 1
        if not has_length and not self._is_chunked and self._has_body:
            head.keep_alive = False
        if not self._body.is_complete and head.expects_continue:
            head.keep_alive = False
        says_close = any(name == b"Connection" for name, _ in headers)
        head.keep_alive = head.keep_alive and not says_close
        lines = [b"HTTP/1.%d %d %s" % (min(head.minor, 1), code, _REASONS.get(code, "").encode())]
        lines += [name + b": " + value for name, value in headers]
        if not head.keep_alive and head.minor >= 1 and not says_close:
            lines.append(b"Connection: close")
        elif head.keep_alive and head.minor == 0:
            lines.append(b"Connection: keep-alive")
        if self._is_chunked:
            lines.append(b"Transfer-Encoding: chunked")
        self._write(b"\r\n".join(lines) + b"\r\n\r\n")

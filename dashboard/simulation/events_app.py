"""The event stream of a simulated k6 as an ASGI application: the server that its ``--out web-dashboard`` would open."""

from __future__ import annotations

from typing import Final

from starlette.types import Receive, Scope, Send

from dashboard.simulation.event_stream import EventStream
from dashboard.simulation.rest import App, ProcessGone

LOOK_INTERVAL: Final = 0.05
"""Seconds between two looks at whether anything has happened."""
_NOT_FOUND: Final = b"404 page not found\n"
_MOVED: Final = b'<a href="/ui?endpoint=/">Temporary Redirect</a>.\n\n'


class EventsApp:
    """The stream of the process behind a REST API. k6's own pages, for a browser, are not simulated.

    Attributes:
        engine: The process.
    """

    def __init__(self, app: App, stream: EventStream) -> None:
        self.engine = app.engine
        self._app = app
        self._stream = stream

    @property
    def is_gone(self) -> bool:
        """Whether no process runs now. If one does, its engine is brought up to the present."""
        return self._app.is_gone

    @property
    def is_gone_for_good(self) -> bool:
        """Whether no process runs now, nor will one."""
        return self._app.is_gone_for_good

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            ProcessGone: there is no process.
        """
        if self.is_gone:
            raise ProcessGone("the simulated k6 is not running")
        match scope["path"]:
            case "/events":
                await self._events(send)
            case "/":
                headers = [(b"Content-Type", b"text/html; charset=utf-8"), (b"Location", b"/ui?endpoint=/")]
                await self._answer(send, 307, _MOVED, headers)
            case _:
                headers = [(b"Content-Type", b"text/plain; charset=utf-8"), (b"X-Content-Type-Options", b"nosniff")]
                await self._answer(send, 404, _NOT_FOUND, headers)

    async def _answer(self, send: Send, code: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        headers += [(b"Date", self._app.date), (b"Content-Length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": code, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _events(self, send: Send) -> None:
        """Every event from the first on, and each new one as it comes, until the process goes."""
        headers = [
            (b"Access-Control-Allow-Origin", b"*"),
            (b"Cache-Control", b"no-cache"),
            (b"Connection", b"keep-alive"),
            (b"Content-Type", b"text/event-stream"),
            (b"Date", self._app.date),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        engine, stream = self.engine, self._stream
        run, number = stream.run, 0
        with stream.listening():
            while not self.is_gone and stream.run == run:
                events, number = stream.since(number)
                if events:
                    await send({"type": "http.response.body", "body": events, "more_body": True})
                due = max(0.0, stream.due - engine.now) / engine.speed
                await engine.clock.sleep(min(LOOK_INTERVAL, due + 0.001))
        await send({"type": "http.response.body", "body": b""})

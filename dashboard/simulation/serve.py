"""The simulated k6 on a socket: what ``k6dash serve`` runs, and what ``--simulate --listen`` opens."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Generator
from types import FrameType
from typing import Final, Protocol

import uvicorn
from starlette.types import Receive, Scope, Send

from dashboard.errors import UsageError
from dashboard.simulation.engine import Engine
from dashboard.simulation.events_app import EventsApp
from dashboard.simulation.faults import Faults
from dashboard.simulation.http11 import GoConnection
from dashboard.simulation.lifecycle import K6Exit
from dashboard.simulation.rest import create_app

LOOK_INTERVAL: Final = 0.05
"""Seconds between looks at whether the process has gone."""

DIED: Final = 2
"""The exit code of a process that a fault has killed: Go's, for a crash."""

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class _Listener(uvicorn.Server):
    """Uvicorn without its own handling of signals, which belongs to whoever embeds it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell."""
        await super().startup(sockets)
        self.ready.set()


def _bind(host: str, port: int) -> socket.socket:
    """A listening socket, bound as Go binds: an empty host is all interfaces.

    Raises:
        UsageError: it cannot be bound.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, proto)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(1024)
    except OSError as error:
        listening.close()
        raise UsageError(f"cannot listen on {host}:{port}: {error.strerror}; choose another port") from None
    listening.setblocking(False)
    return listening


class Process(Protocol):
    """An application of a process that may go, and come again."""

    engine: Engine

    @property
    def is_gone(self) -> bool:
        """Whether no process runs now. If one does, its engine is brought up to the present."""
        ...

    @property
    def is_gone_for_good(self) -> bool:
        """Whether no process runs now, nor will one."""
        ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        ...


class Server:
    """An application on a socket, for as long as its process runs. It leaves signal handlers alone.

    Args:
        app: What answers.
        host: Where to listen; empty for all interfaces.
        port: Where to listen; 0 for any free port.
    """

    def __init__(self, app: Process, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._listener: _Listener | None = None
        self._running: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self.gone = asyncio.Event()
        """Set when the process has gone for good."""

    @property
    def address(self) -> str:
        """Where it listens, as ``host:port``."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{host}:{self._port}"

    async def start(self) -> str:
        """Listen, and say where.

        Raises:
            UsageError: the address cannot be used.
        """
        await self._open()
        self._watching = asyncio.create_task(self._watch(), name="simulated k6: watch")
        return self.address

    async def wait_gone(self) -> None:
        """Wait until the process has gone for good.

        Raises:
            UsageError: a process that took the place of another cannot listen where that did.
        """
        waiting = asyncio.ensure_future(self.gone.wait())
        watching = {self._watching} if self._watching is not None else set[asyncio.Task[None]]()
        await asyncio.wait({waiting, *watching}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        for watch in watching:
            if watch.done():
                watch.result()

    async def stop(self) -> None:
        """Close the socket and all connections."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
        await self._close()

    async def __aenter__(self) -> Server:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *args: object) -> None:
        """Stop."""
        await self.stop()

    async def _open(self) -> None:
        listening = _bind(self._host, self._port)
        self._port = listening.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            http=GoConnection,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._listener = _Listener(config)
        self._running = asyncio.create_task(self._listener.serve([listening]), name="simulated k6: socket")
        await self._listener.ready.wait()

    async def _close(self) -> None:
        """Close the socket at once; uvicorn tidies up after it."""
        listener, running = self._listener, self._running
        self._listener = self._running = None
        if listener is None or running is None:
            return
        for server in listener.servers:
            server.close()
        for connection in list(listener.server_state.connections):
            connection.shutdown()
        for task in list(listener.server_state.tasks):
            task.cancel()
        listener.should_exit = True
        await running

    async def _watch(self) -> None:
        """Close when the process goes, and listen again when another takes its place."""
        clock = self._app.engine.clock
        while not self._app.is_gone_for_good:
            if self._app.is_gone and self._listener is not None:
                await self._close()
            elif not self._app.is_gone and self._listener is None:
                await self._open()
            await clock.sleep(LOOK_INTERVAL)
        await self._close()
        self.gone.set()


async def serve(
    engine: Engine,
    *,
    host: str,
    port: int,
    events: tuple[str, int] | None = None,
    faults: Faults | None = None,
    announce: Callable[[str], None],
) -> int:
    """Serve a simulated k6 until its process ends, by itself or by SIGINT or SIGTERM.

    Args:
        engine: The process.
        host: Where to listen; empty for all interfaces.
        port: Where to listen; 0 for any free port.
        events: Host and port of its event stream, if the engine has one and it is to be had.
        faults: What goes wrong.
        announce: Called with ``host:port`` when a client can connect, and then with where the event stream is.

    Returns:
        k6's exit code.

    Raises:
        UsageError: the address cannot be used.
    """
    app = create_app(engine, faults)
    server = Server(app, host=host, port=port)
    signals = 0

    def interrupt() -> None:
        nonlocal signals
        signals += 1
        engine.advance()
        engine.signal()
        if signals > 1:
            # As k6: whoever asks twice does not want to wait for teardown().
            server.gone.set()

    with _signals_handled(interrupt):
        async with contextlib.AsyncExitStack() as stack:
            address = await server.start()
            stack.push_async_callback(server.stop)
            if events is not None and engine.stream is not None:
                beside = Server(EventsApp(app, engine.stream), host=events[0], port=events[1])
                await stack.enter_async_context(beside)
                announce(address)
                announce(f"events {beside.address}")
            else:
                announce(address)
            await server.wait_gone()
    if engine.exit_code is not None:
        return engine.exit_code
    return K6Exit.EXTERNAL_ABORT if signals else DIED


@contextlib.contextmanager
def _signals_handled(interrupt: Callable[[], None]) -> Generator[None, None, None]:
    """Call ``interrupt`` on the event loop for each signal."""
    loop = asyncio.get_running_loop()

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(interrupt)

    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

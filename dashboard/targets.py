"""From what the user named to a source of readings: the only place that tells one kind of target from another."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dashboard.api.address import Target, parse_target
from dashboard.sources.groups import GroupsPolicy
from dashboard.sources.live import LiveSource
from dashboard.sources.machine import LocalProber
from dashboard.sources.stream import EventFeed
from dashboard.sources.together import Feed, Together

if TYPE_CHECKING:
    import httpx

    from dashboard.api.client import Client
    from dashboard.clock import Clock
    from dashboard.launch.process import K6Process
    from dashboard.simulation.rest import App
    from dashboard.sources.base import Source


def live_source(
    target: Target,
    headers: Sequence[tuple[str, str]],
    clock: Clock,
    interval: float,
    groups: GroupsPolicy = GroupsPolicy.WANTED,
) -> Source:
    """A k6 over the network. The HTTP library is loaded beside the first frame, not before it."""

    async def open_client() -> Client:
        module = await asyncio.to_thread(importlib.import_module, "dashboard.api.client")
        client: Client = module.Client(target, clock=clock, headers=headers)
        return client

    return LiveSource(target.label, open_client, clock, interval, groups, local_prober(target, clock))


def local_prober(target: Target, clock: Clock) -> LocalProber | None:
    """Who knows the machine that k6 runs on: this one's process table, where k6 is on this one."""
    port = urlsplit(target.url).port
    return LocalProber(port, clock) if target.is_loopback and port is not None else None


def launched_source(
    process: K6Process, inspect: Callable[[], Coroutine[Any, Any, bytes]], clock: Clock, interval: float
) -> Source:
    """A k6 that has been started: its API, its event stream, and what it writes.

    Args:
        process: The process.
        inspect: Asks k6 what the script plans.
        clock: Where time comes from.
        interval: Seconds between two looks at the API.
    """
    from dashboard.sources.launched import ProcessFeed

    address = parse_target(process.command.address)
    main = live_source(address, (), clock, interval)
    feeds: list[Feed] = [ProcessFeed(main.target, process, clock, inspect=inspect)]
    if process.command.events is not None:
        feeds.append(event_feed(main.target, parse_target(process.command.events), clock))
    return Together(main, feeds, clock)


def event_feed(target: str, address: Target, clock: Clock, headers: Sequence[tuple[str, str]] = ()) -> Feed:
    """The event stream at an address, beside the API of a target."""

    @asynccontextmanager
    async def open_events() -> AsyncGenerator[AsyncIterator[bytes]]:
        module = await asyncio.to_thread(importlib.import_module, "dashboard.api.event_client")
        async with module.open_events(address, headers) as pieces:
            yield pieces

    return EventFeed(target, open_events, clock)


def simulated_source(
    name: str,
    make_app: Callable[[], App],
    clock: Clock,
    interval: float,
    groups: GroupsPolicy = GroupsPolicy.ALWAYS,
) -> Source:
    """A simulated k6 in this process: the same client over another transport, so that nothing else is simulated.

    Args:
        name: What the header shows behind ``sim:``.
        make_app: Makes the simulated k6; called off the loop, beside the first frame.
        clock: Where time comes from.
        interval: Seconds between two looks.
        groups: Whether it may be asked for its groups; it cannot be crashed by that.
    """
    target = Target(url="http://simulated-k6", label=f"sim:{name}", is_loopback=True, verify=False)

    async def open_client() -> Client:
        module = await asyncio.to_thread(importlib.import_module, "dashboard.api.client")
        app = await asyncio.to_thread(make_app)
        client: Client = module.Client(target, clock=clock, transport=_transport(app))
        return client

    return LiveSource(target.label, open_client, clock, interval, groups)


def _transport(app: App) -> httpx.AsyncBaseTransport:
    """The way to a k6 in this process. When its process has gone, nobody listens, as on a socket."""
    import httpx

    from dashboard.simulation.rest import ConnectionDropped, ProcessGone

    class InProcess(httpx.AsyncBaseTransport):
        def __init__(self) -> None:
            self._asgi = httpx.ASGITransport(app=app, raise_app_exceptions=True)

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            try:
                return await self._asgi.handle_async_request(request)
            except ConnectionDropped as error:
                raise httpx.RemoteProtocolError("Server disconnected without sending a response.") from error
            except ProcessGone as error:
                raise httpx.ConnectError("connection refused") from ConnectionRefusedError(str(error))

    return InProcess()

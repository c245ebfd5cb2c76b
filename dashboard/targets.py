"""From what the user named to a source of readings: the only place that tells one kind of target from another."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from dashboard.api.address import Target, parse_target
from dashboard.errors import UsageError
from dashboard.quick import dataclass
from dashboard.sources.base import Document
from dashboard.sources.groups import GroupsPolicy
from dashboard.sources.live import LiveSource
from dashboard.sources.machine import LocalProber
from dashboard.sources.same_test import SameTest
from dashboard.sources.stream import EventFeed, OpenEvents
from dashboard.sources.together import Feed, Together
from dashboard.sources.told import ToldFeed
from dashboard.sources.written import WrittenFeed

if TYPE_CHECKING:
    from dashboard.api.client import Client
    from dashboard.api.way import Way
    from dashboard.clock import Clock
    from dashboard.launch.process import K6Process
    from dashboard.simulation.rest import App
    from dashboard.sources.base import Source


K6_EVENTS_PORT: Final = 5665
"""Where k6's web dashboard listens unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class EventsAt:
    """Where an event stream is, or may be."""

    address: Target
    is_promised: bool
    """Whether it is known to be there; otherwise one quick look tells."""


def events_at(target: Target, named: str | None, *, insecure: bool = False) -> EventsAt | None:
    """Where the event stream of a target is: where the user says, else at k6's default port on its host, if anywhere.

    Raises:
        UsageError: what the user says is no address.
    """
    if named is not None:
        try:
            return EventsAt(parse_target(named, insecure=insecure, default_port=K6_EVENTS_PORT), True)
        except UsageError as error:
            raise UsageError(f"--events: {error}".replace("is not a target", "is not an address")) from None
    parts = urlsplit(target.url)
    if parts.scheme != "http" or parts.path or parts.port == K6_EVENTS_PORT:
        return None  # behind a proxy there is nothing to be guessed
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return EventsAt(parse_target(f"{host}:{K6_EVENTS_PORT}"), False)


def attached_source(
    target: Target,
    headers: Sequence[tuple[str, str]],
    clock: Clock,
    interval: float,
    groups: GroupsPolicy = GroupsPolicy.WANTED,
    events: EventsAt | None = None,
) -> Source:
    """A k6 over the network, with its event stream beside it, if there is one.

    Args:
        target: Where its API is.
        headers: Sent with every request to that.
        clock: Where time comes from.
        interval: Seconds between two looks.
        groups: Whether it may be asked for its groups.
        events: Where its event stream is, or may be; None leaves it out.
    """
    main = live_source(target, headers, clock, interval, groups)
    if events is None:
        return main
    return Together(main, [event_feed(main.target, events.address, clock, is_promised=events.is_promised)], clock)


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
    process: K6Process,
    inspect: Callable[[], Coroutine[Any, Any, bytes]],
    clock: Clock,
    interval: float,
    groups: GroupsPolicy = GroupsPolicy.WANTED,
    *,
    is_ours: bool = True,
) -> Source:
    """A k6 that has been started: its API, its event stream, and what it writes.

    Args:
        process: The process.
        inspect: Asks k6 what the script plans.
        clock: Where time comes from.
        interval: Seconds between two looks at the API.
        groups: Whether it may be asked for its groups.
        is_ours: Whether it can be the process that answers at its address, and not somebody who was there before.
    """
    from dashboard.sources.launched import ProcessFeed
    from dashboard.sources.not_ours import NotOurs

    address = parse_target(process.command.address)
    main = live_source(address, (), clock, interval, groups)
    if not is_ours:
        main = NotOurs(main)
    feeds: list[Feed] = [ProcessFeed(main.target, process, clock, inspect=inspect)]
    if process.command.events is not None:
        events = parse_target(process.command.events)
        feeds.append(EventFeed(main.target, _opening(events), clock, where=events.label))
    return Together(main, feeds, clock)


def event_feed(target: str, address: Target, clock: Clock, *, is_promised: bool) -> Feed:
    """The event stream at an address, beside the API of a target; there it may be that of another test.

    No headers go there: they are for whoever stands before the API.
    """
    return EventFeed(
        target, _opening(address), clock, where=address.label, is_promised=is_promised, same_test=SameTest()
    )


def _opening(address: Target, make_way: Callable[[], Way] | None = None) -> OpenEvents:
    @asynccontextmanager
    async def open_events() -> AsyncGenerator[AsyncIterator[bytes]]:
        module = await asyncio.to_thread(importlib.import_module, "dashboard.api.event_client")
        async with module.open_events(address, (), make_way() if make_way is not None else None) as pieces:
            yield pieces

    return open_events


def simulated_source(
    name: str,
    make_app: Callable[[], App],
    clock: Clock,
    interval: float,
    groups: GroupsPolicy = GroupsPolicy.ALWAYS,
    *,
    with_events: bool = False,
) -> Source:
    """A simulated k6 in this process: the same client another way, so that nothing else is simulated.

    Args:
        name: What the header shows behind ``sim:``.
        make_app: Makes the simulated k6; called off the loop, beside the first frame.
        clock: Where time comes from.
        interval: Seconds between two looks.
        groups: Whether it may be asked for its groups; it cannot be crashed by that.
        with_events: Whether it is made with an event stream, to be read as well.
    """
    target = Target(url="http://simulated-k6", label=f"sim:{name}", is_loopback=True, verify=False)
    made: list[App] = []

    async def open_client() -> Client:
        module = await asyncio.to_thread(importlib.import_module, "dashboard.api.client")
        app = await asyncio.to_thread(make_app)
        made.append(app)
        in_process = await asyncio.to_thread(importlib.import_module, "dashboard.sources.in_process")
        client: Client = module.Client(target, clock=clock, way=in_process.InProcess(app))
        return client

    main = LiveSource(target.label, open_client, clock, interval, groups)
    feeds: list[Feed] = [
        ToldFeed(main.target, lambda: (_plan(made[-1]),), clock),
        WrittenFeed(main.target, lambda: _written(made), clock),
    ]
    if with_events:
        opening = _opening(target, lambda: _event_way(made[-1]))
        feeds.append(EventFeed(main.target, opening, clock, where=target.label))
    return Together(main, feeds, clock)


def _plan(app: App) -> Document:
    """What k6 inspect would say of the script of a k6 in this process."""
    from dashboard.simulation.inspect import inspect_document
    from dashboard.sources.process_documents import PLAN

    return Document(PLAN, 0, inspect_document(app.engine.scenario, app.engine.profile), 0.0)


def _written(made: Sequence[App]) -> tuple[Document, ...]:
    """What a k6 in this process has logged since the last time."""
    from dashboard.sources.process_documents import LOG

    log = made[-1].engine.log if made else None
    written = log.take() if log is not None else b""
    return (Document(LOG, 0, written, 0.0),) if written else ()


def _event_way(app: App) -> Way:
    """The way to the event stream of a k6 in this process, which has answered before."""
    from dashboard.simulation.events_app import EventsApp
    from dashboard.sources.in_process import InProcess

    assert app.engine.stream is not None, "the simulated k6 was made without a stream"
    return InProcess(EventsApp(app, app.engine.stream))

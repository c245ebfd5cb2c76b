"""The connection to k6's event stream: pieces of bytes as they come, until whoever reads lets go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Final

from dashboard.api.address import Target
from dashboard.api.events import ENDPOINT
from dashboard.api.failure import unreachable
from dashboard.api.shape import undecodable
from dashboard.api.way import Arriving, Request, Way, WayError, way_to
from dashboard.errors import TimedOut, Unreachable

CONNECT_TIMEOUT: Final = 5.0
"""Seconds until the answer has begun."""


@asynccontextmanager
async def open_events(
    target: Target,
    headers: Sequence[tuple[str, str]] = (),
    way: Way | None = None,
) -> AsyncGenerator[AsyncIterator[bytes]]:
    """Connect, and give what comes. Leaving the context closes the connection at once: k6 waits for that when it ends.

    Args:
        target: Where the stream is.
        headers: Sent with the request.
        way: Takes the network's place.

    Raises:
        Unreachable: nobody listens there, or the stream broke off.
        Undecodable: what answers is no event stream.
    """
    way = way or way_to(target, most=1, most_idle=0)
    given = [("Accept", "text/event-stream"), ("Accept-Encoding", "identity"), *headers]
    request = Request("GET", ENDPOINT, tuple((name.encode("ascii"), value.encode("latin-1")) for name, value in given))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(way.aclose)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                arriving = await stack.enter_async_context(way.ask(request))
        except TimeoutError:
            raise TimedOut(ENDPOINT, f"no event stream from {target.label} in {CONNECT_TIMEOUT:g} s") from None
        except (WayError, OSError, UnicodeError) as error:
            raise unreachable(ENDPOINT, target.label, error) from None
        kind = arriving.header("content-type")
        if not 200 <= arriving.status_code < 300 or not kind.startswith("text/event-stream"):
            raise undecodable(ENDPOINT, "something that is no event stream")
        async with aclosing(_pieces(arriving, target.label)) as pieces:
            yield pieces


async def _pieces(arriving: Arriving, label: str) -> AsyncGenerator[bytes]:
    try:
        async with aclosing(arriving.pieces) as pieces:
            async for piece in pieces:
                yield piece
    except (WayError, OSError):
        raise Unreachable(ENDPOINT, f"the event stream of {label} broke off") from None

"""The connection to k6's event stream: pieces of bytes as they come, until whoever reads lets go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

from dashboard.api.address import Target
from dashboard.api.events import ENDPOINT
from dashboard.api.failure import unreachable
from dashboard.api.lean_httpx import httpx
from dashboard.api.shape import undecodable
from dashboard.errors import TimedOut, Unreachable

CONNECT_TIMEOUT: Final = 5.0
"""Seconds until the answer has begun."""


@asynccontextmanager
async def open_events(
    target: Target,
    headers: Sequence[tuple[str, str]] = (),
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncGenerator[AsyncIterator[bytes]]:
    """Connect, and give what comes. Leaving the context closes the connection at once: k6 waits for that when it ends.

    Args:
        target: Where the stream is.
        headers: Sent with the request.
        transport: Takes the network's place.

    Raises:
        Unreachable: nobody listens there, or the stream broke off.
        Undecodable: what answers is no event stream.
    """
    if transport is None and target.is_loopback and not target.url.startswith("https:"):
        from dashboard.api.near import NearTransport

        transport = NearTransport(most=1, most_idle=0)
    async with httpx.AsyncClient(
        headers=[("Accept", "text/event-stream"), ("Accept-Encoding", "identity"), *headers],
        verify=httpx.create_ssl_context() if target.verify else False,
        trust_env=not target.is_loopback,
        timeout=httpx.Timeout(CONNECT_TIMEOUT, read=None),
        transport=transport,
    ) as client:
        request = client.build_request("GET", target.url + ENDPOINT)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                response = await client.send(request, stream=True)
        except (TimeoutError, httpx.TimeoutException):
            raise TimedOut(ENDPOINT, f"no event stream from {target.label} in {CONNECT_TIMEOUT:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise unreachable(ENDPOINT, target.label, error) from None
        try:
            kind = response.headers.get("content-type", "")
            if not response.is_success or not kind.startswith("text/event-stream"):
                raise undecodable(ENDPOINT, "something that is no event stream")
            yield _pieces(response, target.label)
        finally:
            await response.aclose()


async def _pieces(response: httpx.Response, label: str) -> AsyncIterator[bytes]:
    try:
        async for piece in response.aiter_raw():
            yield piece
    except (httpx.HTTPError, OSError):
        raise Unreachable(ENDPOINT, f"the event stream of {label} broke off") from None

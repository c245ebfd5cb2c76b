"""What carries a request to a k6 and the answer back: the network, a connection of our own, or neither.

Only :mod:`dashboard.api.far` knows httpx, which takes 20 ms to load and 2 MB to keep: a k6 on this machine, and one in
this process, are asked without it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from dashboard.api.address import Target
from dashboard.quick import dataclass


class WayError(Exception):
    """No answer came, or not all of it. Its causes say why; where they do not, its own words."""


class GarbledError(WayError):
    """What came is no HTTP, or was cut short."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked."""

    method: str
    path: str
    """From the target's root on, with all that is not ASCII encoded."""
    headers: tuple[tuple[bytes, bytes], ...]
    """All but ``Host``, ``Connection`` and the length of the content."""
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Arriving:
    """An answer whose head has come."""

    status_code: int
    headers: tuple[tuple[bytes, bytes], ...]
    pieces: AsyncGenerator[bytes]
    """The body as it comes, as it was sent.

    Raises:
        WayError: it broke off.
    """

    def header(self, name: str) -> str:
        """A header, all of that name joined; empty where there is none. Untrusted text."""
        wanted = name.lower().encode("ascii")
        return ", ".join(value.decode("utf-8", "replace") for given, value in self.headers if given.lower() == wanted)


class Way(Protocol):
    """A way to one k6."""

    def ask(self, request: Request) -> AbstractAsyncContextManager[Arriving]:
        """Send a request and wait for the head of its answer. Leaving the context lets go of what has not come.

        Raises:
            WayError: no answer came.
            TimeoutError: the way itself waits no longer.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections. What is under way fails."""
        ...


def way_to(target: Target, *, most: int, most_idle: int, expiry: float = 30.0) -> Way:
    """The way to a target over the network.

    Args:
        target: Where k6 is.
        most: How many requests are under way at once; further ones wait.
        most_idle: How many connections are kept for the next request.
        expiry: Seconds after which a connection that nobody needed is not used again.

    Raises:
        UsageError: the environment names a proxy or certificates that cannot be used.
    """
    if target.is_loopback and not target.url.startswith("https:"):
        from dashboard.api import near

        return near.NearWay(target.url, most=most, most_idle=most_idle, expiry=expiry)
    from dashboard.api import far

    return far.far_way(target, most=most, most_idle=most_idle, expiry=expiry)

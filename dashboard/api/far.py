"""The way to a k6 on another machine, or behind TLS: httpx."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from dashboard.api.address import Target
from dashboard.api.lean_httpx import httpx
from dashboard.api.untrusted import clean
from dashboard.api.way import Arriving, GarbledError, Request, WayError
from dashboard.errors import UsageError

if TYPE_CHECKING:
    import httpcore


def far_way(target: Target, *, most: int, most_idle: int, expiry: float) -> HttpxWay:
    """The way to a target over the network; see :func:`dashboard.api.way.way_to`."""
    limits = httpx.Limits(max_connections=most, max_keepalive_connections=most_idle, keepalive_expiry=expiry)
    return HttpxWay(target, limits=limits)


class HttpxWay:
    """Asks by httpx.

    Args:
        target: Where k6 is.
        limits: How many connections there may be.
        transport: Takes the network's place, as in tests.

    Raises:
        UsageError: the environment names a proxy or certificates that cannot be used.
    """

    def __init__(
        self, target: Target, *, limits: httpx.Limits | None = None, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._url = target.url
        self._has_tls = target.url.startswith("https:")
        try:
            self._http = httpx.AsyncClient(
                # Loading the certificates takes 20 ms, for nothing where there is no TLS. Those that the
                # environment names count on this machine too; its proxies do not.
                verify=httpx.create_ssl_context() if target.verify else False,
                trust_env=not target.is_loopback,
                limits=limits or httpx.Limits(),
                timeout=None,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                transport=transport,
            )
        except (ValueError, OSError, ImportError, httpx.InvalidURL) as error:
            why = clean(str(error))
            raise UsageError(f"a proxy or certificate of the environment cannot be used: {why}") from error

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    @asynccontextmanager
    async def ask(self, request: Request) -> AsyncGenerator[Arriving]:
        """Send a request and wait for the head of its answer."""
        handshake = _Handshake()
        try:
            async with (
                handshake,
                self._http.stream(
                    request.method,
                    self._url + request.path,
                    content=request.content,
                    headers=list(request.headers),
                    follow_redirects=False,
                    extensions={"trace": handshake.note} if self._has_tls else {},
                ) as response,
            ):
                yield Arriving(response.status_code, tuple(response.headers.raw), _pieces(response))
        except httpx.TimeoutException as error:
            raise TimeoutError(str(error)) from error
        except httpx.RemoteProtocolError as error:
            raise GarbledError(str(error)) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise WayError(str(error)) from error


async def _pieces(response: httpx.Response) -> AsyncGenerator[bytes]:
    if response.is_stream_consumed:
        # A transport that is not the network may hand over an answer that it has read already.
        yield response.content
        return
    try:
        async for piece in response.aiter_raw():
            yield piece
    except httpx.TimeoutException as error:
        raise TimeoutError(str(error)) from error
    except httpx.RemoteProtocolError as error:
        raise GarbledError(str(error)) from error
    except httpx.HTTPError as error:
        raise WayError(str(error)) from error


class _Handshake:
    """Closes a connection whose TLS handshake was cancelled: the HTTP library forgets it then, left open."""

    def __init__(self) -> None:
        self._stream: httpcore.AsyncNetworkStream | None = None

    async def note(self, event: str, info: Mapping[str, Any]) -> None:
        """Take notice of how far the library is."""
        if event.endswith("connect_tcp.complete"):
            self._stream = info["return_value"]
        elif event.endswith("start_tls.complete"):
            self._stream = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            await self._stream.aclose()

"""The connection to one k6: requests out, answers in, and exactly three ways to fail.

Every request has one deadline that covers everything from the name's look-up to the last byte, and every answer
a largest size. Whatever goes wrong ends as :class:`~dashboard.errors.Unreachable` (with
:class:`~dashboard.errors.TimedOut` below it), :class:`~dashboard.errors.Rejected` or
:class:`~dashboard.errors.Undecodable`, and its connection is closed. Nothing is tried twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import TYPE_CHECKING, Self

from dashboard import __version__
from dashboard.api import decode, encode
from dashboard.api.address import Target
from dashboard.api.documents import DebugVars
from dashboard.api.failure import unreachable
from dashboard.api.shape import undecodable
from dashboard.api.untrusted import clean
from dashboard.api.way import Arriving, GarbledError, Request, Way, WayError, way_to
from dashboard.clock import Clock
from dashboard.errors import ApiError, TimedOut, Unreachable
from dashboard.model.group import Group
from dashboard.model.metric import Metric
from dashboard.model.run import RunStatus
from dashboard.model.setup_data import SetupData
from dashboard.quick import dataclass

if TYPE_CHECKING:
    import httpx

LARGEST_BODY = 16 * 1024 * 1024
"""The most bytes taken of a list or of setup data. k6's largest known answers, of groups, reach 4 MB."""
LARGEST_SMALL_BODY = 256 * 1024
"""The most bytes taken where k6 sends a few hundred: a small answer must not cost a big one's memory."""
_BIG = frozenset({encode.METRICS, encode.GROUPS, encode.SETUP})
MOST_CONNECTIONS = 3
"""A PATCH may hang in k6 while the polls go on; one more for whoever asks besides."""
MOST_IDLE = 2
IDLE_EXPIRY = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole, with an HTTP status that is no redirect."""

    endpoint: str
    status_code: int
    body: bytes
    took: float
    """Seconds from asking to the last byte."""
    content_type: str
    """For diagnosis only: k6 calls its JSON ``text/plain``. Untrusted text."""


class Client:
    """The REST API of the k6 at ``target``.

    Requests may overlap: a GET goes through while a PATCH hangs. Connections are opened when a request needs
    one and kept for the next.

    Args:
        target: Where k6 is.
        clock: Measures what requests take.
        headers: Sent with every request, for a proxy in front of k6.
        way: Takes the network's place, as for a k6 that lives in this process.
        transport: Takes httpx's way to the network, as in tests.

    Raises:
        UsageError: the environment names a proxy or certificates that cannot be used.
    """

    def __init__(
        self,
        target: Target,
        *,
        clock: Clock,
        headers: Sequence[tuple[str, str]] = (),
        way: Way | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.target = target
        self._clock = clock
        self._headers = tuple(_headers(headers))
        if transport is not None:
            from dashboard.api.far import HttpxWay

            way = HttpxWay(target, transport=transport)
        self._way = way or way_to(target, most=MOST_CONNECTIONS, most_idle=MOST_IDLE, expiry=IDLE_EXPIRY)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections. What is under way ends as unreachable."""
        await self._way.aclose()

    async def fetch(self, method: str, endpoint: str, body: bytes | None = None, *, timeout: float) -> Answer:
        """Ask, taking a refusal for an answer: for those who keep what k6 said as it said it.

        Raises:
            Unreachable: no answer came.
            TimedOut: no whole answer came within ``timeout`` seconds.
            Undecodable: what came is no answer of k6, whatever it was asked.
        """
        return await self._ask(method, endpoint, body, timeout)

    async def get(self, endpoint: str, *, timeout: float) -> Answer:
        """GET a path, such as ``/v1/status``."""
        return _accepted(await self.fetch("GET", endpoint, timeout=timeout))

    async def post(self, endpoint: str, *, timeout: float) -> Answer:
        """POST to a path; k6 reads no body anywhere."""
        return _accepted(await self._ask("POST", endpoint, b"", timeout))

    async def put(self, endpoint: str, body: bytes, *, timeout: float) -> Answer:
        """PUT ``body`` to a path."""
        return _accepted(await self._ask("PUT", endpoint, body, timeout))

    async def patch_status(self, body: encode.PatchBody, *, timeout: float) -> Answer:
        """PATCH the status. Pausing waits for iterations, and after the end k6 may never answer."""
        return _accepted(await self._ask("PATCH", encode.STATUS, body, timeout))

    async def change_status(self, body: encode.PatchBody, *, timeout: float) -> RunStatus:
        """PATCH the status and return it as k6 has it then: not an echo, and it may have ignored the wish."""
        return decode.status((await self.patch_status(body, timeout=timeout)).body)

    async def status(self, *, timeout: float) -> RunStatus:
        """Read the state of the run."""
        return decode.status((await self.get(encode.STATUS, timeout=timeout)).body)

    async def metrics(self, *, timeout: float) -> tuple[Metric, ...]:
        """Read all metrics, sorted by name."""
        return decode.metrics((await self.get(encode.METRICS, timeout=timeout)).body)

    async def metric(self, name: str, *, timeout: float) -> Metric:
        """Read one metric or submetric."""
        answer = await self.get(encode.metric_path(name), timeout=timeout)
        return decode.metric(answer.body, answer.endpoint)

    async def groups(self, *, timeout: float) -> tuple[Group, ...]:
        """Read all groups. Asking while a new name appears can kill k6: ask rarely, not at the start."""
        return decode.groups((await self.get(encode.GROUPS, timeout=timeout)).body)

    async def group(self, group_id: str, *, timeout: float) -> Group:
        """Read one group. As dangerous as reading all."""
        answer = await self.get(encode.group_path(group_id), timeout=timeout)
        return decode.group(answer.body, answer.endpoint)

    async def setup(self, *, timeout: float) -> SetupData:
        """Read the setup data."""
        return decode.setup_data((await self.get(encode.SETUP, timeout=timeout)).body)

    async def run_setup(self, *, timeout: float) -> SetupData:
        """Run ``setup()`` now. k6 answers when it has finished."""
        return decode.setup_data((await self.post(encode.SETUP, timeout=timeout)).body)

    async def put_setup(self, json_text: str, *, timeout: float) -> SetupData:
        """Put a bare JSON value in the place of the setup data; an empty text removes it."""
        answer = await self.put(encode.SETUP, json_text.encode("utf-8", "replace"), timeout=timeout)
        return decode.setup_data(answer.body)

    async def run_teardown(self, *, timeout: float) -> None:
        """Run ``teardown()`` now; it runs again at the end."""
        decode.teardown((await self.post(encode.TEARDOWN, timeout=timeout)).body)

    async def ping(self, *, timeout: float) -> None:
        """See whether something answers as k6 does at any unknown path."""
        decode.ping((await self.get(encode.PING, timeout=timeout)).body)

    async def process_metrics(self, *, timeout: float) -> dict[str, float]:
        """Read what the k6 process tells of itself; empty for a k6 before 1.2."""
        return dict(decode.prometheus((await self.get(encode.PROCESS_METRICS, timeout=timeout)).body))

    async def debug_vars(self, *, timeout: float) -> DebugVars:
        """Read k6's script, its options without their values, and its memory."""
        return decode.debug_vars((await self.get(encode.DEBUG_VARS, timeout=timeout)).body)

    async def _ask(self, method: str, endpoint: str, content: bytes | None, timeout: float) -> Answer:
        started = self._clock.now()
        begun = False
        request = Request(method, endpoint, self._headers, content)
        try:
            async with asyncio.timeout(timeout), self._way.ask(request) as arriving:
                begun = True
                body = await self._read(endpoint, arriving)
        except ApiError:
            raise
        except TimeoutError:
            raise TimedOut(endpoint, self._late(timeout, begun=begun)) from None
        except GarbledError as error:
            raise self._broken(endpoint, error, begun=begun) from None
        except (WayError, OSError, UnicodeError) as error:
            if begun:
                raise undecodable(endpoint, "an answer that broke off") from None
            raise unreachable(endpoint, self.target.label, error) from None
        return Answer(
            endpoint=endpoint,
            status_code=arriving.status_code,
            body=body,
            took=self._clock.now() - started,
            content_type=clean(arriving.header("content-type")),
        )

    async def _read(self, endpoint: str, arriving: Arriving) -> bytes:
        """Read the body.

        Raises:
            Undecodable: it is a redirect, compressed, or larger than any answer of k6.
        """
        code = arriving.status_code
        if not 200 <= code < 300 and code < 400:
            where = clean(arriving.header("location"))
            raise undecodable(endpoint, f"a redirect to {where}" if where else f"HTTP status {code}")
        encoding = arriving.header("content-encoding").strip().lower()
        is_plain = encoding in ("identity", "")
        limit = LARGEST_BODY if endpoint in _BIG and code < 400 else LARGEST_SMALL_BODY
        body = await _bounded(arriving.pieces, limit) if is_plain else bytearray()
        if code >= 400:
            return bytes(body[:limit])
        if not is_plain:
            raise undecodable(endpoint, f"an answer compressed with {clean(encoding, 40)}")
        if len(body) > limit:
            raise undecodable(endpoint, f"an answer of more than {limit // 1024} KiB")
        return bytes(body)

    def _late(self, timeout: float, *, begun: bool) -> str:
        if begun:
            return f"{self.target.label} did not finish its answer in {timeout:g} s"
        return f"no answer from {self.target.label} in {timeout:g} s"

    def _broken(self, endpoint: str, error: GarbledError, *, begun: bool) -> ApiError:
        if begun:
            return undecodable(endpoint, "an answer that was cut short or garbled")
        if "disconnected" in str(error):
            return Unreachable(endpoint, f"{self.target.label} closed the connection without an HTTP answer")
        return undecodable(endpoint, f"something that is not HTTP ({clean(str(error))})")


async def _bounded(pieces: AsyncGenerator[bytes], limit: int) -> bytearray:
    """Read the raw body, up to the first piece that exceeds ``limit``. One byte a piece costs one byte."""
    body = bytearray()
    async with aclosing(pieces):
        async for piece in pieces:
            body += piece
            if len(body) > limit:
                break
    return body


def _accepted(answer: Answer) -> Answer:
    refusal = decode.refusal(answer.endpoint, answer.status_code, answer.body)
    if refusal:
        raise refusal
    return answer


def _headers(given: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    ours = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": f"k6dash/{__version__}",
    }
    typed = list(given)
    taken = {name.lower() for name, _ in typed}
    merged = [(name, value) for name, value in ours.items() if name.lower() not in taken] + typed
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in merged]

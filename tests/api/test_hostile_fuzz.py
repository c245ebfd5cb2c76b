"""Whatever bytes a server says, the client gives an answer or one of its errors."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from dashboard.api.address import parse_target
from dashboard.api.client import Client
from dashboard.clock import SystemClock
from dashboard.errors import ApiError
from tests.api.sockets import PATIENCE, answer, listen, saying_once

ANSWERS = [
    answer(b'{"data":{"type":"status","id":"default","attributes":{}}}', "200 OK", "Content-Type: application/json"),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n0\r\nX-Trailer: a\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 500 No\r\nContent-Encoding: identity\r\n\r\noops",
    answer(b"", "301 Moved Permanently", "Location: /v1/", "Set-Cookie: a=b; Path=/"),
]
LINES = st.sampled_from(
    [
        *(b"\r\n", b"\n", b"\x00", b"\xff\xfe", b"Content-Length: 0\r\n", b"Content-Length: -1\r\n"),
        *(b"Content-Length: 99999999999999999999\r\n", b"Transfer-Encoding: gzip, chunked\r\n", b"HTTP/2.0 200 OK\r\n"),
        *(b"Location: http://[\r\n", b"Location: //\r\n", b"Set-Cookie: \xff=;;expires=x\r\n", b"ffffffffffffffff\r\n"),
        *(b"Content-Encoding: \xff\r\n", b"Connection: close\r\n", b" folded\r\n", b"099", b"999", b"101"),
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draw an answer with pieces replaced."""
    data = draw(st.sampled_from(ANSWERS))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 12)))
        data = data[:start] + draw(LINES | st.binary(max_size=4)) + data[end:]
    return data


async def _hear(data: bytes) -> None:
    async with asyncio.timeout(PATIENCE), listen(saying_once(data)) as listener:
        async with Client(parse_target(f"127.0.0.1:{listener.port}"), clock=SystemClock()) as client:
            try:
                await client.status(timeout=PATIENCE)
            except ApiError as error:
                if not str(error).isprintable():
                    raise AssertionError(f"an error that is not fit to be shown: {error!r}") from error
        await listener.all_closed.wait()


@given(damaged() | st.binary(max_size=80))
def test_any_bytes_end_in_an_answer_or_an_error(data: bytes) -> None:
    asyncio.run(_hear(data))

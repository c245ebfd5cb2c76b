"""The connection to an event stream: what comes is given as it comes, and whatever else answers is refused."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from dashboard.api.address import parse_target
from dashboard.api.event_client import open_events
from dashboard.errors import ApiError, TimedOut, Undecodable, Unreachable
from tests.api.sockets import Wire, listen, saying_once
from tests.harness.ports import free_port
from tests.harness.servers import endless_server, garbage_server, hanging_server, html_server, static_server

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
FIRST = b"id: 0\ndata: {}\nevent: config\n\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def test_what_is_said_is_given_at_once_and_leaving_hangs_up() -> None:
    gone = asyncio.Event()

    async def talk(wire: Wire) -> None:
        await wire.request()
        await wire.send(HEAD + chunk(FIRST))
        await wire.gone()
        gone.set()

    async with listen(talk) as server:
        async with open_events(parse_target(f"127.0.0.1:{server.port}")) as pieces:
            assert await anext(pieces) == FIRST
            assert not gone.is_set()
        await gone.wait()


@pytest.mark.parametrize(
    "ending", [b"0\r\n\r\n", b"", b"5\r\nab", b"zz\r\n"], ids=["end", "cut", "in a chunk", "garbled"]
)
async def test_an_end_is_an_end_or_an_error_and_nothing_else(ending: bytes) -> None:
    async with (
        listen(saying_once(HEAD + chunk(FIRST) + ending)) as server,
        open_events(parse_target(f"127.0.0.1:{server.port}")) as pieces,
    ):
        assert await anext(pieces) == FIRST
        rest = b""
        with suppress(Unreachable):
            async for piece in pieces:
                rest += piece
        assert rest in (b"", b"ab")


async def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(Unreachable) as caught:
        async with open_events(parse_target(f"127.0.0.1:{free_port()}")):
            pass
    assert caught.value.refused


async def test_a_page_is_no_stream() -> None:
    with html_server() as server, pytest.raises(Undecodable, match="no event stream"):
        async with open_events(parse_target(server.address)):
            pass


async def test_a_refusal_is_no_stream() -> None:
    with static_server(404, {"Content-Type": "text/event-stream"}, b"") as server, pytest.raises(Undecodable):
        async with open_events(parse_target(server.address)):
            pass


async def test_what_is_no_http_is_an_error_of_the_api() -> None:
    with garbage_server() as server, pytest.raises(ApiError):
        async with open_events(parse_target(server.address)):
            pass


async def test_an_endless_body_that_is_no_stream_is_not_read() -> None:
    with endless_server() as server, pytest.raises(Undecodable):
        async with open_events(parse_target(server.address)):
            pass


async def test_an_answer_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.api.event_client.CONNECT_TIMEOUT", 0.05)
    with hanging_server() as server, pytest.raises(TimedOut):
        async with open_events(parse_target(server.address)):
            pass

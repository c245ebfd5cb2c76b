"""The way to a k6 on this machine: which connections are used again, and which never."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from dashboard.api import near
from dashboard.api.address import parse_target
from dashboard.api.client import Client
from dashboard.api.near import NearWay
from dashboard.api.way import Request, WayError
from dashboard.clock import SystemClock
from tests.api.sockets import PATIENCE, Listener, answer, answering, listen

GET = Request("GET", "/v1/status", ())


def way_to(listener: Listener, *, most_idle: int = 2, expiry: float = 30.0, host: str = "127.0.0.1") -> NearWay:
    return NearWay(f"http://{host}:{listener.port}", most=4, most_idle=most_idle, expiry=expiry)


async def body_of(way: NearWay) -> bytes:
    async with way.ask(GET) as arriving:
        return b"".join([piece async for piece in arriving.pieces])


@pytest.mark.parametrize(("expiry", "connections"), [(30.0, 1), (0.0, 2)])
async def test_a_connection_is_used_again_until_it_expires(expiry: float, connections: int) -> None:
    async with asyncio.timeout(PATIENCE), listen(answering(answer(b"1"), answer(b"2"))) as listener:
        way = way_to(listener, expiry=expiry)
        await body_of(way)
        await body_of(way)
        assert listener.connections == connections
        await way.aclose()


async def test_an_answer_that_nobody_has_asked_for_is_not_taken_for_the_next() -> None:
    async with asyncio.timeout(PATIENCE), listen(answering(answer(b"asked") + answer(b"unasked"))) as listener:
        way = way_to(listener)
        assert [await body_of(way), await body_of(way)] == [b"asked", b"asked"]
        assert listener.connections == 2
        await way.aclose()


async def test_of_many_connections_a_few_are_kept() -> None:
    async with asyncio.timeout(PATIENCE), listen(answering(answer(b"1"))) as listener:
        way = way_to(listener, most_idle=1)
        async with AsyncExitStack() as stack:
            arriving = [await stack.enter_async_context(way.ask(GET)) for _ in range(3)]
            for each in arriving:
                assert [piece async for piece in each.pieces] == [b"1"]
            assert listener.connections == listener.still_open == 3
        while listener.still_open > 1:
            await asyncio.sleep(0)
        await body_of(way)
        assert (listener.connections, listener.still_open) == (3, 1)
        await way.aclose()


async def test_a_large_answer_waits_for_a_slow_reader_and_comes_whole() -> None:
    large = bytes(range(256)) * 16_384
    async with asyncio.timeout(PATIENCE), listen(answering(answer(large))) as listener:
        way = way_to(listener)
        async with way.ask(GET) as arriving:
            for _ in range(500):
                await asyncio.sleep(0)
            assert b"".join([piece async for piece in arriving.pieces]) == large
        await way.aclose()


async def test_each_address_of_a_name_is_tried_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = ["127.0.0.2", "127.0.0.1"]

    async def find(_host: str, _port: int) -> list[str]:
        return addresses

    monkeypatch.setattr(near, "_addresses", find)
    async with asyncio.timeout(PATIENCE), listen(answering(answer(b"1"))) as listener:
        way = way_to(listener, host="localhost")
        assert await body_of(way) == b"1"
        await way.aclose()
        addresses.pop()
        with pytest.raises(WayError) as raised:
            await body_of(way_to(listener, host="localhost"))
        assert "ConnectionRefusedError" in repr(raised.value.__cause__)


async def test_what_stands_before_the_path_is_asked_for_too() -> None:
    status = answer(b'{"data":{"type":"status","id":"default","attributes":{"status":7}}}')
    async with asyncio.timeout(PATIENCE), listen(answering(status)) as listener:
        async with Client(
            parse_target(f"http://127.0.0.1:{listener.port}/behind/a%20proxy"), clock=SystemClock()
        ) as client:
            await client.fetch("GET", "/v1/status", timeout=PATIENCE)
        assert listener.requests[0].startswith(b"GET /behind/a%20proxy/v1/status HTTP/1.1\r\n")

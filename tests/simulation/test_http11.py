"""The connection: requests in pieces, connections that say nothing, and clients that leave."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from dashboard.simulation import http11
from dashboard.simulation.http_request import BadRequest, Body, parse_head
from dashboard.simulation.profile import Profile
from tests.simulation.test_serve import serving

PATCH = (
    b"PATCH /v1/status HTTP/1.1\r\nHost: k6\r\nConnection: close\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n3\r\n{} \r\n5;x\r\n     \r\n0\r\nX: y\r\n\r\n"
)


async def connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, _, port = address.rpartition(":")
    return await asyncio.open_connection(host, int(port))


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def test_a_request_may_come_byte_by_byte() -> None:
    async with serving(profile=Profile.V1) as server:
        reader, writer = await connect(server.address)
        for byte in PATCH:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        answer = await asyncio.wait_for(reader.read(), 20)
        await close(writer)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nDate: ")
    assert b"\r\nConnection: close\r\n\r\n{" in answer


@pytest.mark.parametrize("said", [b"", b"GET /v1/status HT"])
async def test_who_does_not_finish_a_header_is_dropped(monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    monkeypatch.setattr(http11, "HEADER_TIMEOUT", 0.05)
    async with serving() as server:
        reader, writer = await connect(server.address)
        writer.write(said)
        assert await asyncio.wait_for(reader.read(), 20) == b""
        await close(writer)


async def test_an_idle_connection_that_has_been_used_stays_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http11, "HEADER_TIMEOUT", 0.05)
    async with serving() as server:
        reader, writer = await connect(server.address)
        for _ in range(2):
            writer.write(b"GET /ping HTTP/1.1\r\nHost: k6\r\n\r\n")
            assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\nok"), 20)).startswith(b"HTTP/1.1 200 OK")
            await asyncio.sleep(0.15)  # past the limit for headers, which must not apply between requests
        await close(writer)


async def test_a_client_that_closes_its_half_still_gets_its_answer() -> None:
    async with serving() as server:
        reader, writer = await connect(server.address)
        writer.write(b"GET /v1/status HTTP/1.1\r\nHost: k6\r\n\r\n")
        writer.write_eof()
        assert b'"type":"status"' in await asyncio.wait_for(reader.read(), 20)
        await close(writer)


async def test_a_client_that_leaves_a_hung_request_leaves_nothing_behind() -> None:
    async with serving("hang") as server:
        before = len(asyncio.all_tasks())
        connections = [await connect(server.address) for _ in range(20)]
        for _, writer in connections:
            writer.write(b"GET /v1/status HTTP/1.1\r\nHost: k6\r\n\r\n")
            await writer.drain()
        for _ in range(1000):
            if len(asyncio.all_tasks()) >= before + 20:
                break
            await asyncio.sleep(0.001)
        assert len(asyncio.all_tasks()) >= before + 20
        for _, writer in connections:
            writer.transport.abort()
        for _ in range(5000):
            if len(asyncio.all_tasks()) == before:
                break
            await asyncio.sleep(0.001)
        assert len(asyncio.all_tasks()) == before


@pytest.mark.parametrize(
    ("data", "length"),
    [
        (b"3\r\nabc\r\n0\r\n\r\n", None),
        (b"1\r\na\r\n2;e=f\r\nbc\r\n0\r\nT: u\r\n\r\n", None),
        (b"abc", 3),
    ],
)
def test_a_body_is_the_same_however_it_is_cut(data: bytes, length: int | None) -> None:
    for size in range(1, len(data) + 1):
        body, buffer = Body(length), bytearray()
        for at in range(0, len(data), size):
            buffer += data[at : at + size]
            body.feed(buffer)
        assert (bytes(body.data), body.is_complete, bytes(buffer)) == (b"abc", True, b"")


@pytest.mark.parametrize("data", [b"x\r\n", b"-1\r\n", b"3\r\nabcde", b"11111111111111111\r\n"])
def test_malformed_chunks_are_refused(data: bytes) -> None:
    with pytest.raises(BadRequest):
        Body(None).feed(bytearray(data))


def test_a_head_is_read() -> None:
    head = parse_head(b"PATCH http://h/v1/status?a=b HTTP/1.1\r\nHost: k6\r\nContent-Length: 7\r\nX: y")
    seen: dict[str, Any] = {
        "method": head.method,
        "path": head.path,
        "query": head.query,
        "length": head.length,
    }
    assert seen == {"method": b"PATCH", "path": b"/v1/status", "query": b"a=b", "length": 7}
    assert head.keep_alive
    assert (b"x", b"y") in head.headers

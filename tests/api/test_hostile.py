"""Servers that are not k6: each ends in one of the three kinds of error, soon, cheaply, its connection closed."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from pathlib import Path

import pytest

from dashboard.api.address import Target, parse_target
from dashboard.api.client import LARGEST_BODY, Client
from dashboard.api.far import HttpxWay, far_way
from dashboard.clock import SystemClock
from dashboard.errors import ApiError, Rejected, TimedOut, Undecodable, Unreachable
from tests.api.sockets import (
    PATIENCE,
    Listener,
    Talk,
    Wire,
    answer,
    dribbling,
    listen,
    saying_and_waiting,
    saying_for_ever,
    saying_once,
)

SOON = 0.4
"""Seconds allowed to a request that is expected to run out of them."""
ENOUGH = 10.0
"""Seconds allowed to a request that is expected to fail by itself."""
BUFFERS = 24 * 1024 * 1024
"""What the kernel's and the streams' buffers may hold beside what the client took."""
CERTIFICATE = Path(__file__).parent / "certificate"
OK = b"HTTP/1.1 200 OK\r\n"


async def _reset(wire: Wire) -> None:
    await wire.request()
    wire.reset()


@pytest.fixture(params=["near", "far"], autouse=True)
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction] - pytest finds it
    """Both ways to a k6: our own to one on this machine, and httpx's to any other."""
    if request.param == "far":
        monkeypatch.setattr("dashboard.api.near.NearWay", _far)


def _far(url: str, *, most: int, most_idle: int, expiry: float) -> HttpxWay:
    return far_way(parse_target(url), most=most, most_idle=most_idle, expiry=expiry)


async def _ask(
    talk: Talk, timeout: float, endpoint: str = "/v1/metrics", tls: ssl.SSLContext | None = None, url: str = ""
) -> tuple[ApiError, Listener]:
    """Ask such a server and return how that failed, having seen every connection closed."""
    async with asyncio.timeout(PATIENCE), listen(talk, tls) as listener:
        target = parse_target(f"{url}127.0.0.1:{listener.port}")
        async with Client(target, clock=SystemClock()) as client:
            with pytest.raises(ApiError) as caught:
                await client.get(endpoint, timeout=timeout)
            if listener.connections:
                await listener.all_closed.wait()
        assert caught.value.endpoint == endpoint
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 400
        return caught.value, listener


@pytest.mark.parametrize(
    ("talk", "message"),
    [
        pytest.param(saying_and_waiting(), "no answer from", id="never answers"),
        pytest.param(saying_and_waiting(OK), "no answer from", id="stops in the headers"),
        pytest.param(saying_and_waiting(OK + b"Content-Length: 9\r\n\r\n{}"), "did not finish", id="stops in the body"),
        pytest.param(dribbling(OK + b"X: "), "no answer from", id="dribbles a header"),
        pytest.param(dribbling(OK + b"Content-Length: 99999\r\n\r\n"), "did not finish", id="dribbles a body"),
        pytest.param(dribbling(OK + b"\r\n"), "did not finish", id="dribbles a body of no length"),
        pytest.param(
            dribbling(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"), "did not finish", id="dribbles chunks"
        ),
        pytest.param(
            dribbling(b"HTTP/1.1 500 No\r\nContent-Length: 9999\r\n\r\n"), "did not finish", id="dribbles a refusal"
        ),
        pytest.param(
            saying_for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50), "no answer from", id="continues for ever"
        ),
    ],
)
async def test_an_answer_that_does_not_come_in_time(talk: Talk, message: str) -> None:
    error, listener = await _ask(talk, SOON)
    assert type(error) is TimedOut
    assert not error.refused
    assert message in str(error)
    assert str(error).endswith(f"in {SOON:g} s")
    assert listener.connections == 1


@pytest.mark.parametrize(
    ("talk", "message"),
    [
        pytest.param(saying_once(b""), "closed the connection", id="closes"),
        pytest.param(_reset, "broke off the connection", id="resets"),
        pytest.param(saying_once(OK + b"X-A: "), "closed the connection", id="closes in a header"),
        pytest.param(
            saying_once(b"SSH-2.0-OpenSSH_9.6\r\nInvalid SSH identification string.\r\n"),
            "closed the connection",
            id="ssh",
        ),
    ],
)
async def test_a_connection_that_closes_without_an_answer(talk: Talk, message: str) -> None:
    error, _ = await _ask(talk, ENOUGH)
    assert type(error) is Unreachable
    assert not error.refused
    assert message in str(error)


@pytest.mark.parametrize(
    ("talk", "got"),
    [
        pytest.param(saying_once(b"<html>hello</html>\r\n\r\n"), "not HTTP", id="HTTP 0.9"),
        pytest.param(saying_and_waiting(b"\x15\x03\x01\x00\x02\x02\x50\r\n\r\n"), "not HTTP", id="garbage"),
        pytest.param(saying_and_waiting(b"HTTP/1.1 99999 \x1b[2J\r\n\r\n"), "not HTTP", id="a status of five digits"),
        pytest.param(saying_and_waiting(OK + b"no colon\r\n\r\n"), "not HTTP", id="a header without colon"),
        pytest.param(saying_for_ever(OK, b"X-A: " + b"a" * 1000 + b"\r\n"), "not HTTP", id="endless headers"),
        pytest.param(saying_for_ever(OK + b"X-A: ", b"a" * 1000), "not HTTP", id="an endless header"),
        pytest.param(saying_for_ever(b"", b"x" * 65536), "not HTTP", id="an endless first line"),
        pytest.param(saying_once(OK + b"Content-Length: 9\r\n\r\n{}"), "cut short", id="a body cut short"),
        pytest.param(
            saying_once(OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\n{}"), "cut short", id="chunks cut short"
        ),
        pytest.param(
            saying_and_waiting(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "garbled", id="a garbled chunk"
        ),
        pytest.param(
            saying_for_ever(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: " + b"a" * 999 + b"\r\n"),
            "garbled",
            id="endless trailers",
        ),
        pytest.param(saying_for_ever(OK + b"\r\n", b" " * 65536), "more than 16384 KiB", id="an endless body"),
        pytest.param(
            saying_for_ever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
            "more than 16384 KiB",
            id="endless chunks",
        ),
        pytest.param(
            saying_for_ever(OK + b"Content-Length: 100000000\r\n\r\n", b"[" * 65536),
            "more than 16384 KiB",
            id="100 MB of JSON",
        ),
        pytest.param(
            saying_and_waiting(answer(gzip.compress(b" " * 10_000_000), "200 OK", "Content-Encoding: gzip")),
            "compressed with gzip",
            id="a gzip bomb",
        ),
        pytest.param(
            saying_and_waiting(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), "not HTTP", id="an upgrade"
        ),
        pytest.param(saying_and_waiting(answer(b"", "304 Not Modified")), "status 304", id="not modified"),
        pytest.param(
            saying_and_waiting(answer(b"", "301 Moved", "Location: https://x.example/login")),
            "a redirect to https://x.example/login",
            id="a redirect",
        ),
        pytest.param(
            saying_and_waiting(answer(b"", "301 Moved", "Location: https://x.example/\x1b[2J")),
            # httpx looks into it, and the way to this machine hands it on, to be made harmless.
            ("Invalid URL in location", "a redirect to https://x.example/\ufffd[2J"),
            id="a redirect with an escape sequence",
        ),
        pytest.param(
            saying_and_waiting(answer(b"", "302 Found", "Location: http://[::bad:::]:99999/")),
            "",
            id="a redirect to nowhere",
        ),
    ],
)
async def test_an_answer_that_is_not_k6s(talk: Talk, got: str | tuple[str, ...]) -> None:
    error, listener = await _ask(talk, ENOUGH)
    assert isinstance(error, Undecodable)
    assert error.expected == "k6's list of metrics"
    assert any(each in error.got for each in ((got,) if isinstance(got, str) else got))
    assert listener.sent < LARGEST_BODY + BUFFERS


async def test_a_redirect_is_not_followed() -> None:
    _, listener = await _ask(saying_and_waiting(answer(b"", "307 Temporary Redirect", "Location: /other")), ENOUGH)
    assert len(listener.requests) == 1


async def test_one_byte_a_piece_costs_one_byte() -> None:
    chunks = saying_for_ever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 1000)
    error, listener = await _ask(chunks, SOON, "/v1/status")
    assert isinstance(error, (TimedOut, Undecodable))
    assert listener.sent < BUFFERS


async def test_a_small_answer_has_a_small_limit() -> None:
    error, listener = await _ask(saying_for_ever(OK + b"\r\n", b" " * 65536), ENOUGH, "/v1/status")
    assert "more than 256 KiB" in str(error)
    assert listener.sent < BUFFERS


@pytest.mark.parametrize(
    ("talk", "message"),
    [
        pytest.param(
            saying_for_ever(b"HTTP/1.1 502 Bad Gateway\r\n\r\nsorry\n", b" " * 65536), "HTTP 502: sorry", id="endless"
        ),
        pytest.param(
            saying_and_waiting(answer(gzip.compress(b"no"), "503 Busy", "Content-Encoding: gzip")),
            "HTTP 503: Service Unavailable",
            id="compressed",
        ),
        pytest.param(saying_once(answer(b"", "999 Strange")), "HTTP 999", id="of no known status"),
    ],
)
async def test_a_refusal_that_is_not_k6s(talk: Talk, message: str) -> None:
    error, _ = await _ask(talk, ENOUGH)
    assert isinstance(error, Rejected)
    assert str(error) == message


async def test_a_server_of_tls_asked_without() -> None:
    error, _ = await _ask(saying_once(answer(b"{}")), ENOUGH, tls=_server_tls())
    assert isinstance(error, (Undecodable, Unreachable))
    assert not isinstance(error, TimedOut)


async def test_a_server_without_tls_asked_with() -> None:
    async def talk(wire: Wire) -> None:
        await wire.send(answer(b"{}"))
        await wire.gone()

    error, _ = await _ask(talk, ENOUGH, url="https://")
    assert type(error) is Unreachable
    assert "no TLS with" in str(error)


async def test_a_server_that_never_shakes_hands() -> None:
    async def talk(wire: Wire) -> None:
        await wire.gone()

    error, _ = await _ask(talk, SOON, url="https://")
    assert type(error) is TimedOut


async def test_a_certificate_that_nobody_vouches_for() -> None:
    error, _ = await _ask(saying_once(answer(b"{}")), ENOUGH, tls=_server_tls(), url="https://")
    assert type(error) is Unreachable
    assert "certificate of 127.0.0.1" in str(error)
    assert "--insecure" in str(error)


async def test_a_certificate_that_need_not_be_vouched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # it does not stand before this machine
    async with asyncio.timeout(PATIENCE), listen(saying_once(answer(b"ok")), _server_tls()) as listener:
        target = parse_target(f"https://127.0.0.1:{listener.port}", insecure=True)
        async with Client(target, clock=SystemClock()) as client:
            await client.ping(timeout=ENOUGH)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_a_certificate_of_the_environment(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE / "cert.pem"))
    async with (
        asyncio.timeout(PATIENCE),
        listen(saying_once(answer(b"ok")), _server_tls()) as listener,
        Client(parse_target(f"https://{host}:{listener.port}"), clock=SystemClock()) as client,
    ):
        if host == "localhost":
            await client.ping(timeout=ENOUGH)
        else:
            with pytest.raises(Unreachable, match=r"not trusted: .*not valid for"):
                await client.ping(timeout=ENOUGH)


async def test_nobody_listens() -> None:
    async with listen(saying_once(b"")) as listener:
        port = listener.port
    for target in (f"127.0.0.1:{port}", f"localhost:{port}"):
        async with Client(parse_target(target), clock=SystemClock()) as client:
            with pytest.raises(Unreachable) as caught:
                await client.status(timeout=ENOUGH)
        assert str(caught.value) == f"connection refused at {target}"
        assert caught.value.refused


async def test_a_request_that_is_given_up_is_closed() -> None:
    async with (
        asyncio.timeout(PATIENCE),
        listen(saying_and_waiting(OK)) as listener,
        Client(_target(listener), clock=SystemClock()) as client,
    ):
        asking = asyncio.ensure_future(client.status(timeout=PATIENCE))
        while not listener.requests:
            await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await listener.all_closed.wait()


async def test_closing_ends_what_is_under_way() -> None:
    async with asyncio.timeout(PATIENCE), listen(saying_and_waiting()) as listener:
        async with Client(_target(listener), clock=SystemClock()) as client:
            asking = asyncio.ensure_future(client.status(timeout=PATIENCE))
            while not listener.requests:
                await asyncio.sleep(0)
        with pytest.raises(Unreachable):
            await asking
        await listener.all_closed.wait()


def _target(listener: Listener) -> Target:
    return parse_target(f"127.0.0.1:{listener.port}")


def _server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE / "cert.pem", CERTIFICATE / "key.pem")
    return context

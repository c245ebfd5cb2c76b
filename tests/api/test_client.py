from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from dashboard.api import encode
from dashboard.api.address import parse_target
from dashboard.api.client import Answer, Client
from dashboard.clock import ManualClock, SystemClock
from dashboard.errors import Rejected, TimedOut, Undecodable, Unreachable, UsageError
from dashboard.model.run import State
from tests.api.golden import goldens
from tests.api.sockets import PATIENCE, Wire, answer, answering, listen

STATUS = goldens("status-get")[-1].body
TARGET = parse_target("k6.example:6565")


def _client(handler: Callable[[httpx.Request], httpx.Response], target: str = "k6.example:6565") -> Client:
    return Client(parse_target(target), clock=ManualClock(), transport=httpx.MockTransport(handler))


def _failing(error: Exception) -> Client:
    def handler(request: httpx.Request) -> httpx.Response:
        raise error

    return _client(handler)


def _caused(outer: Exception, *inner: BaseException) -> Exception:
    """Chain exceptions as the HTTP library does, the outermost first."""
    link: BaseException = outer
    for cause in inner:
        link.__cause__ = cause
        link = cause
    return outer


async def test_an_answer_is_kept_as_it_came() -> None:
    clock = ManualClock()

    def handler(request: httpx.Request) -> httpx.Response:
        clock.set(clock.now() + 0.25)
        return httpx.Response(203, headers={"Content-Type": "text/plain; \x1b"}, stream=httpx.ByteStream(b" {} "))

    async with Client(TARGET, clock=clock, transport=httpx.MockTransport(handler)) as client:
        found = await client.get("/v1/status", timeout=1)
    assert found == Answer("/v1/status", 203, b" {} ", 0.25, "text/plain; \ufffd")


async def test_a_refusal_is_an_answer_to_fetch_and_an_error_to_get() -> None:
    poisoned = goldens("metrics-value-inf")[0]
    client = _client(lambda _: httpx.Response(500, content=poisoned.body))
    found = await client.fetch("GET", "/v1/metrics", timeout=1)
    assert (found.status_code, found.body) == (500, poisoned.body)
    with pytest.raises(Rejected) as caught:
        await client.get("/v1/metrics", timeout=1)
    assert (caught.value.status_code, caught.value.title) == (500, "Encoding error")
    assert str(caught.value) == "Encoding error: json: unsupported value: +Inf"
    await client.aclose()


Call = Callable[[Client], Awaitable[object]]

CALLS: list[tuple[Call, str, str, bytes, str]] = [
    (lambda c: c.status(timeout=1), "GET", "/v1/status", b"", "status-get"),
    (lambda c: c.metrics(timeout=1), "GET", "/v1/metrics", b"", "metrics-list"),
    (lambda c: c.metric("a{b:c//d}", timeout=1), "GET", "/v1/metrics/a%7Bb%3Ac%2F%2Fd%7D", b"", "metric-gauge"),
    (lambda c: c.groups(timeout=1), "GET", "/v1/groups", b"", "groups-list"),
    (lambda c: c.group("d41d", timeout=1), "GET", "/v1/groups/d41d", b"", "group-root"),
    (lambda c: c.setup(timeout=1), "GET", "/v1/setup", b"", "setup-get"),
    (lambda c: c.run_setup(timeout=1), "POST", "/v1/setup", b"", "setup-get"),
    (lambda c: c.put_setup('{"é":1}', timeout=1), "PUT", "/v1/setup", '{"é":1}'.encode(), "setup-get"),
    (lambda c: c.run_teardown(timeout=1), "POST", "/v1/teardown", b"", "teardown-post-running"),
    (lambda c: c.ping(timeout=1), "GET", "/ping", b"", "path-ping"),
    (lambda c: c.process_metrics(timeout=1), "GET", "/metrics", b"", "detect-metrics-prometheus"),
    (lambda c: c.debug_vars(timeout=1), "GET", "/debug/vars/", b"", "detect-debug-vars"),
    (
        lambda c: c.change_status(encode.stop_body(), timeout=1),
        "PATCH",
        "/v1/status",
        bytes(encode.stop_body()),
        "patch-stopped-true",
    ),
]


@pytest.mark.parametrize(("call", "method", "path", "body", "golden"), CALLS)
@pytest.mark.parametrize("prefix", ["", "/behind/a%20proxy"])
async def test_every_request_and_its_answer(
    call: Call, method: str, path: str, body: bytes, golden: str, prefix: str
) -> None:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=goldens(golden)[-1].body)

    async with _client(handler, f"http://k6.example:6565{prefix}") as client:
        await call(client)
    [request] = asked
    assert (request.method, request.url.raw_path.decode()) == (method, prefix + path)
    assert request.content == body


async def test_what_is_sent_on_the_wire() -> None:
    async with asyncio.timeout(PATIENCE), listen(answering(answer(STATUS))) as listener:
        target = parse_target(f"127.0.0.1:{listener.port}")
        headers = [("X-Twice", "1"), ("X-Twice", "2"), ("user-agent", "é"), ("Host", "k6.example")]
        async with Client(target, clock=SystemClock(), headers=headers) as client:
            await client.status(timeout=PATIENCE)
    head, _, body = listener.requests[0].partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    assert line == b"GET /v1/status HTTP/1.1"
    assert body == b""
    assert sorted(lines) == [
        b"Accept-Encoding: identity",
        b"Accept: application/json",
        b"Connection: keep-alive",
        b"Host: k6.example",
        b"X-Twice: 1",
        b"X-Twice: 2",
        "user-agent: é".encode("latin-1"),
    ]


async def test_a_connection_is_kept_and_replaced_when_k6_closed_it() -> None:
    closing = asyncio.Event()

    async def talk(wire: Wire) -> None:
        for _ in range(2):
            await wire.request()
            await wire.send(answer(STATUS))
        closing.set()

    async with asyncio.timeout(PATIENCE), listen(talk) as listener:
        async with Client(parse_target(f"127.0.0.1:{listener.port}"), clock=SystemClock()) as client:
            for _ in range(2):
                assert (await client.status(timeout=PATIENCE)).state is State.RUNNING
            assert listener.connections == 1
            await closing.wait()
            await client.status(timeout=PATIENCE)
            assert listener.connections == 2
        await listener.all_closed.wait()


async def test_nothing_is_connected_before_it_is_needed() -> None:
    async with asyncio.timeout(PATIENCE), listen(answering(answer(STATUS))) as listener:
        client = Client(parse_target(f"127.0.0.1:{listener.port}"), clock=SystemClock())
        await client.aclose()
        assert listener.connections == 0


async def test_a_get_goes_through_while_a_patch_hangs() -> None:
    release = asyncio.Event()

    async def talk(wire: Wire) -> None:
        while request := await wire.request():
            if request.startswith(b"PATCH"):
                await release.wait()
            await wire.send(answer(STATUS))

    async with (
        asyncio.timeout(PATIENCE),
        listen(talk) as listener,
        Client(parse_target(f"127.0.0.1:{listener.port}"), clock=SystemClock()) as client,
    ):
        pausing = asyncio.ensure_future(client.change_status(encode.pause_body(), timeout=PATIENCE))
        while not listener.requests:
            await asyncio.sleep(0)
        await client.status(timeout=PATIENCE)
        await client.status(timeout=PATIENCE)
        assert not pausing.done()
        release.set()
        await pausing
        assert listener.connections == 2


async def test_cookies_are_not_kept() -> None:
    async with asyncio.timeout(PATIENCE), listen(answering(answer(STATUS, "200 OK", "Set-Cookie: a=b"))) as listener:
        async with Client(parse_target(f"localhost:{listener.port}"), clock=SystemClock()) as client:
            await client.status(timeout=PATIENCE)
            await client.status(timeout=PATIENCE)
        assert not any(b"cookie" in request.lower() for request in listener.requests)


@pytest.mark.parametrize(
    ("error", "message", "refused"),
    [
        (
            _caused(httpx.ConnectError("All attempts failed"), OSError("All"), ConnectionRefusedError(111, "Refused")),
            "connection refused at k6.example:6565",
            True,
        ),
        (
            _caused(
                httpx.ConnectError("All attempts failed"),
                ExceptionGroup("several", [OSError(101, "Network is unreachable"), ConnectionRefusedError(111, "No")]),
            ),
            "connection refused at k6.example:6565",
            True,
        ),
        (
            _caused(httpx.ConnectError("All attempts failed"), OSError(113, "No route to host")),
            "cannot reach k6.example:6565: No route to host",
            False,
        ),
        (
            _caused(httpx.ConnectError("x"), socket.gaierror(-2, "Name or service not known")),
            "no such host: k6.example:6565",
            False,
        ),
        (UnicodeError("label too long"), "no such host: k6.example:6565", False),
        (
            _caused(httpx.ReadError(""), ConnectionResetError(104, "reset")),
            "k6.example:6565 broke off the connection without an HTTP answer",
            False,
        ),
        (httpx.ReadError(""), "cannot reach k6.example:6565: the connection broke", False),
        (httpx.ProxyError("407 \x1b"), "cannot reach k6.example:6565: 407 \ufffd", False),
        (ssl.SSLError(1, "[SSL: BAD] bad"), "no TLS with k6.example:6565: it failed (is it http://?)", False),
        (httpx.WriteError("broken"), "cannot reach k6.example:6565: broken", False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
async def test_why_there_is_no_way_to_k6(error: Exception, message: str, refused: bool) -> None:
    async with _failing(error) as client:
        with pytest.raises(Unreachable) as caught:
            await client.status(timeout=1)
    assert str(caught.value) == message
    assert caught.value.refused is refused
    assert not isinstance(caught.value, TimedOut)


async def test_the_kernels_own_timeout_is_a_timeout() -> None:
    async with _failing(httpx.ConnectTimeout("")) as client:
        with pytest.raises(TimedOut, match=r"no answer from k6\.example:6565 in 2\.5 s"):
            await client.status(timeout=2.5)


async def test_an_answer_that_breaks_off() -> None:
    class Broken(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"{"
            raise httpx.ReadError("reset")

    async with _client(lambda _: httpx.Response(200, stream=Broken())) as client:
        with pytest.raises(Undecodable, match="an answer that broke off"):
            await client.status(timeout=1)


async def test_a_mistake_of_ours_is_loud() -> None:
    async with _failing(RuntimeError("a bug")) as client:
        with pytest.raises(RuntimeError, match="a bug"):
            await client.status(timeout=1)


async def test_a_teardown_that_answers_is_not_k6s() -> None:
    async with _client(lambda _: httpx.Response(200, content=b"<title>Hi</title>")) as client:
        with pytest.raises(Undecodable, match='an empty answer, got a web page "Hi"'):
            await client.run_teardown(timeout=1)
        with pytest.raises(Undecodable, match="/v1/metrics/x%20y: expected a metric of k6"):
            await client.metric("x y", timeout=1)


def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "gopher://proxy:70")
    with pytest.raises(UsageError, match="proxy"):
        Client(TARGET, clock=ManualClock())


async def test_no_proxy_stands_before_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "gopher://proxy:70")
    async with (
        asyncio.timeout(PATIENCE),
        listen(answering(answer(STATUS))) as listener,
        Client(parse_target(f":{listener.port}"), clock=SystemClock()) as client,
    ):
        await client.status(timeout=PATIENCE)


def test_certificates_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/cert.pem")
    with pytest.raises(UsageError, match="certificate"):
        Client(parse_target("https://k6.example"), clock=ManualClock())
    Client(parse_target("https://k6.example", insecure=True), clock=ManualClock())

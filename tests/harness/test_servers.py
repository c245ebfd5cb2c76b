"""The hostile servers, seen from a socket."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from tests.harness import servers
from tests.harness.ports import HOST
from tests.harness.servers import Server

REQUEST = b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n"


def ask(server: Server, size: int = 65536, timeout: float = 5.0) -> bytes:
    with closing(socket.create_connection((HOST, server.port), timeout)) as sock:
        sock.sendall(REQUEST)
        return sock.recv(size)


def test_a_static_server_says_what_it_was_told_to() -> None:
    with servers.static_server(418, {"X-Kind": "teapot"}, b"short and stout") as server:
        answer = ask(server)
        assert answer.startswith(b"HTTP/1.1 418")
        assert b"X-Kind: teapot\r\n" in answer
        assert answer.endswith(b"\r\n\r\nshort and stout")
        assert server.requests == [REQUEST]


def test_an_html_server_is_no_k6() -> None:
    with servers.html_server() as server:
        assert b"text/html" in ask(server)


def test_a_hanging_server_says_nothing_and_still_ends() -> None:
    with servers.hanging_server() as server, pytest.raises(TimeoutError):
        ask(server, timeout=0.1)


def test_a_garbage_server_does_not_speak_http() -> None:
    with servers.garbage_server() as server:
        assert not ask(server).startswith(b"HTTP/")


def test_a_closing_server_closes_without_a_word() -> None:
    with servers.closing_server() as server:
        assert ask(server) == b""


def test_a_truncated_server_promises_more_than_it_gives() -> None:
    with servers.truncated_server(b"{", missing=9) as server:
        assert ask(server).endswith(b"Content-Length: 10\r\n\r\n{")


def test_an_endless_server_goes_on_until_the_client_leaves() -> None:
    with (
        servers.endless_server() as server,
        closing(socket.create_connection((HOST, server.port), 5.0)) as sock,
    ):
        sock.sendall(REQUEST)
        received = 0
        while received < 4_000_000:
            received += len(sock.recv(1 << 20))


def test_a_dribbling_server_gives_a_byte_at_a_time() -> None:
    with (
        servers.dribbling_server(every=0.001) as server,
        closing(socket.create_connection((HOST, server.port), 5.0)) as sock,
    ):
        sock.sendall(REQUEST)
        body = b""
        while len(body.partition(b"\r\n\r\n")[2]) < 5:
            body += sock.recv(1 << 16)
        assert body.partition(b"\r\n\r\n")[2].isspace()

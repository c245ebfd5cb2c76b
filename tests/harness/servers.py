"""HTTP servers that are not k6, each hostile in its own way, on loopback.

Each is a context manager that gives the port::

    with static_server(200, {"Content-Type": "text/html"}, b"<h1>hello</h1>") as server:
        ... f"127.0.0.1:{server.port}" ...
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

from tests.harness.ports import HOST
from tests.harness.waiting import PATIENCE

Conversation = Callable[["Connection"], None]


@dataclass
class Server:
    """A listening server."""

    port: int
    requests: list[bytes] = field(default_factory=list[bytes])
    """The head of every request, in the order they came."""
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        """``host:port``."""
        return f"{HOST}:{self.port}"

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://{self.address}"


class Connection:
    """One client's connection, for a conversation to speak on."""

    def __init__(self, sock: socket.socket, server: Server) -> None:
        self._sock = sock
        self._server = server

    def read_request(self) -> bytes:
        """The head of the next request; empty when the client has gone."""
        head = b""
        while b"\r\n\r\n" not in head:
            chunk = self._sock.recv(65536)
            if not chunk:
                return b""
            head += chunk
        self._server.requests.append(head)
        return head

    def send(self, data: bytes) -> None:
        """Send, as it is.

        Raises:
            OSError: the client has gone.
        """
        self._sock.sendall(data)

    def hold(self, seconds: float | None = None) -> bool:
        """Say nothing until the server is stopped, or for ``seconds``; whether it is stopped."""
        return self._server.stopping.wait(seconds)


@contextmanager
def raw_server(conversation: Conversation, port: int = 0) -> Generator[Server]:
    """Serve each connection with ``conversation``, in a thread of its own; the connection closes after it."""
    listener = socket.create_server((HOST, port))
    server = Server(listener.getsockname()[1])
    open_sockets: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def serve(sock: socket.socket) -> None:
        with closing(sock), suppress(OSError):
            conversation(Connection(sock, server))

    def accept() -> None:
        with suppress(OSError):
            while not server.stopping.is_set():
                sock, _ = listener.accept()
                open_sockets.append(sock)
                thread = threading.Thread(target=serve, args=(sock,), daemon=True)
                threads.append(thread)
                thread.start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield server
    finally:
        server.stopping.set()
        for sock in (listener, *open_sockets):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(PATIENCE)
        for thread in threads:
            thread.join(PATIENCE)


@contextmanager
def static_server(
    status: int = 200, headers: Mapping[str, str] | None = None, body: bytes = b"", port: int = 0
) -> Generator[Server]:
    """Answer every request alike, with keep-alive; ``Content-Length`` is the body's unless given."""
    given = {"Content-Length": str(len(body)), **(headers or {})}
    head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in given.items()) + "\r\n"

    def answer(connection: Connection) -> None:
        while connection.read_request():
            connection.send(head.encode("latin-1") + body)

    with raw_server(answer, port) as server:
        yield server


@contextmanager
def html_server(port: int = 0) -> Generator[Server]:
    """A web server that has nothing to do with k6."""
    page = b"<!doctype html><title>It works!</title><h1>It works!</h1>"
    with static_server(200, {"Content-Type": "text/html"}, page, port) as server:
        yield server


@contextmanager
def hanging_server(port: int = 0) -> Generator[Server]:
    """Accept, read, and never say a word."""

    def answer(connection: Connection) -> None:
        connection.read_request()
        connection.hold()

    with raw_server(answer, port) as server:
        yield server


@contextmanager
def garbage_server(data: bytes = b"\x00\xff\x13not HTTP at all\r\n\r\n", port: int = 0) -> Generator[Server]:
    """Answer with bytes that are not HTTP, then close."""

    def answer(connection: Connection) -> None:
        connection.read_request()
        connection.send(data)

    with raw_server(answer, port) as server:
        yield server


@contextmanager
def closing_server(port: int = 0) -> Generator[Server]:
    """Read a request and close without a word."""
    with garbage_server(b"", port) as server:
        yield server


@contextmanager
def truncated_server(body: bytes = b'{"data":', missing: int = 100, port: int = 0) -> Generator[Server]:
    """Promise ``missing`` bytes more than come, then close."""

    def answer(connection: Connection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(body) + missing) + body)

    with raw_server(answer, port) as server:
        yield server


@contextmanager
def endless_server(chunk: bytes = b" " * 65536, port: int = 0) -> Generator[Server]:
    """A body without end, as fast as the client takes it."""

    def answer(connection: Connection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while not connection.hold(0):
            connection.send(chunk)

    with raw_server(answer, port) as server:
        yield server


@contextmanager
def dribbling_server(every: float = 0.05, port: int = 0) -> Generator[Server]:
    """A body that comes a byte at a time: every read succeeds, the whole never comes."""

    def answer(connection: Connection) -> None:
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not connection.hold(every):
            connection.send(b" ")

    with raw_server(answer, port) as server:
        yield server

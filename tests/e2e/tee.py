"""A proxy on loopback that hands everything on unchanged and remembers what was asked."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

from tests.harness.ports import HOST
from tests.harness.waiting import PATIENCE

_PATCH = re.compile(rb"PATCH /v1/status HTTP/1\.1\r\n.*?\r\n\r\n(\{.*?\}\}\})", re.DOTALL)


class Tee:
    """What went through."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._sent: list[bytearray] = []

    @property
    def address(self) -> str:
        """``host:port`` of the proxy."""
        return f"{HOST}:{self.port}"

    @property
    def patches(self) -> list[dict[str, Any]]:
        """The attributes of every PATCH of the status. Those of one connection are in their order."""
        bodies = [body for sent in list(self._sent) for body in _PATCH.findall(bytes(sent))]
        return [json.loads(body)["data"]["attributes"] for body in bodies]

    def remember(self) -> bytearray:
        """A new connection's memory."""
        sent = bytearray()
        self._sent.append(sent)
        return sent


@contextmanager
def open_tee(port: int) -> Generator[Tee]:
    """Stand in front of the server at ``port``."""
    listener = socket.create_server((HOST, 0))
    tee = Tee(listener.getsockname()[1])
    sockets: list[socket.socket] = [listener]
    threads: list[threading.Thread] = []

    def start(target: threading.Thread) -> None:
        threads.append(target)
        target.start()

    def pump(source: socket.socket, sink: socket.socket, memory: bytearray | None) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if memory is not None:
                    memory.extend(data)
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                sockets.append(client)
                try:
                    server = socket.create_connection((HOST, port), PATIENCE)
                except OSError:
                    # The server has gone, and so has its port.
                    client.close()
                    listener.close()
                    return
                server.settimeout(None)
                sockets.append(server)
                start(threading.Thread(target=pump, args=(client, server, tee.remember()), daemon=True))
                start(threading.Thread(target=pump, args=(server, client, None), daemon=True))

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield tee
    finally:
        for each in sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        acceptor.join(PATIENCE)
        for thread in threads:
            thread.join(PATIENCE)
        for each in sockets:
            each.close()

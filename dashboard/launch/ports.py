"""Ports of this machine for a k6 to listen on, free when they are chosen, and what k6 says of one that is not."""

from __future__ import annotations

import re
import socket
import sys
from typing import Final, Self
from urllib.parse import urlsplit

HOST: Final = "127.0.0.1"
_TAKEN: Final = re.compile(rb"listen tcp [^\s\"\\]*:(\d+): bind: address already in use")
"""k6's refusal, in v1.7.1 and v2.2.0, of its API ("Error from API server") and of its dashboard alike."""


class Ports:
    """Finds free ports, and keeps them free for k6 as far as the system lets one.

    Linux lets two sockets have one port as long as neither listens and both allow it, as Go's do. So the port stays
    ours until k6 listens: no connection of another program, and none of our own to a k6 that is not there yet, is given
    it. Elsewhere it is let go, and can be lost in the time that k6 takes to read its script.
    """

    def __init__(self, platform: str = sys.platform) -> None:
        self._may_hold = platform == "linux"
        self._held: list[socket.socket] = []
        self.given: set[int] = set()
        """All that have been found so far."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self.release()

    def find(self) -> int:
        """A port at which nobody listens."""
        found = socket.socket()
        if self._may_hold:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._held.append(found)
        found.bind((HOST, 0))
        port: int = found.getsockname()[1]
        if not self._may_hold:
            found.close()
        self.given.add(port)
        return port

    def release(self) -> None:
        """Keep none any more."""
        while self._held:
            self._held.pop().close()


def taken_port(log: bytes) -> int | None:
    """The port at which k6 could not listen, by its log; the last one it says so of."""
    found = _TAKEN.findall(log)
    return int(found[-1]) if found else None


def is_taken(url: str) -> bool:
    """Whether somebody listens there now."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or HOST, parts.port or 80), timeout=1.0):
            return True
    except OSError:
        return False

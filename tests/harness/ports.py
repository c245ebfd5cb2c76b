"""Ports on loopback."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


def free_port() -> int:
    """A port on which nothing listens now. Somebody else may take it before you do: be ready to ask again."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def listens(port: int) -> bool:
    """Whether somebody answers there."""
    try:
        socket.create_connection((HOST, port), 1).close()
    except OSError:
        return False
    return True

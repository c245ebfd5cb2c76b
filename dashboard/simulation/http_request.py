"""Requests of HTTP/1.1 as Go's ``net/http`` reads them, and refuses to."""

from __future__ import annotations

import re
from typing import Final

from dashboard.quick import dataclass
from dashboard.simulation.gomux import is_escaped_well

_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VERSION: Final = re.compile(rb"HTTP/(\d)\.(\d)")
_HOST: Final = re.compile(rb"[!$%&'()*+,\-./:;=@\[\]_~0-9A-Za-z<>\"|{}`^\\]*")
_ABSOLUTE: Final = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]*://[^/?#]*")


class BadRequest(Exception):
    """The bytes are no request that Go accepts.

    Attributes:
        code: The HTTP status of the answer.
        explanation: What follows the status in its body.
    """

    def __init__(self, explanation: str = "", code: int = 400) -> None:
        super().__init__(explanation)
        self.code = code
        self.explanation = explanation


@dataclass(slots=True)
class Head:
    """A request without its body.

    Attributes:
        length: The length of the body, or None for chunks.
    """

    method: bytes
    path: bytes
    query: bytes
    minor: int
    headers: list[tuple[bytes, bytes]]
    length: int | None
    keep_alive: bool
    expects_continue: bool


def _target(uri: bytes) -> tuple[bytes, bytes]:
    """Path and query of a request URI (``url.ParseRequestURI``)."""
    if re.search(rb"[\x00-\x20\x7f]", uri):
        raise BadRequest
    absolute = _ABSOLUTE.match(uri)
    if absolute:
        uri = uri[absolute.end() :]
    elif not uri.startswith(b"/") and uri != b"*":
        raise BadRequest
    path, _, query = uri.partition(b"?")
    if not is_escaped_well(path):
        raise BadRequest
    return path, query


def _headers(lines: list[bytes]) -> list[tuple[bytes, bytes]]:
    headers: list[tuple[bytes, bytes]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            if not headers:
                raise BadRequest
            headers[-1] = (headers[-1][0], headers[-1][1] + b" " + line.strip(b" \t"))
            continue
        name, colon, value = line.partition(b":")
        if colon and b" " in name.rstrip(b" ") and _TOKEN.fullmatch(name.replace(b" ", b"")):
            raise BadRequest("invalid header name")
        if not colon or not _TOKEN.fullmatch(name) or re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", value):
            raise BadRequest
        headers.append((name.lower(), value.strip(b" \t")))
    return headers


def parse_head(data: bytes) -> Head:
    """Read a request line and headers.

    Raises:
        BadRequest: Go would not accept them.
    """
    first, *lines = [line.removesuffix(b"\r") for line in data.split(b"\n")]
    method, space, rest = first.partition(b" ")
    uri, second_space, proto = rest.partition(b" ")
    version = _VERSION.fullmatch(proto)
    is_preface = first == b"PRI * HTTP/2.0"
    if not (space and second_space and version and _TOKEN.fullmatch(method)):
        raise BadRequest
    path, query = _target(uri)
    headers = _headers(lines)
    if version.group(1) != b"1" and not is_preface:
        raise BadRequest("unsupported protocol version", 505)
    minor = 1 if is_preface else int(version.group(2))
    values: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    hosts = values.get(b"host", [])
    if minor >= 1 and not hosts and not is_preface:
        raise BadRequest("missing required Host header")
    if len(hosts) > 1:
        raise BadRequest
    if hosts and not _HOST.fullmatch(hosts[0]):
        raise BadRequest("malformed Host header")
    length: int | None = _content_length(values.get(b"content-length", []))
    if minor >= 1 and (codings := values.get(b"transfer-encoding")):
        if len(codings) != 1 or codings[0].lower() != b"chunked":
            raise BadRequest("Unsupported transfer encoding", 501)
        length = None
    wishes = b",".join(values.get(b"connection", [])).lower().replace(b" ", b"").split(b",")
    keep_alive = b"close" not in wishes and (minor >= 1 or b"keep-alive" in wishes)
    expects = [value.lower() for value in values.get(b"expect", [])]
    return Head(method, path, query, minor, headers, length, keep_alive, b"100-continue" in expects)


def _content_length(values: list[bytes]) -> int:
    if not values:
        return 0
    if len(set(values)) != 1 or not re.fullmatch(rb"[0-9]{1,18}", values[0]):
        raise BadRequest
    return int(values[0])


class Body:
    """A request's body as it arrives."""

    def __init__(self, length: int | None) -> None:
        self._left = length
        self._is_chunked = length is None
        self._in_trailer = False
        self.data = bytearray()
        self.is_complete = length == 0

    def feed(self, buffer: bytearray) -> None:
        """Take what belongs to the body out of ``buffer``.

        Raises:
            BadRequest: the chunks are malformed.
        """
        if not self._is_chunked:
            taken = buffer[: self._left]
            del buffer[: len(taken)]
            self.data += taken
            self._left = (self._left or 0) - len(taken)
            self.is_complete = not self._left
            return
        while not self.is_complete and self._feed_chunk(buffer):
            pass

    def _feed_chunk(self, buffer: bytearray) -> bool:
        """Take one line or one chunk; say whether there was a whole one."""
        if self._left:
            if len(buffer) < self._left + 2:
                return False
            if not buffer.startswith(b"\r\n", self._left):
                raise BadRequest
            self.data += buffer[: self._left]
            del buffer[: self._left + 2]
            self._left = None
            return True
        line, newline, _ = bytes(buffer).partition(b"\n")
        if not newline:
            return False
        del buffer[: len(line) + 1]
        line = line.rstrip(b"\r \t")
        if self._in_trailer:
            self.is_complete = not line
            return True
        size = line.partition(b";")[0].rstrip(b" \t")
        if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", size):
            raise BadRequest
        self._left = int(size, 16) or None
        self._in_trailer = self._left is None
        return True

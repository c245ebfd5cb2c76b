"""Requests as bytes and answers as they come, without a library that would tidy up either."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """One request.

    Attributes:
        name: What it is about, unique in its phase.
        method: The method, or the whole request as bytes where ``raw`` is set.
        target: The request target.
        body: The body.
        headers: Further headers.
        raw: The bytes to send instead.
        hangs: Whether k6 never answers.
    """

    name: str
    method: str = "GET"
    target: str = "/"
    body: bytes | None = None
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None
    hangs: bool = False

    def bytes(self) -> bytes:
        """The request on the wire."""
        if self.raw is not None:
            return self.raw
        lines = [f"{self.method} {self.target} HTTP/1.1", "Host: k6"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body is not None and not any(name == "Content-Length" for name, _ in self.headers):
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + (self.body or b"")


@dataclass(frozen=True)
class Answer:
    """One answer: its status line, its headers in order, and its body without the framing."""

    status_line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    framing: str


def _read_head(stream: Any) -> tuple[str, tuple[tuple[str, str], ...]]:
    status_line = stream.readline().decode("latin-1").rstrip("\r\n")
    headers: list[tuple[str, str]] = []
    while line := stream.readline().decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(": ")
        headers.append((name, value))
    return status_line, tuple(headers)


def send(host: str, port: int, case: Case, timeout: float = 15.0) -> Answer | None:
    """Send a request on a connection of its own; None if no answer comes in time."""
    with socket.create_connection((host, port), timeout=timeout) as connection:
        connection.settimeout(1.5 if case.hangs else timeout)
        connection.sendall(case.bytes())
        stream = connection.makefile("rb")
        try:
            status_line, headers = _read_head(stream)
            interim = ""
            while " 100 " in status_line:
                interim = "100 then "
                status_line, headers = _read_head(stream)
            if not status_line:
                return Answer("", (), b"", "closed")
            fields = {name.lower(): value for name, value in headers}
            if case.method == "HEAD" or " 304 " in status_line:
                return Answer(status_line, headers, b"", interim + "none")
            if "content-length" in fields:
                return Answer(status_line, headers, stream.read(int(fields["content-length"])), interim + "length")
            if fields.get("transfer-encoding") == "chunked":
                return Answer(status_line, headers, _read_chunks(stream), interim + "chunked")
            return Answer(status_line, headers, stream.read(), interim + "until close")
        except TimeoutError:
            return None


def _read_chunks(stream: Any) -> bytes:
    body = bytearray()
    while size := int(stream.readline(), 16):
        body += stream.read(size)
        stream.readline()
    stream.readline()
    return bytes(body)


class _Number(float):
    """A number of JSON, told from the others."""


class _Object(list[tuple[str, Any]]):
    """An object of JSON, its members in order."""


def _shape(value: Any, key: str = "") -> Any:
    """A JSON value without what changes from moment to moment: amounts, and the order of lists of ids."""
    if isinstance(value, _Object):
        if ("id", "http_req_connecting") in value:
            # How many requests there were besides those that connected is a matter of speed.
            return [pair for pair in value if pair[0] != "attributes"]
        return _Object((name, _shape(each, key if key == "sample" else name)) for name, each in value)
    if isinstance(value, list):
        items: list[Any] = value[:]  # pyright: ignore[reportUnknownVariableType] - JSON
        by_id = all(isinstance(each, _Object) and "id" in dict(each) for each in items)
        ordered = sorted(items, key=lambda each: str(dict(each)["id"])) if by_id else items
        return [_shape(each, key) for each in ordered]
    if isinstance(value, _Number):
        size = float(value)
        return ("0" if size == 0.0 else "+" if size > 0 else "-") if key in ("sample", "passes", "fails") else size
    return value


def normalised(answer: Answer | None, case: Case) -> dict[str, Any]:
    """An answer as it can be compared: byte for byte where k6 is deterministic, in shape where it is not."""
    if answer is None:
        return {"hangs": True}
    text = re.sub(r"go1\.26\.\d+", "go1.26.x", answer.body.decode("utf-8", "surrogateescape"))
    is_variable = False
    body: Any = text
    if re.match(r'\{"data":\[?\{"type":"(metrics|groups)"', text):
        parsed = json.loads(text, object_pairs_hook=_Object, parse_int=_Number, parse_float=_Number)
        body, is_variable = json.loads(json.dumps(_shape(parsed))), True
    elif case.target == "/metrics" and text:
        lines = [line if line.startswith("#") else line.rsplit(" ", 1)[0] for line in text.splitlines()]
        body, is_variable = lines, True
    elif case.target.startswith("/debug/vars/") and text:
        variables = json.loads(text)
        body, is_variable = [list(variables), list(variables["memstats"]), text.count("\n")], True
    headers = [
        [name, "..." if name == "Date" or (name == "Content-Length" and is_variable) else value]
        for name, value in answer.headers
    ]
    return {"status": answer.status_line, "headers": headers, "framing": answer.framing, "body": body}

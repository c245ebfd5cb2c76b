"""What a target may look like, and what it becomes. Loads no HTTP library, so that ``--help`` stays quick."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import NoReturn

from dashboard.api.untrusted import clean
from dashboard.errors import UsageError
from dashboard.quick import dataclass

DEFAULT_ADDRESS = "localhost:6565"
_DEFAULT_PORTS = {"": 6565, "http": 80, "https": 443}
_FORMS = "host, host:port, http://host:port or https://host:port, with IPv6 in brackets"
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OUR_HEADERS = frozenset(
    {
        *("accept-encoding", "connection", "content-length", "expect", "keep-alive", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    }
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a k6 listens."""

    url: str
    """The base of all requests, with its port, without a trailing slash: ``http://localhost:6565``."""
    label: str
    """The short form for people: ``localhost:6565``, and the path behind it if there is one."""
    is_loopback: bool
    """Whether it is this machine, so that no proxy of the environment can be meant."""
    verify: bool
    """Whether the server has to show a certificate that this machine trusts: https without ``--insecure``."""


def default_target(environ: Mapping[str, str]) -> str:
    """The target when none is given: k6's own ``K6_ADDRESS``, else k6's default."""
    return environ.get("K6_ADDRESS", "").strip() or DEFAULT_ADDRESS


def parse_target(text: str, *, insecure: bool = False, default_port: int = _DEFAULT_PORTS[""]) -> Target:
    """Read a target as a person types it.

    ``host``, ``:port`` and ``host:port`` mean plain HTTP, on the default port if none is given, which is 6565
    for k6's API. A URL means what it says: ``http://host`` is port 80 and ``https://host`` is 443; it may have a
    path, which then goes in front of every request. IPv6 goes in brackets; without a port it may stand bare.

    Raises:
        UsageError: ``text`` is none of these.
    """
    text = text.strip()
    if not text:
        raise UsageError(f"an empty target; write {_FORMS}")
    if any(char.isspace() or clean(char) != char for char in text):
        _refuse(text, "it has a space or an unprintable character in it")
    scheme, authority, path = _split(text)
    if "@" in authority:
        raise UsageError("a target holds no user and password; give them with --header 'Authorization: Basic ...'")
    host, port_text = _split_authority(text, authority, bare_ipv6=not scheme)
    host = _host(text, host) if host else "localhost"
    port = _port(text, port_text) if port_text else _DEFAULT_PORTS[scheme] if scheme else default_port
    place = f"{host}:{port}{path}"
    scheme = scheme or "http"
    return Target(
        url=f"{scheme}://{place}",
        label=place,
        is_loopback=_is_loopback(host),
        verify=scheme == "https" and not insecure,
    )


def parse_header(text: str) -> tuple[str, str]:
    """Read ``Name: value``, as typed for ``--header``.

    Raises:
        UsageError: it is not a header, or one that k6dash has to set itself.
    """
    name, colon, value = text.partition(":")
    value = value.strip(" \t")
    # The value stays out of every message: it may be a password.
    if not colon or not _TOKEN.fullmatch(name):
        raise UsageError("a header is written 'Name: value', its name of letters, digits and dashes")
    if name.lower() in _OUR_HEADERS:
        raise UsageError(f"the header {name} says how a message is transferred; k6dash sets it itself")
    if not value:
        raise UsageError(f"the header {name} has no value; write '{name}: value'")
    if any((ord(char) < 0x20 and char != "\t") or 0x7F <= ord(char) < 0xA0 for char in value):
        raise UsageError(f"the value of the header {name} has a control character in it")
    if any(ord(char) > 0xFF for char in value):
        raise UsageError(f"the value of the header {name} has a character that a header cannot carry")
    return name, value


def _refuse(text: str, why: str) -> NoReturn:
    raise UsageError(f"{clean(text, 80)!r} is not a target: {why}; write {_FORMS}")


def _split(text: str) -> tuple[str, str, str]:
    """Split into scheme (empty if none was typed), authority and path (without a trailing slash)."""
    match = _SCHEME.match(text)
    scheme = match[1].lower() if match else ""
    if scheme not in _DEFAULT_PORTS:
        _refuse(text, f"k6 does not speak {scheme}")
    rest = text[match.end() :] if match else text
    authority, slash, path = rest.partition("/")
    if "?" in rest or "#" in rest:
        _refuse(text, "an address ends before any ? or #")
    if "\\" in rest:
        _refuse(text, "it has a backslash in it")
    path = f"{slash}{path}".rstrip("/")
    if path and not scheme:
        _refuse(text, "a path needs http:// in front")
    if re.search(r"/v1(/|$)", path):
        _refuse(text, "leave out /v1 and what follows")
    return scheme, authority, path


def _split_authority(text: str, authority: str, *, bare_ipv6: bool) -> tuple[str, str]:
    """Split into host (brackets kept) and the digits of the port, either possibly empty."""
    if authority.startswith("["):
        host, bracket, port = authority.partition("]")
        if not bracket or (port and not port.startswith(":")):
            _refuse(text, "a bracket is not where it belongs")
        if port == ":":
            _refuse(text, "the port is missing")
        return host + bracket, port[1:]
    if authority.count(":") > 1:
        front, _, last = authority.rpartition(":")
        if not bare_ipv6 or not _is_ipv6(authority):
            _refuse(text, "an IPv6 address with a port is written [address]:port")
        if last.isdecimal() and _is_ipv6(front):
            _refuse(text, f"it could be [{front}]:{last} or [{authority}]")
        return f"[{authority}]", ""
    host, colon, port = authority.partition(":")
    if colon and not port:
        _refuse(text, "the port is missing")
    if not host and not (bare_ipv6 and port):
        _refuse(text, "the host is missing")
    return host, port


def _port(text: str, digits: str) -> int:
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 5 or not 0 < int(digits) < 65536:
        _refuse(text, "a port is a number from 1 to 65535")
    return int(digits)


def _host(text: str, host: str) -> str:
    """Check a host and return it as it goes into a URL."""
    if host.startswith("["):
        if not _is_ipv6(host[1:-1]):
            _refuse(text, "there is no IPv6 address in the brackets")
        return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
    host = host.lower() if host.isascii() else _ascii_host(text, host)
    labels = host.removesuffix(".").split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        _refuse(text, "the host cannot be a name")
    if labels[-1].isdecimal():
        if len(labels) == 1:
            _refuse(text, f"a port alone is written :{host}")
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            _refuse(text, "the host looks like an IPv4 address and is none")
    return host


def _ascii_host(text: str, host: str) -> str:
    # The standard library's own codec knows the rules of 2003 only and turns one name into another. This
    # package comes with httpx, and its tables are large.
    import idna

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        _refuse(text, "the host cannot be a name")


def _is_ipv6(text: str) -> bool:
    try:
        return ipaddress.IPv6Address(text).scope_id is None
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    name = host.removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    # An unspecified address is what k6 was told to listen on; connecting to it stays on this machine.
    return address.is_loopback or address.is_unspecified

"""Paths as Go sees them: ``net/url`` on how they are escaped, ``http.ServeMux`` on where they lead."""

from __future__ import annotations

import html
import posixpath
import re
from typing import Final
from urllib.parse import quote, unquote, unquote_to_bytes

from dashboard.quick import dataclass

_KEPT: Final = "-_.~$&+,/:;=@"
"""What Go's ``escape`` leaves as it is in a path, besides letters and digits."""

_VALID: Final = re.compile(r"(?:[A-Za-z0-9\-_.~!$&'()*+,;=:@\[\]/]|%[0-9A-Fa-f]{2})*")
"""What Go's ``validEncoded`` accepts as an escaped path."""

_TREES: Final = ("/v1/", "/debug/pprof/", "/debug/vars/")
"""The patterns of k6's outer mux that end in a slash; the path without it redirects."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go's mux sends the client elsewhere.

    Attributes:
        location: Where, as in the header.
    """

    location: str

    @property
    def body(self) -> str:
        """The short page that goes with it."""
        location = html.escape(self.location, quote=True).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
        return f'<a href="{location}">Temporary Redirect</a>.\n\n'


def is_escaped_well(path: bytes) -> bool:
    """Whether every percent sign begins an escape; Go refuses the request otherwise."""
    return re.search(rb"%(?![0-9A-Fa-f]{2})", path) is None


def _escape(path: str) -> str:
    return quote(path, safe=_KEPT)


def _escaped_path(raw: bytes) -> str:
    """Go's ``URL.EscapedPath``: the path as sent if it is escaped properly, or else escaped anew."""
    text = raw.decode("latin-1")
    return text if _VALID.fullmatch(text) else quote(unquote_to_bytes(raw), safe=_KEPT)


def clean_path(path: str) -> str:
    """A path without dots and doubled slashes; a slash at the end is kept (``cleanPath``)."""
    if not path.startswith("/"):
        path = "/" + path
    cleaned = posixpath.normpath(path)
    if cleaned.startswith("//"):
        cleaned = cleaned[1:]
    return cleaned + "/" if path.endswith("/") and cleaned != "/" else cleaned


def route(raw: bytes, query: bytes) -> str | Redirect:
    """Where a path leads.

    Args:
        raw: The path as it was sent, without the query.
        query: The query, which redirects keep.

    Returns:
        The unescaped path to look up among k6's handlers, or a redirect.
    """
    escaped = _escaped_path(raw)
    cleaned = clean_path(escaped)
    suffix = f"?{query.decode('latin-1')}" if query else ""
    segments = [unquote(segment) for segment in cleaned.split("/")]
    path = "/".join(segments)
    if path + "/" in _TREES and not any("/" in segment for segment in segments):
        return Redirect(_escape(clean_path(unquote(escaped)) + "/") + suffix)
    if cleaned != escaped:
        return Redirect(_escape(cleaned) + suffix)
    # An escaped slash is part of its segment: it may be in an id, but it separates nothing that k6's patterns
    # name.
    named = segments[1:3] if segments[1:2] == ["v1"] else segments[1:2]
    if any("/" in segment for segment in named):
        return "/v1/" if named[0] == "v1" else "/"
    return path

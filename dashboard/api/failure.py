"""Why no answer came, in a sentence, out of what the libraries raise."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from typing import cast

from dashboard.api.untrusted import clean
from dashboard.errors import Unreachable

_MOST_CAUSES = 50


def unreachable(endpoint: str, label: str, error: Exception) -> Unreachable:
    """Make the error for ``error``, which stopped a request before an answer to it began.

    Args:
        endpoint: The path that was asked.
        label: The target as people know it.
        error: What was raised, with its causes: those tell more than it does.
    """
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = clean(_told(cause, "verify_message")).rstrip(".")
            return Unreachable(endpoint, f"the certificate of {label} is not trusted: {why} (--insecure accepts it)")
        if isinstance(cause, ssl.SSLError):
            why = clean(_told(cause, "reason")).lower().replace("_", " ") or "it failed"
            return Unreachable(endpoint, f"no TLS with {label}: {why} (is it http://?)")
        if isinstance(cause, (socket.gaierror, UnicodeError)):
            return Unreachable(endpoint, f"no such host: {label}")
    # One of several addresses that refuses is enough: k6 listens on one only.
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Unreachable(endpoint, f"connection refused at {label}", refused=True)
    if any(isinstance(cause, ConnectionResetError) for cause in causes):
        return Unreachable(endpoint, f"{label} broke off the connection without an HTTP answer")
    told = [cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror]
    why = clean(told[-1] if told else str(error)) or "the connection broke"
    return Unreachable(endpoint, f"cannot reach {label}: {why}")


def _told(error: ssl.SSLError, attribute: str) -> str:
    # Python sets these where OpenSSL gave them, and leaves them out where it raises the error itself.
    return str(getattr(error, attribute, None) or "")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Give ``error`` and all that it came from, through the groups that trying several addresses makes."""
    waiting: list[BaseException] = [error]
    for _ in range(_MOST_CAUSES):
        if not waiting:
            return
        cause = waiting.pop(0)
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            waiting.extend(cast("BaseExceptionGroup[BaseException]", cause).exceptions)
        deeper = cause.__cause__ or cause.__context__
        if deeper is not None:
            waiting.append(deeper)

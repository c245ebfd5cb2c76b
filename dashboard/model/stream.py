"""What became of k6's event stream beside its API: whether it is there, and whether it is of the same test."""

from __future__ import annotations

from enum import StrEnum

from dashboard.quick import dataclass


class StreamState(StrEnum):
    """How it stands."""

    JOINED = "joined"
    """It is read."""
    ENDED = "ended"
    """k6 has said that it was the last event."""
    LOST = "lost"
    """It broke off, while k6 still answers at its API; it is tried again."""
    ABSENT = "absent"
    """Nothing answers there as k6's event stream, though it was said to."""
    OTHER = "other"
    """It is of another test than the API's."""


@dataclass(frozen=True, slots=True)
class StreamNews:
    """A change in how it stands."""

    state: StreamState
    where: str = ""
    """``host:port`` of it."""
    why: str = ""
    """What speaks for it; may quote the server, so it is untrusted text."""
    behind: float = 0.0
    """Seconds by which its clock is behind k6dash's, where the two are of different machines."""
    is_promised: bool = True
    """Whether the user or k6dash itself has said that it is there; otherwise it was found, or not."""

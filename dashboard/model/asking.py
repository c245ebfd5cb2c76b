"""Whether k6 is asked for its groups, and why not: the request can crash it while never-seen names appear."""

from __future__ import annotations

from enum import StrEnum

from dashboard.quick import dataclass


class Asked(StrEnum):
    """How k6 is asked for its groups and checks."""

    NEVER = "never"
    """It was switched off."""
    UNWANTED = "unwanted"
    """Nobody has wanted them yet."""
    NOT_YET = "not yet"
    """Names may still be appearing, or there are none."""
    REGULARLY = "regularly"
    NO_MORE = "no more"
    """Something about the answers makes further ones too dangerous, or useless."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Whether k6 is asked for its groups and checks now."""

    asked: Asked = Asked.UNWANTED
    why: str = ""
    """What it waits for, or why it has been given up; may quote k6, so it is untrusted text."""
    every: float = 0.0
    """Seconds between two looks; 0 where there are none."""

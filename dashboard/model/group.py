"""k6's groups and checks, with their counts."""

from __future__ import annotations

from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One check and how often it passed and failed since the start. Its names are untrusted text."""

    id: str
    name: str
    path: str
    passes: int
    fails: int


@dataclass(frozen=True, slots=True)
class Group:
    """One group. The root's name and path are empty; a path is ``::outer::inner``."""

    id: str
    name: str
    path: str
    parent_id: str | None
    checks: tuple[Check, ...]

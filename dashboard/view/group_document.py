"""Groups and their checks as JSON has them, whoever is asked for them. The README lists the keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dashboard.model.group import Check, Group
from dashboard.model.group_tree import tally


def group_document(group: Group, checks: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """A group, and the documents of its checks."""
    return {
        "id": group.id,
        "name": group.name,
        "path": group.path,
        "parent": group.parent_id,
        "checks": list(checks),
    }


def check_document(check: Check) -> dict[str, object]:
    """A check, and what has been counted of it since the start."""
    return {
        "id": check.id,
        "name": check.name,
        "path": check.path,
        "passes": check.passes,
        "fails": check.fails,
        "share": tally(check).share,
    }

"""Groups and checks, as k6's ``GroupSummary`` gathers them: each appears when first heard of."""

from __future__ import annotations

import hashlib
from dataclasses import field
from typing import Final

from dashboard.quick import dataclass

SEPARATOR: Final = "::"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass(slots=True)
class Check:
    """A check with its counts. Its id is the MD5 of its path, as all ids here."""

    name: str
    path: str
    passes: int = 0
    fails: int = 0

    @property
    def id(self) -> str:
        """The id that the REST API shows."""
        return _md5(self.path)


@dataclass(slots=True)
class Group:
    """A group; the root has an empty name and path."""

    name: str
    path: str
    parent: Group | None = None
    groups: dict[str, Group] = field(default_factory=dict[str, "Group"])
    checks: dict[str, Check] = field(default_factory=dict[str, Check])

    @property
    def id(self) -> str:
        """The id that the REST API shows."""
        return _md5(self.path)


class GroupTree:
    """The root and all that has been heard of below it."""

    def __init__(self) -> None:
        self.root = Group("", "")

    def group(self, path: str) -> Group:
        """The group at a path such as ``::outer::inner``, made with its parents if it is new."""
        group = self.root
        for name in path.split(SEPARATOR)[1:] if path else ():
            child = group.groups.get(name)
            if child is None:
                child = group.groups[name] = Group(name, group.path + SEPARATOR + name, group)
            group = child
        return group

    def check(self, group_path: str, name: str) -> Check:
        """The check of that name in that group, made if it is new."""
        group = self.group(group_path)
        check = group.checks.get(name)
        if check is None:
            check = group.checks[name] = Check(name, group.path + SEPARATOR + name)
        return check

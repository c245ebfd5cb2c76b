"""The groups and checks of one answer as a tree, with the sums of what lies below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dashboard.model.group import Check, Group
from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """How often checks passed and failed."""

    passes: int = 0
    fails: int = 0

    @property
    def total(self) -> int:
        """How often they were made."""
        return self.passes + self.fails

    @property
    def share(self) -> float | None:
        """The share that passed, 0 to 1; None where none was made."""
        return self.passes / self.total if self.total else None

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.passes + other.passes, self.fails + other.fails)

    def __sub__(self, other: Tally) -> Tally:
        return Tally(self.passes - other.passes, self.fails - other.fails)


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of the tree: a group, or a check in it."""

    depth: int
    """0 for what stands at the top."""
    group: Group
    check: Check | None
    """None where the line is the group's own."""
    tally: Tally
    """Of the check, or of all checks in and below the group."""

    @property
    def name(self) -> str:
        """Its name; untrusted text."""
        return self.group.name if self.check is None else self.check.name

    @property
    def key(self) -> str:
        """What tells it from every other line of the tree, and is the same in the next answer."""
        return group_key(self.group) if self.check is None else check_key(self.check)


def group_key(group: Group) -> str:
    """The key of a group's own line."""
    return f"g{group.id}"


def check_key(check: Check) -> str:
    """The key of a check's line."""
    return f"c{check.id}"


def tally(check: Check) -> Tally:
    """What has been counted of one check."""
    return Tally(check.passes, check.fails)


def totals(groups: Iterable[Group]) -> Tally:
    """The sum over all checks of an answer."""
    passes = fails = 0
    for group in groups:
        for check in group.checks:
            passes += check.passes
            fails += check.fails
    return Tally(passes, fails)


def is_root(group: Group) -> bool:
    """Whether it is the group that k6 puts around everything; it has no name and no line of its own."""
    return group.parent_id is None and not group.name and not group.path


def walk(groups: Iterable[Group]) -> Iterator[tuple[int, Group]]:
    """Every group with its depth, each before the groups in it; the root is at -1.

    An answer that is no tree is made one: a group whose parent is missing, or that lies in a circle, stands at the top.
    """
    by_id = {group.id: group for group in groups}
    inner: dict[str, list[Group]] = {}
    top: list[Group] = []
    for group in by_id.values():
        if group.parent_id is None or group.parent_id not in by_id:
            top.append(group)
        else:
            inner.setdefault(group.parent_id, []).append(group)
    seen: set[str] = set()
    for start in (*top, *by_id.values()):
        waiting = [(-1 if is_root(start) else 0, start)]
        while waiting:
            depth, group = waiting.pop()
            if group.id in seen:
                continue
            seen.add(group.id)
            yield depth, group
            waiting += [(depth + 1, child) for child in reversed(inner.get(group.id, ()))]


def tree(groups: Iterable[Group]) -> tuple[Branch, ...]:
    """The lines of the tree from the top: a group, then its checks, then its groups. The root has no line.

    >>> root = Group("0", "", "", None, (Check("1", "is up", "::is up", 9, 1),))
    >>> [(line.depth, line.name, line.tally.share) for line in tree([root])]
    [(0, 'is up', 0.9)]
    """
    places = list(walk(groups))
    sums = [totals((group,)) for _, group in places]
    above: list[int] = []
    parents: list[int | None] = []
    for index, (depth, _) in enumerate(places):
        while above and places[above[-1]][0] >= depth:
            above.pop()
        parents.append(above[-1] if above else None)
        above.append(index)
    for index in reversed(range(len(places))):
        parent = parents[index]
        if parent is not None:
            sums[parent] += sums[index]
    lines: list[Branch] = []
    for (depth, group), below in zip(places, sums, strict=True):
        if depth >= 0:
            lines.append(Branch(depth, group, None, below))
        lines += [Branch(depth + 1, group, check, tally(check)) for check in group.checks]
    return tuple(lines)

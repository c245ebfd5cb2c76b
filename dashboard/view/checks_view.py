"""How the user has arranged the tree of checks."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from dashboard.quick import dataclass


class CheckSort(StrEnum):
    """What the lines within a group are ordered by."""

    SHARE = "share"
    SEEN = "seen"
    NAME = "name"
    FAILS = "fails"
    PASSES = "passes"
    RECENT = "recent"


DESCENDING = frozenset({CheckSort.FAILS, CheckSort.PASSES})
"""Orders that begin at the greatest; the others begin at what deserves a look first."""


@dataclass(frozen=True, slots=True)
class ChecksView:
    """Order, folded groups, and the check that is opened."""

    sort: CheckSort = CheckSort.SHARE
    descending: bool = False
    folded: frozenset[str] = frozenset()
    """Keys of the groups whose lines are hidden."""
    opened: str = ""
    """Key of the check that is opened."""

    def sorted_by(self, sort: CheckSort) -> ChecksView:
        """Ordered by something; by the same again, the other way round."""
        if sort is self.sort:
            return self.reversed()
        return replace(self, sort=sort, descending=sort in DESCENDING)

    def next_sort(self) -> ChecksView:
        """Ordered by what comes next."""
        orders = list(CheckSort)
        return self.sorted_by(orders[(orders.index(self.sort) + 1) % len(orders)])

    def reversed(self) -> ChecksView:
        """The other way round."""
        return replace(self, descending=not self.descending)

    def toggled(self, key: str) -> ChecksView:
        """With a group folded that was not, or the other way round."""
        return replace(self, folded=self.folded ^ {key})

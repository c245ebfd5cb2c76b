"""What the user wants to see of the log."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final

from dashboard.model.log import Level, Origin
from dashboard.quick import dataclass

CHOICES: Final[tuple[str, ...]] = (*map(str, Level), *map(str, Origin))
"""All that lines can be picked by, in the order in which it is listed."""
LEVELS: Final = frozenset(map(str, Level))
ORIGINS: Final = frozenset(map(str, Origin))


class ErrorSort(StrEnum):
    """What the kinds of errors are ordered by."""

    COUNT = "count"
    LAST = "last"
    RATE = "rate"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class LogChoice:
    """Which lines, and in which order the errors."""

    wanted: frozenset[str] = frozenset()
    """Levels and origins; all levels where none is named, and all origins likewise."""
    group: int = 0
    """The number of the kind of error whose lines are wanted alone; 0 for all lines."""
    of_run: int = 0
    """The number of the run that it was seen in; another run counts its kinds anew."""
    sort: ErrorSort = ErrorSort.COUNT
    descending: bool = True

    @property
    def levels(self) -> frozenset[str]:
        """The levels that are wanted."""
        return self.wanted & LEVELS or LEVELS

    @property
    def origins(self) -> frozenset[str]:
        """The origins that are wanted."""
        return self.wanted & ORIGINS or ORIGINS

    def next_kind(self) -> LogChoice:
        """With the next level or origin alone, after the last one all of them again."""
        chosen = next((name for name in CHOICES if name in self.wanted), None)
        following = 0 if chosen is None else CHOICES.index(chosen) + 1
        return replace(self, wanted=frozenset(CHOICES[following : following + 1]))

    def of_group(self, number: int, run: int) -> LogChoice:
        """With the lines of one kind of error of a run; the same again, with all."""
        is_same = (number, run) == (self.group, self.of_run)
        return replace(self, group=0 if is_same else number, of_run=run)

    def within(self, run: int) -> LogChoice:
        """What of it holds for a run."""
        return self if run == self.of_run or not self.group else replace(self, group=0)

    def sorted_by(self, sort: ErrorSort) -> LogChoice:
        """Ordered by something; by the same again, the other way round."""
        if sort is self.sort:
            return self.reversed()
        return replace(self, sort=sort, descending=sort is not ErrorSort.FIRST)

    def next_sort(self) -> LogChoice:
        """Ordered by what comes next."""
        orders = list(ErrorSort)
        return self.sorted_by(orders[(orders.index(self.sort) + 1) % len(orders)])

    def reversed(self) -> LogChoice:
        """The other way round."""
        return replace(self, descending=not self.descending)

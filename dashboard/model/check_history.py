"""The counts of a run's checks over time, look by look at k6's groups.

k6 counts every check as passed or failed since the start. So between any two looks the difference is exact, however far
apart they are, and old looks can be left out without making the others wrong: what happened between those that remain
is still counted to the last check. That is how memory stays bounded.
"""

from __future__ import annotations

import dataclasses
import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from dashboard.model.group import Check, Group
from dashboard.model.group_tree import Tally, check_key, group_key, totals, tree
from dashboard.quick import dataclass

MOST_LINES = 2000
"""Groups and checks together that are kept of a run; memory must not depend on what a server sends."""
MOST_ROWS = 4096
MOST_NUMBERS = 1_000_000
"""Counts that a run keeps; with many checks there are fewer rows."""
TOTAL = ""
"""Key of the sum over all checks."""
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Interval:
    """What was counted between two looks."""

    start: float
    end: float
    tally: Tally


class CheckHistory:
    """The groups and checks of one run."""

    def __init__(self) -> None:
        self.groups: tuple[Group, ...] = ()
        """The newest answer, as far as it is kept."""
        self.omitted = 0
        """Groups and checks of it that are not kept."""
        self.disagrees = False
        """Whether k6's metric ``checks`` has counted something else than the groups have."""
        self._times = array("d")
        self._columns: dict[str, tuple[array[int], array[int]]] = {}
        """Passes and fails by the key of a line. A line that is new has none before."""
        self._since: dict[str, float] = {}

    @property
    def size(self) -> int:
        """How many numbers are held."""
        return len(self._times) * (1 + 2 * len(self._columns))

    @property
    def last(self) -> float | None:
        """The time of the newest look."""
        return self._times[-1] if self._times else None

    @property
    def order(self) -> Iterable[str]:
        """The keys of all lines in the order in which they were first seen; those of one look by name."""
        return self._since

    def since(self, key: str) -> float:
        """When a line was first seen."""
        return self._since.get(key, math.inf)

    def add(self, groups: tuple[Group, ...], at: float, share: float | None = None) -> None:
        """Take in one look. Called in the order of time, with the groups of one run.

        Args:
            groups: k6's answer.
            at: When it came, in seconds since the Unix epoch.
            share: What k6's metric ``checks`` said since the look before, if it was asked.
        """
        before = self._tally(TOTAL, len(self._times) - 1)
        self._add_row(groups, at)
        if share is not None and not self._agrees(share, before):
            self.disagrees = True

    def _add_row(self, groups: tuple[Group, ...], at: float) -> None:
        kept, self.omitted = _bounded(groups)
        self.groups = kept
        if self._times and at <= self._times[-1]:
            at = math.nextafter(self._times[-1], math.inf)
        counted = {TOTAL: totals(groups), **{line.key: line.tally for line in tree(kept)}}
        rows = len(self._times)
        for key in counted:
            if key not in self._columns:
                if len(self._columns) > 2 * MOST_LINES:
                    continue
                self._columns[key] = array("q", bytes(8 * rows)), array("q", bytes(8 * rows))
                self._since[key] = at
        for key, (passes, fails) in self._columns.items():
            tally = counted.get(key) or self._tally(key, rows - 1)
            passes.append(min(tally.passes, _LARGEST))
            fails.append(min(tally.fails, _LARGEST))
        self._times.append(at)
        if len(self._times) > MOST_ROWS or (self.size > MOST_NUMBERS and len(self._times) > 64):
            self._thin_out()

    def _thin_out(self) -> None:
        """Leave out every second look of the older half."""
        half = len(self._times) // 2

        def thinned(values: array[int]) -> array[int]:
            return values[:half:2] + values[half:]

        self._times = self._times[:half:2] + self._times[half:]
        self._columns = {key: (thinned(passes), thinned(fails)) for key, (passes, fails) in self._columns.items()}

    def _agrees(self, share: float, before: Tally) -> bool:
        """Whether a share that k6 gave between the two newest looks fits their counts.

        Passes and fails then lay between those of the two looks, and so did their quotient.
        """
        after = self._tally(TOTAL, len(self._times) - 1)
        least = before.passes / max(1, before.passes + after.fails)
        most = after.passes / max(1, after.passes + before.fails) if after.total else 0.0
        return least - 1e-9 <= share <= most + 1e-9

    def fell(self, groups: tuple[Group, ...]) -> bool:
        """Whether a count went back or a name is gone, which within one run never happens."""
        if not self._times:
            return False
        kept, omitted = _bounded(groups)
        counted = {line.key: line.tally for line in tree(kept)}
        row = len(self._times) - 1
        for line in tree(self.groups):
            now, then = counted.get(line.key), self._tally(line.key, row)
            if now is None:
                if not (omitted or self.omitted):
                    return True
            elif now.passes < then.passes or now.fails < then.fails:
                return True
        return False

    def looked_at(self, at: float | None) -> float | None:
        """The moment of the newest look not after ``at``; of the newest of all where it is None."""
        row = self._row(at)
        return self._times[row] if row >= 0 else None

    def groups_at(self, at: float | None) -> tuple[Group, ...]:
        """The groups with their counts at a moment; the newest where it is None."""
        row = self._row(at)
        if row == len(self._times) - 1:
            return self.groups
        if row < 0:
            return ()
        moment = self._times[row]
        return tuple(
            dataclasses.replace(
                group,
                checks=tuple(
                    self._counted(check, row) for check in group.checks if self.since(check_key(check)) <= moment
                ),
            )
            for group in self.groups
            if group.parent_id is None or self.since(group_key(group)) <= moment
        )

    def _counted(self, check: Check, row: int) -> Check:
        tally = self._tally(check_key(check), row)
        return dataclasses.replace(check, passes=tally.passes, fails=tally.fails)

    def tally(self, key: str, at: float | None = None) -> Tally:
        """What had been counted of a line at a moment."""
        return self._tally(key, self._row(at))

    def interval(self, key: str, at: float | None = None) -> Interval | None:
        """What was counted of a line between the last two looks not after a moment."""
        return next(iter(self.recent(key, at, 1)), None)

    def recent(self, key: str, at: float | None, count: int) -> tuple[Interval, ...]:
        """The last ``count`` intervals not after a moment, oldest first."""
        row = self._row(at)
        return self._intervals(key, max(0, row - count), row)

    def between(self, key: str, start: float, end: float) -> tuple[Interval, ...]:
        """Every interval that ended between two moments, both included."""
        return self._intervals(key, max(0, bisect_left(self._times, start) - 1), self._row(end))

    def share(self, at: float) -> float | None:
        """The share of all checks that passed in the last interval; None where nothing new is known of it at ``at``.

        It holds for some time: the groups are looked at less often than the metrics.
        """
        last = self.interval(TOTAL, at)
        if last is None or self.disagrees or at - last.end > 3 * (last.end - last.start):
            return None
        return last.tally.share

    def _intervals(self, key: str, first: int, last: int) -> tuple[Interval, ...]:
        if last < 1 or key not in self._columns:
            return ()
        passes, fails = self._columns[key]
        return tuple(
            Interval(
                self._times[row - 1],
                self._times[row],
                Tally(passes[row] - passes[row - 1], fails[row] - fails[row - 1]),
            )
            for row in range(first + 1, last + 1)
        )

    def _row(self, at: float | None) -> int:
        return len(self._times) - 1 if at is None else bisect_right(self._times, at) - 1

    def _tally(self, key: str, row: int) -> Tally:
        if row < 0 or key not in self._columns:
            return Tally()
        passes, fails = self._columns[key]
        return Tally(passes[row], fails[row])


def _bounded(groups: tuple[Group, ...]) -> tuple[tuple[Group, ...], int]:
    """As many of the groups and checks as are kept, each id once, and how many are not."""
    room, omitted = MOST_LINES, 0
    kept: list[Group] = []
    seen: set[str] = set()
    for group in groups:
        if room <= 0:
            omitted += 1 + len(group.checks)
            continue
        room -= 1
        checks: list[Check] = []
        for check in group.checks:
            if check.id in seen or room <= 0:
                omitted += 1
                continue
            seen.add(check.id)
            room -= 1
            checks.append(check)
        kept.append(dataclasses.replace(group, checks=tuple(checks)) if len(checks) < len(group.checks) else group)
    return tuple(kept), omitted

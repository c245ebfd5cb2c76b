"""What ties a plan to a run: k6's clock, when the load began on it, and what k6 told of each scenario.

A plan counts from the start of the load, k6's clock from that of setup(): what lies between them is what setup() took.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from dashboard.model.course import ClockCourse
from dashboard.model.launched import Progress
from dashboard.model.plan import Plan
from dashboard.model.progress import Phase, Told
from dashboard.model.run import ExecutionStatus, RunStatus
from dashboard.model.series import Table

_MOST_SCENARIOS = 200
_FINER = 0.02
"""Seconds by which a start of the load has to be earlier to be a better one."""


class Schedule:
    """The time of one run."""

    def __init__(self) -> None:
        self.course = ClockCourse()
        """k6's clock."""
        self.told: Table[tuple[str, Told]] = Table()
        """A row for each time that k6 told how far its scenarios are; only where k6dash has started it."""
        self._before_load: float | None = None
        self._in_setup = False
        self._in_load: float | None = None
        self._told_offsets: list[tuple[float, float]] = []

    def see_status(self, status: RunStatus, at: float) -> None:
        """Take in a status: it tells when the load began, as closely as k6 is looked at."""
        if status.status is None or self._in_load is not None:
            return
        if status.status >= ExecutionStatus.RUNNING:
            self._in_load = at
        else:
            self._before_load = at
            self._in_setup |= status.status == ExecutionStatus.SETUP

    def hear(self, progress: Iterable[Progress], plan: Plan | None, at: float) -> None:
        """Take in what k6 wrote of its scenarios."""
        values: dict[tuple[str, Told], float] = {}
        for each in list(progress)[:_MOST_SCENARIOS]:
            values[each.name, Told.PHASE] = float(each.phase)
            for what, number in (
                (Told.SHARE, each.share),
                (Told.VUS, each.vus),
                (Told.SECONDS, each.seconds),
                (Told.DONE, each.done),
            ):
                if number is not None:
                    values[each.name, what] = float(number)
            self._learn_offset(each, plan, at)
        last = self.told.last
        if values:
            self.told.append(at if last is None or at > last else math.nextafter(last, math.inf), values)

    def _learn_offset(self, progress: Progress, plan: Plan | None, at: float) -> None:
        """Learn from a scenario's own clock when the load began: what comes late only makes it seem later."""
        known = next((each for each in plan.scenarios if each.name == progress.name), None) if plan else None
        elapsed = self.course.elapsed_at(at)
        if known is None or elapsed is None or progress.seconds is None or progress.phase is not Phase.RUNNING:
            return
        offset = max(0.0, elapsed - known.start - progress.seconds)
        if not self._told_offsets or offset < self._told_offsets[-1][1] - _FINER:
            self._told_offsets.append((at, offset))

    def tell(self, at: float | None) -> Callable[[str, Told], float | None]:
        """What k6 had told of its scenarios by a moment; by now where none is named."""
        moment = self.told.moment(math.inf if at is None else at)
        return lambda name, what: moment.value((name, what))

    def timeline(self, known: float | None = None) -> Timeline:
        """The time of the test, as far as was known at a moment; by now where none is named."""
        return Timeline(self.course, self._offset(known), self._begun(known), known)

    def _begun(self, known: float | None) -> float | None:
        return None if known is not None and self._in_load is not None and self._in_load > known else self._in_load

    def _offset(self, known: float | None) -> float | None:
        """k6's clock when the load began, in seconds; None before that.

        It is exact to 0.2 s where k6 tells, else to the time between two looks if setup() was seen. Where it was not,
        setup() is taken to have been quick.
        """
        told = [offset for at, offset in self._told_offsets if known is None or at <= known]
        if told:
            return told[-1]
        begun = self._begun(known)
        if begun is None:
            return None if self._before_load is not None else 0.0
        if not self._in_setup or self._before_load is None:
            return 0.0
        ends = (self.course.elapsed_at(self._before_load), self.course.elapsed_at(begun))
        looks = [end for end in ends if end is not None]
        return sum(looks) / len(looks) if looks else 0.0


class Timeline:
    """From the time of day to that of the load, and back."""

    def __init__(
        self, course: ClockCourse, offset: float | None, begun: float | None, known: float | None = None
    ) -> None:
        self._course = course
        self.offset = offset
        """k6's clock when the load began, in seconds; None before that."""
        self._begun = begun
        self._known = known

    def load_at(self, at: float, until: float | None = None) -> float | None:
        """Seconds of load by a moment, pauses left out; None before it began, or where nothing tells.

        Args:
            at: Seconds since the Unix epoch.
            until: k6's clock at which it stood still, if it did.
        """
        if self.offset is None:
            return None
        elapsed = self._course.elapsed_at(at)
        if elapsed is None:
            # Nothing has been counted yet, so that k6's clock cannot be read.
            return max(0.0, at - self._begun) if self._begun is not None and at >= self._begun else None
        load = (elapsed if until is None else min(elapsed, until)) - self.offset
        return load if load >= 0 else None

    def moment_of(self, load: float) -> float | None:
        """When so much of the load has passed, or will have, in seconds since the Unix epoch."""
        if self.offset is None:
            return None
        if not self._course.pieces:
            return None if self._begun is None else self._begun + load
        return self._course.moment_of(load + self.offset)

    def turns(self, start: float, end: float) -> list[float]:
        """The moments between two at which k6's clock changed its pace, as far as is known."""
        limit = end if self._known is None else min(end, self._known)
        return [piece.at for piece in self._course.pieces if start < piece.at < limit]

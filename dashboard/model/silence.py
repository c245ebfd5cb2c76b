"""The times in which k6 gave nothing, and what the newest of them means for the numbers after it."""

from __future__ import annotations

import dataclasses
from collections import deque

from dashboard.model.observation import Outage, OutageKind
from dashboard.quick import dataclass

_MOST_OUTAGES = 5000


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which k6 gave nothing. ``end`` is None while it lasts."""

    start: float
    end: float | None
    kind: OutageKind


class Silences:
    """The outages of one run."""

    def __init__(self) -> None:
        self.gaps: deque[Gap] = deque(maxlen=_MOST_OUTAGES)
        """The newest of them, oldest first."""
        self.is_bridging = False
        """Whether the next metrics are the first since an outage, though a status may have come in between."""
        self.was_refused = False
        """Whether the port was seen closed in that outage."""
        self.seen_before: float | None = None
        """When k6 had last given anything before that outage."""

    @property
    def current(self) -> Gap | None:
        """The outage that lasts now."""
        return self.gaps[-1] if self.gaps and self.gaps[-1].end is None else None

    def at(self, at: float) -> Gap | None:
        """The outage that lasted at a moment."""
        return next((gap for gap in reversed(self.gaps) if gap.start <= at and (gap.end is None or at < gap.end)), None)

    def add(self, outage: Outage, at: float, last_seen: float | None) -> bool:
        """Take in that k6 gave nothing; whether that is the beginning of an outage."""
        if not self.is_bridging:
            self.is_bridging, self.seen_before = True, last_seen
        if outage.kind.has_left:
            self.was_refused = True
        current = self.current
        if current is None:
            self.gaps.append(Gap(at, None, outage.kind))
            return True
        if current.kind is not outage.kind:
            self.gaps[-1] = dataclasses.replace(current, kind=outage.kind)
        return False

    def end(self, at: float) -> None:
        """Take in that k6 gave something."""
        current = self.current
        if current is not None:
            self.gaps[-1] = dataclasses.replace(current, end=at)

    def bridge(self) -> None:
        """Take in that metrics came: the next ones follow on them."""
        self.is_bridging = self.was_refused = False

"""How a run of k6 stands, in words: as far as k6's last answer, or its silence, tells."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboard.model.launched import ProcessHistory
from dashboard.model.run import ExecutionStatus, RunStatus, State
from dashboard.model.silence import Gap, Silences
from dashboard.model.status_history import StatusHistory


class RunStanding:
    """What a run was seen and heard to be doing."""

    def __init__(self, first_seen: float, rows: int) -> None:
        self.first_seen = first_seen
        """When k6 first gave anything, or what it tells of began; until then, since when it is looked for."""
        self.statuses = StatusHistory(rows)
        """What k6 said of the run as a whole; it is asked for that more often than for its metrics."""
        self.silences = Silences()
        """The times in which k6 gave nothing."""
        self.launched: ProcessHistory | None = None
        """The process that k6dash has started; None where it did not."""
        self.is_past = False
        """Whether another run has taken its place."""
        self.stop_accepted = False
        """Whether k6 said yes when it was asked to stop. It may leave before its status shows it."""

    @property
    def status(self) -> RunStatus | None:
        """The newest status k6 gave."""
        return self.statuses.newest

    @property
    def gaps(self) -> Sequence[Gap]:
        """The newest of the times in which k6 gave nothing, oldest first."""
        return self.silences.gaps

    @property
    def outage(self) -> Gap | None:
        """The outage that lasts now."""
        return self.silences.current

    @property
    def vus(self) -> int | None:
        """The VUs that k6 runs; while it is paused and shows none, those it will run when it goes on."""
        return self.statuses.vus

    def state(self) -> State:
        """The word for what the run is doing, as far as k6's last answer, or its silence, tells."""
        if self.launched is not None and (end := self.launched.exit) is not None:
            return end.state
        if self.status is None:
            return State.UNREACHABLE
        if self.status.state.is_over:
            return self.status.state
        if self.is_past or self._port_has_closed:
            return State.STOPPED if self.status.stopped or self.stop_accepted else State.ENDED
        return self.status.state if self.outage is None else State.UNREACHABLE

    def status_at(self, at: float) -> RunStatus | None:
        """The status that k6 had last given by then; None where it was not known."""
        return self.statuses.at(at) if at >= self.first_seen else None

    def state_at(self, at: float) -> State:
        """The word for what the run was doing at a moment that has passed, as far as was known then."""
        if self.launched is not None and (end := self.launched.exit_by(at)) is not None:
            return end.state
        gap = self.silences.at(at)
        status = self.status_at(at if gap is None else math.nextafter(gap.start, -math.inf))
        if status is None:
            return State.UNREACHABLE
        if gap is None or status.state.is_over:
            return status.state
        if gap.kind.has_left and (status.has_started or status.stopped):
            return State.STOPPED if status.stopped or self.stop_accepted else State.ENDED
        return State.UNREACHABLE

    @property
    def _port_has_closed(self) -> bool:
        """Whether a run that was under way has left: k6 closes its port within milliseconds of its end."""
        return (
            self.outage is not None
            and self.silences.was_refused
            and self.status is not None
            and (self.status.has_started or self.status.stopped or self.stop_accepted)
        )

    @property
    def has_gone(self) -> bool:
        """Whether k6 left before it said how the run ended."""
        return self.status is not None and not self.status.is_final and (self.is_past or self._port_has_closed)

    @property
    def is_at_work(self) -> bool:
        """Whether k6 makes load now, as far as its last answer tells."""
        status = self.status
        return (
            status is not None
            and self.outage is None
            and status.status == ExecutionStatus.RUNNING
            and not (status.paused or status.stopped)
        )

    @property
    def was_stopped(self) -> bool:
        """Whether the run was being stopped when it was last seen."""
        return self.stop_accepted or (self.status is not None and self.status.stopped)

"""What k6 said of a run as a whole, over time: its status, whether it is paused, its VUs."""

from __future__ import annotations

from dashboard.model.run import ExecutionStatus, RunStatus
from dashboard.model.series import Key, Table, later

VUS: Key = ("", "vus")
VUS_MAX: Key = ("", "vus_max")
STATUS: Key = ("", "status")
ANY_TAINTED: Key = ("", "tainted")
"""1 while k6 says of itself that some threshold is crossed. The status alone tells it, and tells it first."""

_PAUSED: Key = ("", "paused")
_STOPPED: Key = ("", "stopped")
OF_STATUS = frozenset({VUS, VUS_MAX, STATUS, ANY_TAINTED, _PAUSED, _STOPPED})
"""What is kept of each status, beside the metrics, which k6 is asked for less often."""


class StatusHistory:
    """The statuses of one run."""

    def __init__(self, rows: int) -> None:
        self.table: Table[Key] = Table(rows)
        """A row for each time that k6 gave its status."""
        self.newest: RunStatus | None = None
        """The newest status k6 gave."""
        self.final_at: float | None = None
        """When k6 first said that the run is over."""
        self.is_pausing = False
        """Whether k6 has been asked to pause and has not answered: until the iterations end, its VUs become fewer."""
        self._promised_vus: int | None = None
        self._running_vus: int | None = None

    @property
    def vus(self) -> int | None:
        """The VUs that k6 runs; while it is paused and shows none, those it will run when it goes on."""
        status = self.newest
        if status is None or not (status.paused or self.is_pausing):
            return status.vus if status else None
        return next((vus for vus in (self._promised_vus, self._running_vus) if vus is not None), status.vus)

    def promise_vus(self, vus: int) -> None:
        """Note that k6 has accepted a number of VUs, which it shows only when it is not paused."""
        self._promised_vus = vus

    def add(self, status: RunStatus, at: float) -> None:
        """Take in a status. Called in the order of time."""
        self.newest = status
        if not status.paused and not self.is_pausing:
            self._promised_vus = None
            if status.status == ExecutionStatus.RUNNING:
                self._running_vus = status.vus
        if status.is_final:
            self.final_at = at if self.final_at is None else self.final_at
            if self.table.last is not None and self.final_at < at:
                return
        values = {
            ANY_TAINTED: float(status.tainted),
            _PAUSED: float(status.paused),
            _STOPPED: float(status.stopped),
        }
        for key, number in ((VUS, status.vus), (VUS_MAX, status.vus_max), (STATUS, status.status)):
            if number is not None:
                values[key] = float(number)
        self.table.append(later(self.table, at), values)

    def at(self, at: float) -> RunStatus | None:
        """The status that k6 had last given by a moment not before the first; None where it was not known."""
        if self.newest is None or (self.table.last is not None and at >= self.table.last):
            return self.newest
        moment = self.table.moment(at)
        if moment.value(ANY_TAINTED) is None:
            return None

        def whole(key: Key) -> int | None:
            value = moment.value(key)
            return None if value is None else round(value)

        status = whole(STATUS)
        return RunStatus(
            status=status,
            paused=moment.value(_PAUSED) == 1.0,
            vus=whole(VUS),
            vus_max=whole(VUS_MAX),
            stopped=moment.value(_STOPPED) == 1.0,
            running=status is None or status >= ExecutionStatus.STARTED,
            tainted=moment.value(ANY_TAINTED) == 1.0,
        )

"""Whether what k6 gives is of another run than before, which it says nowhere: only its numbers can tell."""

from __future__ import annotations

from dashboard.model import derive
from dashboard.model.observation import Snapshot
from dashboard.model.run_history import RunHistory


def is_another(run: RunHistory, snapshot: Snapshot, at: float) -> bool:
    """Whether ``snapshot`` is of a run that began after ``run``."""
    old, new = run.status, snapshot.status
    if old is None:
        return False
    if new is not None:
        if old.stopped and not new.stopped:
            return True
        if None not in (old.status, new.status) and old.has_started and (new.status or 0) < (old.status or 0):
            return True
    if snapshot.groups is not None and run.checks.fell(snapshot.groups):
        return True
    if snapshot.metrics is None or run.figures is None or run.last_row is None:
        return False
    figures = derive.figures(snapshot.metrics, coherent=snapshot.coherent)
    if derive.fell(run.figures, figures):
        return True
    # A clock that stood still while nobody looked is no other clock, so a paused run proves nothing by its own.
    if old.paused or (new is not None and new.paused) or (run.silences.is_bridging and not run.silences.was_refused):
        return False
    return _is_another_clock(run, run.figures, figures, at)


def _is_another_clock(run: RunHistory, before: derive.Figures, after: derive.Figures, at: float) -> bool:
    """Whether the clock cannot be that run's. Not asked after an outage in which the port was not seen closed."""
    seen_before = run.silences.seen_before if run.silences.is_bridging else run.last_seen
    if seen_before is None or run.last_row is None or before.elapsed is None or after.elapsed is None:
        return False
    if run.silences.was_refused and derive.ran_ahead(before, after, at - run.last_row):
        return True
    # Beside ours, this clock has lost time, and it did not begin to run before this run was last seen.
    lost = at - run.last_row - (after.elapsed - before.elapsed)
    began_after = at - after.elapsed > seen_before - derive.CLOCK_SLACK
    return after.elapsed != before.elapsed and lost > 2 * derive.CLOCK_SLACK and began_after

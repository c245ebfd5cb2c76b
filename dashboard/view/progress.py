"""How far a run has come of its plan, at the moment shown, and in words."""

from __future__ import annotations

import math

from dashboard.model.observation import OutageKind
from dashboard.model.plan import Plan
from dashboard.model.progress import Certainty, RunProgress, progress
from dashboard.model.run import State
from dashboard.model.run_history import RunHistory
from dashboard.view.format import elapsed_text

_LATE = 15.0
"""Seconds for which k6's clock is carried on without news of it."""


def shown_at(run: RunHistory, cursor: float | None, now: float) -> float | None:
    """The moment whose numbers are shown: while the run goes on, this one, as far as k6's clock can be carried on.

    Once it is over, and while k6 gives nothing, it is that of the last row, of a moment that has passed as of now.
    """
    if cursor is not None:
        if run.silences.at(cursor) is None and not run.state_at(cursor).is_over:
            return cursor
        last = _last_row(run, cursor)
        return cursor if last is None else last
    if run.is_at_work and not run.state().is_over:
        return now if run.last_row is None else min(now, run.last_row + _LATE)
    return run.last_seen if run.last_row is None else run.last_row


def _last_row(run: RunHistory, at: float) -> float | None:
    """When k6 last gave metrics, as of a moment; the table also has a row where each outage begins."""
    row = run.table.earlier(math.nextafter(at, math.inf))
    while row is not None and (gap := run.silences.at(row)) is not None:
        row = run.table.earlier(gap.start)
    return row


def run_progress(run: RunHistory, plan: Plan, cursor: float | None, at: float | None) -> RunProgress:
    """How far a run had come of its plan at a moment.

    Args:
        run: The run.
        plan: What it plans.
        cursor: The moment that was chosen; None where the newest is meant.
        at: The moment whose time is told; None before there was one.
    """
    state = run.state() if cursor is None else run.state_at(cursor)
    is_over = state.is_over
    is_limited = is_over or cursor is None
    timeline = run.schedule.timeline(cursor)
    load = None if at is None else timeline.load_at(at, run.final_elapsed if is_limited else None)
    iterations = None if at is None else run.value("iterations", "count", at)
    unseen = 0.0
    if load is not None and at is not None and is_over and _ran_to_its_end(run, plan, state, cursor, at):
        unseen = (timeline.load_at(_silent_since(run, cursor, at)) or load) - load
    return progress(plan, load, run.schedule.tell(cursor), is_over=is_over, iterations=iterations, unseen=unseen)


def _ran_to_its_end(run: RunHistory, plan: Plan, state: State, cursor: float | None, at: float) -> bool:
    """Whether a run that is over was neither stopped nor aborted, as far as anything tells.

    Args:
        run: The run.
        plan: What it planned.
        state: What it was doing at the moment shown.
        cursor: That moment; None for now.
        at: When it was last seen, as of that moment.
    """
    if run.was_stopped:
        return False
    end = run.launched.exit_by(math.inf if cursor is None else cursor) if run.launched is not None else None
    if not (end.is_whole if end is not None else state is State.ENDED):
        return False
    aborting = {each.metric for each in plan.thresholds if each.abort_on_fail}
    return not aborting or not ((end is not None and end.code != 0) or aborting & set(run.tainted(at)))


def _silent_since(run: RunHistory, cursor: float | None, at: float) -> float:
    """When a run that is over, last seen at ``at``, is known to have ended, as far as was known at a moment."""
    # How long a file was waited for tells nothing of when k6 ceased to write it.
    ends = [gap.start for gap in run.gaps if gap.start > at and gap.kind is not OutageKind.CLOSED]
    ends += [] if run.statuses.final_at is None else [run.statuses.final_at]
    ends += [] if run.launched is None or run.launched.exit_at is None else [run.launched.exit_at]
    return max(at, min((end for end in ends if cursor is None or end <= cursor), default=at))


def current_progress(run: RunHistory, cursor: float | None, now: float) -> RunProgress | None:
    """How far a run has come of its plan; None where none is known."""
    if run.plan is None:
        return None
    return run_progress(run, run.plan, cursor, shown_at(run, cursor, now))


def left_text(come: RunProgress) -> str:
    """How much is left."""
    if come.remaining == 0 and come.certainty is Certainty.EXACT:
        return "over" if come.share in (None, 1.0) else "ended before its time"
    left = elapsed_text(None if come.remaining is None else math.ceil(come.remaining - 1e-6))
    match come.certainty:
        case Certainty.EXACT:
            return f"{left} left"
        case Certainty.ESTIMATED:
            return f"≈ {left} left"
        case Certainty.AT_MOST:
            return f"at most {left} left"
        case Certainty.OPEN:
            return "goes on until it is stopped"
        case Certainty.UNKNOWN:
            return "its end is not known"


def brief(come: RunProgress | None) -> str:
    """The same in the fewest words: what a header has room for."""
    if come is None or come.certainty is Certainty.UNKNOWN or come.load is None:
        return ""
    if come.share is None:
        return "open end"
    left = left_text(come) if come.remaining else ""
    return f"{int(come.share * 100)}% {left}".rstrip()

"""The header: what the target is doing now, and how far what is shown can be trusted."""

from __future__ import annotations

from dashboard.model.action import Verb
from dashboard.model.capability import Capability
from dashboard.model.history import WHAT_IS_WRONG, TargetHistory
from dashboard.model.launched import Exit
from dashboard.model.run import ExecutionStatus, RunStatus, State
from dashboard.model.run_history import RunHistory
from dashboard.model.run_numbers import ELAPSED
from dashboard.model.status_history import ANY_TAINTED, VUS, VUS_MAX
from dashboard.model.taping import Taping
from dashboard.model.verdict import gather, judge
from dashboard.view.frame import HeaderFrame
from dashboard.view.progress import brief, current_progress
from dashboard.view.selection import Selection

STALE_AFTER = 2.5
"""Data older than this many intervals, and than it takes to get, is called old."""


def selected_run(history: TargetHistory, selection: Selection) -> RunHistory:
    """The run that is shown: the one chosen if it is still kept, else the newest."""
    return next((run for run in history.runs if run.number == selection.run), history.run)


def build_header(
    history: TargetHistory,
    selection: Selection,
    *,
    now: float,
    interval: float,
    cadence: float,
    capabilities: dict[Verb, Capability],
    wanted_vus: int | None = None,
    under_way: str = "",
    taping: Taping | None = None,
) -> HeaderFrame:
    """The header at ``now``.

    Args:
        history: The target.
        selection: What the user chose to look at.
        now: Seconds since the Unix epoch.
        interval: Seconds between two looks, as the user wanted it.
        cadence: Seconds between two looks at the metrics, as it is.
        capabilities: What the source says can be done now.
        wanted_vus: VUs asked for and not confirmed yet.
        under_way: What k6 has been asked to do and has not done yet, such as ``pausing``.
        taping: The recording under way.
    """
    run = selected_run(history, selection)
    status = run.status
    state = run.state()
    age = None if run.last_seen is None else max(0.0, now - run.last_seen)
    round_trip = history.round_trip
    note = _note(run, status, state)
    is_recorded = any(capability.is_past for capability in capabilities.values())
    if is_recorded:
        age = round_trip = None
        if selection.cursor is not None:
            status, state = run.status_at(selection.cursor), run.state_at(selection.cursor)
            note = _exit_note(run.launched.exit_by(selection.cursor)) if run.launched is not None else ""
    vus = None if status is None else status.vus
    vus_max = None if status is None else status.vus_max
    wanted = wanted_vus if wanted_vus != vus else None
    elapsed = _elapsed_now(run, state, now, cadence)
    tainted = run.tainted(selection.cursor)
    is_tainted = bool(tainted) or (status is not None and status.tainted)
    if selection.cursor is not None:
        is_tainted = bool(tainted) or run.value(*ANY_TAINTED, selection.cursor) == 1.0
        vus, vus_max = _whole(run, VUS, selection.cursor), _whole(run, VUS_MAX, selection.cursor)
        elapsed = run.value(*ELAPSED, selection.cursor)
    is_read_only = any(capability.is_forbidden for capability in capabilities.values())
    # While k6 works out its metrics, it is not asked for anything else.
    patience = STALE_AFTER * interval + 2 * (history.round_trip or 0.0)
    return HeaderFrame(
        target=history.target,
        state=state,
        note=under_way or note,
        elapsed=elapsed,
        elapsed_is_bound=run.clock_lingers,
        elapsed_is_estimate=run.origin.is_file,
        vus=vus,
        vus_max=vus_max,
        wanted_vus=wanted,
        control="look" if is_read_only or is_recorded else _control(capabilities, state),
        round_trip=round_trip,
        age=age,
        is_stale=age is not None and not state.is_over and age > patience,
        cadence=cadence,
        is_slowed=cadence > interval * 1.05,
        frozen_at=selection.cursor,
        window=selection.window,
        run_number=run.number,
        run_count=history.run.number,
        tainted=tainted,
        poisoned=run.poisoned_at(selection.cursor),
        is_tainted=is_tainted,
        is_read_only=is_read_only,
        is_generator_suspect=_is_generator_suspect(history, run, selection.cursor),
        taping=taping,
        progress=brief(current_progress(run, selection.cursor, now)),
        is_recorded=is_recorded,
    )


def _is_generator_suspect(history: TargetHistory, run: RunHistory, cursor: float | None) -> bool:
    """Whether the generator is suspect at the moment shown. Of the present it has been judged already."""
    if cursor is None and run is history.run:
        return bool(history.doubt)
    return judge(gather(run, cursor)).is_suspect


def _whole(run: RunHistory, key: tuple[str, str], at: float) -> int | None:
    value = run.value(*key, at)
    return None if value is None else round(value)


def _elapsed_now(run: RunHistory, state: State, now: float, cadence: float) -> float | None:
    """k6's clock, carried on since the newest poll while it is known to run."""
    if run.elapsed is None or run.last_row is None:
        return run.elapsed
    in_setup = run.status is not None and run.status.status == ExecutionStatus.SETUP and not run.was_stopped
    runs = (state in (State.RUNNING, State.TEARDOWN) or in_setup) and run.outage is None
    # Without news for longer than a poll should take, the clock may have stopped: it is not carried on for ever.
    return run.elapsed + (min(max(0.0, now - run.last_row), 2 * cadence) if runs else 0.0)


def _exit_note(end: Exit | None) -> str:
    return "" if end is None else f"exit code {end.code}: {end.meaning}"


def _note(run: RunHistory, status: RunStatus | None, state: State) -> str:
    if run.launched is not None and run.launched.exit is not None:
        return _exit_note(run.launched.exit)
    if run.has_gone:
        return "k6 has gone" if run.was_stopped else "k6 has gone; how the run ended is not known"
    if state is State.UNREACHABLE:
        return f"k6 {WHAT_IS_WRONG[run.outage.kind]}" if run.outage is not None and status is not None else ""
    if state.is_over and run.outage is not None:
        return "k6 has gone"
    if status is not None and state.is_over and status.is_final:
        return "k6 lingers"
    if state is State.STOPPED:
        return "stopping"
    if state is State.PAUSED and status is not None and not status.has_started:
        return "before its start"
    if state is State.TEARDOWN and status is not None and status.stopped:
        return "after a stop"
    return ""


def _control(capabilities: dict[Verb, Capability], state: State) -> str:
    """What can be done now, in a few words."""
    if state is State.UNREACHABLE or state.is_over:
        return "look"
    pause = ("resume", Verb.RESUME) if state is State.PAUSED else ("pause", Verb.PAUSE)
    words = (("stop", Verb.STOP), pause, ("VUs", Verb.SET_VUS))
    known = [(word, capabilities[verb].possible) for word, verb in words if verb in capabilities]
    # A question mark says that only asking k6 would tell, which is not done before the user wants it.
    return " ".join(word if possible else f"{word}?" for word, possible in known if possible is not False)

"""Waiting until a run is in a state."""

from __future__ import annotations

from collections.abc import Collection

from dashboard.api import decode, encode
from dashboard.api.client import Client
from dashboard.api.shape import undecodable
from dashboard.errors import ApiError, ExitCode, Undecodable
from dashboard.model.run import State
from dashboard.model.run_history import RunHistory
from dashboard.oneshot.deadline import Deadline
from dashboard.oneshot.report import Cell, Report, facts
from dashboard.oneshot.run_status import TONES, status_document
from dashboard.session import Session
from dashboard.sources.base import Document, Reading
from dashboard.sources.failure import outage
from dashboard.sources.live import LiveSource
from dashboard.view.format import age_text
from dashboard.view.frame import Tone

INTERVAL = 0.25
"""Seconds between two looks at the status, which costs k6 a tenth of a millisecond."""
_LOOK_TIMEOUT = 2.0
_SERVER_ERROR = 500


async def wait(client: Client, deadline: Deadline, wanted: Collection[State]) -> Report:
    """Look until the run is in one of the states ``wanted``.

    A k6 that is not there yet is waited for. One that has left is what the cockpit calls it: ended, or stopped if it
    was being stopped; it is unreachable as well.

    Raises:
        Undecodable: something else than k6 answers there.
    """

    async def opened() -> Client:
        return client

    target = client.target.label
    session = Session([LiveSource(target, opened, deadline.clock)], deadline.clock)
    history = session.histories[target]
    passed: list[State] = []
    while True:
        session.observe(await _look(client, deadline, is_k6=history.run.status is not None))
        run = history.run
        state = run.state()
        if not passed or passed[-1] is not state:
            passed.append(state)
        if state in wanted or (State.UNREACHABLE in wanted and run.outage is not None):
            return _report(target, run, deadline, wanted, passed, ExitCode.OK, "")
        is_over = run.has_gone or (run.status is not None and run.status.is_final)
        if is_over and State.UNREACHABLE not in wanted:
            word = "has left" if run.has_gone else f"is {state}"
            why = f"the test {word}; it will not be {_either(wanted)} any more"
            return _report(target, run, deadline, wanted, passed, ExitCode.REFUSED, why)
        if deadline.is_over:
            why = f"the test is {state} and not {_either(wanted)} after {deadline.seconds:g} s"
            return _report(target, run, deadline, wanted, passed, ExitCode.TIMED_OUT, why)
        await deadline.sleep(INTERVAL)


async def _look(client: Client, deadline: Deadline, *, is_k6: bool) -> Reading:
    """Read the status alone.

    Raises:
        Undecodable: what answers is no k6, and was none before. A proxy whose k6 is not there yet is not meant.
    """
    target, clock = client.target.label, deadline.clock
    try:
        answer = await client.fetch("GET", encode.STATUS, timeout=min(_LOOK_TIMEOUT, deadline.left))
        if not is_k6 and answer.status_code < _SERVER_ERROR:
            refusal = decode.refusal(answer.endpoint, answer.status_code, answer.body)
            if refusal is not None:
                raise undecodable(answer.endpoint, f"a refusal ({refusal})")
            decode.status(answer.body)
    except ApiError as error:
        if isinstance(error, Undecodable) and not is_k6:
            raise
        return Reading(target, clock.now(), (), outage(error))
    return Reading(target, clock.now(), (Document(answer.endpoint, answer.status_code, answer.body, answer.took),))


def _report(
    target: str,
    run: RunHistory,
    deadline: Deadline,
    wanted: Collection[State],
    passed: list[State],
    code: ExitCode,
    why: str,
) -> Report:
    state = run.state()
    remarks = [why] if why else []
    if run.has_gone and not why:
        remarks.append("k6 left before it said how the run ended")
    document: dict[str, object] = {
        "wanted": sorted(wanted),
        "reached": code is ExitCode.OK,
        "state": str(state),
        "states": [str(each) for each in passed],
        "has_gone": run.has_gone,
        "status": None if run.status is None else status_document(run.status),
        "waited": round(deadline.taken, 3),
    }
    table = facts(
        ("target", target),
        ("state", Cell(state, TONES.get(state, Tone.PLAIN))),
        ("waited", age_text(deadline.taken)),
    )
    return Report(document, (table,), tuple(remarks), code)


def _either(states: Collection[State]) -> str:
    return " or ".join(sorted(states))

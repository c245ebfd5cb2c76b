"""Pausing, resuming, scaling and stopping a run, each followed until it shows in what k6 does."""

from __future__ import annotations

import asyncio
import dataclasses

from dashboard.api.client import Client
from dashboard.errors import ExitCode, Undecodable, Unreachable
from dashboard.model.action import Pause, Resume, RunAction, SetVUs, Stop, Verdict
from dashboard.model.effect import has_happened, takes_effect_later
from dashboard.model.run import ExecutionStatus, RunStatus
from dashboard.oneshot.deadline import Deadline
from dashboard.oneshot.report import Cell, Report, facts
from dashboard.oneshot.run_status import describe, read_status, status_document
from dashboard.quick import dataclass
from dashboard.sources.base import Answer
from dashboard.sources.live import LiveSource
from dashboard.view.chart import Unit
from dashboard.view.format import clean, quantity
from dashboard.view.frame import Tone

_FIRST_LOOK, _LOOKS, _SLOWER = 0.02, 0.5, 1.6
"""Seconds between two looks for what an action did: at first, at most, and how they grow."""
_LOOK_TIMEOUT = 2.0
_LEAVING = 1.0
"""Seconds that k6 may need to leave once its test is over; one that answers for longer lingers."""

_NAMES = {Pause: "pause", Resume: "resume", SetVUs: "scale", Stop: "stop"}
_TONES = {Verdict.CONFIRMED: Tone.GOOD, Verdict.ACCEPTED: Tone.WARN}
_CODES = {
    Verdict.CONFIRMED: ExitCode.OK,
    Verdict.REFUSED: ExitCode.REFUSED,
    Verdict.IMPOSSIBLE: ExitCode.REFUSED,
    Verdict.UNCONFIRMED: ExitCode.TIMED_OUT,
    Verdict.UNANSWERED: ExitCode.TIMED_OUT,
}


@dataclass(frozen=True, slots=True)
class _Course:
    """What has come of an action so far."""

    action: RunAction
    before: RunStatus
    verdict: Verdict
    after: RunStatus | None = None
    answer: str = ""
    explanation: str = ""
    took: float | None = None
    end: str = ""
    """Of a run that was stopped: ``gone`` or ``lingering``."""
    code: ExitCode | None = None
    """The exit code, where the verdict does not tell it."""


async def pause(client: Client, deadline: Deadline) -> Report:
    """Let the running iterations finish, and start no new ones."""
    return await _act(client, deadline, Pause())


async def resume(client: Client, deadline: Deadline) -> Report:
    """Go on after a pause, or begin a test that waits at its start."""
    return await _act(client, deadline, Resume())


async def scale(client: Client, deadline: Deadline, vus: int, vus_max: int | None) -> Report:
    """Set the VUs; also the most there may be, where that is given or ``vus`` needs it."""
    return await _act(client, deadline, SetVUs(vus, vus_max))


async def stop(client: Client, deadline: Deadline) -> Report:
    """End the test, and wait until k6 has left, or lingers."""
    return await _act(client, deadline, Stop())


async def _act(client: Client, deadline: Deadline, action: RunAction) -> Report:
    before = await read_status(client, deadline.left)
    if isinstance(action, SetVUs) and action.vus_max is None and action.vus > (before.vus_max or 0):
        # More VUs than k6 has initialised are refused unless it is told to initialise them too.
        action = SetVUs(action.vus, action.vus)
    if reason := _is_so_already(action, before):
        end = "lingering" if isinstance(action, Stop) else ""
        return _report(client, _Course(action, before, Verdict.CONFIRMED, before, explanation=reason, end=end))
    course = await _send(client, deadline, _Course(action, before, Verdict.ASKED))
    if course.verdict in (Verdict.ACCEPTED, Verdict.UNANSWERED):
        course = await (_follow_the_end if isinstance(action, Stop) else _follow)(client, deadline, course)
    return _report(client, course)


def _is_so_already(action: RunAction, status: RunStatus) -> str:
    """Why there is nothing to ask for; empty where there is."""
    match action:
        case Pause() if status.paused and status.status == ExecutionStatus.PAUSED_BEFORE_RUN:
            return "Nothing to do: the test waits at its start."
        case Pause() if status.paused:
            return "Nothing to do: the test is paused."
        case Resume() if not status.paused and status.status == ExecutionStatus.RUNNING and not status.stopped:
            return "Nothing to do: the test is not paused."
        case Stop() if status.is_final:
            return "Nothing to stop: the test is over, and k6 lingers."
        case _:
            return ""


async def _send(client: Client, deadline: Deadline, course: _Course) -> _Course:
    async def opened() -> Client:
        return client

    source = LiveSource(client.target.label, opened, deadline.clock)
    try:
        async with asyncio.timeout(deadline.left):
            answer = await source.perform(course.action, course.before)
    except TimeoutError:
        answer = Answer(Verdict.UNANSWERED, explanation="k6 has not answered yet. It may still happen.")
    return dataclasses.replace(
        course, verdict=answer.verdict, answer=answer.text, explanation=answer.explanation, took=answer.took
    )


async def _follow(client: Client, deadline: Deadline, course: _Course) -> _Course:
    """Look until the effect shows, the run has gone, or the time is up."""
    wait = _FIRST_LOOK
    while True:
        try:
            after = await read_status(client, min(_LOOK_TIMEOUT, deadline.left))
        except Unreachable as error:
            if error.refused:
                why = "k6 has gone before it could be seen to happen."
                return dataclasses.replace(
                    course, verdict=Verdict.UNCONFIRMED, after=None, explanation=why, code=ExitCode.UNREACHABLE
                )
        else:
            course = dataclasses.replace(course, after=after)
            later = takes_effect_later(course.action, after)
            if has_happened(course.action, after):
                return dataclasses.replace(course, verdict=Verdict.CONFIRMED, explanation="")
            if later and course.verdict is Verdict.ACCEPTED:
                return dataclasses.replace(course, verdict=Verdict.CONFIRMED, explanation=f"It {later}.")
            if after.is_final:
                why = "The test was over before it could be seen to happen."
                return dataclasses.replace(course, verdict=Verdict.UNCONFIRMED, explanation=why, code=ExitCode.REFUSED)
        if deadline.is_over:
            return _not_seen(course, deadline)
        await deadline.sleep(wait)
        wait = min(_LOOKS, wait * _SLOWER)


async def _follow_the_end(client: Client, deadline: Deadline, course: _Course) -> _Course:
    """Look until k6 has left, or answers on although its test is over."""
    wait, over_since = _FIRST_LOOK, None
    while True:
        try:
            after = await read_status(client, min(_LOOK_TIMEOUT, deadline.left))
        except Unreachable as error:
            if error.refused:
                return dataclasses.replace(course, verdict=Verdict.CONFIRMED, end="gone", explanation="")
        except Undecodable:
            # Cut short by the end of the process; the next look finds the port closed.
            pass
        else:
            course = dataclasses.replace(course, after=after)
            if after.is_final:
                over_since = deadline.taken if over_since is None else over_since
                if deadline.taken - over_since >= _LEAVING:
                    return dataclasses.replace(course, verdict=Verdict.CONFIRMED, end="lingering", explanation="")
        if deadline.is_over:
            return _not_seen(course, deadline)
        await deadline.sleep(wait)
        wait = min(_LOOKS, wait * _SLOWER)


def _not_seen(course: _Course, deadline: Deadline) -> _Course:
    if course.verdict is Verdict.UNANSWERED:
        return course
    within = f"{deadline.seconds:g} s"
    match course.action:
        case Stop():
            why = f"k6 is stopping, but has not ended within {within}; teardown() may still run."
        case SetVUs(vus) if course.after is not None:
            why = f"k6 runs {course.after.vus} of {vus} VUs after {within}."
        case _:
            why = f"It has not shown within {within}."
    return dataclasses.replace(course, verdict=Verdict.UNCONFIRMED, explanation=why)


def _report(client: Client, course: _Course) -> Report:
    action, verdict = course.action, course.verdict
    name = _NAMES[type(action)]
    document: dict[str, object] = {
        "verdict": str(verdict),
        "before": status_document(course.before),
        "after": None if course.after is None or course.end == "gone" else status_document(course.after),
        "answer": course.answer or None,
        "explanation": course.explanation or None,
        "took": None if course.took is None else round(course.took, 6),
    }
    if isinstance(action, SetVUs):
        document["asked"] = {"vus": action.vus, "vus_max": action.vus_max}
    if isinstance(action, Stop):
        document["end"] = course.end or None
    asked = f"{name} to {action}" if isinstance(action, SetVUs) else name
    after = f"k6 is {course.end}" if course.end else describe(course.after)
    pairs: list[tuple[str, Cell | str]] = [
        ("target", client.target.label),
        ("action", asked),
        ("verdict", Cell(verdict, _TONES.get(verdict, Tone.BAD))),
        ("before", describe(course.before)),
    ]
    if course.after is not None or course.end:
        pairs.append(("after", after))
    if course.took is not None:
        pairs.append(("took", quantity(1000 * course.took, Unit.MILLISECONDS)))
    said = f"k6 says: {clean(course.answer)}" if course.answer else ""
    remark = " ".join(filter(None, (course.explanation, said)))
    if remark and verdict is not Verdict.CONFIRMED:
        remark = f"{name} {verdict}: {remark}"
    code = course.code if course.code is not None else _CODES[verdict]
    return Report(document, (facts(*pairs),), (remark,) if remark else (), code)

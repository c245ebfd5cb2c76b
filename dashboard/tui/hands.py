"""What the user's hands can do to the test now, and the words for what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from textual.notifications import SeverityLevel

from dashboard.errors import UsageError
from dashboard.model.action import Outcome, Verb, Verdict
from dashboard.model.taping import Taping
from dashboard.session import Session
from dashboard.tape import Tape
from dashboard.tui.commands import COMMANDS
from dashboard.view.format import clean
from dashboard.view.no_log import no_log


def pause_verb(session: Session, target: str) -> Verb:
    """What the pause key means now."""
    status = session.histories[target].run.status
    return Verb.RESUME if status is not None and status.paused else Verb.PAUSE


def impossible(session: Session, target: str) -> Iterator[tuple[str, str]]:
    """The commands that k6 cannot obey now, or for which there is nothing to see, by id, each with the reason."""
    past = session.capability(target, Verb.STOP)
    without_log = no_log(session.histories[target].run)
    if without_log:
        yield "log", without_log
    for command in COMMANDS:
        if command.needs_present and past.is_past:
            yield command.id, past.reason
        if command.verb is None:
            continue
        verb = pause_verb(session, target) if command.verb is Verb.PAUSE else command.verb
        capability = session.capability(target, verb)
        if capability.is_out:
            yield command.id, capability.reason


def describe_outcome(outcome: Outcome) -> tuple[str, SeverityLevel]:
    """What came of an action, in a sentence, and how serious it is."""
    match outcome.verdict:
        case Verdict.CONFIRMED:
            return f"Now {clean(outcome.observed)}.", "information"
        case Verdict.REFUSED:
            why = outcome.explanation or "k6 refused it."
            said = f" k6 said: {clean(outcome.answer)}" if outcome.answer else ""
            return f"{clean(why, 400)}{said}", "warning"
        case Verdict.UNCONFIRMED:
            return f"k6 said yes, but it is {clean(outcome.observed)}.", "warning"
        case _:
            return clean(outcome.explanation or outcome.answer or str(outcome.verdict), 400), "warning"


def begin_taping(tape: Tape) -> tuple[str, str, SeverityLevel]:
    """Record from now on; title, sentence and seriousness of what came of it."""
    try:
        path = tape.begin()
    except UsageError as error:
        return "Cannot record", clean(str(error), 400), "warning"
    return "Recording", f"From now on, into {clean(str(path), 400)}.", "information"


def describe_taping(taping: Taping) -> tuple[str, str, SeverityLevel]:
    """What has come of a recording: title, sentence, and how serious it is."""
    if taping.broken:
        return "The recording is broken", clean(taping.broken, 400), "error"
    return "Recorded", f"{clean(str(taping.path), 400)}; k6dash replay shows it.", "information"

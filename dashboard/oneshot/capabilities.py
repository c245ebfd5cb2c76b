"""What this k6, in this state, can be made to do."""

from __future__ import annotations

from dashboard.api.client import Client
from dashboard.model.action import Verb
from dashboard.model.capability import Capability, Control
from dashboard.oneshot.deadline import Deadline
from dashboard.oneshot.report import Cell, Report, Room, Row, Table, facts
from dashboard.oneshot.run_status import describe, read_status, status_document
from dashboard.sources.live import LiveSource
from dashboard.view.frame import Tone

COMMANDS = {
    Verb.PAUSE: "pause",
    Verb.RESUME: "resume",
    Verb.SET_VUS: "scale",
    Verb.STOP: "stop",
    Verb.RUN_SETUP: "setup run",
    Verb.SET_SETUP: "setup set",
    Verb.RUN_TEARDOWN: "teardown",
}
"""What each action is called on the command line."""
_NOT_ASKED = "Only asking k6 would tell, and a test that waits at its start, or is over, is not asked."


async def capabilities(client: Client, deadline: Deadline) -> Report:
    """Find out what can be done, by a question that changes nothing in any k6.

    It is a request for -1 VUs, which every k6 refuses in words of its own. A test that waits at its start is not asked.
    """

    async def opened() -> Client:
        return client

    status = await read_status(client, deadline.left)
    source = LiveSource(client.target.label, opened, deadline.clock)
    answer = await source.learn(client, status)
    found = {verb: source.capability(verb, status, status.state) for verb in Verb}
    document: dict[str, object] = {
        "control": None if source.control is Control.UNKNOWN else str(source.control),
        "answer": answer or None,
        "status": status_document(status),
        "capabilities": {
            COMMANDS[verb]: {"possible": one.possible, "reason": _reason(one) or None} for verb, one in found.items()
        },
    }
    head = facts(("target", client.target.label), ("state", describe(status)), ("k6", str(source.control)))
    return Report(
        document, (head, Table(tuple(_row(COMMANDS[verb], one) for verb, one in found.items()), room=Room.WRAP))
    )


def _reason(one: Capability) -> str:
    return _NOT_ASKED if one.possible is None else one.reason


def _row(command: str, one: Capability) -> Row:
    match one.possible:
        case True:
            cell = Cell("yes", Tone.GOOD)
        case False:
            cell = Cell("no", Tone.BAD)
        case None:
            cell = Cell("not known", Tone.WARN)
    return Cell(command), cell, Cell(_reason(one))

"""setup(), its data and teardown(), from the shell."""

from __future__ import annotations

import asyncio
import json

from dashboard.api.client import Client
from dashboard.errors import ApiError, ExitCode
from dashboard.model.action import RunSetup, RunTeardown, SetSetup, SetupAction, Verdict
from dashboard.model.capability import Control, capability
from dashboard.model.setup_data import SeenSetup, SetupData
from dashboard.model.setup_effect import confirmed_on_setup
from dashboard.oneshot.deadline import Deadline
from dashboard.oneshot.report import Cell, Report, facts
from dashboard.oneshot.run_status import describe, read_status, status_document
from dashboard.sources.base import Answer
from dashboard.sources.failure import outage
from dashboard.sources.setup import perform_on_setup
from dashboard.view.chart import Unit
from dashboard.view.format import clean, quantity
from dashboard.view.frame import Tone

_CODES = {
    Verdict.CONFIRMED: ExitCode.OK,
    Verdict.REFUSED: ExitCode.REFUSED,
    Verdict.IMPOSSIBLE: ExitCode.REFUSED,
    Verdict.UNCONFIRMED: ExitCode.TIMED_OUT,
    Verdict.UNANSWERED: ExitCode.TIMED_OUT,
}
_NAMES = {RunSetup: "setup run", SetSetup: "setup set", RunTeardown: "teardown"}
_READ_ONCE = "A VU reads the setup data once, at its first iteration: those that have iterated keep what they have."
_OVERWRITTEN = "setup() runs when the test starts, and what it returns takes the place of this."
_AGAIN = "teardown() runs once more when the test ends."


async def show(client: Client, deadline: Deadline) -> Report:
    """Tell the setup data as k6 has it."""
    status = await read_status(client, deadline.left)
    data = await client.setup(timeout=deadline.left)
    remarks = (
        () if data.text is not None else ("k6 has no setup data: no setup(), or not run yet, or it returned nothing",)
    )
    return Report({**_document(data), "status": status_document(status)}, (), remarks, text=data.text)


async def run(client: Client, deadline: Deadline) -> Report:
    """Run the setup hook now."""
    return await _act(client, deadline, RunSetup())


async def put(client: Client, deadline: Deadline, text: str | None) -> Report:
    """Put a value in the place of the setup data; None takes the data away."""
    return await _act(client, deadline, SetSetup(text))


async def teardown(client: Client, deadline: Deadline) -> Report:
    """Run the teardown hook now."""
    return await _act(client, deadline, RunTeardown())


async def _act(client: Client, deadline: Deadline, action: SetupAction) -> Report:
    before = await read_status(client, deadline.left)
    able = capability(action.verb, Control.UNKNOWN, before, before.state)
    if able.is_out:
        answer = Answer(Verdict.IMPOSSIBLE, explanation=able.reason)
    else:
        try:
            async with asyncio.timeout(deadline.left):
                answer = await perform_on_setup(client, deadline.clock, action)
        except TimeoutError:
            answer = Answer(Verdict.UNANSWERED, explanation="k6 has not answered yet. It may still happen.")
    verdict, data, observed = answer.verdict, None, ""
    if verdict is Verdict.ACCEPTED:
        verdict, data, observed = await _confirm(client, deadline, action)
    document: dict[str, object] = {
        "verdict": str(verdict),
        "before": status_document(before),
        "answer": answer.text or None,
        "explanation": answer.explanation or None,
        "observed": observed or None,
        "took": None if answer.took is None else round(answer.took, 6),
        **({} if data is None else _document(data)),
    }
    name = _NAMES[type(action)]
    pairs: list[tuple[str, Cell | str]] = [
        ("target", client.target.label),
        ("action", name),
        ("verdict", Cell(verdict, Tone.GOOD if verdict is Verdict.CONFIRMED else Tone.BAD)),
        ("before", describe(before)),
    ]
    if observed:
        pairs.append(("after", observed))
    if answer.took is not None:
        pairs.append(("took", quantity(1000 * answer.took, Unit.MILLISECONDS)))
    remark = _remark(action, before.has_started) if verdict is Verdict.CONFIRMED else ""
    if verdict is not Verdict.CONFIRMED:
        said = f"k6 says: {clean(answer.text)}" if answer.text else ""
        remark = f"{name} {verdict}: {' '.join(filter(None, (answer.explanation or observed, said)))}"
    return Report(document, (facts(*pairs),), (remark,) if remark else (), _CODES[verdict])


async def _confirm(client: Client, deadline: Deadline, action: SetupAction) -> tuple[Verdict, SetupData | None, str]:
    """Look at the setup data again."""
    if isinstance(action, RunTeardown):
        verdict, observed = confirmed_on_setup(action, None, None)
        return verdict, None, observed
    try:
        data = await client.setup(timeout=deadline.left)
    except ApiError as error:
        verdict, observed = confirmed_on_setup(action, None, outage(error))
        return verdict, None, observed
    verdict, observed = confirmed_on_setup(action, SeenSetup(deadline.clock.now(), data), None)
    return verdict, data, observed


def _remark(action: SetupAction, has_started: bool) -> str:
    """What k6 really does with it, where that is not what one may think."""
    if isinstance(action, RunTeardown):
        return _AGAIN
    return _READ_ONCE if has_started else _OVERWRITTEN


def _document(data: SetupData) -> dict[str, object]:
    if data.text is None:
        return {"has_data": False, "data": None}
    try:
        return {"has_data": True, "data": json.loads(data.text)}
    except (ValueError, RecursionError):
        return {"has_data": True, "data": None}

"""setup(), its data and teardown() of a running k6: looked at when somebody wants to see them, and steered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.api import decode, encode
from dashboard.clock import Clock
from dashboard.errors import ApiError, Rejected
from dashboard.model.action import RunSetup, RunTeardown, SetSetup, SetupAction, Verdict
from dashboard.sources.base import Answer, Document, Reading
from dashboard.sources.failure import outage, unanswered

if TYPE_CHECKING:
    from dashboard.api.client import Client

LOOK_TIMEOUT = 10.0
"""k6 answers in less than a millisecond; large data take their time on the way."""
PUT_TIMEOUT = 10.0
RUN_TIMEOUT = 300.0
"""k6 answers when setup() or teardown() has finished."""

_THREW = {
    "setup()": "setup() threw an exception. The setup data stay as they were, and so does the test.",
    "teardown()": "teardown() threw an exception. The test goes on as it was.",
}


async def look_at_setup(client: Client, clock: Clock, target: str) -> Reading:
    """Ask for the setup data. What k6 refuses, or answers with something else, is the reading's failure."""
    documents: tuple[Document, ...] = ()
    try:
        answer = await client.fetch("GET", encode.SETUP, timeout=LOOK_TIMEOUT)
        documents = (Document(encode.SETUP, answer.status_code, answer.body, answer.took),)
        refusal = decode.refusal(answer.endpoint, answer.status_code, answer.body)
        if refusal is not None:
            raise refusal
        decode.setup_data(answer.body)
    except ApiError as error:
        return Reading(target, clock.now(), documents, outage(error))
    return Reading(target, clock.now(), documents)


async def perform_on_setup(client: Client, clock: Clock, action: SetupAction) -> Answer:
    """Hand an action to k6, and wait until it has done it."""
    began = clock.now()
    name = ""
    try:
        match action:
            case RunSetup():
                name = "setup()"
                await client.run_setup(timeout=RUN_TIMEOUT)
            case RunTeardown():
                name = "teardown()"
                await client.run_teardown(timeout=RUN_TIMEOUT)
            case SetSetup(text):
                await client.put_setup(text or "", timeout=PUT_TIMEOUT)
    except Rejected as error:
        threw = error.status_code == 500 and name
        return Answer(
            Verdict.REFUSED, error.detail or error.title, _THREW[name] if threw else "", took=clock.now() - began
        )
    except ApiError as error:
        return unanswered(error, clock.now() - began)
    return Answer(Verdict.ACCEPTED, took=clock.now() - began)

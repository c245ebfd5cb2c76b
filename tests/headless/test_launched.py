"""Following a k6 that k6dash has started, without a screen: its own words, its own exit code."""

from __future__ import annotations

import json
import math
from collections.abc import Callable

import pytest

from dashboard.errors import ExitCode
from dashboard.headless.bond import Launched
from dashboard.headless.follow import Plan, Then
from dashboard.model.condition import parse_condition
from dashboard.model.observation import OutageKind
from dashboard.model.run import State
from dashboard.sources.base import Document
from dashboard.sources.process_documents import EXIT, LAUNCH, LOG, OUTPUT
from tests.headless.staging import Sitting

STARTED = Document(
    LAUNCH,
    0,
    json.dumps(
        {
            "words": ["k6", "run", "a.js"],
            "pid": 4711,
            "address": "127.0.0.1:1",
            "events": "",
            "output": "/runs/1/stdout.txt",
            "log": "/runs/1/stderr.txt",
        }
    ).encode(),
    0.0,
)


class Log:
    """Where k6's log goes."""

    def __init__(self) -> None:
        self.lost_bytes = 0
        self.text = ""

    def write(self, text: str) -> None:
        self.text += text


class Run(Sitting):
    """A sitting with a k6 of our own."""

    def __init__(
        self,
        *conditions: str,
        form: str = "lines",
        until: State | None = None,
        then: Then = Then.GO_ON,
        shown: Callable[[str], str] = str,
    ) -> None:
        self.log = Log()
        self.bond = Launched(self.log, shown)
        plan = Plan(
            patience=math.inf, conditions=tuple(parse_condition(text) for text in conditions), until=until, then=then
        )
        super().__init__(plan, form, self.bond)

    async def ended(self, code: int) -> int:
        """k6 ends with that code; k6dash's."""
        await self.told(Document(EXIT, 0, str(code).encode(), 0.0))
        await self.over()
        return await self.ends()

    @property
    def parting(self) -> list[str]:
        """What is said last."""
        said: list[str] = []
        self.bond.part(self.follower.followed, said.append)
        return said


@pytest.mark.parametrize(
    ("code", "ours", "words"),
    [
        (0, 0, "every threshold held"),
        (99, 99, "thresholds were crossed"),
        (107, 107, "threw an exception"),
        (-9, 137, "ended by SIGKILL"),
    ],
)
async def test_k6s_own_code_is_passed_on_and_told_in_words(code: int, ours: int, words: str) -> None:
    run = Run()
    await run.told(STARTED)
    await run.second([1.0], tainted=True)
    assert await run.ended(code) == ours
    (told,) = run.parting
    assert told.startswith(f"k6 ended with exit code {code}: ")
    assert words in told


@pytest.mark.parametrize(
    ("then", "code", "ours"),
    [
        (Then.GO_ON, 0, 99),
        (Then.STOP, 103, 99),
        (Then.GO_ON, 103, 103),
        (Then.GO_ON, 107, 107),
        (Then.STOP, 108, 108),
    ],
)
async def test_a_condition_that_failed_turns_a_success_into_a_failure_and_nothing_else(
    then: Then, code: int, ours: int
) -> None:
    run = Run("http_req_duration avg<1", then=then)
    await run.told(STARTED)
    await run.second([5.0])
    await run.look(status=10, stopped=True)
    assert await run.ended(code) == ours


async def test_a_k6_that_cannot_start_says_so_itself_and_no_line_is_written() -> None:
    run = Run()
    await run.told(STARTED)
    await run.silence(OutageKind.REFUSED)
    await run.told(Document(LOG, 0, b'level=error msg="unknown flag: --nope"\n', 0.0))
    await run.passes(100)
    assert not run.task.done(), "as long as the process runs, it is waited for"
    assert await run.ended(255) == 255
    assert run.log.text == 'level=error msg="unknown flag: --nope"\n'
    assert (run.lines, run.said) == ([], [])
    assert "could not start" in run.parting[0]


async def test_the_last_document_tells_how_k6_ended_and_the_port_that_closed_before_tells_nothing() -> None:
    run = Run(form="ndjson")
    await run.told(STARTED)
    await run.second([1.0])
    await run.silence(OutageKind.REFUSED)
    await run.told(Document(OUTPUT, 0, "  █ TOTAL RESULTS\n\n    iterations: 1\n".encode(), 0.0))
    assert run.bond.summary(run.follower.followed) == "", "it is not whole yet"
    assert await run.ended(110) == 110
    running, ended = run.documents
    assert (running["state"], running["exit"]) == ("running", None)
    assert ended["state"] == "failed"
    assert ended["exit"] == {"code": 110, "meaning": "the script marked the test as failed"}
    assert ended["metrics"] is None
    assert "k6 ended with exit code 110" in [event["title"] for event in ended["events"]]
    assert run.bond.summary(run.follower.followed) == "  █ TOTAL RESULTS\n\n    iterations: 1"
    assert not any("gone" in line for line in run.said)
    assert not any("gone" in event["title"] for document in run.documents for event in document["events"])


async def test_a_k6_that_lingers_is_followed_until_it_ends() -> None:
    run = Run()
    await run.told(STARTED)
    await run.second([1.0])
    await run.second([1.0], status=9, running=False)
    assert not run.task.done()
    assert await run.ended(0) == 0


async def test_leaving_says_where_k6_goes_on() -> None:
    run = Run(until=State.RUNNING)
    await run.told(STARTED)
    await run.second([1.0])
    assert await run.ends() == ExitCode.OK
    told = "\n".join(run.parting)
    for words in ("pid 4711", "k6dash --target 127.0.0.1:1", "/runs/1/stdout.txt", "/runs/1/stderr.txt"):
        assert words in told


async def test_what_a_slow_reader_has_missed_of_the_log_is_told_and_where_it_is() -> None:
    run = Run()
    await run.told(STARTED)
    await run.second([1.0])
    run.log.lost_bytes = 2_500_000
    assert await run.ended(0) == 0
    missed, ended = run.parting
    assert missed.startswith("2.5 MB of k6's log were not passed on")
    assert missed.endswith("/runs/1/stderr.txt")
    assert ended.startswith("k6 ended with exit code 0")


async def test_an_end_that_was_waited_for_keeps_k6s_code_and_another_state_was_missed() -> None:
    awaited = Run(until=State.ENDED)
    await awaited.told(STARTED)
    await awaited.second([1.0])
    assert await awaited.ended(99) == 99

    missed = Run(until=State.TEARDOWN)
    await missed.told(STARTED)
    await missed.second([1.0])
    assert await missed.ended(0) == ExitCode.TIMED_OUT


async def test_what_k6_wrote_is_made_harmless_before_a_terminal_shows_it() -> None:
    run = Run(shown=lambda text: text.replace("\x1b", "?"))
    await run.told(STARTED)
    await run.second([1.0])
    await run.told(Document(LOG, 0, b"\x1b]0;title\x07\n", 0.0), Document(OUTPUT, 0, b"  \x1b[2Jdone\n", 0.0))
    assert await run.ended(0) == 0
    assert run.log.text == "?]0;title\x07\n"
    assert run.bond.summary(run.follower.followed) == "  ?[2Jdone"

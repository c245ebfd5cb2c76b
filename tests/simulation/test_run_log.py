"""What a simulated k6 logs: k6's words, as many of them as there is reason for, the same for the same seed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dashboard.clock import ManualClock
from dashboard.launch.log_lines import decode_log
from dashboard.model.log import Level, LogLine, LogNews, Origin
from dashboard.model.log_book import LogBook
from dashboard.simulation.engine import Engine
from dashboard.simulation.lifecycle import K6Exit
from dashboard.simulation.profile import Profile
from dashboard.simulation.run_log import MOST_FAILURES, MOST_NOTES, TOLD_EVERY, RunLog
from dashboard.simulation.scenario import SCENARIO_NAMES, Hook, Run, Scenario
from dashboard.simulation.scenario_file import load_scenario

START = 1_700_000_000.0


def logged(
    scenario: Scenario | str, seconds: float, *, seed: int = 7, step: float | None = None, stop: bool = False
) -> tuple[bytes, Engine]:
    """What has been logged after so many seconds, looked at every ``step`` seconds or once."""
    chosen = load_scenario(scenario) if isinstance(scenario, str) else scenario
    clock = ManualClock(START)
    engine = Engine(chosen, Profile.V2, seed=seed, clock=clock, log=RunLog(chosen, seed))
    assert engine.log is not None
    written = b""
    at = 0.0
    while at < seconds:
        at = min(seconds, at + (step or seconds))
        clock.set(START + at)
        engine.advance()
        written += engine.log.take()
    if stop:
        engine.abort(K6Exit.STOPPED_FROM_REST_API)
        clock.set(START + at + 5)
        engine.advance()
        written += engine.log.take()
    return written, engine


def lines_of(written: bytes) -> list[LogLine]:
    return list(decode_log(written, START + 1e6))


@pytest.mark.parametrize("scenario", SCENARIO_NAMES)
def test_the_same_seed_logs_the_same_however_often_it_is_read(scenario: str) -> None:
    once, _ = logged(scenario, 40)
    often, _ = logged(scenario, 40, step=0.7)
    assert once == often


def test_another_seed_logs_something_else() -> None:
    assert logged("errors", 60, seed=1)[0] != logged("errors", 60, seed=2)[0]


def test_every_line_is_json_as_k6_writes_it() -> None:
    """The keys that a real k6 gives to a failed request and to console.log, in its order."""
    entries: list[dict[str, Any]] = [json.loads(line) for line in logged("errors", 60)[0].splitlines()]
    failed = next(entry for entry in entries if entry["msg"] == "Request Failed")
    told = next(entry for entry in entries if entry.get("source") == "console")
    assert list(failed) == ["error", "level", "msg", "time"]
    assert failed["level"] == "warning"
    assert list(told) == ["level", "msg", "source", "time"]


def test_as_much_goes_wrong_in_the_log_as_in_the_metrics() -> None:
    written, engine = logged("errors", 60)
    engine.registry.settle()
    failed = engine.registry["http_req_failed"].sink.format(60.0)["rate"]
    requests = engine.registry["http_reqs"].sink.format(60.0)["count"]
    told = [line for line in lines_of(written) if line.is_trouble]
    assert 100 < len(told) <= failed * requests
    assert len(told) > 0.9 * failed * requests
    origins = {line.origin for line in told}
    assert origins == {Origin.K6, Origin.SCRIPT}


def test_the_script_tells_of_every_fiftieth_iteration() -> None:
    told = [line.message for line in lines_of(logged("steady", 60)[0]) if line.message.startswith("iteration")]
    assert told[:3] == [f"iteration {TOLD_EVERY * number} of shop" for number in (1, 2, 3)]


def test_the_errors_of_a_scenario_are_of_a_few_kinds() -> None:
    book = LogBook()
    book.add(LogNews(tuple(lines_of(logged("errors", 60)[0]))), START)
    assert 4 <= len(book.groups) <= 30
    assert any("connection refused" in group.title for group in book.groups)
    assert any("status 503" in group.title for group in book.groups)


def test_a_setup_that_throws_is_told_as_k6_tells_it() -> None:
    scenario = Scenario("mine", setup=Hook(0.1, throws="Error: boom"))
    thrown = next(line for line in lines_of(logged(scenario, 5)[0]) if line.source == "stacktrace")
    assert (thrown.level, thrown.message.splitlines()[0]) == (Level.ERROR, "Error: boom")
    assert ("hint", "script exception") in thrown.fields


@pytest.mark.parametrize(
    ("scenario", "stop", "expected"),
    [
        ("errors", True, "test run stopped from REST API"),
        (
            Scenario("mine", run=Run(seconds=3.0, graceful_stop=0.0, fails_at=1.0)),
            False,
            "test run was marked as failed",
        ),
        (Scenario("mine", run=Run(seconds=3.0, aborts_at=1.0)), False, "test aborted: test.abort() at default"),
    ],
)
def test_the_last_words_say_why_k6_ended(scenario: Scenario | str, stop: bool, expected: str) -> None:
    written, engine = logged(scenario, 6, stop=stop)
    assert engine.is_gone
    last = lines_of(written)[-1]
    assert last.message.startswith(expected)
    assert last.level is Level.ERROR


def test_a_log_that_nobody_reads_takes_no_room() -> None:
    chosen = load_scenario("errors")
    log = RunLog(chosen, 1)
    clock = ManualClock(START)
    engine = Engine(chosen, Profile.V1_EXTERNAL, seed=1, clock=clock, log=log)
    clock.set(START + 600)
    engine.advance()
    for _ in range(2 * MOST_NOTES):
        log.fails()
    assert len(log.take().splitlines()) <= MOST_NOTES * MOST_FAILURES
    assert log.take() == b""


def test_of_very_many_failures_in_a_second_some_are_told() -> None:
    chosen = load_scenario("errors")
    log = RunLog(chosen, 1, interval=60.0)
    clock = ManualClock(START)
    engine = Engine(chosen, Profile.V2, seed=1, clock=clock, log=log)
    clock.set(START + 61)
    engine.advance()
    told = lines_of(log.take())
    assert sum(line.is_trouble for line in told) == MOST_FAILURES
    assert sum(line.message.startswith("iteration") for line in told) == 5

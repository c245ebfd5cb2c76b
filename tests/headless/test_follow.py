"""Following a run without a screen: when it ends, with what code, and what is said."""

from __future__ import annotations

import json

import pytest

from dashboard.errors import ExitCode, UsageError
from dashboard.headless.follow import Plan, Then
from dashboard.model.action import Stop, Verdict
from dashboard.model.condition import parse_condition
from dashboard.model.observation import OutageKind
from dashboard.model.run import State
from dashboard.sources.base import Answer, Document, Reading
from dashboard.view.format import UNKNOWN
from tests.headless.staging import Sitting
from tests.model.building import TARGET


def gated(*conditions: str, then: Then = Then.GO_ON, grace: float = 0.0) -> Plan:
    return Plan(conditions=tuple(parse_condition(condition) for condition in conditions), then=then, grace=grace)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ({"status": 9, "running": False}, ExitCode.OK),
        ({"status": 9, "running": False, "tainted": True}, ExitCode.THRESHOLDS_CROSSED),
        ({"status": 10, "stopped": True}, ExitCode.STOPPED),
        ({"status": 10, "stopped": True, "tainted": True}, ExitCode.THRESHOLDS_CROSSED),
        ({"status": 11}, ExitCode.MARKED_AS_FAILED),
    ],
)
async def test_it_ends_with_the_run_and_with_k6s_code(status: dict[str, object], code: ExitCode) -> None:
    sitting = Sitting()
    await sitting.second([1.0])
    await sitting.look(**status)
    assert await sitting.ends() is code


async def test_a_run_that_is_being_stopped_is_followed_through_its_teardown() -> None:
    sitting = Sitting()
    await sitting.second([1.0])
    await sitting.look(stopped=True)
    await sitting.look(status=8, stopped=True)
    assert not sitting.task.done()
    await sitting.look(status=10, stopped=True)
    assert await sitting.ends() is ExitCode.STOPPED


async def test_the_end_waits_for_the_final_metrics() -> None:
    sitting = Sitting(form="ndjson")
    await sitting.second([1.0])
    await sitting.look(False, status=9)
    assert not sitting.task.done()
    await sitting.second([5.0], status=9)
    assert await sitting.ends() is ExitCode.OK
    assert sitting.documents[-1]["metrics"]["http_reqs"]["cumulative"]["count"] == 2


async def test_a_k6_that_closed_its_port_has_ended_with_what_it_last_said() -> None:
    sitting = Sitting()
    await sitting.second([1.0], tainted=True)
    await sitting.silence(OutageKind.REFUSED)
    assert await sitting.ends() is ExitCode.THRESHOLDS_CROSSED
    assert "k6 has gone without a word on how the run ended; what it last said counts" in sitting.said
    # The whole run's numbers stand in the last line, and no interval's.
    words = sitting.lines[-1].split()
    assert words[:2] == ["00:01", "ended"]
    assert words[2:9] == [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, "1.00ms", "0%", UNKNOWN]


async def test_another_run_at_the_address_is_the_end_of_the_one_followed() -> None:
    sitting = Sitting(form="ndjson")
    await sitting.second([1.0] * 5)
    await sitting.second([1.0] * 5)
    sitting.load.durations.clear()
    sitting.load.failed.clear()
    sitting.load.elapsed = 0.0
    await sitting.second([1.0])
    assert await sitting.ends() is ExitCode.OK
    assert {document["run"] for document in sitting.documents} == {1}


async def test_a_k6_that_never_answers_is_waited_for_and_then_unreachable() -> None:
    sitting = Sitting(Plan(patience=10))
    await sitting.silence(OutageKind.REFUSED)
    await sitting.passes(8)
    assert not sitting.task.done()
    await sitting.passes(1)
    assert await sitting.ends() is ExitCode.UNREACHABLE
    assert sitting.said[-1] == f"{TARGET} was not reached in 10s: it is refused"


async def test_a_k6_that_falls_silent_is_waited_for_anew_after_each_answer() -> None:
    sitting = Sitting(Plan(patience=10))
    await sitting.second([1.0])
    await sitting.passes(8)
    sitting.load.elapsed += 8
    await sitting.second([1.0])
    await sitting.passes(8)
    await sitting.silence()
    assert not sitting.task.done()
    await sitting.passes(1)
    assert await sitting.ends() is ExitCode.UNREACHABLE
    assert sitting.said[-1] == f"{TARGET} has not answered for 10s: it is timed out"


async def test_the_time_to_watch_counts_from_the_first_answer() -> None:
    sitting = Sitting(Plan(limit=5, patience=100))
    await sitting.silence(OutageKind.REFUSED)
    await sitting.passes(20)
    for _ in range(5):
        await sitting.second([1.0])
        assert not sitting.task.done()
    await sitting.passes(1)
    assert await sitting.ends() is ExitCode.OK


async def test_it_leaves_at_the_state_it_waits_for_and_says_when_that_did_not_come() -> None:
    reached = Sitting(Plan(until=State.PAUSED))
    await reached.second([1.0])
    await reached.look(paused=True)
    assert await reached.ends() is ExitCode.OK

    out_of_time = Sitting(Plan(until=State.PAUSED, limit=3))
    await out_of_time.second([1.0])
    await out_of_time.passes(3)
    assert await out_of_time.ends() is ExitCode.TIMED_OUT

    over = Sitting(Plan(until=State.PAUSED))
    await over.second([1.0])
    await over.look(status=9)
    assert await over.ends() is ExitCode.TIMED_OUT
    assert over.said[-1] == "the run ended before it was seen paused"


async def test_a_source_that_ends_ends_the_sitting() -> None:
    sitting = Sitting()
    await sitting.second([1.0])
    sitting.source.queue.put_nowait(None)
    assert await sitting.ends() is ExitCode.OK


async def test_a_bug_in_a_source_is_loud() -> None:
    sitting = Sitting()
    sitting.session.listeners.append(lambda _: json.loads("{"))
    sitting.source.queue.put_nowait(sitting.reading())
    await sitting.settle()
    with pytest.raises(BaseExceptionGroup):
        sitting.task.result()


# Conditions


async def test_a_condition_that_does_not_hold_at_the_end_is_said_with_when_and_by_how_much() -> None:
    sitting = Sitting(gated("http_req_failed rate<0.25", "2s: http_req_duration avg<100", "http_reqs count>1"))
    await sitting.second([50.0] * 4)
    await sitting.second([50.0] * 4, failed=3)
    await sitting.second([250.0] * 4, failed=1)
    await sitting.look(status=9)
    assert await sitting.ends() is ExitCode.THRESHOLDS_CROSSED
    judged = [line for line in sitting.said if line.startswith("00:0") and "http_req" in line] + sitting.said[-3:]
    assert judged == [
        "00:02 http_req_failed rate<0.25 failed: rate 0.375, 0.125 too much",
        "00:03 2s: http_req_duration avg<100 failed: avg 150 ms in 2.0 s, 50 ms too much",
        "✗ http_req_failed rate<0.25: rate 0.3333, 0.08333 too much; first failed at 00:02; worst at 00:02:"
        " rate 0.375, 0.125 too much",
        "✗ 2s: http_req_duration avg<100: avg 150 ms in 2.0 s, 50 ms too much at 00:03",
        "✓ http_reqs count>1: count 12",
    ]


async def test_a_failed_condition_goes_before_the_end_of_the_run_but_not_before_a_signal() -> None:
    for code in (ExitCode.SIGNALLED, ExitCode.OK):
        sitting = Sitting(gated("http_reqs count>100"))
        await sitting.second([1.0])
        sitting.follower.leave(code)
        assert await sitting.ends() is (ExitCode.THRESHOLDS_CROSSED if code is ExitCode.OK else code)


async def test_leaving_at_the_first_failure_leaves_the_test_alone() -> None:
    sitting = Sitting(gated("http_req_failed rate<0.25", then=Then.LEAVE))
    await sitting.second([1.0] * 4)
    await sitting.second([1.0] * 4, failed=4)
    assert await sitting.ends() is ExitCode.THRESHOLDS_CROSSED
    assert sitting.source.performed == []


async def test_stopping_at_the_first_failure_is_confirmed_and_followed_to_the_end() -> None:
    sitting = Sitting(gated("1s: http_req_failed rate<0.25", then=Then.STOP))
    sitting.source.on_poke = lambda: sitting.source.queue.put_nowait(sitting.reading(status=8, stopped=True))
    await sitting.second([1.0] * 4)
    await sitting.second([1.0] * 4, failed=4)
    await sitting.second(status=8, stopped=True)
    assert sitting.source.performed == [Stop()]
    assert "stop confirmed: teardown, 3/5 VUs" in sitting.said
    assert not sitting.task.done()
    await sitting.look(status=10, stopped=True)
    assert await sitting.ends() is ExitCode.THRESHOLDS_CROSSED


async def test_a_stop_that_k6_refuses_is_said_and_ends_the_sitting() -> None:
    sitting = Sitting(gated("http_req_failed rate<0.25", then=Then.STOP))
    sitting.source.on_action = lambda _: Answer(Verdict.REFUSED, "no\x1b[31m", "It may not.")
    await sitting.second([1.0], failed=1)
    assert await sitting.ends() is ExitCode.THRESHOLDS_CROSSED
    assert "stop refused: no␛[31m; It may not." in sitting.said
    assert "leaving; the test may go on" in sitting.said


async def test_a_condition_that_does_not_fit_its_metric_is_a_usage_error() -> None:
    sitting = Sitting(gated("mine rate<5"))
    attributes = {"type": "trend", "contains": "default", "tainted": None, "sample": {"avg": 1}}
    body = json.dumps({"data": [{"type": "metrics", "id": "mine", "attributes": attributes}]}).encode()
    reading = sitting.reading(False)
    sitting.source.queue.put_nowait(
        Reading(TARGET, reading.at, (*reading.documents, Document("/v1/metrics", 200, body, 0.1)))
    )
    await sitting.settle()
    with pytest.raises(UsageError, match="a trend has no rate"):
        sitting.task.result()


# Output


async def test_a_closed_pipe_ends_it_quietly_and_a_full_disk_with_a_word() -> None:
    closed = Sitting()
    await closed.second([1.0])
    closed.paper.error = BrokenPipeError(32, "Broken pipe")
    said = list(closed.said)
    closed.follower.output_failed()
    assert await closed.ends() is ExitCode.PIPE_CLOSED
    assert closed.said == said

    full = Sitting()
    await full.second([1.0])
    full.paper.error = OSError(28, "No space left on device")
    full.follower.output_failed()
    await full.settle()
    with pytest.raises(UsageError, match="the output cannot be written: No space left on device"):
        full.task.result()


async def test_a_stop_that_was_asked_for_here_is_told_as_one_whatever_was_crossed() -> None:
    sitting = Sitting()
    await sitting.second([1.0])
    sitting.follower.followed.stop_accepted = True
    await sitting.look(status=10, stopped=True, tainted=True)
    assert await sitting.ends() is ExitCode.STOPPED
    assert "thresholds are crossed" in sitting.said

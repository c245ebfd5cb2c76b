"""Two recordings compared: exact parts, honest judgements, and the gate of a pipeline."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dashboard.cli import main
from dashboard.diff.compare import Diff, Judgement, compare_runs
from dashboard.diff.course import Course, read_course
from dashboard.model.observation import Snapshot
from dashboard.sources.record_file import Recording
from tests.model.building import Load, at_work, counter, share, trend
from tests.sources.recordings import simulated_readings, written


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same test twice with different chances, and another one with failures."""
    folder = tmp_path_factory.mktemp("recordings")
    made: dict[str, Path] = {}
    for name, scenario, seed, seconds in (("a", "steady", 1, 120), ("b", "steady", 6, 100), ("bad", "errors", 1, 120)):
        readings = asyncio.run(simulated_readings(seconds, scenario, seed=seed))
        made[name] = written(folder / f"{name}.k6d", readings)
    return made


def course_of(durations: list[list[float]], failed: int = 0) -> Course:
    """A run with these requests in each second."""
    course, load = Course(), Load()
    for second in durations:
        for place, duration in enumerate(second):
            load.request(duration, failed=place < failed)
        load.elapsed += 1
        course.add(Snapshot(at_work(), load.metrics(share("checks", 0.9))))
    return course


def changes(diff: Diff) -> dict[tuple[str, str], Any]:
    return {(change.metric, change.statistic): change for change in diff.changes}


def test_any_part_of_a_run_is_told_exactly() -> None:
    course = course_of([[10.0], [20.0, 40.0], [], [5.0, 6.0, 7.0]], failed=1)
    part = course.part("http_req_duration", 0, 3)
    assert part is not None
    assert part.mean == pytest.approx(78 / 5)  # pyright: ignore[reportUnknownMemberType]
    assert part.weight == 5
    requests, failures = course.part("http_reqs", 0, 3), course.part("http_req_failed", 0, 3)
    assert requests is not None
    assert failures is not None
    assert requests.mean == pytest.approx(5 / 3)  # pyright: ignore[reportUnknownMemberType]
    assert failures.mean == pytest.approx(2 / 5)  # pyright: ignore[reportUnknownMemberType]
    assert course.part("http_req_duration", 1, 2) is None
    assert not course.can_tell("checks")


def test_what_comes_late_had_had_nothing_before() -> None:
    course = Course()
    for second, count in ((1.0, 0), (2.0, 0), (3.0, 9)):
        late = (counter("late", count, second),) if count else ()
        course.add(Snapshot(at_work(), (counter("http_reqs", second, second), *late)))
    part = course.part("late", 0, 2)
    assert part is not None
    assert (part.total, part.mean) == (9.0, 4.5)


def test_a_change_for_the_worse_is_told_from_noise() -> None:
    random = Random(1)
    before = course_of([[10.0 + random.random(), 12.0] for _ in range(60)])
    after = course_of([[13.0 + random.random(), 15.0] for _ in range(60)], failed=1)
    found = changes(compare_runs(before, after))
    slower, failing, as_fast = (
        found["http_req_duration", "avg"],
        found["http_req_failed", "rate"],
        found["http_reqs", "rate"],
    )
    assert (slower.judgement, failing.judgement, as_fast.judgement) == (
        Judgement.WORSE,
        Judgement.WORSE,
        Judgement.NOISE,
    )
    assert slower.is_regression(0.1)
    assert not slower.is_regression(0.5)
    assert failing.relative == float("inf")
    assert failing.is_regression(10)
    assert found["checks", "rate"].judgement is Judgement.UNKNOWN
    back = changes(compare_runs(after, before))
    assert back["http_req_duration", "avg"].judgement is Judgement.BETTER
    assert not back["http_req_duration", "avg"].is_regression(0.0)


def test_only_the_time_that_both_have_is_compared() -> None:
    before = course_of([[10.0]] * 20 + [[500.0]] * 40)
    after = course_of([[10.0]] * 20)
    diff = compare_runs(before, after)
    assert diff.seconds == 20.0
    assert changes(diff)["http_req_duration", "avg"].relative == 0.0
    assert "A ran for 60 s; only the first 20 s of it are compared" in diff.notes


def test_another_load_is_said() -> None:
    before, after = course_of([[10.0]] * 10), Course()
    for second in range(1, 11):
        after.add(Snapshot(at_work(vus=9), (counter("http_reqs", second, second), trend("http_req_duration", 5.0))))
    assert "not the same load: A ran 3 VUs on average, B 9" in compare_runs(before, after).notes


def test_an_interrupted_run_is_not_compared_beyond_its_end() -> None:
    course = course_of([[10.0]] * 5)
    course.add(Snapshot(at_work(10), (counter("http_reqs", 5, 50.0),)))
    assert course.end == 5.0


# The command


def test_the_same_test_twice_is_no_regression(recordings: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", str(recordings["a"]), str(recordings["b"]), "--fail-on-regression", "10%"]) == 0
    out, err = capsys.readouterr()
    assert "within noise" in out
    assert "✗" not in out
    assert "A ran for" in err
    header, *rows = out.splitlines()
    assert all(row.index("  ") <= header.index("statistic") for row in rows)


def test_a_worse_test_is_one_and_is_told_to_programs_too(
    recordings: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["diff", str(recordings["a"]), str(recordings["bad"]), "--fail-on-regression", "10%"]
    assert main(arguments) == 99
    assert "worse by more than 10%" in capsys.readouterr().err
    assert main([*arguments, "--json"]) == 99
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "k6dash.diff/1"
    regressions = {(c["metric"], c["statistic"]) for c in document["changes"] if c["regression"]}
    assert ("http_req_duration", "p(95)") in regressions
    assert main(["diff", str(recordings["a"]), str(recordings["bad"])]) == 0


def test_a_recording_is_read_once_and_its_last_run_counts(recordings: dict[str, Path]) -> None:
    course = read_course(Recording(recordings["a"]))
    assert 118 <= course.end <= 120
    assert course.can_tell("http_req_duration")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fail-on-regression", "much"], "'much' is no share; write one like 10%"),
        (["--metric", "nope"], "neither recording has a metric 'nope'"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    recordings: dict[str, Path], arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", str(recordings["a"]), str(recordings["b"]), *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1

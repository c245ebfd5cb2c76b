"""Conditions on a run while it goes on, held against every sample of a made-up run."""

from __future__ import annotations

from math import isclose

import pytest

from dashboard.model.condition import parse_condition
from dashboard.model.gate import Gate, Judgement, Standing
from dashboard.model.metric import Metric
from dashboard.model.observation import Snapshot
from tests.model.building import Load, at_work, counter, gauge, share, trend


class Trial:
    """A gate and a run that is looked at once a second."""

    def __init__(self, *conditions: str, grace: float = 0.0) -> None:
        self.gate = Gate([parse_condition(condition) for condition in conditions], grace)
        self.load = Load()

    def second(self, durations: list[float], failed: int = 0, **flags: bool) -> tuple[Judgement, ...]:
        """A second passes with these requests, the first ``failed`` of which fail; what turned."""
        for place, duration in enumerate(durations):
            self.load.request(duration, failed=place < failed)
        self.load.elapsed += 0.0 if flags.get("paused") else 1.0
        return self.see(*self.load.metrics(), **flags)

    def see(self, *metrics: Metric, number: int = 7, **flags: bool) -> tuple[Judgement, ...]:
        return self.gate.observe(Snapshot(at_work(number, **flags), metrics), self.load.elapsed)

    def has_failed(self) -> bool:
        return self.gate.failed

    @property
    def value(self) -> float | None:
        """The newest value, without the last bits of its rounding."""
        newest = self.standing.newest
        return None if newest is None or newest.evaluation.value is None else round(newest.evaluation.value, 9)

    @property
    def standing(self) -> Standing:
        (standing,) = self.gate.standings()
        return standing


def test_a_condition_on_the_run_stands_as_its_newest_numbers_say() -> None:
    trial = Trial("http_req_failed rate<0.25")
    assert trial.second([1.0], failed=1)[0].evaluation.holds is False
    assert not trial.second([1.0] * 2)
    assert trial.has_failed()
    (turn,) = trial.second([1.0] * 7)
    assert (turn.evaluation.value, turn.evaluation.holds, turn.elapsed) == (0.1, True, 3.0)
    assert not trial.has_failed()
    standing = trial.standing
    assert standing.first is not None
    assert (standing.first.elapsed, standing.first.evaluation.margin) == (1.0, -0.75)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("3s: http_reqs rate>1e9", (1 + 2 + 3) / 3),
        ("3s: http_reqs count>1e9", 1 + 2 + 3),
        ("3s: http_req_duration avg>1e9", (7 + 5 + 5 + 1 + 2 + 3) / 6),
        ("3s: http_req_failed rate>1e9", 2 / 6),
        ("3s: data_received rate>1e9", 100 * 6 / 3),
    ],
)
def test_what_a_window_tells_is_what_all_its_samples_tell(condition: str, expected: float) -> None:
    trial = Trial(condition)
    trial.second([1000.0] * 50, failed=50)
    for durations, failed in (([7.0], 1), ([5.0, 5.0], 0), ([1.0, 2.0, 3.0], 1)):
        assert trial.standing.newest is None
        trial.second(durations, failed)
    newest = trial.standing.newest
    assert newest is not None
    assert newest.evaluation.value is not None
    assert isclose(newest.evaluation.value, expected, rel_tol=1e-12)
    assert newest.span == 3.0


def test_a_window_that_failed_once_has_failed_for_good() -> None:
    trial = Trial("2s: http_req_failed rate<0.5")
    trial.second([1.0] * 8)
    trial.second([1.0] * 8, failed=8)
    assert trial.second([1.0] * 8, failed=1)[0].evaluation.value == 9 / 16
    assert trial.second([1.0] * 8, failed=0)[0].evaluation.holds
    assert trial.gate.failed
    assert trial.standing.worst == trial.standing.first


def test_the_worst_moment_is_kept_beside_the_first() -> None:
    trial = Trial("http_req_duration avg<1")
    for duration in (2.0, 10.0, 0.0):
        trial.second([duration])
    standing = trial.standing
    assert standing.first is not None
    assert standing.worst is not None
    assert (standing.first.elapsed, standing.worst.elapsed, standing.worst.evaluation.value) == (1.0, 2.0, 6.0)


def test_nothing_is_judged_before_the_clock_runs_nor_in_the_grace_period() -> None:
    trial = Trial("http_req_failed rate<0.5", "1s: http_req_failed rate<0.5", grace=3.0)
    assert not trial.see(share("http_req_failed", 0.0), number=6)
    assert not trial.second([1.0], failed=1)
    assert not trial.second([1.0], failed=1)
    assert [turn.elapsed for turn in trial.second([1.0], failed=1)] == [3.0, 3.0]


def test_a_window_holds_no_time_of_setup_teardown_or_stopping() -> None:
    trial = Trial("2s: http_reqs rate>5")
    for _ in range(5):
        trial.load.elapsed += 1
        assert not trial.see(counter("data_sent", 1, trial.load.elapsed), number=6)
    for _ in range(4):
        assert not trial.second([1.0] * 9)
    assert trial.value == 9.0
    trial.load.elapsed += 10
    assert not trial.see(*trial.load.metrics(), number=8)
    assert not trial.see(*trial.load.metrics(), number=7, stopped=True)
    assert not trial.gate.failed


def test_a_pause_is_no_time_of_a_window() -> None:
    trial = Trial("2s: http_reqs rate>5")
    for paused in (False, False, True, True, True, False):
        trial.second([] if paused else [1.0] * 9, paused=paused)
    assert trial.value == 9.0
    assert not trial.gate.failed


def test_zeros_of_a_metric_that_only_a_threshold_named_are_not_judged() -> None:
    trial = Trial("checks rate>0.9")
    named = share("checks", 0.0)
    trial.see(named, number=6)
    trial.load.elapsed = 1.0
    assert not trial.see(counter("http_reqs", 1, 1.0), named)
    assert trial.standing.reason == "checks had no sample"
    assert not trial.gate.failed
    (turn,) = trial.see(counter("http_reqs", 1, 1.0), share("checks", 0.0, tainted=True))
    assert turn.evaluation.holds is False


def test_what_could_never_be_judged_has_not_failed_and_says_why() -> None:
    reasons = {
        "http_reqz count>5": "k6 gave no metric http_reqz; there is http_reqs",
        "mine count>5": "k6 gave no metric mine",
        "http_req_duration{a:b} avg<5": "k6 did not list http_req_duration{a:b}; it lists a submetric when a threshold"
        " in the script names it",
        "9s: http_reqs rate>5": "there was no whole window with a sample in it",
        "1s: http_req_duration{status:200} avg<5": "k6 did not list http_reqs{status:200}, which would count its"
        " samples",
    }
    trial = Trial(*reasons)
    for _ in range(3):
        trial.load.request(1.0)
        trial.load.elapsed += 1
        trial.see(*trial.load.metrics(), trend("http_req_duration{status:200}", 3.0))
    assert {standing.condition.source: standing.reason for standing in trial.gate.standings()} == reasons
    assert not trial.gate.failed


def test_a_share_that_its_counter_does_not_count_is_never_taken_for_one() -> None:
    trial = Trial("1s: http_req_failed rate<0.5")
    for _ in range(3):
        trial.load.elapsed += 1
        trial.see(counter("http_reqs", 3 * trial.load.elapsed, trial.load.elapsed), share("http_req_failed", 0.7))
    assert trial.standing.reason == "its samples are not counted: the script takes some requests out of it"


def test_a_condition_that_does_not_fit_its_metric_is_told_when_the_metric_comes() -> None:
    trial = Trial("mine rate<5")
    trial.second([1.0])
    with pytest.raises(ValueError, match="a gauge has no rate; compare its value"):
        trial.see(gauge("mine", 1.0))

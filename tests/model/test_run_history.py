from __future__ import annotations

import pytest

from dashboard.model.derive import INTERVAL_MEAN, INTERVAL_RATE, INTERVAL_SHARE
from dashboard.model.launched import Exit, ProcessNews
from dashboard.model.metric import Metric
from dashboard.model.observation import Observation, OutageKind, Snapshot
from dashboard.model.run import RunStatus, State
from dashboard.model.run_numbers import ELAPSED, TAINTED
from dashboard.model.status_history import VUS
from tests.model.building import START, Story, at_work, counter, gauge, share, trend


def http(count: float, elapsed: float, mean: float = 10.0) -> tuple[Metric, ...]:
    return (trend("http_req_duration", mean), counter("http_reqs", count, elapsed))


def running(story: Story, seconds: int, per_second: int = 10) -> None:
    """A run that is looked at once a second, from its beginning."""
    for second in range(1, seconds + 1):
        story.see(http(per_second * second, float(second)))


# One run, or two?


def test_a_run_that_goes_on_is_one() -> None:
    story = Story()
    running(story, 5)
    assert len(story.history.runs) == 1
    assert story.run.elapsed == 5.0
    assert story.run.first_seen == START + 1


@pytest.mark.parametrize(
    ("metrics", "status"),
    [
        (http(20, 2.0), at_work()),
        (http(60, 2.0), at_work()),
        (http(60, 6.0), at_work(6)),
        (http(60, 6.0), at_work(4, paused=True)),
        ((), at_work()),
        (None, at_work(1)),
    ],
    ids=["counts fell", "clock fell", "setup again", "at the gate again", "nothing counted", "status alone"],
)
def test_another_run_is_known_by_what_went_back(metrics: tuple[Metric, ...] | None, status: RunStatus) -> None:
    story = Story()
    running(story, 5)
    story.see(metrics, status)
    assert len(story.history.runs) == 2
    assert story.history.runs[0].state() is State.ENDED
    assert story.history.runs[0].has_gone
    assert story.run.status is status
    assert "run 2 begins" in story.titles


@pytest.mark.parametrize("final", [9, 10, 11])
def test_after_the_end_comes_another_run(final: int) -> None:
    story = Story()
    running(story, 3)
    story.see(http(35, 3.5), at_work(final))
    story.see(http(50, 5.0))
    assert [run.number for run in story.history.runs] == [1, 2]
    assert story.history.runs[0].state().is_over


def test_a_stop_is_not_taken_back() -> None:
    story = Story()
    running(story, 3)
    story.see(http(35, 3.5), at_work(7, stopped=True))
    story.see(http(40, 4.0))
    assert story.run.number == 2


@pytest.mark.parametrize("kind", list(OutageKind))
def test_a_long_outage_is_no_other_run(kind: OutageKind) -> None:
    story = Story()
    running(story, 5)
    for _ in range(60):
        story.miss(kind)
    story.see(http(660, 66.0))
    assert story.run.number == 1
    assert story.run.state() is State.RUNNING


@pytest.mark.parametrize("kind", list(OutageKind))
def test_a_pause_in_a_long_outage_is_no_other_run(kind: OutageKind) -> None:
    story = Story()
    running(story, 5)
    story.see(http(55, 5.5), at_work(paused=True, vus=0))
    for _ in range(60):
        story.miss(kind)
    story.see(http(60, 6.0))
    assert story.run.number == 1


def test_a_run_at_the_gate_through_an_outage_is_no_other_run() -> None:
    story = Story()
    story.see((), at_work(4, paused=True, vus=0))
    story.miss(OutageKind.REFUSED, after=100)
    story.see(http(10, 1.0))
    assert story.run.number == 1


@pytest.mark.parametrize("then", [OutageKind.REFUSED, OutageKind.TIMED_OUT])
def test_a_clock_that_began_while_the_port_was_closed_is_another(then: OutageKind) -> None:
    """Its counts are higher, and so is its clock."""
    story = Story()
    running(story, 5)
    story.miss(OutageKind.REFUSED)
    story.miss(then, after=100)
    story.see(http(900, 90.0))
    assert story.run.number == 2


@pytest.mark.parametrize("closed", [1.0, 0.3])
def test_a_run_that_began_as_soon_as_the_port_was_closed_is_another(closed: float) -> None:
    """When it is looked at, it has come as far as the one before."""
    story = Story()
    running(story, 5)
    story.miss(OutageKind.REFUSED, after=closed)
    story.see(http(90, 6.0), after=6.0)
    assert story.run.number == 2


def test_a_run_that_came_and_went_between_two_looks_is_another() -> None:
    story = Story()
    story.see(http(30, 3.0))
    story.see(http(80, 8.0), after=10)
    assert story.run.number == 2


@pytest.mark.parametrize("lost", [0.4, 3.0])
def test_a_clock_that_lost_a_little_is_the_same(lost: float) -> None:
    """As when the machine that runs k6 is short of breath."""
    story = Story()
    running(story, 30)
    story.see(http(400, 40.0 - lost), after=10)
    assert story.run.number == 1


def test_a_clock_that_ran_ahead_while_the_port_was_closed_is_another() -> None:
    story = Story()
    running(story, 5)
    story.miss(OutageKind.REFUSED)
    story.see(http(9000, 900.0))
    assert story.run.number == 2


def test_a_status_between_does_not_hide_that_the_port_was_closed() -> None:
    story = Story()
    running(story, 5)
    story.miss(OutageKind.REFUSED)
    story.see(None, after=60)
    story.see(http(560, 56.0))
    assert story.run.number == 2


def test_ahead_of_a_sleeping_watcher_is_no_other_run() -> None:
    """The machine's clock stands still while it sleeps; k6 elsewhere goes on."""
    story = Story()
    running(story, 5)
    story.see(http(36000, 3600.0))
    assert story.run.number == 1


# Intervals and gaps


def test_an_interval_is_exact() -> None:
    story = Story()
    story.see(http(10, 1.0, mean=5.0))
    story.see(http(30, 2.0, mean=9.0))
    assert story.run.value("http_reqs", INTERVAL_RATE, story.now) == 20.0
    assert story.run.value("http_req_duration", INTERVAL_MEAN, story.now) == 11.0


def test_a_look_too_soon_after_another_prolongs_the_interval_that_ended_there() -> None:
    story = Story()
    running(story, 2, per_second=100)
    seen: list[float | None] = []
    # k6 takes in what was measured every 50 ms: in 40 ms there is nothing new, or all of it.
    for count, elapsed in ((200, 2.04), (205, 2.08), (215, 2.12), (300, 3.0), (300, 3.0), (310, 3.1)):
        story.see(http(count, elapsed), after=max(0.01, elapsed - 2.0))
        seen.append(story.run.value("http_reqs", INTERVAL_RATE, story.now))
    expected = [100 / 1.04, 105 / 1.08, 115 / 1.12, 85 / 0.88, None, 10 / 0.1]
    assert seen == [value if value is None else pytest.approx(value) for value in expected]  # pyright: ignore[reportUnknownMemberType]


def test_two_looks_at_once_after_an_outage_have_no_interval_yet() -> None:
    story = Story()
    running(story, 2, per_second=100)
    story.miss()
    story.see(http(400, 4.0))
    story.see(http(400, 4.04), after=0.04)
    assert story.run.value("http_reqs", INTERVAL_RATE, story.now) is None
    story.see(http(500, 5.0))
    assert story.run.value("http_reqs", INTERVAL_RATE, story.now) == pytest.approx(100 / 0.96)  # pyright: ignore[reportUnknownMemberType]


@pytest.mark.parametrize("with_status_between", [False, True])
def test_no_interval_bridges_an_outage(with_status_between: bool) -> None:
    story = Story()
    running(story, 3)
    story.miss()
    if with_status_between:
        story.see(None)
    story.see(http(100, 10.0))
    assert story.run.value("http_reqs", INTERVAL_RATE, story.now) is None
    assert story.run.value("http_reqs", "count", story.now) == 100
    story.see(http(120, 11.0))
    assert story.run.value("http_reqs", INTERVAL_RATE, story.now) == 20.0


def test_a_status_alone_makes_no_gap_in_the_metrics() -> None:
    story = Story()
    running(story, 2)
    story.see(None, at_work(vus=9))
    assert story.run.value(*VUS, story.now) == 9
    assert story.run.value("http_reqs", "count", story.now) == 20
    assert story.run.last_row == story.now - 1
    story.see(http(60, 4.0))
    assert story.run.value("http_reqs", INTERVAL_RATE, story.now) == 20.0


def test_in_an_outage_nothing_is_known() -> None:
    story = Story()
    running(story, 2)
    story.miss()
    assert story.run.value("http_reqs", "count", story.now) is None
    assert story.run.value(*VUS, story.now) is None
    assert story.run.value("http_reqs", "count", story.now - 1) == 20
    assert [(gap.start, gap.end) for gap in story.run.gaps] == [(story.now, None)]
    story.see(http(30, 4.0))
    assert story.run.outage is None
    assert [(gap.start, gap.end) for gap in story.run.gaps] == [(story.now - 1, story.now)]


def test_looks_of_one_moment_are_kept_apart() -> None:
    story = Story()
    story.see(http(10, 1.0))
    story.miss(after=0)
    story.see(http(20, 2.0), after=0)
    assert story.run.value("http_reqs", "count", story.now + 1) == 20


def test_memory_does_not_depend_on_what_a_server_sends() -> None:
    story = Story()
    for look in range(3):
        story.see(tuple(gauge(f"g{look}_{index:05}", 1.0) for index in range(3000)))
    assert len(story.run.metrics) == 4000
    story.see(tuple(gauge(f"h{index:05}", 1.0) for index in range(3000)))
    assert len(story.run.metrics) == 4000


# The clock


@pytest.mark.parametrize("final", [9, 10, 11])
def test_the_clock_stands_still_after_the_end(final: int) -> None:
    story = Story()
    running(story, 3)
    story.see(http(35, 3.5), at_work(final, vus=0))
    for second in range(3):
        story.see(http(35, 4.5 + second), at_work(final, vus=0))
    assert story.run.elapsed == 3.5
    assert story.run.last_row == START + 4
    assert story.run.value("http_reqs", INTERVAL_RATE, story.now) == 10.0
    assert not story.run.clock_lingers


def test_a_threshold_evaluated_after_the_end_is_seen_and_the_last_interval_stays() -> None:
    story = Story()
    running(story, 3)
    story.see(http(35, 3.5), at_work(10))
    story.see((trend("http_req_duration", 10.0, tainted=True), counter("http_reqs", 35, 5.5)), at_work(10))
    assert story.run.tainted() == ("http_req_duration",)
    assert story.run.value("http_reqs", INTERVAL_RATE, story.now) == 10.0
    assert story.run.look(story.now)("http_reqs", INTERVAL_RATE) == 10.0
    assert story.run.look(story.now)("http_req_duration", TAINTED) == 1.0
    assert story.run.value(*ELAPSED, story.now) == 3.5
    assert story.run.final_row == START + 4


@pytest.mark.parametrize(("final", "lingers"), [(9, False), (10, True), (11, True)])
def test_attached_after_the_end_the_clock_is_a_bound(final: int, lingers: bool) -> None:
    story = Story()
    story.see(http(35, 13.5), at_work(final))
    assert story.run.elapsed == 13.5
    assert story.run.clock_lingers is lingers


@pytest.mark.parametrize(("final", "lingers"), [(9, False), (10, True)])
def test_over_during_an_outage_the_clock_is_a_bound(final: int, lingers: bool) -> None:
    story = Story()
    running(story, 3)
    story.miss()
    story.see(http(35, 13.5), at_work(final))
    assert story.run.clock_lingers is lingers


def test_metrics_that_come_long_after_the_end_do_not_stretch_the_clock() -> None:
    story = Story()
    running(story, 3)
    story.see(None, at_work(10))
    for _ in range(20):
        story.see(None, at_work(10))
    story.see(http(35, 24.0), at_work(10))
    assert story.run.elapsed == 4.0
    assert story.run.value("http_reqs", INTERVAL_RATE, story.now) == 5.0


# States


def test_never_seen_is_unreachable() -> None:
    story = Story()
    story.miss(OutageKind.REFUSED)
    assert story.run.state() is State.UNREACHABLE
    assert not story.run.has_gone


@pytest.mark.parametrize(
    ("status", "kinds", "state"),
    [
        (at_work(), [OutageKind.REFUSED], State.ENDED),
        (at_work(), [OutageKind.TIMED_OUT], State.UNREACHABLE),
        (at_work(), [OutageKind.REFUSED, OutageKind.UNDECODABLE], State.ENDED),
        (at_work(), [OutageKind.UNREACHABLE, OutageKind.REFUSED], State.ENDED),
        (at_work(6), [OutageKind.REFUSED], State.ENDED),
        (at_work(8, stopped=True), [OutageKind.REFUSED], State.STOPPED),
        (at_work(4, paused=True), [OutageKind.REFUSED], State.UNREACHABLE),
        (at_work(1), [OutageKind.REFUSED], State.UNREACHABLE),
        (at_work(9), [OutageKind.REFUSED], State.ENDED),
        (at_work(9), [OutageKind.TIMED_OUT], State.ENDED),
        (at_work(10), [OutageKind.REFUSED], State.STOPPED),
        (at_work(11), [OutageKind.REFUSED], State.FAILED),
    ],
)
def test_what_silence_tells(status: RunStatus, kinds: list[OutageKind], state: State) -> None:
    story = Story()
    story.see(http(10, 1.0), status)
    for kind in kinds:
        story.miss(kind)
    assert story.run.state() is state


def test_a_port_that_opens_again_takes_the_end_back() -> None:
    story = Story()
    running(story, 3)
    story.miss(OutageKind.REFUSED)
    assert story.run.has_gone
    story.see(http(50, 5.0))
    assert story.run.state() is State.RUNNING
    story.miss(OutageKind.TIMED_OUT)
    assert story.run.state() is State.UNREACHABLE


@pytest.mark.parametrize("status", [at_work(), at_work(4, paused=True)])
def test_a_stop_that_k6_accepted_is_a_stop(status: RunStatus) -> None:
    story = Story()
    story.see((), status)
    story.run.stop_accepted = True
    story.miss(OutageKind.REFUSED)
    assert story.run.state() is State.STOPPED


def ends(story: Story, code: int, *, after: float = 0.5) -> None:
    """The process that k6dash has started ends."""
    story.now += after
    end = Exit(code, "so it goes", code == 105, code == 110, code in (0, 99, 110))
    story.history.observe(Observation(story.now, 0.0, 0, Snapshot(launched=ProcessNews(exit=end))))


@pytest.mark.parametrize(
    ("code", "state"), [(0, State.ENDED), (99, State.ENDED), (105, State.STOPPED), (110, State.FAILED)]
)
def test_how_a_process_ended_is_known_from_that_moment_on(code: int, state: State) -> None:
    story = Story()
    running(story, 3)
    ends(story, code)
    story.miss(OutageKind.REFUSED)
    assert story.run.state() is state
    assert [story.run.state_at(START + second) for second in (3.0, 3.4, 3.5, 4.0, 9.0)] == [
        State.RUNNING,
        State.RUNNING,
        state,
        state,
        state,
    ]


def test_a_port_that_closed_before_the_process_ended_tells_less_until_then() -> None:
    story = Story()
    running(story, 3)
    story.miss(OutageKind.REFUSED)
    ends(story, 110)
    assert [story.run.state_at(START + second) for second in (4.0, 4.5)] == [State.ENDED, State.FAILED]


# VUs


def test_vus_of_a_paused_run_are_those_it_goes_on_with() -> None:
    story = Story()
    story.see(http(10, 1.0), at_work(vus=4))
    story.see(http(10, 1.0), at_work(paused=True, vus=0))
    assert story.run.vus == 4
    story.run.statuses.promise_vus(7)
    assert story.run.vus == 7
    story.see(http(20, 2.0), at_work(vus=6))
    assert story.run.vus == 6
    story.see(http(20, 2.0), at_work(paused=True, vus=0))
    assert story.run.vus == 6


def test_vus_that_become_fewer_while_it_pauses_are_not_those_it_goes_on_with() -> None:
    """Pausing waits for iterations to end; until then k6 shows fewer VUs and not yet a pause."""
    story = Story()
    story.see(http(10, 1.0), at_work(vus=7))
    story.run.statuses.is_pausing = True
    story.see(http(10, 1.0), at_work(vus=4))
    assert story.run.vus == 7
    story.see(http(10, 1.0), at_work(paused=True, vus=0))
    story.run.statuses.is_pausing = False
    assert story.run.vus == 7


def test_vus_at_the_gate_are_those_promised() -> None:
    story = Story()
    story.see((), at_work(4, paused=True, vus=0))
    assert story.run.vus == 0
    story.run.statuses.promise_vus(3)
    story.see((), at_work(4, paused=True, vus=0))
    assert story.run.vus == 3


# What becomes known later holds from then on


def test_tainted_null_true_and_false_are_three_things() -> None:
    story = Story()
    for tainted in (None, False, True, False):
        story.see((counter("http_reqs", 1, 1.0), trend("slow", 1.0, tainted=tainted)))
    moments = [START + second for second in (1, 2, 3, 4)]
    assert [story.run.value("slow", TAINTED, at) for at in moments] == [None, 0.0, 1.0, 0.0]
    assert [story.run.tainted(at) for at in moments] == [(), (), ("slow",), ()]
    assert [story.run.with_threshold(at) for at in moments] == [(), ("slow",), ("slow",), ("slow",)]
    assert story.run.tainted() == ()


def test_a_poisoned_metric_is_as_crossed_as_it_was() -> None:
    story = Story()
    story.see((counter("http_reqs", 1, 1.0), trend("slow", 1.0, tainted=True)))
    story.see((counter("http_reqs", 2, 2.0),), coherent=False, poisoned=("slow",))
    assert story.run.tainted() == ("slow",)
    assert story.run.tainted(story.now) == ("slow",)
    assert story.titles[-1] == "slow is poisoned"


def test_poisoned_since_when() -> None:
    story = Story()
    running(story, 2)
    story.see(http(30, 3.0), coherent=False, poisoned=("mine",))
    assert story.run.poisoned == ("mine",)
    assert story.run.poisoned_at(story.now) == ("mine",)
    assert story.run.poisoned_at(story.now - 1) == ()
    assert story.run.is_estimate("http_req_duration", INTERVAL_MEAN, story.now)
    assert not story.run.is_estimate("http_req_duration", INTERVAL_MEAN, story.now - 1)
    assert not story.run.is_estimate("http_reqs", INTERVAL_RATE, None)


def test_known_since_when() -> None:
    story = Story()
    story.see((counter("http_reqs", 1, 1.0),))
    story.see((counter("a_late_one", 1, 2.0), counter("http_reqs", 2, 2.0)))
    assert list(story.run.known(story.now - 1)) == ["http_reqs"]
    assert list(story.run.known(story.now)) == ["a_late_one", "http_reqs"]
    assert not story.run.has("a_late_one", "count", story.now - 1)
    assert story.run.has("a_late_one", "count", story.now)


def test_a_share_once_known_to_be_uncounted_is_given_up() -> None:
    """responseCallback: null. Ten of ten judged requests are fine, then 1 of 13 judged fails, among 30 requests."""
    story = Story()
    story.see((counter("http_reqs", 10, 1.0), share("http_req_failed", 0.0)))
    story.see((counter("http_reqs", 20, 2.0), share("http_req_failed", 0.0)))
    assert story.run.value("http_req_failed", INTERVAL_SHARE, story.now) == 0.0
    assert story.run.has_share("http_req_failed", story.now)
    story.see((counter("http_reqs", 30, 3.0), share("http_req_failed", 1 / 13)))
    story.see((counter("http_reqs", 40, 4.0), share("http_req_failed", 1 / 20)))
    assert story.run.value("http_req_failed", INTERVAL_SHARE, story.now) is None
    assert not story.run.has_share("http_req_failed", story.now)
    assert story.run.has_share("http_req_failed", START + 2)

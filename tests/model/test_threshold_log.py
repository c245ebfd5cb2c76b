"""The thresholds of a plan against k6's numbers and against its own verdict."""

from __future__ import annotations

import pytest

from dashboard.model.metric import Metric
from dashboard.model.observation import Observation, Snapshot
from dashboard.model.origin import Origin
from dashboard.model.plan import Plan, PlannedThreshold
from dashboard.model.threshold_log import Judgement, Standing, Watched
from tests.model.building import Story, at_work, counter, share, trend

DURATION = "http_req_duration"


def story(*thresholds: PlannedThreshold) -> Story:
    told = Story()
    plan = Plan((), thresholds, None)
    told.history.observe(Observation(told.now, 0.0, 0, Snapshot(plan=plan)))
    return told


def judged(told: Story, at: float | None = None) -> tuple[Judgement, ...]:
    run = told.run
    assert run.thresholds is not None
    moment = run.last_row if at is None else at
    assert moment is not None
    return run.thresholds.judge(run.look(moment), run.type_of, run.origin)


def see(told: Story, *metrics: Metric) -> None:
    told.see(tuple(sorted(metrics, key=lambda metric: metric.name)))


def test_each_expression_is_judged_by_the_numbers_with_its_margin() -> None:
    told = story(PlannedThreshold(DURATION, "p(95)<500"), PlannedThreshold(DURATION, "avg>100"))
    see(told, counter("http_reqs", 10, 1.0), trend(DURATION, 80.0, tainted=True, **{"p(95)": 420.0}))
    first, second = judged(told)
    assert (first.standing, first.value, first.margin) == (Standing.HOLDS, 420.0, 80.0)
    assert (second.standing, second.value, second.margin) == (Standing.FAILS, 80.0, -20.0)


def test_a_metric_without_a_sample_is_not_judged_and_it_is_said_what_becomes_of_it() -> None:
    told = story(
        PlannedThreshold("orders", "count>10"),
        PlannedThreshold("errors", "rate<0.1"),
        PlannedThreshold("later", "avg<1"),
    )
    see(told, counter("orders", 0, 1.0), share("errors", 0.0))
    orders, errors, later = judged(told)
    assert [each.standing for each in (orders, errors, later)] == [Standing.NO_DATA] * 3
    assert "takes 0 at the end, and it fails" in orders.why
    assert "it passes at the end" in errors.why
    assert "not listed" in later.why


def test_zero_is_a_value_once_k6_has_judged_it() -> None:
    told = story(PlannedThreshold("errors", "rate<0.1"))
    see(told, share("errors", 0.0, tainted=False))
    (errors,) = judged(told)
    assert (errors.standing, errors.value, errors.margin) == (Standing.HOLDS, 0.0, 0.1)


@pytest.mark.parametrize(
    ("tainted", "other", "standing", "is_concluded"),
    [
        (False, 80.0, Standing.HOLDS, True),  # all of the metric's hold
        (True, 80.0, Standing.FAILS, True),  # the other one holds: it can be no other
        (True, 700.0, Standing.UNKNOWN, False),  # the other one fails: this one may hold
        (None, 80.0, Standing.UNKNOWN, False),  # k6 has not judged yet
    ],
)
def test_what_the_api_does_not_give_is_concluded_from_k6s_verdict_or_unknown(
    tainted: bool | None, other: float, standing: Standing, is_concluded: bool
) -> None:
    told = story(PlannedThreshold(DURATION, "p(99)<500"), PlannedThreshold(DURATION, "avg<100"))
    see(told, trend(DURATION, other, tainted=tainted))
    unseen, seen = judged(told)
    assert (unseen.standing, unseen.is_concluded, unseen.value) == (standing, is_concluded, None)
    assert "does not give p(99)" in unseen.why
    assert seen.value == other


def from_file(told: Story, origin: Origin, *metrics: Metric) -> None:
    told.now += 1.0
    told.history.observe(Observation(told.now, 0.0, 0, Snapshot(at_work(), metrics, origin=origin)))


def test_a_file_that_gives_more_than_the_api_is_judged_by_what_it_gives() -> None:
    told = story(PlannedThreshold(DURATION, "p(99)<500"), PlannedThreshold(DURATION, "p(99.9)<900"))
    from_file(told, Origin.DASHBOARD, trend(DURATION, 80.0, tainted=True, **{"p(99)": 620.0}))
    given, absent = judged(told)
    assert (given.standing, given.value, given.margin, given.why) == (Standing.FAILS, 620.0, -120.0, "")
    assert (absent.standing, absent.crossed) == (Standing.UNKNOWN, True)
    assert absent.why == "the file does not give p(99.9); k6 says that one on the metric is crossed"


def test_of_samples_k6_says_nothing() -> None:
    told = story(
        PlannedThreshold(DURATION, "avg<100"),
        PlannedThreshold(DURATION, "p(99)<1"),
        PlannedThreshold("errors", "rate<1"),
    )
    from_file(told, Origin.SAMPLES, trend(DURATION, 80.0, tainted=True), share("errors", 0.0, tainted=False))
    average, unknown, errors = judged(told)
    assert [each.crossed for each in (average, unknown, errors)] == [None] * 3
    assert (average.standing, errors.standing) == (Standing.HOLDS, Standing.HOLDS)
    assert (unknown.standing, unknown.why) == (Standing.UNKNOWN, "the file does not give p(99)")
    assert told.run.thresholds is not None
    assert told.run.thresholds.differs_since(DURATION) is None


def test_the_first_crossing_is_an_event_and_since_when_it_fails_is_known_at_every_moment() -> None:
    told = story(PlannedThreshold(DURATION, "avg<100", abort_on_fail=True, delay=10.0))
    turns: list[float] = []
    for average in (50.0, 150.0, 160.0, 90.0, 170.0, 180.0):
        see(told, trend(DURATION, average, tainted=average > 100))
        turns.append(told.now)
    events = [event for event in told.history.events if event.title == f"{DURATION} avg<100 fails"]
    assert [event.at for event in events] == [turns[1]]
    assert "50 beyond the bound" in events[0].detail
    assert "ends the test" in events[0].detail
    assert "after 10 s" in events[0].detail
    assert told.run.thresholds is not None
    (watched,) = told.run.thresholds.watched
    since = [watched.failing_since(at) for at in turns]
    assert since == [None, turns[1], turns[1], None, turns[4], turns[4]]
    assert watched.failing_since(None) == turns[4]
    assert [watched.first_by(at) for at in (turns[0], turns[1], None)] == [None, turns[1], turns[1]]


def test_a_disagreement_with_k6_is_noticed_with_the_time_it_lasts() -> None:
    told = story(PlannedThreshold(DURATION, "avg<100"), PlannedThreshold("x", "count<5"))
    see(told, trend(DURATION, 150.0, tainted=False), counter("x", 3, 1.0, tainted=True))
    since = told.now
    see(told, trend(DURATION, 150.0, tainted=False), counter("x", 3, 2.0, tainted=False))
    assert told.run.thresholds is not None
    assert told.run.thresholds.differs_since(DURATION) == since
    assert told.run.thresholds.differs_since("x") is None
    see(told, trend(DURATION, 150.0, tainted=True), counter("x", 3, 3.0, tainted=False))
    assert told.run.thresholds.differs_since(DURATION) is None


def test_what_is_no_expression_or_none_for_that_metric_is_unknown_and_says_why() -> None:
    told = story(PlannedThreshold(DURATION, "p(101)<1"), PlannedThreshold(DURATION, "count<1"))
    see(told, trend(DURATION, 150.0, tainted=True))
    first, second = judged(told)
    assert (first.standing, second.standing) == (Standing.UNKNOWN, Standing.UNKNOWN)
    assert "is no percentile" in first.why
    assert "a trend has no count" in second.why


def test_a_plan_that_comes_late_is_judged_by_what_is_known_then() -> None:
    told = Story()
    told.see((trend(DURATION, 150.0, tainted=True),))
    plan = Plan((), (PlannedThreshold(DURATION, "avg<100"),), None)
    told.history.observe(Observation(told.now + 0.1, 0.0, 0, Snapshot(plan=plan)))
    assert f"{DURATION} avg<100 fails" in told.titles
    # The same plan again, as from a recording or a second source, forgets nothing.
    told.history.observe(Observation(told.now + 0.2, 0.0, 0, Snapshot(plan=plan)))
    assert told.titles.count(f"{DURATION} avg<100 fails") == 1


def test_a_crossing_is_told_again_only_after_a_long_time_in_which_it_held() -> None:
    told = story(PlannedThreshold(DURATION, "avg<100"))
    crossings: list[float] = []
    for seconds, average in ((1, 150.0), (1, 50.0), (29, 150.0), (1, 50.0), (30, 150.0)):
        told.see((trend(DURATION, average),), after=float(seconds))
        crossings += [event.at for event in told.history.events if event.at == told.now and "fails" in event.title]
    assert [at - told.now for at in crossings] == [-61.0, 0.0]


def test_k6_disagrees_as_well_where_it_says_crossed_of_what_holds() -> None:
    told = story(PlannedThreshold(DURATION, "avg<100"), PlannedThreshold(DURATION, "max<9e12"))
    see(told, trend(DURATION, 50.0, tainted=True))
    since = told.now
    see(told, trend(DURATION, 50.0, tainted=True))
    assert told.run.thresholds is not None
    assert told.run.thresholds.differs_since(DURATION) == since


def test_a_threshold_that_flaps_for_days_keeps_a_bounded_past_and_its_first_crossing() -> None:
    watched = Watched(PlannedThreshold(DURATION, "avg<100"))
    for second in range(5000):
        watched.turn(Standing.HOLDS if second % 2 else Standing.FAILS, float(second))
    assert len(watched.turns) == 500
    assert (watched.first_by(None), watched.failing_since(4998.5)) == (0.0, 4998.0)

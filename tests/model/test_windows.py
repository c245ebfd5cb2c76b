"""What exact statistics of periods add to a run's history, and how they stand beside what was looked at."""

from __future__ import annotations

import math

import pytest

from dashboard.model.derive import INTERVAL_MEAN, INTERVAL_RATE, INTERVAL_SHARE
from dashboard.model.metric import Contains, MetricType
from dashboard.model.observation import Observation, Snapshot
from dashboard.model.run_history import MOST_METRICS
from dashboard.model.series import Extract
from dashboard.model.status_history import VUS
from dashboard.model.window import Window, interval
from tests.model.building import START, Story, at_work, counter, gauge, share, trend

P95 = interval("p(95)")


def duration(end: float, p95: float, *, name: str = "http_req_duration", start: float | None = None) -> Window:
    begun = end - 1 if start is None else start
    return Window(name, MetricType.TREND, Contains.TIME, begun, end, {"avg": p95 / 2, "p(95)": p95})


def rate(end: float, name: str, value: float) -> Window:
    return Window(name, MetricType.RATE, Contains.DEFAULT, end - 1, end, {"rate": value})


def requests(end: float, count: float) -> Window:
    return Window("http_reqs", MetricType.COUNTER, Contains.DEFAULT, end - 1, end, {"count": count, "rate": count})


def tell(story: Story, *windows: Window) -> None:
    """Windows came, between two looks."""
    story.history.observe(Observation(story.now, 0.0, 100, Snapshot(windows=windows)))


def look_at(story: Story, seconds: int, *, mean: float = 10.0) -> None:
    for _ in range(seconds):
        elapsed = story.now + 1 - START
        story.see((trend("http_req_duration", mean), counter("http_reqs", 10 * elapsed, elapsed)))


def test_a_window_is_told_at_its_end_under_a_name_that_says_interval() -> None:
    story = Story()
    look_at(story, 3)
    tell(story, duration(START + 1.5, 90.0), duration(START + 2.5, 20.0))
    assert story.run.value("http_req_duration", P95, START + 2.0) == 90.0
    assert story.run.value("http_req_duration", P95, START + 3.0) == 20.0
    assert story.run.value("http_req_duration", "p(95)", START + 3.0) == 10.0
    assert story.run.value("http_req_duration", P95, START + 1.2) is None
    assert P95 in story.run.statistics("http_req_duration")


def test_the_present_includes_a_period_that_ended_since_the_newest_look() -> None:
    story = Story()
    look_at(story, 3)
    tell(story, duration(START + 2.5, 20.0), duration(START + 3.5, 30.0))
    assert story.run.value("http_req_duration", P95, START + 3.0) == 30.0
    look_at(story, 1)
    assert story.run.value("http_req_duration", P95, START + 3.0) == 20.0


def test_windows_are_no_look_and_end_no_outage() -> None:
    story = Story()
    look_at(story, 3)
    looks, last = story.history.looks, story.history.last
    story.miss()
    tell(story, duration(START + 3.5, 20.0))
    assert story.run.outage is not None
    assert story.history.looks == looks + 1
    assert story.history.last is not last
    assert not any("back" in title for title in story.titles)


def test_what_is_told_again_changes_nothing() -> None:
    story = Story()
    look_at(story, 3)
    tell(story, duration(START + 1, 20.0), duration(START + 2, 30.0))
    tell(story, duration(START + 1, 99.0), duration(START + 2, 99.0), duration(START + 3, 40.0))
    extract = story.run.extract("http_req_duration", P95, START, START + 9, 100)
    assert extract.lasts == (20.0, 30.0, 40.0)


def test_a_stream_that_broke_off_tells_nothing_of_the_present() -> None:
    story = Story()
    look_at(story, 2)
    tell(story, duration(START + 1.5, 20.0))
    look_at(story, 9)
    assert story.run.value("http_req_duration", P95, story.now) is None
    assert story.run.look(story.now)("http_req_duration", P95) is None
    assert story.run.value("http_req_duration", P95, START + 2) == 20.0


def test_the_last_period_of_a_run_stays_the_last() -> None:
    story = Story()
    look_at(story, 3)
    tell(story, duration(START + 2.9, 20.0))
    story.see((trend("http_req_duration", 10.0), counter("http_reqs", 40, 4.0)), at_work(9))
    story.see(None, at_work(9), after=60.0)
    assert story.run.value("http_req_duration", P95, story.now) == 20.0


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [(INTERVAL_RATE, [7.0, 8.0, 10.0, 10.0]), (INTERVAL_MEAN, [1.0, 2.0, 10.0, 10.0])],
)
def test_before_the_first_look_windows_tell_what_looks_would_have_told(statistic: str, expected: list[float]) -> None:
    story = Story()
    story.now = START + 2
    name = "http_reqs" if statistic == INTERVAL_RATE else "http_req_duration"
    look_at(story, 3)
    tell(
        story,
        *(w for end in (1, 2, 3, 4, 5) for w in (requests(START + end, 6.0 + end), duration(START + end, end * 2.0))),
    )
    extract = story.run.extract(name, statistic, START, START + 9, 100)
    # The first look has no interval yet; of it, and of all before, the windows tell.
    assert [value for value in extract.lasts if value == value] == [
        expected[0],
        expected[1],
        extract.lasts[2],
        *expected[2:],
    ]
    assert list(extract.times) == sorted(set(extract.times))
    assert story.run.value(name, statistic, START + 2) == expected[1]
    assert story.run.value(name, statistic, START + 5) == 10.0


def test_a_run_began_when_its_first_window_began() -> None:
    story = Story()
    story.now = START + 100
    look_at(story, 3)
    tell(story, duration(START + 31, 5.0), duration(START + 32, 5.0))
    assert story.run.first_seen == START + 30


def test_vus_before_the_first_look_come_from_windows() -> None:
    story = Story()
    story.now = START + 2
    story.see((gauge("vus", 3.0),))
    window = Window("vus", MetricType.GAUGE, Contains.DEFAULT, START, START + 1, {"value": 2.0})
    tell(story, window)
    assert story.run.value(*VUS, START + 1.5) == 2.0
    assert story.run.value(*VUS, START + 3) == 3.0
    assert story.run.extract(*VUS, START, START + 9, 100).lasts == (2.0, 3.0)


def test_a_metric_of_the_name_of_a_status_field_is_not_taken_for_it() -> None:
    story = Story()
    window = Window("tainted", MetricType.GAUGE, Contains.DEFAULT, START, START + 1, {"value": 1.0})
    tell(story, window)
    assert story.run.value("", "tainted", START + 2) is None


def test_the_share_of_a_rate_that_nothing_counts_is_known_by_its_windows() -> None:
    story = Story()
    story.see((share("checks", 0.9), share("http_req_failed", 1 / 3), counter("http_reqs", 10, 1.0)))
    story.see((share("checks", 0.9), share("http_req_failed", 1 / 3), counter("http_reqs", 20, 2.0)))
    assert not story.run.has_share("checks", None)
    assert not story.run.has_share("http_req_failed", None), "its samples are not those of http_reqs"
    tell(story, rate(START + 2, "checks", 0.25), rate(START + 2, "http_req_failed", 0.5))
    assert story.run.has_share("checks", None)
    assert story.run.has_share("http_req_failed", None)
    assert story.run.value("checks", INTERVAL_SHARE, story.now) == 0.25
    assert story.run.look(story.now)("http_req_failed", INTERVAL_SHARE) == 0.5


def test_a_period_without_samples_is_a_gap() -> None:
    story = Story()
    look_at(story, 4)
    other = rate(START + 2, "checks", 1.0)
    tell(story, duration(START + 1, 20.0), other, duration(START + 3, 40.0))
    lasts = story.run.extract("http_req_duration", P95, START, START + 9, 100).lasts
    assert [math.isnan(value) for value in lasts] == [False, True, False]


def test_metrics_that_only_windows_have_are_listed_with_their_kind() -> None:
    story = Story()
    look_at(story, 2)
    name = "http_req_duration{group:::checkout}"
    tell(story, duration(START + 2, 20.0, name=name))
    assert list(story.run.metrics) == sorted(story.run.metrics)
    assert story.run.metrics[name].contains is Contains.TIME
    assert list(story.run.known(START + 1.5)) == ["http_req_duration", "http_reqs"]


def test_memory_does_not_depend_on_what_a_stream_sends() -> None:
    story = Story()
    tell(story, *(duration(START + 1, 1.0, name=f"m{number}") for number in range(MOST_METRICS + 50)))
    assert len(story.run.metrics) == MOST_METRICS
    assert len(story.run.windows.table.keys) == 2 * MOST_METRICS


def test_two_extracts_make_one() -> None:
    one, two = Extract((1.0,), (1.0,), (2.0,), (2.0,)), Extract((3.0,), (3.0,), (4.0,), (3.5,))
    assert one + two == Extract((1.0, 3.0), (1.0, 3.0), (2.0, 4.0), (2.0, 3.5))

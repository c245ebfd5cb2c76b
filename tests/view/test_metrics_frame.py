from __future__ import annotations

import pytest

from dashboard.model.metric import Contains, Metric, MetricType
from dashboard.model.observation import Observation, Snapshot
from dashboard.model.window import Window
from dashboard.view.chart import Kind, Unit
from dashboard.view.metrics import build_metric, build_metrics, matches
from dashboard.view.overview import build_overview
from dashboard.view.selection import MetricSort, Selection, narrower, wider
from dashboard.view.units import unit_of
from tests.model.building import Story, at_work, counter, gauge, share, trend


def full() -> Story:
    """A run of two looks with every kind of metric."""
    story = Story()
    for second in (1, 2):
        story.see(
            (
                share("checks", 0.5, tainted=True),
                counter("data_received", 1000 * second, second, contains=Contains.DATA),
                trend("http_req_duration", 10.0 * second, tainted=False, max=99.0),
                trend("http_req_duration{status:200}", 5.0),
                share("http_req_failed", 0.0),
                counter("http_reqs", 10 * second, second),
                gauge("vus", second),
            )
        )
    return story


def labels(story: Story, **chosen: object) -> list[str]:
    return [row.label for row in build_metrics(story.history, Selection(**chosen), story.now).rows]  # type: ignore[arg-type]


def test_submetrics_stand_under_their_parents() -> None:
    story = full()
    rows = build_metrics(story.history, Selection(), story.now).rows
    assert [(row.label, row.depth) for row in rows if row.name.startswith("http_req_d")] == [
        ("http_req_duration", 0),
        ("{status:200}", 1),
    ]
    assert labels(story, descending=True) == [
        "vus",
        "http_reqs",
        "http_req_failed",
        "http_req_duration",
        "{status:200}",
        "data_received",
        "checks",
    ]


def test_without_its_parent_in_sight_a_submetric_bears_its_whole_name() -> None:
    assert labels(full(), filter="status") == ["http_req_duration{status:200}"]
    assert "http_req_duration{status:200}" in labels(full(), sort=MetricSort.TYPE)


@pytest.mark.parametrize(
    ("sort", "descending", "first"),
    [
        (MetricSort.TYPE, False, "data_received"),
        (MetricSort.TYPE, True, "http_req_duration"),
        (MetricSort.INTERVAL, True, "data_received"),
        (MetricSort.VALUE, True, "data_received"),
        (MetricSort.VALUE, False, "http_req_failed"),
        (MetricSort.MED, True, "http_req_duration"),
        (MetricSort.MED, False, "http_req_duration{status:200}"),
        (MetricSort.MAX, True, "http_req_duration{status:200}"),
        (MetricSort.TAINTED, True, "checks"),
    ],
)
def test_sorted_what_has_no_value_comes_last(sort: MetricSort, descending: bool, first: str) -> None:
    story = full()
    assert labels(story, sort=sort, descending=descending)[0] == first
    if sort in (MetricSort.MED, MetricSort.MAX):
        assert labels(story, sort=sort, descending=descending)[2:] == [
            "checks",
            "data_received",
            "http_req_failed",
            "http_reqs",
            "vus",
        ]


@pytest.mark.parametrize(
    ("name", "wanted", "passes"),
    [
        ("http_reqs", "", True),
        ("http_reqs", " REQ ", True),
        ("http_reqs", "vus", False),
        ("http_reqs", "!", True),
        ("http_reqs", "!req", False),
        ("http_reqs", "!vus", True),
    ],
)
def test_a_filter(name: str, wanted: str, passes: bool) -> None:
    assert matches(name, wanted) is passes


def test_a_row_shows_what_it_is() -> None:
    story = full()
    frame = build_metrics(story.history, Selection(), story.now)
    rows = {row.name: row for row in frame.rows}
    row = rows["http_req_duration"]
    assert (row.interval.value, row.interval.unit, row.interval.kind) == (30.0, Unit.MILLISECONDS, Kind.INTERVAL)
    assert (row.value.value, row.value.kind) == (20.0, Kind.CUMULATIVE)
    assert row.statistics == (20.0, 20.0, 20.0, 99.0)
    assert (row.tainted, rows["checks"].tainted, rows["vus"].tainted) == (False, True, None)
    assert rows["http_reqs"].interval.value == 10.0
    assert rows["data_received"].interval.unit is Unit.BYTES_PER_SECOND
    assert rows["vus"].interval.kind is Kind.NOW
    assert rows["http_req_failed"].interval.value == 0.0
    assert rows["checks"].interval.value is None
    assert rows["http_reqs"].spark == (10.0,)
    assert (frame.shown, frame.total) == (7, 7)


@pytest.mark.parametrize(
    ("name", "words", "statistics"),
    [
        (
            "http_req_duration",
            "interval mean is exact",
            ["avg", "min", "med", "p(90)", "p(95)", "max", "interval mean"],
        ),
        ("http_req_duration{status:200}", "no interval mean can be had", None),
        ("http_reqs", "interval rate is exact", ["count", "rate", "interval rate"]),
        ("http_req_failed", "interval share is exact", ["rate", "interval share"]),
        ("checks", "Cumulative only", ["rate"]),
        ("vus", "value of this moment", ["value"]),
    ],
)
def test_a_metric_opened_says_what_can_be_known(name: str, words: str, statistics: list[str] | None) -> None:
    story = full()
    frame = build_metric(story.history, Selection(metric=name), story.now)
    assert words in frame.explanation
    assert statistics is None or [statistic for statistic, _ in frame.statistics] == statistics


def test_every_digit_of_k6_is_there() -> None:
    story = Story()
    story.see((trend("http_req_duration", 11.349242757575762), counter("http_reqs", 123_456_789_012, 2.5006)))
    frame = build_metric(story.history, Selection(metric="http_req_duration"), story.now)
    assert dict(frame.statistics)["avg"].value == 11.349242757575762
    frame = build_metric(story.history, Selection(metric="http_reqs"), story.now)
    values = dict(frame.statistics)
    assert values["count"].value == 123_456_789_012
    assert values["rate"].value == 123_456_789_012 / 2.5006


def test_a_counters_rate_stands_still_after_the_end() -> None:
    """k6's own falls while it lingers."""
    story = Story()
    story.see((counter("http_reqs", 10, 1.0),))
    story.see((counter("http_reqs", 20, 2.0),), at_work(10))
    story.see((counter("http_reqs", 20, 4.0), share("checks", 1.0, tainted=True)), at_work(10))
    frame = build_metric(story.history, Selection(metric="http_reqs"), story.now)
    assert dict(frame.statistics)["rate"].value == 10.0
    assert dict(frame.statistics)["interval rate"].value == 10.0


def test_a_metric_that_is_not_there_yet() -> None:
    story = full()
    frame = build_metric(story.history, Selection(metric="nothing"), story.now)
    assert frame.type is None
    assert frame.chart.spec.empty


def test_tiles_are_what_k6_says() -> None:
    story = full()
    frame = build_overview(story.history, Selection(), story.now)
    tiles = {tile.title: tile for tile in frame.tiles}
    assert tiles["Requests"].number.value == 10.0
    assert tiles["Duration, mean"].number.value == 30.0
    assert tiles["Failed"].number.value == 0.0
    assert tiles["Checks"].number.kind is Kind.CUMULATIVE
    assert tiles["VUs"].number.value == 3
    assert [(row.metric, row.is_crossed) for row in frame.thresholds] == [
        ("checks", True),
        ("http_req_duration", False),
    ]


@pytest.mark.parametrize(
    ("metric", "statistic", "unit"),
    [
        (counter("c", 1, 1), "count", Unit.NUMBER),
        (counter("c", 1, 1), "rate", Unit.PER_SECOND),
        (counter("c", 1, 1, contains=Contains.DATA), "count", Unit.BYTES),
        (counter("c", 1, 1, contains=Contains.DATA), "interval rate", Unit.BYTES_PER_SECOND),
        (share("r", 1), "rate", Unit.RATIO),
        (trend("t", 1), "p(95)", Unit.MILLISECONDS),
        (trend("t", 1, count=2), "count", Unit.NUMBER),
        (gauge("g", 1), "value", Unit.NUMBER),
        (Metric("g", MetricType.GAUGE, Contains.DATA, None, {}), "value", Unit.BYTES),
    ],
)
def test_units(metric: Metric, statistic: str, unit: Unit) -> None:
    story = Story()
    story.see((metric,))
    assert unit_of(story.run.metrics[metric.name], statistic) is unit


def test_windows_are_chosen_one_after_the_other() -> None:
    assert (wider(300), narrower(300)) == (600, 120)
    assert narrower(30) == 30
    assert wider(wider(86400)) == wider(86400)


def test_statistics_of_a_period_follow_those_of_the_run_in_k6s_order() -> None:
    story = full()
    told = {"avg": 11.0, "max": 13.0, "med": 11.5, "min": 9.0, "p(90)": 12.0, "p(95)": 12.5, "p(99)": 12.9}
    window = Window("http_req_duration", MetricType.TREND, Contains.TIME, story.now - 1.0, story.now, told)
    story.history.observe(Observation(story.now, 0.0, 0, Snapshot(windows=(window,))))
    opened = build_metric(story.history, Selection(metric="http_req_duration"), story.now)
    names = [name for name, _ in opened.statistics]
    of_period = [f"interval {name}" for name in ("avg", "min", "med", "p(90)", "p(95)", "p(99)", "max")]
    assert names[-8:] == ["interval mean", *of_period]
    assert {number.kind for name, number in opened.statistics if name in of_period} == {Kind.INTERVAL}
    percentiles = [(line.label, line.kind) for line in opened.chart.spec.lines]
    assert percentiles == [(name, Kind.INTERVAL) for name in ("med", "p(90)", "p(95)", "p(99)", "mean")]

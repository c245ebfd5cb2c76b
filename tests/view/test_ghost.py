"""The baseline behind the run shown: at the same moments of the test's clock, and nowhere else."""

from __future__ import annotations

import math

import pytest

from dashboard.model.metric import Metric
from dashboard.model.run_history import RunHistory
from dashboard.view.baseline import Baseline
from dashboard.view.chart import Kind, Line
from dashboard.view.frame import ChartFrame
from dashboard.view.lines import COLUMNS
from dashboard.view.metrics import build_metric
from dashboard.view.overview import build_overview
from dashboard.view.selection import Selection
from tests.model.building import START, Load, Story, at_work, counter, share, trend

DOT = 300 / COLUMNS / 2
"""Seconds of a dot in a window of five minutes: so far a ghost may lie from its moment."""


def told(durations: list[float | None], *, vus: int = 3, late: float = 0.0, **more: Metric) -> Story:
    """A run with one request a second, of such a duration; it is paused for a second where there is none."""
    story, load = Story(), Load()
    story.now += late
    for duration in durations:
        if duration is None:
            story.see(load.metrics(share("checks", 0.9), *more.values()), at_work(paused=True, vus=vus))
            continue
        load.request(duration)
        load.elapsed += 1
        story.see(load.metrics(share("checks", 0.9), *more.values()), at_work(vus=vus))
    return story


def baseline(run: RunHistory) -> Baseline:
    return Baseline("before.ndjson.gz", lambda: run)


def chart_of(story: Story, before: Story | None, cursor: float | None = None, name: str = "durations") -> ChartFrame:
    selection = Selection(cursor, baseline=None if before is None else baseline(before.run))
    frame = build_overview(story.history, selection, story.now)
    return next(chart for chart in frame.charts if chart.id == name)


def ghost(chart: ChartFrame, label: str = "mean") -> Line:
    (found,) = [line for line in chart.spec.lines if line.is_ghost and line.label == label]
    return found


def steps(*levels: float, seconds: int = 20) -> list[float | None]:
    """Durations that stay at each level for some time."""
    return [level for level in levels for _ in range(seconds)]


def seen_at(line: Line, elapsed: float) -> float:
    """The value at a moment after the start, where there is one."""
    near = [y for x, y in zip(line.xs, line.ys, strict=True) if abs(x - START - elapsed) <= DOT + 0.5]
    assert near, f"nothing near {elapsed}"
    return near[0]


def breaks(line: Line) -> list[float]:
    """Where a line is broken, in seconds; the first look has no interval before it."""
    return [x - START for x, y in zip(line.xs, line.ys, strict=True) if math.isnan(y) and x > START + 2]


def test_the_ghost_is_behind_and_says_so() -> None:
    chart = chart_of(told(steps(10.0)), told(steps(30.0)))
    marked = [line.is_ghost for line in chart.spec.lines]
    assert marked == sorted(marked, reverse=True), "what is drawn first lies behind"
    assert [line.label for line in chart.spec.lines if line.is_ghost] == [
        line.label for line in chart.spec.lines if not line.is_ghost
    ]
    assert chart.spec.ghost == "baseline"
    assert chart_of(told(steps(10.0)), None).spec.ghost == ""


def test_it_lies_where_the_test_was_then_whatever_time_it_was() -> None:
    before = told(steps(10.0, 80.0, 20.0), late=12_345.6)
    line = ghost(chart_of(told(steps(5.0, 5.0, 5.0)), before))
    assert [seen_at(line, elapsed) for elapsed in (15, 35, 55)] == [10, 80, 20]


def test_pauses_of_either_run_are_no_time_of_the_test() -> None:
    paused: list[float | None] = [*steps(10.0), *[None] * 30, *steps(80.0)]
    # The baseline was paused: there is no trace of that.
    line = ghost(chart_of(told(steps(5.0, 5.0)), told(paused)))
    assert [seen_at(line, elapsed) for elapsed in (15, 35)] == [10, 80]
    assert not breaks(line)
    # The run shown is paused: the ghost has a gap there and goes on behind it.
    line = ghost(chart_of(told(paused), told(steps(10.0, 80.0))))
    assert [seen_at(line, elapsed) for elapsed in (15, 65)] == [10, 80]
    assert len(breaks(line)) == 1
    assert not [x for x in line.xs if 22 < x - START < 48]


def test_where_the_baseline_has_nothing_nothing_is_drawn() -> None:
    story, short = told(steps(10.0, 10.0, 10.0)), told(steps(30.0))
    line = ghost(chart_of(story, short))
    assert START + 19 < line.xs[-1] <= START + 20 + DOT
    frame = build_overview(story.history, Selection(baseline=baseline(short.run)), story.now)
    assert {tile.change for tile in frame.tiles} == {""}
    assert chart_of(story, Story()).spec.ghost == "baseline: not read yet"
    late = Selection(START + 60, window=30, baseline=baseline(short.run))
    chart = build_overview(story.history, late, story.now).charts[0]
    assert (chart.spec.ghost, any(each.is_ghost for each in chart.spec.lines)) == ("baseline: over by then", False)


def test_a_metric_that_the_baseline_had_not_is_said_to_be_missing() -> None:
    story = told(steps(10.0), own=trend("checkout", 40.0))
    selection = Selection(metric="checkout", baseline=baseline(told(steps(30.0)).run))
    frame = build_metric(story.history, selection, story.now)
    assert frame.chart.spec.ghost == "not in the baseline"
    assert not any(line.is_ghost for line in frame.chart.spec.lines)
    assert frame.compared is not None
    assert {(number.value, change) for number, change in frame.compared} == {(None, "")}


def test_an_outage_of_the_baseline_breaks_the_ghost() -> None:
    before, load = Story(), Load()
    for second in range(40):
        load.elapsed += 1
        load.request(10.0)
        if 15 <= second < 25:
            before.miss()
        else:
            before.see(load.metrics())
    line = ghost(chart_of(told(steps(5.0, 5.0)), before))
    assert breaks(line)
    known = [x - START for x, y in zip(line.xs, line.ys, strict=True) if y == y]
    assert not [x for x in known if 16.5 < x < 25.5]
    assert {round(x) for x in known} >= {10, 15, 30, 35}


@pytest.mark.parametrize("cursor", [None, START + 10.4, START + 30.9])
def test_what_differs_is_told_for_the_same_kind_of_number_at_the_same_moment(cursor: float | None) -> None:
    story, before = told(steps(10.0, 12.0), vus=5), told(steps(20.0, 16.0), late=99.25)
    selection = Selection(cursor, baseline=baseline(before.run))
    tiles = {tile.title: tile for tile in build_overview(story.history, selection, story.now).tiles}
    assert tiles["Duration, mean"].number.kind is Kind.INTERVAL
    late = cursor is None or cursor > START + 20
    assert tiles["Duration, mean"].change == ("-25%" if late else "-50%")
    assert tiles["Requests"].change == "±0%"
    assert tiles["VUs"].change == "+2"
    assert tiles["Failed"].change == "±0"
    frame = build_metric(
        story.history, Selection(cursor, metric="http_req_duration", baseline=selection.baseline), story.now
    )
    assert frame.compared is not None
    for (name, number), (other, _) in zip(frame.statistics, frame.compared, strict=True):
        row = before.run.table.moment(before.run.first_seen + (cursor or story.now) - story.run.first_seen).at
        assert row is not None
        assert (other.value, other.kind) == (before.run.value("http_req_duration", name, row), number.kind)


def test_a_ghost_costs_no_more_points_than_the_line_before_it() -> None:
    story, before = told(steps(10.0, seconds=900)), told(steps(10.0, 30.0, seconds=3000))
    for window in (300.0, 86_400.0):
        selection = Selection(window=window, baseline=baseline(before.run))
        for chart in build_overview(story.history, selection, story.now).charts:
            for line in chart.spec.lines:
                assert len(line.xs) <= 8 * COLUMNS


def test_the_ghost_stands_still_while_time_goes_on() -> None:
    """A piece of a chart is drawn anew only where its points are others: an answer a little late moves none."""
    before = told(steps(10.0, 30.0, seconds=60))
    story, load = Story(), Load()
    drawn: list[Line] = []
    for second in range(60):
        load.elapsed += 1 + 0.004 * (second % 5) - 0.004 * ((second - 1) % 5)
        load.request(10.0)
        story.see(load.metrics())
        if second >= 20:
            drawn.append(ghost(chart_of(story, before)))
    assert len({(line.xs, line.ys) for line in drawn if line.xs[0] == drawn[0].xs[0]}) <= 2


def test_a_cumulative_number_never_stands_beside_one_of_an_interval() -> None:
    story, before = told(steps(10.0)), told(steps(30.0))
    frame = build_metric(story.history, Selection(metric="http_req_duration", baseline=baseline(before.run)), story.now)
    kinds = {line.label: line.kind for line in frame.chart.spec.lines if not line.is_ghost}
    for line in frame.chart.spec.lines:
        assert line.kind is kinds[line.label]
    assert frame.compared is not None
    for (_, number), (other, _) in zip(frame.statistics, frame.compared, strict=True):
        assert (number.kind, number.unit) == (other.kind, other.unit)


def test_counters_are_compared_too() -> None:
    story, before = (
        told(steps(10.0), orders=counter("orders", 40, 20)),
        told(steps(30.0), orders=counter("orders", 20, 20)),
    )
    frame = build_metric(story.history, Selection(metric="orders", baseline=baseline(before.run)), story.now)
    assert frame.compared is not None
    told_of = {name: change for (name, _), (_, change) in zip(frame.statistics, frame.compared, strict=True)}
    assert told_of["count"] == "+20"

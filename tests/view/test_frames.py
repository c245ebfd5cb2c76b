"""Frames are functions of a history and a moment: the same twice, and deaf to what comes later."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.model.event import EventKind
from dashboard.model.metric import Metric
from dashboard.model.observation import OutageKind
from dashboard.model.run import RunStatus
from dashboard.view.events import build_events
from dashboard.view.header import build_header
from dashboard.view.metrics import build_metric, build_metrics
from dashboard.view.overview import build_overview
from dashboard.view.selection import MetricSort, Selection
from tests.model.building import Load, Story, at_work, counter, gauge, share, trend

NAMES = ("http_req_duration", "http_reqs", "http_req_failed", "checks", "vus", "mine", "late{a:b}", "nothing")


class Chance(Story):
    """A run to which hypothesis happens."""

    def __init__(self) -> None:
        super().__init__()
        self.load = Load()
        self.looks = 0

    def step(self, what: str, size: int) -> None:
        self.looks += 1
        if what == "outage":
            self.miss(list(OutageKind)[size % len(OutageKind)])
            return
        self.load.elapsed += 0 if what == "paused" else 1.0
        for index in range(0 if what == "paused" else size):
            self.load.request(float(index * size % 17), failed=index % 5 == 0)
        more: list[Metric] = [share("checks", 0.5, tainted=(None, False, True)[size % 3]), gauge("vus", size)]
        if self.looks > 3:
            more += [trend("late{a:b}", float(size), tainted=size > 5), counter("mine", -size, self.load.elapsed + 1)]
        if what == "uncounted":
            self.load.failed[-1:] = []
        metrics = None if what == "status" else self.load.metrics(*more)
        poisoned = ("late{a:b}",) if what == "poisoned" else ()
        if what == "poisoned" and metrics is not None:
            metrics = tuple(metric for metric in metrics if metric.name not in poisoned)
        status: RunStatus = at_work(
            9 if what == "ended" else 7, paused=what == "paused", vus=size, tainted=size % 2 == 0
        )
        self.see(metrics, status, coherent=what != "poisoned", poisoned=poisoned)
        if size == 7:
            self.history.note(self.now, EventKind.MARK, "mark")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["run", "run", "run", "status", "paused", "outage", "poisoned", "uncounted", "ended"]),
        st.integers(0, 12),
    ),
    min_size=1,
    max_size=40,
)
LIVE = {"state", "note", "wanted_vus", "control", "age", "is_stale", "cadence", "is_slowed", "round_trip", "run_count"}
"""What the header says of the present, whatever moment is shown."""


def frames(story: Story, selection: Selection, now: float) -> list[object]:
    """Everything that is shown, down to each row."""
    run = story.run
    header = build_header(story.history, selection, now=now, interval=1.0, cadence=1.0, capabilities={})
    shown = {name: getattr(header, name) for name in header.__slots__ if name not in LIVE}
    lists = [build_metrics(story.history, replace(selection, sort=sort), now) for sort in MetricSort]
    return [
        shown,
        build_overview(story.history, selection, now),
        lists,
        [list(frame.rows) for frame in lists],
        [build_metric(story.history, replace(selection, metric=name), now) for name in NAMES],
        build_events(story.history, selection) if selection.cursor is not None else None,
        run.number,
    ]


@given(STEPS, STEPS, st.integers(0, 39), st.sampled_from([30.0, 300.0]), st.floats(0, 0.99))
def test_frames_at_a_cursor_are_deaf_to_what_comes_later(
    first: list[tuple[str, int]], then: list[tuple[str, int]], back: int, window: float, between: float
) -> None:
    story = Chance()
    story.step("run", 3)
    for step in first:
        story.step(*step)
    number = story.run.number
    cursor = max(story.now - min(back, len(first)) + between, story.history.first_seen)
    selection = Selection(cursor=min(cursor, story.now), window=window, run=number)
    before = frames(story, selection, story.now)
    for step in then:
        story.step(*step)
        if story.run.number != number:
            return
    assert frames(story, selection, story.now) == before


@given(STEPS)
def test_the_same_twice_is_equal(steps: list[tuple[str, int]]) -> None:
    """NaN included, or everything would be drawn anew for nothing."""
    story = Chance()
    for step in steps:
        story.step(*step)
    for selection in (Selection(), Selection(cursor=story.now - 2)):
        assert frames(story, selection, story.now) == frames(story, selection, story.now)


@pytest.mark.parametrize("cursor", [None, -100.0])
def test_there_are_frames_before_there_is_anything(cursor: float | None) -> None:
    story = Story()
    assert "Asking" in build_overview(story.history, Selection(cursor=cursor), story.now).waiting
    story.miss(OutageKind.REFUSED)
    frames(story, Selection(cursor=cursor), story.now)
    waiting = build_overview(story.history, Selection(cursor=cursor), story.now).waiting
    assert "k6 run --address localhost:6565" in waiting
    assert "Tried once" in waiting
    story.miss(OutageKind.UNDECODABLE)
    assert "Is the port right?" in build_overview(story.history, Selection(), story.now).waiting
    story.see(())
    assert build_overview(story.history, Selection(), story.now).waiting == ""


def test_a_lazy_list_makes_only_the_rows_that_are_looked_at() -> None:
    story = Story()
    story.see(tuple(gauge(f"g{index:03}", index) for index in range(400)))
    extracts = 0
    genuine = story.run.extract

    def counted(*args: object, **kwargs: object) -> object:
        nonlocal extracts
        extracts += 1
        return genuine(*args, **kwargs)  # type: ignore[arg-type]

    story.run.extract = counted  # type: ignore[method-assign,assignment]
    frame = build_metrics(story.history, Selection(), story.now)
    assert frame == build_metrics(story.history, Selection(), story.now)
    assert (len(frame.rows), extracts) == (400, 0)
    assert [row.name for row in frame.rows[10:12]] == ["g010", "g011"]
    assert frame.rows[10] is frame.rows[10]
    assert extracts == 2


def test_a_new_look_is_another_list() -> None:
    story = Story()
    story.see((gauge("g", 1),))
    before = build_metrics(story.history, Selection(), story.now)
    story.see((gauge("g", 1),))
    assert build_metrics(story.history, Selection(), story.now) != before

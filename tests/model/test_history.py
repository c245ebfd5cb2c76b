from __future__ import annotations

import dataclasses

import pytest

from dashboard.model import history as module
from dashboard.model.event import EventKind
from dashboard.model.history import MOST_EVENTS, MOST_RUNS
from dashboard.model.observation import OutageKind
from tests.model.building import START, Story, at_work, counter, trend
from tests.model.test_run_history import http, running


def test_a_whole_story() -> None:
    story = Story()
    story.miss(OutageKind.REFUSED)
    story.see((), at_work(1))
    story.see((), at_work(4, paused=True))
    story.see((), at_work(6))
    story.see(http(10, 1.0))
    story.see((trend("http_req_duration", 10.0, tainted=True), counter("http_reqs", 20, 2.0)))
    story.see((trend("http_req_duration", 10.0, tainted=False), counter("http_reqs", 30, 3.0)))
    story.miss()
    story.see(http(50, 5.0))
    story.see(http(60, 6.0), at_work(8))
    story.see(http(60, 6.0), at_work(9))
    story.miss(OutageKind.REFUSED)
    assert [(event.title, event.detail, event.is_bad) for event in story.history.events] == [
        ("starting", "as first seen", False),
        ("paused", "was starting", False),
        ("starting", "was paused", False),
        ("running", "was starting", False),
        ("http_req_duration crossed", "A threshold on it is crossed.", True),
        ("http_req_duration holds again", "No threshold on it is crossed now.", False),
        ("k6 does not answer", "it is timed out", True),
        ("k6 is back after 1 s", "", False),
        ("teardown", "was running", False),
        ("ended", "was teardown", False),
        ("k6 has gone", "it is refused. The last data stays.", False),
    ]
    assert [event.id for event in story.history.events] == list(range(1, 12))
    assert story.history.looks == 12


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (OutageKind.UNREACHABLE, "k6 cannot be reached"),
        (OutageKind.TIMED_OUT, "k6 does not answer"),
        (OutageKind.REJECTED, "k6 refuses to answer"),
        (OutageKind.UNDECODABLE, "k6 answers with something else"),
    ],
)
def test_an_outage_is_said_once(kind: OutageKind, title: str) -> None:
    story = Story()
    running(story, 2)
    for _ in range(5):
        story.miss(kind)
    assert story.titles == ["running", title]
    assert story.history.events[-1].is_bad


def test_each_thing_that_is_wrong_is_said_once_in_an_outage() -> None:
    story = Story()
    running(story, 2)
    for _ in range(3):
        story.miss(OutageKind.REFUSED)
        story.miss(OutageKind.UNDECODABLE)
    assert story.titles == ["running", "k6 has gone", "ended", "k6 answers with something else"]
    story.see(http(90, 9.0))
    assert story.titles[4:] == ["k6 is back after 6 s", "running"]
    story.miss(OutageKind.UNDECODABLE)
    assert story.titles[-1] == "k6 answers with something else"


def test_a_k6_that_left_does_not_say_how() -> None:
    story = Story()
    running(story, 2)
    story.miss(OutageKind.REFUSED)
    assert "--linger" in story.history.events[1].detail


def test_before_the_first_answer_nothing_is_noted() -> None:
    story = Story()
    for kind in OutageKind:
        story.miss(kind)
    assert story.titles == []
    assert story.history.looks == len(OutageKind)


@pytest.mark.parametrize("number", [10, 11])
def test_how_it_ended_is_said(number: int) -> None:
    story = Story()
    running(story, 2)
    story.see(http(20, 2.0), at_work(number))
    assert story.titles[-1] == {10: "stopped", 11: "failed"}[number]
    assert story.history.events[-1].is_bad is (number == 11)


def test_a_poisoned_list_of_unknown_names_is_said() -> None:
    story = Story()
    story.see(http(10, 1.0), coherent=False)
    story.see(http(20, 2.0), coherent=False)
    story.see(http(30, 3.0))
    assert story.titles == ["a metric is poisoned", "running", "the list of metrics is back"]


def test_an_event_may_be_revised_until_it_is_dropped() -> None:
    story = Story()
    event = story.history.note(START, EventKind.MARK, "mark")
    story.history.revise(dataclasses.replace(event, title="better"))
    assert story.titles == ["better"]
    for _ in range(MOST_EVENTS):
        story.history.note(START, EventKind.MARK, "more")
    assert len(story.history.events) == MOST_EVENTS
    story.history.revise(dataclasses.replace(event, title="again"))
    assert "again" not in story.titles


def test_the_oldest_runs_are_given_up() -> None:
    story = Story()
    for _ in range(MOST_RUNS + 3):
        running(story, 2)
    assert [run.number for run in story.history.runs] == list(range(4, MOST_RUNS + 4))


def test_runs_are_given_up_sooner_where_they_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NUMBERS", 100)
    story = Story()
    for _ in range(5):
        running(story, 20)
    assert [run.number for run in story.history.runs] == [4, 5]


def test_the_round_trip_is_that_of_the_metrics() -> None:
    story = Story()
    seen: list[float | None] = []
    for metrics in (None, ()):
        story.see(metrics)
        seen.append(story.history.round_trip)
    assert seen == [None, 0.001]
    assert story.history.last is story.history.last_snapshot

from __future__ import annotations

import dataclasses

import pytest

from dashboard.model.event import EventKind
from dashboard.view.events import build_events
from dashboard.view.selection import Selection
from tests.model.building import START, Story


def story() -> Story:
    told = Story()
    told.history.note(START + 1, EventKind.MARK, "first", "Of the user")
    told.history.note(START + 2, EventKind.OUTAGE, "k6 does not answer", is_bad=True)
    told.history.note(START + 3, EventKind.ACTION, "pause asked", is_open=True)
    return told


@pytest.mark.parametrize(
    ("selection", "ids"),
    [
        (Selection(), [3, 2, 1]),
        (Selection(cursor=START + 2), [2, 1]),
        (Selection(filter="USER"), [1]),
        (Selection(filter="outage"), [2]),
        (Selection(filter="!pause"), [2, 1]),
        (Selection(filter="nowhere"), []),
    ],
)
def test_newest_first_as_far_as_they_are_wanted(selection: Selection, ids: list[int]) -> None:
    assert [row.id for row in build_events(story().history, selection).rows] == ids


def test_a_row_is_the_event() -> None:
    row = build_events(story().history, Selection()).rows[0]
    assert (row.title, row.kind, row.is_open, row.is_bad) == ("pause asked", EventKind.ACTION, True, False)


def test_an_event_revised_is_another_frame() -> None:
    told = story()
    before = build_events(told.history, Selection())
    assert build_events(told.history, Selection()) == before
    told.history.revise(dataclasses.replace(told.history.events[-1], title="pause confirmed", is_open=False))
    after = build_events(told.history, Selection())
    assert after != before
    assert after.rows[0].title == "pause confirmed"

from __future__ import annotations

import pytest

from dashboard.model.action import Verb
from dashboard.model.capability import PAST, Control, capability
from dashboard.model.observation import OutageKind
from dashboard.model.run import State
from dashboard.view.frame import HeaderFrame
from dashboard.view.header import build_header
from dashboard.view.selection import Selection
from tests.model.building import START, Story, at_work, counter, gauge
from tests.model.test_run_history import ends, http, running


def header(
    story: Story,
    *,
    later: float = 0.0,
    cursor: float | None = None,
    run: int | None = None,
    cadence: float = 1.0,
    wanted: int | None = None,
    under_way: str = "",
    control: Control = Control.UNKNOWN,
    is_recorded: bool = False,
) -> HeaderFrame:
    status, state = story.run.status, story.run.state()
    return build_header(
        story.history,
        Selection(cursor=cursor, run=run),
        now=story.now + later,
        interval=1.0,
        cadence=cadence,
        capabilities={verb: PAST if is_recorded else capability(verb, control, status, state) for verb in Verb},
        wanted_vus=wanted,
        under_way=under_way,
    )


# The clock


def test_the_clock_goes_on_between_two_looks_and_not_for_ever() -> None:
    story = Story()
    running(story, 3)
    assert [header(story, later=later).elapsed for later in (0.0, 0.5, 1.5, 2.0, 9.0)] == [3.0, 3.5, 4.5, 5.0, 5.0]


@pytest.mark.parametrize(
    ("number", "paused", "runs"),
    [(6, False, True), (7, False, True), (8, False, True), (7, True, False), (9, False, False), (10, False, False)],
)
def test_when_the_clock_runs(number: int, paused: bool, runs: bool) -> None:
    story = Story()
    story.see(http(10, 1.0), at_work(number, paused=paused))
    assert header(story, later=0.5).elapsed == (1.5 if runs else 1.0)


def test_in_an_outage_the_clock_is_not_carried_on() -> None:
    story = Story()
    running(story, 3)
    story.miss()
    assert header(story, later=0.5).elapsed == 3.0


def test_an_end_that_nobody_saw_is_a_bound() -> None:
    story = Story()
    story.see(http(10, 11.0), at_work(10))
    assert header(story).elapsed_is_bound


def test_frozen_it_shows_that_moments_numbers_and_this_moments_state() -> None:
    story = Story()
    story.see(http(10, 1.0), at_work(vus=2))
    story.see(http(20, 2.0), at_work(vus=8, tainted=True), poisoned=("mine",), coherent=False)
    story.see(http(25, 2.5), at_work(9, vus=0, tainted=True))
    frame = header(story, cursor=START + 1)
    assert (frame.elapsed, frame.vus, frame.is_tainted, frame.poisoned) == (1.0, 2, False, ())
    assert (frame.state, frame.frozen_at) == (State.ENDED, START + 1)
    frame = header(story, cursor=START + 2.5)
    assert (frame.elapsed, frame.vus, frame.is_tainted, frame.poisoned) == (2.0, 8, True, ("mine",))


# What the state word would hide


@pytest.mark.parametrize(
    ("number", "flags", "note"),
    [
        (4, {"paused": True}, "before its start"),
        (7, {}, ""),
        (7, {"paused": True}, ""),
        (7, {"stopped": True}, "stopping"),
        (8, {"stopped": True}, "after a stop"),
        (8, {}, ""),
        (9, {}, "k6 lingers"),
        (10, {}, "k6 lingers"),
    ],
)
def test_the_note(number: int, flags: dict[str, bool], note: str) -> None:
    story = Story()
    story.see((), at_work(number, **flags))
    assert header(story).note == note


@pytest.mark.parametrize(
    ("number", "kind", "note"),
    [
        (7, OutageKind.REFUSED, "k6 has gone; how the run ended is not known"),
        (7, OutageKind.TIMED_OUT, "k6 does not answer"),
        (7, OutageKind.UNDECODABLE, "k6 answers with something else"),
        (4, OutageKind.REFUSED, "k6 does not listen"),
        (9, OutageKind.REFUSED, "k6 has gone"),
        (10, OutageKind.TIMED_OUT, "k6 has gone"),
    ],
)
def test_the_note_of_an_outage(number: int, kind: OutageKind, note: str) -> None:
    story = Story()
    story.see((), at_work(number))
    story.miss(kind)
    assert header(story).note == note


def test_a_stop_is_known_to_be_how_it_ended() -> None:
    story = Story()
    running(story, 2)
    story.run.stop_accepted = True
    story.miss(OutageKind.REFUSED)
    frame = header(story)
    assert (frame.state, frame.note) == (State.STOPPED, "k6 has gone")


@pytest.mark.parametrize("is_recorded", [False, True])
def test_how_the_process_ended_stays_said_of_each_moment_since(is_recorded: bool) -> None:
    story = Story()
    running(story, 3)
    ends(story, 105)
    story.miss(OutageKind.REFUSED)
    for moment in (START + 3.5, START + 9):
        frame = header(story, cursor=moment, is_recorded=is_recorded)
        assert (frame.state, frame.note) == (State.STOPPED, "exit code 105: so it goes")
    frame = header(story, cursor=START + 3.4, is_recorded=True)
    assert (frame.state, frame.note) == (State.RUNNING, "")


def test_what_is_under_way_comes_first() -> None:
    story = Story()
    running(story, 2)
    assert header(story, under_way="pausing").note == "pausing"


def test_a_run_that_has_been_followed_by_another() -> None:
    story = Story()
    running(story, 3)
    running(story, 2)
    frame = header(story, run=1)
    assert (frame.run_number, frame.run_count, frame.state) == (1, 2, State.ENDED)
    assert header(story, run=99).run_number == 2


# Trust


def test_old_data_is_called_old() -> None:
    story = Story()
    running(story, 2)
    assert [header(story, later=later).is_stale for later in (0.0, 2.4, 2.6)] == [False, False, True]
    assert header(story, later=2.6).age == pytest.approx(2.6)  # pyright: ignore[reportUnknownMemberType]


def test_data_of_a_run_that_is_over_does_not_grow_old() -> None:
    story = Story()
    story.see((), at_work(9))
    assert not header(story, later=1000).is_stale


def test_a_status_keeps_it_fresh_while_the_metrics_rest() -> None:
    story = Story()
    running(story, 2)
    story.see(None)
    frame = header(story, cadence=20.0)
    assert (frame.age, frame.is_slowed, frame.is_stale) == (0.0, True, False)


def test_a_crossed_threshold_shows_before_its_name_is_known() -> None:
    story = Story()
    running(story, 2)
    story.see(None, at_work(tainted=True))
    frame = header(story)
    assert frame.is_tainted
    assert frame.tainted == ()


# VUs and control


@pytest.mark.parametrize(("wanted", "shown"), [(None, None), (3, None), (4, 4), (0, 0)])
def test_wanted_vus_show_while_they_differ(wanted: int | None, shown: int | None) -> None:
    story = Story()
    story.see((gauge("vus", 3), counter("iterations", 1, 1.0)), at_work(vus=3))
    assert header(story, wanted=wanted).wanted_vus == shown


@pytest.mark.parametrize(
    ("number", "paused", "control", "words"),
    [
        (7, False, Control.UNKNOWN, "stop pause? VUs?"),
        (7, False, Control.EXTERNAL, "stop pause VUs"),
        (7, True, Control.EXTERNAL, "stop resume VUs"),
        (7, False, Control.NONE_V2, "stop"),
        (4, True, Control.NONE_V2, "stop resume"),
        (9, False, Control.EXTERNAL, "look"),
    ],
)
def test_what_can_be_done_in_a_few_words(number: int, paused: bool, control: Control, words: str) -> None:
    story = Story()
    story.see((), at_work(number, paused=paused))
    assert header(story, control=control).control == words

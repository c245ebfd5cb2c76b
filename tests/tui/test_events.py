"""Screen 5: what happened, filtered by kind, copied, marked with a note, and the way from an event to its moment."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from dashboard.model.event import EventKind
from dashboard.model.observation import OutageKind
from dashboard.tui.screens.mark import MarkDialog
from dashboard.tui.widgets.switches import SwitchRow
from dashboard.tui.widgets.table import LineTable
from tests.tui.cockpit import Cockpit, cockpit
from tests.tui.times import START

TARGET = "sim:test"


def titles(c: Cockpit) -> list[str]:
    """What the list shows, from the top."""
    table = c.app.screen.query_one("#events-table", LineTable)
    top = int(table.scroll_y)
    rows = table.rows[top : top + table.scrollable_content_region.height - 1]
    return [str(getattr(row.cells[3], "text", "")).removeprefix("✗ ").removeprefix("… ").strip() for row in rows]


def kinds_row(c: Cockpit) -> str:
    return next(line for line in c.text.splitlines() if "threshold" in line and "mark" in line)


async def with_events(c: Cockpit) -> None:
    """Thresholds that turn, an outage, a mark, and the list of all that."""
    for tainted in (False, True, False):
        sample = {"type": "rate", "contains": "default", "tainted": tainted, "sample": {"rate": 0.1}}
        await c.give(metrics={"checks": sample})
    await c.lose(OutageKind.TIMED_OUT)
    await c.give()
    c.session.mark(TARGET, "look here")
    await c.press("5")
    await c.pilot.pause()


async def test_everything_that_happened_is_listed_newest_first() -> None:
    async with cockpit() as c:
        await with_events(c)
        assert titles(c) == [
            "look here",
            "k6 is back after 1 s",
            "k6 does not answer",
            "checks holds again",
            "checks crossed",
            "running",
        ]


async def test_kinds_are_picked_by_key_and_go_with_the_text_filter() -> None:
    async with cockpit() as c:
        await with_events(c)
        everything = titles(c)
        of_kind = {
            EventKind.OUTAGE: ["k6 is back after 1 s", "k6 does not answer"],
            EventKind.STATE: ["running"],
            EventKind.THRESHOLD: ["checks holds again", "checks crossed"],
            EventKind.MARK: ["look here"],
        }
        for kind in EventKind:
            await c.press("t")
            assert titles(c) == of_kind.get(kind, []), kind
        await c.press("t")
        assert titles(c) == everything
        await c.press(*"t" * (list(EventKind).index(EventKind.THRESHOLD) + 1))
        await c.press("slash", *"again")
        assert titles(c) == ["checks holds again"]
        assert "[x] threshold 1" in kinds_row(c)
        assert "[ ] outage 0" in kinds_row(c)


async def test_several_kinds_are_switched_in_the_row_and_by_the_mouse() -> None:
    async with cockpit() as c:
        await with_events(c)
        row = c.app.screen.query_one("#events-kinds", SwitchRow)
        row.focus()
        await c.press("right", "right", "space")
        assert titles(c) == ["k6 is back after 1 s", "k6 does not answer"]
        await c.pilot.click(row, offset=(kinds_row(c).index("[ ] mark"), 0))
        await c.pilot.pause()
        assert titles(c) == ["look here", "k6 is back after 1 s", "k6 does not answer"]
        await c.pilot.click(row, offset=(2, 0))
        await c.pilot.pause()
        assert len(titles(c)) == 6


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_every_kind_is_named_at_every_width(size: tuple[int, int]) -> None:
    async with cockpit(size=size) as c:
        await with_events(c)
        for kind in EventKind:
            assert str(kind) in kinds_row(c)
        for number in range(300):
            c.session.mark(TARGET, f"mark {number}")
            c.session.histories[TARGET].note(c.clock.now(), EventKind.STATE, "some state")
        await c.watch(1)
        assert "mark 301" in kinds_row(c)


async def test_the_list_stays_put_while_one_reads_and_follows_at_its_top() -> None:
    async with cockpit(size=(100, 20)) as c:
        for number in range(30):
            c.session.mark(TARGET, f"mark {number}")
        await c.press("5")
        await c.pilot.pause()
        c.session.mark(TARGET, "newest")
        await c.watch(0)
        await c.pilot.pause()
        table = c.app.screen.query_one("#events-table", LineTable)
        assert titles(c)[0] == "newest"
        assert table.cursor_row == 0, "who reads the newest event goes on reading the newest"
        await c.press("down", "down", "down")
        before, key = titles(c), table.cursor_key
        for number in range(5):
            c.session.mark(TARGET, f"newer {number}")
            await c.pilot.pause()
        assert titles(c) == before
        assert table.cursor_key == key
        await c.press("home")
        assert titles(c)[0] == "newer 4"


async def test_an_event_is_copied_whole_and_clean() -> None:
    async with cockpit() as c:
        c.session.mark(TARGET, "evil \x1b]52;c;aGk=\x07 " + "x" * 300)
        await c.press("5")
        await c.pilot.pause()
        await c.press("c")
        assert c.said == ": Copied, if the terminal lets programs copy."
        copied = c.app.clipboard
        assert copied.isprintable()
        assert " mark: evil ␛]52;c;aGk=␇ " in copied
        assert copied.endswith("x" * 300)


async def test_a_mark_takes_a_note_and_is_of_the_moment_of_the_key() -> None:
    async with cockpit(polls=5) as c:
        await c.press("m")
        assert isinstance(c.app.screen, MarkDialog)
        at = c.clock.now()
        await c.watch(3)
        await c.press(*"deploy", "enter")
        event = c.session.histories[TARGET].events[-1]
        assert (event.kind, event.title, event.at) == (EventKind.MARK, "deploy", at)
        assert event.elapsed == c.session.histories[TARGET].run.value("", "elapsed", at)
        assert c.said == ": Marked."


async def test_a_mark_needs_no_note_and_can_be_given_up() -> None:
    async with cockpit(polls=5) as c:
        await c.press("m", "x", "escape")
        assert not any(event.kind is EventKind.MARK for event in c.session.histories[TARGET].events)
        await c.press("m")
        await c.press("enter")
        assert c.session.histories[TARGET].events[-1].title == "mark"


@pytest.mark.parametrize("back", [False, True])
async def test_an_event_shows_the_charts_of_its_moment_in_its_run(back: bool) -> None:
    async with cockpit(polls=5) as c:
        c.session.mark(TARGET, "in the first run")
        at = c.clock.now()
        await c.give(status={"status": 1}, seconds=30)
        await c.watch(5)
        history = c.session.histories[TARGET]
        assert len(history.runs) == 2
        await c.press("5")
        await c.press("slash", *"first run", "enter")
        await c.press("enter")
        assert c.app.screen_name == "overview"
        assert "frozen at" in c.header
        assert "run 1/2" in c.header
        if back:
            await c.press("f")
            await c.press("right_curly_bracket")
            assert "run 2/2" in c.header
        assert at > START


async def test_the_whole_text_of_the_chosen_event_is_shown() -> None:
    async with cockpit() as c:
        await with_events(c)
        assert "look here" in str(c.app.screen.query_one("#event-detail", Static).render())

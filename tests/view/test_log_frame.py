"""Screen 7's frame: which lines pass, which errors there are, what is said where there is none."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dashboard.model.history import TargetHistory
from dashboard.model.launched import Launch, ProcessNews
from dashboard.model.log import Level, LogLine, LogNews
from dashboard.model.log_book import MOST_LINES
from dashboard.model.observation import Observation, Snapshot
from dashboard.view.log import RATE_SECONDS, LogFrame, build_log
from dashboard.view.log_choice import CHOICES, ErrorSort, LogChoice
from dashboard.view.log_lines import LogReader, line_details, line_text
from dashboard.view.selection import Selection
from tests.model.building import at_work

START = 1_000_000.0
_ALL = Selection()


def said(message: str, level: Level = Level.INFO, source: str = "", **fields: str) -> LogLine:
    return LogLine(START, level, message, source, tuple(fields.items()))


LINES = (
    said("setup", source="console"),
    said("Request Failed", Level.WARNING, error='Get "http://a/1": refused'),
    said("careful", Level.WARNING, "console"),
    said("Request Failed", Level.WARNING, error='Get "http://a/2": refused'),
    said("boom 1\n\tat f (x.js:1)\n\tat g (x.js:2)", Level.ERROR, "stacktrace", scenario="shop"),
)


class Log:
    """A history whose log grows, and one reader of it."""

    def __init__(self) -> None:
        self.history = TargetHistory("t", START)
        self.reader = LogReader()

    def add(self, at: float, lines: Sequence[LogLine] = (), launched: ProcessNews | None = None) -> Log:
        snapshot = Snapshot(log=LogNews(tuple(lines)) if lines else None, launched=launched)
        self.history.observe(Observation(START + at, 0.0, 0, snapshot))
        return self

    def skip(self, at: float, count: int) -> Log:
        """So many bytes came faster than they could be read."""
        self.history.observe(Observation(START + at, 0.0, 0, Snapshot(log=LogNews((), count))))
        return self

    def frame(self, selection: Selection = _ALL, now: float = 10.0) -> LogFrame:
        return build_log(self.history, selection, START + now, self.reader)

    def texts(self, selection: Selection = _ALL) -> list[str]:
        lines = self.frame(selection).lines
        return [row.text for number in lines.numbers if (row := lines.row(number))]


@pytest.mark.parametrize(
    ("choice", "text", "expected"),
    [
        (LogChoice(), "", ["setup", "a/1", "careful", "a/2", "boom 1"]),
        (LogChoice(frozenset({"error"})), "", ["boom 1"]),
        (LogChoice(frozenset({"warning"})), "", ["a/1", "careful", "a/2"]),
        (LogChoice(frozenset({"warning", "js"})), "", ["careful"]),
        (LogChoice(frozenset({"js"})), "", ["setup", "careful"]),
        (LogChoice(frozenset({"error", "info"})), "", ["setup", "boom 1"]),
        (LogChoice(group=1, of_run=1), "", ["a/1", "a/2"]),
        (LogChoice(frozenset({"error"}), group=1, of_run=1), "", []),
        (LogChoice(), "REFUSED", ["a/1", "a/2"]),
        (LogChoice(), "!refused", ["setup", "careful", "boom 1"]),
        (LogChoice(), "scenario=shop", ["boom 1"]),
        (LogChoice(), "x.js:2", ["boom 1"]),
    ],
)
def test_lines_pass_by_level_origin_kind_and_text(choice: LogChoice, text: str, expected: list[str]) -> None:
    found = Log().add(1, LINES).texts(Selection(log=choice, filter=text))
    assert len(found) == len(expected)
    assert all(part in line for part, line in zip(expected, found, strict=True))


@pytest.mark.parametrize("choice", [LogChoice(), LogChoice(frozenset({"warning"})), LogChoice(group=1, of_run=1)])
def test_a_reader_that_has_followed_finds_what_a_new_one_finds(choice: LogChoice) -> None:
    log = Log()
    moments: list[float | None] = [3.5, None, 1.0, 7.2, None]
    for at in range(60):
        log.add(at, LINES * 50)
        cursor = moments[at % 5]
        selection = Selection(cursor=None if cursor is None else START + cursor, log=choice)
        fresh = build_log(log.history, selection, START + at, LogReader())
        assert log.frame(selection, at) == fresh
        assert len(fresh.lines) <= MOST_LINES


def test_a_moment_that_has_passed_shows_what_was_known_then() -> None:
    early = Log().add(1, LINES)
    late = Log().add(1, LINES).add(5, LINES * 3)
    selection = Selection(cursor=START + 3)
    then, now = early.frame(selection), late.frame(selection)
    assert list(then.lines.numbers) == list(now.lines.numbers)
    assert tuple(then.errors) == tuple(now.errors)
    assert then.choices == now.choices
    assert (then.trouble, then.rate, then.note) == (now.trouble, now.rate, now.note)
    assert [row.count for row in late.frame().errors] == [8, 4]


def test_the_errors_are_counted_and_their_rate_is_taken_over_whole_seconds() -> None:
    log = Log()
    for second in range(10):
        log.add(second + 0.5, LINES[1:2] * (second + 1))
    (row,) = log.frame(now=10.4).errors
    assert (row.count, row.first, row.last) == (55, START + 0.5, START + 9.5)
    assert row.rate.value == (6 + 7 + 8 + 9 + 10) / RATE_SECONDS
    assert row.spark == tuple(float(second + 1) for second in range(10))
    (later,) = log.frame(now=100).errors
    assert later.rate.value == 0


@pytest.mark.parametrize(
    ("sort", "descending", "expected"),
    [
        (ErrorSort.COUNT, True, ["refused", "boom"]),
        (ErrorSort.COUNT, False, ["boom", "refused"]),
        (ErrorSort.LAST, True, ["boom", "refused"]),
        (ErrorSort.LAST, False, ["refused", "boom"]),
        (ErrorSort.FIRST, False, ["refused", "boom"]),
        (ErrorSort.RATE, True, ["boom", "refused"]),
    ],
)
def test_errors_come_in_the_order_wished_for(sort: ErrorSort, descending: bool, expected: list[str]) -> None:
    log = Log().add(1, LINES[1:2] * 5).add(8, LINES[4:])
    rows = log.frame(Selection(log=LogChoice(sort=sort, descending=descending))).errors
    assert all(word in row.title for word, row in zip(expected, rows, strict=True))


def test_what_can_be_picked_is_counted_whatever_passes() -> None:
    frame = Log().add(1, LINES).frame(Selection(filter="refused", log=LogChoice(frozenset({"warning"}))))
    assert {each.name: each.count for each in frame.choices} == {
        "error": 1,
        "warning": 3,
        "info": 1,
        "debug": 0,
        "k6": 3,
        "js": 2,
    }
    assert [each.name for each in frame.choices if each.is_wanted] == ["warning"]
    assert frame.note.startswith("2 of 5 lines")


def test_the_key_picks_each_in_turn_and_then_all() -> None:
    choice = LogChoice()
    seen: list[frozenset[str]] = []
    for _ in range(len(CHOICES) + 1):
        choice = choice.next_kind()
        seen.append(choice.wanted)
    assert seen == [*(frozenset({name}) for name in CHOICES), frozenset()]


def test_of_a_message_of_many_lines_the_list_shows_the_first_and_the_details_show_all() -> None:
    frame = Log().add(1, LINES).frame()
    row = frame.lines.row(4)
    assert row is not None
    assert (row.text, row.more, row.fields) == ("boom 1", 2, "scenario=shop")
    details = dict(line_details(LINES[4], 3.0))
    assert details["message"].splitlines()[2] == "\tat g (x.js:2)"
    assert (details["said by"], details["scenario"]) == ("k6, source stacktrace", "shop")


def test_what_is_copied_is_one_harmless_line() -> None:
    text = line_text(said("a\n\x1b[31mrm -rf /\r\nb", Level.ERROR, "console"), 3.0)
    assert text.isprintable()
    assert "a ⏎ ␛[31mrm -rf / ⏎ b" in text


def launch(log_output: str) -> ProcessNews:
    return ProcessNews(launch=Launch(("k6",), 1, "a", "", "out", "/tmp/err", log_output))


def test_where_there_is_no_log_it_is_said_why_in_one_sentence() -> None:
    assert "k6dash run script.js" in Log().frame().empty
    assert Log().add(0, launched=launch("")).frame().empty == "k6 has logged nothing yet"
    assert "to the file x.log" in Log().add(0, launched=launch("to the file x.log")).frame().empty


def test_the_note_says_where_all_of_the_log_is() -> None:
    log = Log().add(0, launched=launch("")).add(1, LINES * 4000)
    assert log.frame().note == "10,000 of 20,000 lines · all of it: /tmp/err"
    elsewhere = Log().add(0, launched=launch("to loki")).add(1, LINES)
    assert elsewhere.frame().note == "5 lines · the rest goes to loki, as you chose"


def test_a_kind_of_error_that_was_chosen_in_one_run_hides_nothing_of_another() -> None:
    log = Log().add(1, LINES)
    assert log.texts(Selection(log=LogChoice(group=1, of_run=2))) == log.texts()
    assert log.frame(Selection(log=LogChoice(group=1, of_run=2))).group == ""


def test_a_kind_of_error_is_named_before_it_came_as_well() -> None:
    log = Log().add(1, LINES[:1]).add(5, LINES[1:])
    before = log.frame(Selection(cursor=START + 3, log=LogChoice(group=1, of_run=1)))
    assert (before.group, list(before.lines.numbers)) == (
        log.frame(Selection(log=LogChoice(group=1, of_run=1))).group,
        [],
    )
    assert before.group


def test_what_came_last_is_what_had_come_by_the_moment_shown() -> None:
    log = Log().add(1, LINES[1:2]).add(2, LINES[4:]).add(8, LINES[1:2])
    choice = LogChoice(sort=ErrorSort.LAST, descending=True)
    titles = [[row.title[:4] for row in log.frame(Selection(cursor=at, log=choice)).errors] for at in (START + 5, None)]
    assert titles == [["boom", "Get "], ["Get ", "boom"]]


def test_what_was_skipped_is_told_as_far_as_it_had_been() -> None:
    log = Log().add(1, LINES).skip(2, 1_000_000).skip(6, 2_000_000)
    notes = [log.frame(Selection(cursor=at)).note for at in (START + 1.5, START + 3, None)]
    assert notes == [
        "5 lines",
        "5 lines · 1.00MB came too fast to be read",
        "5 lines · 3.00MB came too fast to be read",
    ]


def test_of_a_run_that_is_over_the_rate_is_that_of_its_end_however_long_ago() -> None:
    log = Log()
    for second in range(10):
        log.add(second + 0.5, LINES[1:2] * 5)
    log.history.observe(Observation(START + 10, 0.0, 0, Snapshot(status=at_work(9))))
    assert log.history.run.state().is_over
    assert log.frame(now=1000.0).rate.value == 5.0

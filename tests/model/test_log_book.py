"""The log of a run: what was said up to any moment, the errors in it by kind, and how little is held of it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.model.error_kind import shape
from dashboard.model.log import Level, LogLine, LogNews, Origin
from dashboard.model.log_book import MOST_GROUPS, MOST_NUMBERS, LogBook

AT = 1_795_527_271.0


def said(message: str, level: Level = Level.INFO, source: str = "", **fields: str) -> LogLine:
    return LogLine(AT, level, message, source, tuple(fields.items()))


def book_of(*news: tuple[float, Iterable[LogLine]], most_bytes: int = 2**23) -> LogBook:
    book = LogBook(most_bytes)
    for at, lines in news:
        book.add(LogNews(tuple(lines)), AT + at)
    return book


def messages(book: LogBook, start: int = 0, end: int = 10**9) -> list[str]:
    return [entry.line.message for entry in book.entries(start, end)]


def test_errors_are_grouped_by_what_they_say_but_for_numbers_and_addresses() -> None:
    refused = [
        said("Request Failed", Level.WARNING, error=f'Get "http://127.0.0.1:1/user/{n}?q={n}": refused')
        for n in range(5)
    ]
    book = book_of(
        (0, refused),
        (1, [said("Error: boom 17\n\tat default (x.js:3)", Level.ERROR, "stacktrace")]),
        (
            2,
            [said("Error: boom 18\n\tat default (x.js:9)", Level.ERROR, "stacktrace"), said("hello", source="console")],
        ),
    )
    first, boom = book.groups
    assert (first.title, first.count(), first.level) == ('Get "http://127.0.0.1:1/user/N?…": refused', 5, Level.WARNING)
    assert (boom.title, boom.count(), boom.first, boom.last()) == ("Error: boom N", 2, AT + 1, AT + 2)
    assert [entry.group for entry in book.entries(0, 8)] == [1, 1, 1, 1, 1, 2, 2, 0]


def test_what_differs_in_level_or_code_is_of_another_kind() -> None:
    book = book_of(
        (
            0,
            [
                said("gone", Level.ERROR),
                said("gone", Level.WARNING),
                said("gone", Level.ERROR, error_code="1212"),
                said("gone", Level.ERROR, error_code="1050"),
            ],
        )
    )
    assert [(group.level, group.code) for group in book.groups] == [
        (Level.ERROR, ""),
        (Level.WARNING, ""),
        (Level.ERROR, "1212"),
        (Level.ERROR, "1050"),
    ]


def test_a_warning_of_the_script_is_no_error_and_its_console_error_is() -> None:
    book = book_of((0, [said("mind", Level.WARNING, "console"), said("bad", Level.ERROR, "console")]))
    assert [group.title for group in book.groups] == ["bad"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GET /user/17 took 1.5s", "GET /user/N took Ns"),
        ("id 123e4567-e89b-12d3-a456-426614174000 gone", "id ID gone"),
        ("token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9 refused", "token ID refused"),
        ('Get "https://a.example:443/x/9/y": EOF', 'Get "https://a.example:443/x/N/y": EOF'),
        ("dial tcp 10.0.0.7:443: i/o timeout", "dial tcp 10.0.0.7:443: i/o timeout"),
        ("read tcp 10.0.0.2:53124->10.0.0.7:443: reset", "read tcp N->10.0.0.7:443: reset"),
        ("thresholds on metrics 'http_req_failed' have been crossed",) * 2,
        ("POST /cart: status 503 after 12 tries", "POST /cart: status 503 after N tries"),
        ("unexpected status code: 404", "unexpected status code: 404"),
        ("answer HTTP/1.1 502", "answer HTTP/1.1 502"),
        ("error_code=1212 id=1212", "error_code=1212 id=N"),
        ("a\nb", "a"),
    ],
)
def test_the_shape_of_a_message(text: str, expected: str) -> None:
    assert shape(text) == expected


@pytest.mark.parametrize("pages", [1, 3])
def test_a_moment_shows_what_had_come_by_then(pages: int) -> None:
    """On open pages and on those that have been compressed."""
    book = book_of(
        *(
            (second, [said(f"{second}.{n}", Level.ERROR if n % 2 else Level.INFO) for n in range(100)])
            for second in range(6 * pages)
        )
    )
    until = book.until(AT + 3.5)
    assert messages(book, 0, until)[-1] == "3.99"
    counts = book.counts(until)
    assert (counts[Level.ERROR, Origin.K6], counts[Level.INFO, Origin.K6]) == (200, 200)
    (group,) = book.groups
    assert (group.count(AT + 3.5), group.last(AT + 3.5), group.count()) == (200, AT + 3, 300 * pages)
    assert book.until(AT - 1) == 0
    assert book.until(None) == book.until(AT + 10**6) == book.total == 600 * pages


def test_a_line_comes_back_as_it_was() -> None:
    line = LogLine(AT, Level.WARNING, "a\nb\udcff\x1b[31m", "console", (("error", "x"), ("scenario", "s")))
    book = book_of((0, [line]), (1, [said("later")] * 2000))
    entry = book.entry(0)
    assert entry is not None
    assert (entry.line, entry.arrived, entry.number) == (line, AT, 0)


@given(st.lists(st.integers(0, 700), max_size=12), st.integers(0, 12))
def test_counts_at_any_line_are_those_of_the_lines_before(sizes: list[int], step: int) -> None:
    levels = list(Level)
    book = book_of(*((at, [said("x", levels[(at + n) % 4]) for n in range(size)]) for at, size in enumerate(sizes)))
    until = book.total * step // 12
    counted = dict.fromkeys(levels, 0)
    for entry in book.entries(0, until):
        counted[entry.line.level] += 1
    counts = book.counts(until)
    assert {level: counts[level, Origin.K6] for level in levels} == counted
    assert [entry.number for entry in book.entries(0, until)] == list(range(until))


def test_memory_does_not_depend_on_how_much_is_logged() -> None:
    words = "abcdefghij"
    limit = 100_000
    book = LogBook(limit)
    for second in range(60):
        numbers = range(1000 * second, 1000 * (second + 1))
        book.add(
            LogNews(tuple(said("".join(words[int(digit)] for digit in str(n)), Level.ERROR) for n in numbers)),
            AT + second,
        )
    assert book.total == 60_000
    assert book.oldest > 0
    assert book.entry(book.oldest - 1) is None
    assert book.entry(book.oldest) is not None
    assert len(book.groups) == MOST_GROUPS + 1
    assert sum(group.count() for group in book.groups) == book.total
    assert book.size < 2 * limit + 8 * MOST_NUMBERS


def test_the_moments_of_errors_are_thinned_out_and_the_counts_stay_exact() -> None:
    book = LogBook()
    line = (said("boom", Level.ERROR),)
    for moment in range(MOST_NUMBERS):
        book.add(LogNews(line), AT + moment)
    (group,) = book.groups
    assert group.size <= MOST_NUMBERS
    assert group.count() == MOST_NUMBERS
    assert (group.first, group.count(AT)) == (AT, 1)
    # What is new is exact, and what is old is a few moments behind at most.
    assert group.count(AT + MOST_NUMBERS - 1000) == MOST_NUMBERS - 999
    assert 0 <= 1001 - group.count(AT + 1000) <= 16


def test_long_lines_turn_the_page_sooner() -> None:
    book = book_of((0, [said("x" * 4000)] * 500))
    assert book.size < 1_500_000


def test_a_clock_that_is_set_back_hides_no_line_that_came_before() -> None:
    book = book_of((10, [said("one")]), (2, [said("two")]), (11, [said("three")]))
    assert [entry.arrived - AT for entry in book.entries(0, 3)] == [10, 10, 11]
    assert [book.until(AT + at) for at in (5, 10, 11)] == [0, 2, 3]


def test_before_the_oldest_line_that_is_kept_counts_are_those_of_all_that_went() -> None:
    levels = (Level.INFO, Level.WARNING)
    book = book_of(
        *((second, [said(f"{second * 7919 % 1009}", levels[n % 2]) for n in range(512)]) for second in range(40)),
        most_bytes=6000,
    )
    assert 0 < book.oldest < book.total
    assert book.oldest % 512 == 0
    early = book.until(AT + 1)
    assert early == book.oldest
    half = book.oldest // 2
    for until in (early, 1):
        counts = book.counts(until)
        assert (counts[Level.INFO, Origin.K6], counts[Level.WARNING, Origin.K6]) == (half, half)


def test_pages_go_one_by_one_and_only_as_many_as_have_to() -> None:
    book = LogBook(6000)
    kept: list[int] = []
    for second in range(200):
        book.add(LogNews(tuple(said(f"{second * 512 + n}") for n in range(512))), AT + second)
        kept.append(book.total - book.oldest)
    assert min(kept[20:]) >= max(kept) - 512 > 0

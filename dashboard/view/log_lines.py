"""Lines of a log that pass a filter, found anew only where that is needed; and one line in every detail."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Final

from dashboard.model.log import Level, LogLine, Origin
from dashboard.model.log_book import MOST_LINES, Entry, LogBook
from dashboard.quick import dataclass
from dashboard.view.format import clean, clock_time, elapsed_text
from dashboard.view.log_choice import LEVELS, ORIGINS, LogChoice
from dashboard.view.metrics import matches

_LONGEST: Final = 4000
"""Characters of a line that are copied."""
_LONGEST_ROW: Final = 500


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line, as the list shows it: the first line of the message, and what is not seen of it."""

    number: int
    at: float
    elapsed: float | None
    """k6's clock when it was read; None before it ran."""
    level: Level
    origin: Origin
    text: str
    more: int
    """How many further lines the message has."""
    fields: str


class LogRows:
    """The lines that pass, by number; each is made when it is looked at."""

    __slots__ = ("_make", "_source", "numbers")

    def __init__(self, numbers: Sequence[int], make: Callable[[int], LogRow | None], source: object) -> None:
        self.numbers = numbers
        """Ascending."""
        self._make = make
        self._source = source

    def __len__(self) -> int:
        return len(self.numbers)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, LogRows):
            return NotImplemented
        return self._source is other._source and self.numbers == other.numbers

    __hash__ = None  # type: ignore[assignment]

    def is_of_another_log(self, other: LogRows) -> bool:
        """Whether equal numbers stand for other lines."""
        return self._source is not other._source

    def row(self, number: int) -> LogRow | None:
        """The line of that number; None where it is not kept any more."""
        return self._make(number)

    def place(self, number: int) -> int:
        """Where a line stands; where it would stand, if it does not pass."""
        return bisect_left(self.numbers, number)


class LogReader:
    """Finds the lines that pass; what it has found of a log that grows, it does not look for again."""

    def __init__(self) -> None:
        self._key: tuple[LogBook, LogChoice, str] | None = None
        self._numbers: list[int] = []
        self._from = self._until = 0
        """What has been looked through, from where and up to where."""

    def numbers(self, book: LogBook, choice: LogChoice, text: str, until: int) -> Sequence[int]:
        """The numbers of the newest lines of the first ``until`` that pass, ascending."""
        start = max(book.oldest, until - MOST_LINES)
        text = text.strip()
        if not (text or choice.wanted or choice.group):
            return range(start, until)
        key = (book, choice, text)
        if self._key != key or start < self._from or start > self._until:
            self._key, self._numbers, self._from, self._until = key, [], start, start
        if until > self._until:
            passes = _filter(choice, text)
            self._numbers += [entry.number for entry in book.entries(self._until, until) if passes(entry)]
            self._until = until
        first = bisect_left(self._numbers, start)
        if first > MOST_LINES:
            del self._numbers[:first]
            self._from, first = start, 0
        return tuple(self._numbers[first : bisect_left(self._numbers, until)])


def _filter(choice: LogChoice, text: str) -> Callable[[Entry], bool]:
    levels, origins, group = choice.levels, choice.origins, choice.group
    any_level, any_origin = levels == LEVELS, origins == ORIGINS

    def passes(entry: Entry) -> bool:
        line = entry.line
        return (
            (not group or entry.group == group)
            and (any_level or line.level in levels)
            and (any_origin or line.origin in origins)
            and (not text or matches(line.text, text))
        )

    return passes


def needle(text: str) -> str:
    """What is to be highlighted where a filter is in force."""
    wanted = text.strip()
    return "" if wanted.startswith("!") else wanted


def log_row(entry: Entry, elapsed: float | None) -> LogRow:
    """A line as the list shows it."""
    line = entry.line
    first, *others = line.message.strip().split("\n")
    detail = line.detail
    fields = " ".join(f"{name}={value}" for name, value in line.fields if name != "error")
    text = f"{first}: {detail}" if detail and first else detail or first
    return LogRow(entry.number, line.at, elapsed, line.level, line.origin, text[:_LONGEST_ROW], len(others), fields)


def line_text(line: LogLine, elapsed: float | None) -> str:
    """A line of the log in one line that can be pasted anywhere: a shell would run what comes after a line's end."""
    when = f"{clock_time(line.at)} ({elapsed_text(elapsed)})"
    return clean(f"{when} {line.level} {line.origin}: {' ⏎ '.join(line.text.splitlines())}", _LONGEST)


def line_details(line: LogLine, elapsed: float | None) -> tuple[tuple[str, str], ...]:
    """All there is of a line: what it is called, and what it says, which may have many lines. Untrusted text."""
    who = "the script's console" if line.origin is Origin.SCRIPT else "k6"
    if line.source and line.origin is Origin.K6:
        who = f"{who}, source {line.source}"
    return (
        ("time", f"{clock_time(line.at)}, {elapsed_text(elapsed)} on k6's clock"),
        ("level", str(line.level)),
        ("said by", who),
        ("message", line.message.strip("\n")),
        *line.fields,
    )

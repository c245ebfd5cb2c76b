"""Screen 7: what k6 and the script say, and the errors in it by kind."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Final

from dashboard.model.error_group import ErrorGroup
from dashboard.model.history import TargetHistory
from dashboard.model.log import Level
from dashboard.model.log_book import LogBook
from dashboard.model.run_history import RunHistory
from dashboard.model.run_numbers import ELAPSED
from dashboard.quick import dataclass
from dashboard.view.chart import Kind, Unit
from dashboard.view.format import quantity
from dashboard.view.frame import Number
from dashboard.view.header import selected_run
from dashboard.view.lazy import LazyRows
from dashboard.view.lines import bar_width, time_span
from dashboard.view.log_choice import CHOICES, ErrorSort
from dashboard.view.log_lines import LogReader, LogRow, LogRows, log_row, needle
from dashboard.view.no_log import no_log
from dashboard.view.selection import Selection

RATE_SECONDS: Final = 5.0
"""Whole seconds over which the rate of an error is taken."""
SPARK_BARS: Final = 32


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """Errors of one kind."""

    number: int
    title: str
    code: str
    level: Level
    count: int
    first: float
    last: float | None
    rate: Number
    spark: tuple[float, ...]
    """How many a second came in each bar; the newest last."""
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ChoiceCount:
    """A level or an origin."""

    name: str
    count: int
    """How many lines of it have come, whether they pass the filter or not."""
    is_wanted: bool
    """Whether it was picked; where none was, all are shown."""


@dataclass(frozen=True, slots=True)
class LogFrame:
    """Screen 7."""

    lines: LogRows
    errors: LazyRows[ErrorRow]
    has_codes: bool
    """Whether k6 told an error code of any."""
    choices: tuple[ChoiceCount, ...]
    needle: str
    """What is to be highlighted."""
    group: str
    """The kind of error whose lines are shown alone; empty where all are. Untrusted text."""
    run: int
    """The number of the run."""
    trouble: int
    """How many errors and warnings have come."""
    rate: Number
    """How many of them come now."""
    has_log: bool
    """Whether there is one that can be read."""
    empty: str
    """What to say where there is no line."""
    note: str
    """How much of the log is shown, and where all of it is."""


def build_log(history: TargetHistory, selection: Selection, now: float, reader: LogReader) -> LogFrame:
    """Screen 7 at ``now``: the lines that pass, up to the moment shown, and the kinds of errors until then."""
    run = selected_run(history, selection)
    choice = selection.log.within(run.number)
    selection = replace(selection, log=choice)
    book = run.log or _NOTHING
    until = book.until(selection.cursor)
    counts = book.counts(until)
    numbers = reader.numbers(book, choice, selection.filter, until)

    def make(number: int) -> LogRow | None:
        entry = book.entry(number)
        return None if entry is None else log_row(entry, run.value(*ELAPSED, entry.arrived))

    end = _end(run, book, selection, now)
    groups = {str(group.number): group for group in book.groups if group.count(selection.cursor)}
    chosen = next((group for group in book.groups if group.number == choice.group), None)
    is_begun = run.log is not None and (until > 0 or selection.cursor is None)
    return LogFrame(
        lines=LogRows(numbers, make, book),
        errors=_errors(run, groups, selection, now, end, until),
        has_codes=any(group.code for group in groups.values()),
        choices=tuple(
            ChoiceCount(
                name, sum(count for kind, count in counts.items() if name in kind), is_wanted=name in choice.wanted
            )
            for name in CHOICES
        ),
        needle=needle(selection.filter),
        group="" if chosen is None else chosen.title,
        run=run.number,
        trouble=sum(group.count(selection.cursor) for group in groups.values()),
        rate=_number(sum(_rate(group, end) for group in groups.values())),
        has_log=not no_log(run),
        empty=no_log(run) or ("no line passes the filter" if until else "k6 has logged nothing yet"),
        note=_note(run, book, len(numbers), until, selection.cursor) if is_begun else "",
    )


def _end(run: RunHistory, book: LogBook, selection: Selection, now: float) -> float:
    """The whole second up to which rates are taken: at the moment shown; of a run that is over, at its end."""
    if selection.cursor is not None:
        return math.floor(selection.cursor)
    if run.state().is_over:
        known = [at for at in (book.last, run.last_row) if at is not None]
        return math.ceil(max(known)) if known else math.floor(now)
    return math.floor(now)


def _errors(
    run: RunHistory, groups: dict[str, ErrorGroup], selection: Selection, now: float, end: float, until: int
) -> LazyRows[ErrorRow]:
    choice, cursor = selection.log, selection.cursor
    width = bar_width(time_span(run, selection, now))

    def order(key: str) -> float:
        group = groups[key]
        match choice.sort:
            case ErrorSort.COUNT:
                return group.count(cursor)
            case ErrorSort.LAST:
                return group.last(cursor) or 0.0
            case ErrorSort.FIRST:
                return group.first
            case ErrorSort.RATE:
                return _rate(group, end)

    def make(key: str) -> ErrorRow:
        group = groups[key]
        return ErrorRow(
            group.number,
            group.title,
            group.code,
            group.level,
            group.count(cursor),
            group.first,
            group.last(cursor),
            _number(_rate(group, end)),
            _spark(group, min(run.first_seen, group.first), end, width),
            is_chosen=group.number == choice.group,
        )

    # Of equals, the one that came first stands first in either direction.
    keys = sorted(groups, key=order, reverse=choice.descending)
    return LazyRows(tuple(keys), make, (until, end, width, choice.group))


def _rate(group: ErrorGroup, end: float) -> float:
    return (group.count(end) - group.count(end - RATE_SECONDS)) / RATE_SECONDS


def _number(rate: float) -> Number:
    return Number(rate, Unit.PER_SECOND, Kind.INTERVAL)


def _spark(group: ErrorGroup, since: float, end: float, width: float) -> tuple[float, ...]:
    """How many a second came in each of the last bars. Their edges lie at whole multiples of their width."""
    last = math.ceil(end / width)
    first = max(last - SPARK_BARS, math.floor(since / width))
    counts = [group.count(min(edge * width, end)) for edge in range(first, last + 1)]
    return tuple((after - before) / width for before, after in pairwise(counts))


def _note(run: RunHistory, book: LogBook, shown: int, until: int, cursor: float | None) -> str:
    launch = run.launched.launch if run.launched is not None else None
    parts = [f"{shown:,} of {until:,} lines" if shown < until else f"{until:,} lines"]
    if skipped := book.skipped_by(cursor):
        parts.append(f"{quantity(skipped, Unit.BYTES)} came too fast to be read")
    if launch is not None and launch.log_output:
        parts.append(f"the rest goes {launch.log_output}, as you chose")
    elif launch is not None and launch.log:
        parts.append(f"all of it: {launch.log}")
    return " · ".join(parts)


_NOTHING: Final = LogBook()
"""The log of a run that has none."""

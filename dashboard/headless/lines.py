"""One aligned line a tick, for people and their logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import click

from dashboard.model.history import WHAT_IS_WRONG
from dashboard.model.run import State
from dashboard.quick import dataclass
from dashboard.view.chart import Unit
from dashboard.view.format import UNKNOWN, clean, elapsed_text, fit, quantity, text_width
from dashboard.view.tick import MetricTick, Tick

REPEAT: Final = 30
"""Lines between two headers on a terminal. In a file one at the top is enough."""
_LONGEST_NAMES: Final = 40
_LEAST_ROOM: Final = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """What a test is mainly about."""

    duration: str
    """The trend whose times are shown."""
    counter: str = ""
    """What counts its samples, so that its mean is known for an interval too."""
    counter_title: str = ""
    failed: str = ""
    """The rate of its failures."""


SUBJECTS: Final = (
    Subject("http_req_duration", "http_reqs", "Δ reqs", "http_req_failed"),
    Subject("grpc_req_duration"),
    Subject("browser_http_req_duration", failed="browser_http_req_failed"),
    Subject("ws_session_duration"),
    Subject("iteration_duration", "iterations"),
)
"""The first that a run has is shown."""

_STATES: Final = {
    State.RUNNING: "green",
    State.FAILED: "red",
    State.STOPPED: "yellow",
    State.PAUSED: "yellow",
    State.UNREACHABLE: "red",
}


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    end: int
    """The cell of the line at which it ends, where nothing before it was too wide."""
    read: Callable[[Tick], str]
    align_left: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What lines are written on."""

    columns: Callable[[], int] | None = None
    """How wide the terminal is now; None where it is none."""
    colour: bool = False
    """Whether it takes colours."""


class Lines:
    """A header now and then, and a line a tick. The header says of each number which kind it is."""

    def __init__(self, page: Page) -> None:
        """Nothing is written yet."""
        self._columns_of_page = page.columns
        self._colour = page.colour
        self._since_header = 0
        self._subject: Subject | None = None
        self._of_periods = False
        self._columns: tuple[_Column, ...] = ()
        self._newest: tuple[MetricTick, ...] = ()

    def write(self, tick: Tick) -> str:
        """The line, with a header before it where one is due."""
        tick = self._with_final_numbers(tick)
        subject = _subject(tick) or self._subject or SUBJECTS[0]
        of_periods = not tick.state.is_over and (self._of_periods or _has_periods(tick, subject))
        lines: list[str] = []
        changes = (subject, of_periods) != (self._subject, self._of_periods)
        if changes or (self._columns_of_page and self._since_header >= REPEAT):
            self._subject, self._of_periods, self._since_header = subject, of_periods, 0
            self._columns = _columns(subject, of_periods=of_periods)
            header = self._joined([column.title for column in self._columns])
            lines.append(click.style(header, bold=True) if self._colour else header)
        self._since_header += 1
        lines.append(self._line(tick))
        return "".join(f"{line}\n" for line in lines)

    def _with_final_numbers(self, tick: Tick) -> Tick:
        """The tick; at the end, where k6 has gone, with what the whole run had come to: no interval is left of it."""
        if tick.metrics is not None:
            self._newest = tick.metrics
        elif tick.state.is_over:
            metrics = tuple(replace(metric, interval={}, estimated={}, period={}) for metric in self._newest)
            return replace(tick, metrics=metrics)
        return tick

    def _line(self, tick: Tick) -> str:
        line = self._joined([column.read(tick) for column in self._columns])
        remark = _remark(tick)
        if remark and self._columns_of_page is not None:
            room = self._columns_of_page() - text_width(line) - 1
            # Where a few cells are left, the sign alone says more than an ellipsis.
            remark = fit(remark, min(text_width(remark), room)) if room >= _LEAST_ROOM else remark[: max(0, room)][:1]
        if self._colour:
            remark = click.style(remark, fg="red") if remark else ""
            colour = _STATES.get(tick.state)
            line = line.replace(tick.state, click.style(tick.state, fg=colour), 1) if colour else line
        return f"{line} {remark}" if remark else line

    def _joined(self, cells: list[str]) -> str:
        """The cells, each ending where its column ends. One that is too wide takes of the gap behind it."""
        line = ""
        for column, text in zip(self._columns, cells, strict=True):
            room = column.end - text_width(line)
            gap = " " if line else ""
            if column.align_left:
                line += fit(gap + text, max(room, text_width(gap + text)))
            else:
                line += fit(gap + text, max(room, text_width(gap + text)), "right")
        return line.rstrip()


def _subject(tick: Tick) -> Subject | None:
    if tick.metrics is None:
        return None
    names = {metric.name for metric in tick.metrics}
    return next((subject for subject in SUBJECTS if subject.duration in names), None)


def _has_periods(tick: Tick, subject: Subject) -> bool:
    """Whether k6's event stream gives the exact percentiles of each period."""
    found = tick.metric(subject.duration)
    return found is not None and "p(95)" in found.period


def _columns(subject: Subject, *, of_periods: bool) -> tuple[_Column, ...]:
    columns = [
        _Column("elapsed", 7, lambda tick: ("≤" if tick.is_bound else "") + elapsed_text(tick.elapsed)),
        _Column("state", 17, lambda tick: str(tick.state), align_left=True),
        _Column("VUs", 24, _vus),
    ]
    numbers: list[tuple[str, Callable[[Tick], str]]] = []
    if subject.counter_title:
        numbers.append((subject.counter_title, _interval(subject.counter, "rate", Unit.PER_SECOND)))
    numbers.append(("Δ iters", _interval("iterations", "rate", Unit.PER_SECOND)))
    if subject.counter:
        numbers.append(("Δ avg", _interval(subject.duration, "avg", Unit.MILLISECONDS)))
    else:
        numbers.append(("Σ avg", _cumulative(subject.duration, "avg", Unit.MILLISECONDS)))
    if of_periods:
        numbers.append(("Δ p(95)", _of_period(subject.duration, "p(95)", Unit.MILLISECONDS)))
    else:
        numbers.append(("Σ p(95)", _cumulative(subject.duration, "p(95)", Unit.MILLISECONDS)))
    if subject.failed:
        numbers.append(("Σ failed", _cumulative(subject.failed, "rate", Unit.RATIO)))
    numbers.append(("Σ checks", _cumulative("checks", "rate", Unit.RATIO)))
    columns.extend(_Column(title, 24 + 9 * place, read) for place, (title, read) in enumerate(numbers, 1))
    return tuple(columns)


def _cumulative(metric: str, statistic: str, unit: Unit) -> Callable[[Tick], str]:
    def read(tick: Tick) -> str:
        found = tick.metric(metric)
        return UNKNOWN if found is None else quantity(found.cumulative.get(statistic), unit)

    return read


def _of_period(metric: str, statistic: str, unit: Unit) -> Callable[[Tick], str]:
    def read(tick: Tick) -> str:
        found = tick.metric(metric)
        return UNKNOWN if found is None else quantity(found.period.get(statistic), unit)

    return read


def _interval(metric: str, statistic: str, unit: Unit) -> Callable[[Tick], str]:
    def read(tick: Tick) -> str:
        found = tick.metric(metric)
        if found is None:
            return UNKNOWN
        if statistic in found.estimated:
            return "≈" + quantity(found.estimated[statistic], unit)
        return quantity(found.interval.get(statistic), unit)

    return read


def _vus(tick: Tick) -> str:
    if tick.vus is None or tick.outage is not None:
        return UNKNOWN
    return f"{tick.vus}/{tick.vus_max}" if tick.vus_max is not None else str(tick.vus)


def _remark(tick: Tick) -> str:
    """What else is to be said of a tick, in the open last column."""
    if tick.outage is not None and not tick.state.is_over:
        return f"k6 {WHAT_IS_WRONG[tick.outage.kind]}"
    if tick.crossed:
        return f"✗ {clean(' '.join(tick.crossed), _LONGEST_NAMES)}"
    return "✗ a threshold is crossed" if tick.tainted else ""

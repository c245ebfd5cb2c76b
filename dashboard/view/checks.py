"""Screen 3: the tree of groups and checks, and one check opened."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from dashboard.model.asking import Asked, Asking
from dashboard.model.check_history import TOTAL, CheckHistory, Interval
from dashboard.model.group import Group
from dashboard.model.group_tree import Branch, Tally, check_key, group_key, tree
from dashboard.model.history import TargetHistory
from dashboard.model.origin import Origin
from dashboard.model.run_history import RunHistory
from dashboard.model.run_numbers import CHECKS
from dashboard.model.series import Extract
from dashboard.model.silence import Gap
from dashboard.view.chart import Kind, Line, PlotSpec, Role, Unit
from dashboard.view.check_frames import CheckFrame, CheckRow, ChecksFrame, ChecksSummary
from dashboard.view.checks_view import CheckSort, ChecksView
from dashboard.view.format import clock_time
from dashboard.view.frame import ChartFrame, Number
from dashboard.view.header import selected_run
from dashboard.view.lazy import LazyRows
from dashboard.view.lines import Span, marks, moment, points, time_span, x_labels
from dashboard.view.metrics import matches
from dashboard.view.selection import Selection

SPARK_INTERVALS = 48
DANGER = "k6 can crash if it is asked for its groups at the very moment at which a new name appears"

_ORDERS = {
    CheckSort.SHARE: ("worst share first", "best share first"),
    CheckSort.SEEN: ("as first seen", "last seen first"),
    CheckSort.NAME: ("by name", "by name, backwards"),
    CheckSort.FAILS: ("fewest fails first", "most fails first"),
    CheckSort.PASSES: ("fewest passes first", "most passes first"),
    CheckSort.RECENT: ("worst recent share first", "best recent share first"),
}
"""What an order is called, ascending and descending."""


def build_checks(history: TargetHistory, selection: Selection) -> ChecksFrame:
    """Screen 3: filtered, sorted within each group, folded."""
    run = selected_run(history, selection)
    checks, at, view = run.checks, selection.cursor, selection.checks
    groups = checks.groups_at(at)
    every = tree(_ordered(groups, checks, at, view))
    wanted = selection.filter.strip()
    lines = {line.key: line for line in (_matching(every, wanted) if wanted else _unfolded(every, view.folded))}
    looked_at = checks.looked_at(at)

    def make(key: str) -> CheckRow:
        line, recent = lines[key], checks.recent(key, at, SPARK_INTERVALS)
        return CheckRow(
            key=key,
            label=line.name,
            depth=line.depth,
            is_group=line.check is None,
            is_folded=line.check is None and key in view.folded and not wanted,
            tally=line.tally,
            recent=recent[-1].tally if recent else None,
            spark=tuple(float(interval.tally.fails) for interval in recent),
        )

    return ChecksFrame(
        rows=LazyRows(tuple(lines), make, (run.number, looked_at, view.folded, bool(wanted))),
        summary=_summary(run, every, selection, looked_at),
        empty=_empty(run, history.asking_at(at), at, looked_at, is_filtered=bool(every)),
        note=note(run, history.asking_at(at), at),
        is_wanting=history.asking.asked is Asked.UNWANTED and not run.is_past,
    )


def _ordered(groups: tuple[Group, ...], checks: CheckHistory, at: float | None, view: ChecksView) -> list[Group]:
    """The groups, and the checks of each, in the order wished for; the tree keeps it among those of one parent."""
    place = {key: index for index, key in enumerate(checks.order)}
    sums = {line.key: line for line in tree(groups)}

    def value(key: str) -> float | None:
        line = sums.get(key)
        tally = line.tally if line is not None else Tally()
        match view.sort:
            case CheckSort.SHARE:
                return tally.share
            case CheckSort.RECENT:
                last = checks.interval(key, at)
                return last.tally.share if last else None
            case CheckSort.FAILS:
                return tally.fails
            case CheckSort.PASSES:
                return tally.passes
            case CheckSort.SEEN | CheckSort.NAME:
                return None

    def order(key: str, name: str) -> tuple[bool, float, str, int]:
        known = None if view.sort is CheckSort.SEEN else value(key)
        signed = 0.0 if known is None else -known if view.descending else known
        return known is None, signed, name if view.sort is CheckSort.NAME else "", place.get(key, len(place))

    backwards = view.descending and view.sort in (CheckSort.NAME, CheckSort.SEEN)
    sorted_groups = [
        replace(
            group,
            checks=tuple(
                sorted(group.checks, key=lambda check: order(check_key(check), check.name), reverse=backwards)
            ),
        )
        for group in groups
    ]
    return sorted(sorted_groups, key=lambda group: order(group_key(group), group.name), reverse=backwards)


def _unfolded(lines: Iterable[Branch], folded: frozenset[str]) -> Iterable[Branch]:
    """The lines that are not within a folded group."""
    hidden_below: int | None = None
    for line in lines:
        if hidden_below is not None and line.depth > hidden_below:
            continue
        hidden_below = line.depth if line.check is None and line.key in folded else None
        yield line


def _matching(lines: tuple[Branch, ...], wanted: str) -> list[Branch]:
    """The lines whose name passes the filter, with the groups around them and all that is in them."""
    found: list[bool] = []
    within: int | None = None
    for line in lines:
        if within is not None and line.depth <= within:
            within = None
        passes = matches(line.name, wanted)
        found.append(passes or within is not None)
        if passes and within is None and line.check is None and not wanted.startswith("!"):
            within = line.depth
    kept: list[Branch] = []
    needed = -1
    # From the end, a group comes after what is in it.
    for line, is_found in zip(reversed(lines), reversed(found), strict=True):
        if is_found or (line.check is None and line.depth < needed):
            kept.append(line)
            needed = line.depth
    return kept[::-1]


def _summary(
    run: RunHistory, lines: tuple[Branch, ...], selection: Selection, looked_at: float | None
) -> ChecksSummary:
    at, view = selection.cursor, selection.checks
    last = run.checks.interval(TOTAL, at)
    stand_in: Number | None = None
    shown = moment(run, selection)
    if looked_at is None and shown is not None:
        share = run.value(CHECKS, "rate", shown)
        stand_in = None if share is None else Number(share, Unit.RATIO, Kind.CUMULATIVE)
    groups = sum(line.check is None for line in lines)
    return ChecksSummary(
        checks=len(lines) - groups,
        groups=groups,
        tally=run.checks.tally(TOTAL, at),
        recent=last.tally if last else None,
        seconds=last.end - last.start if last else None,
        stand_in=stand_in,
        looked_at=looked_at,
        order=_ORDERS[view.sort][view.descending],
        omitted=run.checks.omitted,
    )


def _empty(run: RunHistory, asking: Asking, at: float | None, looked_at: float | None, *, is_filtered: bool) -> str:
    if is_filtered:
        return "no group and no check passes the filter"
    if looked_at is not None:
        return "this script has neither groups nor checks"
    if run.origin is Origin.DASHBOARD:
        return "groups and checks are not in what k6's web dashboard records"
    if _is_past(run, at):
        return "the groups of this run were never asked for"
    match asking.asked:
        case Asked.NEVER:
            return "switched off: groups are not asked for"
        case Asked.NO_MORE:
            return "groups are asked for no more"
        case _:
            return "not asked yet"


def _is_past(run: RunHistory, at: float | None) -> bool:
    """Whether another run had taken its place when it was as it is at a moment."""
    return run.is_past and (at is None or run.last_seen is None or at >= run.last_seen)


def note(run: RunHistory, asking: Asking, at: float | None = None) -> str:
    """How k6 was asked for its groups at a moment, in a sentence or two, and what may be missing therefore."""
    last = run.checks.looked_at(at)
    if run.origin.is_file:
        return "" if last is None else "Counted from every single sample that k6 wrote."
    is_over = run.state().is_over if at is None else run.state_at(at).is_over
    if last is not None and (is_over or _is_past(run, at)):
        if run.final_row is not None and last >= run.final_row:
            return "These are the final counts: k6 was asked after the end, when nothing can be counted any more."
        return (
            f"k6 was last asked at {clock_time(last)}, before the end: what was counted after that is missing here. "
            "With k6 run --linger the final counts can be had."
        )
    match asking.asked:
        case Asked.NEVER:
            return (
                "--no-groups: k6 is never asked for its groups and checks. "
                "The metric checks stands in; it tells their share since the start."
            )
        case Asked.NO_MORE:
            return f"k6 is not asked any more: {asking.why}."
        case Asked.REGULARLY if asking.every:
            return (
                f"k6 is asked every {asking.every:.0f} s and no more often: {DANGER}. "
                "If your script makes ever-new names, start k6dash with --no-groups."
            )
        case Asked.REGULARLY:
            return ""
        case Asked.UNWANTED | Asked.NOT_YET:
            why = f": {asking.why}" if asking.why else ""
            return (
                f"Not asked yet{why}. {DANGER}. So it is asked once a test has settled, and then every 10 s; "
                "--no-groups switches it off."
            )


def build_check(history: TargetHistory, selection: Selection, now: float) -> CheckFrame:
    """The check that the selection names: its share and its counts over time."""
    run = selected_run(history, selection)
    key, at = selection.checks.opened, selection.cursor
    span = time_span(run, selection, now)
    line = next((line for line in tree(run.checks.groups_at(at)) if line.key == key), None)
    intervals = run.checks.between(key, span.start, span.until)
    path = "" if line is None or line.check is None else line.check.path or f"{line.group.path}::{line.name}"
    return CheckFrame(
        name="" if line is None else line.name,
        path=path,
        charts=_charts(run, history, key, span, intervals),
        statistics=() if line is None else _statistics(line.tally, run.checks.interval(key, at)),
        explanation=(
            "Counts are k6's own. What lies between two looks at the groups (Δ) is exact; how much of it a second, "
            "is by k6dash's clock."
            if line is not None
            else "k6 has not given this check in this run yet."
        ),
    )


def _statistics(tally: Tally, last: Interval | None) -> tuple[tuple[str, Number], ...]:
    def count(number: int | None, kind: Kind) -> Number:
        return Number(None if number is None else float(number), Unit.NUMBER, kind)

    def rows(counted: Tally | None, kind: Kind) -> tuple[tuple[str, Number], ...]:
        return (
            ("passes", count(counted.passes if counted else None, kind)),
            ("fails", count(counted.fails if counted else None, kind)),
            ("share passed", Number(counted.share if counted else None, Unit.RATIO, kind)),
        )

    return rows(tally, Kind.CUMULATIVE) + rows(last.tally if last else None, Kind.INTERVAL)


def _charts(
    run: RunHistory, history: TargetHistory, key: str, span: Span, intervals: tuple[Interval, ...]
) -> tuple[ChartFrame, ...]:
    ticks, marked, gaps = x_labels(span), marks(history.events, span), run.gaps
    whole = [(interval.end, run.checks.tally(key, interval.end).share) for interval in intervals]
    recent = [(interval.end, interval.tally.share) for interval in intervals]
    passed = [(each.end, each.tally.passes / (each.end - each.start)) for each in intervals]
    failed = [(each.end, each.tally.fails / (each.end - each.start)) for each in intervals]
    empty = "two looks are needed, and there have not been two yet"
    share = PlotSpec(
        (
            _line(whole, gaps, "whole run", Role.VALUE, Kind.CUMULATIVE),
            _line(recent, gaps, "between looks", Role.PASSED, Kind.INTERVAL),
        ),
        span.start,
        span.end,
        Unit.RATIO,
        x_labels=ticks,
        marks=marked,
        empty=empty,
    )
    counts = replace(
        share,
        lines=(
            _line(passed, gaps, "passes", Role.PASSED, Kind.ESTIMATED),
            _line(failed, gaps, "fails", Role.FAILED, Kind.ESTIMATED),
        ),
        unit=Unit.PER_SECOND,
    )
    return (
        ChartFrame("check-share", "share passed", share, ""),
        ChartFrame("check-counts", "passes and fails", counts, ""),
    )


def _line(
    values: Iterable[tuple[float, float | None]], gaps: Iterable[Gap], label: str, role: Role, kind: Kind
) -> Line:
    known = [(at, math.nan if value is None else value) for at, value in values]
    times, ys = tuple(at for at, _ in known), tuple(value for _, value in known)
    xs, drawn = points(Extract(times, ys, ys, ys), gaps)
    return Line(label, role, kind, xs, drawn, latest=ys[-1] if ys else math.nan)

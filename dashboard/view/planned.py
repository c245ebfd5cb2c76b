"""What is planned, drawn under what is: over the time of day, and over the time of the test."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from dashboard.model.profile import Corners, after, before
from dashboard.model.run import State
from dashboard.model.run_history import RunHistory
from dashboard.model.schedule import Timeline
from dashboard.view.chart import Kind, Line, Role
from dashboard.view.lines import Span

Point = tuple[float, float]


def planned_vus(run: RunHistory) -> tuple[str, Corners]:
    """The VUs that are planned, and how that is called: where some are not planned, the most that may be in use."""
    plan = run.plan
    if plan is None:
        return "planned", ()
    return ("planned", plan.vus) if plan.is_exact else ("at most", plan.most)


def planned_vus_lines(run: RunHistory, span: Span, cursor: float | None) -> tuple[Line, ...]:
    """The planned VUs under the real ones, on the right axis; none where nothing is planned."""
    label, corners = planned_vus(run)
    drawn = planned_line(run, corners, span, cursor, label=label, right=True)
    return () if drawn is None else (drawn,)


def planned_line(
    run: RunHistory, corners: Corners, span: Span, cursor: float | None, *, label: str, right: bool = False
) -> Line | None:
    """What is planned over the time of day. A plan stands still while the test is paused.

    It reaches as far as the axis does, into the future too, unless the test is paused or over.
    """
    timeline = run.schedule.timeline(cursor)
    if not corners or timeline.offset is None:
        return None
    state = run.state() if cursor is None else run.state_at(cursor)
    until = span.end if state is State.RUNNING else span.until
    points = [point for point in _over_day(timeline, corners, until) if point[0] >= span.start - span.window]
    if not points:
        return None
    load = timeline.load_at(span.moment) if span.moment is not None else None
    latest = math.nan if load is None else after(corners, load)
    xs, ys = zip(*points, strict=True)
    return Line(label, Role.PLANNED, Kind.NOW, xs, ys, right, latest)


def _over_day(timeline: Timeline, corners: Corners, until: float) -> Iterator[Point]:
    """The corners by the time of day, with one more wherever k6's clock changes its pace."""
    begins = timeline.moment_of(0.0)
    if begins is None or begins >= until:
        return
    for start, end in pairwise([begins, *timeline.turns(begins, until), until]):
        low, high = timeline.load_at(start) or 0.0, timeline.load_at(end) or 0.0
        yield start, after(corners, low)
        for x, y in corners:
            if low < x < high:
                yield start + (x - low) / (high - low) * (end - start), y
        yield end, before(corners, high) if high > low else after(corners, low)


def over_test(corners: Corners, until: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """What is planned over the time of the test, up to ``until``.

    >>> over_test(((0, 0.0), (0, 3), (math.inf, 3)), 10)
    ((0, 0, 10), (0.0, 3, 3.0))
    """
    points = [(x, y) for x, y in corners if x <= until]
    if points and corners[-1][0] > until:
        points.append((until, before(corners, until)))
    return tuple(x for x, _ in points), tuple(y for _, y in points)

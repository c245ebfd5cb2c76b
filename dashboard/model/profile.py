"""Heights over time as corners joined by straight lines: what a plan is made of. Nothing lies before or after them.

Two corners of one moment are a jump. The last corner may lie at infinity, at the height of the one before it.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from operator import itemgetter

Corners = tuple[tuple[float, float], ...]
"""Seconds and height, ascending in time."""

_TIME = itemgetter(0)


def flat(start: float, seconds: float | None, height: float) -> Corners:
    """The same height for some time; for ever where that is None.

    >>> flat(5, 10, 3)
    ((5, 3), (15, 3))
    """
    return (start, height), (math.inf if seconds is None else start + seconds, height)


def before(corners: Corners, x: float) -> float:
    """The height just before a moment."""
    after = bisect_left(corners, x, key=_TIME)
    if after in (0, len(corners)):
        return 0.0
    return _between(corners[after - 1], corners[after], x)


def after(corners: Corners, x: float) -> float:
    """The height from a moment on.

    >>> ramp = ((0, 0), (10, 20), (10, 5), (20, 5))
    >>> before(ramp, 10), after(ramp, 10), after(ramp, 2.5), after(ramp, 20)
    (20.0, 5.0, 5.0, 0.0)
    """
    following = bisect_right(corners, x, key=_TIME)
    if following in (0, len(corners)):
        return 0.0
    return _between(corners[following - 1], corners[following], x)


def _between(one: tuple[float, float], other: tuple[float, float], x: float) -> float:
    (x1, y1), (x2, y2) = one, other
    if math.isinf(x2) or x2 == x1:
        return float(y1 if x < x2 else y2)
    return y1 + (y2 - y1) * (x - x1) / (x2 - x1)


def total(profiles: Iterable[Corners]) -> Corners:
    """The sum of several.

    >>> total([flat(0, 10, 2), flat(5, 10, 1)])
    ((0, 0.0), (0, 2.0), (5, 2.0), (5, 3.0), (10, 3.0), (10, 1.0), (15, 1.0), (15, 0.0))
    """
    known = [corners for corners in profiles if corners]
    times = sorted({x for corners in known for x, _ in corners})
    joined: list[tuple[float, float]] = []
    for x in times:
        ends = [sum(height(corners, x) for corners in known) for height in (before, after)]
        if math.isinf(x) and joined:
            ends = [joined[-1][1]]
        joined += [(x, ends[0])] if len(ends) == 1 or ends[0] == ends[1] else [(x, ends[0]), (x, ends[1])]
    return tuple(joined)


def held(corners: Corners, seconds: float, until: float) -> Corners:
    """The greatest height of the last ``seconds`` at each moment, up to ``until``; between two corners at most that.

    >>> held(((0, 6), (10, 6), (10, 2), (20, 2)), 3, 20)
    ((0, 6), (3, 6), (10, 6.0), (13, 6), (13, 2.0), (20, 2.0))
    """
    if seconds <= 0 or not corners:
        return corners
    times = sorted({x for corner, _ in corners for x in (corner, corner + seconds) if x < until} | {until})
    highest: list[tuple[float, float]] = []
    for x in times:
        heights = [y for at, y in corners if x - seconds <= at < x]
        ended = max([*heights, before(corners, x - seconds), before(corners, x)])
        heights = [y for at, y in corners if x - seconds < at <= x]
        begins = max([*heights, after(corners, x - seconds), after(corners, x)])
        if x == times[0]:
            highest.append((x, begins))
        elif x == until or ended == begins:
            highest.append((x, ended))
        else:
            highest += [(x, ended), (x, begins)]
    return tuple(highest)


def peak(corners: Corners) -> float:
    """The greatest height.

    >>> peak(((0, 1), (5, 7), (9, 2)))
    7
    """
    return max((y for _, y in corners), default=0.0)

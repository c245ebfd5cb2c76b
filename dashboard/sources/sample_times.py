"""When the samples of a file were taken, and when their test began."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from dashboard.quick import dataclass

_SPANS: Final = frozenset({"iteration_duration", "group_duration", "http_req_duration"})
"""Trends whose samples say how long ago something began."""
_OF_STATUS: Final = frozenset({"vus", "vus_max"})
SETUP: Final = "::setup"
"""The group of what setup() does."""


@dataclass(frozen=True, slots=True)
class Point:
    """One sample."""

    metric: str
    at: float
    """Seconds since the Unix epoch."""
    value: float
    tags: Mapping[str, object]


def beginning(
    points: Iterable[Point],
) -> tuple[float | None, float | None]:
    """When the test began, as far as its first samples tell, and when its setup() ended, if it has one."""
    earliest = math.inf
    setup_end: float | None = None
    beats: list[tuple[float, float]] = []
    for point in points:
        name, at, value, tags = point.metric, point.at, point.value, point.tags
        if name in _OF_STATUS:
            if name == "vus_max":
                beats.append((at, value))
            continue
        earliest = min(earliest, at - value / 1000 if name in _SPANS else at)
        if setup_end is None and name.startswith("data_") and tags.get("group") == SETUP:
            setup_end = at
    # k6 tells its VUs each second from when it begins to make them; that there are more shows that it still does.
    grown = [at for (at, most), (_, before) in zip(beats[1:], beats, strict=False) if most > before and at < earliest]
    begun = (grown[-1] if grown else beats[0][0]) - 1.0 if beats else math.inf
    if setup_end is not None or earliest == math.inf:
        earliest = min(earliest, begun)
    return (earliest if earliest < math.inf else None), setup_end


def moment_of(stamp: object) -> float | None:
    """A time as Go writes it, in seconds since the Unix epoch."""
    try:
        text = stamp.decode("ascii") if isinstance(stamp, bytes) else str(stamp)
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        return None


def time_of(line: bytes) -> float | None:
    """The time of a sample in a line, which may have been cut off at its beginning or at its end."""
    _, found, rest = line.partition(b'"data":{"time":"')
    stamp, closed, _ = rest.partition(b'"')
    # What is left of a time that was cut off may be a time too: another one, of no zone.
    return moment_of(stamp) if found and closed else None

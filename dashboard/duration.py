"""Lengths of time as people write them."""

from __future__ import annotations

import re
from typing import Final

_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)
_WHOLE: Final = re.compile(rf"(?:{_PART.pattern})+", re.ASCII)
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def parse_duration(text: str) -> float:
    """Seconds of a duration such as ``500ms``, ``90s`` or ``1h30m``: k6's own form, and ``d`` for days.

    Raises:
        ValueError: it is not one.
    """
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{text!r} is not a duration; write one like '500ms', '90s' or '1h30m'")
    return sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(text))


def duration_text(seconds: float) -> str:
    """Write a duration in its shortest form.

    >>> duration_text(90), duration_text(0.25), duration_text(3600), duration_text(86400)
    ('1m30s', '250ms', '1h', '1d')
    """
    left = round(seconds * 1000)
    parts: list[str] = []
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        amount, left = divmod(left, size)
        if amount:
            parts.append(f"{amount}{unit}")
    return "".join(parts) or "0s"

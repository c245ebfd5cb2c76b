"""Faults: ways in which a k6 may behave badly, as texts such as ``latency=500ms`` or ``drop=10%``.

=============  ==============================================================================================
fault          what happens
=============  ==============================================================================================
latency=TIME   every answer comes so much later
drop           the connection is closed without a word
5xx            the answer is 502, 503 or 504 with a page of text, as from a proxy
garbage        what comes is not HTTP (in process: not JSON)
truncate       the body ends in the middle, and the connection with it
dribble        the body comes in small pieces, over five seconds
hang           no answer ever comes
huge           the body is followed by 32 MiB of white space
restart@TIME   the process goes at that time, and a second later another one starts in its place
die@TIME       the process goes at that time
=============  ==============================================================================================

Each of the others takes a share, as in ``drop=10%`` (all requests without one), and a time from which on, as
in ``hang@30s`` or ``5xx=50%@1m``. Times are those of the clock, from the start of the server. Several faults
may be given, also in one text with commas between them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from dashboard.duration import parse_duration
from dashboard.errors import UsageError
from dashboard.quick import dataclass

RESTART_GAP: Final = 1.0
"""Seconds between the end of a process and the start of the next."""

_SHARED: Final = ("drop", "5xx", "garbage", "truncate", "dribble", "hang", "huge")
_TIMED: Final = ("restart", "die")
_NAMES: Final = ("latency", *_SHARED, *_TIMED)
_SYNTAX: Final = re.compile(r"([a-z0-9]+)(?:=([^@=]+))?(?:@([^@=]+))?")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        name: Which.
        share: The share of requests that it befalls.
        seconds: The latency.
        since: From when on, or when, in seconds from the start of the server.
    """

    name: str
    share: float = 1.0
    seconds: float = 0.0
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Faults:
    """All faults of one server."""

    faults: tuple[Fault, ...] = ()

    def named(self, name: str) -> tuple[Fault, ...]:
        """Those of one name."""
        return tuple(fault for fault in self.faults if fault.name == name)

    def is_dead(self, seconds: float) -> bool:
        """Whether the process is gone for good."""
        return any(seconds >= fault.since for fault in self.named("die"))

    def restarts(self, seconds: float) -> int:
        """How many new processes have started."""
        return sum(seconds >= fault.since + RESTART_GAP for fault in self.named("restart"))

    def is_away(self, seconds: float) -> bool:
        """Whether no process runs: after the end of one, and before the start of the next if there is one."""
        between = (fault.since <= seconds < fault.since + RESTART_GAP for fault in self.named("restart"))
        return self.is_dead(seconds) or any(between)


def parse_faults(texts: Sequence[str]) -> Faults:
    """Read faults.

    Raises:
        UsageError: one of them is none; the message says what would be right.
    """
    return Faults(tuple(_parse(text.strip()) for joined in texts for text in joined.split(",")))


def _parse(text: str) -> Fault:
    match = _SYNTAX.fullmatch(text)
    name, amount, when = match.groups() if match else ("", None, None)
    if name not in _NAMES:
        raise UsageError(f"no fault {text!r}: it is one of {', '.join(_NAMES)}, like 'drop=10%' or 'die@60s'")
    since = 0.0
    if when is not None:
        since = _duration(text, when)
    if name in _TIMED:
        if when is None or amount is not None:
            raise UsageError(f"fault {text!r} needs a time and nothing else, like '{name}@60s'")
        return Fault(name, since=since)
    if name == "latency":
        if amount is None:
            raise UsageError(f"fault {text!r} needs a time, like 'latency=500ms'")
        return Fault(name, seconds=_duration(text, amount), since=since)
    share = 1.0
    if amount is not None:
        percent = re.fullmatch(r"(\d+(?:\.\d+)?)%", amount)
        if not percent or float(percent.group(1)) > 100:
            raise UsageError(f"fault {text!r} needs a share from 0% to 100%, like '{name}=10%'")
        share = float(percent.group(1)) / 100
    return Fault(name, share=share, since=since)


def _duration(text: str, duration: str) -> float:
    try:
        return parse_duration(duration)
    except ValueError as error:
        raise UsageError(f"fault {text!r}: {error}") from None

"""Waiting for something to become true, with a deadline and a word about what was seen instead."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from dashboard.clock import SystemClock

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds that a machine under load may need for what takes milliseconds on an idle one."""

_PERIOD = 0.01
_CLOCK = SystemClock()


def wait_until(
    predicate: Callable[[], T],
    timeout: float = PATIENCE,
    what: str = "it",
    seen: Callable[[], object] | None = None,
) -> T:
    """The first truthy value of ``predicate``, asked again and again.

    Args:
        predicate: What is to become true. What it raises is raised.
        timeout: After how many seconds to give up.
        what: The thing waited for, for the failure's message.
        seen: What to show when it never came; the predicate's last value otherwise.

    Raises:
        AssertionError: it did not become true in time.
    """
    deadline = _CLOCK.now() + timeout
    pause = threading.Event()
    while not (value := predicate()):
        if _CLOCK.now() > deadline:
            raise AssertionError(_failure(timeout, what, seen() if seen else value))
        pause.wait(_PERIOD)
    return value


async def eventually(
    predicate: Callable[[], T],
    timeout: float = PATIENCE,
    what: str = "it",
    seen: Callable[[], object] | None = None,
) -> T:
    """:func:`wait_until` for a test that runs on an event loop, which goes on turning meanwhile.

    Raises:
        AssertionError: it did not become true in time.
    """
    deadline = _CLOCK.now() + timeout
    while not (value := predicate()):
        if _CLOCK.now() > deadline:
            raise AssertionError(_failure(timeout, what, seen() if seen else value))
        await asyncio.sleep(_PERIOD)
    return value


def _failure(timeout: float, what: str, seen: object) -> str:
    return f"{what} did not come about in {timeout:g} s; seen instead:\n{seen}"

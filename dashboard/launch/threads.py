"""Waiting for k6 beside the event loop, without k6dash having to wait when it leaves."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def beside_the_loop(function: Callable[[], T]) -> T:
    """Call what blocks in a thread that nobody waits for at the end: k6 may run for hours after k6dash has left."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[T] = loop.create_future()

    def tell(result: T | None, error: BaseException | None) -> None:
        if ended.done():
            return
        if error is not None:
            ended.set_exception(error)
        else:
            ended.set_result(result)  # type: ignore[arg-type]  # where there is no error there is a result

    def call() -> None:
        result, error = None, None
        try:
            result = function()
        except BaseException as caught:  # handed on to whoever waits
            error = caught
        with contextlib.suppress(RuntimeError):  # the loop has closed meanwhile
            loop.call_soon_threadsafe(tell, result, error)

    threading.Thread(target=call, name="beside the loop", daemon=True).start()
    return await ended

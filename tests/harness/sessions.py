"""A session that goes on beside a test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from dashboard.session import Session


@asynccontextmanager
async def under_way(session: Session) -> AsyncGenerator[None]:
    """Run a session until the block ends, then close it."""
    task = asyncio.create_task(session.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await session.aclose()

"""``k6dash wait``: come back when the test is in a state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dashboard.commands.oneshot import Reach, reaching
from dashboard.commands.options import CONTEXT

if TYPE_CHECKING:
    from dashboard.api.client import Client
    from dashboard.oneshot.deadline import Deadline
    from dashboard.oneshot.report import Report

STATES = ("starting", "paused", "running", "teardown", "ended", "stopped", "failed", "unreachable")
"""The words of :class:`dashboard.model.run.State`."""


@click.command(context_settings=CONTEXT)
@click.argument("states", metavar="STATE...", nargs=-1, required=True, type=click.Choice(STATES))
@reaching(None)
def wait(reach: Reach, states: tuple[str, ...]) -> int:
    """Wait until the test is in STATE, or in one of several.

    STATE is starting, paused, running, teardown, ended, stopped, failed or unreachable. A k6 that is not there yet is
    waited for. One that left after its setup has ended, as far as can be seen. Where the state cannot come any more,
    because the test is over, that is said at once, with exit code 77.
    """

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.model.run import State
        from dashboard.oneshot import wait

        return await wait.wait(client, deadline, frozenset(State(word) for word in states))

    return reach.ask("wait", ask)

"""``k6dash pause``, ``resume``, ``scale`` and ``stop``: one action, and whether it happened."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from dashboard.commands.oneshot import ACT_TIMEOUT, Reach, reaching
from dashboard.commands.options import CONTEXT
from dashboard.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from dashboard.api.client import Client
    from dashboard.oneshot.deadline import Deadline
    from dashboard.oneshot.report import Report


@click.command(context_settings=CONTEXT)
@reaching(ACT_TIMEOUT)
def pause(reach: Reach) -> int:
    """Pause the test: running iterations finish, no new ones start. k6 v1, externally-controlled executor only."""

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.oneshot import steer

        return await steer.pause(client, deadline)

    return reach.ask("pause", ask, acts=True)


@click.command(context_settings=CONTEXT)
@reaching(ACT_TIMEOUT)
def resume(reach: Reach) -> int:
    """Let a paused test go on, or start one that waits at its start (k6 run --paused)."""

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.oneshot import steer

        return await steer.resume(client, deadline)

    return reach.ask("resume", ask, acts=True)


@click.command(context_settings=CONTEXT)
@click.argument("vus", type=click.IntRange(min=0))
@click.option(
    "--max",
    "vus_max",
    type=click.IntRange(min=1),
    metavar="VUS",
    help="The most VUs there may be from now on. [default: raised where VUS needs it]",
)
@reaching(ACT_TIMEOUT)
def scale(reach: Reach, vus: int, vus_max: int | None) -> int:
    """Set the number of VUs, and wait until k6 runs so many. k6 v1, externally-controlled executor only."""
    if vus_max is not None and vus > vus_max:
        raise UsageError(f"{vus} VUs are more than --max {vus_max}; raise --max to {vus} at least")

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.oneshot import steer

        return await steer.scale(client, deadline, vus, vus_max)

    return reach.ask("scale", ask, acts=True)


@click.command(context_settings=CONTEXT)
@click.option("-y", "--yes", is_flag=True, help="Do not ask whether it is meant.")
@reaching(ACT_TIMEOUT)
def stop(reach: Reach, yes: bool) -> int:
    """Stop the test, and wait until k6 has left or lingers. Iterations are cut off; teardown() still runs.

    k6 itself ends with exit code 103 then.
    """
    if reach.is_read_only():
        return ExitCode.REFUSED
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("stop asks first, and there is no terminal to ask on; say --yes if it is meant")
        where = reach.connection.address().label
        if not click.confirm(f"Stop the test at {where}? Its iterations are cut off.", err=True):
            click.echo("k6dash: not stopped", err=True)
            return ExitCode.SIGNALLED

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.oneshot import steer

        return await steer.stop(client, deadline)

    return reach.ask("stop", ask, acts=True)

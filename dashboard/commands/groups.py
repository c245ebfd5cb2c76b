"""``k6dash groups`` and ``checks``: asked for once, when it cannot harm the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dashboard.commands.oneshot import ACT_TIMEOUT, Reach, reaching, say
from dashboard.commands.options import CONTEXT

if TYPE_CHECKING:
    from dashboard.api.client import Client
    from dashboard.oneshot.deadline import Deadline
    from dashboard.oneshot.report import Report

_forced = click.option(
    "--force", is_flag=True, help="Ask at once, whatever the test is doing: names that appear meanwhile can crash k6."
)


@click.command(context_settings=CONTEXT)
@click.argument("group", required=False)
@_forced
@reaching(ACT_TIMEOUT)
def groups(reach: Reach, group: str | None, force: bool) -> int:
    """Tell the tree of groups and checks, or one GROUP, by its path such as outer::inner, or its id.

    This request can crash k6 while names are appearing that it has not seen. So a test in its first ten seconds, or
    in its first iterations, is waited for.
    """

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.oneshot import groups

        return await groups.groups(client, deadline, say, group, is_forced=force)

    return reach.ask("groups", ask)


@click.command(context_settings=CONTEXT)
@_forced
@reaching(ACT_TIMEOUT)
def checks(reach: Reach, force: bool) -> int:
    """Tell all checks with how often they passed and failed, those that fail most first.

    Asks k6 for its groups, with the care of k6dash groups. The metric checks has the share alone, without any risk.
    """

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.oneshot import groups

        return await groups.checks(client, deadline, say, is_forced=force)

    return reach.ask("checks", ask)

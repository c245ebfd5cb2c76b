"""``k6dash groups`` and ``checks``: asked for once, when it cannot harm the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dashboard.commands.oneshot import ACT_TIMEOUT, Reach, reaching, say
from dashboard.commands.options import CONTEXT
from dashboard.config import origin_of
from dashboard.errors import ExitCode

if TYPE_CHECKING:
    from dashboard.api.client import Client
    from dashboard.oneshot.deadline import Deadline
    from dashboard.oneshot.report import Report

_forced = click.option(
    "--force", is_flag=True, help="Ask at once, whatever the test is doing: names that appear meanwhile can crash k6."
)


def _is_never_asked(force: bool) -> bool:
    """Whether the settings say that no k6 is to be asked for its groups; says so, if they do."""
    root = click.get_current_context().find_root()
    if force or root.params.get("groups") is not False:
        return False
    say(f"k6 is not asked for its groups: groups is false ({origin_of(root, 'groups')}); --force asks all the same")
    return True


@click.command(context_settings=CONTEXT)
@click.argument("group", required=False)
@_forced
@reaching(ACT_TIMEOUT)
def groups(reach: Reach, group: str | None, force: bool) -> int:
    """Tell the tree of groups and checks, or one GROUP, by its path such as outer::inner, or its id.

    This request can crash k6 while names are appearing that it has not seen. So a test in its first ten seconds, or
    in its first iterations, is waited for.
    """
    if _is_never_asked(force):
        return ExitCode.REFUSED

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
    if _is_never_asked(force):
        return ExitCode.REFUSED

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.oneshot import groups

        return await groups.checks(client, deadline, say, is_forced=force)

    return reach.ask("checks", ask)

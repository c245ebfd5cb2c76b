"""``k6dash status``, ``metrics``, ``generator`` and ``capabilities``: a look at a k6."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from dashboard.commands.connection import Connection
from dashboard.commands.oneshot import READ_TIMEOUT, Reach, reaching
from dashboard.commands.options import CONTEXT
from dashboard.errors import K6DashError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from dashboard.api.client import Client
    from dashboard.oneshot.deadline import Deadline
    from dashboard.oneshot.report import Report


_PATIENCE_OF_A_TAB = 0.7
"""Seconds that k6 has to tell its metrics while somebody waits for a completion."""
_ONE_WORD = re.compile(r"[\w.:{}/=+@%-]+", re.ASCII)
"""Names that no shell takes for more than a word. Others come from a script that may mean harm, and are not offered."""


def metric_names(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The metrics of the k6 that the options name, if it tells them soon."""
    from click.shell_completion import CompletionItem

    given = context.params
    connection = Connection(given.get("target"), given.get("headers") or (), bool(given.get("insecure")))
    reach = Reach(connection, _PATIENCE_OF_A_TAB, as_json=False)
    try:
        known = reach.metric_names()
    except K6DashError:
        return []
    typed = given.get("names") or ()
    return [
        CompletionItem(name)
        for name in known
        if name.startswith(incomplete) and name not in typed and _ONE_WORD.fullmatch(name)
    ]


@click.command(context_settings=CONTEXT)
@reaching(READ_TIMEOUT)
@click.option("--fail-on-tainted", is_flag=True, help="End with 99 while a threshold is crossed.")
def status(reach: Reach, fail_on_tainted: bool) -> int:
    """Tell the state of the test and its VUs, for one GET."""

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.oneshot import run_status

        return await run_status.status(client, deadline.left, fails_on_tainted=fail_on_tainted)

    return reach.ask("status", ask)


@click.command(context_settings=CONTEXT)
@click.argument("names", metavar="[METRIC]...", nargs=-1, shell_complete=metric_names)
@reaching(READ_TIMEOUT)
def metrics(reach: Reach, names: tuple[str, ...]) -> int:
    """Tell the metrics, all or those named; quote a submetric: 'http_req_duration{status:200}'.

    Counters, rates and trends are cumulative: over the whole test so far, as k6 gives them. A gauge is of now.
    """

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.oneshot import metrics

        return await metrics.metrics(client, deadline, names)

    return reach.ask("metrics", ask)


@click.command(context_settings=CONTEXT)
@reaching(READ_TIMEOUT)
def capabilities(reach: Reach) -> int:
    """Find out what this k6 can be made to do, by asking it for -1 VUs, which changes nothing.

    A test that waits at its start is not asked.
    """

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.oneshot import capabilities

        return await capabilities.capabilities(client, deadline)

    return reach.ask("capabilities", ask, acts=True)


@click.command(context_settings=CONTEXT)
@reaching(READ_TIMEOUT)
def generator(reach: Reach) -> int:
    """Judge whether the machine that makes the load is the bottleneck, by two looks a second apart.

    k6 tells of its process since 1.2; where it runs on this machine, the process table fills in.
    """

    async def ask(client: Client, deadline: Deadline) -> Report:
        from dashboard.oneshot import generator
        from dashboard.sources.process import NoProber
        from dashboard.targets import local_prober

        prober = local_prober(client.target, deadline.clock) or NoProber()
        return await generator.generator(client, deadline, prober)

    return reach.ask("generator", ask)

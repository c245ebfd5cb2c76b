"""Options that stand for themselves and are shared by several commands, and what to do with one that means nothing.

Those that stand for something together are in ``connection.py``, ``screen.py`` and ``simulated.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import click
from click.core import ParameterSource

from dashboard.commands.parameters import Interval
from dashboard.errors import UsageError

DEFAULT_LISTEN = "127.0.0.1:6565"
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""How every command shows its help."""


def interval_option(*short: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add ``--interval``, and a short name for it where there is room for one."""
    return click.option(
        *short,
        "--interval",
        type=Interval(),
        metavar="SECONDS",
        default=1.0,
        show_default=True,
        help="Seconds between two looks, 0.2 to 60.",
    )


record_option = click.option(
    "--record",
    metavar="FILE",
    help="Record all of it; auto names the file by target and time in the data folder. R starts and stops it too.",
)
read_only_option = click.option(
    "--read-only", is_flag=True, help="Look and no more: no key changes anything, nothing but GETs is sent."
)
groups_option = click.option(
    "--groups/--no-groups",
    "groups",
    default=None,
    help="Ask k6 for groups and checks from the start, or never; it can crash k6 while new names appear."
    " [default: once screen 3 is opened]",
)


def refuse(context: click.Context, why: str, *names: str) -> None:
    """Complain of an option that was typed where it means nothing; of any, where none is named.

    Raises:
        UsageError: there is one; ``why`` says where it belongs.
    """
    for param in context.command.params:
        is_typed = context.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
        if is_typed and (not names or param.name in names):
            raise UsageError(f"{param.opts[-1]} {why}")

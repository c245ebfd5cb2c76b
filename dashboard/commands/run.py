"""``k6dash run``: start k6 and watch it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from dashboard.commands.headless import OF_HEADLESS, Headless, headless_options
from dashboard.commands.options import groups_option, interval_option, read_only_option, record_option, refuse
from dashboard.commands.screen import OF_SCREEN, Screen, screen_options
from dashboard.commands.suggestions import complete_file
from dashboard.errors import UsageError

if TYPE_CHECKING:
    from dashboard.commands.launching import FrontEnd


@click.command(
    # No short options, not even -h: all of those are k6's.
    context_settings={
        "help_option_names": ["--help"],
        "max_content_width": 100,
        "ignore_unknown_options": True,
        "allow_interspersed_args": False,
    },
    options_metavar="[k6dash's options]",
)
@click.option("--k6", metavar="PATH", help="The k6 to start. [default: $K6DASH_K6, else the first on the PATH]")
@interval_option()
@click.option("--no-events", is_flag=True, help="Do not switch on k6's event stream: no exact interval percentiles.")
@record_option
@read_only_option
@groups_option
@screen_options
@headless_options(waits=False)
@click.argument(
    "arguments",
    nargs=-1,
    type=click.UNPROCESSED,
    metavar="script.js [k6's options]",
    shell_complete=complete_file,
)
@click.pass_context
def run(
    context: click.Context,
    k6: str | None,
    interval: float,
    no_events: bool,
    record: str | None,
    read_only: bool,
    groups: bool | None,
    screen: Screen,
    headless: bool,
    settings: Headless,
    arguments: tuple[str, ...],
) -> int:
    """Start k6 and watch it. What follows k6dash's own options is k6's, word for word.

    k6's exit code becomes k6dash's. Where there is no terminal, it is as with --headless.
    """
    from dashboard.clock import SystemClock
    from dashboard.commands.launching import Cockpit, Headlessly, Start, sit
    from dashboard.launch.arguments import STDIN, parse
    from dashboard.launch.command import find_k6
    from dashboard.launch.folder import make_folder
    from dashboard.sources.groups import GroupsPolicy, groups_policy

    typed = parse(arguments)
    if typed.last("help") is not None:
        raise UsageError("k6dash run --help tells of k6dash's options, k6 run --help of k6's")
    if typed.script is None:
        raise UsageError("there is no script to run; write k6dash run script.js [k6's options]")
    if headless:
        refuse(context, "is for the screen; it does not go with --headless", *OF_SCREEN)
    if read_only:
        refuse(context, "changes the test; it does not go with --read-only", "then")
    program = find_k6(k6, os.environ)
    clock = SystemClock()
    read = _take_stdin() if typed.script == STDIN else None
    front_end: FrontEnd
    if headless or not (sys.stdin.isatty() and sys.stdout.isatty()):
        front_end = Headlessly(settings, interval)
    else:
        refuse(context, "goes with --headless", *OF_HEADLESS)
        from dashboard.commands.cockpit import keys_of

        front_end = Cockpit(screen, keys_of(context))
    # What cannot be has been refused: it leaves no folder.
    folder = make_folder(os.environ, clock.now())
    script = None
    if read is not None:
        script = folder.script
        script.write_bytes(read)
    own = frozenset(name.removeprefix("--") for param in context.command.params for name in param.opts)
    start = Start(program, typed, folder, script, with_events=not no_events, own_options=own, read_only=read_only)
    policy = groups_policy(groups, GroupsPolicy.WANTED)
    return sit(front_end, start, clock, interval, policy, record)


def _take_stdin() -> bytes:
    """The script that comes on standard input, to be kept for k6 to read it twice; the input is then the terminal's."""
    script = sys.stdin.buffer.read()
    with suppress(OSError):  # there may be no terminal at all
        terminal = os.open("/dev/tty", os.O_RDWR)
        os.dup2(terminal, 0)
        os.close(terminal)
    return script

"""``k6dash run``: start k6 and watch it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from dashboard.commands.options import Screen, interval_option, screen_options
from dashboard.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from dashboard.clock import Clock
    from dashboard.launch.arguments import K6Arguments
    from dashboard.launch.folder import RunFolder
    from dashboard.launch.process import K6Process
    from dashboard.sources.base import Source


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
@screen_options
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="script.js [k6's options]")
def run(k6: str | None, interval: float, no_events: bool, screen: Screen, arguments: tuple[str, ...]) -> int:
    """Start k6 and watch it. What follows k6dash's own options is k6's, word for word.

    k6's exit code becomes k6dash's. Where there is no terminal, k6's own output is passed through.
    """
    from dashboard.clock import SystemClock
    from dashboard.launch.arguments import STDIN, parse
    from dashboard.launch.command import find_k6
    from dashboard.launch.folder import make_folder

    typed = parse(arguments)
    if typed.last("help") is not None:
        raise UsageError("k6dash run --help tells of k6dash's options, k6 run --help of k6's")
    if typed.script is None:
        raise UsageError("there is no script to run; write k6dash run script.js [k6's options]")
    program = find_k6(k6, os.environ)
    clock = SystemClock()
    folder = make_folder(os.environ, clock.now())
    script = _take_stdin(folder) if typed.script == STDIN else None
    if sys.stdin.isatty() and sys.stdout.isatty():
        return _watch(_Start(program, typed, folder, script), clock, interval, screen, with_events=not no_events)
    return _pass_through(_Start(program, typed, folder, script), clock)


def _take_stdin(folder: RunFolder) -> Path:
    """Keep the script that comes on standard input, for k6 to read it twice; then give the input to the terminal."""
    folder.script.write_bytes(sys.stdin.buffer.read())
    with suppress(OSError):  # there may be no terminal at all
        terminal = os.open("/dev/tty", os.O_RDWR)
        os.dup2(terminal, 0)
        os.close(terminal)
    return folder.script


class _Start:
    """Starts one k6, with whatever was typed for it."""

    def __init__(self, program: str, typed: K6Arguments, folder: RunFolder, script: Path | None) -> None:
        self.program = program
        self.typed = typed
        self.folder = folder
        self.script = script

    def start(self, *, with_events: bool, with_json_log: bool) -> K6Process:
        """Start it."""
        from dashboard.launch.command import compose
        from dashboard.launch.process import K6Process

        command = compose(self.program, self.typed, os.environ, with_events=with_events, with_json_log=with_json_log)
        return K6Process(command, self.folder, self.script)


def _pass_through(start: _Start, clock: Clock) -> int:
    """Without a terminal: k6's own output, k6's own exit code."""
    import asyncio

    from dashboard.errors import ExitCode
    from dashboard.launch.exit_codes import as_exit_code
    from dashboard.launch.plain import pass_through

    process = start.start(with_events=False, with_json_log=False)
    click.echo(f"k6dash: k6 runs as pid {process.pid}, its API is at {process.command.address}", err=True)
    signal = asyncio.run(pass_through(process, clock, sys.stdout.buffer, sys.stderr.buffer))
    if signal:
        with suppress(OSError):
            click.echo(
                f"k6dash: ended by {signal}; k6 goes on (pid {process.pid}), its output in {start.folder.path}",
                err=True,
            )
        return ExitCode.SIGNALLED
    return as_exit_code(process.code or 0)


def _watch(start: _Start, clock: Clock, interval: float, screen: Screen, *, with_events: bool) -> int:
    """The cockpit over a k6 of our own."""
    from dashboard.commands.cockpit import watch
    from dashboard.launch.exit_codes import as_exit_code
    from dashboard.launch.report import last_words
    from dashboard.tui.leaving import Launched

    process = start.start(with_events=with_events, with_json_log=True)
    source = _source(start, process, clock, interval)
    code = watch(source, clock, interval, screen, None, is_simulated=False, leaving=Launched(process))
    if process.code is None:
        return code
    output, log = last_words(start.folder, process.code)
    if output:
        click.echo(output)
    if log:
        click.echo(log, err=True)
    return as_exit_code(process.code)


def _source(start: _Start, process: K6Process, clock: Clock, interval: float) -> Source:
    from dashboard.launch.inspect import ask_plan
    from dashboard.launch.threads import beside_the_loop
    from dashboard.targets import launched_source

    script = None if start.script is None else str(start.script)

    async def inspect() -> bytes:
        return await beside_the_loop(lambda: ask_plan(start.program, start.typed, process.command.environment, script))

    return launched_source(process, inspect, clock, interval)

"""``k6dash record``: a recorder without a screen."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dashboard.commands.connection import OF_CONNECTION, Connection, Events, connection_options, events_options
from dashboard.commands.options import CONTEXT, interval_option, refuse
from dashboard.commands.parameters import Duration
from dashboard.commands.simulated import OF_SIMULATION, Simulated, simulation_options
from dashboard.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from types import FrameType

    from dashboard.clock import Clock
    from dashboard.sources.base import Source

LEAST_ROTATION = 60.0


def may_replace(path: Path) -> bool:
    """Whether the file is there and is to be overwritten; the user is asked.

    Raises:
        UsageError: it is there and must stay, or there is nobody to ask.
    """
    if not path.exists():
        return False
    if path.is_file() and sys.stdin.isatty() and click.confirm(f"{path} is there already. Overwrite it?", err=True):
        return True
    raise UsageError(f"{path} is there already, and nothing is overwritten; remove it, or name another file")


def recording_path(name: str, target: str, at: float) -> Path:
    """The file that ``--record`` or ``--output`` names; ``auto`` is named by target and time.

    Raises:
        UsageError: its folder cannot be.
    """
    from dashboard.sources.record_path import automatic_path, data_folder

    path = Path(name).expanduser() if name != "auto" else automatic_path(target, at, data_folder())
    if name == "auto":
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{path.parent} cannot be made: {error.strerror}; name a file instead of auto") from None
    return path


@click.command(context_settings=CONTEXT)
@connection_options("record")
@events_options
@click.option(
    "--simulate",
    metavar="[SCENARIO]",
    is_flag=False,
    flag_value="steady",
    help="Record a simulated k6 instead. [default: steady]",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    required=True,
    help="Where to; auto names it by target and time in the data folder. Nothing is overwritten unasked.",
)
@click.option("--until", type=click.Choice(("ended",)), help="Leave when the test has ended. [default: when told to]")
@click.option(
    "--rotate",
    type=Duration(),
    metavar="TIME",
    help="Begin another file after each such time, as in 1h; each has its time in its name and is whole by itself.",
)
@interval_option("-i")
@simulation_options
@click.pass_context
def record(
    context: click.Context,
    connection: Connection,
    events: Events,
    simulate: str | None,
    output: str,
    until: str | None,
    rotate: float | None,
    interval: float,
    simulated: Simulated,
) -> int:
    """Record a test without a screen, for days if need be; k6dash replay FILE shows it.

    SIGTERM and Ctrl+C close the file cleanly; after kill -9 or a power cut it is readable as well.
    """
    from dashboard.clock import SystemClock
    from dashboard.targets import attached_source, simulated_source

    clock = SystemClock()
    if rotate is not None and rotate < LEAST_ROTATION:
        raise UsageError(f"--rotate {rotate:g} s is too short; {LEAST_ROTATION:g} s is the least")
    if simulate is not None:
        if connection.target is not None:
            raise UsageError("--target and --simulate exclude each other; leave one out")
        refuse(context, "says how to reach a real k6; it does not go with --simulate", *OF_CONNECTION)
        refuse(context, "says where a real k6's event stream is; it does not go with --simulate", "events")
        make = simulated.app(simulate, clock, with_events=not events.is_off)
        source = simulated_source(simulate, make, clock, interval, with_events=not events.is_off)
    else:
        refuse(context, "says how a simulated k6 is to be; it goes with --simulate", *OF_SIMULATION)
        address, sent = connection.address(), connection.sent()
        source = attached_source(address, sent, clock, interval, events=events.at(connection))
    path = recording_path(output, source.target, clock.now())
    replaces = rotate is None and may_replace(path)
    return _record(source, clock, interval, path, rotate, until_ended=until is not None, replaces=replaces)


def _record(
    source: Source,
    clock: Clock,
    interval: float,
    path: Path,
    rotate: float | None,
    *,
    until_ended: bool,
    replaces: bool,
) -> int:
    import asyncio
    import signal

    from dashboard.record import Recordist
    from dashboard.view.format import clean

    def say(line: str) -> None:
        with suppress(OSError):  # that nobody hears it is no failure
            click.echo(f"k6dash: {clean(line, 400)}", err=True)

    recordist = Recordist(
        source, clock, interval, path, say, until_ended=until_ended, rotate=rotate, replace_file=replaces
    )
    heard: list[str] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        recording = asyncio.ensure_future(recordist.run())

        def handle(number: int, _: FrameType | None) -> None:
            """Close the file; a second signal ends at once."""
            signal.signal(number, signal.SIG_DFL)
            heard.append(signal.Signals(number).name)
            loop.call_soon_threadsafe(recording.cancel)

        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if number := getattr(signal, name, None):  # SIGHUP is not everywhere
                signal.signal(number, handle)
        try:
            with suppress(asyncio.CancelledError):
                await recording
        finally:
            await source.aclose()

    asyncio.run(run())
    say(f"recorded {recordist.progress}" + (f", ended by {heard[0]}" if heard else ""))
    # Without an end of its own, being told to end is the end that was wanted.
    return ExitCode.SIGNALLED if heard and until_ended else ExitCode.OK

"""``k6dash serve``: a simulated k6's REST API for any client."""

from __future__ import annotations

import sys

import click

from dashboard.commands.options import CONTEXT, DEFAULT_LISTEN
from dashboard.commands.parameters import EventsListen, Listen
from dashboard.commands.simulated import Simulated, simulation_options
from dashboard.commands.suggestions import complete_scenario


@click.command(context_settings=CONTEXT)
@click.argument("scenario", default="steady", shell_complete=complete_scenario)
@click.option(
    "--listen",
    type=Listen(),
    metavar="HOST:PORT",
    default=DEFAULT_LISTEN,
    show_default=True,
    help="Where to listen; port 0 takes any free one.",
)
@click.option(
    "--events",
    type=EventsListen(),
    metavar="[HOST:]PORT",
    help="Open its event stream too, as k6's web dashboard does; port 0 takes any free one, a second line tells it.",
)
@simulation_options
def serve(scenario: str, listen: tuple[str, int], events: tuple[str, int] | None, simulated: Simulated) -> int:
    """Serve a simulated k6's REST API to any client. The address is printed as one line.

    Ends with k6's exit codes: 0, 99 (thresholds crossed), 103 (stopped through the API), 105 (a signal).
    """
    import asyncio

    from dashboard.clock import SystemClock

    make = simulated.process(scenario, SystemClock(), with_events=events is not None)
    from dashboard.simulation.serve import serve as serve_process

    def announce(address: str) -> None:
        click.echo(address)
        sys.stdout.flush()

    host, port = listen
    engine, faults = make()
    return asyncio.run(serve_process(engine, host=host, port=port, events=events, faults=faults, announce=announce))

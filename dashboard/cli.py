"""The command line, and the one place that puts the layers together.

Nothing heavy is imported before it is known to be needed: ``--help`` and ``--version`` load neither Textual nor httpx.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from dashboard import __version__
from dashboard.errors import ExitCode, K6DashError, UsageError

if TYPE_CHECKING:
    from dashboard.clock import Clock
    from dashboard.simulation.engine import Engine
    from dashboard.simulation.faults import Faults
    from dashboard.simulation.rest import App
    from dashboard.sources.base import Source

THEMES = ("dark", "light", "ansi")
GLYPHS = ("braille", "block", "ascii")
PROFILES = ("v1-external", "v1", "v2")
LEAST_INTERVAL, MOST_INTERVAL = 0.2, 60.0
DEFAULT_LISTEN = "127.0.0.1:6565"


class _Interval(click.ParamType[float]):
    """Seconds between two polls."""

    name = "seconds"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a number of seconds, with or without its unit."""
        text = str(value).strip().removesuffix("s")
        try:
            seconds = float(text)
        except ValueError:
            seconds = float("nan")
        if not LEAST_INTERVAL <= seconds <= MOST_INTERVAL:
            self.fail(f"{value!r} is not a number of seconds from {LEAST_INTERVAL:g} to {MOST_INTERVAL:g}", param, ctx)
        return seconds


class _Speed(click.FloatRange):
    """How many seconds of the simulation pass in one of the clock's."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        """Read a number; what is no number is in no range, though no comparison says so."""
        speed = float(super().convert(value, param, ctx))
        if math.isnan(speed):
            self.fail(f"{value!r} is not a number", param, ctx)
        return speed


class _Listen(click.ParamType[tuple[str, int]]):
    """Where to listen: k6's own form, ``host:port`` or ``:port``."""

    name = "host:port"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Split at the last colon; an empty host is all interfaces, as for k6's ``--address``."""
        host, colon, port = str(value).strip().rpartition(":")
        if not colon or not port.isdecimal() or int(port) > 65535:
            self.fail(f"{value!r} is not HOST:PORT; 127.0.0.1:0 takes any free port", param, ctx)
        return host.removeprefix("[").removesuffix("]"), int(port)


@dataclass(frozen=True, slots=True)
class Simulated:
    """How the simulated k6 is to be."""

    profile: str
    seed: int
    speed: float
    paused: bool
    linger: bool
    faults: tuple[str, ...]

    def process(self, scenario: str, clock: Clock) -> Callable[[], tuple[Engine, Faults]]:
        """Check everything now; what is returned makes the simulated k6 and what goes wrong with it."""
        from dashboard.simulation.faults import parse_faults
        from dashboard.simulation.scenario import load_scenario

        script, faults = load_scenario(scenario), parse_faults(self.faults)

        def make() -> tuple[Engine, Faults]:
            from dashboard.simulation.engine import Engine
            from dashboard.simulation.profile import Profile

            engine = Engine(
                script,
                Profile(self.profile),
                seed=self.seed,
                clock=clock,
                speed=self.speed,
                paused=self.paused,
                linger=self.linger,
            )
            return engine, faults

        return make

    def app(self, scenario: str, clock: Clock) -> Callable[[], App]:
        """The same, with k6's REST API over it."""
        make_process = self.process(scenario, clock)

        def make() -> App:
            from dashboard.simulation.rest import create_app

            return create_app(*make_process())

        return make


_SIMULATION_OPTIONS = (
    click.option(
        "--profile",
        type=click.Choice(PROFILES),
        default="v1-external",
        show_default=True,
        help="Which k6 is simulated: v1 with the externally-controlled executor, v1 with another one, or v2.",
    ),
    click.option(
        "--seed", type=int, metavar="NUMBER", default=1, show_default=True, help="The same seed gives the same run."
    ),
    click.option(
        "--speed",
        type=_Speed(min=0.0, min_open=True, max=1000),
        metavar="FACTOR",
        default=1.0,
        show_default=True,
        help="How fast simulated time passes; 60 makes a minute a second.",
    ),
    click.option("--paused", is_flag=True, help="The simulated test waits at its start, as with k6 run --paused."),
    click.option("--linger", is_flag=True, help="The simulated k6 stays after the end, as with k6 run --linger."),
    click.option(
        "--fault",
        "faults",
        metavar="FAULT",
        multiple=True,
        help="Let the simulated k6 misbehave: latency=500ms, drop=10%, 5xx=10%, garbage, truncate, dribble, hang,"
        " huge, restart@30s, die@60s; repeatable.",
    ),
)


def _simulated(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options of the simulation, and hand them over as one :class:`Simulated`."""

    @wraps(function)
    def gathered(*args: Any, **options: Any) -> int:  # noqa: ANN401 - click passes options by name
        simulated = Simulated(**{name: options.pop(name) for name in _OF_SIMULATION})
        return function(*args, simulated=simulated, **options)

    for option in reversed(_SIMULATION_OPTIONS):
        gathered = option(gathered)
    return gathered


_OF_SIMULATION = ("profile", "seed", "speed", "paused", "linger", "faults")
_OF_CONNECTION = ("insecure", "headers")


def _refuse(context: click.Context, why: str, *names: str) -> None:
    """Complain of an option that was typed where it means nothing; of any, where none is named.

    Raises:
        UsageError: there is one; ``why`` says where it belongs.
    """
    for param in context.command.params:
        is_typed = context.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
        if is_typed and (not names or param.name in names):
            raise UsageError(f"{param.opts[-1]} {why}")


_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(
    invoke_without_command=True,
    context_settings=_CONTEXT,
    epilog="Inside, ? shows the keys.",
)
@click.option(
    "-t",
    "--target",
    metavar="ADDRESS",
    help="The k6 to watch: host, host:port or URL. [default: $K6_ADDRESS, else localhost:6565]",
)
@click.option(
    "--simulate",
    metavar="[SCENARIO]",
    is_flag=False,
    flag_value="steady",
    help="Watch a simulated k6: steady, ramp, spike, soak, knee, errors, browser, grpc, websocket, many, nasty, or a"
    " TOML file of your own. [default: steady]",
)
@click.option("--listen", type=_Listen(), metavar="HOST:PORT", help="Open the simulated k6 to other clients too.")
@click.option(
    "-i",
    "--interval",
    type=_Interval(),
    metavar="SECONDS",
    default=1.0,
    show_default=True,
    help="Seconds between two looks, 0.2 to 60.",
)
@click.option(
    "-H",
    "--header",
    "headers",
    metavar="'NAME: VALUE'",
    multiple=True,
    help="Sent with every request, for a proxy in front of k6; repeatable.",
)
@click.option("--insecure", is_flag=True, help="Accept any certificate of an https:// target.")
@click.option(
    "--theme",
    type=click.Choice(THEMES),
    default="dark",
    show_default=True,
    help="Colours; ansi takes the terminal's own.",
)
@click.option(
    "--glyphs", type=click.Choice(GLYPHS), default="braille", show_default=True, help="What charts are drawn with."
)
@_simulated
@click.version_option(__version__, "--version", prog_name="k6dash", message="%(prog)s %(version)s")
@click.pass_context
def command(
    context: click.Context,
    target: str | None,
    simulate: str | None,
    listen: tuple[str, int] | None,
    interval: float,
    headers: tuple[str, ...],
    insecure: bool,
    theme: str,
    glyphs: str,
    simulated: Simulated,
) -> int:
    """Watch and steer a running k6 load test, in the terminal.

    k6 gives its REST API with `k6 run --address localhost:6565 script.js`; in k6 v1 it is on by default.
    """
    if context.invoked_subcommand is not None:
        _refuse(context, f"in front of {context.invoked_subcommand} says nothing; its own options follow it")
        return ExitCode.OK
    from dashboard.clock import SystemClock
    from dashboard.targets import live_source, simulated_source

    clock = SystemClock()
    app: App | None = None
    if simulate is not None:
        if target is not None:
            raise UsageError("--target and --simulate exclude each other; leave one out")
        _refuse(context, "says how to reach a real k6; it does not go with --simulate", *_OF_CONNECTION)
        make = simulated.app(simulate, clock)
        if listen is not None:
            app = make()
        source = simulated_source(simulate, (lambda: app) if app else make, clock, interval)
    else:
        if listen is not None:
            raise UsageError("--listen opens a simulated k6; it goes with --simulate")
        _refuse(context, "says how a simulated k6 is to be; it goes with --simulate", *_OF_SIMULATION)
        from dashboard.api.address import default_target, parse_header, parse_target

        address = parse_target(default_target(os.environ) if target is None else target, insecure=insecure)
        source = live_source(address, tuple(parse_header(header) for header in headers), clock, interval)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("k6dash draws on a terminal, and this is none; run it in one")
    opened = (app, listen) if app and listen else None
    return _watch(source, clock, interval, theme, glyphs, opened, is_simulated=simulate is not None)


def _watch(
    source: Source,
    clock: Clock,
    interval: float,
    theme: str,
    glyphs: str,
    opened: tuple[App, tuple[str, int]] | None,
    *,
    is_simulated: bool,
) -> int:
    """Draw the dashboard until the user leaves; meanwhile keep the simulated k6 open to others, if asked to."""
    import asyncio
    import signal
    from contextlib import AsyncExitStack, suppress

    from dashboard.session import Session
    from dashboard.tui.app import K6DashApp
    from dashboard.tui.glyphs import Glyphs

    session = Session([source], clock)
    cockpit = K6DashApp(
        session,
        clock,
        interval=interval,
        glyphs=Glyphs(glyphs),
        theme=f"k6dash-{theme}",
        is_simulated=is_simulated,
    )

    def leave_on_signals() -> None:
        """Let a signal give the terminal back before it ends k6dash; a second one ends it at once."""
        loop = asyncio.get_running_loop()
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # SIGHUP is not everywhere

            def handle(number: int, _: object) -> None:
                signal.signal(number, signal.SIG_DFL)
                loop.call_soon_threadsafe(cockpit.leave, ExitCode.SIGNALLED, signal.Signals(number).name)

            if number is not None:
                signal.signal(number, handle)

    async def run() -> str | None:
        leave_on_signals()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(session.aclose)
            if opened is not None:
                from dashboard.simulation.serve import Server

                app, (host, port) = opened
                server = await stack.enter_async_context(Server(app, host=host, port=port))
                cockpit.sub_title = f"listening on {server.address}"
            return await cockpit.run_async()

    farewell = asyncio.run(run())
    if cockpit.failure is not None:
        raise cockpit.failure
    if farewell:
        with suppress(OSError):  # after SIGHUP the terminal may have gone
            click.echo(farewell, err=True)
    return cockpit.return_code or ExitCode.OK


@command.command(context_settings=_CONTEXT)
@click.argument("scenario", default="steady")
@click.option(
    "--listen",
    type=_Listen(),
    metavar="HOST:PORT",
    default=DEFAULT_LISTEN,
    show_default=True,
    help="Where to listen; port 0 takes any free one.",
)
@_simulated
def serve(scenario: str, listen: tuple[str, int], simulated: Simulated) -> int:
    """Serve a simulated k6's REST API to any client. The address is printed as one line.

    Ends with k6's exit codes: 0, 99 (thresholds crossed), 103 (stopped through the API), 105 (a signal).
    """
    import asyncio

    from dashboard.clock import SystemClock

    make = simulated.process(scenario, SystemClock())
    from dashboard.simulation.serve import serve as serve_process

    def announce(address: str) -> None:
        click.echo(address)
        sys.stdout.flush()

    host, port = listen
    engine, faults = make()
    return asyncio.run(serve_process(engine, host=host, port=port, faults=faults, announce=announce))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run k6dash and return its exit code. What was wrong is said in one line on stderr."""
    try:
        code = command.main(list(sys.argv[1:] if arguments is None else arguments), "k6dash", standalone_mode=False)
    except click.ClickException as error:
        return _complain(error.format_message(), ExitCode.USAGE)
    except click.Abort:
        return ExitCode.SIGNALLED
    except K6DashError as error:
        return _complain(str(error), error.exit_code)
    return int(code or 0)


def _complain(message: str, code: ExitCode) -> ExitCode:
    click.echo(f"k6dash: {' '.join(message.split())}", err=True)
    return code

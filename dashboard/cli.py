"""The command line: what can be typed after ``k6dash``.

Nothing heavy is imported before it is known to be needed: ``--help`` and ``--version`` load neither Textual nor httpx.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Final

import click

from dashboard import __version__
from dashboard.commands.connection import OF_CONNECTION, Connection, Events, connection_options, events_options
from dashboard.commands.headless import OF_HEADLESS, Headless, headless_options
from dashboard.commands.options import CONTEXT, groups_option, interval_option, read_only_option, record_option, refuse
from dashboard.commands.parameters import Listen
from dashboard.commands.screen import OF_SCREEN, Screen, screen_options
from dashboard.commands.simulated import OF_SIMULATION, Simulated, simulation_options
from dashboard.commands.suggestions import complete_scenario
from dashboard.config import Settings, default_path, key_of, names_of, settings_of, strongest
from dashboard.errors import ExitCode, K6DashError, UsageError

if TYPE_CHECKING:
    from dashboard.simulation.rest import App

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "run": ("dashboard.commands.run:run", "Start k6 and watch it: k6dash run script.js."),
    "status": ("dashboard.commands.look:status", "Tell the state of the test and its VUs."),
    "metrics": ("dashboard.commands.look:metrics", "Tell the metrics, all or some."),
    "groups": ("dashboard.commands.groups:groups", "Tell the tree of groups and checks."),
    "checks": ("dashboard.commands.groups:checks", "Tell all checks, those that fail most first."),
    "generator": ("dashboard.commands.look:generator", "Judge whether the load generator is the bottleneck."),
    "setup": ("dashboard.commands.setup:setup", "Show, run or set the setup data."),
    "teardown": ("dashboard.commands.setup:teardown", "Run teardown() now."),
    "pause": ("dashboard.commands.steer:pause", "Pause the test."),
    "resume": ("dashboard.commands.steer:resume", "Let a paused test go on, or a waiting one start."),
    "scale": ("dashboard.commands.steer:scale", "Set the number of VUs."),
    "stop": ("dashboard.commands.steer:stop", "Stop the test."),
    "wait": ("dashboard.commands.wait:wait", "Wait until the test is in a state."),
    "capabilities": ("dashboard.commands.look:capabilities", "Find out what this k6 can be made to do."),
    "export": (
        "dashboard.commands.export:export",
        "Write a recording for other tools: CSV, JSON, Parquet, OpenMetrics.",
    ),
    "report": ("dashboard.commands.report:report", "Write a recorded run as one page: HTML with charts, or Markdown."),
    "record": ("dashboard.commands.record:record", "Record a test into a file, without a screen."),
    "replay": ("dashboard.commands.replay:replay", "Show a recording in the cockpit."),
    "diff": ("dashboard.commands.diff:diff", "Compare two recorded runs: what changed, and whether that is noise."),
    "serve": ("dashboard.commands.serve:serve", "Serve a simulated k6's REST API to any client."),
    "completion": ("dashboard.commands.completion:completion", "Print what makes a shell complete all this."),
    "config": ("dashboard.commands.config:config", "Tell which settings are in force, and where they come from."),
}
"""The commands by name: where each is, and its line in the help. A command is imported when it is asked for."""


class Commands(click.Group):
    """A group whose commands are loaded when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order in which they are told."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(importlib.import_module(module), attribute)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was typed, with what is set of its options."""
        name, found, rest = super().resolve_command(ctx, args)
        settings = settings_of(ctx)
        if settings is not None and name is not None and found is not None:
            # Who is only completing a line is not told what is wrong elsewhere.
            with suppress(UsageError) if ctx.resilient_parsing else nullcontext():
                ctx.default_map = {**(ctx.default_map or {}), name: settings.read(found, (name,))}
        return name, found, rest

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 - click's own
    ) -> click.Context:
        """Read what was typed; this is where ``--help`` is written."""
        with _while_somebody_reads():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        """Do what was typed; a complaint about a value that was not typed says where it was set."""
        try:
            with _while_somebody_reads():
                return super().invoke(ctx)
        except UsageError as error:
            settings = settings_of(ctx)
            if settings is None:
                raise
            raise UsageError(settings.blamed(str(error))) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Tell of the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, short) for name, (_, short) in COMMANDS.items()])


@contextmanager
def _while_somebody_reads() -> Generator[None]:
    """End with a code of its own where the reader of the output has gone, and quietly: that is no failure."""
    try:
        yield
    except BrokenPipeError:
        # What Python still holds goes nowhere, and says nothing of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(ExitCode.PIPE_CLOSED) from None


def _load_settings(context: click.Context, _: click.Parameter, path: str | None) -> str | None:
    """Read the settings file and the environment, before any other option is looked at."""
    settings = Settings(path or default_path(os.environ), os.environ, must_exist=bool(path))
    context.obj = settings
    context.default_map = settings.read(context.command, (), tuple(COMMANDS))
    return path


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings=CONTEXT,
    epilog="Inside, ? shows the keys.",
)
@connection_options("watch")
@click.option(
    "--simulate",
    metavar="[SCENARIO]",
    is_flag=False,
    flag_value="steady",
    shell_complete=complete_scenario,
    help="Watch a simulated k6: steady, ramp, spike, soak, knee, saturated, errors, browser, grpc, websocket, many,"
    " nasty, or a TOML file of your own. [default: steady]",
)
@click.option("--listen", type=Listen(), metavar="HOST:PORT", help="Open the simulated k6 to other clients too.")
@events_options
@interval_option("-i")
@record_option
@read_only_option
@groups_option
@screen_options
@headless_options()
@simulation_options
@click.option(
    "--config",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    envvar="K6DASH_CONFIG",
    is_eager=True,
    expose_value=False,
    callback=_load_settings,
    help="Settings, in TOML. [default: $K6DASH_CONFIG, else k6dash/config.toml where your settings are]",
)
@click.version_option(__version__, "--version", prog_name="k6dash", message="%(prog)s %(version)s")
@click.pass_context
def command(
    context: click.Context,
    connection: Connection,
    simulate: str | None,
    listen: tuple[str, int] | None,
    events: Events,
    interval: float,
    record: str | None,
    read_only: bool,
    groups: bool | None,
    screen: Screen,
    headless: bool,
    settings: Headless,
    simulated: Simulated,
) -> int:
    """Watch and steer a running k6 load test, in the terminal.

    k6 gives its REST API with `k6 run --address localhost:6565 script.js`; in k6 v1 it is on by default.
    """
    if context.invoked_subcommand is not None:
        if context.invoked_subcommand != "config":  # which tells what of this is in force
            why = f"in front of {context.invoked_subcommand} says nothing; its own options follow it"
            refuse(context, why, *(name for name in context.params))
        return ExitCode.OK
    from dashboard.clock import SystemClock
    from dashboard.commands.cockpit import keys_of, watch
    from dashboard.sources.groups import GroupsPolicy, groups_policy
    from dashboard.targets import attached_source, simulated_source

    clock = SystemClock()
    app: App | None = None
    if strongest(context, "target", "simulate") == "simulate" and simulate is not None:
        refuse(context, "says how to reach a real k6; it does not go with --simulate", *OF_CONNECTION)
        refuse(context, "says where a real k6's event stream is; it does not go with --simulate", "events")
        make = simulated.app(simulate, clock, with_events=not events.is_off)
        if listen is not None:
            app = make()
        policy = groups_policy(groups, GroupsPolicy.ALWAYS)
        make = (lambda: app) if app else make
        source = simulated_source(simulate, make, clock, interval, policy, with_events=not events.is_off)
    else:
        simulate = None
        refuse(context, "opens a simulated k6; it goes with --simulate", "listen")
        refuse(context, "says how a simulated k6 is to be; it goes with --simulate", *OF_SIMULATION)
        policy = groups_policy(groups, GroupsPolicy.WANTED)
        address, sent = connection.address(), connection.sent()
        source = attached_source(address, sent, clock, interval, policy, events.at(connection))
    if read_only:
        from dashboard.sources.read_only import ReadOnlySource

        source = ReadOnlySource(source)
    opened = (app, listen) if app and listen else None
    if not headless:
        refuse(context, "goes with --headless", *OF_HEADLESS)
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise UsageError("k6dash draws on a terminal, and this is none; run it in one, or with --headless")
    taped = None
    if record is not None:
        from dashboard.commands.record import may_replace, recording_path

        path = recording_path(record, source.target, clock.now())
        taped = (path, may_replace(path))
    if headless:
        refuse(context, "is for the screen; it does not go with --headless", *OF_SCREEN)
        if read_only:
            refuse(context, "changes the test; it does not go with --read-only", "then")
        from dashboard.commands.headless import follow

        return follow(source, clock, interval, settings, opened, record=taped, has_groups=groups is True)
    from dashboard.tui.leaving import Attached, Simulated

    keys, leaving = keys_of(context), Attached() if simulate is None else Simulated()
    return watch(source, clock, interval, screen, opened, leaving=leaving, keys=keys, record=taped)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run k6dash and return its exit code. What was wrong is said in one line on stderr."""
    _replace_closed_streams()
    try:
        code = command.main(list(sys.argv[1:] if arguments is None else arguments), "k6dash", standalone_mode=False)
    except click.ClickException as error:
        return _complain(_told(error), ExitCode.USAGE)
    except click.Abort:
        return ExitCode.SIGNALLED
    except K6DashError as error:
        return _complain(str(error), error.exit_code)
    return int(code or 0)


def _replace_closed_streams() -> None:
    """Put the null device where a standard stream has been closed, as by ``2>&-``.

    There is no object for it otherwise, and the next file that is opened would take its number.
    """
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
            setattr(sys, name, os.fdopen(null, "w" if descriptor else "r", encoding="utf-8", closefd=False))


def _told(error: click.ClickException) -> str:
    """What was wrong, and where, if it was not typed."""
    param, context = getattr(error, "param", None), getattr(error, "ctx", None)
    if isinstance(error, click.BadParameter) and isinstance(param, click.Option) and context is not None:
        settings = settings_of(context)
        setting = settings and settings.in_force(names_of(context), param.name or "")
        if setting:
            return f"{setting.origin}: {key_of(param)}: {error.message}"
    return error.format_message()


def _complain(message: str, code: ExitCode) -> ExitCode:
    click.echo(f"k6dash: {' '.join(message.split())}", err=True)
    return code

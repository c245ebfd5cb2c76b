"""Options that several commands share: their types, and what they stand for together."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from dashboard.config import strongest
from dashboard.errors import UsageError
from dashboard.quick import dataclass

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from dashboard.api.address import Target
    from dashboard.clock import Clock
    from dashboard.simulation.engine import Engine
    from dashboard.simulation.faults import Faults
    from dashboard.simulation.rest import App
    from dashboard.sources.replayable import Replayable
    from dashboard.targets import EventsAt

PROFILES = ("v1-external", "v1", "v2")
LEAST_INTERVAL, MOST_INTERVAL = 0.2, 60.0
DEFAULT_LISTEN = "127.0.0.1:6565"
_PERIODS_A_SECOND = 4
"""Periods of the simulated event stream in a second of the clock, at most."""
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""How every command shows its help."""


class Interval(click.ParamType[float]):
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


class Duration(click.ParamType[float]):
    """A length of time in seconds."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a duration such as ``90s``; a bare number is seconds."""
        from dashboard.duration import parse_duration

        text = str(value).strip()
        try:
            return parse_duration(f"{text}s" if text.replace(".", "", 1).isdecimal() else text)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Speed(click.FloatRange):
    """How many seconds of the simulation pass in one of the clock's."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        """Read a number; what is no number is in no range, though no comparison says so."""
        speed = float(super().convert(value, param, ctx))
        if math.isnan(speed):
            self.fail(f"{value!r} is not a number", param, ctx)
        return speed


class Listen(click.ParamType[tuple[str, int]]):
    """Where to listen: k6's own form, ``host:port`` or ``:port``."""

    name = "host:port"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """Split at the last colon; an empty host is all interfaces, as for k6's ``--address``."""
        host, colon, port = str(value).strip().rpartition(":")
        if not colon or not port.isdecimal() or int(port) > 65535:
            self.fail(f"{value!r} is not HOST:PORT; 127.0.0.1:0 takes any free port", param, ctx)
        return host.removeprefix("[").removesuffix("]"), int(port)


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


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach a real k6."""

    target: str | None
    headers: tuple[str, ...]
    insecure: bool

    def address(self) -> Target:
        """Where it is.

        Raises:
            UsageError: what was given is no address.
        """
        from dashboard.api.address import default_target, parse_target

        return parse_target(default_target(os.environ) if self.target is None else self.target, insecure=self.insecure)

    def sent(self) -> tuple[tuple[str, str], ...]:
        """The headers of every request.

        Raises:
            UsageError: one is no header.
        """
        from dashboard.api.address import parse_header

        return tuple(parse_header(header) for header in self.headers)


def connection_options(what: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add the options that say how to reach a k6, and hand them over as one :class:`Connection`.

    Args:
        what: What is done to the k6, such as ``watch``.
    """
    options = (
        click.option(
            "-t",
            "--target",
            metavar="ADDRESS",
            help=f"The k6 to {what}: host, host:port or URL. [default: $K6_ADDRESS, else localhost:6565]",
        ),
        click.option(
            "-H",
            "--header",
            "headers",
            metavar="'NAME: VALUE'",
            multiple=True,
            help="Sent with every request, for a proxy in front of k6, and never recorded; repeatable.",
        ),
        click.option("--insecure", is_flag=True, help="Accept any certificate of an https:// target."),
    )

    def decorate(function: Callable[..., int]) -> Callable[..., int]:
        @wraps(function)
        def gathered(*args: Any, **given: Any) -> int:  # noqa: ANN401 - click passes options by name
            connection = Connection(given.pop("target"), given.pop("headers"), given.pop("insecure"))
            return function(*args, connection=connection, **given)

        for option in reversed(options):
            gathered = option(gathered)
        return gathered

    return decorate


@dataclass(frozen=True, slots=True)
class Events:
    """Which event stream is to be read beside a k6's API."""

    named: str | None
    is_off: bool

    def at(self, connection: Connection) -> EventsAt | None:
        """Where that of a real k6 is, or may be; None where none is to be read.

        Raises:
            UsageError: what was given is no address.
        """
        from dashboard.targets import events_at

        return None if self.is_off else events_at(connection.address(), self.named, insecure=connection.insecure)


def events_options(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options on k6's event stream, and hand them over as one :class:`Events`."""

    @click.option(
        "--events",
        metavar="HOST:PORT",
        help="Where k6's event stream is, for exact percentiles of each period: K6_WEB_DASHBOARD=true k6 run."
        " [default: port 5665 on the target's host, if it is there]",
    )
    @click.option("--no-events", is_flag=True, help="Leave k6's event stream alone.")
    @wraps(function)
    def gathered(*args: Any, events: str | None, no_events: bool, **given: Any) -> int:  # noqa: ANN401 - click passes options by name
        chosen = strongest(click.get_current_context(), "events", "no_events")
        events = events if chosen == "events" else None
        return function(*args, events=Events(events, chosen == "no_events"), **given)

    return gathered


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
THEMES = ("dark", "light", "ansi")
GLYPHS = ("braille", "block", "ascii")


@dataclass(frozen=True, slots=True)
class Screen:
    """How the cockpit is drawn."""

    theme: str
    glyphs: str
    baseline: Replayable | None = None
    """A recorded run to be drawn behind the one shown."""


def screen_options(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options that say how to draw, and hand them over as one :class:`Screen`."""

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
    @click.option(
        "--baseline",
        type=click.Path(),
        metavar="FILE",
        help="A recorded run to draw behind this one, dim, at the same moments of the test's clock; b hides it.",
    )
    @wraps(function)
    def gathered(*args: Any, theme: str, glyphs: str, baseline: str | None, **given: Any) -> int:  # noqa: ANN401 - click passes options by name
        opened = None
        if baseline is not None and _may_draw(is_headless=bool(given.get("headless"))):
            from dashboard.commands.baseline import open_baseline

            # Before anything is begun: a test must not run for a file that cannot be read.
            opened = open_baseline(baseline)
        return function(*args, screen=Screen(theme, glyphs, opened), **given)

    return gathered


def _may_draw(*, is_headless: bool) -> bool:
    """Whether the command at work may draw, so that what is set for its screen has a meaning."""
    context = click.get_current_context()
    if is_headless or context.invoked_subcommand is not None:
        return False
    # What was typed was meant; what is set elsewhere is for when there is a terminal.
    return context.get_parameter_source("baseline") is ParameterSource.COMMANDLINE or sys.stdout.isatty()


class EventsListen(Listen):
    """Where the simulated event stream is to be: ``[host:]port``."""

    name = "[host:]port"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        """A port alone is one of this machine's own."""
        text = str(value).strip()
        if text.isdecimal() and int(text) <= 65535:
            return "127.0.0.1", int(text)
        if ":" not in text:
            self.fail(f"{value!r} is not [HOST:]PORT; 0 takes any free port", param, ctx)
        return super().convert(text, param, ctx)


@dataclass(frozen=True, slots=True)
class Simulated:
    """How the simulated k6 is to be."""

    profile: str
    seed: int
    speed: float
    paused: bool
    linger: bool
    faults: tuple[str, ...]

    def process(
        self, scenario: str, clock: Clock, *, with_events: bool = False, with_log: bool = False
    ) -> Callable[[], tuple[Engine, Faults]]:
        """Check everything now; what is returned makes the simulated k6 and what goes wrong with it."""
        from dashboard.simulation.faults import parse_faults
        from dashboard.simulation.scenario_file import load_scenario

        script, faults = load_scenario(scenario), parse_faults(self.faults)

        def make() -> tuple[Engine, Faults]:
            from dashboard.simulation.engine import Engine
            from dashboard.simulation.event_stream import EventStream
            from dashboard.simulation.profile import Profile
            from dashboard.simulation.run_log import RunLog

            profile = Profile(self.profile)
            # At great speed a period of one second would be over before anybody could look at it.
            period = float(max(1, math.ceil(self.speed / _PERIODS_A_SECOND)))
            engine = Engine(
                script,
                profile,
                seed=self.seed,
                clock=clock,
                speed=self.speed,
                paused=self.paused,
                linger=self.linger,
                stream=EventStream(script, profile, period) if with_events else None,
                log=RunLog(script, self.seed, period) if with_log else None,
            )
            return engine, faults

        return make

    def app(self, scenario: str, clock: Clock, *, with_events: bool = False) -> Callable[[], App]:
        """The same, with k6's REST API over it."""
        make_process = self.process(scenario, clock, with_events=with_events, with_log=True)

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
        type=Speed(min=0.0, min_open=True, max=1000),
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


def simulation_options(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options of the simulation, and hand them over as one :class:`Simulated`."""

    @wraps(function)
    def gathered(*args: Any, **options: Any) -> int:  # noqa: ANN401 - click passes options by name
        simulated = Simulated(**{name: options.pop(name) for name in OF_SIMULATION})
        return function(*args, simulated=simulated, **options)

    for option in reversed(_SIMULATION_OPTIONS):
        gathered = option(gathered)
    return gathered


OF_SIMULATION = ("profile", "seed", "speed", "paused", "linger", "faults")
OF_CONNECTION = ("insecure", "headers")
OF_SCREEN = ("theme", "glyphs", "baseline")


def complete_file(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files, by the shell's own means."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def complete_scenario(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The built-in scenarios; files where a path has been begun."""
    from click.shell_completion import CompletionItem

    from dashboard.simulation.scenario import SCENARIO_NAMES

    if set(incomplete) & set("./~"):
        return [CompletionItem(incomplete, type="file")]
    return [CompletionItem(name) for name in SCENARIO_NAMES if name.startswith(incomplete)]


def refuse(context: click.Context, why: str, *names: str) -> None:
    """Complain of an option that was typed where it means nothing; of any, where none is named.

    Raises:
        UsageError: there is one; ``why`` says where it belongs.
    """
    for param in context.command.params:
        is_typed = context.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE
        if is_typed and (not names or param.name in names):
            raise UsageError(f"{param.opts[-1]} {why}")

"""The options that say how the simulated k6 is to be."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from dashboard.commands.parameters import Speed
from dashboard.quick import dataclass

if TYPE_CHECKING:
    from dashboard.clock import Clock
    from dashboard.simulation.engine import Engine
    from dashboard.simulation.faults import Faults
    from dashboard.simulation.rest import App

PROFILES = ("v1-external", "v1", "v2")
OF_SIMULATION = ("profile", "seed", "speed", "paused", "linger", "faults")
_PERIODS_A_SECOND = 4
"""Periods of the simulated event stream in a second of the clock, at most."""


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

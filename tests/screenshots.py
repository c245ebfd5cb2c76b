"""Draws ``screenshots/`` from the real app over the simulated k6; with ``--k6``, from real k6s as well.

The simulated ones are deterministic: the same code gives the same pictures, byte by byte.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from textual.widgets._toast import Toast

from dashboard.api.address import parse_target
from dashboard.clock import SystemClock
from dashboard.launch.arguments import parse
from dashboard.launch.inspect import ask_plan
from dashboard.model.capability import Control
from dashboard.session import Session
from dashboard.simulation.profile import Profile
from dashboard.sources.base import Document, Reading
from dashboard.sources.process_documents import PLAN
from dashboard.targets import live_source
from dashboard.tui.app import K6DashApp
from dashboard.tui.glyphs import Glyphs
from tests.harness.k6 import CHECKOUT, SCRIPTS, find_k6, start_k6, start_target
from tests.tui.cockpit import cockpit

SCREENSHOTS = CHECKOUT / "screenshots"
WIDE = (120, 40)
WIDER = "right_square_bracket"
K6_SECONDS = 75.0
"""How long a real k6 is watched before its picture."""


@dataclass(frozen=True)
class Shot:
    """One picture: what is watched, for how long, and the keys pressed then."""

    scenario: str = "steady"
    polls: int = 110
    """Looks before the picture."""
    interval: float = 1.0
    """Seconds between two of them."""
    size: tuple[int, int] = WIDE
    theme: str = "k6dash-dark"
    glyphs: Glyphs = Glyphs.BRAILLE
    profile: Profile = Profile.V1_EXTERNAL
    control: Control = Control.EXTERNAL
    steered: tuple[str, ...] = ()
    """Keys pressed a third of the way, each with its effect awaited."""
    keys: tuple[str, ...] = field(default=())
    """Keys pressed at the end."""
    logs: bool = False
    """Whether what the simulated k6 logs can be read."""
    after: int = 0
    """Looks after those keys, for a screen that has something asked for."""
    plan: bool = True
    """Whether the plan is known, as it is of a simulation and of a k6 that was started by k6dash."""


SHOTS = {
    "overview": Shot(polls=260, steered=("W",)),
    "small": Shot(polls=110, size=(80, 24)),
    "large": Shot(polls=260, size=(200, 60), steered=("W",)),
    "light": Shot(polls=260, theme="k6dash-light", steered=("W",)),
    "ansi": Shot(polls=110, theme="k6dash-ansi"),
    "ascii": Shot(polls=110, glyphs=Glyphs.ASCII),
    "metrics": Shot(keys=("2",)),
    "metric": Shot(keys=("2", *("down",) * 9, "enter")),
    "events": Shot(polls=150, steered=("W", "p", "p"), keys=("5",)),
    "checks": Shot(polls=110, keys=("3",), after=40),
    "generator": Shot(polls=260, keys=("4",)),
    "setup": Shot(polls=60, keys=("6",)),
    "plan": Shot("ramp", polls=170, profile=Profile.V1, control=Control.NONE_V1, keys=("8",)),
    "log": Shot("errors", polls=150, keys=("7",), logs=True),
    "help": Shot(polls=60, keys=("question_mark",)),
    "stop": Shot(polls=60, keys=("x",)),
    "v2": Shot(polls=90, profile=Profile.V2, control=Control.NONE_V2, keys=("p",)),
    "scenario-steady": Shot(polls=280),
    "scenario-ramp": Shot("ramp", polls=290, profile=Profile.V1, control=Control.NONE_V1),
    "scenario-spike": Shot("spike", polls=205, profile=Profile.V1, control=Control.NONE_V1),
    "scenario-soak": Shot(
        "soak", polls=340, interval=10.0, profile=Profile.V1, control=Control.NONE_V1, keys=(WIDER,) * 3
    ),
    "scenario-knee": Shot("knee", polls=470, profile=Profile.V1, control=Control.NONE_V1, keys=(WIDER,)),
    "scenario-saturated": Shot("saturated", polls=150, profile=Profile.V1, control=Control.NONE_V1, keys=("4",)),
    "scenario-errors": Shot("errors", polls=240),
    "scenario-browser": Shot("browser", polls=200),
    "scenario-grpc": Shot("grpc", polls=200),
    "scenario-websocket": Shot("websocket", polls=200),
    "scenario-many": Shot("many", polls=60, keys=("2",)),
    "scenario-nasty": Shot("nasty", polls=80, keys=("2",)),
}


async def draw(shot: Shot) -> str:
    """The picture, as SVG."""
    before = shot.polls // 3 if shot.steered else shot.polls
    async with cockpit(
        shot.scenario,
        polls=before,
        interval=shot.interval,
        size=shot.size,
        theme=shot.theme,
        glyphs=shot.glyphs,
        profile=shot.profile,
        control=shot.control,
        target="localhost:6565",
        plan=shot.plan,
        logs=shot.logs,
    ) as c:
        for key in shot.steered:
            await c.steer(key)
            await c.watch(10, shot.interval)
        if shot.steered:
            await c.watch(shot.polls - before, shot.interval)
            c.app.clear_notifications()
            await c.until(lambda: not c.app.screen.query(Toast))
        await c.press(*shot.keys)
        if shot.after:
            await c.watch(shot.after, shot.interval)
        await c.pilot.pause()
        return picture(c.app)


def picture(app: K6DashApp) -> str:
    """The screen as SVG, with names that depend on nothing but what is seen."""
    svg = app.export_screenshot(title="k6dash")
    ids = dict.fromkeys(re.findall(r"terminal-\d+", svg))
    for identity in ids:
        svg = svg.replace(identity, "terminal")
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


async def draw_all(names: list[str], directory: Path) -> None:
    """Draw the pictures of these names."""
    for name in names:
        (directory / f"{name}.svg").write_text(await draw(SHOTS[name]), encoding="utf-8")
        sys.stdout.write(f"{name}.svg\n")


async def watch_k6(major: int, seconds: float) -> dict[str, str]:
    """Pictures of a real k6 under a real, loopback load, after some seconds of watching: the overview and its plan."""
    clock, k6 = SystemClock(), find_k6(major)
    with start_target() as target:
        env = {"TARGET": target, "VUS": "6", "DUR": "300s"}
        with start_k6(k6, "plain.js", env=env) as running:
            source = live_source(parse_target(running.address), (), clock, 1.0)
            session = Session([source], clock)
            app = K6DashApp(session, clock, interval=1.0)
            # Of a k6 that it has started, k6dash asks this itself.
            words = [word for name, value in env.items() for word in ("-e", f"{name}={value}")]
            plan = ask_plan(os.fspath(k6), parse([*words, str(SCRIPTS / "plain.js")]), os.environ, None)
            async with app.run_test(size=WIDE) as pilot:
                await asyncio.sleep(seconds)
                await pilot.pause()
                drawn = {f"k6-v{major}": picture(app)}
                session.observe(Reading(source.target, clock.now(), (Document(PLAN, 0, plan, 0.0),)))
                await pilot.press("8")
                await asyncio.sleep(2.0)
                await pilot.pause()
                drawn[f"k6-v{major}-plan"] = picture(app)
            await session.aclose()
    return drawn


async def draw_k6(directory: Path) -> None:
    """Draw both real k6s, v1 and v2."""
    for major in (1, 2):
        for name, drawn in (await watch_k6(major, K6_SECONDS)).items():
            (directory / f"{name}.svg").write_text(drawn, encoding="utf-8")
            sys.stdout.write(f"{name}.svg\n")


def main() -> None:
    """Draw what is asked for, everything simulated if nothing is."""
    parser = argparse.ArgumentParser(description="Draw screenshots/ from the real app.")
    parser.add_argument("names", nargs="*", choices=[*SHOTS, []], metavar="NAME", help="which; all without one")
    parser.add_argument("--into", type=Path, default=SCREENSHOTS, help="the directory")
    parser.add_argument("--k6", action="store_true", help="draw real k6s: K6DASH_K6_V1 and K6DASH_K6_V2")
    options = parser.parse_args()
    options.into.mkdir(exist_ok=True)
    if options.k6:
        asyncio.run(draw_k6(options.into))
    else:
        asyncio.run(draw_all(options.names or list(SHOTS), options.into))


if __name__ == "__main__":
    main()

"""``k6dash replay``: the cockpit over a recording."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from dashboard.commands.options import CONTEXT
from dashboard.commands.parameters import Duration, Speed
from dashboard.commands.screen import Screen, screen_options
from dashboard.errors import UsageError

QUICK: Final = 1024 * 1024
"""Bytes of a file that is quickly read to its end, to know beforehand how long it is."""


@click.command(context_settings=CONTEXT)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--speed",
    type=Speed(min=0.0, min_open=True, max=1000),
    metavar="FACTOR",
    default=1.0,
    show_default=True,
    help="How fast it is played; < and > change it.",
)
@click.option("--at", type=Duration(), metavar="TIME", help="Begin so long after the start, as in 5m, and stand still.")
@screen_options
def replay(file: Path, speed: float, at: float | None, screen: Screen) -> int:
    """Show a recording in the cockpit: play, pause, step, jump.

    FILE is what k6dash record writes, or what k6 itself does: --out json=FILE, plain or gzipped, and the FILE of
    --out web-dashboard=record=FILE.

    Space plays and stands still, left and right move by 10 s, n and N go to what happened; the mouse goes anywhere.
    """
    from dashboard.sources.replayable import open_replayable

    recording = open_replayable(file)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("k6dash draws on a terminal, and this is none; k6dash export writes a recording as data")
    from dashboard.clock import SystemClock
    from dashboard.commands.cockpit import watch_recording
    from dashboard.replay import ReplaySession

    if at is not None or file.stat().st_size < QUICK:
        recording.find_end()
    clock = SystemClock()
    session = ReplaySession(recording, clock)
    reel = session.reel
    if at is not None and at > reel.end - reel.start:
        raise UsageError(f"--at {at:g} s is beyond the end of {file}: it is {reel.end - reel.start:.0f} s long")
    from dashboard.tui.playhead import Replayed

    return watch_recording(file, session, clock, screen, Replayed(lambda: session.reel, speed, at))

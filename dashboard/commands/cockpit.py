"""The cockpit on a terminal, over whatever source it is given."""

from __future__ import annotations

import gc
import os
import threading
from typing import TYPE_CHECKING, Final

import click

from dashboard.config import settings_of
from dashboard.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from dashboard.clock import Clock
    from dashboard.commands.screen import Screen
    from dashboard.replay import ReplaySession
    from dashboard.session import Session
    from dashboard.simulation.rest import App
    from dashboard.sources.base import Source
    from dashboard.tui.app import K6DashApp
    from dashboard.tui.compared import Compared
    from dashboard.tui.keymap import Keys
    from dashboard.tui.leaving import Leaving
    from dashboard.tui.playhead import Replayed


def keys_of(context: click.Context) -> Keys | None:
    """The keys that the settings bind anew.

    Raises:
        UsageError: they cannot be.
    """
    settings = settings_of(context)
    if settings is None or not settings.keys:
        return None
    from dashboard.tui.keymap import read_keys

    try:
        return read_keys(settings.keys)
    except UsageError as error:
        raise UsageError(settings.blamed_for_keys(str(error))) from None


SETTLED: Final = 3.0
"""Seconds after which all has been loaded that a dashboard needs to be looked at."""


LAST_SECONDS: Final = 6.0
"""Seconds that k6dash has to close its recording and to end, once its terminal has gone."""


async def _settle(clock: Clock) -> None:
    """Look for garbage once what stays has been loaded, and from then on only among what came later.

    The start makes a hundred thousand objects that all stay. Searching them costs a tenth of the time to the first
    data, and later 50 ms at a moment when somebody may be pressing a key.
    """
    await clock.sleep(SETTLED)
    gc.collect()
    gc.freeze()
    gc.enable()


def watch(
    source: Source,
    clock: Clock,
    interval: float,
    screen: Screen,
    opened: tuple[App, tuple[str, int]] | None,
    *,
    leaving: Leaving,
    keys: Keys | None = None,
    record: tuple[Path, bool] | None = None,
) -> int:
    """Draw the dashboard until the user leaves; meanwhile keep the simulated k6 open to others, if asked to."""
    gc.disable()
    from dashboard.session import Session
    from dashboard.tui.app import K6DashApp
    from dashboard.tui.glyphs import Glyphs

    session = Session([source], clock)
    cockpit = K6DashApp(
        session,
        clock,
        interval=interval,
        glyphs=Glyphs(screen.glyphs),
        theme=f"k6dash-{screen.theme}",
        keys=keys,
        leaving=leaving,
        compared=_compared(screen, clock),
    )
    if record is not None:
        path, replaces = record
        cockpit.tape.begin(path, replace=replaces)
    return _draw(cockpit, session, clock, opened)


def watch_recording(path: Path, session: ReplaySession, clock: Clock, screen: Screen, replayed: Replayed) -> int:
    """Draw a recording until the user leaves."""
    gc.disable()
    from dashboard.tui.app import K6DashApp
    from dashboard.tui.glyphs import Glyphs
    from dashboard.tui.leaving import Played

    cadence = session.sources[session.target].cadence
    cockpit = K6DashApp(
        session,
        clock,
        interval=cadence,
        glyphs=Glyphs(screen.glyphs),
        theme=f"k6dash-{screen.theme}",
        leaving=Played(path),
        replayed=replayed,
        compared=_compared(screen, clock),
    )
    return _draw(cockpit, session, clock, None)


def _compared(screen: Screen, clock: Clock) -> Compared | None:
    """The run to be drawn behind the one shown."""
    if screen.baseline is None:
        return None
    from dashboard.replay import ReplaySession
    from dashboard.tui.compared import Compared

    return Compared(screen.baseline.path.name, ReplaySession(screen.baseline, clock))


def _draw(cockpit: K6DashApp, session: Session, clock: Clock, opened: tuple[App, tuple[str, int]] | None) -> int:
    """Give the terminal to a cockpit until the user leaves."""
    import asyncio
    import signal
    from contextlib import AsyncExitStack, suppress

    ended_by: list[int] = []

    def leave_on_signals() -> None:
        """Let a signal give the terminal back before it ends k6dash; a second one ends it at once."""
        loop = asyncio.get_running_loop()
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"):
            number = getattr(signal, name, None)  # SIGHUP is not everywhere

            def pass_over(number: int, _: object) -> None:
                """Do nothing."""

            def handle(number: int, _: object) -> None:
                signal.signal(number, signal.SIG_DFL)
                ended_by.append(number)
                if number == getattr(signal, "SIGHUP", None):
                    # A terminal that closes sends SIGCONT too, for which Textual would begin to draw anew, on nothing.
                    signal.signal(signal.SIGCONT, pass_over)
                    # What is still to be written there may wait for ever.
                    giving_up = threading.Timer(LAST_SECONDS, os._exit, (ExitCode.SIGNALLED,))
                    giving_up.daemon = True
                    giving_up.start()
                loop.call_soon_threadsafe(cockpit.leave, ExitCode.SIGNALLED, signal.Signals(number).name)

            if number is not None:
                signal.signal(number, handle)

    async def run() -> str | None:
        leave_on_signals()
        settling = asyncio.create_task(_settle(clock))
        async with AsyncExitStack() as stack:
            stack.callback(settling.cancel)
            stack.push_async_callback(session.aclose)
            if opened is not None:
                from dashboard.simulation.serve import Server

                app, (host, port) = opened
                server = await stack.enter_async_context(Server(app, host=host, port=port))
                cockpit.sub_title = f"listening on {server.address}"
            stack.callback(cockpit.tape.end, "k6dash was left")
            return await cockpit.run_async()

    farewell = None
    try:
        farewell = asyncio.run(run())
    except OSError:
        if not ended_by:  # after SIGHUP the terminal may have gone
            raise
    finally:
        gc.enable()
    if cockpit.failure is not None:
        raise cockpit.failure
    if farewell:
        with suppress(OSError):  # likewise
            click.echo(farewell, err=True)
    return ExitCode.SIGNALLED if ended_by else cockpit.return_code or ExitCode.OK

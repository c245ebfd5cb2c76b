"""``k6dash --headless``: its options, and what carries them out."""

from __future__ import annotations

import math
import os
import shutil
import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from dashboard.commands.parameters import Duration
from dashboard.errors import ExitCode, UsageError
from dashboard.quick import dataclass

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType

    from dashboard.clock import Clock
    from dashboard.headless.bond import Bond
    from dashboard.headless.output import Output
    from dashboard.model.condition import Condition
    from dashboard.simulation.rest import App
    from dashboard.sources.base import Source

FORMATS = ("lines", "ndjson", "csv")
STATES = ("starting", "paused", "running", "teardown", "ended", "stopped", "failed")
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
"""What ends k6dash in good order. A k6 that it has started goes on."""
_PATIENCE_OF_A_SIGNAL = 0.5
"""Seconds that a reader has for the rest of the output once k6dash was told to end."""
_LAST_WORDS = 0.5
"""Seconds that a reader has for the rest of the talk."""

OF_HEADLESS = ("form", "limit", "until", "patience", "fail_on", "grace", "then")


@dataclass(frozen=True, slots=True)
class Headless:
    """How to follow a test without a screen."""

    form: str
    limit: float | None
    until: str | None
    patience: float
    """Seconds to wait for a k6 that does not answer; one that was started here is waited for as long as it runs."""
    fail_on: tuple[str, ...]
    grace: float
    then: str


_OPTIONS = (
    click.option("--headless", is_flag=True, help="Draw nothing: a line a look on stdout, for pipes, logs and CI."),
    click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="lines",
        show_default=True,
        help="Of --headless: lines for people, ndjson with everything, csv for tables.",
    ),
    click.option(
        "--for",
        "limit",
        type=Duration(),
        metavar="TIME",
        help="Of --headless: leave after this long, such as 10m, from k6's first answer on.",
    ),
    click.option(
        "--until",
        type=click.Choice(STATES),
        help="Of --headless: leave as soon as the test is in this state. [default: the end of the test]",
    ),
    click.option(
        "--fail-on",
        metavar="'METRIC EXPR'",
        multiple=True,
        help="Of --headless: end with 99 unless this holds, such as 'http_req_failed rate<0.05', or in each window"
        " '30s: http_req_duration avg<300'; repeatable.",
    ),
    click.option(
        "--grace",
        type=Duration(),
        metavar="TIME",
        default="0s",
        show_default=True,
        help="Of --fail-on: judge nothing before the test has run this long.",
    ),
    click.option(
        "--then",
        type=click.Choice(("go-on", "leave", "stop")),
        default="go-on",
        show_default=True,
        help="Of --fail-on: what to do at the first failure; stop ends the test itself.",
    ),
)


_WAITING = (
    click.option(
        "--wait",
        "patience",
        type=Duration(),
        metavar="TIME",
        default="30s",
        show_default=True,
        help="Of --headless: how long to wait for a k6 that does not answer.",
    ),
)


def headless_options(*, waits: bool = True) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add the options of ``--headless``, and hand them over as one :class:`Headless`.

    Args:
        waits: Whether a k6 has to be waited for, and for how long can be said.
    """

    def decorate(function: Callable[..., int]) -> Callable[..., int]:
        @wraps(function)
        def gathered(*args: Any, **options: Any) -> int:  # noqa: ANN401 - click passes options by name
            settings = Headless(**{name: options.pop(name, math.inf) for name in OF_HEADLESS})
            return function(*args, settings=settings, **options)

        for option in reversed((*_OPTIONS[:4], *(_WAITING if waits else ()), *_OPTIONS[4:])):
            gathered = option(gathered)
        return gathered

    return decorate


def follow(
    source: Source,
    clock: Clock,
    interval: float,
    settings: Headless,
    opened: tuple[App, tuple[str, int]] | None = None,
    *,
    record: tuple[Path, bool] | None = None,
    has_groups: bool = False,
    bond: Bond | None = None,
    talk: Output | None = None,
    interrupt: Callable[[], str] | None = None,
) -> int:
    """Follow a test to its end without a screen.

    Args:
        source: Whence it is followed.
        clock: Where time comes from.
        interval: Seconds between two looks.
        settings: How, and until when.
        opened: The simulated k6 that is to be open to others meanwhile, and where.
        record: The file to record into, and whether one that is there is overwritten.
        has_groups: Whether the user wants the groups: a k6 that lingers is asked for the final counts before leaving.
        bond: Whose k6 it is; somebody else's, unless told otherwise.
        talk: Where talk goes, if it goes the way of something else; it is closed.
        interrupt: What Ctrl-C does, where it is not to end k6dash; returns what is said of it.
    """
    import asyncio
    import signal
    from contextlib import AsyncExitStack

    from dashboard.headless.bond import Attached
    from dashboard.headless.follow import Follower, Plan, Then
    from dashboard.headless.formats import FORMATS as FORMS
    from dashboard.headless.lines import Page
    from dashboard.headless.output import Output
    from dashboard.model.run import State
    from dashboard.session import Session
    from dashboard.tape import Tape

    plan = Plan(
        limit=settings.limit,
        until=State(settings.until) if settings.until else None,
        patience=settings.patience,
        conditions=conditions_of(settings, interval),
        grace=settings.grace,
        then=Then(settings.then),
        has_groups=has_groups,
    )
    page = Page()
    if sys.stdout.isatty():
        takes_colour = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        page = Page(lambda: shutil.get_terminal_size().columns, takes_colour)
    sys.stdout.flush()
    session = Session([source], clock)
    tape = Tape(session, source.target, clock, interval)
    if record is not None:
        tape.begin(record[0], replace=record[1])
    bound = bond or Attached()
    talk = talk or talk_output()

    def say(line: str) -> None:
        talk.write(f"k6dash: {line}\n")

    async def run() -> int:
        loop = asyncio.get_running_loop()

        def output_failed() -> None:
            loop.call_soon_threadsafe(follower.output_failed)

        output = Output(sys.stdout.fileno(), output_failed)
        follower = Follower(session, source.target, plan, FORMS[settings.form](page), output, say, bound)
        ended_by: list[int] = []

        def handle(number: int, _: FrameType | None) -> None:
            """End cleanly; a second signal ends at once."""
            if number == signal.SIGINT and interrupt is not None:
                # Here and now, whatever keeps the loop busy.
                loop.call_soon_threadsafe(say, interrupt())
                return
            signal.signal(number, signal.SIG_DFL)
            ended_by.append(number)
            loop.call_soon_threadsafe(follower.leave, ExitCode.SIGNALLED, f"ended by {signal.Signals(number).name}")

        for name in SIGNALS:
            number = getattr(signal, name, None)  # not all are everywhere
            # Whoever has SIGHUP ignored, as nohup does, wants a closed terminal to end nothing.
            if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
                signal.signal(number, handle)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(session.aclose)
            stack.callback(tape.end, "k6dash was left")
            if opened is not None:
                from dashboard.simulation.serve import Server

                app, (host, port) = opened
                server = await stack.enter_async_context(Server(app, host=host, port=port))
                say(f"listening on {server.address}")
            code = await follower.run()
            taped = tape.end("the test is over" if follower.followed.state().is_over else "k6dash was left")
        summary = bound.summary(follower.followed)
        if summary and settings.form == "lines":
            output.write(f"\n{summary}\n")
        elif summary:
            talk.write(f"\n{summary}\n\n")
        while not output.close(_PATIENCE_OF_A_SIGNAL) and output.error is None and not ended_by:
            await asyncio.sleep(0)  # a signal is heard here
        if output.lost:
            say(f"{output.lost} looks were not written: whoever reads is too slow")
        bound.part(follower.followed, say)
        if taped is not None:
            say(taped.broken or f"recorded into {taped.path}, {taped.size / 1e6:.1f} MB")
        if code == ExitCode.OK and isinstance(output.error, BrokenPipeError):
            return ExitCode.PIPE_CLOSED
        return ExitCode.NOT_WRITTEN if code == ExitCode.OK and taped is not None and taped.broken else code

    try:
        return asyncio.run(run())
    finally:
        talk.close(_LAST_WORDS)


def talk_output() -> Output:
    """The standard error for a sitting: whether anybody reads it or not, watching goes on."""
    from dashboard.headless.output import Output

    return Output(sys.stderr.fileno(), lambda: None)


def say(line: str) -> None:
    """Say a line on stderr; that nobody hears it is no failure."""
    from contextlib import suppress

    with suppress(OSError):
        click.echo(f"k6dash: {line}", err=True)


def conditions_of(settings: Headless, interval: float) -> tuple[Condition, ...]:
    """What has to hold.

    Raises:
        UsageError: a condition cannot be read, or cannot be judged at that interval.
    """
    from dashboard.duration import duration_text
    from dashboard.model.condition import parse_condition

    conditions: list[Condition] = []
    for text in settings.fail_on:
        try:
            condition = parse_condition(text)
        except ValueError as error:
            raise UsageError(f"--fail-on {error}") from None
        if condition.window is not None and condition.window < interval:
            raise UsageError(
                f"--fail-on {text!r}: a window cannot be shorter than the --interval of {duration_text(interval)}"
            )
        conditions.append(condition)
    return tuple(conditions)

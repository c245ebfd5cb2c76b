"""What all one-shot commands share: how to reach a k6, and how what came of it is written."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from dashboard.commands.connection import Connection, connection_options
from dashboard.commands.parameters import Duration
from dashboard.config import origin_of
from dashboard.errors import ExitCode, TimedOut
from dashboard.quick import dataclass

if TYPE_CHECKING:
    from dashboard.api.client import Client
    from dashboard.oneshot.deadline import Deadline
    from dashboard.oneshot.report import Report, Table

READ_TIMEOUT, ACT_TIMEOUT = 10.0, 60.0
_COLOURS = {"good": "green", "warn": "yellow", "bad": "red"}


class Patience(Duration):
    """How long something may take: some time at least."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a duration such as ``90s``; a bare number is seconds."""
        seconds = super().convert(value, param, ctx)
        if not seconds > 0:
            self.fail(
                f"{value!r} is no time in which anything could be done; write one like '500ms' or '90s'", param, ctx
            )
        return seconds


@dataclass(frozen=True, slots=True)
class Reach:
    """How to reach the k6, how long that may take, and for whom the answer is."""

    connection: Connection
    timeout: float | None
    as_json: bool

    def metric_names(self) -> tuple[str, ...]:
        """The names of all metrics, for one GET.

        Raises:
            K6DashError: nothing can be had there.
        """
        import asyncio

        from dashboard.api.client import Client
        from dashboard.clock import SystemClock

        target, headers = self.connection.address(), self.connection.sent()

        async def run() -> tuple[str, ...]:
            async with Client(target, clock=SystemClock(), headers=headers) as client:
                return tuple(metric.name for metric in await client.metrics(timeout=self.timeout or READ_TIMEOUT))

        return asyncio.run(run())

    def is_read_only(self) -> bool:
        """Whether the settings allow no more than to look; says so, if it is."""
        root = click.get_current_context().find_root()
        if not root.params.get("read_only"):
            return False
        say(f"nothing is sent that changes the test: read-only is set ({origin_of(root, 'read_only')})")
        return True

    def ask(
        self, command: str, question: Callable[[Client, Deadline], Awaitable[Report]], *, acts: bool = False
    ) -> int:
        """Put ``question`` to the k6, and write what it came to.

        Args:
            command: What was typed.
            question: Asks, through a client and within a time.
            acts: Whether more is sent than GETs.

        Returns:
            The exit code.
        """
        if acts and self.is_read_only():
            return ExitCode.REFUSED
        target, headers = self.connection.address(), self.connection.sent()
        import asyncio

        from dashboard.api.client import Client
        from dashboard.clock import SystemClock
        from dashboard.oneshot.deadline import Deadline

        async def run() -> Report:
            clock = SystemClock()
            deadline = Deadline(clock, self.timeout)
            async with Client(target, clock=clock, headers=headers) as client:
                try:
                    return await question(client, deadline)
                except TimedOut as error:
                    if not deadline.is_over:
                        raise
                    late = f"no answer from {target.label} in {deadline.seconds:g} s"
                    raise TimedOut(error.endpoint, late) from None

        report = asyncio.run(run())
        write(report, command, target.label, as_json=self.as_json)
        return report.code


def reaching(timeout: float | None) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add the options that say how to reach a k6, and hand them over as one :class:`Reach`.

    Args:
        timeout: Seconds that the command may take unless told otherwise; None is for ever.
    """
    options = (
        click.option("--json", "as_json", is_flag=True, help="Write one JSON document, for programs."),
        click.option(
            "--timeout",
            type=Patience(),
            metavar="TIME",
            default=timeout,
            help="Give up after so long: 30, 500ms, 90s or 1h30m."
            " [default: 10s; 60s where k6 may take its time; for ever in wait]",
        ),
    )

    def decorate(function: Callable[..., int]) -> Callable[..., int]:
        @wraps(function)
        def gathered(*args: Any, connection: Connection, timeout: float | None, as_json: bool, **given: Any) -> int:  # noqa: ANN401
            return function(*args, reach=Reach(connection, timeout, as_json), **given)

        for option in reversed(options):
            gathered = option(gathered)
        return connection_options("ask")(gathered)

    return decorate


def write(report: Report, command: str, target: str | None, *, as_json: bool) -> None:
    """Write a report: what is data to stdout, what is talk to stderr, each in one go."""
    if as_json:
        import json

        from dashboard.oneshot.report import SCHEMA

        document = {"schema": SCHEMA, "command": command, "target": target, **report.document}
        click.echo(json.dumps(document, indent=2))
    elif report.text is not None:
        click.echo(_readable(report.text) if sys.stdout.isatty() else report.text)
    elif report.tables:
        click.echo("\n\n".join(map(_text, report.tables)))
    for remark in report.remarks:
        say(remark)


def say(remark: str) -> None:
    """Say what is no data, in one line."""
    click.echo(f"k6dash: {' '.join(remark.split())}", err=True)


def _readable(text: str) -> str:
    """JSON for a terminal: a value a line, and nothing in it that steers the terminal."""
    from dashboard.model.json_text import Fault, outline, pretty, visible

    read = outline(text)
    return visible(text if isinstance(read, Fault) else "\n".join(pretty(read)))


def _text(table: Table) -> str:
    is_terminal = sys.stdout.isatty()
    is_coloured = is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    width = shutil.get_terminal_size().columns if is_terminal else None
    return "\n".join(
        "".join(click.style(cell.text, fg=_COLOURS.get(cell.tone)) if is_coloured else cell.text for cell in row)
        for row in table.lines(width)
    )

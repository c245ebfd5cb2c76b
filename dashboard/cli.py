"""The command line, and the one place that puts the layers together.

Nothing heavy is imported before it is known to be needed: ``--help`` and ``--version`` load neither Textual nor httpx.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from dashboard import __version__
from dashboard.errors import ExitCode, K6DashError, UsageError

if TYPE_CHECKING:
    from dashboard.api.address import Target
    from dashboard.api.client import Client
    from dashboard.clock import Clock
    from dashboard.sources.base import Source

THEMES = ("dark", "light", "ansi")
GLYPHS = ("braille", "block", "ascii")
LEAST_INTERVAL, MOST_INTERVAL = 0.2, 60.0


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
            self.fail(f"{value!r} is not a number of seconds from {LEAST_INTERVAL:g} to {MOST_INTERVAL:g}")
        return seconds


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Inside, ? shows the keys.",
)
@click.option(
    "-t",
    "--target",
    metavar="ADDRESS",
    help="The k6 to watch: host, host:port or URL. [default: $K6_ADDRESS, else localhost:6565]",
)
@click.option(
    "-i", "--interval", type=_Interval(), default=1.0, show_default="1", help="Seconds between two looks, 0.2 to 60."
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
@click.version_option(__version__, "--version", prog_name="k6dash", message="%(prog)s %(version)s")
def command(
    target: str | None,
    interval: float,
    headers: tuple[str, ...],
    insecure: bool,
    theme: str,
    glyphs: str,
) -> int:
    """Watch and steer a running k6 load test, in the terminal.

    k6 gives its REST API with `k6 run --address localhost:6565 script.js`; in k6 v1 it is on by default.
    """
    from dashboard.api.address import default_target, parse_header, parse_target
    from dashboard.clock import SystemClock

    address = parse_target(default_target(os.environ) if target is None else target, insecure=insecure)
    sent = tuple(parse_header(header) for header in headers)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("k6dash draws on a terminal, and this is none; run it in one")
    clock = SystemClock()
    return _watch([live_source(address, sent, clock, interval)], clock, interval, theme, glyphs)


def live_source(target: Target, headers: Sequence[tuple[str, str]], clock: Clock, interval: float) -> Source:
    """A source over the network. Its HTTP library is loaded beside the first frame, not before it."""
    import asyncio

    from dashboard.sources.live import LiveSource

    async def open_client() -> Client:
        module = await asyncio.to_thread(importlib.import_module, "dashboard.api.client")
        client: Client = module.Client(target, clock=clock, headers=headers)
        return client

    return LiveSource(target.label, open_client, clock, interval)


def _watch(sources: Sequence[Source], clock: Clock, interval: float, theme: str, glyphs: str) -> int:
    """Draw the dashboard until the user leaves."""
    import asyncio

    from dashboard.session import Session
    from dashboard.tui.app import K6DashApp
    from dashboard.tui.glyphs import Glyphs

    session = Session(sources, clock)
    app = K6DashApp(session, clock, interval=interval, glyphs=Glyphs(glyphs), theme=f"k6dash-{theme}")

    async def run() -> str | None:
        try:
            return await app.run_async()
        finally:
            await session.aclose()

    farewell = asyncio.run(run())
    if farewell:
        click.echo(farewell, err=True)
    return app.return_code or ExitCode.OK


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

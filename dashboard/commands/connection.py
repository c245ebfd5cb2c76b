"""The options that say how to reach a real k6, and the event stream beside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from dashboard.config import strongest
from dashboard.quick import dataclass

if TYPE_CHECKING:
    from dashboard.api.address import Target
    from dashboard.targets import EventsAt

OF_CONNECTION = ("insecure", "headers")


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

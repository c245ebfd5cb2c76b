"""What can be typed after an option: the types of what is more than a word or a whole number."""

from __future__ import annotations

import math
from typing import Any

import click

LEAST_INTERVAL, MOST_INTERVAL = 0.2, 60.0


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

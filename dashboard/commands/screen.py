"""The options that say how the cockpit is drawn."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from dashboard.quick import dataclass

if TYPE_CHECKING:
    from dashboard.sources.replayable import Replayable

THEMES = ("dark", "light", "ansi")
GLYPHS = ("braille", "block", "ascii")
OF_SCREEN = ("theme", "glyphs", "baseline")


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

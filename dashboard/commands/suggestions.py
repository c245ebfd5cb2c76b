"""What the shell offers for a word that has been begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


def complete_file(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files, by the shell's own means."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]


def complete_scenario(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The built-in scenarios; files where a path has been begun."""
    from click.shell_completion import CompletionItem

    from dashboard.simulation.scenario import SCENARIO_NAMES

    if set(incomplete) & set("./~"):
        return [CompletionItem(incomplete, type="file")]
    return [CompletionItem(name) for name in SCENARIO_NAMES if name.startswith(incomplete)]

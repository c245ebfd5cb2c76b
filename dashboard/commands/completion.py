"""``k6dash completion``: the script that makes a shell complete what is typed."""

from __future__ import annotations

import click

from dashboard.commands.options import CONTEXT

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_K6DASH_COMPLETE"


@click.command(context_settings=CONTEXT)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print the script with which SHELL completes commands, options, scenarios, states and metrics.

    bash: add  eval "$(k6dash completion bash)"  to ~/.bashrc; zsh: the same with zsh, to ~/.zshrc;
    fish: k6dash completion fish > ~/.config/fish/completions/k6dash.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(context.find_root().command, {}, "k6dash", VARIABLE).source())
    return 0

"""The README's tables, written from the things they describe.

``python -m tests.readme`` rewrites what stands between ``<!-- NAME:begin -->`` and ``<!-- NAME:end -->``;
``--check`` only says whether that would change anything.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

import click

import dashboard.errors
from tests.harness.k6 import CHECKOUT

README: Final = CHECKOUT / "README.md"
COMMAND: Final = "k6dash"


def keys_table() -> str:
    """The keys, group by group, from the one registry of commands."""
    from dashboard.tui.commands import COMMANDS
    from dashboard.tui.keynames import key_text

    sections: list[str] = []
    for group, commands in groupby(COMMANDS, key=lambda command: command.group):
        rows = [(_keys(map(key_text, command.keys)), command.description, f"`{command.id}`") for command in commands]
        sections.append(_table((str(group).capitalize(), "", "id"), rows))
    return "\n\n".join(sections)


def options_table() -> str:
    """The options of the command and of each of its subcommands, from click."""
    from dashboard.cli import command

    sections = [_options(command, COMMAND)]
    for name, below in _subcommands(command).items():
        if not below.hidden:
            sections += [f"`{COMMAND} {name}`: {below.get_short_help_str(200)}", _options(below, f"{COMMAND} {name}")]
    return "\n\n".join(section for section in sections if section)


def exit_codes_table() -> str:
    """The exit codes, from the docstring that defines them."""
    rows = re.findall(r"^ *(\d+)  +(\S.*)$", dashboard.errors.__doc__ or "", re.MULTILINE)
    return _table(("code", "meaning"), [(f"`{code}`", meaning) for code, meaning in rows])


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "keys": keys_table,
    "options": options_table,
    "exit-codes": exit_codes_table,
}


def _keys(keys: Iterable[str]) -> str:
    return " ".join(f"`{key}`" for key in keys)


def _subcommands(command: click.Command) -> Mapping[str, click.Command]:
    if not isinstance(command, click.Group):
        return {}
    context = click.Context(command)
    found = ((name, command.get_command(context, name)) for name in command.list_commands(context))
    return {name: below for name, below in found if below is not None}


def _options(command: click.Command, path: str) -> str:
    context = click.Context(command, info_name=path, **command.context_settings)
    rows: list[tuple[str, str]] = []
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(context)):
            names, meaning = record
            rows.append((f"`{names}`", " ".join(meaning.split())))
    return _table(("option", "meaning"), rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _region(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=<!-- {name}:begin -->\n)(.*?)(?=<!-- {name}:end -->)", re.DOTALL)


def renewed(text: str, tables: Mapping[str, Callable[[], str]] = TABLES) -> str:
    """``text`` with each table written anew.

    Raises:
        ValueError: the markers of a table are missing.
    """
    for name, table in tables.items():
        regions = list(_region(name).finditer(text))
        if len(regions) != 1:
            raise ValueError(f"README.md has {len(regions)} regions between {name}:begin and {name}:end, not one")
        text = f"{text[: regions[0].start(1)]}{table()}\n{text[regions[0].end(1) :]}"
    return text


def main(arguments: Sequence[str]) -> int:
    """Rewrite the README, or with ``--check`` say whether it is current."""
    text = README.read_text(encoding="utf-8")
    fresh = renewed(text)
    if fresh == text:
        return 0
    if "--check" in arguments:
        print("README.md is not current: poe readme", file=sys.stderr)
        return 1
    README.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

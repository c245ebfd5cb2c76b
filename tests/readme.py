"""The README's tables and the help that is given at once, written from the things they describe.

``python -m tests.readme`` rewrites what stands between ``<!-- NAME:begin -->`` and ``<!-- NAME:end -->``, and
``dashboard/help/``; ``--check`` only says whether that would change anything.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import click

import dashboard.errors
from dashboard.__main__ import COMMON, HELP, WIDEST
from tests.harness.k6 import CHECKOUT

README: Final = CHECKOUT / "README.md"
COMMAND: Final = "k6dash"
ONESHOT: Final = ("target", "as_json", "timeout", "headers", "insecure")
"""The parameters that every one-shot command has, and no other command has all of."""


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
        if not below.hidden and not _is_oneshot(below):
            sections += [f"`{COMMAND} {name}`: {below.get_short_help_str(200)}", _options(below, f"{COMMAND} {name}")]
    return "\n\n".join(section for section in sections if section)


def oneshot_table() -> str:
    """The one-shot commands with the options that one alone has, then those that all of them have."""
    from dashboard.cli import command

    rows: list[tuple[str, str]] = []
    shared: list[tuple[str, str]] = []
    for name, below in _subcommands(command).items():
        if _is_oneshot(below):
            context = click.Context(below, info_name=f"{COMMAND} {name}", **below.context_settings)
            usage = " ".join(piece for piece in below.collect_usage_pieces(context) if piece != "[OPTIONS]")
            own = [
                f"`{names}`: {meaning}" for param, names, meaning in _records(below) if param not in (*ONESHOT, "help")
            ]
            told = " ".join((below.help or "").split())
            rows.append((f"`{' '.join(filter(None, (name, usage)))}`", " ".join((told, *own))))
            shared = [(f"`{names}`", meaning) for param, names, meaning in _records(below) if param in ONESHOT]
    return "\n\n".join(
        (_table((f"`{COMMAND} ...`", ""), rows), "All of them take:", _table(("option", "meaning"), shared))
    )


def exit_codes_table() -> str:
    """The exit codes, from the docstring that defines them."""
    rows = re.findall(r"^ *(\d+)  +(\S.*)$", dashboard.errors.__doc__ or "", re.MULTILINE)
    return _table(("code", "meaning"), [(f"`{code}`", meaning) for code, meaning in rows])


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "keys": keys_table,
    "options": options_table,
    "oneshot": oneshot_table,
    "exit-codes": exit_codes_table,
}


def help_text(columns: int) -> str:
    """What click writes for ``k6dash --help`` on a terminal that is so wide."""
    from dashboard.cli import command

    # What its formatter makes of the terminal's width.
    width = max(min(columns, command.context_settings["max_content_width"]) - 2, 50)
    context = click.Context(command, info_name=COMMAND, terminal_width=width, **command.context_settings)
    return f"{command.get_help(context)}\n"


def written() -> dict[Path, str]:
    """What is to stand in each file that is written here."""
    helps = {Path(HELP, f"{columns}.txt"): help_text(columns) for columns in (COMMON, WIDEST)}
    return {README: renewed(README.read_text(encoding="utf-8")), **helps}


def _keys(keys: Iterable[str]) -> str:
    return " ".join(f"`{key}`" for key in keys)


def _subcommands(command: click.Command) -> Mapping[str, click.Command]:
    if not isinstance(command, click.Group):
        return {}
    context = click.Context(command)
    found = ((name, command.get_command(context, name)) for name in command.list_commands(context))
    return {name: below for name, below in found if below is not None}


def _is_oneshot(command: click.Command) -> bool:
    """Whether it is a command that asks a k6 once."""
    return set(ONESHOT) <= {parameter.name for parameter in command.params}


def _options(command: click.Command, path: str) -> str:
    return _table(("option", "meaning"), [(f"`{names}`", meaning) for _, names, meaning in _records(command, path)])


def _records(command: click.Command, path: str = COMMAND) -> list[tuple[str, str, str]]:
    """Of each option: its parameter, how it is written, what it means."""
    context = click.Context(command, info_name=path, **command.context_settings)
    rows: list[tuple[str, str, str]] = []
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(context)):
            names, meaning = record
            rows.append((parameter.name or "", names, " ".join(meaning.split())))
    return rows


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
    """Rewrite what is not current, or with ``--check`` say what that is."""
    stale = {
        path: text for path, text in written().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    for path, text in stale.items():
        if "--check" in arguments:
            print(f"{path.relative_to(CHECKOUT)} is not current: poe readme", file=sys.stderr)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return int("--check" in arguments and bool(stale))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

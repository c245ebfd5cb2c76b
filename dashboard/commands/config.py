"""``k6dash config``: which settings are in force, and where each of them comes from."""

from __future__ import annotations

import os
from typing import cast

import click

from dashboard.commands.oneshot import write
from dashboard.commands.options import CONTEXT
from dashboard.config import Names, Origin, Rank, Settings, key_of, options_of, origin_of, settings_of
from dashboard.errors import UsageError
from dashboard.view.format import UNKNOWN


@click.command(context_settings=CONTEXT)
@click.option("--all", "-a", "wants_all", is_flag=True, help="The commands' options too where they are as ever.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON document, for programs.")
@click.pass_context
def config(context: click.Context, wants_all: bool, as_json: bool) -> int:
    """Tell which settings are in force, and where each comes from: default, file, environment or command line.

    Checks the whole file, the tables of other commands too. Options that stand in front of config count as typed.
    """
    from dashboard.oneshot.report import Cell, Report, Table, facts

    root = context.find_root()
    settings = settings_of(context)
    assert settings is not None
    found = list(_of_command(root, (), settings))
    group = root.command
    if isinstance(group, click.Group):
        for name in group.list_commands(root):
            below = group.get_command(root, name)
            if below is not None:
                found += _below(below, root, (name,), settings)
    found += _keys(settings)
    of_all = {one.origin for one in found if not one.section}
    # What a command takes over from the cockpit is told once.
    shown = [one for one in found if wants_all or not one.section or one.origin not in of_all | {Origin(Rank.DEFAULT)}]
    where = settings.path if settings.is_there else f"{settings.path} (not there)"
    rows = tuple((Cell(one.name), Cell(one.text), Cell(_home(str(one.origin)))) for one in shown)
    document = {
        "file": settings.path,
        "is_there": settings.is_there,
        "settings": [
            {
                "section": one.section or None,
                "key": one.key,
                "value": one.value,
                "origin": one.origin.rank.word,
                "place": one.origin.place or None,
            }
            for one in shown
        ],
    }
    tables = (facts(("file", _home(where))), Table(rows, ("SETTING", "VALUE", "FROM"), gives=(1, 2)))
    write(Report(document, tables), "config", None, as_json=as_json)
    return 0


class _One:
    """One option as it is in force."""

    def __init__(self, names: Names, key: str, value: object, origin: Origin) -> None:
        self.section = ".".join(names)
        self.key = key
        self.origin = origin
        self.value: object = _plain(_without_secrets(key, value))

    @property
    def name(self) -> str:
        """The key, after the table it stands in."""
        return f"{self.section}.{self.key}" if self.section else self.key

    @property
    def text(self) -> str:
        """The value for people."""
        return UNKNOWN if self.value is None else _text(self.value)


def _of_command(context: click.Context, names: Names, settings: Settings) -> list[_One]:
    """The options of a command whose context has been filled."""
    found: list[_One] = []
    for option in options_of(context.command):
        name = option.name or ""
        found.append(_checked(names, key_of(option), context.params.get(name), origin_of(context, name)))
    return found


def _below(command: click.Command, parent: click.Context, names: Names, settings: Settings) -> list[_One]:
    """The options of a command that was not typed, and of those below it, checked as if it had been.

    Raises:
        UsageError: a value cannot be.
    """
    settings.read(command, names)
    context = click.Context(command, parent=parent, info_name=names[-1])
    found: list[_One] = []
    for option in options_of(command):
        name = option.name or ""
        setting = settings.setting(names, name)
        value = option.get_default(context) if setting is None else setting.value
        try:
            value = option.type_cast_value(context, None if _is_unset(value) else value)
        except click.BadParameter as error:
            place = f"{setting.origin}: " if setting else ""
            raise UsageError(f"{place}{key_of(option)}: {error.message}") from None
        found.append(
            _checked(names, key_of(option), value, Origin(Rank.DEFAULT) if setting is None else setting.origin)
        )
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            found += _below(each, context, (*names, name), settings)
    return found


def _keys(settings: Settings) -> list[_One]:
    """The keys bound anew.

    Raises:
        UsageError: they cannot be.
    """
    if not settings.keys:
        return []
    from dashboard.tui.keymap import read_keys

    try:
        read_keys(settings.keys)
    except UsageError as error:
        raise UsageError(settings.blamed_for_keys(str(error))) from None
    return [_One(("keys",), name, value, settings.key_origin(name)) for name, value in settings.keys.items()]


def _checked(names: Names, key: str, value: object, origin: Origin) -> _One:
    """An option whose value can be used.

    Raises:
        UsageError: it is no address, no scenario or no header.
    """
    from dashboard.api.address import default_target, parse_header, parse_target

    if key == "target" and value is None:
        # Where no target is set, k6's own variable names one.
        value = default_target(os.environ)
        if os.environ.get("K6_ADDRESS", "").strip():
            origin = Origin(Rank.ENVIRONMENT, "K6_ADDRESS")
    try:
        if key == "target" and isinstance(value, str):
            parse_target(value)
        elif key == "simulate" and isinstance(value, str):
            from dashboard.simulation.scenario_file import load_scenario

            load_scenario(value)
        elif key == "header":
            for header in cast("tuple[str, ...]", value):
                parse_header(header)
    except UsageError as error:
        is_elsewhere = origin.rank in (Rank.FILE, Rank.ENVIRONMENT)
        raise UsageError(f"{origin}: {error}" if is_elsewhere else str(error)) from None
    return _One(names, key, value, origin)


def _is_unset(value: object) -> bool:
    return not isinstance(value, (str, int, float, tuple, list))


def _without_secrets(key: str, value: object) -> object:
    """A header may hold a password, and this is read by more than its owner."""
    if key == "header":
        return [f"{header.partition(':')[0]}: ***" for header in cast("tuple[str, ...]", value)]
    return value


def _plain(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, list | tuple):
        values = cast("tuple[object, ...]", value)
        match values:
            case (str(host), int(port)):
                return f"{host}:{port}"
            case _:
                return [_plain(one) for one in values]
    match value:
        case bool() | int() | float() | str() | None:
            return value
        case _:
            return str(value)


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, cast("list[object]", value))) or UNKNOWN
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _home(path: str) -> str:
    """A path as people write it."""
    home = os.path.expanduser("~")
    return path.replace(home + os.sep, "~" + os.sep) if len(home) > 1 else path

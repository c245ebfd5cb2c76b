"""Settings: what the user has set outside the command line, and where each of them comes from.

From the weakest to the strongest: an option's default, the settings file, the environment, what was typed. Options are
read off the commands themselves, so that each one that exists can be set: ``interval`` in the file, ``K6DASH_INTERVAL``
in the environment; an option of a command stands in a table of the command's name, and in ``K6DASH_SERVE_SEED``.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Final, TypeGuard

import click
from click.core import ParameterSource

from dashboard.errors import UsageError
from dashboard.quick import dataclass

if TYPE_CHECKING:
    from dashboard.simulation.toml_table import Table

PREFIX: Final = "K6DASH"
FILE_NAME: Final = "config.toml"
KEYS: Final = "keys"
"""The table of the file in which keys are bound anew."""
OWN: Final = "k6dash"
"""A table in which the cockpit's options may stand as well, for one that is called like a command."""
SHARED: Final = frozenset(
    {
        *("target", "header", "insecure", "events", "no-events"),
        *("interval", "theme", "glyphs", "record", "read-only", "groups"),
    }
)
"""How to reach, to look and to draw. A command that is not told so itself takes what holds for the cockpit."""
_OF_ITS_OWN: Final = (("serve",), "events")
"""What is called like one of those and means something else."""
_TELLING: Final = 8
"""Characters of a value that stand in a complaint by no accident, though nothing quotes them."""
NOT_SETTABLE: Final = ("config", "help", "version")

Names = tuple[str, ...]
"""A command by the names that lead to it; empty for ``k6dash`` itself."""


class Rank(IntEnum):
    """Where a value comes from; the greater one counts."""

    DEFAULT = 0
    FILE = 1
    ENVIRONMENT = 2
    TYPED = 3

    @property
    def word(self) -> str:
        """The name of it, for people and programs."""
        return ("default", "file", "environment", "command line")[self]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the value of an option comes from."""

    rank: Rank
    place: str = ""
    """``FILE:LINE`` or the name of a variable."""

    def __str__(self) -> str:
        match self.rank:
            case Rank.FILE:
                return self.place
            case Rank.ENVIRONMENT:
                return f"environment {self.place}"
            case _:
                return self.rank.word


DEFAULT: Final = Origin(Rank.DEFAULT)
TYPED: Final = Origin(Rank.TYPED)


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that was set, as it was written."""

    key: str
    value: object
    origin: Origin


class _Lent:
    """A value that click asks for where nothing was typed; by being asked for it is in force."""

    def __init__(self, setting: Setting, in_force: list[Setting]) -> None:
        self._setting = setting
        self._in_force = in_force

    def __call__(self) -> object:
        if self._setting not in self._in_force:
            self._in_force.append(self._setting)
        return self._setting.value

    def __str__(self) -> str:
        return str(self._setting.value)


class Settings:
    """The settings file and the environment, read command by command.

    Args:
        path: The settings file.
        must_exist: Whether the user has named it.
        environ: The environment.

    Raises:
        UsageError: the file cannot be read, or is not TOML.
    """

    def __init__(self, path: str, environ: Mapping[str, str], *, must_exist: bool) -> None:
        self.path = path
        self.is_there = must_exist or os.path.exists(path)
        self._environ = environ
        self._top: Table | None = None
        self._of: dict[Names, Mapping[str, Setting]] = {}
        self._in_force: list[Setting] = []
        if self.is_there:
            from pathlib import Path

            from dashboard.simulation.toml_table import read_table

            self._top = read_table(Path(path))

    def read(self, command: click.Command, names: Names, sections: Sequence[str] = ()) -> dict[str, object]:
        """What is set of a command's options, as click takes it: values by the names of parameters.

        Args:
            command: The command. The commands below it are read too, unless they are to be loaded late.
            names: What it is called.
            sections: The commands below it that are loaded late; their tables stand among its options.

        Raises:
            UsageError: there is no such option, or its value is of a kind that cannot be.
        """
        found: dict[str, object] = {}
        settings: dict[str, Setting] = {}
        for option in options_of(command):
            setting = self._setting(option, names)
            if setting is not None:
                settings[option.name or ""] = setting
                found[option.name or ""] = _Lent(setting, self._in_force)
        self._of[names] = settings
        below: Mapping[str, click.Command] = command.commands if isinstance(command, click.Group) else {}
        table = self._table(names)
        if table is not None:
            known = [key_of(option) for option in options_of(command)]
            for name in (*sections, *below, *((KEYS, OWN) if not names else ())):
                if name not in known:
                    table.table(name)
            table.ignore(*known)
            table.done()
            if not names:
                own = table.table(OWN)
                own.ignore(*known)
                own.done()
        for name, each in below.items():
            found[name] = self.read(each, (*names, name))
        return found

    def setting(self, names: Names, parameter: str) -> Setting | None:
        """What was set of a parameter of a command that has been read."""
        return self._of.get(names, {}).get(parameter)

    def in_force(self, names: Names, parameter: str) -> Setting | None:
        """The same, if nothing that was typed took its place."""
        setting = self.setting(names, parameter)
        return setting if setting in self._in_force else None

    def blamed(self, message: str) -> str:
        """A complaint about a value, after the place where it was set, if it was set in the file or environment.

        The value is what the complaint quotes; else that of the one option it speaks of.
        """
        named: list[Setting] = []
        for setting in self._in_force:
            for value in setting.value if _is_list(setting.value) else [setting.value]:
                if not isinstance(value, str):
                    continue
                if value and (repr(value) in message or (len(value) >= _TELLING and value in message)):
                    return f"{setting.origin}: {message}"
                if setting not in named and re.search(rf"(?<![-\w]){re.escape(setting.key)}\b", message):
                    named.append(setting)
        return f"{named[0].origin}: {message}" if len(named) == 1 else message

    @property
    def keys(self) -> Mapping[str, object]:
        """Keys bound anew: command ids to a key or several, unchecked."""
        if self._top is None:
            return {}
        table = self._top.table(KEYS)
        return {name: table.raw(name) for name in table.keys()}  # noqa: SIM118 - a Table is no mapping

    def key_origin(self, command_id: str) -> Origin:
        """Where the keys of a command are bound anew."""
        return DEFAULT if self._top is None else Origin(Rank.FILE, self._top.table(KEYS).place(command_id))

    def blamed_for_keys(self, message: str) -> str:
        """A complaint about keys bound anew, after the place where they are."""
        for command_id in self.keys:
            if f"keys of {command_id}:" in message or repr(command_id) in message:
                return f"{self.key_origin(command_id)}: {message}"
        return message

    def _table(self, names: Names) -> Table | None:
        table = self._top
        for name in names:
            if table is None or not _is_table(table.raw(name)):
                return None
            table = table.table(name)
        return table

    def _setting(self, option: click.Option, names: Names) -> Setting | None:
        places = [names]
        if names and key_of(option) in SHARED and (names, key_of(option)) != _OF_ITS_OWN:
            places.append(())
        for place in places:
            if (setting := self._of_environment(option, place)) is not None:
                return setting
        for place in places:
            if (setting := self._of_file(option, place)) is not None:
                return setting
        return None

    def _of_environment(self, option: click.Option, names: Names) -> Setting | None:
        name = variable_of(option, names)
        text = self._environ.get(name, "")
        if not text:
            return None
        value: object = text
        if is_list(option):
            value = [line.strip() for line in text.splitlines() if line.strip()]
        return Setting(key_of(option), value, Origin(Rank.ENVIRONMENT, name))

    def _of_file(self, option: click.Option, names: Names) -> Setting | None:
        table = self._table(names)
        found = None if table is None else _of_table(option, table, may_be_table=not names)
        if found is None and not names and table is not None and _is_table(table.raw(OWN)):
            return _of_table(option, table.table(OWN), may_be_table=False)
        return found


def _of_table(option: click.Option, table: Table, *, may_be_table: bool) -> Setting | None:
    """What a table says of an option.

    Args:
        option: The option.
        table: The table.
        may_be_table: Whether a table of the option's name is that of a command.

    Raises:
        UsageError: the value is of a kind that cannot be.
    """
    key = key_of(option)
    if key not in table:
        return None
    value = table.raw(key)
    if may_be_table and _is_table(value):
        return None
    complaint = _complaint(option, value)
    if complaint:
        raise table.error(f"{key} is {_shown(value)}; {complaint}", key)
    if is_list(option) and not _is_list(value):
        value = [value]
    return Setting(key, value, Origin(Rank.FILE, table.place(key)))


def settings_of(context: click.Context) -> Settings | None:
    """The settings that were read for this run of the command."""
    found = context.find_root().obj
    return found if isinstance(found, Settings) else None


def names_of(context: click.Context) -> Names:
    """The names that lead to the command of a context."""
    names: list[str] = []
    while context.parent is not None:
        names.insert(0, context.info_name or "")
        context = context.parent
    return tuple(names)


def origin_of(context: click.Context, parameter: str) -> Origin:
    """Where the value of a parameter comes from."""
    match context.get_parameter_source(parameter):
        case ParameterSource.COMMANDLINE | ParameterSource.PROMPT:
            return TYPED
        case ParameterSource.DEFAULT_MAP:
            settings = settings_of(context)
            setting = settings.setting(names_of(context), parameter) if settings is not None else None
            return DEFAULT if setting is None else setting.origin
        case ParameterSource.ENVIRONMENT:
            named = next((option.envvar for option in context.command.params if option.name == parameter), None)
            return Origin(Rank.ENVIRONMENT, named if isinstance(named, str) else "")
        case _:
            return DEFAULT


def strongest(context: click.Context, *parameters: str) -> str | None:
    """Of options that exclude each other, the one that counts: what was typed before what was set elsewhere.

    Raises:
        UsageError: two of them were set in the same way.
    """
    ranked = [
        (origin_of(context, name), name) for name in parameters if context.params.get(name) not in (None, False, ())
    ]
    ranked = [one for one in ranked if one[0].rank is not Rank.DEFAULT]
    if not ranked:
        return None
    most = max(origin.rank for origin, _ in ranked)
    best = [(origin, name) for origin, name in ranked if origin.rank is most]
    if len(best) > 1:
        written = {option.name: option.opts[-1] for option in options_of(context.command)}
        options = " and ".join(written.get(name, name) for _, name in best)
        places = ", ".join(str(origin) for origin, _ in best)
        where = "" if most is Rank.TYPED else f" ({places})"
        raise UsageError(f"{options} exclude each other; leave one out{where}")
    return best[0][1]


def options_of(command: click.Command) -> list[click.Option]:
    """The options of a command that can be set."""
    return [
        option
        for option in command.params
        if isinstance(option, click.Option) and option.opts and key_of(option) not in NOT_SETTABLE
    ]


def key_of(option: click.Option) -> str:
    """What an option is called in the file: as on the command line, without its dashes."""
    return max(option.opts, key=len).lstrip("-")


def variable_of(option: click.Option, names: Names) -> str:
    """What an option is called in the environment."""
    if isinstance(option.envvar, str):
        return option.envvar
    return "_".join((PREFIX, *names, key_of(option))).upper().replace("-", "_")


def is_list(option: click.Option) -> bool:
    """Whether an option may be given several times."""
    return option.multiple or option.nargs != 1


def default_path(environ: Mapping[str, str]) -> str:
    """The settings file where none is named."""
    if sys.platform in ("darwin", "win32"):
        # Elsewhere the place is told by one variable, and 10 ms would go into asking for it.
        from platformdirs import user_config_dir

        folder = user_config_dir("k6dash", appauthor=False, roaming=True)
    else:
        base = environ.get("XDG_CONFIG_HOME", "")
        folder = os.path.join(base if os.path.isabs(base) else os.path.expanduser("~/.config"), "k6dash")
    return os.path.join(folder, FILE_NAME)


def _complaint(option: click.Option, value: object) -> str:
    """What a value of the file would have to be; empty where it may be what it is."""
    if is_list(option):
        values = value if _is_list(value) else [value]
        return "it must be a list of texts in quotes" if any(not isinstance(one, str) for one in values) else ""
    if option.is_bool_flag:
        return "" if isinstance(value, bool) else "it must be true or false"
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return "it must be one text in quotes, or a number"
    if isinstance(option.type, click.types.IntParamType) and isinstance(value, float):
        return "it must be a whole number"
    return ""


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _is_table(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _shown(value: object) -> str:
    """A value of the file in a complaint about it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float) or _is_list(value):
        return repr(value)
    return f"a {type(value).__name__}"

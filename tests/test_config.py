"""Settings: from the file, the environment and the command line, and what is said of those that cannot be."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from dashboard.cli import COMMANDS, command, main
from dashboard.config import (
    KEYS,
    OWN,
    Names,
    Settings,
    default_path,
    is_list,
    key_of,
    options_of,
    variable_of,
)
from tests.conftest import OURS
from tests.harness.servers import html_server
from tests.oneshot.command import run

USAGE, UNREACHABLE, REFUSED = 2, 69, 77


def every_command(of: click.Command = command, names: Names = ()) -> Iterator[tuple[Names, click.Command]]:
    yield names, of
    if isinstance(of, click.Group):
        context = click.Context(of)
        for name in of.list_commands(context):
            below = of.get_command(context, name)
            assert below is not None
            yield from every_command(below, (*names, name))


EVERY_OPTION = [(names, of, option) for names, of in every_command() for option in options_of(of)]


def example(option: click.Option) -> Any:
    """A value that the option can have and that is not its default."""
    match option.type:
        case _ if option.is_bool_flag:
            value: object = True
        case click.Choice(choices=choices):
            value = choices[-1]
        case click.types.IntParamType():
            value = 7
        case click.types.FloatParamType():
            value = 7.5
        case _:
            value = next(text for text in ("7", "127.0.0.1:7", "X: y") if converts(option, text))
    return [str(value)] if is_list(option) else value


def converts(option: click.Option, text: str) -> bool:
    try:
        option.type.convert(text, option, None)
    except click.UsageError:
        return False
    return True


def toml(names: Names, option: click.Option) -> str:
    table = f"[{'.'.join(names)}]\n" if names else ""
    return f"{table}{key_of(option)} = {json.dumps(example(option))}\n"


def settings(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return Settings(str(path), environ or {}, must_exist=True)


def parsed(of: click.Command, names: Names, option: click.Option, found: Settings) -> object:
    """The option's value when nothing is typed; None for one that has to be typed then."""
    context = click.Context(of, default_map=found.read(of, names, tuple(COMMANDS)))
    try:
        option.handle_parse_result(context, {}, [])
    except click.MissingParameter:
        return None
    return context.params[option.name or ""]


@pytest.mark.parametrize(
    ("names", "of", "option"),
    EVERY_OPTION,
    ids=[".".join((*names, key_of(option))) for names, _, option in EVERY_OPTION],
)
def test_every_option_of_every_command_can_be_set(
    tmp_path: Path, names: Names, of: click.Command, option: click.Option
) -> None:
    by_file = parsed(of, names, option, settings(tmp_path, toml(names, option)))
    value = example(option)
    environ = {variable_of(option, names): str(value[0] if is_list(option) else value)}
    by_environment = parsed(of, names, option, settings(tmp_path, "", environ))
    plain = parsed(of, names, option, settings(tmp_path, ""))
    assert by_file == by_environment != plain


def test_no_two_options_share_a_variable() -> None:
    variables = [variable_of(option, names) for names, _, option in EVERY_OPTION]
    assert len(set(variables)) == len(variables)
    assert not set(variables) & {*OURS, "K6DASH_CACHE", "K6DASH_CONFIG"}


def test_nothing_is_called_like_the_tables_of_keys_and_of_the_cockpit() -> None:
    assert not {KEYS, OWN} & ({key_of(option) for option in options_of(command)} | COMMANDS.keys())


def test_an_option_and_a_command_of_one_name_can_both_be_set(file: Path) -> None:
    file.write_text('[k6dash]\nwait = "7s"\n[wait]\ntimeout = "8s"\n')
    found = in_force()
    assert found["wait"][:2] == (7.0, "file")
    assert found["wait.timeout"][:2] == (8.0, "file")


# What counts


def in_force(*arguments: str, env: dict[str, str] | None = None) -> dict[str, tuple[Any, str, str | None]]:
    """What ``k6dash config`` says: key to value, origin and place."""
    done = run(*arguments, "config", "--json", env=env)
    assert (done.code, done.err) == (0, "")
    return {
        (f"{one['section']}." if one["section"] else "") + one["key"]: (one["value"], one["origin"], one["place"])
        for one in done.document["settings"]
    }


@pytest.fixture
def file() -> Path:
    """The settings file of the test's own home."""
    path = Path(default_path(os.environ))
    path.parent.mkdir(parents=True)
    path.write_text('interval = "3s"\ntheme = "ansi"\nseed = 5\n[serve]\nseed = 6\n[keys]\npause = "P"\n')
    return path


def test_what_is_typed_beats_the_environment_and_that_the_file_and_that_the_default(file: Path) -> None:
    found = in_force("--seed", "9", env={"K6DASH_SEED": "8", "K6DASH_THEME": "light", "K6DASH_SERVE_SPEED": "2"})
    assert found["glyphs"] == ("braille", "default", None)
    assert found["interval"] == (3.0, "file", f"{file}:1")
    assert found["theme"] == ("light", "environment", "K6DASH_THEME")
    assert found["seed"] == (9, "command line", None)
    assert found["serve.seed"] == (6, "file", f"{file}:5")
    assert found["serve.speed"] == (2.0, "environment", "K6DASH_SERVE_SPEED")
    assert found["keys.pause"] == ("P", "file", f"{file}:7")
    assert "serve.profile" not in found


def test_the_file_may_be_named_instead(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("interval = 4\n")
    assert in_force("--config", str(other))["interval"][:2] == (4.0, "file")
    assert in_force(env={"K6DASH_CONFIG": str(other)})["interval"][:2] == (4.0, "file")
    assert in_force("--config", str(file), env={"K6DASH_CONFIG": str(other)})["interval"][0] == 3.0
    missing = run("--config", str(tmp_path / "nowhere.toml"), "config")
    assert (missing.code, missing.out) == (USAGE, "")
    assert "nowhere.toml: cannot be read" in missing.err


def test_k6s_own_variable_is_the_weakest_target() -> None:
    env = {"K6_ADDRESS": "one:1"}
    assert in_force(env=env)["target"] == ("one:1", "environment", "K6_ADDRESS")
    assert in_force(env={**env, "K6DASH_TARGET": "two:2"})["target"] == ("two:2", "environment", "K6DASH_TARGET")


def test_how_to_reach_a_k6_holds_for_every_command_that_is_not_told_so_itself(file: Path) -> None:
    file.write_text('target = "127.0.0.1:1"\n[status]\ntimeout = "5s"\n[metrics]\ntarget = "127.0.0.1:2"\n')
    assert "refused at 127.0.0.1:1\n" in run("status").err
    assert "refused at 127.0.0.1:2\n" in run("metrics").err
    assert "refused at 127.0.0.1:3\n" in run("status", env={"K6DASH_TARGET": "127.0.0.1:3"}).err
    assert "refused at 127.0.0.1:4\n" in run("status", "-t", "127.0.0.1:4", env={"K6DASH_TARGET": "x"}).err
    assert run("config", "--all", "--json").document["settings"]


@pytest.mark.parametrize(
    "arguments",
    [("pause",), ("stop",), ("scale", "3"), ("setup", "run"), ("teardown",), ("capabilities",)],
    ids=" ".join,
)
def test_read_only_settings_hold_for_every_command_that_sends_more_than_gets(
    file: Path, arguments: tuple[str, ...]
) -> None:
    file.write_text("read-only = true\n")
    with html_server() as server:
        done = run(*arguments, "--target", server.address)
        assert (done.code, done.out, done.err.count("\n")) == (REFUSED, "", 1)
        assert f"read-only is set ({file}:1)" in done.err
        assert server.requests == []
        assert run("status", "--target", server.address).code == UNREACHABLE
        assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["groups", "checks"])
def test_groups_that_are_never_to_be_asked_for_are_not(file: Path, name: str) -> None:
    file.write_text("groups = false\n")
    with html_server() as server:
        done = run(name, "--target", server.address)
        assert (done.code, done.out) == (REFUSED, "")
        assert f"groups is false ({file}:1)" in done.err
        assert server.requests == []
        assert run(name, "--force", "--target", server.address).code == UNREACHABLE


def test_passwords_are_not_shown(file: Path) -> None:
    file.write_text('header = ["Authorization: Basic c2VjcmV0"]\n')
    for done in (run("config"), run("config", "--json"), run("config", "--all")):
        assert "Authorization" in done.out
        assert "c2VjcmV0" not in done.out


def test_several_values_are_lines_in_the_environment() -> None:
    found = in_force(env={"K6DASH_FAULT": "latency=5ms\ndrop=1%"})
    assert found["fault"] == (["latency=5ms", "drop=1%"], "environment", "K6DASH_FAULT")


def test_people_read_a_table(file: Path) -> None:
    lines = run("config").out.splitlines()
    assert lines[0] == "file  ~/.config/k6dash/config.toml"
    assert re.fullmatch(r"interval +3 +~/\.config/k6dash/config\.toml:1", next(li for li in lines if "interval" in li))


# What is refused


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize(
    ("text", "line", "remedy"),
    [
        ("\nintervall = 3\n", 2, "did you mean 'interval'?"),
        ('interval = "often"\n', 1, "0.2 to 60"),
        ("interval = true\n", 1, "a number"),
        ('theme = "dark"\n\ntheme = "light"\n', 3, "not TOML"),
        ("theme = dark\n", 1, "not TOML"),
        ('theme = "pink"\n', 1, "'dark'"),
        ("seed = 1.5\n", 1, "whole number"),
        ('insecure = "yes"\n', 1, "true or false"),
        ("header = [3]\n", 1, "list of texts"),
        ('header = ["nonsense"]\n', 1, "header"),
        ('target = "host:port"\n', 1, "not a target"),
        ('target = ""\n', 1, "host:port"),
        ('simulate = "nowhere"\n', 1, "steady"),
        ("[serve]\nsead = 3\n", 2, "did you mean 'seed'?"),
        ("[serv]\nseed = 3\n", 1, "did you mean 'serve'?"),
        ("serve = 3\n", 1, "table"),
        ("[k6dash]\nintervall = 3\n", 2, "did you mean 'interval'?"),
        ("[keys]\npaus = 'x'\n", 2, "did you mean pause"),
        ("[keys]\npause = 'nokey'\n", 2, "no key"),
    ],
)
def test_a_wrong_line_is_named_with_what_would_be_right(
    capsys: pytest.CaptureFixture[str], file: Path, text: str, line: int, remedy: str
) -> None:
    file.write_text(text)
    said = complaint(capsys, "config")
    assert f"k6dash: {file}:{line}: " in said
    assert remedy in said


@pytest.mark.parametrize(
    ("text", "arguments"),
    [('target = "host:port"\n', ()), ('target = "host:port"\n', ("status",)), ('header = "nonsense"\n', ("status",))],
)
def test_a_value_that_fails_later_is_still_traced(
    capsys: pytest.CaptureFixture[str], file: Path, text: str, arguments: tuple[str, ...]
) -> None:
    file.write_text(text)
    assert f"k6dash: {file}:1: " in complaint(capsys, *arguments)


def test_a_value_of_the_environment_is_traced(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K6DASH_SERVE_SPEED", "nan")
    assert "environment K6DASH_SERVE_SPEED: speed: " in complaint(capsys, "serve")


def test_what_was_typed_is_blamed_on_nobody_else(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text('target = "host:port"\ninterval = "often"\n')
    said = complaint(capsys, "--target", "other:port", "--interval", "1")
    assert "'other:port' is not a target" in said
    assert str(file) not in said


@pytest.mark.parametrize("arguments", [("completion", "bash"), ("config",)])
def test_a_baseline_that_is_gone_stops_only_what_draws(
    capsys: pytest.CaptureFixture[str], file: Path, arguments: tuple[str, ...]
) -> None:
    file.write_text('baseline = "gone.k6dash"\n')
    assert main(arguments) == 0
    capsys.readouterr()
    assert "on a terminal" in complaint(capsys)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sys.stdout.isatty", lambda: True)
        assert "gone.k6dash" in complaint(capsys)
        assert "gone.k6dash" not in complaint(capsys, "--headless", "--fail-on", "nonsense")
    assert "gone.k6dash" in complaint(capsys, "--baseline", "gone.k6dash")


def test_a_wrong_table_of_another_command_stops_only_that_command(
    capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    file.write_text("[serve]\nsead = 3\n")
    assert f"{file}:2" in complaint(capsys, "serve")
    assert "terminal" in complaint(capsys)


def test_unknown_variables_are_no_errors() -> None:
    assert in_force(env={"K6DASH_K6_V1": "x", "K6DASH_CACHE": "y", "K6DASH_NONSENSE": "z"})["seed"][1] == "default"


# What is set is no more than a default


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ('target = "127.0.0.1:1"\ninsecure = true\n', ("--simulate",)),
        ('simulate = "steady"\nseed = 3\nlisten = "127.0.0.1:0"\n', ("--target", "127.0.0.1:1")),
        ('seed = 3\nlisten = "127.0.0.1:0"\n', ()),
    ],
)
def test_what_is_set_for_another_use_is_no_complaint(
    capsys: pytest.CaptureFixture[str], file: Path, text: str, arguments: tuple[str, ...]
) -> None:
    file.write_text(text)
    assert "draws on a terminal" in complaint(capsys, *arguments)


def test_two_targets_set_in_one_way_exclude_each_other(
    capsys: pytest.CaptureFixture[str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('target = "127.0.0.1:1"\nsimulate = "steady"\n')
    assert f"({file}:1, {file}:2)" in complaint(capsys)
    monkeypatch.setenv("K6DASH_SIMULATE", "steady")
    assert "draws on a terminal" in complaint(capsys)


def test_options_in_front_of_a_command_say_nothing_still(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    file.write_text("interval = 2\n")
    assert "--theme in front of status" in complaint(capsys, "--theme", "dark", "status")
    assert "refused" in run("--config", str(file), "status", "-t", "127.0.0.1:1").err


def test_help_and_version_ask_no_file(file: Path) -> None:
    file.write_text("nonsense\n")
    assert run("--help").code == run("--version").code == 0


def test_the_place_of_the_file_is_the_platforms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert default_path({"XDG_CONFIG_HOME": str(tmp_path)}) == str(tmp_path / "k6dash" / "config.toml")
    assert default_path({"XDG_CONFIG_HOME": "relative"}) == str(Path("~/.config/k6dash/config.toml").expanduser())

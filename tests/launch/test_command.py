"""What is started for what was typed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from dashboard.errors import UsageError
from dashboard.launch.arguments import parse
from dashboard.launch.command import Command, compose, find_k6
from dashboard.launch.exit_codes import as_exit_code, explain
from dashboard.launch.folder import KEPT, TAIL, make_folder, state_directory
from dashboard.launch.ports import Ports
from dashboard.launch.report import last_words
from dashboard.launch.retry import LostPort, lost_port

ENVIRONMENT = {"PATH": "/bin", "A": "1"}


def composed(*words: str, **environment: str) -> Command:
    return compose("k6", parse(words), {**ENVIRONMENT, **environment}, Ports("elsewhere").find)


def added(command: Command) -> set[str]:
    return set(command.environment) - set(ENVIRONMENT)


@pytest.mark.parametrize(
    ("words", "script", "options"),
    [
        (["script.js"], "script.js", ()),
        (["--vus", "5", "script.js"], "script.js", (("vus", "5"),)),
        (["--vus=5", "a.js", "-e", "X=1"], "a.js", (("vus", "5"), ("env", "X=1"))),
        (["-pu5", "a.tar"], "a.tar", (("paused", None), ("vus", "5"))),
        (["-eX=-1", "-"], "-", (("env", "X=-1"),)),
        (["--http-debug", "a.js", "--http-debug=full"], "a.js", (("http-debug", None), ("http-debug", "full"))),
        (["--of-a-later-k6", "a.js"], "a.js", (("of-a-later-k6", None),)),
        (["--out"], None, (("out", ""),)),
    ],
)
def test_words_are_read_as_k6_reads_them(words: list[str], script: str | None, options: tuple[object, ...]) -> None:
    assert (parse(words).script, parse(words).options, parse(words).typed) == (script, options, tuple(words))


def test_every_word_is_passed_on_and_the_first_double_dash_is_ours() -> None:
    command = composed("--vus", "5", "--", "script.js", "-e", "A B=c d", "--tag", "x=y")
    assert command.words[:3] == ("k6", "run", "--address")
    assert command.words[4:] == ("--vus", "5", "script.js", "-e", "A B=c d", "--tag", "x=y")
    assert command.words[3] == command.address


def test_the_event_stream_listens_on_this_machine_alone_and_opens_nothing() -> None:
    command = composed("script.js")
    assert command.environment["K6_WEB_DASHBOARD"] == "true"
    assert command.environment["K6_WEB_DASHBOARD_HOST"] == "127.0.0.1"
    assert int(command.environment["K6_WEB_DASHBOARD_PORT"]) > 0
    assert command.environment["K6_WEB_DASHBOARD_OPEN"] == "false"
    assert command.events == f"127.0.0.1:{command.environment['K6_WEB_DASHBOARD_PORT']}" != command.address


@pytest.mark.parametrize(
    ("words", "environment", "events"),
    [
        (("a.js", "--out", "web-dashboard"), {}, "127.0.0.1:5665"),
        (("a.js", "-o", "web-dashboard=port=7000&host=localhost"), {}, "localhost:7000"),
        (("a.js", "--out", "web-dashboard=port=0"), {}, None),
        (("a.js",), {"K6_WEB_DASHBOARD": "true", "K6_WEB_DASHBOARD_PORT": "7001"}, "127.0.0.1:7001"),
        (("a.js",), {"K6_WEB_DASHBOARD": "true", "K6_WEB_DASHBOARD_HOST": "fe80::1"}, "[fe80::1]:5665"),
        (("a.js", "--out", "web-dashboard=host=::"), {}, "[::1]:5665"),
        (("a.js",), {"K6_WEB_DASHBOARD": "false"}, None),
        (("a.js",), {"K6_OUT": "web-dashboard"}, "127.0.0.1:5665"),
    ],
)
def test_a_dashboard_of_the_users_own_is_not_doubled(
    words: tuple[str, ...], environment: dict[str, str], events: str | None
) -> None:
    command = composed(*words, **environment)
    assert command.events == events
    assert {name for name in added(command) if "DASHBOARD" in name} == {name for name in environment if "DASH" in name}


def test_other_outputs_are_left_as_they_are() -> None:
    command = composed("a.js", "--out", "json=x", K6_OUT="csv=y")
    assert command.events is not None
    assert command.environment["K6_OUT"] == "csv=y"
    assert command.words[-2:] == ("--out", "json=x")


def test_no_events_means_none() -> None:
    command = compose("k6", parse(["a.js"]), ENVIRONMENT, Ports("elsewhere").find, with_events=False)
    assert command.events is None
    assert added(command) == {"K6_LOG_FORMAT"}


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (("a.js", "--log-format", "raw"), {}),
        (("a.js", "--log-output=file=x"), {}),
        (("a.js",), {"K6_LOG_OUTPUT": "none"}),
        (("a.js",), {"K6_LOG_FORMAT": "text"}),
    ],
)
def test_a_log_that_the_user_chose_is_left_alone(words: tuple[str, ...], environment: dict[str, str]) -> None:
    command = composed(*words, **environment)
    assert not command.has_json_log
    assert command.environment.get("K6_LOG_FORMAT") == environment.get("K6_LOG_FORMAT")


def test_an_address_that_was_typed_is_kept_and_none_is_refused() -> None:
    command = composed("-a", "localhost:7777", "a.js")
    assert command.address == "localhost:7777"
    assert command.words == ("k6", "run", "-a", "localhost:7777", "a.js")
    with pytest.raises(UsageError, match="REST API off"):
        composed("--address", "", "a.js")


def test_inspect_is_given_what_it_knows_and_the_load_by_variables() -> None:
    typed = parse(["-u", "5", "-d", "7s", "-e", "A=1", "--out", "json", "-s", "1s:2", "-s", "2s:0", "a.js"])
    assert typed.for_inspect() == ("--include-system-env-vars", "--env=A=1", "a.js")
    closed = parse(["--include-system-env-vars=false", "a.js"])
    assert closed.for_inspect() == ("--include-system-env-vars=false", "a.js")
    assert typed.environment_for_inspect() == {"K6_VUS": "5", "K6_DURATION": "7s", "K6_STAGES": "1s:2,2s:0"}


def test_a_k6_is_found_by_name_then_by_variable_then_by_path(tmp_path: Path) -> None:
    for name in ("k6", "other"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    environment = {"PATH": str(tmp_path), "K6DASH_K6": "other"}
    assert find_k6(str(tmp_path / "k6"), environment) == str(tmp_path / "k6")
    assert find_k6(None, environment) == str(tmp_path / "other")
    assert find_k6(None, {"PATH": str(tmp_path)}) == str(tmp_path / "k6")
    with pytest.raises(UsageError, match="K6DASH_K6 names nowhere"):
        find_k6(None, {"PATH": str(tmp_path), "K6DASH_K6": "nowhere"})
    with pytest.raises(UsageError, match="--k6 PATH"):
        find_k6(None, {"PATH": str(tmp_path / "empty")})


@pytest.mark.parametrize(("code", "ours"), [(0, 0), (99, 99), (255, 255), (-9, 137), (-2, 130)])
def test_k6s_code_is_passed_on(code: int, ours: int) -> None:
    assert as_exit_code(code) == ours
    assert explain(code)


def test_each_run_has_a_folder_that_nobody_else_reads_and_old_ones_go(tmp_path: Path) -> None:
    environment = {"XDG_STATE_HOME": str(tmp_path)}
    for second in range(KEPT + 5):
        folder = make_folder(environment, 1_700_000_000.0 + second)
        assert folder.path.stat().st_mode & 0o077 == 0
        if second != 1:
            folder.close(0)
    kept = sorted(path.name for path in (tmp_path / "k6dash" / "runs").iterdir())
    assert len(kept) == KEPT + 1, "the one that is still written to is kept beside the newest"
    assert kept[0].startswith("20231114T221321Z")


def test_folders_go_whose_k6_is_gone_or_never_came(tmp_path: Path) -> None:
    environment, start, hour = {"XDG_STATE_HOME": str(tmp_path)}, 1_700_000_000.0, 3600.0
    gone = subprocess.Popen(["true"])
    gone.wait()
    left = make_folder(environment, start)
    left.note_pid(gone.pid)
    alive = make_folder(environment, start + 1)
    alive.note_pid(os.getpid())
    never_started = make_folder(environment, start + 2)
    foreign = never_started.path.parent / "0-notes"
    foreign.mkdir()
    for second in range(KEPT):
        make_folder(environment, start + 60 + second).close(0)
    assert not left.path.exists()
    assert never_started.path.exists(), "k6 may still be started there"
    for second in range(KEPT):
        make_folder(environment, start + hour + 60 + second).close(0)
    assert not never_started.path.exists()
    assert alive.path.exists()
    assert foreign.exists()


def test_the_place_is_that_of_the_platform() -> None:
    assert state_directory({"HOME": "/h"}, "linux") == Path("/h/.local/state/k6dash")
    assert state_directory({"HOME": "/h"}, "darwin") == Path("/h/Library/Application Support/k6dash")
    assert state_directory({"HOME": "/h", "XDG_STATE_HOME": "/s"}, "linux") == Path("/s/k6dash")


def test_an_error_that_came_in_every_iteration_is_printed_once(tmp_path: Path) -> None:
    folder = make_folder({"XDG_STATE_HOME": str(tmp_path)}, 1_700_000_000.0)
    folder.output.write_text("")
    thrown = '{"level":"error","msg":"Error: boom","source":"stacktrace","scenario":"a"}'
    crossed = '{"level":"error","msg":"thresholds were crossed"}'
    folder.log.write_text("\n".join((thrown, thrown, crossed, thrown)))
    assert last_words(folder, 99)[1].split("\n") == [
        "ERRO thresholds were crossed",
        "ERRO Error: boom scenario=a  (3 times)",
        "k6 ended with exit code 99: thresholds were crossed.",
    ]
    assert last_words(folder, 0)[1] == "k6 ended with exit code 0: the test ended, and every threshold held."


def test_what_is_set_for_another_days_dashboard_is_not_meant_for_ours() -> None:
    command = composed("a.js", K6_WEB_DASHBOARD_EXPORT="report.html", K6_WEB_DASHBOARD_RECORD="run.ndjson")
    assert command.environment["K6_WEB_DASHBOARD_EXPORT"] == command.environment["K6_WEB_DASHBOARD_RECORD"] == ""
    own = composed("a.js", K6_WEB_DASHBOARD="true", K6_WEB_DASHBOARD_EXPORT="report.html")
    assert own.environment["K6_WEB_DASHBOARD_EXPORT"] == "report.html"


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("stderr", ""),
        ("none", "nowhere"),
        ("file=k6.log,level=info", "to the file k6.log"),
        ("stdout", "to k6's standard output, among the summary"),
        ("loki=https://user:secret@logs.example/push,label.a=b", "to loki"),
    ],
)
def test_where_the_log_goes_is_told_without_what_may_be_secret(output: str, told: str) -> None:
    assert composed("--log-output", output, "a.js").log_output == told
    assert composed("a.js", K6_LOG_OUTPUT=output).log_output == told
    assert composed("--log-output", "none", "a.js", K6_LOG_OUTPUT=output).log_output == "nowhere"


def test_a_k6_in_the_home_folder_may_be_named_by_its_short_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "k6").write_text("#!/bin/sh\n")
    (tmp_path / "k6").chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_k6(None, {"PATH": "/nowhere", "K6DASH_K6": "~/k6"}) == str(tmp_path / "k6")


def test_the_last_words_are_the_newest_errors_of_k6_itself(tmp_path: Path) -> None:
    folder = make_folder({"XDG_STATE_HOME": str(tmp_path)}, 1_700_000_000.0)
    folder.output.write_text("")
    own = [json.dumps({"level": "error", "msg": f"failure {chr(97 + number)}"}) for number in range(15)]
    script = [json.dumps({"level": "error", "msg": "the script's own", "source": "console"})] * 20
    folder.log.write_text("\n".join((*own, *script)))
    *errors, ended = last_words(folder, 255)[1].split("\n")
    assert errors == [f"ERRO failure {letter}" for letter in "fghijklmno"]
    assert ended.startswith("k6 ended with exit code 255: ")


def test_of_a_long_log_the_end_is_read_alone(tmp_path: Path) -> None:
    folder = make_folder({"XDG_STATE_HOME": str(tmp_path)}, 1_700_000_000.0)
    folder.log.write_bytes(b"a" * TAIL + b"b" * TAIL)
    assert folder.tail_of_log() == b"b" * TAIL


@pytest.mark.parametrize(
    ("code", "port", "words", "environment", "may_retry"),
    [
        (255, 6001, ("a.js",), {}, True),  # the dashboard is opened before the script begins
        (106, 6001, ("a.js",), {}, False),  # the API is opened beside it
        (106, 6001, ("--paused", "a.js"), {}, True),
        (106, 6001, ("a.js",), {"K6_PAUSED": "true"}, True),
        (106, 6001, ("a.js",), {"K6_PAUSED": "false"}, False),
        (255, 6002, ("a.js",), {}, None),  # the user has chosen that one
        (107, 6001, ("a.js",), {}, None),
        (None, 6001, ("a.js",), {}, None),
    ],
)
def test_a_k6_is_started_again_only_where_its_script_has_not_begun_for_certain(
    code: int | None,
    port: int,
    words: tuple[str, ...],
    environment: dict[str, str],
    may_retry: bool | None,
    tmp_path: Path,
) -> None:
    folder = make_folder({"XDG_STATE_HOME": str(tmp_path)}, 1_700_000_000.0)
    folder.log.write_text(f'level=error msg="listen tcp 127.0.0.1:{port}: bind: address already in use"')
    lost = lost_port(code, folder, {6001}, parse(words), environment)
    assert lost == (None if may_retry is None else LostPort(port, may_retry))

"""The command line: what cannot be is refused in one line, and the server in it ends as k6 does."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from dashboard import __version__
from dashboard.__main__ import main as start
from dashboard.cli import main
from tests.harness.ports import HOST
from tests.harness.terminal import K6DASH, open_terminal
from tests.harness.waiting import PATIENCE, wait_until

USAGE = 2
SIGNALLED = 105
STOPPED_BY_API = 103
THRESHOLDS_CROSSED = 99
PIPE_CLOSED = 141

SHORT = """
[run]
vus = 2
duration = "20s"
[[step]]
request = "GET https://shop.example/"
median_ms = 50
"""
CROSSED = SHORT + '[thresholds]\nhttp_reqs = "count>1000000"\n'


def run(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*K6DASH, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
        env={**os.environ, **(env or {})},
    )


@pytest.fixture(autouse=True)
def _no_serving(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction] - pytest finds it
    """In this process nothing is served: what should have been refused has to end."""

    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("it was not refused")

    monkeypatch.setattr("dashboard.simulation.serve.serve", refuse)


def complaint(capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> str:
    """Run the command in this process, which it has to refuse in one line; what the line says."""
    assert main(arguments) == USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"k6dash: [^\n]+\n", err), err
    return err.removeprefix("k6dash: ").strip()


# What cannot be

BAD_TARGETS = (
    "",
    " ",
    "6565",
    "host:",
    "host:0",
    "host:65536",
    "host:port",
    "host:6565/v1",
    "a b",
    "http://",
    "http://host/v1/status",
    "http://host?x=1",
    "ftp://host",
    "//host",
    "::1:6565",
    "[::1",
    "[nonsense]:6565",
    "1.2.3.4.5",
    "user:secret@host",
    "host\x1b[31m",
    "-host",
    "ho\nst",
    "x" * 300,
)
BAD_HEADERS = (
    "",
    "no colon",
    ": nameless",
    "Empty:",
    "Empty:  ",
    "Bad name: x",
    "Content-Length: 5",
    "X: a\nY: b",
    "X: ž",
)
BAD_INTERVALS = ("", "0", "0.1", "60.1", "-1", "nan", "inf", "1e9", "often", "1m", "٣s ٣")
BAD_LISTENS = ("", "6565", "host", "host:", "host:x", "host:65536", "127.0.0.1:-1")
BAD_SCENARIOS = ("", "nowhere", "no/such/file.toml", "/", "STEADY", "steady.toml", "\x1b[31m")
BAD_FAULTS = (
    "",
    "nonsense",
    "drop=",
    "drop=101%",
    "drop=10",
    "drop=-1%",
    "latency",
    "latency=fast",
    "die",
    "die=5s",
    "die@",
    "die@later",
    "restart=1s@2s",
    "hang@",
    "drop=10%,",
    "drop=10%,nonsense",
    "DROP",
)
BAD_NUMBERS = (
    ("--speed", "0"),
    ("--speed", "-1"),
    ("--speed", "1001"),
    ("--speed", "nan"),
    ("--speed", "fast"),
    ("--seed", "x"),
    ("--seed", "1.5"),
    ("--profile", "v3"),
    ("--profile", ""),
)


@pytest.mark.parametrize("target", BAD_TARGETS)
def test_a_bad_target_is_refused(capsys: pytest.CaptureFixture[str], target: str) -> None:
    said = complaint(capsys, ["--target", target])
    assert "\x1b" not in said
    assert "secret" not in said


def test_a_bad_target_of_the_environment_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K6_ADDRESS", "host:port:what")
    assert "host:port:what" in complaint(capsys, [])


@pytest.mark.parametrize("header", BAD_HEADERS)
def test_a_bad_header_is_refused(capsys: pytest.CaptureFixture[str], header: str) -> None:
    assert "header" in complaint(capsys, ["--header", header])


@pytest.mark.parametrize("interval", BAD_INTERVALS)
def test_a_bad_interval_is_refused(capsys: pytest.CaptureFixture[str], interval: str) -> None:
    assert "0.2 to 60" in complaint(capsys, ["--interval", interval])


@pytest.mark.parametrize("listen", BAD_LISTENS)
@pytest.mark.parametrize("before", [("--simulate", "--listen"), ("serve", "--listen")])
def test_a_bad_address_to_listen_on_is_refused(
    capsys: pytest.CaptureFixture[str], before: tuple[str, ...], listen: str
) -> None:
    assert "HOST:PORT" in complaint(capsys, [*before, listen])


@pytest.mark.parametrize("scenario", BAD_SCENARIOS)
@pytest.mark.parametrize("before", [("--simulate",), ("serve",)])
def test_a_scenario_that_is_not_there_is_refused(
    capsys: pytest.CaptureFixture[str], before: tuple[str, ...], scenario: str
) -> None:
    assert "\x1b" not in complaint(capsys, [*before, scenario])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no toml",
        "title = 5\n" + SHORT,
        SHORT.replace("vus = 2", "vus = -2"),
        SHORT.replace("20s", "soon"),
        SHORT + "surprise = 1\n",
        SHORT + '[thresholds]\nhttp_reqs = "p(95)<1"\n',
        SHORT + '[thresholds]\nno_such = "count>1"\n',
        "\x00",
    ],
)
def test_a_scenario_that_cannot_be_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    assert "mine.toml" in complaint(capsys, ["serve", str(path)])


def test_a_scenario_that_is_no_text_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    assert "mine.toml" in complaint(capsys, ["--simulate", str(path)])


@pytest.mark.parametrize("fault", BAD_FAULTS)
@pytest.mark.parametrize("before", [("--simulate", "--fault"), ("serve", "--fault")])
def test_a_bad_fault_is_refused(capsys: pytest.CaptureFixture[str], before: tuple[str, ...], fault: str) -> None:
    assert "fault" in complaint(capsys, [*before, fault])


@pytest.mark.parametrize(("option", "value"), BAD_NUMBERS)
@pytest.mark.parametrize("before", [("--simulate",), ("serve",)])
def test_a_bad_value_is_refused(
    capsys: pytest.CaptureFixture[str], before: tuple[str, ...], option: str, value: str
) -> None:
    assert option in complaint(capsys, [*before, option, value])


@pytest.mark.parametrize(
    "arguments",
    [
        ("--nonsense",),
        ("nonsense",),
        ("--target",),
        ("--interval",),
        ("--theme", "pink"),
        ("--glyphs", "runes"),
        ("--target", "localhost", "--simulate"),
        ("--listen", "127.0.0.1:0"),
        ("serve", "--nonsense"),
        ("serve", "steady", "ramp"),
        ("serve", "--target", "localhost"),
        # Options of the cockpit say nothing about the server.
        ("--target", "localhost", "serve"),
        ("--interval", "2", "serve"),
        ("--simulate", "steady", "serve"),
        # Options of the simulation say nothing about a real k6.
        ("--target", "localhost", "--fault", "drop"),
        ("--profile", "v2"),
        ("--paused",),
        ("--speed", "2"),
        # What a real connection needs says nothing about a simulated one.
        ("--simulate", "steady", "--insecure"),
        ("--simulate", "steady", "--header", "X: y"),
    ],
)
def test_what_does_not_fit_is_refused(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    assert "terminal" not in complaint(capsys, arguments)


def test_a_complaint_of_the_real_command_is_one_line() -> None:
    result = run("--target", "host:port")
    assert (result.returncode, result.stdout) == (USAGE, "")
    assert re.fullmatch(r"k6dash: 'host:port' is not a target: [^\n]+\n", result.stderr)


# What says what there is


def test_the_version() -> None:
    result = run("--version")
    assert (result.returncode, result.stdout, result.stderr) == (0, f"k6dash {__version__}\n", "")


def test_the_short_way_to_the_version_says_what_the_command_line_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == run("--version").stdout


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("serve", "--help"), ("serve", "-h")])
def test_the_help(arguments: tuple[str, ...]) -> None:
    result = run(*arguments, env={"COLUMNS": "80"})
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: k6dash")
    assert "--fault" in result.stdout
    assert ("--target" in result.stdout) is (arguments[0] != "serve")
    assert max(map(len, result.stdout.splitlines())) <= 80


WIDTHS = ("", "0", "-1", "x", "30", "79", "80", "81", "99", "100", "101", "250", " 80 ", "8_0")


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("word", ["--help", "-h"])
def test_the_help_given_at_once_is_what_the_command_line_says(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, word: str, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("sys.argv", ["k6dash", word])
    assert start() == 0
    given = capsys.readouterr().out
    assert main([word]) == 0
    assert given == capsys.readouterr().out


@pytest.mark.parametrize("columns", [0, 48, 80, 90, 100, 120])
def test_the_help_is_as_wide_as_the_terminal(columns: int) -> None:
    def shown(command: Sequence[str]) -> bytes:
        with open_terminal(command, columns, 24, is_watched=False) as terminal:
            assert terminal.wait() == 0
            return bytes(terminal.raw)

    by_click = [sys.executable, "-c", "import dashboard.cli; dashboard.cli.main(['--help'])"]
    assert shown([*K6DASH, "--help"]) == shown(by_click)


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_what_needs_no_command_line_loads_none(word: str) -> None:
    program = f"import sys; sys.argv[1:] = [{word!r}]; import dashboard.__main__ as m; m.main(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "80"}
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    assert loaded - set(bare.stdout.split()) <= {"__future__", "gc", "dashboard", "dashboard.__main__"}


def test_a_reader_of_the_help_who_goes_away_is_no_failure_of_ours() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*K6DASH, "--help"], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (PIPE_CLOSED, "")


def test_the_module_is_the_command() -> None:
    command = [sys.executable, "-m", "dashboard", "--version"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert result.stdout == f"k6dash {__version__}\n"


# The server


class Served:
    """A ``k6dash serve``."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process = process
        self.address = address

    def ask(self, method: str = "GET", attributes: dict[str, Any] | None = None) -> dict[str, Any]:
        body = None if attributes is None else json.dumps({"data": {"attributes": attributes}})
        host, _, port = self.address.rpartition(":")
        connection = HTTPConnection(host.strip("[]"), int(port), timeout=PATIENCE)
        try:
            connection.request(method, "/v1/status", body)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())["data"]["attributes"]
            return answer
        finally:
            connection.close()

    def wait_for(self, status: int) -> None:
        wait_until(lambda: self.ask()["status"] == status, what=f"status {status}", seen=self.ask)

    def end(self) -> tuple[int, str, str]:
        """Wait for it to end; the exit code, and what it said since its address on stdout and stderr."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


@contextmanager
def serve(*arguments: str) -> Generator[Served]:
    process = subprocess.Popen(
        [*K6DASH, "serve", "--listen", f"{HOST}:0", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert re.fullmatch(rf"{re.escape(HOST)}:\d+\n", line), line
            yield Served(process, line.strip())
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_interrupted(number: signal.Signals) -> None:
    with serve() as served:
        served.wait_for(7)
        served.process.send_signal(number)
        assert served.end() == (SIGNALLED, "", "")


@pytest.mark.parametrize("arguments", [(), ("--paused", "--profile", "v2")])
def test_a_server_that_is_stopped(arguments: tuple[str, ...]) -> None:
    with serve("steady", *arguments) as served:
        served.wait_for(4 if arguments else 7)
        assert served.ask("PATCH", {"stopped": True})["stopped"] is True
        assert served.end() == (STOPPED_BY_API, "", "")


@pytest.mark.parametrize(("text", "code"), [(SHORT, 0), (CROSSED, THRESHOLDS_CROSSED)])
def test_a_server_whose_test_ends_by_itself(tmp_path: Path, text: str, code: int) -> None:
    path = tmp_path / "short.toml"
    path.write_text(text)
    with serve(str(path), "--speed", "1000") as served:
        assert served.end() == (code, "", "")


def test_a_server_that_lingers_keeps_its_code(tmp_path: Path) -> None:
    path = tmp_path / "short.toml"
    path.write_text(CROSSED)
    with serve(str(path), "--speed", "1000", "--linger") as served:
        served.wait_for(9)
        served.process.send_signal(signal.SIGTERM)
        assert served.end() == (THRESHOLDS_CROSSED, "", "")


def test_a_port_that_is_taken() -> None:
    with socket.create_server((HOST, 0)) as taken:
        address = f"{HOST}:{taken.getsockname()[1]}"
        result = run("serve", "--listen", address)
        assert (result.returncode, result.stdout) == (USAGE, "")
        assert re.fullmatch(rf"k6dash: cannot listen on {re.escape(address)}: [^\n]+\n", result.stderr)


def test_an_address_of_somewhere_else() -> None:
    result = run("serve", "--listen", "192.0.2.1:6565")
    assert (result.returncode, result.stdout) == (USAGE, "")
    assert re.fullmatch(r"k6dash: cannot listen on 192\.0\.2\.1:6565: [^\n]+\n", result.stderr)

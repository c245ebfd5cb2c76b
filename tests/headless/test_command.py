"""``k6dash --headless`` as a process: its pipes, its signals, its exit codes."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from dashboard.cli import main
from dashboard.playback import Playback
from dashboard.sources.replayable import open_replayable
from dashboard.view.tick_document import tick_document
from tests.harness.ports import HOST, free_port
from tests.harness.terminal import K6DASH, open_terminal
from tests.harness.waiting import PATIENCE

SCENARIO = """
[run]
vus = 2
duration = "20s"
[[step]]
request = "GET https://shop.example/"
median_ms = 50
"""
QUICK = ("--headless", "--speed", "20", "--interval", "0.2")


@pytest.fixture
def short(tmp_path: Path) -> str:
    """A simulated test of 20 s."""
    path = tmp_path / "short.toml"
    path.write_text(SCENARIO)
    return str(path)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*K6DASH, *arguments], capture_output=True, text=True, timeout=4 * PATIENCE, check=False)


def run_in_shell(redirection: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    words = ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", *K6DASH, *arguments]
    return subprocess.run(words, capture_output=True, text=True, timeout=4 * PATIENCE, check=False)


@contextmanager
def running(*arguments: str) -> Generator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*K6DASH, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_simulated_test_is_followed_to_its_end(short: str) -> None:
    done = run("--simulate", short, *QUICK, "--format", "ndjson", "--linger")
    assert done.returncode == 0, done.stderr
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert documents[-1]["state"] == "ended"
    counts = [
        document["metrics"]["http_reqs"]["cumulative"]["count"]
        for document in documents
        if "http_reqs" in (document["metrics"] or {})
    ]
    assert counts == sorted(counts)
    assert counts[-1] > 100


def test_conditions_decide_and_stopping_stops_the_test(short: str) -> None:
    done = run(
        *("--simulate", short, *QUICK, "--linger", "--format", "csv"),
        *("--fail-on", "http_reqs count<100000", "--fail-on", "5s: http_req_duration avg<1", "--then", "stop"),
    )
    assert done.returncode == 99, done.stderr
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert rows[-1]["state"] == "stopped"
    assert float(rows[-1]["elapsed"]) < 19
    assert "5s: http_req_duration avg<1 failed: avg " in done.stderr
    assert "k6dash: stop confirmed" in done.stderr
    assert "✓ http_reqs count<100000: count " in done.stderr


def test_a_reader_that_has_enough_ends_it_quietly(short: str) -> None:
    with running("--simulate", short, "--headless", "--interval", "0.2") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(PATIENCE) == 141
        assert "Error" not in process.stderr.read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_after_a_whole_line(short: str, number: signal.Signals) -> None:
    with running("--simulate", short, "--headless", "--interval", "0.2", "--format", "ndjson") as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(number)
        rest, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 105
        for line in (first + rest).splitlines():
            json.loads(line)
        assert said.splitlines()[-1] == f"k6dash: ended by {number.name}"


def test_a_reader_that_stopped_reading_does_not_keep_it_from_ending(short: str) -> None:
    with running("--simulate", "many", "--headless", "--interval", "0.2", "--format", "ndjson") as process:
        assert process.stderr is not None
        while "running" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 105


def test_talk_that_nobody_reads_keeps_nothing_from_going_on(short: str) -> None:
    read, write = os.pipe()
    try:
        os.set_blocking(write, False)
        with suppress(BlockingIOError):
            while True:
                os.write(write, b"x")
        os.set_blocking(write, True)  # of the pipe itself, which the process is given full
        done = subprocess.run(
            [*K6DASH, "--simulate", short, *QUICK, "--fail-on", "http_reqs count<1", "--then", "stop"],
            stdout=subprocess.PIPE,
            stderr=write,
            timeout=4 * PATIENCE,
            check=False,
        )
    finally:
        os.close(read)
        os.close(write)
    assert done.returncode == 99
    assert b"stopped" in done.stdout.lower()


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_standard_stream_that_is_closed_is_no_failure(short: str, closed: str) -> None:
    done = run_in_shell(closed, "--simulate", short, *QUICK, "--format", "ndjson")
    assert done.returncode == 0, done.stderr
    assert "Error" not in done.stderr
    assert bool(done.stdout) is (closed != ">&-")
    assert bool(done.stderr) is (closed != "2>&-")


def test_nobody_there_is_unreachable_after_the_wait() -> None:
    done = run("--headless", "--target", f"{HOST}:{free_port()}", "--wait", "1s", "--interval", "0.2")
    assert done.returncode == 69
    assert "was not reached in 1s: connection refused" in done.stderr.splitlines()[-1]


def test_on_a_terminal_it_writes_lines_and_draws_no_screen(short: str) -> None:
    with open_terminal([*K6DASH, "--simulate", short, *QUICK, "--linger"], 100, 30, None) as terminal:
        assert terminal.wait() == 0
        assert b"\x1b[?1049h" not in bytes(terminal.raw)
        assert "Σ p(95)" in terminal.screen()
        assert "ended" in terminal.screen()


def test_it_loads_no_part_of_the_screen() -> None:
    program = (
        "import sys; from dashboard.cli import main; "
        "main(['--simulate', '--headless', '--for', '0.3s', '--interval', '0.2']); "
        "sys.exit([name for name in ('textual', 'plotext') if name in sys.modules] or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--format", "csv"], "--format goes with --headless"),
        (["--fail-on", "http_reqs count>1"], "--fail-on goes with --headless"),
        (["--headless", "--theme", "light"], "--theme is for the screen; it does not go with --headless"),
        (["--headless", "--for", "soon"], "'soon' is not a duration; write one like '500ms', '90s' or '1h30m'"),
        (["--headless", "--fail-on", "rate<1"], "--fail-on 'rate<1' names no metric with an expression; write one"),
        (
            ["--headless", "--interval", "5", "--fail-on", "2s: http_reqs rate<1"],
            "a window cannot be shorter than the --interval of 5s",
        ),
        ([], "k6dash draws on a terminal, and this is none; run it in one, or with --headless"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1


def test_what_is_followed_is_recorded_and_can_be_told_again(short: str, tmp_path: Path) -> None:
    path = tmp_path / "run.ndjson.gz"
    done = run("--simulate", short, *QUICK, "--format", "ndjson", "--record", str(path))
    assert done.returncode == 0, done.stderr
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    again = [tick_document(tick) for tick in Playback(open_replayable(path)).ticks()]
    assert json.loads(json.dumps(again)) == documents
    assert len(documents) > 3
    size = path.stat().st_size
    refused = run("--simulate", short, *QUICK, "--record", str(path))
    assert refused.returncode == 2
    assert "is there already, and nothing is overwritten" in refused.stderr
    assert path.stat().st_size == size


def test_a_recording_names_itself_in_the_data_folder(
    short: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert run("--simulate", short, *QUICK, "--record", "auto").returncode == 0
    (path,) = (path for path in (tmp_path / "data").rglob("*") if path.is_file())
    recording = open_replayable(path)
    assert list(Playback(recording).ticks())
    assert recording.trouble == ""

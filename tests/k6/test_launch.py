"""``k6dash run`` on real k6s: what is passed on to k6, how its end is told, and that k6 outlives k6dash."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from dashboard.model.run import State
from dashboard.playback import Playback
from dashboard.sources.record_file import Recording
from tests.e2e.command import Cockpit
from tests.harness.k6 import SCRIPTS, K6Binary
from tests.harness.ports import HOST, free_port
from tests.harness.waiting import PATIENCE
from tests.k6.launching import Launches, is_running
from tests.oneshot.command import run, served

SIMPLE = "setup_td.js"
"""A script that needs no server: one VU that sleeps."""
SHORT = {"DUR": "1s"}
LONG = {"DUR": "120s"}
"""Ended by the test."""


@pytest.fixture
def launches(k6: K6Binary, tmp_path: Path) -> Generator[Launches]:
    launches = Launches(k6, tmp_path / "state")
    yield launches
    launches.end_all()


def close_summary(cockpit: Cockpit) -> None:
    cockpit.press("escape")
    cockpit.terminal.wait_gone("back to the charts")


# What is passed on


def test_without_a_terminal_a_line_a_look_stands_before_k6s_own_summary(launches: Launches) -> None:
    ended = launches.run("--interval", "0.2", "-u", "2", "--", SIMPLE, env={"DUR": "3s"})
    assert ended.code == 0, ended.errors
    lines, _, summary = ended.output.partition("\n\n")
    assert lines.startswith("elapsed state ")
    assert re.search(r"^ +00:0\d running +2/2 ", lines, re.MULTILINE)
    assert re.search(r"^ +00:0\d ended ", lines.splitlines()[-1])
    assert "iteration_duration" in summary
    assert "its API is at 127.0.0.1:" in ended.errors
    assert ended.errors.endswith("exit code 0: the test ended, and every threshold held\n")


def test_data_are_alone_on_the_output_and_percentiles_of_each_second_among_them(launches: Launches) -> None:
    ended = launches.run("--format", "ndjson", "--interval", "0.2", SIMPLE, env={"DUR": "3s"})
    assert ended.code == 0, ended.errors
    documents = [json.loads(line) for line in ended.output.splitlines()]
    assert {document["schema"] for document in documents} == {"k6dash.tick/1"}
    assert documents[-1]["exit"] == {"code": 0, "meaning": "the test ended, and every threshold held"}
    periods = [
        document["metrics"]["iteration_duration"].get("period", {})
        for document in documents
        if "iteration_duration" in (document["metrics"] or {})
    ]
    assert any(200 <= period.get("p(99)", 0) < 400 for period in periods)
    assert "iteration_duration" in ended.errors, "the summary is talk"


def test_options_variables_and_outputs_reach_k6(launches: Launches, tmp_path: Path) -> None:
    script = tmp_path / "env.js"
    script.write_text(
        "import { Counter } from 'k6/metrics'; const c = new Counter('seen');"
        "export default function () { c.add(1); console.log(`A=${__ENV.A} B=${__ENV.B}`); }"
    )
    written = tmp_path / "samples.json"
    ended = launches.run(
        *("--iterations=3", str(script), "--vus", "3", "-e", "A=one two", "--tag", "team=blue"),
        *("--out", f"json={written}"),
        env={"B": "from outside"},
    )
    assert ended.code == 0, ended.errors
    assert "3 iterations shared among 3 VUs" in launches.banner
    assert ended.errors.count("A=one two B=from outside") == 3
    samples = [json.loads(line) for line in written.read_text().splitlines()]
    points = [each for each in samples if each["type"] == "Point" and each["metric"] == "seen"]
    assert [point["data"]["tags"]["team"] for point in points] == ["blue"] * 3


def test_a_script_on_standard_input_is_run(launches: Launches) -> None:
    ended = launches.run("--iterations", "2", "-", stdin=b"export default function () { console.log('by pipe'); }")
    assert ended.code == 0
    assert ended.errors.count("by pipe") == 2


def test_an_archive_is_run(launches: Launches, k6: K6Binary, tmp_path: Path) -> None:
    archive = tmp_path / "test.tar"
    subprocess.run([k6, "archive", "-O", archive, SCRIPTS / SIMPLE], check=True, capture_output=True)
    ended = launches.run(str(archive), "--duration", "1s")
    assert ended.code == 0
    assert "1 looping VUs for 1s" in launches.banner


def test_a_script_is_found_from_where_one_is(launches: Launches, tmp_path: Path) -> None:
    (tmp_path / "here.js").write_text("export default function () { console.log('found'); }")
    ended = launches.run("./here.js", cwd=tmp_path)
    assert (ended.code, ended.errors.count("found")) == (0, 1)


# How it ends


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("syntax_error.js",), 107, "Unexpected token"),
        (("missing.js",), 255, "couldn't be found on local disk"),
        (("--no-such-option", SIMPLE), 255, "unknown flag: --no-such-option"),
        (("bad_threshold.js",), 104, "no_such_metric"),
        (("setup_throw.js",), 107, "boom in setup"),
        (("abort.js",), 108, "script says stop"),
        (("fail.js",), 110, "marked as failed"),
    ],
    ids=lambda value: value if isinstance(value, int) else None,
)
def test_k6_says_itself_why_it_failed_and_its_code_is_ours(
    launches: Launches, arguments: tuple[str, ...], code: int, words: str
) -> None:
    ended = launches.run(*arguments, env={"THROW": "1"})
    assert ended.code == code
    assert words in ended.errors
    assert "Traceback" not in ended.errors


@pytest.mark.parametrize(
    ("arguments", "code", "words", "meaning"),
    [
        (("syntax_error.js",), 107, "Unexpected token", "could not be read"),
        (("missing.js",), 255, "couldn't be found on local disk", "a missing file"),
        (("--no-such-option", SIMPLE), 255, "unknown flag: --no-such-option", "a wrong option"),
    ],
    ids=["syntax", "file", "option"],
)
def test_a_k6_that_cannot_start_gives_the_terminal_back_and_is_heard(
    launches: Launches, arguments: tuple[str, ...], code: int, words: str, meaning: str
) -> None:
    with launches.cockpit(*arguments) as cockpit:
        assert cockpit.terminal.wait() == code
        cockpit.check_restored()
        assert words in cockpit.farewell
        assert meaning in cockpit.farewell


@pytest.mark.parametrize(
    ("script", "code", "meaning"),
    [
        (SIMPLE, 0, "every threshold held"),
        ("abort.js", 108, "test.abort()"),
        ("fail.js", 110, "marked the test as failed"),
    ],
    ids=["0", "108", "110"],
)
def test_the_end_is_explained_and_the_summary_stays(launches: Launches, script: str, code: int, meaning: str) -> None:
    with launches.cockpit(script, env={"DUR": "4s", "AT": "15"}) as cockpit:
        cockpit.wait_state("running")
        cockpit.terminal.wait_for(f"k6 ended with exit code {code}")
        assert meaning in cockpit.screen
        assert "iteration_duration" in cockpit.screen
        close_summary(cockpit)
        cockpit.wait_note(f"exit code {code}")
        cockpit.press("E")
        cockpit.terminal.wait_for("back to the charts")
        close_summary(cockpit)
        assert cockpit.leave() == code
        assert "iteration_duration" in cockpit.farewell


def test_crossed_thresholds_are_told(k6: K6Binary, tmp_path: Path, target_server: str) -> None:
    launches = Launches(k6, tmp_path)
    with launches.cockpit("plain.js", env={"DUR": "3s", "TARGET": target_server}) as cockpit:
        cockpit.terminal.wait_for("k6 ended with exit code 99: thresholds were crossed")
        close_summary(cockpit)
        assert cockpit.leave() == 99
        assert "have been crossed" in cockpit.farewell


def test_a_test_is_stopped_through_the_api(launches: Launches) -> None:
    with launches.cockpit(SIMPLE) as cockpit:
        cockpit.wait_state("running")
        cockpit.press("x")
        cockpit.terminal.wait_for("Stop the test at")
        cockpit.press("y")
        cockpit.terminal.wait_for("k6 ended with exit code 103")
        close_summary(cockpit)
        cockpit.wait_state("stopped")
        assert cockpit.leave() == 103


def test_ctrl_c_is_k6s_own_graceful_interrupt_and_twice_its_hard_one(launches: Launches) -> None:
    with launches.cockpit("setup_td.js", env={"TEARDOWN_SLEEP": "60"}) as cockpit:
        cockpit.wait_state("running")
        cockpit.press("ctrl+c")
        cockpit.wait_said("lets running iterations finish")
        cockpit.wait_state("teardown")
        cockpit.press("ctrl+c")
        cockpit.terminal.wait_for("k6 ended with exit code 105")
        close_summary(cockpit)
        assert cockpit.leave() == 105
        assert "interrupted by a signal" in cockpit.farewell


def test_a_test_that_waits_is_started(launches: Launches) -> None:
    with launches.cockpit("--paused", SIMPLE, env=SHORT) as cockpit:
        cockpit.wait_state("paused")
        cockpit.wait_note("before its start")
        cockpit.press("p")
        cockpit.terminal.wait_for("k6 ended with exit code 0")
        close_summary(cockpit)
        assert cockpit.leave() == 0


def test_a_script_on_standard_input_leaves_the_keys_to_the_terminal(launches: Launches, k6: K6Binary) -> None:
    words = f"cat '{SCRIPTS / SIMPLE}' | '{launches.k6dash}' run --interval 0.2 --k6 '{os.fspath(k6)}' -"
    with launches.shell(words) as cockpit:
        cockpit.wait_state("running")
        cockpit.press("x")
        cockpit.terminal.wait_for("Stop the test at")
        cockpit.press("y")
        cockpit.terminal.wait_for("k6 ended with exit code 103")


def test_an_address_that_was_typed_is_the_one(launches: Launches) -> None:
    port = free_port()
    with launches.cockpit("--address", f"{HOST}:{port}", SIMPLE) as cockpit:
        cockpit.wait_state("running")
        assert f"{HOST}:{port}" in cockpit.screen


def test_a_port_that_is_taken_is_told_in_k6s_words(launches: Launches) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        ended = launches.run("--address", f"{HOST}:{taken.getsockname()[1]}", SIMPLE)
    assert ended.code == 106
    assert "address already in use" in ended.errors


def test_another_k6_that_is_there_already_is_neither_shown_nor_stopped(launches: Launches, tmp_path: Path) -> None:
    slow = tmp_path / "slow.js"
    # Time for many a look before k6 finds its port taken.
    slow.write_text("const end = Date.now() + 1500; while (Date.now() < end); export default function () {}")
    with served("steady") as address:
        words = ("--interval", "0.2", "--fail-on", "vus value<0", "--then", "stop")
        ended = launches.run(*words, "--address", address, str(slow))
        assert (ended.code, ended.output) == (106, ""), ended.errors
        assert "address already in use" in ended.errors
        assert "stop" not in ended.errors
        assert run("status", "--target", address, "--json").document["state"] == "running"


def test_an_option_of_ours_behind_one_of_k6s_is_told_where_it_belongs(launches: Launches) -> None:
    ended = launches.run("--vus", "1", "--interval", "0.2", SIMPLE)
    assert ended.code == 255
    assert "unknown flag: --interval" in ended.errors
    assert ended.errors.endswith("k6dash: --interval is k6dash's own: it stands before the script and k6's options\n")


@pytest.mark.parametrize("address", ["6565", "127.0.0.1:0", "localhost:"])
def test_an_address_that_nobody_could_look_at_is_refused_before_anything_is_started(
    launches: Launches, address: str
) -> None:
    ended = launches.run("--address", address, SIMPLE)
    assert ended.code == 2
    assert f"--address '{address}' is no address to look at" in ended.errors
    assert "runs as pid" not in ended.errors


def test_a_recorded_run_shows_how_k6_ended_and_nothing_that_was_typed(launches: Launches, tmp_path: Path) -> None:
    path = tmp_path / "run.ndjson.gz"
    script = tmp_path / "s.js"
    script.write_text(
        "import { sleep } from 'k6'; import exec from 'k6/execution';"
        "export const options = { vus: 1, duration: '3s' };"
        "export default function () { console.log('heard'); sleep(0.2); if (__ITER > 8) exec.test.fail('no'); }"
    )
    ended = launches.run("--record", str(path), "--interval", "0.2", str(script), "-e", "TOKEN=hunter2")
    assert ended.code == 110, ended.errors
    assert f"recorded into {path}" in ended.errors
    assert b"hunter2" not in gzip.decompress(path.read_bytes())
    playback = Playback(Recording(path))
    *_, last = playback.ticks()
    assert last.exit is not None
    assert (last.exit.code, last.state) == (110, State.FAILED)
    seen = playback.history.run
    assert seen.launched is not None
    assert seen.launched.summary.strip() in ended.output
    assert "iteration_duration" in seen.launched.summary
    assert seen.plan is not None
    assert [scenario.name for scenario in seen.plan.scenarios] == ["default"]
    assert seen.windows.table.keys, "exact statistics of each period"
    assert seen.log is not None
    assert any(entry.line.message == "heard" for entry in seen.log.entries(0, seen.log.total))


# k6 outlives k6dash


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL"])
def test_k6_goes_on_when_the_cockpit_is_killed(launches: Launches, name: str) -> None:
    with launches.cockpit(SIMPLE, env=LONG) as cockpit:
        cockpit.wait_state("running")
        os.kill(cockpit.terminal.process.pid, getattr(signal, name))
        assert cockpit.terminal.wait() == (-9 if name == "SIGKILL" else 105)
        assert name == "SIGKILL" or f"k6 goes on (pid {launches.pid})" in cockpit.farewell
        launches.check_goes_on()


def test_k6_goes_on_when_the_terminal_is_closed(launches: Launches) -> None:
    with launches.cockpit(SIMPLE, env=LONG) as cockpit:
        cockpit.wait_state("running")
        cockpit.terminal.hang_up()
        assert cockpit.terminal.process.wait(PATIENCE) == 105
        launches.check_goes_on()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL"])
def test_k6_goes_on_when_what_follows_it_without_a_screen_is_killed(launches: Launches, name: str) -> None:
    with launches.process(SIMPLE, env=LONG) as process:
        launches.wait_line(process)
        process.send_signal(getattr(signal, name))
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == (-9 if name == "SIGKILL" else 105)
        assert name == "SIGKILL" or f"k6 goes on (pid {launches.pid})".encode() in said
        launches.check_goes_on()


def test_k6_ends_by_itself_long_after_k6dash(launches: Launches) -> None:
    with launches.process(SIMPLE, env={"DUR": "6s"}) as process:
        pid, folder = launches.pid, launches.folder
        process.kill()
    launches.wait_gone(pid)
    assert "iteration_duration" in (folder / "stdout.txt").read_text()
    assert re.search(r"default ✓ \[ 100% \]", (folder / "stdout.txt").read_text())


def test_k6_goes_on_when_whoever_read_has_gone(launches: Launches) -> None:
    with launches.process("--interval", "0.2", SIMPLE, env=LONG) as process:
        launches.wait_line(process)
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(PATIENCE) == 141
        launches.check_goes_on()


def test_ctrl_c_without_a_screen_is_k6s_own_once_and_twice(launches: Launches) -> None:
    with launches.process(SIMPLE, env={"TEARDOWN_SLEEP": "60"}) as process:
        launches.wait_line(process)
        process.send_signal(signal.SIGINT)
        launches.wait_log("teardown begins")
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 105
    assert b"then runs teardown(); again ends it at once" in said
    assert b"interrupted again: k6 ends at once" in said


def test_a_k6_that_is_only_looked_at_is_not_interrupted(launches: Launches) -> None:
    with launches.process("--read-only", SIMPLE, env=LONG) as process:
        launches.wait_line(process)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 105
        assert "interrupt" not in (launches.folder / "stderr.txt").read_text()
        launches.check_goes_on()


def test_a_condition_that_fails_stops_the_test_and_says_so_by_its_code(launches: Launches) -> None:
    words = ("--interval", "0.2", "--fail-on", "iterations count<3", "--then", "stop")
    ended = launches.run(*words, SIMPLE)
    assert ended.code == 99
    assert "stopping the test" in ended.errors, "k6 may be gone before it was seen to stop"
    assert "k6 ended with exit code 103: the test was stopped through the REST API" in ended.errors


def test_what_cannot_be_is_refused_before_anything_is_started(launches: Launches, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    for words, told in (
        (("--fail-on", "nonsense"), "--fail-on"),
        (("--record", str(tmp_path / "there")), "is there already"),
        (("--record", str(tmp_path / "no" / "file")), "cannot be written"),
        (("--read-only", "--then", "stop"), "--read-only"),
        (("--wait", "3s"), "unknown flag: --wait"),
    ):
        ended = launches.run(*words, SIMPLE)
        assert told in ended.errors
        assert ended.code == (255 if "--wait" in words else 2)
    assert (tmp_path / "there").read_text() == "mine"


def test_k6_is_left_running_and_can_be_found_again(launches: Launches) -> None:
    with launches.cockpit(SIMPLE) as cockpit:
        cockpit.wait_state("running")
        pid = launches.pid
        cockpit.press("q")
        cockpit.terminal.wait_for("What is to become of it?")
        cockpit.press("escape")
        cockpit.terminal.wait_gone("What is to become of it?")
        cockpit.press("q")
        cockpit.terminal.wait_for("What is to become of it?")
        cockpit.press("d")
        assert cockpit.terminal.wait() == 0
        cockpit.check_restored()
        told = cockpit.farewell
    assert is_running(pid)
    assert f"pid {pid}" in told
    assert str(launches.folder / "stderr.txt") in told.replace("\r", "").replace("\n", "")
    address = told.partition("--target ")[2].split()[0]
    with socket.create_connection((HOST, int(address.rpartition(":")[2])), timeout=20):
        pass


def test_leaving_can_stop_the_test(launches: Launches) -> None:
    with launches.cockpit(SIMPLE) as cockpit:
        cockpit.wait_state("running")
        pid = launches.pid
        cockpit.press("q")
        cockpit.terminal.wait_for("What is to become of it?")
        cockpit.press("s")
        assert cockpit.terminal.wait() == 103
        cockpit.check_restored()
        assert "stopped through the REST API" in cockpit.farewell
    assert not is_running(pid)


def test_a_k6_that_lingers_is_ended_from_the_question_before_leaving(launches: Launches) -> None:
    with launches.cockpit("--linger", SIMPLE, env=SHORT) as cockpit:
        cockpit.wait_note("k6 lingers")
        cockpit.press("E")
        cockpit.wait_said("Ctrl-C ends a k6 that lingers")
        cockpit.press("q")
        cockpit.terminal.wait_for("The test is over, and k6 lingers")
        cockpit.press("s")
        assert cockpit.terminal.wait() == 0
        cockpit.check_restored()
        assert "iteration_duration" in cockpit.farewell


def test_the_cockpit_of_a_k6_that_is_only_looked_at_leaves_it_running(launches: Launches) -> None:
    with launches.cockpit("--read-only", SIMPLE, env=LONG) as cockpit:
        cockpit.wait_state("running")
        cockpit.press("ctrl+c")
        cockpit.terminal.wait_for("It cannot be ended from here")
        cockpit.press("s", "d")
        assert cockpit.terminal.wait() == 0
        assert "interrupt" not in (launches.folder / "stderr.txt").read_text()
        launches.check_goes_on()


def test_a_k6_that_is_killed_is_told(launches: Launches) -> None:
    with launches.cockpit(SIMPLE) as cockpit:
        cockpit.wait_state("running")
        os.kill(launches.pid, signal.SIGKILL)
        cockpit.terminal.wait_for("k6 was ended by SIGKILL")
        close_summary(cockpit)
        assert cockpit.leave() == 137

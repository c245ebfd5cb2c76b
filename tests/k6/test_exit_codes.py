"""Every way in which a real ``k6 run`` ends: its code becomes ours and is told in words, its own words stand before."""

from __future__ import annotations

import os
import signal
import urllib.request
from collections.abc import Generator
from pathlib import Path

import pytest

from dashboard.launch.exit_codes import explain
from tests.harness.k6 import K6Binary
from tests.k6.launching import Launches

BRIEF = "export const options = { iterations: 1, setupTimeout: '200ms', teardownTimeout: '200ms', %s };"
SCRIPTS = {
    "ok": BRIEF % "" + "export default function () {}",
    "throws": BRIEF % "" + "export default function () { throw new Error('boom in an iteration'); }",
    "crossed": BRIEF % "thresholds: { iterations: ['count>5'] }" + "export default function () {}",
    "aborts": "export const options = { duration: '60s', thresholds: { iterations: "
    "[{ threshold: 'count<0', abortOnFail: true }] } }; export default function () { sleep(0.1); }",
    "slow setup": BRIEF % "" + "export function setup() { sleep(5); } export default function () {}",
    "slow teardown": BRIEF % "" + "export function teardown() { sleep(5); } export default function () {}",
    "no executor": BRIEF % "scenarios: { a: { executor: 'nonsense' } }" + "export default function () {}",
    "setup throws": BRIEF % "" + "export function setup() { throw new Error('boom in setup'); }"
    "export default function () {}",
    "stopped": BRIEF % "" + "export default function () { exec.test.abort('enough'); }",
    "failed": BRIEF % "" + "export default function () { exec.test.fail('not good'); }",
    "no default": BRIEF % "",
    "throws early": "throw new Error('boom in init');",
    "imports nothing": "import './nowhere.js'; export default function () {}",
}
IMPORTS = "import { sleep } from 'k6'; import exec from 'k6/execution';"


@pytest.fixture
def launches(k6: K6Binary, tmp_path: Path) -> Generator[Launches]:
    launches = Launches(k6, tmp_path / "state")
    yield launches
    launches.end_all()


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("ok", 0, ""),
        ("throws", 0, "boom in an iteration"),
        ("crossed", 99, "thresholds on metrics 'iterations' have been crossed"),
        ("aborts", 99, "abortOnFail"),
        ("slow setup", 100, "setup() execution timed out"),
        ("slow teardown", 101, "teardown() execution timed out"),
        ("no executor", 104, "nonsense"),
        ("setup throws", 107, "boom in setup"),
        ("throws early", 107, "boom in init"),
        ("imports nothing", 107, "nowhere.js"),
        ("stopped", 108, "enough"),
        ("failed", 110, "not good"),
        ("no default", 255, "no exported functions in script"),
    ],
)
def test_a_script_ends_k6_in_each_way_that_a_script_can(
    launches: Launches, tmp_path: Path, name: str, code: int, words: str
) -> None:
    script = tmp_path / "script.js"
    script.write_text(IMPORTS + SCRIPTS[name])
    ended = launches.run("--no-events", str(script))
    assert ended.code == code, ended.errors
    assert words in ended.errors
    assert ended.errors.endswith(f"k6 ended with exit code {code}: {explain(code)}\n")
    assert "Traceback" not in ended.errors


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("SIGINT", 105, "the test was interrupted by a signal"),
        ("SIGTERM", 105, "the test was interrupted by a signal"),
        ("SIGQUIT", 2, "SIGQUIT"),
        ("SIGKILL", 137, "k6 was ended by SIGKILL"),
    ],
)
def test_a_signal_to_k6_ends_it_and_is_told(launches: Launches, name: str, code: int, words: str) -> None:
    with launches.process("setup_td.js") as process:
        launches.wait_output("running (")
        os.kill(launches.pid, getattr(signal, name))
        _, said = process.communicate(timeout=30)
    assert process.returncode == code
    assert said.decode().splitlines()[-1].endswith(words)
    assert "Traceback" not in said.decode()


def test_a_stop_by_somebody_else_is_told(launches: Launches) -> None:
    with launches.process("setup_td.js") as process:
        launches.wait_output("running (")
        body = b'{"data":{"type":"status","id":"default","attributes":{"stopped":true}}}'
        request = urllib.request.Request(f"http://{launches.address}/v1/status", data=body, method="PATCH")
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200
        _, said = process.communicate(timeout=30)
    assert process.returncode == 103
    assert said.decode().endswith("k6 ended with exit code 103: the test was stopped through the REST API\n")

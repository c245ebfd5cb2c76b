"""Shell completion: the scripts, and what they are told."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dashboard.cli import COMMANDS
from dashboard.commands.wait import STATES
from dashboard.simulation.scenario import SCENARIO_NAMES
from tests.harness.ports import HOST, free_port
from tests.harness.servers import static_server
from tests.harness.terminal import K6DASH
from tests.harness.waiting import PATIENCE
from tests.oneshot.command import run, served

METRICS = (
    b'{"data":[{"type":"metrics","id":"%s","attributes":{"type":"counter","contains":"default","tainted":null,'
    b'"sample":{"count":1,"rate":1}}}]}'
)


def completed(*words: str, env: dict[str, str] | None = None) -> list[str]:
    """What is offered for the last of ``words``, as fish is told."""
    line = " ".join(("k6dash", *words))
    done = run(env={"_K6DASH_COMPLETE": "fish_complete", "COMP_WORDS": line, "COMP_CWORD": words[-1], **(env or {})})
    assert (done.code, done.err) == (0, "")
    return [offer.split(",", 1)[1].split("\t")[0] for offer in done.out.splitlines() if offer.startswith("plain,")]


def test_commands_are_completed() -> None:
    assert set(completed("")) == set(COMMANDS)
    assert completed("cap") == ["capabilities"]


def test_options_and_their_values_are_completed() -> None:
    assert "--fail-on-tainted" in completed("status", "--")
    assert completed("--theme", "") == ["dark", "light", "ansi"]
    assert completed("serve", "--profile", "v1") == ["v1-external", "v1"]
    assert {"--k6", "--headless", "--record", "--read-only", "--fail-on"} <= set(completed("run", "--"))
    assert completed("run", "--format", "") == ["lines", "ndjson", "csv"]


def test_scenarios_and_states_are_completed() -> None:
    assert completed("--simulate", "") == completed("serve", "") == list(SCENARIO_NAMES)
    assert completed("serve", "st") == ["steady"]
    assert completed("wait", "") == list(STATES)
    assert completed("wait", "running", "st") == ["starting", "stopped"]
    assert completed("setup", "s") == ["show", "set"]


def test_metrics_of_the_target_are_completed(tmp_path: Path) -> None:
    with served("steady", "--speed", "60") as address:
        assert run("wait", "running", "--target", address).code == 0
        offered = completed("metrics", "--target", address, "http_req_d")
        assert "http_req_duration" in offered
        assert "http_req_duration{expected_response:true}" in offered
        assert all(name.startswith("http_req_d") for name in offered)
        path = tmp_path / "config.toml"
        path.write_text(f'target = "{address}"\n')
        assert completed("metrics", "iterat", env={"K6DASH_CONFIG": str(path)}) == ["iteration_duration", "iterations"]
        by_file = completed("metrics", "iterations", "iterat", env={"K6DASH_CONFIG": str(path)})
        assert by_file == ["iteration_duration"]


def test_nobody_to_ask_is_no_complaint() -> None:
    assert completed("metrics", "--target", f"{HOST}:{free_port()}", "http") == []
    assert completed("metrics", "--target", "host:port", "http") == []


@pytest.mark.parametrize("name", [b"x$(reboot)", b"x`reboot`", b"x;reboot", b"x y", b"x{a,b}", b"x'"])
def test_a_name_that_a_shell_would_run_is_not_offered(name: bytes) -> None:
    with static_server(200, {}, METRICS % name) as server:
        assert completed("metrics", "--target", server.address, "x") == []
    with static_server(200, {}, METRICS % b"x{status:200}") as server:
        assert completed("metrics", "--target", server.address, "x") == ["x{status:200}"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: str) -> None:
    done = run("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert f"_K6DASH_COMPLETE={shell}_complete" in done.out
    assert run("completion", "csh").code == 2


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes() -> None:
    folder = str(Path(K6DASH[0]).parent)
    script = (
        f'PATH="{folder}:$PATH"; eval "$(k6dash completion bash)"; '
        "COMP_WORDS=(k6dash serve st); COMP_CWORD=2; _k6dash_completion k6dash; echo ${COMPREPLY[@]}"
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert done.stdout == "steady\n"

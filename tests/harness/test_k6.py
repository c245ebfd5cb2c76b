"""The k6 harness, on real k6s."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.harness.k6 import K6Binary, K6Ended, start_k6
from tests.harness.ports import HOST, free_port
from tests.harness.waiting import wait_until

STOPPED_BY_API = 103
INTERRUPTED = 105
SCRIPT_EXCEPTION = 107


def test_a_run_answers_counts_and_stops(k6: K6Binary, target_server: str) -> None:
    with start_k6(k6, "plain.js", env={"TARGET": target_server}) as running:
        running.wait_for_status(7)
        wait_until(lambda: running.api("GET", "/v1/metrics/iterations").status == 200, what="a first iteration")
        answer = running.api("GET", "/v1/metrics/http_reqs")
        assert answer.attributes["sample"]["count"] > 0
        assert running.stop() == STOPPED_BY_API
        assert "http_req_duration" in running.output


def test_a_paused_run_waits_to_be_resumed(k6: K6Binary, target_server: str) -> None:
    with start_k6(k6, "plain.js", "--paused", env={"TARGET": target_server}) as running:
        assert running.wait_for_status(4)["paused"] is True
        assert running.patch_status(paused=False).status == 200
        running.wait_for_status(7)
        assert running.interrupt() == INTERRUPTED


def test_a_script_that_cannot_run_is_told_with_what_k6_said(k6_v2: K6Binary, tmp_path: Path) -> None:
    script = tmp_path / "broken.js"
    script.write_text("this is not JavaScript")
    with pytest.raises(K6Ended, match=r"broken\.js") as raised, start_k6(k6_v2, script):
        pass
    assert raised.value.code == SCRIPT_EXCEPTION


def test_the_port_can_be_chosen_and_is_free_after_a_kill(k6_v1: K6Binary) -> None:
    port = free_port()
    with start_k6(k6_v1, "ext.js", port=port) as first:
        assert first.address == f"{HOST}:{port}"
        first.kill()
        with pytest.raises(ConnectionRefusedError):
            first.status()
        with start_k6(k6_v1, "ext.js", port=port) as second:
            second.wait_for_status(7)
            assert second.patch_status(vus=4).attributes["vus"] == 4


def test_a_frozen_k6_does_not_answer_until_it_thaws(k6_v2: K6Binary, target_server: str) -> None:
    with start_k6(k6_v2, "plain.js", env={"TARGET": target_server}) as running:
        running.freeze()
        with pytest.raises(TimeoutError):
            running.api("GET", "/v1/status", timeout=0.2)
        running.thaw()
        assert running.status()["status"] in range(12)


def test_the_server_under_load_answers_as_asked(target_server: str) -> None:
    with urllib.request.urlopen(f"{target_server}/fast") as response:
        assert response.read() == b'{"ok":true,"path":"/fast"}'
    with pytest.raises(urllib.error.HTTPError, match="418") as raised:
        urllib.request.urlopen(f"{target_server}/status/418")
    raised.value.close()

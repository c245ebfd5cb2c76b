"""``k6dash serve --events`` and k6dash attached to it: two processes, no k6, and the exact numbers of each period."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import ExitCode
from tests.harness.k6 import CHECKOUT
from tests.harness.ports import free_port
from tests.harness.terminal import K6DASH

SCENARIO = """
[run]
vus = 3
duration = "6s"
graceful_stop = "1s"

[[step]]
request = "GET http://target/"
median_ms = 30

[[step]]
think = "50ms"
"""


@contextmanager
def served(tmp_path: Path, *options: str) -> Generator[tuple[subprocess.Popen[str], str, str]]:
    """A simulated k6 that streams: its process, its address and that of its stream."""
    path = tmp_path / "short.toml"
    path.write_text(SCENARIO)
    command = [*K6DASH, "serve", str(path), "--profile", "v2", "--listen", "127.0.0.1:0", "--events", "0", *options]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        word, events = process.stdout.readline().split()
        assert word == "events"
        try:
            yield process, address, events
        finally:
            process.kill()


def follow(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """What k6dash gives without a screen: its code, its ticks and its talk."""
    command = [*K6DASH, "--headless", "--format", "ndjson", "--interval", "0.3", *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=90, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def periods_of(ticks: list[dict[str, Any]]) -> list[dict[str, float]]:
    """The statistics of each period that is told of http_req_duration."""
    metrics: list[dict[str, Any]] = [tick["metrics"] or {} for tick in ticks]
    found: list[dict[str, float]] = [metric.get("http_req_duration", {}).get("period", {}) for metric in metrics]
    return [period for period in found if period]


def test_an_attached_k6dash_has_the_percentiles_of_each_period_and_holds_nobody(tmp_path: Path) -> None:
    with served(tmp_path) as (process, address, events):
        code, ticks, talk = follow("--target", address, "--events", events)
        assert process.wait(30) == 0  # a k6 whose stream is held does not end
    assert code == ExitCode.OK, talk
    durations = [
        tick["metrics"]["http_req_duration"] for tick in ticks if "http_req_duration" in (tick["metrics"] or {})
    ]
    periods = [metric["period"] for metric in durations if "period" in metric]
    assert len({period["p(99)"] for period in periods}) >= 3
    order = ("min", "med", "p(90)", "p(95)", "p(99)", "max")
    for period in periods:
        values = [period[name] for name in order]
        assert values == sorted(values)


def test_without_events_there_are_none(tmp_path: Path) -> None:
    with served(tmp_path) as (_, address, _events):
        _, ticks, _ = follow("--target", address, "--no-events", "--for", "2s")
    assert ticks
    assert not periods_of(ticks)


def test_a_stream_that_is_not_there_is_missed_and_the_rest_goes_on(tmp_path: Path) -> None:
    port = free_port()
    with served(tmp_path) as (_, address, _events):
        code, ticks, talk = follow("--target", address, "--events", f"127.0.0.1:{port}")
    assert code == ExitCode.OK
    assert f"no event stream at 127.0.0.1:{port}" in talk
    assert len(ticks) > 5


def test_a_stream_of_another_test_is_named_and_not_shown(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with served(tmp_path) as (_, address, _events), served(other, "--seed", "5", "--speed", "3") as (_, _, theirs):
        _, ticks, talk = follow("--target", address, "--events", theirs)
    assert "is of another test" in talk, talk
    assert not periods_of(ticks[-3:])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--events", "nowhere:0"), "--events: 'nowhere:0' is not an address"),
        (("--events", "a b"), "it has a space"),
        (("--events", ":5665", "--no-events"), "--events and --no-events exclude each other"),
        (("--simulate", "--events", ":5665"), "--events says where a real k6's event stream is"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(arguments: tuple[str, ...], words: str) -> None:
    code, ticks, talk = follow(*arguments)
    assert (code, ticks) == (ExitCode.USAGE, [])
    assert len(talk.splitlines()) == 1
    assert words in talk


def test_a_port_to_serve_at_that_is_none_is_said_in_one_line() -> None:
    command = [*K6DASH, "serve", "--events", "somewhere"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == ExitCode.USAGE
    assert "'somewhere' is not [HOST:]PORT" in done.stderr

"""``k6dash --headless`` on a real k6, held against every sample that the same run wrote to a file."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.harness.k6 import K6Binary, start_k6
from tests.harness.terminal import K6DASH
from tests.harness.waiting import PATIENCE
from tests.k6.test_exactness import read_samples

# One VU: the samples of a metric are in the file in the order in which k6 took them in, so that a count is a place.
ENV = {"VUS": "1", "DUR": "4s", "SLEEP": "0.01"}


def near(value: float) -> object:
    """What equals ``value`` but for the last bits."""
    return pytest.approx(value, rel=1e-9)  # pyright: ignore[reportUnknownMemberType]


def follow(address: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*K6DASH, "--headless", "--target", address, "--interval", "0.5", *arguments],
        capture_output=True,
        text=True,
        timeout=6 * PATIENCE,
        check=False,
    )


def test_means_rates_and_counts_are_those_of_the_samples(k6: K6Binary, target_server: str, tmp_path: Path) -> None:
    file = tmp_path / "samples.json"
    env = {**ENV, "TARGET": target_server}
    with start_k6(k6, "plain.js", "--linger", "--out", f"json={file}", env=env) as running:
        done = follow(running.address, "--format", "ndjson")
        running.interrupt()
    assert done.returncode == 99, done.stderr
    samples = read_samples(file)
    counts: dict[float, int] = {}
    compared = 0
    for line in done.stdout.splitlines():
        document = json.loads(line)
        metrics = document["metrics"]
        if not metrics or "http_reqs" not in metrics:
            continue
        count = round(metrics["http_reqs"]["cumulative"]["count"])
        assert metrics["http_req_duration"]["cumulative"]["avg"] == near(
            sum(samples["http_req_duration"][:count]) / count
        )
        if counts and document["interval"] is not None:
            # The interval began at one of the looks before: at the last one, if that was not only a moment ago.
            begun = document["elapsed"] - document["interval"]
            first = counts[min(counts, key=lambda elapsed: abs(elapsed - begun))]
            part = samples["http_req_duration"][first:count]
            failed = samples["http_req_failed"][first:count]
            if part:
                assert metrics["http_req_duration"]["interval"]["avg"] == near(sum(part) / len(part))
                assert metrics["http_req_failed"]["interval"]["rate"] == near(sum(failed) / len(failed))
            assert metrics["http_reqs"]["interval"]["rate"] * document["interval"] == near(len(part))
            compared += len(part)
        counts[document["elapsed"]] = count
    assert compared > 50


def test_a_window_that_fails_stops_a_real_test(k6: K6Binary, target_server: str) -> None:
    env = {**ENV, "DUR": "60s", "TARGET": target_server}
    with start_k6(k6, "plain.js", env=env) as running:
        done = follow(running.address, "--fail-on", "1s: http_req_duration avg<0.001", "--then", "stop")
        assert done.returncode == 99, done.stderr
        assert "1s: http_req_duration avg<0.001 failed: avg " in done.stderr
        assert running.wait() == 103


def test_groups_and_checks_are_told_as_the_samples_have_them(k6: K6Binary, target_server: str, tmp_path: Path) -> None:
    file = tmp_path / "samples.json"
    env = {**ENV, "TARGET": target_server}
    with start_k6(k6, "plain.js", "--linger", "--out", f"json={file}", env=env) as running:
        done = follow(running.address, "--format", "ndjson", "--groups")
        running.interrupt()
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(document["groups"] is None for document in documents), "they are asked for seldom"
    told = [document["groups"] for document in documents if document["groups"] is not None]
    checks = {check["path"]: check for group in told[-1] for check in group["checks"]}
    counted: dict[str, list[float]] = {}
    for line in file.read_text().splitlines():
        document = json.loads(line)
        if document["metric"] == "checks" and document["type"] == "Point":
            tags = document["data"]["tags"]
            counted.setdefault(f"{tags['group']}::{tags['check']}", []).append(document["data"]["value"])
    assert checks.keys() == counted.keys()
    for path, values in counted.items():
        check = checks[path]
        assert (check["passes"], check["fails"]) == (sum(values), len(values) - sum(values))
        assert check["share"] == near(sum(values) / len(values))

"""What is called exact, held against every single sample that a real k6 wrote to a file."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from dashboard.model.derive import INTERVAL_MEAN, INTERVAL_RATE, INTERVAL_SHARE, SHORTEST
from dashboard.model.run import State
from dashboard.model.run_history import RunHistory
from dashboard.model.run_numbers import ELAPSED
from tests.harness.k6 import K6Binary, start_k6
from tests.k6.watching import watching

# One VU: the samples of a metric are in the file in the order in which k6 took them in, so that a count is a place.
ENV = {"VUS": "1", "DUR": "5s", "SLEEP": "0.01"}

MEANS = (
    *((f"http_req_{phase}", "http_reqs") for phase in ("duration", "waiting", "receiving", "sending", "blocked")),
    ("iteration_duration", "iterations"),
)
COUNTERS = ("http_reqs", "iterations", "data_received", "data_sent", "my_counter", "my_data_counter")


def read_samples(path: Path) -> dict[str, list[float]]:
    """Every sample of every metric, in order."""
    samples: dict[str, list[float]] = defaultdict(list)
    with path.open() as lines:
        for line in lines:
            document = json.loads(line)
            if document["type"] == "Point":
                samples[document["metric"]].append(document["data"]["value"])
    return samples


class Rows:
    """The rows of a run, read through the same door as the screen reads them."""

    def __init__(self, run: RunHistory) -> None:
        self.run = run
        every = run.extract(*ELAPSED, -math.inf, math.inf, 100_000)
        known = [at for at, elapsed in zip(every.times, every.lasts, strict=True) if elapsed == elapsed]
        # What comes later than the end belongs to no interval any more.
        self.end = known[-1]
        times = [at for at in known if run.final_row is None or at <= run.final_row]
        # The interval of a look that came a moment after another goes back to the one before that.
        self.times = [
            at
            for at, after in pairwise([*times, math.inf])
            if after == math.inf or not 0 < self.elapsed(after) - self.elapsed(at) < SHORTEST
        ]

    def value(self, name: str, statistic: str, at: float) -> float | None:
        return self.run.value(name, statistic, at)

    def count(self, name: str, at: float) -> int:
        return round(self.run.value(name, "count", at) or 0)

    def elapsed(self, at: float) -> float:
        elapsed = self.run.value(*ELAPSED, at)
        assert elapsed is not None
        return elapsed


async def test_intervals_are_those_of_the_raw_samples(k6: K6Binary, target_server: str, tmp_path: Path) -> None:
    file = tmp_path / "samples.json"
    env = {**ENV, "TARGET": target_server}
    with start_k6(k6, "plain.js", "--out", f"json={file}", "--linger", env=env) as running:
        async with watching(running.address, interval=0.5) as watch:
            await watch.state(State.ENDED)
            await watch.looks(3)
            run = watch.history.run
        running.interrupt()
    samples, rows = read_samples(file), Rows(run)
    assert len(rows.times) >= 6
    assert len(samples["http_reqs"]) > 100

    compared = 0
    for before, after in pairwise(rows.times):
        for name, counter in MEANS:
            first, last = rows.count(counter, before), rows.count(counter, after)
            mean = rows.value(name, INTERVAL_MEAN, after)
            if last == first:
                assert mean is None
                continue
            assert mean is not None, name
            raw = math.fsum(samples[name][first:last]) / (last - first)
            assert math.isclose(mean, raw, rel_tol=1e-9, abs_tol=1e-12), name
            compared += 1
        first, last = rows.count("http_reqs", before), rows.count("http_reqs", after)
        if last > first:
            share = rows.value("http_req_failed", INTERVAL_SHARE, after)
            assert share == sum(samples["http_req_failed"][first:last]) / (last - first)
    assert compared > 5 * len(MEANS)

    for name in COUNTERS:
        whole = rows.value(name, "count", rows.times[0]) or 0.0
        for before, after in pairwise(rows.times):
            rate = rows.value(name, INTERVAL_RATE, after)
            counted = (rows.value(name, "count", after) or 0.0) - (rows.value(name, "count", before) or 0.0)
            if rate is None:
                # Samples on their way when k6's clock stopped still raise the counts.
                assert rows.elapsed(after) == rows.elapsed(before)
                whole += counted
                continue
            more = rate * (rows.elapsed(after) - rows.elapsed(before))
            assert math.isclose(more, counted, rel_tol=1e-9, abs_tol=1e-6), name
            whole += more
        assert math.isclose(whole, rows.value(name, "count", rows.times[-1]) or 0.0, rel_tol=1e-9), name
        assert math.isclose(rows.value(name, "count", rows.end) or 0.0, math.fsum(samples[name]), rel_tol=1e-9), name

    for name, values in samples.items():
        if rows.run.metrics[name].type == "trend":
            average = rows.value(name, "avg", rows.end)
            assert average is not None
            assert math.isclose(average, math.fsum(values) / len(values), rel_tol=1e-9), name
            assert rows.value(name, "max", rows.end) == max(values), name


async def test_the_clock_of_a_stopped_run_stands_still(k6: K6Binary, target_server: str) -> None:
    """k6's own goes on while it lingers, and its rates fall."""
    env = {**ENV, "DUR": "60s", "TARGET": target_server}
    with start_k6(k6, "plain.js", "--linger", env=env) as running:
        async with watching(running.address, interval=0.2) as watch:
            await watch.looks(6)
            running.patch_status(stopped=True)
            await watch.state(State.STOPPED)
            run = watch.history.run
            await watch.looks(2)
            assert run.status is not None
            assert run.status.is_final
            elapsed = run.elapsed
            # The thresholds are still evaluated every two seconds.
            await watch.looks(15)
            last_row = run.last_row
            await watch.looks(5)
            assert run.elapsed == elapsed
            assert run.last_row == last_row
            listed = running.api("GET", "/v1/metrics/http_reqs").document["data"]["attributes"]["sample"]
            assert elapsed is not None
            assert listed["count"] / listed["rate"] > elapsed + 0.5
            assert run.value("http_reqs", "count", last_row or 0.0) == listed["count"]
        async with watching(running.address, interval=0.2) as late:
            await late.looks(1)
            assert late.history.run.clock_lingers
            assert (late.history.run.elapsed or 0.0) > elapsed

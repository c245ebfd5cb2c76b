"""The files that a real k6 writes, replayed: held against what its REST API said at the same moments."""

from __future__ import annotations

import gzip
import json
import math
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from dashboard.decoding import decode_reading
from dashboard.model.group import Group
from dashboard.model.metric import Metric, MetricType
from dashboard.model.observation import Observation, Snapshot
from dashboard.model.run import State
from dashboard.model.threshold import API_STATISTICS
from dashboard.rebuild import history_of
from dashboard.sources.base import Reading
from dashboard.sources.record_file import Recording
from dashboard.sources.recorder import Recorder
from dashboard.sources.replayable import Replayable, open_replayable
from tests.harness.k6 import K6Binary, start_k6
from tests.harness.waiting import wait_until
from tests.k6.watching import watching

ENV = {"VUS": "2", "DUR": "4s", "SLEEP": "0.02", "SETUP_SLEEP": "0.5"}
HAS_ENDED = 9


def snapshots(file: Replayable) -> list[tuple[float, Snapshot]]:
    """The looks in a file, of a recording or of what k6 wrote."""
    entries = (decode_reading(entry) if isinstance(entry, Reading) else entry for entry in file.entries())
    return [
        (entry.at, entry.outcome)
        for entry in entries
        if isinstance(entry, Observation) and isinstance(entry.outcome, Snapshot) and entry.outcome.metrics
    ]


def by_name(metrics: Iterable[Metric] | None) -> dict[str, Metric]:
    return {metric.name: metric for metric in metrics or ()}


def differences(api: Snapshot, told: Snapshot) -> list[str]:
    """What a replayed look says otherwise than k6's API; but for rates over time, as k6's clock is not in the file."""
    of_api, of_file = by_name(api.metrics), by_name(told.metrics)
    found: list[str] = []
    for name, metric in of_api.items():
        replayed = of_file.get(name)
        if replayed is None:
            # Of a metric that only a threshold brings up there is no sample that could be in the file.
            found += [f"{name} is missing"] * any(metric.sample.values())
            continue
        for statistic, value in metric.sample.items():
            if metric.type is MetricType.COUNTER and statistic == "rate":
                continue
            if replayed.sample.get(statistic) != value:
                found.append(f"{name} {statistic}: {replayed.sample.get(statistic)}, in k6 {value}")
    return found + [f"{name} is none of k6's" for name in of_file.keys() - of_api.keys()]


class Prefixes:
    """A file of samples, cut where k6's counters stood at some moment."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.lines = path.read_bytes().splitlines(keepends=True)
        self.folder = folder
        self.position = 0
        self.counts: dict[str, float] = defaultdict(float)

    def at(self, counters: dict[str, float]) -> Iterable[Snapshot]:
        """What is told of each part of the file up to which the counters had counted so much."""
        while self.position < len(self.lines):
            if all(math.isclose(self.counts[name], count, abs_tol=1e-9) for name, count in counters.items()):
                part = self.folder / "part.json"
                part.write_bytes(b"".join(self.lines[: self.position]))
                *_, (_, last) = snapshots(open_replayable(part))
                yield last
            elif any(self.counts[name] > count + 1e-9 for name, count in counters.items()):
                return
            document = json.loads(self.lines[self.position])
            self.position += 1
            if document["type"] == "Point":
                self.counts[document["metric"]] += document["data"]["value"]


def tree_of(groups: Iterable[Group] | None) -> set[tuple[str, str, str | None, tuple[tuple[str, str, int, int], ...]]]:
    return {
        (group.id, group.path, group.parent_id, tuple((c.id, c.name, c.passes, c.fails) for c in group.checks))
        for group in groups or ()
    }


async def test_a_replay_of_samples_equals_the_api_as_it_was_recorded_beside(
    k6: K6Binary, target_server: str, tmp_path: Path
) -> None:
    """Counts, shares, means, extremes and k6's own percentiles, to the last digit."""
    samples, recorded = tmp_path / "samples.json", tmp_path / "run.ndjson.gz"
    env = {**ENV, "TARGET": target_server}
    with start_k6(k6, "plain.js", "--linger", "--out", f"json={samples}", env=env) as running:
        async with watching(running.address, interval=0.3) as watch:
            recorder = Recorder(recorded, running.address, watch.clock.now(), 0.3)
            watch.session.listeners.append(recorder.take)
            await watch.state(State.ENDED)
            await watch.looks(3)
            recorder.close(watch.clock.now(), "stopped")
        groups = running.api("GET", "/v1/groups").document["data"]
        running.interrupt()
    looks = snapshots(Recording(recorded))
    prefixes = Prefixes(samples, tmp_path)
    compared = 0
    for (_, before), (_, look) in pairwise(looks[:-3]):
        counters = {
            metric.name: metric.sample["count"]
            for metric in look.metrics or ()
            if metric.type is MetricType.COUNTER and "{" not in metric.name and metric.sample["count"]
        }
        if not counters.get("http_reqs") or before.metrics == look.metrics:
            continue
        tried = [differences(look, told) for told in prefixes.at(counters)]
        assert tried, f"no line of the file at which k6 had counted {counters}"
        assert [] in tried, min(tried, key=len)
        compared += 1
    assert compared >= 6

    _, last = looks[-1]
    *_, (end, final) = snapshots(open_replayable(samples))
    assert differences(last, final) == []
    assert {s for metric in final.metrics or () for s in metric.sample} >= {*API_STATISTICS[MetricType.TREND], "p(99)"}
    history, live = history_of(open_replayable(samples)), watch.history
    assert history.run.elapsed is not None
    assert live.run.elapsed is not None
    # The making of the VUs and a setup() that does nothing to be measured cannot be told apart in the file.
    assert -0.1 < history.run.elapsed - live.run.elapsed < 1.0, "the clock is about k6's"
    for name, metric in by_name(final.metrics).items():
        if metric.tainted is not None:
            assert metric.tainted == by_name(last.metrics)[name].tainted, name
    told = tree_of(final.groups)
    assert len(told) == len(groups) == 4
    for entry in groups:
        about = entry["attributes"]
        parent = entry["relationships"]["parent"]["data"]
        checks = tuple(
            (check["id"], check["name"], check["passes"], check["fails"])
            for check in sorted(about["checks"] or (), key=lambda check: (check["name"], check["id"]))
        )
        assert (entry["id"], about["path"], parent and parent["id"], checks) in told
    assert history.run.state_at(end) in (State.RUNNING, State.TEARDOWN)
    assert history.run.state() is State.ENDED


async def test_a_replay_of_the_dashboards_record_ends_with_what_the_api_said(
    k6: K6Binary, target_server: str, tmp_path: Path
) -> None:
    """Counts to the last digit; the rest as far as five digits, which are cut and not rounded, go."""
    path = tmp_path / "record.ndjson.gz"
    env = {**ENV, "TARGET": target_server}
    out = f"web-dashboard=host=127.0.0.1&port=0&period=500ms&open=false&record={path}"
    with start_k6(k6, "plain.js", "--linger", "--out", out, env=env) as running:
        async with watching(running.address, interval=0.3) as watch:
            await watch.state(State.ENDED)
            await watch.looks(3)
            look = watch.history.last_snapshot
        running.interrupt()
    assert look is not None
    assert isinstance(look.outcome, Snapshot)
    file = open_replayable(path)
    told = snapshots(file)
    assert file.trouble == ""
    assert len(told) > 6
    final, compared = by_name(told[-1][1].metrics), 0
    for name, metric in by_name(look.outcome.metrics).items():
        if name not in final:
            assert "{" in name or not any(metric.sample.values()), name
            continue
        for statistic, value in metric.sample.items():
            found = final[name].sample[statistic]
            if statistic == "count":
                assert math.isclose(found, value, rel_tol=2e-5), name
                assert found == value or value != int(value)
            elif metric.type is not MetricType.COUNTER:
                assert abs(found - value) <= max(1e-4 * abs(value), 1e-5), (name, statistic)
            compared += 1
    assert compared > 60


def test_files_of_a_k6_that_was_killed_are_read_up_to_the_tear(
    k6: K6Binary, target_server: str, tmp_path: Path
) -> None:
    plain, packed, record = (tmp_path / name for name in ("samples.json", "samples.json.gz", "record.json"))
    env = {**ENV, "VUS": "10", "SLEEP": "0", "DUR": "60s", "TARGET": target_server}
    dashboard = f"web-dashboard=host=127.0.0.1&port=0&period=500ms&open=false&record={record}"
    outputs = [word for out in (f"json={plain}", f"json={packed}", dashboard) for word in ("--out", out)]
    with start_k6(k6, "plain.js", *outputs, env=env) as running:
        wait_until(lambda: packed.exists() and packed.stat().st_size > 150_000, what="a part of a compressed file")
        running.kill()
    assert snapshots(open_replayable(plain))
    file = open_replayable(packed)
    looks = snapshots(file)
    assert len(looks) >= 2
    assert "k6 was killed" in file.trouble
    counts = [by_name(look.metrics)["iterations"].sample["count"] for _, look in looks]
    assert counts == sorted(counts)
    assert counts[-1] > 0
    assert history_of(file).run.state() is State.RUNNING
    events = open_replayable(record)
    assert snapshots(events)
    assert "k6 was killed" in events.trouble
    with gzip.open(packed) as unpacked:
        assert unpacked.read(10)

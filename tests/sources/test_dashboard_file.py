"""What k6's web dashboard records, of real ones: v1.7.1 and v2.2.0, cut to a few seconds."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.model.derive import INTERVAL_MEAN, INTERVAL_RATE
from dashboard.model.observation import Observation, Outage, Snapshot
from dashboard.model.origin import Origin
from dashboard.model.run import State
from dashboard.model.window import interval
from dashboard.rebuild import history_of
from dashboard.sources.dashboard_file import DashboardFile

GOLDEN = Path(__file__).parent / "golden"
FILES = ("dashboard-v1.7.1.ndjson.gz", "dashboard-v2.2.0.ndjson.gz")


def events(name: str) -> list[tuple[str, Any]]:
    """The lists of a file, with the names in their order, read in the plainest way."""
    lines = [json.loads(line) for line in gzip.decompress((GOLDEN / name).read_bytes()).splitlines()]
    return [(line["event"], line["data"]) for line in lines]


def looks(file: DashboardFile) -> list[tuple[float, Snapshot]]:
    return [
        (each.at, each.outcome)
        for each in file.entries()
        if isinstance(each, Observation) and isinstance(each.outcome, Snapshot) and each.outcome.is_look
    ]


@pytest.mark.parametrize("name", FILES)
def test_each_period_is_told_as_k6_counted_it(name: str) -> None:
    told = looks(DashboardFile(GOLDEN / name))
    names: set[str] = set()
    periods = 0
    for event, data in events(name):
        match event:
            case "metric":
                names |= set(data)
            case "cumulative":
                at, snapshot = told[periods]
                periods += 1
                rows = dict(zip(sorted(names), data, strict=True))
                assert at == rows["time"][0] / 1000
                assert snapshot.origin is Origin.DASHBOARD
                assert {metric.name for metric in snapshot.metrics or ()} == names - {"time"}
                for metric in snapshot.metrics or ():
                    given = rows[metric.name]
                    if metric.type == "trend":
                        keys = ("avg", "max", "med", "min", "p(90)", "p(95)", "p(99)")
                        assert metric.sample == dict(zip(keys, given, strict=True))
                    else:
                        assert given[0] in metric.sample.values()
                    if metric.type == "counter":
                        assert metric.sample["rate"] == pytest.approx(given[1], rel=2e-4, abs=1e-4)  # pyright: ignore[reportUnknownMemberType]
            case _:
                pass
    assert len(told) == periods > 4


@pytest.mark.parametrize("name", FILES)
def test_a_history_has_periods_thresholds_and_the_end(name: str) -> None:
    file = DashboardFile(GOLDEN / name)
    history = history_of(file)
    run = history.run
    assert file.trouble == ""
    assert run.state() is State.ENDED
    assert run.plan is not None
    assert run.plan.scenarios[0].name == "main"
    assert run.tainted() == ("http_req_failed",)
    assert "http_req_duration" in run.with_threshold()
    assert "http_req_duration{status:200}: not known" in [event.title for event in history.events]
    last = run.last_row or 0.0
    assert run.value("http_req_duration", interval("p(99)"), last) is not None
    assert run.value("http_reqs", INTERVAL_RATE, last) is not None
    assert (run.value("http_req_duration", INTERVAL_MEAN, last)) == run.value(
        "http_req_duration", interval("avg"), last
    ), "of two rounded means, no third is made"


def test_a_file_that_was_cut_off_says_so(tmp_path: Path) -> None:
    whole = gzip.decompress((GOLDEN / FILES[1]).read_bytes())
    reference = looks(DashboardFile(GOLDEN / FILES[1]))
    for cut in range(len(whole) // 3, len(whole) - 60, 997):
        torn = tmp_path / "torn"
        torn.write_bytes(whole[:cut])
        file = DashboardFile(torn)
        told = looks(file)
        assert told[:-1] == reference[: len(told) - 1]
        assert "without k6's last event" in file.trouble
        assert not any(isinstance(each, Observation) and isinstance(each.outcome, Outage) for each in file.entries())
        assert history_of(file).run.state() is State.RUNNING


def test_lines_that_are_no_events_are_counted_and_left_out(tmp_path: Path) -> None:
    lines = gzip.decompress((GOLDEN / FILES[0]).read_bytes()).splitlines()
    reference = looks(DashboardFile(GOLDEN / FILES[0]))
    bad = [
        b"garbage",
        b'{"event":7}',
        b"[" * 100_000,
        b'{"event":"cumulative","data":[[1]]}',
        b'{"event":"x","data":{}}',
    ]
    path = tmp_path / "file"
    path.write_bytes(b"\n".join((*lines[:10], *bad, *lines[10:])) + b"\n")
    file = DashboardFile(path)
    assert looks(file) == reference
    assert file.damages == 3
    assert "3 lines are no event" in file.trouble

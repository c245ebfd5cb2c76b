"""What k6's ``--out json`` writes: what is told of it, and of a file that is torn, damaged or written otherwise."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import math
import random
import re
import tracemalloc
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.model.distribution import Room, percentile
from dashboard.model.metric import MetricType
from dashboard.model.observation import Observation, Outage, OutageKind, Snapshot
from dashboard.model.origin import Origin
from dashboard.model.run import ExecutionStatus, State
from dashboard.model.threshold_log import Standing
from dashboard.model.window import Window
from dashboard.rebuild import history_of
from dashboard.sources import members, sample_file
from dashboard.sources.base import Note
from dashboard.sources.replayable import open_replayable
from dashboard.sources.sample_file import SampleFile
from dashboard.sources.samples import MOST_LEVELS
from dashboard.view.thresholds import threshold_lines
from tests.sources.k6_files import BEGINNING, START, metric_line, point_line, sample_lines, stamp, write_samples

COUNT = 20_000


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """About ten seconds."""
    return write_samples(tmp_path_factory.mktemp("k6") / "samples.json", COUNT)


def observations(file: SampleFile) -> Iterator[Observation]:
    return (entry for entry in file.entries() if isinstance(entry, Observation))


def looks(file: SampleFile) -> list[tuple[float, Snapshot]]:
    """What was told in place of k6's API."""
    return [
        (each.at, each.outcome)
        for each in observations(file)
        if isinstance(each.outcome, Snapshot) and each.outcome.is_look
    ]


def windows(file: SampleFile) -> list[Window]:
    return [
        window for each in observations(file) if isinstance(each.outcome, Snapshot) for window in each.outcome.windows
    ]


def written(folder: Path, *lines: str, name: str = "samples.json") -> SampleFile:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return SampleFile(path)


def raw(path: Path) -> list[tuple[str, float, dict[str, str], float]]:
    """Every sample, read in the plainest way: name, value, tags, seconds since the start."""
    found: list[tuple[str, float, dict[str, str], float]] = []
    for line in path.read_text().splitlines():
        document = json.loads(line)
        if document["type"] == "Point":
            data = document["data"]
            minutes, seconds = re.fullmatch(r".*T22:(\d\d):([0-9.]+)Z", data["time"]).groups()  # type: ignore[union-attr]
            at = 60 * (int(minutes) - 13) + float(seconds) - 20
            found.append((document["metric"], float(data["value"]), data["tags"], at))
    return found


def test_at_each_second_it_tells_what_all_samples_before_it_add_up_to(path: Path) -> None:
    file, samples = SampleFile(path), raw(path)
    told = looks(file)
    assert [round(at - START) for at, _ in told[:-1]] == list(range(1, len(told)))
    for at, snapshot in told:
        assert snapshot.origin is Origin.SAMPLES
        values: dict[str, list[float]] = defaultdict(list)
        for name, value, tags, seconds in samples:
            if seconds < at - START or at == told[-1][0]:
                values[name].append(value)
                if name == "http_req_duration":
                    values[f"{name}{{expected_response:true}}"] += [value] * (tags["expected_response"] == "true")
                    values[f"{name}{{status:500}}"] += [value] * (tags["status"] == "500")
        elapsed = at - file.header.start
        assert snapshot.metrics is not None
        assert {metric.name for metric in snapshot.metrics} >= values.keys()
        for metric in snapshot.metrics:
            of = values[metric.name]
            ordered = sorted(of)
            match metric.type:
                case MetricType.COUNTER:
                    assert metric.sample["count"] == sum(of)
                    assert math.isclose(metric.sample["rate"], sum(of) / elapsed)
                case MetricType.RATE:
                    assert metric.sample == {"rate": sum(of) / len(of), "passes": sum(of), "fails": len(of) - sum(of)}
                case MetricType.GAUGE:
                    assert metric.sample == {"value": of[-1]}
                case MetricType.TREND:
                    assert metric.sample["count"] == len(of)
                    for statistic, share in (("min", 0), ("med", 0.5), ("p(90)", 0.9), ("p(95)", 0.95), ("max", 1)):
                        assert metric.sample[statistic] == percentile(ordered, share), metric.name
                    if of:
                        assert math.isclose(metric.sample["avg"], math.fsum(of) / len(of), abs_tol=1e-12)
    assert len(told) > 8


def test_a_window_has_the_samples_of_its_second_alone(path: Path) -> None:
    file, samples = SampleFile(path), raw(path)
    found = [window for window in windows(file) if window.metric == "http_req_duration"]
    assert all(before.end == after.start for before, after in itertools.pairwise(found))
    for window in found[1:-1]:
        of = sorted(
            value for name, value, _, at in samples
            if name == "http_req_duration" and window.start - START <= at < window.end - START
        )  # fmt: skip
        assert window.statistics["p(99)"] == percentile(of, 0.99)
        assert window.statistics["p(95)"] == percentile(of, 0.95)
        assert math.isclose(window.statistics["avg"], math.fsum(of) / len(of))
        assert window.statistics["count"] == len(of)
    assert len(found) > 8


def test_thresholds_are_evaluated_as_k6_does_and_those_of_submetrics_are_not_invented(path: Path) -> None:
    file = SampleFile(path)
    _, last = looks(file)[-1]
    judged = {metric.name: metric.tainted for metric in last.metrics or () if metric.tainted is not None}
    p95 = last.metric("http_req_duration")
    assert p95 is not None
    assert judged == {"http_req_duration": p95.sample["p(95)"] >= 60, "http_req_failed": False}
    assert judged["http_req_duration"]
    assert last.status is not None
    assert last.status.tainted
    history = history_of(file)
    assert history.run.plan is not None
    assert {(each.metric, each.source) for each in history.run.plan.thresholds} == {
        ("http_req_duration", "p(95)<60"),
        ("http_req_duration", "p(99.9)<5000"),
        ("http_req_failed", "rate<0.05"),
    }
    assert [scenario.name for scenario in history.run.plan.scenarios] == ["main"]
    titles = [event.title for event in history.events]
    assert "http_req_duration{status:500}: thresholds not known" in titles
    assert "http_req_duration{expected_response:true}: thresholds not known" not in titles
    assert "http_req_duration crossed" in titles


def test_each_threshold_is_told_with_its_own_number_whatever_percentile_it_is_on(tmp_path: Path) -> None:
    sources = ["p(99)<60", "p(12.5)<60", "p(99.99999)<60", "p(50)<60"]
    about = {"name": "n", "type": "trend", "contains": "time", "thresholds": sources, "submetrics": None}
    values = [float(value) for value in range(1, 101)]
    file = written(
        tmp_path,
        json.dumps({"type": "Metric", "data": about, "metric": "n"}),
        *(point_line("n", START + value / 20, value, {}) for value in values),
    )
    run = history_of(file).run
    lines = {line.source: line for line in threshold_lines(run, None)}
    for source, share in zip(sources, (0.99, 0.125, 0.9999999, 0.5), strict=True):
        line, value = lines[source], percentile(values, share)
        assert line.number.value == pytest.approx(value), source  # pyright: ignore[reportUnknownMemberType]
        assert (line.standing is Standing.FAILS) == (value >= 60)
        assert line.crossed is None
        assert "k6" not in line.note


def test_vus_state_and_end(path: Path) -> None:
    file = SampleFile(path)
    told = looks(file)
    statuses = [snapshot.status for _, snapshot in told]
    assert all(status is not None and status.status == ExecutionStatus.RUNNING for status in statuses)
    assert [status.vus for status in statuses[2:] if status is not None] == [10] * (len(statuses) - 2)
    *_, last = observations(file)
    assert isinstance(last.outcome, Outage)
    assert last.outcome.kind is OutageKind.CLOSED
    history = history_of(file)
    assert history.run.state() is State.ENDED
    assert history.run.has_gone
    assert history.round_trip is None
    assert history.costs.recent(last.at) is None, "nobody was asked anything"


def test_groups_and_checks_are_k6s_tree(tmp_path: Path) -> None:
    def check(group: str, name: str, value: int) -> str:
        return point_line("checks", START + 1, value, {"group": group, "check": name})

    file = written(
        tmp_path,
        metric_line("checks", "rate"),
        metric_line("group_duration", "trend", "time"),
        check("::outer::inner", "deep", 1),
        check("::outer::inner", "deep", 0),
        check("", "root \u001b[31m", 1),
        point_line("group_duration", START + 1, 3, {"group": "::empty"}),
        point_line("data_sent", START + 1, 3, {"group": "::setup"}),
    )
    _, last = looks(file)[-1]
    groups = {group.path: group for group in last.groups or ()}
    assert list(groups) == ["", "::empty", "::outer", "::outer::inner"]
    assert groups[""].id == "d41d8cd98f00b204e9800998ecf8427e"
    assert groups["::outer"].parent_id == groups[""].id
    assert groups["::outer::inner"].parent_id == groups["::outer"].id
    (deep,) = groups["::outer::inner"].checks
    assert (deep.name, deep.passes, deep.fails) == ("deep", 1, 1)
    assert deep.id == hashlib.md5(b"::outer::inner::deep", usedforsecurity=False).hexdigest()
    assert groups["::empty"].checks == ()


def test_a_compressed_file_tells_the_same_whatever_it_is_called(path: Path, tmp_path: Path) -> None:
    disguised = tmp_path / "samples.json"
    disguised.write_bytes(gzip.compress(path.read_bytes()))
    plain, packed = open_replayable(path), open_replayable(disguised)
    assert list(packed.entries()) == list(plain.entries())
    *_, end = observations(SampleFile(path))
    assert isinstance(end.outcome, Outage)
    assert plain.last_at is not None
    assert abs(plain.last_at - end.at) < 1e-5, "whoever goes to the end sees that the test has ended"
    assert plain.last_at >= end.at
    assert packed.last_at is None
    assert (plain.trouble, packed.trouble) == ("", "")
    assert packed.share == 1.0


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_torn_file_is_read_up_to_the_tear_and_that_is_said(path: Path, tmp_path: Path, is_packed: bool) -> None:
    whole = path.read_bytes()
    content = gzip.compress(whole) if is_packed else whole
    reference = looks(SampleFile(path))
    dice = random.Random(5)
    seen: set[int] = set()
    for cut in sorted(dice.sample(range(len(content) // 5, len(content) - 1), 12)):
        torn = tmp_path / "torn"
        torn.write_bytes(content[:cut])
        file = SampleFile(torn)
        told = looks(file)
        assert told[:-1] == reference[: len(told) - 1], "what is before the tear is as it was"
        seen.add(len(told))
        if content[cut - 1 : cut] == b"\n" and not is_packed:
            continue
        assert file.trouble.startswith("It ends in the middle of a line: k6 was killed")
        assert history_of(file).run.state() is State.RUNNING, "nobody saw it end"
    assert len(seen) > 3


@pytest.mark.parametrize("kept", ["2023-11-14", "2023-11-14T10", "2023-11-14T22:13", "2023-11-14T22:13:29.123"])
def test_a_time_that_was_cut_off_is_not_taken_for_the_end(tmp_path: Path, kept: str) -> None:
    whole = [metric_line("n", "counter"), *(point_line("n", START + at, 1, {}) for at in range(9))]
    torn = tmp_path / "torn.json"
    torn.write_text("\n".join([*whole, '{"metric":"n","type":"Point","data":{"time":"' + kept]))
    assert SampleFile(torn).find_end() == SampleFile(torn).last_at == pytest.approx(START + 8, abs=0.002)  # pyright: ignore[reportUnknownMemberType]


def test_lines_written_in_another_way_are_read_too(tmp_path: Path) -> None:
    old = json.dumps({"type": "Point", "data": {"time": stamp(START + 0.5), "value": 2, "tags": None}, "metric": "n"})
    file = written(
        tmp_path,
        metric_line("n", "counter"),
        old,
        point_line("n", START + 0.6, 3, {"a": "b"}, metadata={"vu": "1", "iter": "77"}),
        point_line("n", START + 0.7, 5, {"a": "b"}, metadata={"vu": "2", "iter": "78"}),
        '{"metric": "n", "type": "Point", "data": {"time": "2023-11-15T00:13:20.9+02:00", "value": 7, "tags": {}}}',
    )
    at, last = looks(file)[-1]
    assert at == START + 0.9
    metric = last.metric("n")
    assert metric is not None
    assert metric.sample["count"] == 17
    assert file.trouble == ""


def test_samples_that_come_late_count_from_when_they_came(tmp_path: Path) -> None:
    """As in k6's own statistics, which know no times."""
    times = (0.5, 1.2, 0.9, 1.9, 2.1, 1.95, 5.5)
    lines = [point_line("n", START + at, 1, {}) for at in times]
    file = written(tmp_path, metric_line("n", "counter"), *lines)
    counts = [
        (round(at - START, 3), (snapshot.metric("n") or pytest.fail("n")).sample["count"])
        for at, snapshot in looks(file)
    ]
    assert counts == [(1, 1), (2, 4), (3, 6), (5, 6), (5.5, 7)]


def test_damaged_lines_are_counted_and_left_out(tmp_path: Path) -> None:
    good = [point_line("n", START + at / 10, 1, {"i": str(at)}) for at in range(10)]
    bad = [
        '{"metric":"n","type":"Point","data":{"time":"yesterday","value":1,"tags":{}}}',
        good[0].replace('"value":1', '"value":one'),
        good[0].replace('"tags":{', '"tags":{{').replace('"i":"0"', '"i":"new"'),
        "garbage",
        '{"type":"Metric"}',
        "[" * 100_000,
        "x" * (sample_file._LONGEST + 50_000),  # pyright: ignore[reportPrivateUsage]
    ]
    file = written(tmp_path, metric_line("n", "counter"), *good[:5], *bad, *good[5:])
    _, last = looks(file)[-1]
    metric = last.metric("n")
    assert metric is not None
    assert metric.sample["count"] == 10
    # A line beyond all bounds leaves an empty one.
    assert file.damages == len(bad) - 1
    assert file.trouble == "It is damaged: 6 lines are none of k6's and left out."


def test_groups_deeper_than_any_test_has_are_damage(tmp_path: Path) -> None:
    deep, deepest = "::g" * MOST_LEVELS, "::g" * 3000
    file = written(
        tmp_path,
        metric_line("checks", "rate"),
        metric_line("group_duration", "trend", "time"),
        *(point_line("checks", START + 1, 1, {"group": group, "check": "c"}) for group in (deep, deepest)),
        point_line("group_duration", START + 1, 5, {"group": deepest}),
    )
    _, last = looks(file)[-1]
    assert last.groups is not None
    assert [group.path for group in last.groups] == ["::g" * level for level in range(MOST_LEVELS + 1)]
    assert [check.passes for check in last.groups[-1].checks] == [1]
    assert file.trouble == "It is damaged: 2 lines are none of k6's and left out."


def test_infinite_samples_poison_their_metric_and_no_other(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        metric_line("t", "trend"),
        metric_line("n", "counter"),
        point_line("t", START + 0.1, 4, {}),
        point_line("t", START + 0.2, 9, {}).replace(":9,", ":+Inf,"),
        point_line("n", START + 0.3, 1e308, {}),
        point_line("n", START + 0.4, 1e308, {}),
    )
    _, last = looks(file)[-1]
    assert last.poisoned == ("n", "t")
    trend, counter = last.metric("t"), last.metric("n")
    assert trend is not None
    assert trend.sample["max"] == 4
    assert counter is not None
    assert counter.sample == {}
    assert all(math.isfinite(value) for window in windows(file) for value in window.statistics.values())


def test_a_file_without_its_beginning_says_what_it_leaves_out(path: Path, tmp_path: Path) -> None:
    lines = path.read_text().splitlines()[len(BEGINNING) :]
    file = written(tmp_path, *lines)
    _, last = looks(file)[-1]
    assert last.metric("http_reqs") is not None
    assert last.metric("my_trend") is None
    assert "1 of the script's metric" in file.trouble


Brief = tuple[str, float, float, dict[str, str]]
BEGINNINGS: list[tuple[list[Brief], float]] = [
    ([("iterations", 2.0, 1, {}), ("iteration_duration", 2.0, 1500, {})], 0.5),
    ([("vus_max", 1.0, 3, {}), ("data_sent", 1.4, 0, {"group": "::setup"}), ("iterations", 1.6, 1, {})], 0.0),
    # While k6 makes its VUs there are more each second; only then comes setup().
    (
        [("vus_max", at, at, {}) for at in (1.0, 2.0, 3.0)]
        + [("vus_max", 4.0, 3, {}), ("data_sent", 4.2, 0, {"group": "::setup"})],
        2.0,
    ),
    ([("vus_max", 1.0, 3, {}), ("vus_max", 2.0, 3, {})], 0.0),
]


@pytest.mark.parametrize(("lines", "start"), BEGINNINGS)
def test_the_clock_begins_with_the_earliest_thing_that_is_told(
    tmp_path: Path, lines: list[Brief], start: float
) -> None:
    file = written(tmp_path, *(point_line(name, START + at, value, tags) for name, at, value, tags in lines))
    assert file.header.start == START + start


def test_setup_and_teardown_are_told_as_far_as_samples_tell_them(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        *BEGINNING,
        *(point_line("vus_max", START + at, 1, {}) for at in range(1, 6)),
        point_line("data_sent", START + 2.5, 0, {"group": "::setup"}),
        point_line("iterations", START + 6.5, 1, {"scenario": "main"}),
        point_line("http_reqs", START + 7.5, 1, {"group": "::teardown"}),
        point_line("http_reqs", START + 8.5, 1, {"group": "::teardown"}),
    )
    states = [(round(at - START), snapshot.status.state) for at, snapshot in looks(file) if snapshot.status is not None]
    assert (2, State.STARTING) in states
    assert (5, State.RUNNING) in states
    assert states[-1] == (8, State.TEARDOWN)


def test_memory_does_not_grow_with_the_samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for a tenth of them, four times as many samples need the same memory, but for a number a look."""

    def peak(count: int) -> int:
        file = SampleFile(write_samples(tmp_path / "samples.json", count, per_second=10_000))
        tracemalloc.start()
        for _ in file.entries():
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    monkeypatch.setattr(sample_file, "Room", lambda: Room(most=5000))
    few, many = peak(50_000), peak(200_000)
    assert many < 1.5 * few
    assert many < 10e6


def test_a_second_with_very_many_samples_is_told_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_file, "MOST_WAITING", 1000)
    file = SampleFile(write_samples(tmp_path / "samples.json", 20_000, per_second=8000))
    told = looks(file)
    assert len(told) > 15
    assert all(before < after for (before, _), (after, _) in itertools.pairwise(told))
    (metric,) = [metric for metric in told[-1][1].metrics or () if metric.name == "http_reqs"]
    assert metric.sample["count"] == sum(
        line.count('"metric":"http_reqs","type":"Point"') for line in sample_lines(20_000, per_second=8000)
    )


def test_where_not_all_samples_are_kept_that_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_file, "Room", lambda: Room(most=3000))
    file = SampleFile(path)
    notes = [entry.event.title for entry in file.entries() if isinstance(entry, Note)]
    assert "percentiles are rounded" in notes


def test_what_is_not_known_of_a_submetric_is_told_once(tmp_path: Path) -> None:
    announced = metric_line("my_trend", "trend", "default", ["a:b"])
    points = (point_line("my_trend", START + at, 1, {"a": "b"}) for at in range(1, 6))
    told = [entry.event.title for entry in written(tmp_path, announced, *points).entries() if isinstance(entry, Note)]
    assert [title for title in told if "not known" in title] == ["my_trend{a:b}: thresholds not known"]


def test_the_end_of_a_compressed_file_is_found_where_a_line_is_torn_between_two_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "_MOST", 200)
    for more in range(0, 200, 9):
        path = tmp_path / f"{more}.gz"
        points = (point_line("http_reqs", START + at, 1, {}) for at in range(2, 9))
        lines = (
            metric_line("http_reqs", "counter"),
            point_line("http_reqs", START + 1, 1, {"pad": "x" * more}),
            *points,
        )
        path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
        assert SampleFile(path).find_end() == START + 8 + 0.001

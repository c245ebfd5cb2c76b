"""Exports: other tools read them, they hold what was recorded, and hostile names do no harm in them."""

from __future__ import annotations

import asyncio
import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars
import pytest
from prometheus_client.openmetrics import parser as untyped_parser

from dashboard.cli import main
from dashboard.export.formats import FORMATS
from dashboard.model.derive import INTERVAL_MEAN
from dashboard.model.metric import Metric
from dashboard.playback import Playback
from dashboard.sources.base import Reading
from dashboard.sources.record_file import Recording
from dashboard.sources.recording import Header
from dashboard.view.tick import Tick, Ticks
from tests.harness.terminal import K6DASH
from tests.model.building import Load, Story, counter, gauge, share, trend
from tests.sources.recordings import TARGET as SIMULATED
from tests.sources.recordings import simulated_readings, written

PROMETHEUS: Any = untyped_parser
HOSTILE = '=a\x1b[31m"\r\n,\ud800\\'
HEADER = Header("localhost:6565", 1_700_000_000.0, 1.0, "k6dash test")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of a simulated run."""
    readings: list[Reading] = asyncio.run(simulated_readings(60))
    return written(tmp_path_factory.mktemp("recording") / "run.k6d", readings)


def told() -> list[Tick]:
    """A made-up run of three looks, with hostile names, an outage and a counter that falls."""
    story, ticks, load = Story(), Ticks(), Load()
    found: list[Tick | None] = []
    for number in (1, 2, 3):
        load.elapsed += 1
        load.request(10.0 * number, failed=number == 1)
        more: list[Metric] = [
            counter("falling", 5 - number, load.elapsed),
            counter(f"late_{number}", number, load.elapsed),
            trend('http_req_duration{name:a"b\nc,status:200}', 2000.0),
            share(HOSTILE, 0.5, tainted=True),
            gauge("my-gauge", -3.0),
        ]
        story.see(load.metrics(*more))
        found.append(ticks.next(story.history))
    story.miss()
    found.append(ticks.next(story.history))
    return [tick for tick in found if tick is not None]


def exported(form: str, ticks: list[Tick]) -> bytes:
    out = BytesIO()
    FORMATS[form](HEADER, lambda: ticks, out)
    return out.getvalue()


# As other tools read it


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_table_is_loaded_by_polars_and_holds_every_look(form: str, recording: Path, tmp_path: Path) -> None:
    path = tmp_path / f"run.{form}"
    assert main(["export", str(recording), "-o", str(path)]) == 0
    frame: Any = polars.read_csv(path) if form == "csv" else polars.read_parquet(path)
    playback = Playback(Recording(recording))
    run = playback.finish().run
    assert frame.height == 60
    assert frame["http_reqs count"].drop_nulls().is_sorted()
    requests = run.metric("http_reqs")
    assert requests is not None
    assert frame["http_reqs count"][-1] == requests.sample["count"]
    means = frame["http_req_duration interval avg"].drop_nulls()
    assert means.len() > 50
    last = run.last_row
    assert last is not None
    assert means[-1] == run.value("http_req_duration", INTERVAL_MEAN, last)
    assert frame["state"][-1] == "running"
    if form == "parquet":
        assert str(frame["time"].dtype) == "Datetime(time_unit='us', time_zone='UTC')"


def test_json_is_one_document_with_every_look(recording: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export", str(recording), "--format", "json"]) == 0
    document = json.loads(capsysbinary.readouterr().out)
    assert (document["schema"], document["target"]) == ("k6dash.export/1", SIMULATED)
    assert len(document["ticks"]) == 60
    assert document["ticks"][-1]["metrics"]["http_reqs"]["cumulative"]["count"] > 100


def test_time_series_are_read_by_prometheus_own_parser(recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.prom"
    assert main(["export", str(recording), "-o", str(path)]) == 0
    families = {family.name: family for family in PROMETHEUS.text_string_to_metric_families(path.read_text())}
    assert families["k6_http_reqs"].type == "counter"
    totals = [sample.value for sample in families["k6_http_reqs"].samples]
    assert totals == sorted(totals)
    samples = families["k6_http_req_duration_p95"].samples
    assert {"tier": "payment", "target": SIMULATED} in [dict(sample.labels) for sample in samples]
    assert 0.01 < max(sample.value for sample in samples) < 10  # seconds
    for name in ("k6_http_req_duration_interval_avg", "k6_http_req_failed_rate", "k6_vus", "k6dash_elapsed_seconds"):
        assert families[name].type == "gauge"
    assert path.read_text().endswith("# EOF\n")


# What could go wrong


def test_columns_that_come_late_are_empty_before_and_an_outage_is_a_row() -> None:
    rows = list(_rows(exported("csv", told())))
    assert [row["late_2 count"] for row in rows] == ["", "2.0", "", ""]
    assert [row["outage"] for row in rows] == ["", "", "", "timed out"]
    assert [row["http_req_duration interval avg"] for row in rows] == ["", "20.0", "30.0", ""]
    assert [row["my-gauge value"] for row in rows] == ["-3.0", "-3.0", "-3.0", ""]


def test_a_name_that_is_a_formula_begins_no_cell() -> None:
    text = exported("csv", told()).decode()
    names = next(iter(_lines(text)))
    assert not [name for name in names if name.startswith(("=", "+", "-", "@"))]
    assert any(name.startswith("'=a") for name in names)


def test_hostile_labels_are_escaped_and_a_falling_counter_is_none() -> None:
    text = exported("openmetrics", told()).decode()
    families = {family.name: family for family in PROMETHEUS.text_string_to_metric_families(text)}
    labels = [dict(sample.labels) for sample in families["k6_http_req_duration_p95"].samples]
    assert {"name": 'a"b\nc', "status": "200", "target": "localhost:6565"} in labels
    assert families["k6_falling"].type == "gauge"
    assert all(family.name.isascii() for family in families.values())


def test_hostile_names_are_text_in_parquet() -> None:
    frame: Any = polars.read_parquet(BytesIO(exported("parquet", told())))
    assert any("\\ud800" in name for name in frame.columns)
    assert frame.height == 4


def test_without_pyarrow_one_line_says_what_to_install(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "dashboard.export.parquet", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(["export", str(recording), "-o", str(tmp_path / "run.parquet")]) == 2
    assert "parquet needs pyarrow: pip install 'k6dash[parquet]'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_recording_is_not_overwritten_by_what_is_made_of_it(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = recording.read_bytes()
    assert main(["export", str(recording), "-o", str(recording)]) == 2
    assert "is what is read; name another file" in capsys.readouterr().err
    assert recording.read_bytes() == before


def test_a_file_that_cannot_be_written_or_read_is_said_in_one_line(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(recording), "-o", str(tmp_path / "no" / "run.csv")]) == 2
    assert "cannot be written: No such file or directory" in capsys.readouterr().err
    assert main(["export", str(tmp_path / "nothing")]) == 2
    assert "cannot be read: No such file or directory" in capsys.readouterr().err


def test_a_reader_that_has_enough_ends_it_quietly(recording: Path) -> None:
    done = subprocess.run(
        f"{' '.join(K6DASH)} export {recording} --format json | head -c 10; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("141\n")
    assert done.stderr == ""


def test_the_same_ticks_come_from_a_recording_as_when_it_was_live(recording: Path) -> None:
    ticks = list(Playback(Recording(recording)).ticks())
    again = list(Playback(Recording(recording)).ticks())
    assert ticks == again
    assert all(earlier.at < later.at for earlier, later in pairwise(ticks))


def _lines(text: str) -> Iterator[list[str]]:
    yield from csv.reader(text.splitlines(keepends=True))


def _rows(data: bytes) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(data.decode().splitlines(keepends=True))

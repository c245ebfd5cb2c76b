"""One place decides what a file is, by what is in it; what cannot be replayed is said in one line, soon."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.errors import UsageError
from dashboard.sources.dashboard_file import DashboardFile
from dashboard.sources.record_file import Recording
from dashboard.sources.replayable import open_replayable
from dashboard.sources.sample_file import SampleFile
from tests.harness.terminal import K6DASH
from tests.harness.waiting import PATIENCE
from tests.sources.k6_files import BEGINNING, START, point_line, write_samples
from tests.sources.recordings import simulated_readings, written

DASHBOARD = (
    json.dumps({"event": "param", "data": {"thresholds": {}, "scenarios": ["main"], "period": 2000}})
    + "\n"
    + json.dumps({"event": "start", "data": [[START * 1000]]})
    + "\n"
)


async def test_a_file_is_what_is_in_it_whatever_it_is_called(tmp_path: Path) -> None:
    recording = written(tmp_path / "samples.json", await simulated_readings(3))
    samples = write_samples(tmp_path / "run.ndjson.gz", 100)
    events = tmp_path / "run"
    events.write_text(DASHBOARD)
    for path, kind in ((recording, Recording), (samples, SampleFile), (events, DashboardFile)):
        for packed in (False, True):
            if packed and path is not recording:
                content = path.read_bytes()
                content = content if content[:2] == b"\x1f\x8b" else gzip.compress(content)
                path.write_bytes(content)
            assert type(open_replayable(path)) is kind
    assert open_replayable(events).header.interval == 2.0


def make(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def make_long_line(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 30)


def make_long_line_packed(path: Path) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(100):
            file.write(b" " * 1_000_000)


HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty": (make(b""), "is empty"),
    "packed nothing": (make(gzip.compress(b"")), "does not begin with a line"),
    "binary": (make(bytes(range(256)) * 300), "holds nothing that k6 writes"),
    "binary without a line": (make(b"\x00\xff" * 100_000), "does not begin with a line"),
    "other lines of JSON": (make(b'{"level":"info","msg":"hello"}\n' * 9), "lines of JSON that are not k6's"),
    "a list": (make(b"[1,2,3]\n"), "holds nothing that k6 writes"),
    "deep": (make(b"[" * 50_000 + b"\n"), "holds nothing that k6 writes"),
    "summary": (make(b'{\n    "metrics": {}\n}\n'), "k6's summary"),
    "csv": (make(b"metric_name,timestamp,metric_value\nvus,1,1\n"), "--out csv"),
    "page": (make(b"<!DOCTYPE html>\n<html>\n"), "HTML"),
    "no samples": (make("\n".join(BEGINNING).encode() + b"\n"), "no sample in it"),
    "no start": (make(DASHBOARD.encode().splitlines(keepends=True)[0]), "not how the test began"),
    "torn gzip": (make(gzip.compress(b"x" * 1000)[:12]), "holds nothing that k6 writes"),
    "one line without an end": (make(b'{"a":1}'), "lines of JSON that are not k6's"),
    "a line of 1 GB": (make_long_line, "does not begin with a line"),
    "a line of 100 MB, packed": (make_long_line_packed, "does not begin with a line"),
    "folder": (lambda path: path.mkdir(), "is no file but a folder"),
    "pipe": (os.mkfifo, "is no file but a pipe"),
    "nothing": (lambda path: None, "cannot be read: No such file"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_replayed_is_said_in_one_line_and_costs_little(tmp_path: Path, name: str) -> None:
    prepare, words = HOSTILE[name]
    path = tmp_path / "file"
    prepare(path)
    tracemalloc.start()
    with pytest.raises(UsageError, match=words) as raised:
        open_replayable(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "\n" not in str(raised.value)
    assert most < 5e6


@pytest.mark.parametrize("command", [["replay"], ["export"], ["report", "--format", "md"], ["diff", "{good}"]])
def test_every_command_refuses_a_foreign_file_alike(tmp_path: Path, command: list[str]) -> None:
    good, bad = write_samples(tmp_path / "good", 3000), tmp_path / "bad"
    bad.write_text('{"hello":"world"}\n')
    words = [word.replace("{good}", str(good)) for word in command]
    done = subprocess.run(
        [*K6DASH, *words, str(bad)],
        capture_output=True,
        text=True,
        timeout=6 * PATIENCE,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"k6dash: {bad} holds lines of JSON that are not k6's; k6dash replays what k6dash record")


def test_a_file_of_samples_that_lacks_its_beginning_is_one_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "rest"
    path.write_text(point_line("http_reqs", START, 1, {}) + "\n")
    assert type(open_replayable(path)) is SampleFile

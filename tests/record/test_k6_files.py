"""Files that k6 wrote, opened by every command that opens a recording."""

from __future__ import annotations

import csv
import re
import subprocess
from pathlib import Path

import pytest

from dashboard.clock import SystemClock
from dashboard.model.reel import Reel
from dashboard.replay import ReplaySession
from dashboard.sources.replayable import open_replayable
from dashboard.view.format import UNKNOWN
from tests.harness.terminal import K6DASH
from tests.harness.waiting import PATIENCE
from tests.sources.k6_files import START, metric_line, point_line, write_samples


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*K6DASH, *words], capture_output=True, text=True, timeout=6 * PATIENCE, check=False)


@pytest.mark.parametrize("name", ["samples.json", "samples.json.gz"])
async def test_a_session_reads_it_bit_by_bit_and_tells_how_far_it_has_come(tmp_path: Path, name: str) -> None:
    file = open_replayable(write_samples(tmp_path / name, 60_000))
    session = ReplaySession(file, SystemClock())
    reels: list[Reel] = []
    session.on_change.append(lambda _: reels.append(session.reel))
    await session.run()
    history = session.histories[session.target]
    assert history.run.last_row is not None
    assert session.reel.share == 1.0
    assert session.reel.end == pytest.approx(history.run.last_row, abs=0.002)  # pyright: ignore[reportUnknownMemberType]
    shares = [reel.share for reel in reels]
    assert all(0.0 <= share <= 1.0 for share in shares)
    assert min(shares) < 0.5, "who waits has a turn before all is read"
    assert file.find_end() == pytest.approx(history.run.last_row, abs=0.002)  # pyright: ignore[reportUnknownMemberType]


async def test_the_end_of_a_replay_is_the_newest_sample_even_where_the_last_one_came_late(tmp_path: Path) -> None:
    path = tmp_path / "samples.json"
    times = (1.0, 2.0, 300.0, 250.0)
    path.write_text("\n".join([metric_line("n", "counter"), *(point_line("n", START + at, 1, {}) for at in times), ""]))
    session = ReplaySession(open_replayable(path), SystemClock())
    await session.run()
    history = session.histories[session.target]
    assert history.last is not None
    assert session.reel.end == history.last.at >= START + 300
    assert session.reel.share == 1.0


def test_a_table_of_it_has_a_row_a_second(tmp_path: Path) -> None:
    path = write_samples(tmp_path / "samples.json.gz", 10_000)
    done = run("export", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    counts = [float(row["http_reqs count"]) for row in rows if row["http_reqs count"]]
    assert counts == sorted(counts)
    assert counts[-1] == 625
    assert rows[-1]["state"] == "ended"
    assert float(rows[3]["http_req_duration period p(99)"]) > float(rows[3]["http_req_duration interval avg"])


def test_two_of_them_are_compared(tmp_path: Path) -> None:
    """Every trend can be: unlike k6's API, the samples count themselves."""
    before = write_samples(tmp_path / "a.json", 40_000, seed=1)
    after = write_samples(tmp_path / "b.json", 40_000, seed=2)
    done = run("diff", str(before), str(after), "--all")
    assert done.returncode == 0, done.stderr
    assert "my_trend" in done.stdout
    assert "http_req_duration" in done.stdout
    assert run("diff", str(before), str(before), "--fail-on-regression", "1%").returncode == 0


def test_a_torn_one_is_reported_on_and_that_is_said(tmp_path: Path) -> None:
    path = write_samples(tmp_path / "samples.json.gz", 20_000)
    path.write_bytes(path.read_bytes()[:-20_000])
    report = run("report", str(path), "--format", "md")
    assert report.returncode == 0
    assert "k6 was killed" in report.stdout
    assert "Told in: periods of 1 s" in report.stdout
    assert "Looked at" not in report.stdout, "nobody did"
    export = run("export", str(path))
    assert export.returncode == 0
    assert "It ends in the middle of a line" in export.stderr


def test_a_report_tells_each_threshold_by_all_samples_and_no_word_of_k6s(tmp_path: Path) -> None:
    report = run("report", str(write_samples(tmp_path / "samples.json", 20_000)))
    assert report.returncode == 0
    (row,) = re.findall(r"<tr>(?:(?!</tr>).)*p\(99\.9\)&lt;5000.*?</tr>", report.stdout)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
    assert re.fullmatch(r"[0-9.]+ms", cells[2])
    assert cells[5:] == ["holds", UNKNOWN, UNKNOWN]
    assert "evaluated on all samples in the file (Σ); what k6 says is not in it." in report.stdout
    assert "API gave" not in report.stdout

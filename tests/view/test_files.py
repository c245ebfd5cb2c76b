"""What the screens say of a file that k6 wrote: what it cannot tell is marked so, and not invented."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.model.action import Verb
from dashboard.model.capability import PAST
from dashboard.model.history import TargetHistory
from dashboard.model.run import State
from dashboard.model.run_history import RunHistory
from dashboard.rebuild import history_of
from dashboard.report.content import build_content
from dashboard.sources.replayable import open_replayable
from dashboard.view.chart import Kind
from dashboard.view.checks import build_checks
from dashboard.view.generator import build_generator
from dashboard.view.header import build_header
from dashboard.view.metrics import build_metric
from dashboard.view.no_log import no_log
from dashboard.view.selection import Selection
from dashboard.view.setup import build_setup
from dashboard.view.thresholds import threshold_lines
from dashboard.view.tick import Ticks
from dashboard.view.units import kind_of
from tests.sources.k6_files import write_samples

DASHBOARD = Path(__file__).parents[1] / "sources" / "golden" / "dashboard-v2.2.0.ndjson.gz"
KINDS = ("samples", "dashboard")


@pytest.fixture(scope="module", params=KINDS)
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "dashboard":
        return DASHBOARD
    return write_samples(tmp_path_factory.mktemp("k6") / "samples.json", 15_000)


@pytest.fixture(scope="module")
def history(path: Path) -> TargetHistory:
    return history_of(open_replayable(path))


def at_end(run: RunHistory, metric: str | None = None) -> Selection:
    return Selection(cursor=run.last_row, metric=metric)


def test_the_clock_is_an_estimate_and_so_are_rates_over_it(history: TargetHistory) -> None:
    frame = build_header(
        history, at_end(history.run), now=0.0, interval=1.0, cadence=1.0, capabilities=dict.fromkeys(Verb, PAST)
    )
    assert frame.elapsed_is_estimate
    assert (frame.round_trip, frame.age) == (None, None)
    assert kind_of(history.run, "http_reqs", "rate") is Kind.ESTIMATED
    assert kind_of(history.run, "http_reqs", "count") is Kind.CUMULATIVE
    tick = Ticks().next(history)
    assert tick is not None
    assert tick.round_trip is None, "nobody was asked"


def test_what_k6_does_not_write_is_said_to_be_missing(history: TargetHistory) -> None:
    run, selection = history.run, at_end(history.run)
    assert build_setup(history, selection, frozenset()).empty == "k6 does not write the setup data into this file"
    generator = build_generator(history, selection, run.last_row or 0.0)
    assert "k6 writes nothing of its process" in str(generator.verdict)
    assert "measuring" not in str(generator.verdict).lower()
    assert no_log(run) == "k6 does not write its log into this file."


def test_checks_are_there_if_the_file_has_them(history: TargetHistory, path: Path) -> None:
    frame = build_checks(history, at_end(history.run))
    if path == DASHBOARD:
        assert frame.empty == "groups and checks are not in what k6's web dashboard records"
    else:
        assert frame.note == "Counted from every single sample that k6 wrote."
        assert len(frame.rows.keys) == 2


def test_a_verdict_of_k6_is_told_where_the_file_has_one_and_nowhere_else(history: TargetHistory, path: Path) -> None:
    lines = threshold_lines(history.run, history.run.last_row)
    assert lines
    judged = {line.metric: line.crossed for line in lines}
    assert judged["http_req_failed"] is (True if path == DASHBOARD else None)


def test_a_metric_says_how_exact_it_is(history: TargetHistory, path: Path) -> None:
    frame = build_metric(history, at_end(history.run, "http_req_duration"), history.run.last_row or 0.0)
    assert ("rounds to five digits" if path == DASHBOARD else "exact, from every sample") in frame.explanation
    assert "interval p(99)" in [name for name, _ in frame.statistics]


def test_a_report_says_what_it_was_told_by(history: TargetHistory, path: Path) -> None:
    content = build_content(open_replayable(path), history)
    facts = {fact.name: fact.value for fact in content.facts}
    assert facts["Told by"].startswith("k6's web dashboard" if path == DASHBOARD else "every single sample")
    assert facts["File"] == path.name
    assert "how is not in it" in content.verdict
    (duration,) = [figure for figure in content.figures if figure.title == "Duration"]
    assert "k6's clock is not in the file" in duration.note


def test_at_its_end_the_last_numbers_stay_and_the_test_has_ended(history: TargetHistory) -> None:
    last = history.last
    assert last is not None
    frame = build_header(
        history, Selection(cursor=last.at), now=0.0, interval=1.0, cadence=1.0, capabilities=dict.fromkeys(Verb, PAST)
    )
    assert (frame.state, frame.elapsed is None, frame.vus is None) == (State.ENDED, False, False)
    assert history.run.value("http_reqs", "count", last.at)

"""What a tick looks like: the kinds of its numbers, stable columns, and nothing that could do harm."""

from __future__ import annotations

import csv
import json
from typing import Any

import click
import pytest

from dashboard.headless.formats import COLUMNS, FORMATS, Format
from dashboard.headless.lines import REPEAT, Lines, Page
from dashboard.model.group import Check, Group
from dashboard.model.metric import Contains, Metric, MetricType
from dashboard.model.observation import Observation, OutageKind, Snapshot
from dashboard.model.window import Window
from dashboard.view.format import UNKNOWN, text_width
from dashboard.view.tick import Ticks
from tests.model.building import Load, Story, at_work, counter, gauge, share, trend

HOSTILE = 'a\x1b[31m"\r\n,=\u202e\x85\ud800'


def told(story: Story, form: Format, ticks: Ticks) -> str:
    tick = ticks.next(story.history)
    assert tick is not None
    return form.write(tick)


def second(story: Story, load: Load, durations: list[float], failed: int = 0, *more: Metric) -> None:
    for place, duration in enumerate(durations):
        load.request(duration, failed=place < failed)
    load.elapsed += 1
    story.see(load.metrics(*more))


def test_a_document_holds_each_number_with_its_kind() -> None:
    story, load, ticks, form = Story(), Load(), Ticks(), FORMATS["ndjson"](Page())
    second(story, load, [10.0] * 4, 1, gauge("vus", 3), share("checks", 0.5, tainted=True))
    told(story, form, ticks)
    second(story, load, [40.0] * 4, 3, gauge("vus", 4), share("checks", 0.75, tainted=True))
    document = json.loads(told(story, form, ticks))
    assert document["schema"] == "k6dash.tick/1"
    assert (document["state"], document["vus"], document["vus_max"]) == ("running", 3, 5)
    assert (document["elapsed"], document["interval"], document["crossed"]) == (2.0, 1.0, ["checks"])
    metrics = document["metrics"]
    assert metrics["http_reqs"]["cumulative"] == {"count": 8.0, "rate": 4.0}
    assert metrics["http_reqs"]["interval"] == {"rate": 4.0}
    assert metrics["http_req_duration"]["cumulative"]["avg"] == 25.0
    assert metrics["http_req_duration"]["interval"] == {"avg": 40.0}
    assert metrics["http_req_failed"]["interval"] == {"rate": 0.75}
    assert metrics["vus"] == {"type": "gauge", "contains": "default", "tainted": None, "now": {"value": 4.0}}
    assert metrics["checks"] == {
        "type": "rate",
        "contains": "default",
        "tainted": True,
        "cumulative": {"rate": 0.75},
    }


def test_what_is_read_one_by_one_is_called_an_estimate() -> None:
    story, ticks, form = Story(), Ticks(), FORMATS["ndjson"](Page())
    for count in (10, 20, 30):
        story.see(
            (counter("http_reqs", count, count / 10), trend("http_req_duration", 5.0)), coherent=False, poisoned=("x",)
        )
        document = json.loads(told(story, form, ticks))
    assert document["poisoned"] == ["x"]
    assert document["coherent"] is False
    assert document["metrics"]["http_req_duration"]["estimated"] == {"avg": 5.0}
    assert "interval" not in document["metrics"]["http_req_duration"]


def test_a_look_that_gave_no_metrics_tells_no_old_ones() -> None:
    story, load, ticks, form = Story(), Load(), Ticks(), FORMATS["ndjson"](Page())
    second(story, load, [1.0])
    told(story, form, ticks)
    story.see(None, at_work(vus=4))
    document = json.loads(told(story, form, ticks))
    assert (document["metrics"], document["vus"], document["elapsed"]) == (None, 4, 1.0)
    story.miss(OutageKind.TIMED_OUT)
    document = json.loads(told(story, form, ticks))
    assert (document["state"], document["metrics"]) == ("unreachable", None)
    assert document["outage"] == {"kind": "timed out", "message": "it is timed out"}
    assert [event["kind"] for event in document["events"]] == ["outage"]


def test_groups_are_told_when_they_were_asked_for_with_what_was_counted_since() -> None:
    def groups(passes: int, fails: int) -> tuple[Group, ...]:
        check = Check("c1", "is \u001b[31m200", "::outer::is", passes, fails)
        return Group("root", "", "", None, ()), Group("g1", "outer", "::outer", "root", (check,))

    story, ticks, form = Story(), Ticks(), FORMATS["ndjson"](Page())
    metrics = (share("checks", 0.8),)
    documents: list[dict[str, Any]] = []
    for told_groups in (None, groups(8, 2), None, groups(20, 4)):
        story.see(metrics, groups=told_groups)
        documents.append(json.loads(told(story, form, ticks)))
    assert [document["groups"] is None for document in documents] == [True, False, True, False]
    root, outer = documents[1]["groups"]
    assert (root["parent"], root["checks"], outer["parent"]) == (None, [], "root")
    (check,) = outer["checks"]
    assert (check["passes"], check["fails"], check["share"], check["interval"]) == (8, 2, 0.8, None)
    (check,) = documents[3]["groups"][1]["checks"]
    assert check["interval"] == {"seconds": 2.0, "passes": 12, "fails": 2, "share": 12 / 14}


def test_zeros_before_the_clock_runs_are_not_told() -> None:
    story, ticks = Story(), Ticks()
    story.see((trend("http_req_duration", 0.0), share("checks", 0.0)), at_work(4, paused=True))
    tick = ticks.next(story.history)
    assert tick is not None
    assert json.loads(FORMATS["ndjson"](Page()).write(tick))["metrics"]["checks"].get("cumulative") is None
    assert set(FORMATS["lines"](Page()).write(tick).splitlines()[-1].split()[3:]) == {UNKNOWN}


def test_each_event_is_told_once() -> None:
    story, load, ticks = Story(), Load(), Ticks()
    for _ in range(3):
        second(story, load, [1.0], 0, share("checks", 0.5, tainted=True))
    first = ticks.next(story.history)
    assert first is not None
    assert [event.title for event in first.events] == ["checks crossed", "running"]
    assert ticks.next(story.history) is None
    second(story, load, [1.0])
    later = ticks.next(story.history)
    assert later is not None
    assert later.events == ()


def test_a_table_has_the_same_columns_whatever_the_run_has() -> None:
    form, ticks, story, load = FORMATS["csv"](Page()), Ticks(), Story(), Load()
    second(story, load, [1.0] * 2, 1)
    text = told(story, form, ticks)
    story.see((counter("iterations", 5, 2.0),))
    text += told(story, form, ticks)
    story.miss()
    text += told(story, form, ticks)
    rows = list(csv.DictReader(text.splitlines()))
    assert list(rows[0]) == [name for name, _ in COLUMNS]
    assert [len(row) for row in rows] == [len(COLUMNS)] * 3
    assert (rows[0]["http_reqs count"], rows[0]["http_req_duration avg"]) == ("2.0", "1.0")
    assert (rows[1]["http_reqs count"], rows[1]["iterations count"]) == ("", "5.0")
    assert (rows[2]["state"], rows[2]["outage"], rows[2]["iterations count"]) == ("unreachable", "timed out", "")


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_names_steer_no_terminal_break_no_line_and_start_no_formula(name: str) -> None:
    form, ticks, story, load = FORMATS[name](Page()), Ticks(), Story(), Load()
    second(story, load, [1.0], 0, share(HOSTILE, 0.5, tainted=True), share("=cmd|'/c'!A1", 0.5, tainted=True))
    text = told(story, form, ticks)
    text.encode("utf-8", "backslashreplace").decode()
    if name == "csv":
        (row,) = csv.DictReader([text.partition("\n")[0] + "\n", text.partition("\n")[2]])
        assert row["crossed"].startswith("'=cmd")
        return
    assert all(line.isprintable() for line in text.splitlines())
    if name == "ndjson":
        assert HOSTILE in json.loads(text)["metrics"]


def test_lines_are_aligned_under_their_header_and_fit_eighty_cells() -> None:
    form, ticks, story, load = Lines(Page()), Ticks(), Story(), Load()
    text = ""
    for durations in ([0.05] * 3, [12.3] * 4000, [123456.7] * 9):
        load.elapsed += 3600
        second(story, load, durations, 1, counter("iterations", len(durations), load.elapsed + 1))
        text += told(story, form, ticks)
    header, *lines = text.splitlines()
    ends = [
        index for index in range(len(header)) if header[index] != " " and header[index + 1 : index + 2] in ("", " ")
    ]
    for line in lines:
        assert text_width(line) <= 80
        for cell in line.split()[2:]:
            assert line.index(cell) + len(cell) - 1 in ends, f"{cell} in\n{header}\n{line}"


def test_a_header_comes_again_on_a_terminal_and_once_in_a_file() -> None:
    for page, expected in ((Page(lambda: 80), 3), (Page(), 1)):
        form, ticks, story, load = Lines(page), Ticks(), Story(), Load()
        text = ""
        for _ in range(2 * REPEAT + 1):
            second(story, load, [1.0])
            text += told(story, form, ticks)
        assert text.count("Σ p(95)") == expected
        assert "\x1b[" not in text


@pytest.mark.parametrize("columns", [78, 80, 90, 200])
def test_on_a_terminal_no_line_is_wrapped_and_colour_is_never_the_only_sign(columns: int) -> None:
    crossed = [share(f"my_rate_with_a_long_name_{number}", 0.5, tainted=True) for number in range(5)]
    texts: list[str] = []
    for colour in (False, True):
        form, ticks, story, load = Lines(Page(lambda: columns, colour)), Ticks(), Story(), Load()
        second(story, load, [1.0], 0, *crossed)
        texts.append(told(story, form, ticks))
    plain, coloured = texts
    assert all(text_width(line) <= columns for line in plain.splitlines())
    assert ("✗" in plain) == (columns >= 80)
    assert coloured != plain
    assert click.unstyle(coloured) == plain


def test_what_a_test_is_about_decides_whose_times_are_shown() -> None:
    form, ticks, story = Lines(Page()), Ticks(), Story()
    story.see((counter("iterations", 5, 1.0), trend("iteration_duration", 70.0)))
    assert "reqs" not in told(story, form, ticks)
    story.see((counter("iterations", 9, 2.0), trend("iteration_duration", 70.0), trend("grpc_req_duration", 5.0)))
    header, line = told(story, form, ticks).splitlines()
    assert "Σ avg" in header
    assert "5.00ms" in line


def test_data_is_told_in_bytes() -> None:
    story, ticks = Story(), Ticks()
    story.see((counter("data_received", 2048, 2.0, contains=Contains.DATA),))
    tick = ticks.next(story.history)
    assert tick is not None
    found = tick.metric("data_received")
    assert found is not None
    assert (found.type, found.contains, found.cumulative["count"]) == (MetricType.COUNTER, Contains.DATA, 2048.0)


def of_period(story: Story, **statistics: float) -> None:
    """k6's event stream told of a period of http_req_duration."""
    told = {name.replace("_", "(") + ")" * ("_" in name): value for name, value in statistics.items()}
    window = Window("http_req_duration", MetricType.TREND, Contains.TIME, story.now - 1.0, story.now, told)
    story.history.observe(Observation(story.now, 0.0, 0, Snapshot(windows=(window,))))


def test_exact_percentiles_of_a_period_stand_in_every_form_with_their_kind() -> None:
    for name in FORMATS:
        story, load, ticks, form = Story(), Load(), Ticks(), FORMATS[name](Page())
        second(story, load, [10.0] * 4)
        first = told(story, form, ticks)
        load.elapsed += 1
        story.now += 1.0
        of_period(story, avg=11.0, p_95=12.345, p_99=13.0)
        story.now -= 1.0
        second(story, load, [10.0] * 4)
        text = told(story, form, ticks)
        match name:
            case "ndjson":
                period = json.loads(text)["metrics"]["http_req_duration"]["period"]
                assert period == {"avg": 11.0, "p(95)": 12.345, "p(99)": 13.0}
            case "csv":
                (row,) = csv.DictReader([first.splitlines()[0], text])
                assert (row["http_req_duration period p(95)"], row["http_req_duration period max"]) == ("12.345", "")
            case _:
                header, line = text.splitlines()
                assert "Σ p(95)" in first
                place = header.index("Δ p(95)")
                assert line[place : place + 7].split() == ["12.3ms"]


def test_the_last_line_of_a_run_tells_of_the_whole_run_again() -> None:
    story, load, ticks, form = Story(), Load(), Ticks(), FORMATS["lines"](Page())
    second(story, load, [10.0] * 4)
    of_period(story, p_95=12.0)
    assert "Δ p(95)" in told(story, form, ticks)
    load.elapsed += 1
    story.see(load.metrics(), at_work(9))
    header, line = told(story, form, ticks).splitlines()
    assert "Σ p(95)" in header
    assert "ended" in line

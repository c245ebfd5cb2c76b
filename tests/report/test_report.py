"""Reports: whole, harmless whatever k6 said, and honest about what was not recorded."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dashboard.cli import main
from dashboard.playback import Playback
from dashboard.report.content import Content, build_content
from dashboard.report.draw import draw
from dashboard.report.markdown import render_markdown
from dashboard.report.page import render_page
from dashboard.sources.base import Document, Reading
from dashboard.sources.process_documents import PLAN
from dashboard.sources.record_file import Recording
from dashboard.view.chart import Kind, Level, Line, MarkLine, PlotSpec, Role, Unit
from tests.headless.staging import status_document
from tests.sources.recordings import START, TARGET, eventful, simulated_readings, written

HOSTILE = (
    "</script></style><script>alert(1)</script><img src=x onerror=alert(1)>\" ' ]]> --> \x1b[31m\u202e|`[x](y)`@all"
)
VOID = {"meta", "br", "img", "link", "input", "hr"}


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of a simulated run with failures, actions and an outage."""
    readings = asyncio.run(simulated_readings(60, "errors"))
    return written(tmp_path_factory.mktemp("recording") / "run.k6d", eventful(readings))


def content_of(path: Path, number: int | None = None) -> Content:
    recording = Recording(path)
    return build_content(recording, Playback(recording).finish(), number)


def json_document(endpoint: str, body: str) -> Document:
    return Document(endpoint, 200, body.encode("utf-8", "surrogatepass"), 0.004)


def hostile_readings() -> list[Reading]:
    """A run in which every text that k6 can choose is an attack."""

    def metric(name: str, kind: str, tainted: bool | None, sample: dict[str, float]) -> dict[str, object]:
        attributes = {"type": kind, "contains": "time", "tainted": tainted, "sample": sample}
        return {"type": "metrics", "id": name, "attributes": attributes}

    trend = {"avg": 1.0, "min": 1.0, "med": 1.0, "max": 1.0, "p(90)": 1.0, "p(95)": 1.0}
    check = {"id": "c", "name": HOSTILE, "path": f"::{HOSTILE}", "passes": 1, "fails": 2}
    root = {"path": "", "name": "", "checks": [check]}
    groups = [{"type": "groups", "id": "g", "attributes": root, "relationships": {}}]
    readings: list[Reading] = []
    for second in range(1, 4):
        metrics = [
            metric(HOSTILE, "trend", True, trend),
            metric(f"http_req_duration{{name:{HOSTILE}}}", "trend", False, trend),
            metric("http_req_duration", "trend", None, trend),
            metric("http_reqs", "counter", None, {"count": 5.0 * second, "rate": 5.0}),
        ]
        documents = (
            status_document(tainted=True),
            json_document("/v1/metrics", json.dumps({"data": metrics})),
            json_document("/v1/groups", json.dumps({"data": groups})),
        )
        readings.append(Reading(TARGET, START + second, documents))
    return readings


class Tags(HTMLParser):
    """Every tag of a page with its attributes, and whether each is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def harmless(page: str) -> Tags:
    """The page's tags, none of which runs or loads anything."""
    tags = Tags(page)
    assert tags.open == []
    assert not {tag for tag, _ in tags.found} & {"script", "img", "iframe", "link", "object", "embed", "form", "base"}
    for _, attributes in tags.found:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "href", "xlink:href")]
    assert not re.search(r"url\(|@import", page)
    return tags


def test_a_page_has_every_part_and_loads_nothing(recording: Path, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    assert main(["report", str(recording), "-o", str(path)]) == 0
    page = path.read_text()
    tags = harmless(page)
    headings = "".join(text for text in tags.texts)
    for part in ("Over time", "Thresholds", "Statistics", "Checks", "Events", "This run", "20 VUs confirmed", TARGET):
        assert part in headings
    assert sum(tag == "svg" for tag, _ in tags.found) >= 3
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in tags.found
    for rule in ("prefers-color-scheme: dark", "@media print", "default-src 'none'"):
        assert rule in page


def test_a_page_is_the_same_each_time(recording: Path) -> None:
    assert render_page(content_of(recording)) == render_page(content_of(recording))


def test_hostile_names_are_text_wherever_they_stand(tmp_path: Path) -> None:
    content = content_of(written(tmp_path / "hostile.k6d", hostile_readings()))
    page = render_page(content)
    tags = harmless(page)
    assert "alert(1)" in "".join(tags.texts)
    assert "\x1b" not in page
    assert content.checks[0].name == HOSTILE


def test_hostile_names_are_text_in_markdown(tmp_path: Path) -> None:
    text = render_markdown(content_of(written(tmp_path / "hostile.k6d", hostile_readings())))
    body = re.sub(r"</?(details|summary)>", "", text)
    assert not re.search(r"(?<!\\)[<>`]|(?<!\\)@|(?<!\\)\[", body)
    for row in (line for line in body.splitlines() if line.startswith("|")):
        cells = len(re.findall(r"(?<!\\)\|", row)) - 1
        assert cells in (2, 3, 7)
    assert "❌" in text


def test_all_statistics_are_the_recordings_last(recording: Path) -> None:
    content = content_of(recording)
    (trends,) = (table for table in content.tables if table.title == "Trends")
    (row,) = (row for row in trends.rows if row[0] == "http_req_duration")
    run = Playback(Recording(recording)).finish().run
    metric = run.metric("http_req_duration")
    assert metric is not None
    assert len(row[2]) == len(trends.columns) == len(metric.sample)
    assert row[2][0].startswith(f"{metric.sample['avg']:.1f}"[:3])
    assert {row[0] for table in content.tables for row in table.rows} == set(run.metrics)


def test_the_verdict_says_what_became_of_the_run(tmp_path: Path) -> None:
    readings = asyncio.run(simulated_readings(3, "steady"))
    cases = {
        (9, False): "The test ended. ",
        (10, True): "The test was stopped before its end. ",
        (11, True): "The test marked itself as failed. ",
        (7, False): "The recording ends while the test is running. ",
    }
    for (number, is_bad), words in cases.items():
        last = readings[-1]
        ended = Reading(TARGET, last.at + 1, (status_document(status=number), last.documents[1]))
        content = content_of(written(tmp_path / f"{number}.k6d", [*readings, ended]))
        assert f"{content.verdict} ".startswith(words), content.verdict
        assert content.is_bad == (is_bad or "crossed." in content.verdict)


def test_what_was_not_recorded_is_said(recording: Path) -> None:
    page = render_page(content_of(recording))
    assert "Groups and checks were not recorded, only their overall rate" in page
    assert "The load generator" not in page


def test_thresholds_are_told_with_expression_value_and_margin_where_they_are_known(tmp_path: Path) -> None:
    readings = asyncio.run(simulated_readings(30, "errors"))
    thresholds = {"http_req_duration": ["p(95)<1", "p(99)<9"], "http_reqs": ["count>1"], HOSTILE: [HOSTILE]}
    plan = Document(PLAN, 0, json.dumps({"scenarios": {}, "thresholds": thresholds}).encode(), 0.0)
    told = Reading(TARGET, readings[0].at, (plan,))
    content = content_of(written(tmp_path / "run.k6d", [told, *readings]))
    assert [line.source for line in content.expressions][:1] == ["p(95)<1"]
    page = render_page(content)
    harmless(page)
    for words in (
        "p(95)&lt;1",
        "count&gt;1",
        "fails",
        "holds",
        "First seen to fail at",
        "k6&#39;s API does not give p(99)",
        "k6&#39;s API gave",
    ):
        assert words in page, words
    markdown = render_markdown(content)
    assert "| ❌ | http\\_req\\_duration | p\\(95\\)\\<1 |" in markdown
    assert "<script>alert" not in page + markdown


def test_a_run_of_several_is_chosen_by_its_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = asyncio.run(simulated_readings(20, "steady"))
    again = [Reading(TARGET, reading.at + 100, reading.documents) for reading in first[:10]]
    path = written(tmp_path / "two.k6d", [*first, *again])
    assert content_of(path, 1).figures != content_of(path).figures
    assert main(["report", str(path), "--run", "3"]) == 2
    assert "has no run 3; it has the runs 1, 2" in capsys.readouterr().err


def test_without_the_extra_one_line_says_what_to_install(
    recording: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("dashboard.report.page", "dashboard.report.draw"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "pygal", None)
    assert main(["report", str(recording)]) == 2
    assert "pip install 'k6dash[report]'; or take --format md" in capsys.readouterr().err
    assert main(["report", str(recording), "--format", "md"]) == 0
    assert capsys.readouterr().out.startswith("### ")


# Charts


def spec(*lines: Line, marks: tuple[MarkLine, ...] = (), levels: tuple[Level, ...] = ()) -> PlotSpec:
    return PlotSpec(lines, 0.0, 10.0, Unit.MILLISECONDS, marks=marks, levels=levels)


def test_a_gap_is_drawn_as_a_gap_and_another_scale_as_a_chart_of_its_own() -> None:
    nan = float("nan")
    line = Line("p(95)", Role.P95, Kind.CUMULATIVE, (0.0, 1.0, 2.0, 3.0, 4.0), (1.0, 2.0, nan, 4.0, 5.0))
    vus = Line("VUs", Role.VUS, Kind.NOW, (0.0, 9.0), (3.0, 3.0), right=True)
    main_chart, beside = draw(spec(line, vus), "x")
    paths = re.findall(r'<path d="([^"]+)" class="line reactive', main_chart.svg)
    assert len(paths) == 2
    assert [entry.text for entry in main_chart.legend] == ["Σ p(95) 5.00ms"]
    assert [entry.text for entry in beside.legend] == ["VUs 3"]
    for drawing in (main_chart, beside):
        ElementTree.fromstring(drawing.svg)


def test_a_distant_threshold_does_not_flatten_the_lines_and_stays_in_the_legend() -> None:
    line = Line("p(95)", Role.P95, Kind.CUMULATIVE, (0.0, 1.0, 2.0), (18.0, 20.0, 19.0))
    near, distant = Level(45.0, "p(95)<45"), Level(5000.0, "p(95)<5000")
    (plain,) = draw(spec(line, levels=(near,)), "x")
    (drawing,) = draw(spec(line, levels=(near, distant)), "x")
    assert drawing.svg == plain.svg
    assert [entry.text for entry in drawing.legend] == ["Σ p(95) 19.0ms", "p(95)<45", "p(95)<5000"]
    assert [entry.colour for entry in drawing.legend] == ["--role-p95", "--warn", "--warn"]
    (without,) = draw(spec(line), "x")
    assert without.svg != plain.svg, "a near one is drawn"


def test_labels_of_a_chart_are_escaped() -> None:
    line = Line(HOSTILE, Role.P95, Kind.NOW, (0.0, 1.0), (1.0, 2.0))
    (drawing,) = draw(spec(line, marks=(MarkLine(1.0, HOSTILE),), levels=(Level(1.5, HOSTILE),)), "x")
    harmless(drawing.svg)


def test_a_chart_of_one_point_or_of_zeros_is_drawn() -> None:
    for ys in ((0.0,), (0.0, 0.0), (-1.0, 5.0)):
        xs = tuple(float(x) for x in range(len(ys)))
        (drawing,) = draw(spec(Line("x", Role.VALUE, Kind.NOW, xs, ys)), "x")
        assert "NaN" not in drawing.svg
        assert "nan" not in drawing.svg

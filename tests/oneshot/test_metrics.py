"""Metrics asked for once: all, some, and those that k6 cannot give."""

from __future__ import annotations

from typing import Any, cast

from dashboard.errors import ExitCode
from dashboard.oneshot.metrics import metrics
from dashboard.oneshot.report import Report
from tests.oneshot.hasty import K6, ask
from tests.sources.fake import POISON, metric

TREND = metric("t", "trend", **{"p(95)": 5.0, "p(90)": 4.0, "max": 6.0, "avg": 2.0, "med": 2.0, "min": 1.0})


async def asked(k6: K6, *names: str) -> Report:
    return await ask(k6, lambda client, deadline: metrics(client, deadline, names))


def names_in(report: Report) -> list[object]:
    return [one["name"] for one in cast("list[dict[str, object]]", report.document["metrics"])]


async def test_all_metrics_come_by_name_and_their_statistics_in_k6s_order() -> None:
    k6 = K6()
    k6.metrics = [TREND, metric("http_reqs"), metric("g", "gauge", value=3)]
    report = await asked(k6)
    assert (report.code, names_in(report)) == (ExitCode.OK, ["g", "http_reqs", "t"])
    gauge, _, trend = cast("list[dict[str, Any]]", report.document["metrics"])
    assert list(trend["sample"]) == ["avg", "min", "med", "max", "p(90)", "p(95)"]
    assert (gauge["kind"], trend["kind"]) == ("now", "cumulative")


async def test_some_metrics_cost_k6_no_list() -> None:
    k6 = K6()
    report = await asked(k6, "iterations", "http_reqs", "iterations")
    assert names_in(report) == ["iterations", "http_reqs"]
    assert [what for _, what in k6.requests] == [
        "GET /v1/status",
        "GET /v1/metrics/iterations",
        "GET /v1/metrics/http_reqs",
    ]


async def test_a_metric_that_is_not_there_is_told_with_one_that_is() -> None:
    report = await asked(K6(), "http_req", "iterations")
    assert (report.code, names_in(report), report.document["missing"]) == (
        ExitCode.REFUSED,
        ["iterations"],
        ["http_req"],
    )
    assert "did you mean http_reqs?" in report.remarks[0]


async def test_a_poisoned_list_is_read_one_by_one() -> None:
    k6 = K6()
    k6.replies["GET /v1/metrics"] = POISON
    k6.replies["GET /v1/metrics/http_reqs"] = POISON
    report = await asked(k6)
    assert (report.code, names_in(report)) == (ExitCode.OK, ["iterations"])
    assert report.document["poisoned"] == ["http_reqs"]
    assert "one by one" in report.remarks[0]


async def test_a_test_that_has_counted_nothing_yet_has_no_metrics() -> None:
    k6 = K6()
    k6.metrics = []
    report = await asked(k6)
    assert (report.code, report.document["metrics"], report.remarks) == (ExitCode.OK, [], ("k6 has no metric yet",))

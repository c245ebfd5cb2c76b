"""Conditions: what can be written, and what is refused because it could never be judged."""

from __future__ import annotations

import re

import pytest

from dashboard.duration import duration_text, parse_duration
from dashboard.model.condition import check_fit, parse_condition
from dashboard.model.metric import MetricType


@pytest.mark.parametrize(
    ("source", "window", "metric", "expression"),
    [
        ("http_req_failed rate<0.05", None, "http_req_failed", "rate<0.05"),
        ("  http_reqs   count >= 10 ", None, "http_reqs", "count>=10"),
        ("30s: http_req_failed rate<0.05", 30.0, "http_req_failed", "rate<0.05"),
        ("1m30s:http_req_duration avg<300", 90.0, "http_req_duration", "avg<300"),
        ("http_req_duration{status:200} p(95)<300", None, "http_req_duration{status:200}", "p(95)<300"),
        ("http_req_duration { status:200 }p(95)<300", None, "http_req_duration{status:200}", "p(95)<300"),
        ("http_req_duration{name:GET /a b,c:d} avg<3", None, "http_req_duration{name:GET /a b,c:d}", "avg<3"),
        ("http_reqs{url:http://h/{id}?a=<1>} rate>1", None, "http_reqs{url:http://h/{id}?a=<1>}", "rate>1"),
        ("2m: http_reqs{a:b} count>5", 120.0, "http_reqs{a:b}", "count>5"),
        ("my_trend p(90)<5", None, "my_trend", "p(90)<5"),
        ("10s: my_trend avg<5", 10.0, "my_trend", "avg<5"),
    ],
)
def test_a_condition_is_a_metric_with_an_expression_and_perhaps_a_window(
    source: str, window: float | None, metric: str, expression: str
) -> None:
    condition = parse_condition(source)
    assert (condition.window, condition.metric, str(condition.threshold)) == (window, metric, expression)
    assert parse_condition(str(condition)) == condition


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "names no metric with an expression; write one like 'http_req_failed rate<0.05'"),
        ("rate<0.05", "names no metric with an expression"),
        ("http_req_failed", "names no metric with an expression"),
        ("http_req_failed rate", "compares nothing"),
        ("http_req_failed{ rate<5", "a submetric is written as http_req_duration{status:200}"),
        ("http_req_duration{} avg<5", "the tags of a submetric are written as {status:200,method:GET}"),
        ("http_req_duration{status} avg<5", "the tags of a submetric"),
        ("1abc: http_reqs rate>1", "'1abc' is not a duration; write one like '500ms', '90s' or '1h30m'"),
        ("30: http_reqs rate>1", "'30' is not a duration"),
        ("0s: http_reqs rate>1", "a window of no length holds nothing"),
        ("http_reqs p(95)<1", "a counter has no p(95); compare its count or rate"),
        ("http_req_duration{a:b} rate<1", "a trend has no rate; compare its avg, min, med, max or p(N)"),
        ("http_req_duration p(99)<1", "k6's API gives no p(99); take p(90), p(95), med, avg, min or max"),
        ("my_trend p(99)<1", "k6's API gives no p(99)"),
        ("30s: http_req_duration p(95)<1", "gives p(95) of the whole run alone; take avg, which is exact in a window"),
        ("30s: my_trend p(95)<1", "gives p(95) of the whole run alone"),
        ("30s: http_req_duration max<1", "gives max of the whole run alone"),
        ("30s: checks rate>0.9", "does not tell how many samples checks has"),
        ("30s: group_duration avg<9", "does not tell how many samples group_duration has"),
        ("30s: vus value>1", "a gauge has only its newest value; leave the window out"),
    ],
)
def test_what_can_never_be_judged_is_refused_in_one_line(source: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as refusal:
        parse_condition(source)
    assert len(str(refusal.value).splitlines()) == 1


def test_a_custom_metric_is_checked_when_its_type_is_known() -> None:
    check_fit(parse_condition("10s: mine rate>5"), MetricType.COUNTER)
    for source, metric_type, message in (
        ("mine rate<5", MetricType.TREND, "a trend has no rate"),
        ("10s: mine rate>5", MetricType.RATE, "does not tell how many samples mine has"),
        ("10s: mine avg>5", MetricType.TREND, "does not tell how many samples mine has"),
        ("10s: mine value>5", MetricType.GAUGE, "a gauge has only its newest value"),
    ):
        with pytest.raises(ValueError, match=message):
            check_fit(parse_condition(source), metric_type)


@pytest.mark.parametrize("text", ["1d", "1h30m", "90m1s", "1s500ms", "250ms", "0s"])
def test_a_duration_means_the_same_when_it_is_written_and_read_again(text: str) -> None:
    assert parse_duration(duration_text(parse_duration(text))) == parse_duration(text)

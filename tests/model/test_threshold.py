"""Threshold expressions: read as k6 reads them, and evaluated as far as the numbers reach."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.model.metric import MetricType
from dashboard.model.threshold import Evaluation, go_float, parse_threshold

TREND = {"avg": 20.0, "min": 1.0, "med": 18.0, "max": 90.0, "p(90)": 40.0, "p(95)": 60.0}

# What is read of each was printed by k6's own parser, compiled from k6's source.
READ = [
    ("avg<200", "avg", "<", 200.0),
    ("p(95)<500", "p(95)", "<", 500.0),
    ("p(95.0) <= 5e2", "p(95)", "<=", 500.0),
    ("p(99.9)>.5", "p(99.9)", ">", 0.5),
    ("p(0x1p2)<1", "p(4)", "<", 1.0),
    ("p(1e-5)<1", "p(1e-05)", "<", 1.0),
    ("p(0)<1", "p(0)", "<", 1.0),
    ("p(100)<1", "p(100)", "<", 1.0),
    ("p<1", "p(0)", "<", 1.0),
    ("\t rate \u00a0>=\u3000 0.99\n", "rate", ">=", 0.99),
    ("count===10", "count", "===", 10.0),
    ("count==10", "count", "==", 10.0),
    ("count!=10.", "count", "!=", 10.0),
    ("value>-1", "value", ">", -1.0),
    ("value<+1_000", "value", "<", 1000.0),
    ("value<0x1p-2", "value", "<", 0.25),
    ("value<0X_ap0", "value", "<", 10.0),
    ("value<Inf", "value", "<", math.inf),
    ("value>-infinity", "value", ">", -math.inf),
    ("value<1e-400", "value", "<", 0.0),
]


@pytest.mark.parametrize(("source", "statistic", "operator", "bound"), READ)
def test_what_k6_takes_is_read_as_k6_reads_it(source: str, statistic: str, operator: str, bound: float) -> None:
    threshold = parse_threshold(source)
    assert (threshold.statistic, threshold.operator, threshold.bound) == (statistic, operator, bound)
    assert threshold.source == source
    assert parse_threshold(str(threshold)) == threshold


REFUSED = [
    ("", "compares nothing; write one like p(95)<500"),
    ("rate 0.05", "compares nothing; write one like p(95)<500"),
    ("rate=0.05", "compares nothing"),
    ("rate<", "compares with nothing; put a number at its end"),
    ("rate< ", "compares with nothing; put a number at its end"),
    ("<5", "says not what to compare"),
    ("rate<=>5", "'>5' is no number"),
    ("rate=>5", "'rate=' is none of k6's statistics"),
    ("rate====5", "'=5' is no number"),
    ("avg<=5<6", "'5<6' is no number"),
    ("mean<5", "'mean' is none of k6's statistics: avg, min, med, max, p(N), count, rate, value"),
    ("Avg<5", "k6 writes 'Avg' as avg"),
    ("P(95)<5", "k6 writes 'P(95)' as p(95)"),
    ("p (95)<5", "k6 writes 'p (95)' as p(95)"),
    ("p( 95 )<5", "'p( 95 )' is no percentile; N of p(N) is a number from 0 to 100"),
    ("p(101)<5", "no percentile"),
    ("p(-1)<5", "no percentile"),
    ("p(NaN)<5", "no percentile"),
    ("p()<5", "no percentile"),
    ("p95<5", "none of k6's statistics"),
    ("p(95)<500ms", "'500ms' has a unit; k6 takes a bare number: milliseconds for a time"),
    ("rate<5%", "has a unit"),
    ("rate<abc", "'abc' is no number; write one like 500, 0.05 or 1e3"),
    ("rate<1__0", "no number"),
    ("rate<0x10", "no number"),
    ("rate<-nan", "no number"),
    ("rate<1 0", "no number"),
    ("rate<\u0663", "no number"),
    ("rate<\x1f5", "no number"),
    ("rate<1e400", "too large"),
    ("rate<0x1p9999", "too large"),
]


@pytest.mark.parametrize(("source", "message"), REFUSED)
def test_what_k6_refuses_is_refused_in_one_line_that_says_what_would_be_right(source: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as refusal:
        parse_threshold(source)
    assert len(str(refusal.value).splitlines()) == 1


def test_a_refusal_shows_hostile_text_without_its_power() -> None:
    with pytest.raises(ValueError, match="compares nothing") as refusal:
        parse_threshold("\x1b[31m\n" + "x" * 10_000)
    assert str(refusal.value).isprintable()
    assert len(str(refusal.value)) < 250


@given(st.text("pavgminedcountrl0129().<>=! _xe+-%\t\u00a0", max_size=20))
def test_any_text_is_read_or_refused_and_nothing_else(source: str) -> None:
    said = ""
    try:
        said = str(parse_threshold(source))
    except ValueError as refusal:
        said = str(refusal)
    assert said.isprintable()


@pytest.mark.parametrize(
    ("metric_type", "fits", "does_not"),
    [
        (MetricType.COUNTER, ["count<1", "rate<1"], ["avg<1", "value<1", "p(95)<1"]),
        (MetricType.GAUGE, ["value<1"], ["rate<1", "max<1", "p<1"]),
        (MetricType.RATE, ["rate<1"], ["count<1", "value<1", "p(50)<1"]),
        (MetricType.TREND, ["avg<1", "min<1", "med<1", "max<1", "p(12.5)<1", "p<1"], ["count<1", "rate<1", "value<1"]),
    ],
)
def test_each_type_of_metric_has_the_statistics_that_k6_gives_it(
    metric_type: MetricType, fits: list[str], does_not: list[str]
) -> None:
    for source in fits:
        assert parse_threshold(source, metric_type).applies_to(metric_type)
    for source in does_not:
        with pytest.raises(ValueError, match=f"a {metric_type} has no .*; compare its "):
            parse_threshold(source, metric_type)


@pytest.mark.parametrize(
    ("source", "value", "holds", "margin"),
    [
        ("p(95)<500", 400.0, True, 100.0),
        ("p(95)<500", 500.0, False, 0.0),
        ("p(95)<=500", 500.0, True, 0.0),
        ("p(95)<500", 512.5, False, -12.5),
        ("rate>0.5", 0.75, True, 0.25),
        ("rate>0.5", 0.5, False, 0.0),
        ("rate>=0.5", 0.5, True, 0.0),
        ("count==3", 3.0, True, 0.0),
        ("count===3", 5.0, False, -2.0),
        ("count!=3", 5.0, True, 2.0),
        ("count!=3", 3.0, False, 0.0),
        ("value<Inf", 3.0, True, math.inf),
        ("value<Inf", math.inf, False, None),
        ("value<NaN", 3.0, False, None),
        ("value!=NaN", 3.0, True, None),
    ],
)
def test_a_value_is_judged_as_k6_judges_it(source: str, value: float, holds: bool, margin: float | None) -> None:
    assert parse_threshold(source).judge(value) == Evaluation(value, holds, margin)


def test_what_the_api_does_not_give_is_unknown_and_not_failed() -> None:
    for source in ("p(99)<1", "p(90.5)<1", "count>5"):
        assert parse_threshold(source).evaluate(TREND) == Evaluation(None, None, None)
    assert not parse_threshold("p(99)<1").in_api(MetricType.TREND)
    assert parse_threshold("p(99)<1").evaluate({**TREND, "p(99)": 80.0}).holds is False


def test_a_percentile_that_has_another_name_is_found_by_it() -> None:
    for source, value in (("p(50)<1", 18.0), ("p(0)<1", 1.0), ("p<1", 1.0), ("p(100)<1", 90.0), ("p(95.0)<1", 60.0)):
        threshold = parse_threshold(source)
        assert threshold.evaluate(TREND).value == value
        assert threshold.in_api(MetricType.TREND)


@given(st.floats(allow_nan=False), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), st.floats(allow_nan=False))
def test_the_margin_is_on_the_side_of_the_verdict(value: float, operator: str, bound: float) -> None:
    evaluation = parse_threshold(f"value{operator}{bound!r}").judge(value)
    if evaluation.margin:
        assert (evaluation.margin > 0) is evaluation.holds


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_can_be_written_is_read_back(number: float) -> None:
    assert go_float(repr(number)) == number

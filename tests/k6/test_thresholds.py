"""Threshold expressions against a real k6: what it takes and refuses, and its verdict on the same numbers."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dashboard.model.metric import MetricType
from dashboard.model.threshold import parse_threshold
from tests.harness.k6 import SCRIPTS, K6Binary
from tests.harness.waiting import PATIENCE

INVALID_CONFIG = 104

TYPES = {
    "a_counter": MetricType.COUNTER,
    "a_gauge": MetricType.GAUGE,
    "a_rate": MetricType.RATE,
    "a_trend": MetricType.TREND,
}
# The script's trend has the samples 1 to 100, its counter counts to 7, its gauge stands at -2, one of four is true.
EXPRESSIONS = {
    "a_counter": ["count==7", "count === 0x1.cp2", "count!=7.", "count<\t6", "rate>0", "rate<1_0e-9", "count>=+7"],
    "a_gauge": ["value==-2", "value>-2", "value<=-.2e1", "value<Inf", "value!=NaN", "value==NaN", "value>1e-400"],
    "a_rate": ["rate==0.25", "rate<.25", "rate<=0.25", "rate!=0.2500000000000001", "rate>\u00a00.3", "rate>=25e-2"],
    "a_trend": [
        *("avg==50.5", "min===1", "max<100", "med>=50.5", "p(50)!=50.5", "p(95)<95.05", "p(95)<=95.05"),
        *("p(99)<99.1", "p(0)==1", "p<=0.9", "p(100)==100", "p(1e1)>10.9", "p(0x1p2)<4.97", "p(99.9)>=99.9"),
    ],
}
REFUSED = ["p(x)<1", "p (95)<1", "Avg<1", "avg<", "avg<1ms", "avg=>1", "avg<1e400", "avg<1__0", "count<1", "p(95)"]


@dataclass(frozen=True, slots=True)
class Judged:
    exit_code: int
    metrics: Mapping[str, Any]


def run(k6: K6Binary, thresholds: Mapping[str, list[str]], tmp_path: Path) -> Judged:
    summary = tmp_path / "summary.json"
    script = SCRIPTS / "thresholds.js"
    finished = subprocess.run(
        [k6, "run", "--quiet", "--address", "", script],
        env={"THRESHOLDS": json.dumps(thresholds), "SUMMARY": str(summary), "K6_NO_USAGE_REPORT": "true"},
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    return Judged(finished.returncode, json.loads(summary.read_bytes())["metrics"] if summary.exists() else {})


def test_each_verdict_is_k6s_own(k6: K6Binary, tmp_path: Path) -> None:
    judged = run(k6, EXPRESSIONS, tmp_path)
    theirs: dict[str, bool] = {}
    ours: dict[str, bool | None] = {}
    for name, expressions in EXPRESSIONS.items():
        values: dict[str, float] = judged.metrics[name]["values"]
        for expression in expressions:
            key = f"{name} {expression}"
            theirs[key] = judged.metrics[name]["thresholds"][expression]["ok"]
            ours[key] = parse_threshold(expression, TYPES[name]).evaluate(values).holds
    assert ours == theirs
    assert set(theirs.values()) == {True, False}


@pytest.mark.parametrize("expression", REFUSED)
def test_what_is_refused_here_k6_refuses_too(k6: K6Binary, expression: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(expression))):
        parse_threshold(expression, MetricType.TREND)
    assert run(k6, {"a_trend": [expression]}, tmp_path).exit_code == INVALID_CONFIG

"""Two hundred threshold expressions on one run, evaluated here and by a real k6: at each value and next to it."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from dashboard.model.metric import MetricType
from dashboard.model.threshold import parse_threshold
from tests.harness.k6 import SCRIPTS, K6Binary
from tests.harness.waiting import PATIENCE

SAMPLES = (3.25, -7.5, 12.0, 0.1, 88.75, 41.0, 41.0, 1e-3, 250.5, 19.0, 19.125, 1e4, 2.0, 64.0, 5.5, 33.3, 7.0)
SLOW = (12.0, 250.5, 1e4, 64.0)
"""The samples that carry a tag."""
OPERATORS = ("<", "<=", ">", ">=", "==", "===", "!=")
PERCENTILES = ("0", "25", "50", "90", "95", "99", "99.9", "99.99", "100")
INVALID_CONFIG = 104
REFUSED = (
    *("p(95)<500ms", "p()<1", "p95<1", "P(95)<1", "avg<<1", "avg <> 1", "avg=1", "avg<1,5", "<1", "avg"),
    *("avg<0x1p", "avg<1e", "avg<--1", "mean<1", "std<1", "avg max<1", "avg<1 2", "value<1", "rate<1", "avg<∞"),
)


def percentile(samples: tuple[float, ...], share: float) -> float:
    """As k6 interpolates (metrics/sink.go)."""
    ordered = sorted(samples)
    place = share * (len(ordered) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


def of_trend(samples: tuple[float, ...]) -> dict[str, float]:
    """What k6 makes of the raw samples."""
    total = 0.0
    for sample in samples:
        total += sample
    return {
        "avg": total / len(samples),
        "min": min(samples),
        "med": percentile(samples, 0.5),
        "max": max(samples),
        **{f"p({text})": percentile(samples, float(text) / 100) for text in PERCENTILES},
    }


VALUES: Mapping[str, tuple[MetricType, Mapping[str, float]]] = {
    "a_trend": (MetricType.TREND, of_trend(SAMPLES)),
    "a_trend{kind:slow}": (MetricType.TREND, of_trend(SLOW)),
    "a_counter": (MetricType.COUNTER, {"count": -12.75}),
    "a_gauge": (MetricType.GAUGE, {"value": 1e-7}),
    "a_rate": (MetricType.RATE, {"rate": 3 / 17}),
    "a_rate{kind:slow}": (MetricType.RATE, {"rate": 0.75}),
    "never{kind:none}": (MetricType.RATE, {}),
}
"""By metric or submetric, what its samples come to."""


def written(value: float, index: int) -> str:
    """A number in one of the forms that people write, without changing it."""
    forms = (repr(value), f" {value!r}", f"\t{value!r} ", f"{value:.17e}", value.hex(), f"{value:+.17g}")
    return forms[index % len(forms)]


def expressions() -> Iterator[tuple[str, str]]:
    """Each statistic with each operator: against its own value, the next number below or above it, and far ones."""
    index = 0
    for metric, (_, statistics) in VALUES.items():
        for statistic, value in statistics.items():
            for operator in OPERATORS:
                near = (value, math.nextafter(value, -math.inf), math.nextafter(value, math.inf), -value, value * 1.5)
                bound = near[index % len(near)]
                index += 1
                yield metric, f"{statistic}{' ' * (index % 3)}{operator}{written(bound, index)}"
            yield metric, f"{statistic}=={value!r}"
    yield from (("a_counter", text) for text in ("rate<0", "rate>=0", "count>-inf", "count<NaN", "count!=nan"))
    yield from (("a_gauge", text) for text in ("value<=1_0e-8", "value<1e-400", "value>0x0p0", "value===.0000001"))
    yield "never{kind:none}", "rate<0"


EXPRESSIONS = tuple(dict.fromkeys(expressions()))


def run(k6: K6Binary, thresholds: Mapping[str, list[str]], folder: Path) -> tuple[int, bytes, Mapping[str, Any]]:
    """Run the script with these thresholds: k6's exit code, its log, its summary's metrics."""
    summary = folder / "summary.json"
    finished = subprocess.run(
        [k6, "run", "--quiet", "--address", "", SCRIPTS / "verdicts.js"],
        env={
            "THRESHOLDS": json.dumps(thresholds),
            "SAMPLES": json.dumps(SAMPLES),
            "SLOW": json.dumps(SLOW),
            "SUMMARY": str(summary),
            "K6_NO_USAGE_REPORT": "true",
        },
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    metrics: dict[str, Any] = json.loads(summary.read_bytes())["metrics"] if summary.exists() else {}
    return finished.returncode, finished.stderr, metrics


def test_two_hundred_verdicts_are_k6s_own(k6: K6Binary, tmp_path: Path) -> None:
    assert len(EXPRESSIONS) >= 200
    thresholds: dict[str, list[str]] = {}
    for metric, expression in EXPRESSIONS:
        thresholds.setdefault(metric, []).append(expression)
    code, log, metrics = run(k6, thresholds, tmp_path)
    assert metrics, log
    theirs: dict[tuple[str, str], bool] = {}
    ours: dict[tuple[str, str], bool | None] = {}
    for metric, expression in EXPRESSIONS:
        kind, statistics = VALUES[metric]
        about = metrics[metric]
        theirs[metric, expression] = about["thresholds"][expression]["ok"]
        known: dict[str, float] = {**about["values"], **statistics}
        if not statistics:
            # Without a sample, k6 lets a rate pass at the end.
            ours[metric, expression] = True
            continue
        ours[metric, expression] = parse_threshold(expression, kind).evaluate(known).holds
    assert {key: (ours[key], theirs[key]) for key in theirs if ours[key] is not theirs[key]} == {}
    assert sum(theirs.values()) > 50
    assert len(theirs) - sum(theirs.values()) > 50
    assert code == 99


@pytest.mark.parametrize("expression", REFUSED)
def test_what_k6_refuses_is_refused_here(k6: K6Binary, expression: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'"):
        parse_threshold(expression, MetricType.TREND)
    code, log, _ = run(k6, {"a_trend": [expression]}, tmp_path)
    assert code == INVALID_CONFIG, log

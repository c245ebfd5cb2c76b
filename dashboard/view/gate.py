"""What is said of a condition: that it failed, when, and by how much."""

from __future__ import annotations

from dashboard.model.gate import Judgement, Standing
from dashboard.model.metric import Contains
from dashboard.view.format import UNKNOWN, clean, elapsed_text

_LONGEST = 120
_TOO = {"<": "too much", "<=": "too much", ">": "too little", ">=": "too little"}
_UNITS = {Contains.TIME: " ms", Contains.DATA: " B", Contains.DEFAULT: ""}


def turn_text(judgement: Judgement) -> str:
    """One line of a condition that has just failed, or holds again."""
    verdict = "holds again" if judgement.evaluation.holds else "failed"
    return f"{elapsed_text(judgement.elapsed)} {clean(str(judgement.condition), _LONGEST)} {verdict}: {_by(judgement)}"


def standing_text(standing: Standing) -> str:
    """One line of what became of a condition."""
    name = clean(str(standing.condition), _LONGEST)
    newest, first, worst = standing.newest, standing.first, standing.worst
    if newest is None:
        return f"{UNKNOWN} {name}: never judged, {clean(standing.reason)}"
    if not standing.failed:
        return f"✓ {name}: {_by(newest)}"
    parts = [f"✗ {name}: "]
    if standing.condition.window is None:
        parts.append(_by(newest))
    elif first is not None:
        parts.append(f"{_by(first)} at {elapsed_text(first.elapsed)}")
    if standing.condition.window is None and first is not None and first != newest:
        parts.append(f"; first failed at {elapsed_text(first.elapsed)}")
    if worst is not None and worst not in (first if standing.condition.window is not None else newest,):
        parts.append(f"; worst at {elapsed_text(worst.elapsed)}: {_by(worst)}")
    return "".join(parts)


def _by(judgement: Judgement) -> str:
    """The value, and how far beyond the bound it is where it does not hold."""
    evaluation, threshold = judgement.evaluation, judgement.condition.threshold
    unit = "" if threshold.method == "rate" else _UNITS[judgement.contains]
    parts = [f"{threshold.statistic} {_number(evaluation.value)}{unit}"]
    if judgement.span is not None:
        parts.append(f" in {judgement.span:.1f} s")
    if evaluation.margin is not None and not evaluation.holds:
        parts.append(f", {_number(abs(evaluation.margin))}{unit} {_TOO.get(threshold.operator, 'off')}")
    return "".join(parts)


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.4g}" if abs(value) < 1000 else f"{value:.10g}"

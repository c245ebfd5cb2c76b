"""A comparison as people read it, and as programs do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from dashboard.diff.compare import LEVEL, Change, Diff, Judgement
from dashboard.model.run_numbers import MetricInfo
from dashboard.view.format import UNKNOWN, clean, elapsed_text, fit, quantity, text_width
from dashboard.view.units import unit_of

SCHEMA: Final = "k6dash.diff/1"
_SIGNS: Final = {
    Judgement.WORSE: "✗ worse",
    Judgement.BETTER: "✓ better",
    Judgement.CHANGED: "! changed",
    Judgement.NOISE: "  within noise",
    Judgement.UNKNOWN: "  ?",
}
_TITLES: Final = ("metric", "statistic", "A", "B", "change", "judgement")
_LONGEST_NAME: Final = 44


def table_lines(diff: Diff, *, every: bool, share: float | None) -> Iterator[str]:
    """The lines of a table: of what a test is about, or of everything.

    Args:
        diff: What is told.
        every: Whether phases, bytes and custom numbers are told too.
        share: What counts as a regression; marks the rows that are one.
    """
    changes = [change for change in diff.changes if every or _is_worth_a_line(change)]
    rows = [_TITLES] + [_row(change, share) for change in changes]
    widths = [max(text_width(row[column]) for row in rows) for column in range(len(_TITLES))]
    for row in rows:
        cells = [
            fit(text, width, "left" if column in (0, 1, 5) else "right")
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
    if len(rows) == 1:
        yield "nothing to compare" + ("" if every else "; --all shows every metric")


def _is_worth_a_line(change: Change) -> bool:
    """Whether it is of what a test is about, more than one sample's doing, and of anything at all."""
    return change.is_main and change.statistic != "max" and bool(change.before or change.after)


def _row(change: Change, share: float | None) -> tuple[str, ...]:
    unit = unit_of(MetricInfo(change.type, change.contains), change.statistic)
    judgement = _SIGNS[change.judgement]
    if change.probability is not None:
        judgement += f" (p {_probability(change.probability)})"
    if share is not None and change.is_regression(share):
        judgement += f" > {100 * share:g}%"
    return (
        clean(change.metric, _LONGEST_NAME),
        change.statistic,
        quantity(change.before, unit),
        quantity(change.after, unit),
        _percent(change.relative),
        judgement,
    )


def _probability(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def _percent(relative: float | None) -> str:
    if relative is None:
        return UNKNOWN
    if math.isinf(relative):
        return "from 0"
    return f"{100 * relative:+.1f}%" if abs(relative) < 10 else f"{100 * relative:+.0f}%"


def explanation(diff: Diff) -> str:
    """What the judgement rests on, in a line."""
    return (
        f"compared over {elapsed_text(diff.seconds)} of the test's clock; judged in blocks of it by Wilcoxon's"
        f" signed-rank test, Holm's correction, level {LEVEL:g}; ? k6's API does not tell enough"
    )


def document(diff: Diff, share: float | None) -> dict[str, object]:
    """The comparison for programs."""
    return {
        "schema": SCHEMA,
        "seconds": diff.seconds,
        "level": LEVEL,
        "test": "Wilcoxon signed-rank on blocks of the test's clock, Holm-adjusted",
        "notes": list(diff.notes),
        "changes": [
            {
                "metric": change.metric,
                "statistic": change.statistic,
                "type": str(change.type),
                "contains": str(change.contains),
                "before": change.before,
                "after": change.after,
                "relative": change.relative if change.relative is not None and math.isfinite(change.relative) else None,
                "worse": change.is_worse,
                "judgement": str(change.judgement),
                "p": change.probability,
                "blocks": change.blocks,
                "reason": change.reason,
                "main": change.is_main,
                "regression": share is not None and change.is_regression(share),
            }
            for change in diff.changes
        ],
    }

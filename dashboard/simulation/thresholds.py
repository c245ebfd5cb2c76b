"""Thresholds: their expressions, and when they count as crossed.

The grammar is the one in k6's ``metrics/thresholds_parser.go``.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final

from dashboard.quick import dataclass
from dashboard.simulation.sinks import RateSink, Sink, TrendSink

EVALUATION_INTERVAL: Final = 2.0
"""Seconds between evaluations, counted from the start of the process (``thresholdsRate``)."""

_METHODS: Final = {
    "counter": ("count", "rate"),
    "gauge": ("value",),
    "rate": ("rate",),
    "trend": ("avg", "min", "max", "med"),
}
_OPERATORS: Final[dict[str, Callable[[float, float], bool]]] = {
    "===": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_EXPRESSION: Final = re.compile(r"\s*([a-z]+|p\((\d+(?:\.\d+)?)\))\s*(===|==|!=|>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*")


@dataclass(frozen=True, slots=True)
class Threshold:
    """One condition on one metric.

    Attributes:
        source: The expression as written, such as ``p(95)<500``.
        method: The statistic that is compared.
        percentile: The share, 0.95 for ``p(95)``, or None.
        comparison: The operator as written.
        bound: What the statistic is compared with.
        abort_on_fail: Whether crossing it ends the test.
        abort_delay: Seconds of the test during which crossing it does not end the test yet.
    """

    source: str
    method: str
    percentile: float | None
    comparison: str
    bound: float
    abort_on_fail: bool = False
    abort_delay: float = 0.0

    def holds(self, sink: Sink, seconds: float) -> bool:
        """Whether the condition is met after ``seconds`` of the test."""
        if self.percentile is not None and isinstance(sink, TrendSink):
            value = sink.percentile(self.percentile)
        elif isinstance(sink, RateSink) and sink.is_empty:
            return True  # k6 has no value to compare then, and lets it pass
        else:
            value = sink.format(seconds)[self.method]
        return _OPERATORS[self.comparison](value, self.bound)


def parse_threshold(
    source: str, metric_type: str, *, abort_on_fail: bool = False, abort_delay: float = 0.0
) -> Threshold:
    """Read an expression for a metric of a type.

    Raises:
        ValueError: it is not an expression, or the metric's type has no such statistic; the message says what
        would be right.
    """
    match = _EXPRESSION.fullmatch(source)
    if not match:
        raise ValueError(f"{source!r} is not a threshold; write one like 'p(95)<500' or 'rate>0.99'")
    method, percentile, comparison, bound = match.groups()
    allowed = _METHODS[metric_type]
    if (percentile is None and method not in allowed) or (percentile is not None and metric_type != "trend"):
        choice = ", ".join((*allowed, "p(N)") if metric_type == "trend" else allowed)
        raise ValueError(f"a {metric_type} has no {method}; it has {choice}")
    share = None if percentile is None else float(percentile) / 100
    return Threshold(source, method, share, comparison, float(bound), abort_on_fail, abort_delay)

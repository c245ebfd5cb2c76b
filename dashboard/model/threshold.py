"""k6's threshold expressions, such as ``p(95)<500``: read as k6 reads them, evaluated as far as the numbers reach.

The grammar is what ``metrics/thresholds_parser.go`` of k6 v2.2.0 accepts, which is more than its comment says:

* An expression is cut at an operator: at the first ``<=`` if anything follows it, else at the first ``<``, then ``>=``,
  ``>``, ``===``, ``==``, ``!=``. White space around the parts, in Unicode's sense, is nothing; within them it is wrong.
* The number is one of Go's: ``-5``, ``.5``, ``1e3``, ``1_000``, ``0x1p4``, ``Inf``, ``NaN``; one too large for a float
  is refused. There are no units.
* ``p(N)`` takes any such number from 0 to 100; ``p`` alone is ``p(0)``.
* ``==`` and ``===`` are the same. What each type of metric has is in :data:`METHODS`.

k6 v1 differs in one point: it takes percentiles beyond 0 to 100, and then breaks.

What k6 does with a value that is not there differs by moment. While the test runs, a metric without samples is not
judged (its ``tainted`` is null); at the end its statistics are 0, except for a rate, which passes. The REST API shows a
0 in all these cases. So whoever evaluates against the API's numbers looks at ``tainted`` too; here, only what is not in
the mapping is unknown, and unknown is not failed.
"""

from __future__ import annotations

import math
import operator as compare
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Final

from dashboard.model.metric import MetricType
from dashboard.quick import dataclass

METHODS: Final[Mapping[MetricType, tuple[str, ...]]] = {
    MetricType.COUNTER: ("count", "rate"),
    MetricType.GAUGE: ("value",),
    MetricType.RATE: ("rate",),
    MetricType.TREND: ("avg", "min", "med", "max", "p(N)"),
}
"""What can be compared of each type of metric, as it is told to people."""

API_STATISTICS: Final[Mapping[MetricType, frozenset[str]]] = {
    MetricType.COUNTER: frozenset({"count", "rate"}),
    MetricType.GAUGE: frozenset({"value"}),
    MetricType.RATE: frozenset({"rate"}),
    MetricType.TREND: frozenset({"avg", "min", "med", "max", "p(90)", "p(95)"}),
}
"""What the REST API gives of each type, whatever ``summaryTrendStats`` says."""

PERCENTILE: Final = "p"
_KEYWORDS: Final = ("value", "count", "rate", "avg", "min", "med", "max", PERCENTILE)
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<=": compare.le,
    "<": compare.lt,
    ">=": compare.ge,
    ">": compare.gt,
    "===": compare.eq,
    "==": compare.eq,
    "!=": compare.ne,
}
"""By operator, in the order in which k6 looks for them."""
_ALSO_KNOWN_AS: Final = {"p(0)": "min", "p(50)": "med", "p(100)": "max"}
"""Percentiles that are the same number as a statistic with a name of its own."""

_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)
"""What Go's ``strings.TrimSpace`` takes away."""
_DIGITS: Final = "[0-9]+(?:_[0-9]+)*"
_HEX_DIGITS: Final = "[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*"
_DECIMAL: Final = re.compile(rf"[+-]?(?:{_DIGITS}\.?(?:{_DIGITS})?|\.{_DIGITS})(?:[eE][+-]?{_DIGITS})?")
_HEXADECIMAL: Final = re.compile(
    rf"[+-]?0[xX](?:_?{_HEX_DIGITS}\.?(?:{_HEX_DIGITS})?|\.{_HEX_DIGITS})[pP][+-]?{_DIGITS}"
)
_SPECIAL: Final = re.compile(r"[+-]?inf(?:inity)?|nan", re.IGNORECASE)
_UNIT: Final = re.compile(r"([0-9.]+)\s*(%|µs|us|ms|s|m|h|[kKMG]i?[bB])")
_LONGEST_QUOTE: Final = 80


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a threshold stands against some numbers."""

    value: float | None
    """The statistic that was compared; None where it is not known."""
    holds: bool | None
    """Whether it holds; None where that is not known."""
    margin: float | None
    """How far the value is on the right side of the bound, in the metric's unit; negative by how much it fails. None
    where nothing was compared, or the distance is no number."""


UNKNOWN: Final = Evaluation(None, None, None)


@dataclass(frozen=True, slots=True)
class Threshold:
    """One condition on one metric."""

    source: str = field(compare=False)
    """The expression as it was written; untrusted text."""
    method: str
    """``avg``, ``min``, ``med``, ``max``, ``p``, ``count``, ``rate`` or ``value``."""
    percentile: float | None
    """N of ``p(N)``, 0 to 100; None for the other methods."""
    operator: str
    """One of ``<=  <  >=  >  ===  ==  !=``."""
    bound: float
    """What the statistic is compared with; may be infinite, or NaN."""

    @property
    def statistic(self) -> str:
        """The name of what is compared, as k6 spells it in its answers: ``p(95)``, also where ``p(95.0)`` was typed."""
        return self.method if self.percentile is None else percentile_name(self.percentile)

    def __str__(self) -> str:
        """The expression in its plainest form."""
        return f"{self.statistic}{self.operator}{_number_text(self.bound)}"

    def applies_to(self, metric_type: MetricType) -> bool:
        """Whether k6 takes this expression for a metric of that type."""
        return (f"{PERCENTILE}(N)" if self.percentile is not None else self.method) in METHODS[metric_type]

    def in_api(self, metric_type: MetricType) -> bool:
        """Whether k6's REST API gives what is compared, for a metric of that type."""
        given = API_STATISTICS[metric_type]
        return self.statistic in given or _ALSO_KNOWN_AS.get(self.statistic) in given

    def evaluate(self, statistics: Mapping[str, float]) -> Evaluation:
        """Compare.

        Args:
            statistics: Values of one metric by statistic, as k6 spells them; what is missing is unknown.
        """
        value = statistics.get(self.statistic)
        if value is None:
            value = statistics.get(_ALSO_KNOWN_AS.get(self.statistic, ""))
        return UNKNOWN if value is None else self.judge(value)

    def judge(self, value: float) -> Evaluation:
        """Compare one value, which is the statistic that this threshold is about."""
        match self.operator:
            case "<" | "<=":
                margin = self.bound - value
            case ">" | ">=":
                margin = value - self.bound
            case "!=":
                margin = abs(value - self.bound)
            case _:
                margin = -abs(value - self.bound)
        margin += 0.0  # not -0.0
        holds = _COMPARISONS[self.operator](value, self.bound)
        return Evaluation(value, holds, None if math.isnan(margin) else margin)


def parse_threshold(source: str, metric_type: MetricType | None = None) -> Threshold:
    """Read an expression as k6 does.

    Args:
        source: Such as ``p(95) < 500``; untrusted text.
        metric_type: The type of the metric that it is for; None where it is not known yet.

    Raises:
        ValueError: k6 would refuse it. The message is one line: what is wrong, and what would be right.
    """
    left, operator, right = _scan(source)
    method, percentile = _read_method(left, source)
    threshold = Threshold(source, method, percentile, operator, _read_bound(right, source))
    if metric_type is not None and not threshold.applies_to(metric_type):
        raise ValueError(unsuitable(threshold, metric_type))
    return threshold


def percentile_name(percentile: float) -> str:
    """The name of a percentile as k6 spells it.

    >>> percentile_name(95.0), percentile_name(99.99999)
    ('p(95)', 'p(99.99999)')
    """
    return f"{PERCENTILE}({_number_text(percentile)})"


def unsuitable(threshold: Threshold, metric_type: MetricType) -> str:
    """Why k6 does not take a threshold for a metric of that type, and what it would take; one line."""
    *others, last = METHODS[metric_type]
    choice = f"{', '.join(others)} or {last}" if others else last
    return f"{_quoted(threshold.source)}: a {metric_type} has no {threshold.statistic}; compare its {choice}"


def _scan(source: str) -> tuple[str, str, str]:
    for operator in _COMPARISONS:
        left, _, right = source.partition(operator)
        if right:
            return left.strip(_SPACE), operator, right.strip(_SPACE)
    if any(sign in source for sign in _COMPARISONS):
        raise ValueError(f"{_quoted(source)} compares with nothing; put a number at its end, as in p(95)<500")
    raise ValueError(f"{_quoted(source)} compares nothing; write one like p(95)<500, with < <= > >= == === or !=")


def _read_method(text: str, source: str) -> tuple[str, float | None]:
    if text == PERCENTILE:
        return PERCENTILE, 0.0
    if text in _KEYWORDS:
        return text, None
    if text.startswith("p(") and text.endswith(")"):
        number = go_float(text[2:-1])
        if number is None or not 0 <= number <= 100:
            raise ValueError(
                f"{_quoted(source)}: {_quoted(text)} is no percentile; N of p(N) is a number from 0 to 100"
            )
        return PERCENTILE, number + 0.0
    if not text:
        raise ValueError(f"{_quoted(source)} says not what to compare; begin with a statistic, as in p(95)<500")
    plain = re.sub(r"\s", "", text).lower()
    if plain != text and (plain in _KEYWORDS or re.fullmatch(r"p\([^()]*\)", plain)):
        raise ValueError(f"{_quoted(source)}: k6 writes {_quoted(text)} as {plain}")
    raise ValueError(
        f"{_quoted(source)}: {_quoted(text)} is none of k6's statistics: avg, min, med, max, p(N), count, rate, value"
    )


def _read_bound(text: str, source: str) -> float:
    number = go_float(text)
    if number is not None:
        return number
    if not text:
        raise ValueError(f"{_quoted(source)} compares with nothing; put a number at its end, as in p(95)<500")
    if _UNIT.fullmatch(text):
        raise ValueError(
            f"{_quoted(source)}: {_quoted(text)} has a unit; k6 takes a bare number:"
            " milliseconds for a time, bytes for data, 0 to 1 for a rate"
        )
    if math.isinf(_lenient_float(text)):
        raise ValueError(f"{_quoted(source)}: {_quoted(text)} is too large a number")
    raise ValueError(f"{_quoted(source)}: {_quoted(text)} is no number; write one like 500, 0.05 or 1e3")


def go_float(text: str) -> float | None:
    """Read a number as Go's ``strconv.ParseFloat`` does; None where that would fail.

    >>> go_float("1_000"), go_float("0x1p4"), go_float("1__0"), go_float("1e400")
    (1000.0, 16.0, None, None)
    """
    if _SPECIAL.fullmatch(text):
        return float(text)
    try:
        if _DECIMAL.fullmatch(text):
            number = float(text)
        elif _HEXADECIMAL.fullmatch(text):
            number = float.fromhex(text.replace("_", ""))
        else:
            return None
    except OverflowError:
        return None
    return None if math.isinf(number) else number


def _lenient_float(text: str) -> float:
    try:
        return float(text) if _DECIMAL.fullmatch(text) else float.fromhex(text.replace("_", ""))
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


def _number_text(number: float) -> str:
    """The shortest text for ``number``, as Go's ``%g`` writes one from 0 to 100."""
    return repr(number).removesuffix(".0")


def _quoted(text: str) -> str:
    """Untrusted text in quotation marks: what cannot be printed is escaped, and no line is broken."""
    return repr(text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…")

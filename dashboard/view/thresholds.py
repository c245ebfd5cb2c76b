"""The thresholds of a plan: a line for each expression."""

from __future__ import annotations

import math

from dashboard.model.run_history import RunHistory
from dashboard.model.run_numbers import ELAPSED
from dashboard.model.threshold import Threshold
from dashboard.model.threshold_log import PATIENCE, Judgement, Standing, disagreements
from dashboard.quick import dataclass
from dashboard.view.chart import Kind, Unit
from dashboard.view.format import elapsed_text, quantity
from dashboard.view.frame import Number, ThresholdRow
from dashboard.view.units import kind_of, unit_of


@dataclass(frozen=True, slots=True)
class ThresholdLine:
    """One expression."""

    key: str
    metric: str
    """Untrusted text, as ``source`` is."""
    source: str
    standing: Standing
    is_concluded: bool
    """Whether it is known from k6's verdict alone."""
    number: Number
    """The cumulative value that is compared."""
    margin: str
    """How far it is from the bound, in the metric's unit; negative by how much it fails."""
    relative: str
    """The same in per cent of the bound."""
    since: str
    """k6's clock when it began to fail; empty where it does not."""
    crossed: bool | None
    """k6's verdict on the metric; None where there is none."""
    differs: bool
    """Whether k6's verdict is another one than ours."""
    aborts: str
    """Whether it ends the test, and from when on."""
    note: str
    """All about it, in a sentence or two."""


def judgements(run: RunHistory, cursor: float | None) -> tuple[Judgement, ...]:
    """How each threshold of the plan stands at a moment; by the newest numbers where none is named."""
    at = run.last_row if cursor is None else cursor
    if run.thresholds is None:
        return ()
    look = run.look(at) if at is not None else _nothing
    return run.thresholds.judge(look, lambda name: run.type_of(name) if _is_known(run, name, at) else None, run.origin)


def _nothing(_metric: str, _statistic: str) -> None:
    return None


def _is_known(run: RunHistory, name: str, at: float | None) -> bool:
    info = run.metrics.get(name)
    return info is not None and at is not None and info.since <= at


def threshold_lines(run: RunHistory, cursor: float | None) -> tuple[ThresholdLine, ...]:
    """A line for each expression; those that fail first, then those of which k6 says otherwise."""
    judged = judgements(run, cursor)
    if run.thresholds is None:
        return ()
    differing = set(disagreements(judged))
    lines = [
        _line(run, index, judgement, judgement.planned.metric in differing, cursor)
        for index, judgement in enumerate(judged)
    ]
    return tuple(
        sorted(lines, key=lambda line: (line.standing is not Standing.FAILS, not line.differs, line.metric, line.key))
    )


def threshold_rows(run: RunHistory, cursor: float | None) -> list[ThresholdRow]:
    """The same in short: whether each fails, and its value."""
    rows: list[ThresholdRow] = []
    for judgement in judgements(run, cursor):
        planned = judgement.planned
        info = run.metrics.get(planned.metric)
        value = ""
        if judgement.value is not None and info is not None and judgement.threshold is not None:
            value = "  " + quantity(judgement.value, unit_of(info, judgement.threshold.statistic))
        rows.append(ThresholdRow(planned.metric, _FAILS.get(judgement.standing), f"{planned.source}{value}"))
    return rows


_FAILS = {Standing.FAILS: True, Standing.HOLDS: False}


def _line(run: RunHistory, index: int, judgement: Judgement, differs: bool, cursor: float | None) -> ThresholdLine:
    planned, threshold = judgement.planned, judgement.threshold
    info = run.metrics.get(planned.metric)
    statistic = threshold.statistic if threshold else ""
    unit = unit_of(info, statistic) if info is not None else Unit.NUMBER
    kind = kind_of(run, planned.metric, statistic, cursor) if info is not None else Kind.CUMULATIVE
    watched = run.thresholds.watched[index] if run.thresholds is not None else None
    since = watched.failing_since(cursor) if watched is not None else None
    first = watched.first_by(cursor) if watched is not None else None
    aborts = ""
    if planned.abort_on_fail:
        aborts = f"aborts from {planned.delay:g}s" if planned.delay else "aborts"
    return ThresholdLine(
        key=str(index),
        metric=planned.metric,
        source=planned.source,
        standing=judgement.standing,
        is_concluded=judgement.is_concluded,
        number=Number(judgement.value, unit, kind),
        margin=margin_text(judgement.margin, unit),
        relative=_relative(judgement.margin, threshold),
        since="" if since is None else _clock(run, since),
        crossed=judgement.crossed,
        differs=differs,
        aborts=aborts,
        note=_note(run, judgement, first, differs, cursor),
    )


def margin_text(margin: float | None, unit: Unit) -> str:
    """A distance with its sign; of a share in points of per cent.

    >>> margin_text(88, Unit.MILLISECONDS), margin_text(-0.004, Unit.RATIO), margin_text(None, Unit.NUMBER)
    ('+88.0ms', '-0.40pp', '')
    """
    if margin is None:
        return ""
    text = quantity(abs(margin), unit)
    sign = "-" if margin < 0 else "+"
    if text.startswith(("<", ">")):
        text, sign = text[1:], f"{text[0]}{sign}"
    return sign + (text.replace("%", "pp") if unit is Unit.RATIO else text)


def _relative(margin: float | None, threshold: Threshold | None) -> str:
    if margin is None or threshold is None or not threshold.bound or not math.isfinite(margin / threshold.bound):
        return ""
    share = margin / abs(threshold.bound) * 100
    if 0 < abs(share) < 1:
        return f"{share:+.1f}%" if abs(share) >= 0.05 else "<0.1%"
    return f"{share:+.0f}%" if abs(share) < 999.5 else "<-999%" if share < 0 else ">+999%"


def _clock(run: RunHistory, at: float) -> str:
    """k6's clock at a moment."""
    return elapsed_text(run.value(*ELAPSED, at))


def _note(run: RunHistory, judgement: Judgement, first: float | None, differs: bool, cursor: float | None) -> str:
    planned = judgement.planned
    parts: list[str] = []
    if judgement.why:
        parts.append(f"{judgement.why}.")
    if first is not None:
        parts.append(f"First seen to fail at {_clock(run, first)}.")
    if planned.abort_on_fail:
        after = f", not before {planned.delay:g} s of it" if planned.delay else ""
        parts.append(f"k6 ends the test when it is crossed{after}.")
    if differs:
        theirs = "some threshold on the metric is" if judgement.crossed else "no threshold on the metric is"
        parts.append(f"k6 says that {theirs} crossed, the numbers say otherwise{_lasts(run, planned.metric, cursor)}")
    return " ".join(parts)


def _lasts(run: RunHistory, metric: str, cursor: float | None) -> str:
    """For how long k6 says otherwise, or why that need not mean anything."""
    since = run.thresholds.differs_since(metric) if run.thresholds is not None and cursor is None else None
    lasts = 0.0 if since is None or run.last_row is None else run.last_row - since
    if lasts < PATIENCE:
        return ": it judges every 2 s, so its verdict may be of a moment before."
    return f", for {lasts:.0f} s now."

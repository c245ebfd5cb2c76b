"""The metrics of a run at this moment, all of them or some."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from dashboard.api import decode
from dashboard.api.client import Client
from dashboard.errors import ExitCode, Rejected
from dashboard.model.metric import Metric, MetricType
from dashboard.model.run_numbers import MetricInfo
from dashboard.oneshot.deadline import Deadline
from dashboard.oneshot.report import Cell, Report, Room, Row, Table
from dashboard.oneshot.run_status import read_status
from dashboard.sources.live import BUILTIN_METRICS
from dashboard.view.chart import Kind
from dashboard.view.format import UNKNOWN, clean, quantity
from dashboard.view.frame import Tone
from dashboard.view.units import unit_of

_ORDER = ("avg", "min", "med", "max", "count", "rate", "value")
"""k6's own order in its summary; percentiles follow by number."""
_POISONED = "poisoned: a sample of it is infinite, so k6 cannot give it"


async def metrics(client: Client, deadline: Deadline, names: Sequence[str] = ()) -> Report:
    """Tell the metrics named, in the order in which they were named, or all of them by name.

    A list that an infinite sample has poisoned is read one by one; what k6 cannot give is told apart.
    """
    await read_status(client, deadline.left)
    poisoned: list[str] = []
    missing: list[str] = []
    if names:
        found = await _one_by_one(client, deadline, names, poisoned, missing)
    else:
        try:
            found = list(await client.metrics(timeout=deadline.left))
        except Rejected as error:
            if not decode.is_poisoned(error):
                raise
            found = await _one_by_one(client, deadline, BUILTIN_METRICS, poisoned, [])
    remarks: list[str] = []
    if not names and poisoned:
        remarks.append("an infinite sample has poisoned k6's list; k6's own metrics were read one by one")
    if missing:
        remarks.append(await _what_is_missing(client, deadline, missing))
    lost = set(missing) | (set(poisoned) if names else set[str]())
    return Report(
        {"metrics": [document(metric) for metric in found], "poisoned": poisoned, "missing": missing},
        (_table(found, poisoned),) if found or poisoned else (),
        tuple(remarks) if found or remarks else ("k6 has no metric yet",),
        ExitCode.REFUSED if lost else ExitCode.OK,
    )


async def _one_by_one(
    client: Client, deadline: Deadline, names: Sequence[str], poisoned: list[str], missing: list[str]
) -> list[Metric]:
    found: list[Metric] = []
    for name in dict.fromkeys(names):
        try:
            found.append(await client.metric(name, timeout=deadline.left))
        except Rejected as error:
            if decode.is_poisoned(error):
                poisoned.append(name)
            elif decode.is_unknown(error):
                missing.append(name)
            else:
                raise
    return found


async def _what_is_missing(client: Client, deadline: Deadline, missing: Sequence[str]) -> str:
    """Name what k6 does not have, and what it has that is spelt alike."""
    listed = ", ".join(clean(name) for name in missing)
    said = f"k6 has no metric {listed}; one appears with its first sample"
    try:
        known = [metric.name for metric in await client.metrics(timeout=deadline.left)]
    except Rejected:
        return said
    near = [clean(name) for wanted in missing for name in difflib.get_close_matches(wanted, known, 2)]
    return f"{said}; did you mean {' or '.join(dict.fromkeys(near))}?" if near else said


def document(metric: Metric) -> dict[str, object]:
    """A metric for programs: k6's own numbers, times in milliseconds."""
    return {
        "name": metric.name,
        "type": str(metric.type),
        "contains": str(metric.contains),
        "kind": str(_kind(metric)),
        "tainted": metric.tainted,
        "sample": {statistic: metric.sample[statistic] for statistic in sorted(metric.sample, key=_place)},
    }


def _table(found: Sequence[Metric], poisoned: Sequence[str]) -> Table:
    rows = [_row(metric) for metric in found]
    rows += [(Cell(name), Cell(UNKNOWN), Cell(UNKNOWN), Cell(UNKNOWN), Cell(_POISONED, Tone.WARN)) for name in poisoned]
    return Table(tuple(rows), ("METRIC", "TYPE", "KIND", "THRESHOLDS", "VALUES"), Room.FOLD)


def _row(metric: Metric) -> Row:
    info = MetricInfo(metric.type, metric.contains)
    values = [
        f"{statistic}={quantity(metric.sample[statistic], unit_of(info, statistic))}"
        for statistic in sorted(metric.sample, key=_place)
    ]
    return (
        Cell(metric.name),
        Cell(metric.type),
        Cell(_kind(metric)),
        _thresholds(metric.tainted),
        Cell(" ".join(values)),
    )


def _thresholds(tainted: bool | None) -> Cell:
    if tainted is None:
        return Cell(UNKNOWN)
    return Cell("crossed", Tone.BAD) if tainted else Cell("hold", Tone.GOOD)


def _kind(metric: Metric) -> Kind:
    return Kind.NOW if metric.type is MetricType.GAUGE else Kind.CUMULATIVE


def _place(statistic: str) -> tuple[int, float, str]:
    if statistic in _ORDER:
        return _ORDER.index(statistic), 0.0, statistic
    try:
        return len(_ORDER), float(statistic.removeprefix("p(").removesuffix(")")), statistic
    except ValueError:
        return len(_ORDER), 0.0, statistic

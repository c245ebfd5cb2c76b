"""A tick as JSON has it. The README lists the keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dashboard.view.group_document import check_document, group_document
from dashboard.view.tick import CheckTick, GroupTick, MetricTick, Tick

SCHEMA: Final = "k6dash.tick/1"
"""Names what a document of ``ndjson`` holds; a key that changes its meaning or goes away raises the number."""


def tick_document(tick: Tick) -> dict[str, object]:
    """A tick, of values that JSON has."""
    outage = tick.outage
    return {
        "schema": SCHEMA,
        "target": tick.target,
        "run": tick.run,
        "time": round(tick.at, 6),
        "elapsed": tick.elapsed,
        "elapsed_is_bound": tick.is_bound,
        "interval": tick.interval,
        "state": str(tick.state),
        "status": tick.status,
        "paused": tick.paused,
        "vus": tick.vus,
        "vus_max": tick.vus_max,
        "tainted": tick.tainted,
        "crossed": list(tick.crossed),
        "round_trip": tick.round_trip,
        "origin": str(tick.origin),
        "outage": {"kind": str(outage.kind), "message": outage.message} if outage else None,
        "exit": {"code": tick.exit.code, "meaning": tick.exit.meaning} if tick.exit else None,
        "coherent": tick.coherent,
        "poisoned": list(tick.poisoned),
        "metrics": None if tick.metrics is None else {metric.name: _metric_document(metric) for metric in tick.metrics},
        "groups": None if tick.groups is None else [_group_document(group) for group in tick.groups],
        "events": [
            {
                "id": event.id,
                "time": round(event.at, 6),
                "elapsed": event.elapsed,
                "kind": str(event.kind),
                "title": event.title,
                "detail": event.detail,
                "bad": event.is_bad,
            }
            for event in tick.events
        ],
    }


def _group_document(tick: GroupTick) -> dict[str, object]:
    """As ``k6dash groups --json`` has it, and of each check what was counted between the last two looks at them."""
    return group_document(tick.group, map(_check_document, tick.checks))


def _check_document(tick: CheckTick) -> dict[str, object]:
    interval = tick.interval
    return check_document(tick.check) | {
        "interval": None
        if interval is None
        else {
            "seconds": round(interval.end - interval.start, 6),
            "passes": interval.tally.passes,
            "fails": interval.tally.fails,
            "share": interval.tally.share,
        },
    }


def _metric_document(metric: MetricTick) -> dict[str, object]:
    kinds: Mapping[str, Mapping[str, float]] = {
        "cumulative": metric.cumulative,
        "interval": metric.interval,
        "estimated": metric.estimated,
        "period": metric.period,
        "now": metric.now,
    }
    document: dict[str, object] = {
        "type": str(metric.type),
        "contains": str(metric.contains),
        "tainted": metric.tainted,
    }
    document.update((kind, dict(values)) for kind, values in kinds.items() if values)
    return document

"""A recording as time series in OpenMetrics text, to be loaded into Prometheus (``promtool tsdb create-blocks-from``).

The names are those that k6's own Prometheus output gives, so that dashboards made for it fit: ``k6_http_reqs_total``,
``k6_http_req_failed_rate``, ``k6_http_req_duration_p95``, times in seconds. The tags of a submetric are labels. What k6
does not tell itself is named ``..._interval_...`` or ``..._period_...``.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable
from dataclasses import field
from itertools import pairwise
from typing import BinaryIO, Final

from dashboard.export.columns import by_kind
from dashboard.model.metric import Contains, MetricType, split_name
from dashboard.quick import dataclass
from dashboard.sources.recording import Header
from dashboard.view.tick import MetricTick, Tick

_MILLISECONDS: Final = 1000.0
_NOT_IN_A_NAME: Final = re.compile(r"[^a-zA-Z0-9_]")
_PERCENTILE: Final = re.compile(r"p\(([0-9.]+)\)")
_RUN: Final = "k6dash_"

Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Series:
    times: array[float] = field(default_factory=lambda: array("d"))
    values: array[float] = field(default_factory=lambda: array("d"))


@dataclass(slots=True)
class _Family:
    is_counter: bool
    help: str
    series: dict[Labels, _Series] = field(default_factory=dict[Labels, _Series])


def write_openmetrics(header: Header, ticks: Callable[[], Iterable[Tick]], out: BinaryIO) -> None:
    """Write every series, family by family, as the format wants it. Two numbers are held in memory for each point."""
    families: dict[str, _Family] = {}
    for tick in ticks():
        _add(families, f"{_RUN}elapsed_seconds", (), tick.at, tick.elapsed, help_text="k6's test clock.")
        _add(families, "k6_vus", (), tick.at, tick.vus, help_text="VUs that k6 runs.")
        _add(families, "k6_vus_max", (), tick.at, tick.vus_max, help_text="VUs that k6 has initialised.")
        _add(families, f"{_RUN}tainted", (), tick.at, float(tick.tainted), help_text="Whether a threshold is crossed.")
        _add(families, f"{_RUN}up", (), tick.at, float(tick.outage is None), help_text="Whether k6 answered.")
        for metric in tick.metrics or ():
            _add_metric(families, metric, tick.at)
    for name in sorted(families):
        _write_family(name, families[name], (("target", header.target),), out)
    out.write(b"# EOF\n")


def _add_metric(families: dict[str, _Family], metric: MetricTick, at: float) -> None:
    parent, tags = split_name(metric.name)
    labels = _labels(tags)
    base = f"k6_{_NOT_IN_A_NAME.sub('_', parent)}"
    if metric.name in ("vus", "vus_max"):
        return  # the status tells them, and tells them live
    scale = _MILLISECONDS if metric.contains is Contains.TIME else 1.0
    for kind, values in by_kind(metric).items():
        for statistic, value in values.items():
            is_total = kind == "cumulative" and metric.type is MetricType.COUNTER and statistic == "count"
            if metric.type is MetricType.COUNTER and kind == "cumulative" and not is_total:
                continue  # k6's rate of a counter is its total by its clock, which is there
            part = "" if kind in ("cumulative", "now") else f"{kind}_"
            suffix = "" if kind == "now" or is_total else f"_{part}{_suffix(statistic)}"
            unscaled = metric.type in (MetricType.RATE, MetricType.COUNTER)
            _add(
                families,
                base + suffix,
                labels,
                at,
                value if unscaled else value / scale,
                is_counter=is_total,
                help_text=f"{statistic} of {parent}, {kind}.",
            )


def _add(
    families: dict[str, _Family],
    name: str,
    labels: Labels,
    at: float,
    value: float | None,
    *,
    help_text: str,
    is_counter: bool = False,
) -> None:
    if value is None:
        return
    family = families.setdefault(name, _Family(is_counter, help_text))
    series = family.series.setdefault(labels, _Series())
    if not series.times or at > series.times[-1]:
        series.times.append(at)
        series.values.append(value)


def _suffix(statistic: str) -> str:
    match = _PERCENTILE.fullmatch(statistic)
    return f"p{match[1].replace('.', '_')}" if match else _NOT_IN_A_NAME.sub("_", statistic)


def _labels(tags: str) -> Labels:
    """The tags of a submetric, as names that are allowed; what is written twice is joined."""
    found: dict[str, str] = {}
    for tag in tags.split(",") if tags else ():
        key, _, value = tag.partition(":")
        name = _NOT_IN_A_NAME.sub("_", key.strip().strip("\"'")) or "_"
        name = f"_{name}" if name[0].isdigit() else name
        name = f"tag_{name}" if name.startswith("__") or name == "target" else name
        text = value.strip().strip("\"'")
        found[name] = f"{found[name]},{text}" if name in found else text
    return tuple(sorted(found.items()))


def _write_family(name: str, family: _Family, common: Labels, out: BinaryIO) -> None:
    # A script may add negative numbers to a counter of its own; then it is none in Prometheus' sense.
    falls = any(
        later < earlier and later != 0
        for series in family.series.values()
        for earlier, later in pairwise(series.values)
    ) or any(value < 0 for series in family.series.values() for value in series.values)
    is_counter = family.is_counter and not falls
    out.write(f"# TYPE {name} {'counter' if is_counter else 'gauge'}\n".encode())
    out.write(f"# HELP {name} {_escaped(family.help)}\n".encode("utf-8", "backslashreplace"))
    sample = f"{name}_total" if is_counter else name
    for labels, series in sorted(family.series.items()):
        pairs = ",".join(f'{key}="{_escaped(value)}"' for key, value in (*common, *labels))
        head = f"{sample}{{{pairs}}}"
        for at, value in zip(series.times, series.values, strict=True):
            out.write(f"{head} {value!r} {at:.3f}\n".encode("utf-8", "backslashreplace"))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

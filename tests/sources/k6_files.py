"""Files as k6 writes them, made up: samples of a test of any length, from a seed."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

START = 1_700_000_000
PHASES = ("blocked", "connecting", "tls_handshaking", "sending", "waiting", "receiving")
THRESHOLDS: dict[str, list[str]] = {"http_req_duration": ["p(95)<60", "p(99.9)<5000"], "http_req_failed": ["rate<0.05"]}
PER_ITERATION = 16
"""Samples of one iteration."""


def stamp(at: float, nanoseconds: int = 0) -> str:
    """A time as Go writes it: without the zeros at its end."""
    whole = datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f"{round((at % 1) * 1e6):06}{nanoseconds:03}".rstrip("0")
    return f"{whole}.{digits}Z" if digits else f"{whole}Z"


def metric_line(name: str, kind: str, contains: str = "default", submetrics: list[str] | None = None) -> str:
    """What k6 writes of a metric before its first sample."""
    written = [
        {"name": f"{name}{{{tags}}}", "suffix": tags, "tags": dict(tag.split(":", 1) for tag in tags.split(","))}
        for tags in submetrics or ()
    ]
    data = {
        "name": name,
        "type": kind,
        "contains": contains,
        "thresholds": THRESHOLDS.get(name, []),
        "submetrics": written or None,
    }
    return json.dumps({"type": "Metric", "data": data, "metric": name}, separators=(",", ":"))


def point_line(name: str, at: float, value: float, tags: dict[str, str], **more: Any) -> str:
    """One sample."""
    data = {"time": stamp(at), "value": int(value) if value == int(value) else value, "tags": tags, **more}
    return json.dumps({"metric": name, "type": "Point", "data": data}, separators=(",", ":"))


BEGINNING = (
    metric_line("vus", "gauge"),
    metric_line("vus_max", "gauge"),
    metric_line("http_reqs", "counter"),
    metric_line("http_req_duration", "trend", "time", ["expected_response:true", "status:500"]),
    *(metric_line(f"http_req_{phase}", "trend", "time") for phase in PHASES),
    metric_line("http_req_failed", "rate"),
    metric_line("checks", "rate"),
    metric_line("group_duration", "trend", "time"),
    metric_line("data_sent", "counter", "data"),
    metric_line("data_received", "counter", "data"),
    metric_line("iteration_duration", "trend", "time"),
    metric_line("iterations", "counter"),
    metric_line("my_trend", "trend"),
)


def _iteration(is_bad: bool) -> str:
    """The samples of an iteration, with places for their time and values: the lines are made by the million."""
    status, url = "500" if is_bad else "200", "http://127.0.0.1/x"
    common = {"group": "::outer", "scenario": "main"}
    usual = {"group": "", "scenario": "main"}
    tags = {**common, "method": "GET", "name": url, "status": status, "url": url}
    tags["expected_response"] = str(not is_bad).lower()
    lines = [
        point_line("http_reqs", START, 1, tags),
        point_line("http_req_duration", START, 7701, tags),
        *(point_line(f"http_req_{phase}", START, 7702 if phase == "waiting" else 7703, tags) for phase in PHASES),
        point_line("http_req_failed", START, int(is_bad), tags),
        point_line("checks", START, int(not is_bad), {**common, "check": "status is 200"}),
        point_line("group_duration", START, 7701, common),
        point_line("data_sent", START, 100, usual),
        point_line("data_received", START, 250, usual),
        point_line("iteration_duration", START, 7701, usual),
        point_line("iterations", START, 1, usual),
        point_line("my_trend", START, 7704, usual),
    ]
    text = "\n".join(lines).replace("%", "%%").replace(stamp(START), "%(at)s")
    for number, name in ((7701, "duration"), (7702, "waiting"), (7703, "little"), (7704, "own")):
        text = text.replace(f":{number},", f":%({name})s,")
    return text


_ITERATIONS = {is_bad: _iteration(is_bad) for is_bad in (False, True)}


def iteration_text(at: float, dice: random.Random) -> str:
    """The samples of an iteration that ends at a moment."""
    duration = dice.lognormvariate(3.0, 0.8)
    values = {
        "at": stamp(at),
        "duration": repr(duration),
        "waiting": repr(0.9 * duration),
        "little": repr(dice.random() / 10),
        "own": repr(dice.gauss(0, 10)),
    }
    return _ITERATIONS[dice.random() < 0.02] % values


def sample_lines(count: int, *, per_second: int = 2000, seed: int = 1) -> Iterator[str]:
    """About so many samples, several lines at once, with what k6 writes of the metrics before."""
    yield from BEGINNING
    dice = random.Random(seed)
    written, at, beat = 0, float(START), START + 1
    while written < count:
        at += PER_ITERATION / per_second
        while beat <= at:
            for name in ("vus", "vus_max"):
                yield point_line(name, beat, 10, {})
                written += 1
            beat += 1
        yield iteration_text(at, dice)
        written += PER_ITERATION


def write_samples(path: Path, count: int, *, per_second: int = 2000, seed: int = 1) -> Path:
    """A file of about so many samples; compressed where its name says so."""
    with _opened(path) as file:
        for line in sample_lines(count, per_second=per_second, seed=seed):
            file.write(line + "\n")
    return path


def _opened(path: Path) -> IO[str]:
    return gzip.open(path, "wt", compresslevel=1) if path.suffix == ".gz" else path.open("w")

"""k6's answers with numbers that move: a pure function of the elapsed time and the number of metrics."""

from __future__ import annotations

import json
import math
from typing import Any, Final

TRENDS: Final = (
    "http_req_duration",
    "http_req_blocked",
    "http_req_connecting",
    "http_req_tls_handshaking",
    "http_req_sending",
    "http_req_waiting",
    "http_req_receiving",
    "iteration_duration",
)
COUNTERS: Final = ("http_reqs", "iterations", "data_received", "data_sent")
GAUGES: Final = ("vus", "vus_max")
RATES: Final = ("http_req_failed",)
BUILTIN: Final = len(TRENDS) + len(COUNTERS) + len(GAUGES) + len(RATES)

_CONTAINS: Final = {"data_received": "data", "data_sent": "data"}


def status(elapsed: float, vus: int, is_paused: bool, is_stopped: bool) -> dict[str, Any]:
    """The body of /v1/status."""
    attributes = {
        "status": 9 if is_stopped else 7,
        "paused": is_paused,
        "vus": vus,
        "vus-max": 100,
        "stopped": is_stopped,
        "running": not is_stopped,
        "tainted": int(elapsed) % 60 >= 50,
    }
    return {"data": {"type": "status", "id": "default", "attributes": attributes}}


def metrics(elapsed: float, vus: int, count: int) -> dict[str, Any]:
    """The body of /v1/metrics with ``count`` metrics, all of them moving."""
    entries = [_metric(name, "trend", "time", elapsed, vus, seed) for seed, name in enumerate(TRENDS)]
    entries += [
        _metric(name, "counter", _CONTAINS.get(name, "default"), elapsed, vus, seed)
        for seed, name in enumerate(COUNTERS)
    ]
    entries += [_metric(name, "gauge", "default", elapsed, vus, 0) for name in GAUGES]
    entries += [_metric(name, "rate", "default", elapsed, vus, seed) for seed, name in enumerate(RATES)]
    kinds = ("trend", "counter", "gauge", "rate")
    for number in range(count - len(entries)):
        name = f"custom_metric_{number:04}"
        entries.append(_metric(name, kinds[number % 4], "default", elapsed, vus, number))
    return {"data": entries}


def body(document: dict[str, Any]) -> bytes:
    """A document as k6 sends it."""
    return json.dumps(document, separators=(",", ":")).encode()


def _metric(name: str, kind: str, contains: str, elapsed: float, vus: int, seed: int) -> dict[str, Any]:
    attributes = {
        "type": kind,
        "contains": contains,
        "tainted": None,
        "sample": _sample(name, kind, elapsed, vus, seed),
    }
    return {"type": "metrics", "id": name, "attributes": attributes}


def _sample(name: str, kind: str, elapsed: float, vus: int, seed: int) -> dict[str, float]:
    wave = math.sin(elapsed / (7 + seed % 5) + seed)
    match kind:
        case "trend":
            middle = 40 + 10 * (seed % 7) + 8 * wave
            # The mean over the run of a momentary mean that swings, so that interval means stay plausible.
            mean = 45 + 10 * (seed % 7) + 56 * (1 - math.cos(elapsed / 7)) / elapsed
            return {
                "avg": mean,
                "min": 1.5,
                "med": middle,
                "max": 900.0 + elapsed,
                "p(90)": middle * 1.9,
                "p(95)": middle * 2.4,
            }
        case "counter":
            total = math.floor(elapsed * 50 * (1 + seed % 3) + 5 * wave + 20)
            return {"count": total, "rate": total / elapsed}
        case "gauge":
            return {"value": {"vus": vus, "vus_max": 100}.get(name, 50 + 30 * wave)}
        case _:
            return {"rate": 0.5 + 0.4 * wave if seed else 0.01 + 0.005 * wave}

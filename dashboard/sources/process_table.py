"""The document in which a prober writes what the process table tells, so that a recording has it like any other.

It is no answer of k6: its endpoint is none of k6's paths. It holds names of processes and numbers, never a command
line.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from dashboard.api.shape import is_list, is_object
from dashboard.model.process import Figure, Local, LocalReport, Neighbour
from dashboard.sources.base import Document

ENDPOINT = "machine:process"
"""Where such a document says that it comes from."""
MOST_NEIGHBOURS = 5

_LOCALS: Mapping[str, Local] = {str(each): each for each in Local}
_FIGURES: Mapping[str, Figure] = {str(each): each for each in Figure}
_OK = 200


def write(report: LocalReport, took: float) -> Document:
    """Put what was found into a document; ``took`` is how many seconds finding it took."""
    body = {
        "local": str(report.local),
        "pid": report.pid,
        "name": report.name,
        "figures": {str(figure): value for figure, value in report.figures.items()},
        "neighbours": [{"pid": each.pid, "name": each.name, "cpu": each.cpu} for each in report.neighbours],
    }
    return Document(ENDPOINT, _OK, json.dumps(body).encode(), took)


def read(body: bytes) -> LocalReport | None:
    """Read such a document. It may come from a file that somebody wrote: what is not as it should be is left out."""
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not is_object(document):
        return None
    local = document.get("local")
    if not isinstance(local, str) or local not in _LOCALS:
        return None
    pid, name, figures, listed = (document.get(key) for key in ("pid", "name", "figures", "neighbours"))
    return LocalReport(
        local=_LOCALS[local],
        figures={
            _FIGURES[key]: value
            for key, given in (figures.items() if is_object(figures) else ())
            if key in _FIGURES and (value := _number(given)) is not None
        },
        pid=pid if isinstance(pid, int) else None,
        name=name if isinstance(name, str) else "",
        neighbours=tuple(
            neighbour for each in (listed if is_list(listed) else ()) if (neighbour := _neighbour(each)) is not None
        )[:MOST_NEIGHBOURS],
    )


def _neighbour(entry: object) -> Neighbour | None:
    if not is_object(entry):
        return None
    pid, name, cpu = entry.get("pid"), entry.get("name"), _number(entry.get("cpu"))
    if not isinstance(pid, int) or not isinstance(name, str) or cpu is None:
        return None
    return Neighbour(pid, name, cpu)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None

"""From the documents about the process that makes the load to one report."""

from __future__ import annotations

from dashboard.api import decode, encode
from dashboard.api.process import figures_of_metrics, figures_of_vars
from dashboard.errors import Undecodable
from dashboard.model.process import Figure, LocalReport, ProcessReport, Told
from dashboard.sources import process_table
from dashboard.sources.base import Document, Reading


def is_of_k6(document: Document) -> bool:
    """Whether k6 was asked for it, and not the machine."""
    return document.endpoint.startswith("/")


def process_report(reading: Reading) -> ProcessReport | None:
    """What a look brought about the process; None where it was not asked about."""
    told: Told | None = None
    of_metrics: dict[Figure, float] = {}
    of_vars: dict[Figure, float] = {}
    script: str | None = None
    local: LocalReport | None = None
    at = reading.at
    moment: float | None = None
    # The documents came one after the other, the last at the time of the reading; so each one's own moment is known.
    for document in reversed(reading.documents):
        match document.endpoint:
            case encode.PROCESS_METRICS:
                moment = at
                told, of_metrics = _read_metrics(document)
            case encode.DEBUG_VARS:
                moment = at if moment is None else moment
                of_vars, script = _read_vars(document)
            case process_table.ENDPOINT:
                moment = at if moment is None else moment
                local = process_table.read(document.body)
            case _:
                pass
        at -= document.took
    if moment is None:
        return None
    if told is not Told.WHOLLY and of_vars:
        told = Told.MEMORY_ALONE
    return ProcessReport(moment, {**of_vars, **of_metrics}, told, script, local)


def _read_metrics(document: Document) -> tuple[Told, dict[Figure, float]]:
    if decode.refusal(document.endpoint, document.status_code, document.body) is not None:
        return Told.NOT_AT_ALL, {}
    try:
        values = decode.prometheus(document.body, document.endpoint)
    except Undecodable:
        return Told.NOT_AT_ALL, {}
    # Any unknown path gives the same short answer, and before 1.2 this one was unknown.
    return (Told.WHOLLY if values else Told.MEMORY_ALONE), figures_of_metrics(values)


def _read_vars(document: Document) -> tuple[dict[Figure, float], str | None]:
    try:
        variables = decode.debug_vars(document.body)
    except Undecodable:
        return {}, None
    return figures_of_vars(variables), variables.command.script

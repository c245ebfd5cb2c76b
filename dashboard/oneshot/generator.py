"""Is the process that makes the load the bottleneck? Two looks at it, a moment apart, and a verdict."""

from __future__ import annotations

from dashboard.api import encode
from dashboard.api.client import Client
from dashboard.api.process import without_secrets
from dashboard.errors import ApiError
from dashboard.model.process import Figure, Local
from dashboard.model.run_history import RunHistory
from dashboard.model.verdict import Level, Verdict, gather, judge
from dashboard.oneshot.deadline import Deadline
from dashboard.oneshot.report import Cell, Report, facts
from dashboard.oneshot.run_status import describe, read_status, status_document
from dashboard.session import Session
from dashboard.sources.base import Document, Reading
from dashboard.sources.live import LiveSource
from dashboard.sources.process import Prober
from dashboard.view.chart import Unit
from dashboard.view.format import UNKNOWN, quantity
from dashboard.view.frame import Tone
from dashboard.view.verdict import headline, sentence

APART = 1.0
"""Seconds between the two looks. k6 tells its CPU time in hundredths of a second."""
_LOAD = ("iterations", "iteration_duration", "dropped_iterations")
"""What of the test's own metrics says whether the load kept up; asked for one by one, which costs k6 no list."""
_TONES = {Level.SUSPECT: Tone.BAD, Level.TIGHT: Tone.WARN, Level.FINE: Tone.GOOD}
_TELLING = (
    Figure.CPU,
    Figure.MAX_PROCS,
    Figure.RESIDENT,
    Figure.MEMORY_LIMIT,
    Figure.HEAP,
    Figure.GOROUTINES,
    Figure.THREADS,
    Figure.OPEN_FDS,
    Figure.MAX_FDS,
    Figure.GC_PAUSE_SHARE,
    Figure.GC_CPU_SHARE,
    Figure.RECEIVE_RATE,
    Figure.SEND_RATE,
    Figure.CORES,
    Figure.ALLOWED_CORES,
    Figure.ALLOWED_BUSY,
    Figure.MACHINE_BUSY,
    Figure.STEAL,
    Figure.MEMORY_AVAILABLE,
    Figure.MEMORY_TOTAL,
)
"""The figures of a moment; what only counts up since the start says nothing by itself."""


async def generator(client: Client, deadline: Deadline, prober: Prober) -> Report:
    """Look twice at the k6 process, and at the machine where it is this one; judge what the time between them showed.

    Args:
        client: Where the k6 is.
        deadline: When patience ends.
        prober: Knows the machine that k6 runs on.
    """

    async def opened() -> Client:
        return client

    status = await read_status(client, deadline.left)
    target = client.target.label
    session = Session([LiveSource(target, opened, deadline.clock)], deadline.clock)
    await prober.probe()  # begins; it tells what has happened since
    for look in (1, 2):
        if look == 2:
            await deadline.clock.sleep(APART)
        documents = [await _get(client, deadline, path) for path in (encode.STATUS, *map(encode.metric_path, _LOAD))]
        documents.append(await _get(client, deadline, encode.PROCESS_METRICS))
        documents.append(await _get_vars(client, deadline))
        documents.append(await prober.probe())
        given = tuple(document for document in documents if document is not None)
        session.observe(Reading(target, deadline.clock.now(), given))
    run = session.histories[target].run
    verdict = judge(gather(run, None))
    return _report(target, describe(status), run, verdict, status_document(status))


async def _get(client: Client, deadline: Deadline, path: str) -> Document | None:
    """An answer, also where it is a refusal: k6 has no metric before its first sample."""
    answer = await client.fetch("GET", path, timeout=deadline.left)
    return Document(answer.endpoint, answer.status_code, answer.body, answer.took)


async def _get_vars(client: Client, deadline: Deadline) -> Document | None:
    """k6's variables, without the secrets that are in them; None where something else answers."""
    try:
        answer = await client.get(encode.DEBUG_VARS, timeout=deadline.left)
        return Document(answer.endpoint, answer.status_code, without_secrets(answer.body), answer.took)
    except ApiError:
        return None


def _report(target: str, state: str, run: RunHistory, verdict: Verdict, status: dict[str, object]) -> Report:
    told, row = run.generator, run.generator.last
    figures = {figure: told.value(figure, row) for figure in _TELLING}
    known = {figure: value for figure, value in figures.items() if value is not None}
    local = None if told.local is None or told.local.local is not Local.FOUND else told.local
    document: dict[str, object] = {
        "level": verdict.level.name.lower(),
        "headline": headline(verdict),
        "findings": [
            {
                "cause": str(finding.cause),
                "level": finding.level.name.lower(),
                "text": sentence(finding, verdict.evidence),
            }
            for finding in verdict.findings
        ],
        "figures": {figure.replace(" ", "_"): value for figure, value in known.items()},
        "told": str(told.told),
        "is_local": local is not None,
        "status": status,
    }
    rows: list[tuple[str, Cell | str]] = [
        ("target", target),
        ("state", state),
        ("verdict", Cell(headline(verdict), _TONES.get(verdict.level, Tone.PLAIN))),
    ]
    rows += [("", sentence(finding, verdict.evidence)) for finding in verdict.findings[1:]]
    return Report(document, (facts(*rows), facts(*_figures(known))) if known else (facts(*rows),))


def _figures(known: dict[Figure, float]) -> list[tuple[str, Cell | str]]:
    def number(figure: Figure, unit: Unit = Unit.NUMBER) -> str:
        return quantity(known.get(figure), unit)

    def of(part: str, whole: str) -> str:
        return part if whole == UNKNOWN else f"{part} of {whole}"

    rows: list[tuple[str, Cell | str]] = [
        ("CPU (cores)", of(number(Figure.CPU), number(Figure.MAX_PROCS))),
        ("memory", of(number(Figure.RESIDENT, Unit.BYTES), number(Figure.MEMORY_LIMIT, Unit.BYTES))),
        ("heap", number(Figure.HEAP, Unit.BYTES)),
        ("goroutines", number(Figure.GOROUTINES)),
        ("threads", number(Figure.THREADS)),
        ("file descriptors", of(number(Figure.OPEN_FDS), number(Figure.MAX_FDS))),
        ("GC pauses", number(Figure.GC_PAUSE_SHARE, Unit.RATIO)),
        ("GC CPU, since start", number(Figure.GC_CPU_SHARE, Unit.RATIO)),
        ("received", number(Figure.RECEIVE_RATE, Unit.BYTES_PER_SECOND)),
        ("sent", number(Figure.SEND_RATE, Unit.BYTES_PER_SECOND)),
        ("machine busy", number(Figure.MACHINE_BUSY, Unit.RATIO)),
        ("k6's cores busy", number(Figure.ALLOWED_BUSY, Unit.RATIO)),
    ]
    return [(name, value) for name, value in rows if value != UNKNOWN]

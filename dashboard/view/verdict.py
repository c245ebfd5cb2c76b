"""The verdict on the generator in words, each with its evidence: for the screen and for the command line alike."""

from __future__ import annotations

from dashboard.model.process import Local, Told
from dashboard.model.verdict import Cause, Evidence, Finding, Level, Verdict
from dashboard.view.chart import Unit
from dashboard.view.format import quantity

BEFORE_1_2 = "k6 before 1.2 has no process metrics"


def headline(verdict: Verdict) -> str:
    """The verdict in one sentence, the evidence of the gravest finding in it.

    >>> from dashboard.model.verdict import judge
    >>> headline(judge(Evidence(is_at_work=True, cpu=0.96, cores=8.0)))
    'Fine: k6 uses 0.96 of the 8 cores it may use (12%).'
    """
    evidence = verdict.evidence
    match verdict.level:
        case Level.SUSPECT:
            # Less load than planned is measured as well as any other.
            may_be = "" if verdict.findings[0].cause is Cause.DROPPED else " What is measured may be the generator."
            return f"Suspect: {_lower(sentence(verdict.findings[0], evidence))}{may_be}"
        case Level.TIGHT:
            return f"Near a limit: {_lower(sentence(verdict.findings[0], evidence))}"
        case Level.FINE:
            return f"Fine: {cpu_text(evidence)}."
        case Level.UNKNOWN:
            return f"Cannot be known: {unknown_text(evidence)}"
        case Level.NOTHING_TO_JUDGE:
            return _nothing_text(evidence)


def sentence(finding: Finding, evidence: Evidence) -> str:
    """One finding with the numbers that it rests on."""
    match finding.cause:
        case Cause.CPU:
            full = " It is saturated." if finding.level is Level.SUSPECT else ""
            return f"{_upper(cpu_text(evidence))}.{full}"
        case Cause.STARVED:
            cores, busy = _cores(evidence.cores), _share(evidence.allowed_busy)
            full = f"The {cores} k6 may use {_is_are(evidence.cores)} {busy} busy"
            return f"{full}, and k6 gets {_number(evidence.cpu)} of {_it_them(evidence.cores)}: others take the rest."
        case Cause.FLAT_CPU:
            return (
                f"CPU stands at {_number(evidence.cpu)} cores, look after look: "
                f"k6 may be held to {evidence.flat_at} of the {_cores(evidence.cores)} it sees."
            )
        case Cause.FDS:
            return (
                f"{_number(evidence.open_fds)} of {_number(evidence.max_fds)} file descriptors are open "
                f"({_share(evidence.fds_share)}): without any left, requests fail."
            )
        case Cause.GC_PAUSES:
            return f"Garbage collection stops k6 for {_share(evidence.gc_pauses)} of the time."
        case Cause.GC_CPU:
            return f"Garbage collection has taken {_share(evidence.gc_cpu)} of the CPU since the start."
        case Cause.MEMORY:
            return f"k6 holds {_bytes(evidence.resident)} of its limit of {_bytes(evidence.memory_limit)}."
        case Cause.MACHINE_MEMORY:
            return (
                f"Of the machine's {_bytes(evidence.memory_total)} only {_bytes(evidence.memory_available)} are left."
            )
        case Cause.GROWTH:
            minutes = (evidence.seconds_to_limit or 0.0) / 60
            growth = _bytes(60 * (evidence.growth or 0.0))
            return f"Memory grows by {growth} a minute: at this rate it is used up in {max(1, round(minutes))} min."
        case Cause.DROPPED:
            return _dropped_text(evidence)
        case Cause.STEAL:
            return f"The hypervisor takes {_share(evidence.steal)} of this machine's time, unseen by k6."


NOT_WRITTEN = "k6 writes nothing of its process and its machine into this file."


def cpu_text(evidence: Evidence) -> str:
    """How much CPU k6 uses, of how much."""
    if evidence.cpu is None:
        return "k6's CPU is not known"
    if not evidence.cores:
        return f"k6 uses {_number(evidence.cpu)} cores; how many it may use is not known"
    text = f"k6 uses {_number(evidence.cpu)} of the {_cores(evidence.cores)} it may use ({_share(evidence.cpu_share)})"
    if evidence.machine_cores and evidence.machine_cores > evidence.cores:
        text += f" of this machine's {evidence.machine_cores:g}"
    return text


def unknown_text(evidence: Evidence) -> str:
    """Why the CPU cannot be known, and what would help."""
    match evidence.told:
        case Told.MEMORY_ALONE:
            why = f"{BEFORE_1_2}; Go's memory alone can be had."
        case Told.NOT_AT_ALL:
            why = "k6's own process metrics do not get through to here."
        case Told.NOT_WRITTEN:
            return NOT_WRITTEN
        case Told.NOT_YET | Told.WHOLLY:
            why = "k6 has not told of its process."
    match evidence.local:
        case Local.NOT_OURS:
            return f"{why} The process belongs to another user: as that user, k6dash would see it."
        case Local.NO_LISTENER:
            return f"{why} No process of this machine can be seen to listen there."
        case Local.IN_BETWEEN:
            return f"{why} A tunnel or proxy listens here, and k6 is behind it."
        case Local.NOT_LOOKED | Local.FOUND:
            return why


def _nothing_text(evidence: Evidence) -> str:
    if not evidence.is_at_work:
        return "Nothing to judge: no load is running."
    return "Measuring: a verdict needs two looks at the process, five seconds apart."


def _dropped_text(evidence: Evidence) -> str:
    lost = f"{quantity(evidence.dropped, Unit.PER_SECOND)} iterations are dropped ({_share(evidence.dropped_share)})"
    if evidence.are_all_vus_busy:
        return f"{_upper(lost)}: all {_number(evidence.vus_max)} VUs are busy, and the load is less than planned."
    return f"{_upper(lost)}: the load is less than planned."


def _cores(cores: float | None) -> str:
    if cores is None:
        return "cores"
    return "1 core" if cores == 1 else f"{cores:g} cores"


def _is_are(cores: float | None) -> str:
    return "is" if cores == 1 else "are"


def _it_them(cores: float | None) -> str:
    return "it" if cores == 1 else "them"


def _number(value: float | None) -> str:
    return quantity(value, Unit.NUMBER) if value is None or value == int(value) else f"{value:.2f}"


def _share(value: float | None) -> str:
    return quantity(value, Unit.RATIO)


def _bytes(value: float | None) -> str:
    return quantity(value, Unit.BYTES)


def _upper(text: str) -> str:
    # The name k6 is written small wherever it stands.
    return text if text.startswith("k6") else text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    return text if text.startswith(("CPU", "Go")) else text[:1].lower() + text[1:]

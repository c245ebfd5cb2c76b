"""Is the machine that makes the load the bottleneck? A verdict from numbers, by rules that can be read here.

A load generator that is short of CPU, memory or VUs measures itself: its requests wait inside it, and the waiting is in
``http_req_duration``. So what is asked is never whether a number is high, but whether it can have hurt the others.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from itertools import pairwise

from dashboard.model.derive import INTERVAL_MEAN, INTERVAL_RATE
from dashboard.model.generator import GeneratorHistory
from dashboard.model.process import Figure, Local, Told
from dashboard.model.run import ExecutionStatus
from dashboard.model.run_history import RunHistory
from dashboard.model.status_history import VUS, VUS_MAX
from dashboard.quick import dataclass

WINDOW = 10.0
"""Seconds whose mean is judged: two looks at the process, so that one busy moment is no verdict."""
GROWTH_WINDOW = 120.0
"""Seconds over which memory has to grow before anything is said of it: a heap breathes with each collection."""

CPU_SATURATED = 0.90
"""Share of the cores k6 may use from which its numbers are suspect: Go's own work leaves no core wholly to the script,
and a k6 that wants all of it measures between 0.95 and 1.00."""
CPU_TIGHT = 0.80
"""k6's own advice is to leave a fifth of the CPU free, or the measured durations begin to include the generator's."""
CORES_FULL = 0.95
"""Share in use of the very cores k6 may use from which nothing there runs when it wants to."""
STARVED_ABOVE = 0.15
"""On full cores, the share of them from which k6 is short of CPU: what wants a seventh of a core that others fill waits
some milliseconds each time, and measures the waiting. A k6 that hardly runs is let in at once by any scheduler, so
an idle one on a busy machine is no alarm."""
WANTS_CPU = 0.05
"""On full cores, the share from which it is at least worth a word."""
FLAT = 0.03
"""By how little CPU must differ from a whole number of cores, look after look, to look like a limit nobody told of."""
FLAT_LOOKS = 4
FDS_TIGHT, FDS_EXHAUSTED = 0.80, 0.95
"""Shares of the file descriptors: each connection takes one, and without any left requests fail with ``too many open
files``, which looks like a failing target."""
GC_PAUSES, GC_PAUSES_LONG = 0.02, 0.10
"""Shares of the time for which collecting stops everything. Go's pauses are far below a hundredth in good health; each
is in the duration of every request under way."""
GC_CPU = 0.25
"""Share of the CPU for collecting. Go gives its collector a quarter; more means that the script pays for it."""
MEMORY_TIGHT, MEMORY_EXHAUSTED = 0.85, 0.95
"""Shares of k6's own memory limit. Near its end Go collects without pause."""
MACHINE_MEMORY_TIGHT, MACHINE_MEMORY_EXHAUSTED = 0.93, 0.98
"""Shares of a machine's memory that cannot be had any more. Near its end the system swaps, or kills; a desktop with
three quarters in use is in good health."""
MEMORY_SOON = 15 * 60.0
"""Seconds within which growing memory must reach its limit to be worth a word."""
DROPPED = 0.01
"""Share of planned iterations that did not start from which the load is not the one that was planned."""
ALL_BUSY = 0.9
"""Share of the VUs that must be in an iteration on average for none to have been left."""
STEAL_NOTED, STEAL_HIGH = 0.02, 0.10
"""Shares of the time for which a hypervisor held this machine back, unseen by anything that runs on it."""


class Level(IntEnum):
    """How much a finding, or a verdict, casts doubt on the test's numbers."""

    FINE = 0
    NOTHING_TO_JUDGE = 1
    """No load runs, or nothing has been measured yet."""
    UNKNOWN = 2
    """What would have to be known cannot be known here."""
    TIGHT = 3
    """Near a limit: worth a look before more load is put on."""
    SUSPECT = 4
    """The numbers of the test may be those of the generator."""


class Cause(StrEnum):
    """What a finding is about."""

    CPU = "CPU"
    STARVED = "CPU taken by others"
    FLAT_CPU = "CPU flat"
    FDS = "file descriptors"
    GC_PAUSES = "GC pauses"
    GC_CPU = "GC"
    MEMORY = "memory"
    MACHINE_MEMORY = "memory of the machine"
    GROWTH = "memory grows"
    DROPPED = "dropped iterations"
    STEAL = "steal"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers of the last window. None is what is not known."""

    told: Told = Told.NOT_YET
    local: Local = Local.NOT_LOOKED
    is_at_work: bool = False
    """Whether the load runs at the moment judged."""
    cpu: float | None = None
    """Cores that k6 uses."""
    cores: float | None = None
    """Cores that k6 may use."""
    machine_cores: float | None = None
    allowed_busy: float | None = None
    flat_at: int | None = None
    """The whole number of cores at which CPU has stood."""
    open_fds: float | None = None
    max_fds: float | None = None
    gc_pauses: float | None = None
    gc_cpu: float | None = None
    resident: float | None = None
    memory_limit: float | None = None
    memory_available: float | None = None
    memory_total: float | None = None
    growth: float | None = None
    """Bytes of resident memory a second."""
    steal: float | None = None
    dropped: float | None = None
    """Iterations a second that should have started and did not."""
    iterations: float | None = None
    """Iterations a second that ended."""
    busy_vus: float | None = None
    """VUs that were in an iteration on average: iterations a second times their mean duration."""
    vus: float | None = None
    vus_max: float | None = None

    @property
    def cpu_share(self) -> float | None:
        """CPU as a share of the cores that k6 may use."""
        return self.cpu / self.cores if self.cpu is not None and self.cores else None

    @property
    def fds_share(self) -> float | None:
        """Open file descriptors as a share of their limit."""
        return self.open_fds / self.max_fds if self.open_fds is not None and self.max_fds else None

    @property
    def dropped_share(self) -> float | None:
        """Dropped iterations as a share of those planned."""
        if self.dropped is None:
            return None
        planned = self.dropped + (self.iterations or 0.0)
        return self.dropped / planned if planned else 0.0

    @property
    def are_all_vus_busy(self) -> bool:
        """Whether no VU was left to start an iteration: by Little's law, for one that ends is free for a moment."""
        if not self.vus_max:
            return False
        return max(self.vus or 0.0, (self.busy_vus or 0.0) / ALL_BUSY) >= self.vus_max

    @property
    def memory_share(self) -> float | None:
        """Resident memory as a share of k6's own limit, where one is set."""
        return self.resident / self.memory_limit if self.memory_limit and self.resident is not None else None

    @property
    def machine_memory_share(self) -> float | None:
        """The share of the machine's memory that cannot be had any more."""
        if not self.memory_total or self.memory_available is None:
            return None
        return 1.0 - self.memory_available / self.memory_total

    @property
    def seconds_to_limit(self) -> float | None:
        """Seconds until growing memory reaches its limit; None where it does not grow, or has none that is known."""
        if not self.growth or self.growth <= 0:
            return None
        if self.memory_limit and self.resident is not None:
            return max(0.0, self.memory_limit - self.resident) / self.growth
        return None if self.memory_available is None else self.memory_available / self.growth


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that casts doubt, or soon will."""

    cause: Cause
    level: Level


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be thought of the generator."""

    level: Level
    findings: tuple[Finding, ...]
    """The gravest first."""
    evidence: Evidence

    @property
    def is_suspect(self) -> bool:
        """Whether the test's numbers may be those of the generator."""
        return self.level is Level.SUSPECT


def judge(evidence: Evidence) -> Verdict:
    """Judge the numbers of a window. Pure: the same numbers give the same verdict."""
    if not evidence.is_at_work:
        return Verdict(Level.NOTHING_TO_JUDGE, (), evidence)
    findings = sorted(_findings(evidence), key=lambda finding: -finding.level)
    if findings:
        return Verdict(findings[0].level, tuple(findings), evidence)
    if evidence.cpu_share is not None:
        return Verdict(Level.FINE, (), evidence)
    # The CPU is what most often gives out: without it there is no clean bill.
    is_awaited = evidence.told in (Told.NOT_YET, Told.WHOLLY) or evidence.local is Local.FOUND
    return Verdict(Level.NOTHING_TO_JUDGE if is_awaited else Level.UNKNOWN, (), evidence)


def _findings(evidence: Evidence) -> list[Finding]:
    found: list[Finding] = []

    def weigh(cause: Cause, value: float | None, tight: float, suspect: float) -> None:
        if value is not None and value >= tight:
            found.append(Finding(cause, Level.SUSPECT if value >= suspect else Level.TIGHT))

    cpu = evidence.cpu_share
    weigh(Cause.CPU, cpu, CPU_TIGHT, CPU_SATURATED)
    if cpu is not None and cpu < CPU_SATURATED and (evidence.allowed_busy or 0.0) >= CORES_FULL:
        weigh(Cause.STARVED, cpu, WANTS_CPU, STARVED_ABOVE)
    if evidence.flat_at is not None and (cpu is None or cpu < CPU_TIGHT):
        found.append(Finding(Cause.FLAT_CPU, Level.TIGHT))
    weigh(Cause.DROPPED, evidence.dropped_share, 1e-9, DROPPED)
    weigh(Cause.FDS, evidence.fds_share, FDS_TIGHT, FDS_EXHAUSTED)
    weigh(Cause.GC_PAUSES, evidence.gc_pauses, GC_PAUSES, GC_PAUSES_LONG)
    if (evidence.gc_cpu or 0.0) > GC_CPU:
        found.append(Finding(Cause.GC_CPU, Level.TIGHT))
    weigh(Cause.MEMORY, evidence.memory_share, MEMORY_TIGHT, MEMORY_EXHAUSTED)
    weigh(Cause.MACHINE_MEMORY, evidence.machine_memory_share, MACHINE_MEMORY_TIGHT, MACHINE_MEMORY_EXHAUSTED)
    soon = evidence.seconds_to_limit
    if soon is not None and soon <= MEMORY_SOON:
        found.append(Finding(Cause.GROWTH, Level.TIGHT))
    weigh(Cause.STEAL, evidence.steal, STEAL_NOTED, STEAL_HIGH)
    return found


def gather(run: RunHistory, at: float | None) -> Evidence:
    """The numbers of the window that ends at a moment, or at the newest one where none is named.

    Of a run that is over it is the last window in which its load ran.
    """
    generator = run.generator
    moment = _moment(run, at)
    if moment is None:
        return Evidence(told=generator.told, local=_local(generator))
    newest = generator.table.moment(moment).at
    row = moment if newest is None else newest

    def mean(figure: Figure) -> float | None:
        return generator.mean(figure, row, WINDOW)

    def now(figure: Figure) -> float | None:
        return generator.value(figure, row)

    max_procs, allowed = now(Figure.MAX_PROCS), now(Figure.ALLOWED_CORES)
    cores = [number for number in (max_procs, allowed) if number]
    iterations = _recent(run, "iterations", INTERVAL_RATE, moment)
    duration = _recent(run, "iteration_duration", INTERVAL_MEAN, moment)
    return Evidence(
        told=generator.told,
        local=_local(generator),
        is_at_work=True,
        cpu=mean(Figure.CPU),
        cores=min(cores) if cores else None,
        machine_cores=now(Figure.CORES),
        allowed_busy=mean(Figure.ALLOWED_BUSY),
        flat_at=_flat_at(generator, moment),
        open_fds=now(Figure.OPEN_FDS),
        max_fds=now(Figure.MAX_FDS),
        gc_pauses=mean(Figure.GC_PAUSE_SHARE),
        gc_cpu=now(Figure.GC_CPU_SHARE),
        resident=now(Figure.RESIDENT),
        memory_limit=now(Figure.MEMORY_LIMIT),
        memory_available=now(Figure.MEMORY_AVAILABLE),
        memory_total=now(Figure.MEMORY_TOTAL),
        growth=_growth(generator, moment),
        steal=mean(Figure.STEAL),
        dropped=_recent(run, "dropped_iterations", INTERVAL_RATE, moment),
        iterations=iterations,
        busy_vus=None if iterations is None or duration is None else iterations * duration / 1000.0,
        vus=run.value(*VUS, moment),
        vus_max=run.value(*VUS_MAX, moment),
    )


def _recent(run: RunHistory, name: str, statistic: str, moment: float) -> float | None:
    """The mean over the window of a statistic of k6's own."""
    extract = run.extract(name, statistic, moment - WINDOW, moment, 64)
    values = [value for value in extract.lasts if value == value]
    return sum(values) / len(values) if values else None


def _local(generator: GeneratorHistory) -> Local:
    return Local.NOT_LOOKED if generator.local is None else generator.local.local


def _moment(run: RunHistory, at: float | None) -> float | None:
    """The moment judged; None where the load did not run at it."""
    if at is None:
        if run.state().is_over:
            return run.generator.last_at_work
        at = run.statuses.table.last
    status = None if at is None else run.status_at(at)
    if at is None or status is None or status.paused or run.silences.at(at) is not None:
        return None
    return at if status.status == ExecutionStatus.RUNNING else None


def _flat_at(generator: GeneratorHistory, moment: float) -> int | None:
    """The whole number of cores at which k6's CPU has stood for several looks."""
    extract = generator.extract(Figure.CPU, moment - 60.0, moment, 64)
    values = [value for value in extract.lasts if value == value][-FLAT_LOOKS:]
    if len(values) < FLAT_LOOKS:
        return None
    cores = round(values[-1])
    return cores if cores >= 1 and all(abs(value / cores - 1.0) <= FLAT for value in values) else None


def _growth(generator: GeneratorHistory, moment: float) -> float | None:
    """Bytes a second by which memory has grown, where it has grown in each third of the time."""
    extract = generator.extract(Figure.RESIDENT, moment - GROWTH_WINDOW, moment, 64)
    points = [(at, value) for at, value in zip(extract.times, extract.lasts, strict=True) if value == value]
    if len(points) < 4 or points[-1][0] - points[0][0] < GROWTH_WINDOW * 0.75:
        return None
    thirds = [points[len(points) * index // 3][1] for index in range(3)] + [points[-1][1]]
    if not all(later > earlier for earlier, later in pairwise(thirds)):
        return None
    (began, first), (ended, last) = points[0], points[-1]
    return (last - first) / (ended - began)

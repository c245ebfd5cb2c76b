"""What is known of the process that makes the load: what k6 tells of itself, and what this machine tells of k6."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from dashboard.quick import dataclass


class Figure(StrEnum):
    """One number about the generator. Those that count up are kept as differences: see :data:`COUNTERS`."""

    CPU_SECONDS = "cpu seconds"
    """CPU time of all threads since the start of the process, in seconds."""
    MAX_PROCS = "max procs"
    """Threads that run Go code at the same time, GOMAXPROCS. Go sets it to the cores the process is allowed when it
    starts, by affinity; since Go 1.25, that is k6 1.3, by its control group too, and follows when either changes."""
    RESIDENT = "resident"
    """Bytes of memory that are in RAM."""
    MEMORY_LIMIT = "memory limit"
    """Bytes that Go tries to stay below, GOMEMLIMIT; not known where none is set."""
    SYS = "sys"
    """Bytes of address space that Go has taken from the system; not all of it is in RAM."""
    HEAP = "heap"
    """Bytes of objects in use or not swept yet."""
    GOROUTINES = "goroutines"
    THREADS = "threads"
    OPEN_FDS = "open fds"
    MAX_FDS = "max fds"
    GC_PAUSE_SECONDS = "gc pause seconds"
    """Time for which garbage collection stopped everything, since the start, in seconds."""
    GC_COUNT = "gc count"
    """Collections since the start."""
    GC_PAUSE_MAX = "gc pause max"
    """The longest of Go's last pauses, in seconds."""
    GC_CPU_SHARE = "gc cpu share"
    """Share of the CPU time that was available to k6 since its start and that collecting took, 0 to 1."""
    RECEIVED = "received"
    """Bytes received by the network namespace that k6 lives in, usually the whole machine."""
    SENT = "sent"
    STARTED = "started"
    """When the process began, in seconds since the Unix epoch."""

    # Between two looks.
    CPU = "cpu"
    """Cores in use."""
    GC_PAUSE_SHARE = "gc pause share"
    """Share of the time for which garbage collection stopped everything."""
    GC_RATE = "gc rate"
    """Collections a second."""
    RECEIVE_RATE = "receive rate"
    SEND_RATE = "send rate"

    # Of this machine, where k6 runs on it.
    CORES = "cores"
    """Cores of the machine."""
    ALLOWED_CORES = "allowed cores"
    """Cores that the process may use now, by its affinity."""
    MACHINE_BUSY = "machine busy"
    """Share of all cores that is in use, 0 to 1."""
    ALLOWED_BUSY = "allowed busy"
    """Share in use of the cores that k6 may use, 0 to 1."""
    STEAL = "steal"
    """Share of the time that the hypervisor gave to other machines, 0 to 1."""
    LOAD_1 = "load 1"
    """Processes that ran or wanted to, averaged over a minute."""
    MEMORY_TOTAL = "memory total"
    MEMORY_AVAILABLE = "memory available"
    OWN_CPU = "own cpu"
    """Cores that k6dash itself uses."""

    # Of a row.
    AT_WORK = "at work"
    """1 if the load ran throughout the interval that ends with the row."""


COUNTERS: Mapping[Figure, Figure] = {
    Figure.CPU_SECONDS: Figure.CPU,
    Figure.GC_PAUSE_SECONDS: Figure.GC_PAUSE_SHARE,
    Figure.GC_COUNT: Figure.GC_RATE,
    Figure.RECEIVED: Figure.RECEIVE_RATE,
    Figure.SENT: Figure.SEND_RATE,
}
"""What counts up, and what a second brought of it."""


class Told(StrEnum):
    """Whether k6 tells of its process."""

    NOT_YET = "not yet"
    """It has not been asked, or has not answered."""
    WHOLLY = "wholly"
    MEMORY_ALONE = "memory alone"
    """It is a k6 before 1.2: nothing but Go's memory can be had of it."""
    NOT_AT_ALL = "not at all"
    """Something in front of it does not let the question through."""
    NOT_WRITTEN = "not written"
    """What is known of the run is from a file of k6's, and nothing of the process is in it."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A process beside k6 on its machine."""

    pid: int
    name: str
    """Untrusted text."""
    cpu: float
    """Cores in use."""


class Local(StrEnum):
    """Whether the machine's own word on the k6 process can be had."""

    NOT_LOOKED = "not looked"
    """k6 is not on this machine, or nobody looks."""
    FOUND = "found"
    NOT_OURS = "not ours"
    """The port is open, and whose it is may not be seen."""
    NO_LISTENER = "no listener"
    """No process here listens on the port."""
    IN_BETWEEN = "in between"
    """What listens is a tunnel or a proxy: k6 is somewhere else."""


@dataclass(frozen=True, slots=True)
class LocalReport:
    """What the process table of this machine tells of k6 at one moment."""

    local: Local
    figures: Mapping[Figure, float] = field(default_factory=dict[Figure, float])
    pid: int | None = None
    name: str = ""
    """Of the process that listens; untrusted text."""
    neighbours: tuple[Neighbour, ...] = ()
    """The processes beside it that use most CPU, the greediest first."""


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """What one look brought about the process that makes the load. What it did not bring is None."""

    at: float
    """When k6 answered, in seconds since the Unix epoch."""
    figures: Mapping[Figure, float] = field(default_factory=dict[Figure, float])
    """What k6 itself told."""
    told: Told | None = None
    script: str | None = None
    """The script's name as typed after ``k6 run``. Untrusted text."""
    local: LocalReport | None = None

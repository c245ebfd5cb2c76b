"""The process table of this machine, asked about the k6 that listens on one of its ports.

psutil reads it: who holds a port, what a process has used, its affinity and its limits are told differently by each
operating system, and it is the one library that all who need this share. It is loaded in a thread, when the first frame
has long been painted, and all asking happens there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from dashboard.clock import Clock
from dashboard.model.process import Figure, Local, LocalReport, Neighbour
from dashboard.sources.base import Document
from dashboard.sources.process_table import MOST_NEIGHBOURS, write

if TYPE_CHECKING:
    import psutil

NEIGHBOURS_ABOVE = 0.25
"""Cores that others must use before it is asked who they are: listing all processes costs more than all the rest."""
NEIGHBOURS_EVERY = 15.0
"""Seconds between two such lists, which cost some 50 µs a process."""
NAMED_ABOVE = 0.05
"""Cores that a process must use to be named."""
SEARCH_EVERY = 30.0
"""Seconds between two searches for who listens, where it was not found: each reads every connection there is."""


class LocalProber:
    """Watches the process that listens on ``port``, and the machine around it."""

    def __init__(self, port: int, clock: Clock) -> None:
        self._port = port
        self._clock = clock
        self._asked: _Machine | None = None

    async def probe(self) -> Document | None:
        """What the machine tells since the last time; None the first time, which only loads and begins."""
        began = self._clock.now()
        report = await asyncio.to_thread(self._probe)
        return None if report is None else write(report, self._clock.now() - began)

    def _probe(self) -> LocalReport | None:
        if self._asked is None:
            self._asked = _Machine(self._port, self._clock)
            return None
        return self._asked.report()


class _Machine:
    """What was seen the last time, in the thread that sees."""

    def __init__(self, port: int, clock: Clock) -> None:
        import psutil

        self._psutil = psutil
        self._clock = clock
        self._port = port
        self._own = psutil.Process()
        self._process: psutil.Process | None = None
        self._process_seconds: float | None = None
        self._local = Local.NO_LISTENER
        self._search_due = 0.0
        self._at = clock.now()
        self._cores = self._busy_by_core()
        self._own_seconds = self._seconds(self._own)
        self._others: dict[tuple[int, float], float] = {}
        self._others_due = 0.0
        self._named: tuple[Neighbour, ...] = ()
        self._others_at = 0.0

    def report(self) -> LocalReport:
        """Look, and compare with the last time."""
        now = self._clock.now()
        passed, self._at = max(1e-3, now - self._at), now
        self._find(now)
        figures = self._of_machine(passed)
        name, pid = "", None
        allowed: tuple[int, ...] = ()
        process = self._process
        if process is not None:
            try:
                with process.oneshot():
                    name, pid = process.name(), process.pid
                    own, allowed = self._of_process(process)
                    figures |= own
            except self._psutil.Error:
                self._process, self._local = None, Local.NOT_OURS
        busy = self._shares(passed, allowed or tuple(range(len(self._cores))))
        figures |= busy
        others = figures.get(Figure.MACHINE_BUSY, 0.0) * len(self._cores) - self._used(figures, passed)
        if others < NEIGHBOURS_ABOVE:
            self._named = ()
        elif now >= self._others_due:
            # What they have used is the difference of two lists, so the second one is not waited for.
            self._others_due = now + (NEIGHBOURS_EVERY if self._others else 0.0)
            self._named = self._neighbours(now)
        return LocalReport(self._local, figures, pid, name, self._named)

    def _used(self, figures: dict[Figure, float], passed: float) -> float:
        """Cores that k6 and k6dash have used since the last time."""
        before, self._process_seconds = self._process_seconds, figures.get(Figure.CPU_SECONDS)
        own = figures.get(Figure.OWN_CPU, 0.0)
        if before is None or self._process_seconds is None:
            return own
        return own + max(0.0, self._process_seconds - before) / passed

    # Who listens

    def _find(self, now: float) -> None:
        """Find the process again only when it has gone: with many connections the search is dear."""
        with suppress(self._psutil.Error):
            if self._process is not None and self._process.is_running():
                return
        if self._process is None and now < self._search_due:
            return
        self._search_due = now + SEARCH_EVERY
        self._process, self._process_seconds, self._local = None, None, Local.NO_LISTENER
        for pid in self._listeners():
            self._local = Local.NOT_OURS
            if pid is not None:
                with suppress(self._psutil.Error):
                    self._process = self._psutil.Process(pid)
                    self._local = Local.FOUND
                    return

    def _listeners(self) -> Iterator[int | None]:
        """The processes that listen on the port; None for one that may not be known."""
        try:
            for each in self._psutil.net_connections("tcp"):
                if each.status == self._psutil.CONN_LISTEN and each.laddr and each.laddr.port == self._port:
                    yield each.pid
        except self._psutil.AccessDenied:
            # macOS shows the connections of all processes to root alone, and those of one's own to everybody.
            yield from self._own_listeners()

    def _own_listeners(self) -> Iterator[int | None]:
        is_open = False
        for process in self._psutil.process_iter():
            with suppress(self._psutil.Error):
                for each in process.net_connections("tcp"):
                    if each.status == self._psutil.CONN_LISTEN and each.laddr and each.laddr.port == self._port:
                        is_open = True
                        yield process.pid
        if not is_open:
            yield None

    # What it has used

    def _of_process(self, process: psutil.Process) -> tuple[dict[Figure, float], tuple[int, ...]]:
        times = process.cpu_times()
        memory = process.memory_info()
        figures = {
            Figure.CPU_SECONDS: times.user + times.system,
            Figure.RESIDENT: float(memory.rss),
            Figure.THREADS: float(process.num_threads()),
            Figure.STARTED: process.create_time(),
        }
        allowed: tuple[int, ...] = ()
        # Not every system has these, and some tell them of one's own processes alone.
        if self._psutil.POSIX:
            with suppress(self._psutil.Error, OSError):
                figures[Figure.OPEN_FDS] = float(process.num_fds())
        if self._psutil.LINUX:
            with suppress(self._psutil.Error, OSError):
                soft, _ = process.rlimit(self._psutil.RLIMIT_NOFILE)
                if soft > 0:
                    figures[Figure.MAX_FDS] = float(soft)
        if self._psutil.LINUX or self._psutil.WINDOWS:
            with suppress(self._psutil.Error, OSError):
                allowed = tuple(process.cpu_affinity())
                figures[Figure.ALLOWED_CORES] = float(len(allowed))
        return figures, allowed

    # The machine around it

    def _of_machine(self, passed: float) -> dict[Figure, float]:
        memory = self._psutil.virtual_memory()
        own, self._own_seconds = self._own_seconds, self._seconds(self._own)
        figures = {
            Figure.CORES: float(len(self._cores)),
            Figure.MEMORY_TOTAL: float(memory.total),
            Figure.MEMORY_AVAILABLE: float(memory.available),
            Figure.OWN_CPU: max(0.0, self._own_seconds - own) / passed,
        }
        with suppress(OSError):
            figures[Figure.LOAD_1] = self._psutil.getloadavg()[0]
        return figures

    def _busy_by_core(self) -> tuple[tuple[float, float, float], ...]:
        """For each core the seconds since the boot: busy, all, and stolen."""
        found: list[tuple[float, float, float]] = []
        for times in self._psutil.cpu_times(percpu=True):
            steal: float = getattr(times, "steal", 0.0)
            # A guest's time is in user's already, and waiting for a disk is idling.
            whole = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
            idle = times.idle + getattr(times, "iowait", 0.0)
            found.append((whole - idle, whole, steal))
        return tuple(found)

    def _shares(self, passed: float, allowed: tuple[int, ...]) -> dict[Figure, float]:
        before, self._cores = self._cores, self._busy_by_core()
        if len(before) != len(self._cores):
            return {}
        busy = [max(0.0, later[0] - earlier[0]) for earlier, later in zip(before, self._cores, strict=True)]
        whole = [max(0.0, later[1] - earlier[1]) for earlier, later in zip(before, self._cores, strict=True)]
        steal = sum(max(0.0, later[2] - earlier[2]) for earlier, later in zip(before, self._cores, strict=True))
        if not sum(whole):
            return {}
        figures = {Figure.MACHINE_BUSY: sum(busy) / sum(whole), Figure.STEAL: steal / sum(whole)}
        theirs = [core for core in allowed if core < len(busy)]
        room = sum(whole[core] for core in theirs)
        if room:
            figures[Figure.ALLOWED_BUSY] = sum(busy[core] for core in theirs) / room
        return figures

    def _neighbours(self, now: float) -> tuple[Neighbour, ...]:
        """Who else uses CPU, since it was last asked."""
        before, passed = self._others, now - self._others_at
        self._others, self._others_at = {}, now
        skipped = {self._own.pid, self._process.pid if self._process is not None else -1}
        found: list[Neighbour] = []
        for process in self._psutil.process_iter():
            if process.pid in skipped:
                continue
            with suppress(self._psutil.Error), process.oneshot():
                key, seconds = (process.pid, process.create_time()), self._seconds(process)
                self._others[key] = seconds
                cpu = (seconds - before[key]) / passed if key in before else 0.0
                if cpu >= NAMED_ABOVE:
                    found.append(Neighbour(process.pid, process.name(), cpu))
        found.sort(key=lambda each: -each.cpu)
        return tuple(found[:MOST_NEIGHBOURS])

    def _seconds(self, process: psutil.Process) -> float:
        times = process.cpu_times()
        return times.user + times.system

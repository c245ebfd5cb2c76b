"""What k6's own port tells of the k6 process: ``/metrics`` as figures, and ``/debug/vars/`` without its secrets.

The Prometheus text is read by a few lines of :func:`dashboard.api.decode.prometheus` and not by Prometheus's own
parser: some twenty of its numbers are wanted, without labels but for quantiles, from a page that one library writes;
and what stands in front of k6 may send anything, of which a parser of the whole grammar makes an exception.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from dashboard.api import encode
from dashboard.api.documents import CommandLine, DebugVars
from dashboard.api.shape import is_list, is_object, load, number, object_of, undecodable
from dashboard.model.process import Figure

_OF_METRICS: Mapping[str, Figure] = {
    "process_cpu_seconds_total": Figure.CPU_SECONDS,
    "go_sched_gomaxprocs_threads": Figure.MAX_PROCS,
    "process_resident_memory_bytes": Figure.RESIDENT,
    "go_gc_gomemlimit_bytes": Figure.MEMORY_LIMIT,
    "go_memstats_sys_bytes": Figure.SYS,
    "go_memstats_heap_alloc_bytes": Figure.HEAP,
    "go_goroutines": Figure.GOROUTINES,
    "go_threads": Figure.THREADS,
    "process_open_fds": Figure.OPEN_FDS,
    "process_max_fds": Figure.MAX_FDS,
    "go_gc_duration_seconds_sum": Figure.GC_PAUSE_SECONDS,
    "go_gc_duration_seconds_count": Figure.GC_COUNT,
    'go_gc_duration_seconds{quantile="1"}': Figure.GC_PAUSE_MAX,
    "process_network_receive_bytes_total": Figure.RECEIVED,
    "process_network_transmit_bytes_total": Figure.SENT,
    "process_start_time_seconds": Figure.STARTED,
}
_OF_MEMSTATS: Mapping[str, tuple[Figure, float]] = {
    "Sys": (Figure.SYS, 1.0),
    "HeapAlloc": (Figure.HEAP, 1.0),
    "NumGC": (Figure.GC_COUNT, 1.0),
    "PauseTotalNs": (Figure.GC_PAUSE_SECONDS, 1e-9),
    "GCCPUFraction": (Figure.GC_CPU_SHARE, 1.0),
}
_NO_LIMIT = 2.0**62
"""What Go and the system write where there is no limit is at least this: 2^63 - 1 and 2^64 - 1, rounded."""
_LIMITS = (Figure.MEMORY_LIMIT, Figure.MAX_FDS)
_WITHHELD = "…"
"""What stands for the value of an option."""


def figures_of_metrics(values: Mapping[str, float]) -> dict[Figure, float]:
    """The figures among the values of ``/metrics``."""
    found = {figure: values[name] for name, figure in _OF_METRICS.items() if values.get(name, -1.0) >= 0}
    return {figure: value for figure, value in found.items() if figure not in _LIMITS or 0 < value < _NO_LIMIT}


def figures_of_vars(variables: DebugVars) -> dict[Figure, float]:
    """The figures among those of ``/debug/vars/``."""
    memory = variables.memory
    return {figure: memory[name] * unit for name, (figure, unit) in _OF_MEMSTATS.items() if memory.get(name, -1.0) >= 0}


def without_secrets(body: bytes, endpoint: str = encode.DEBUG_VARS) -> bytes:
    """Write the answer of ``/debug/vars/`` anew, with only what may be kept.

    k6 sends its whole command line, in which ``-e TOKEN=...`` and the like may stand: of it the script's name and the
    names of the options stay, of Go's memory the figures that are used.

    Raises:
        Undecodable: it is no such answer. Then none of it may be kept.
    """
    from dashboard.api.command_line import read_command_line

    document = object_of(load(body, endpoint), endpoint, "document")
    command, memory = document.get("cmdline"), document.get("memstats")
    if not is_list(command) or not is_object(memory):
        raise undecodable(endpoint, "JSON without cmdline and memstats")
    kept = {name: value for name in _OF_MEMSTATS if (value := number(memory.get(name))) is not None}
    document = {"cmdline": _words(read_command_line(command)), "memstats": kept}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _words(command: CommandLine) -> list[str]:
    """A command line that reads as the one it was made of, and holds no value."""
    flags = [f"{flag}={_WITHHELD}" for flag in command.flags]
    return ["k6", *flags, *([command.script] if command.script is not None else [])]

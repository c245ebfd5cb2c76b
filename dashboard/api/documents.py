"""What k6's API holds beside the model: the inside of the k6 process."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.model.metric import Metric
from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class MetricList:
    """The answer of ``/v1/metrics``."""

    metrics: tuple[Metric, ...]
    """Sorted by name, each name once."""
    skipped: int
    """Entries that were left out: of a type that k6dash does not know, or not shaped as a metric."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """k6's command line without its values: those of ``-e``, ``--out`` and others may be secrets."""

    script: str | None
    """The script as typed, None where it cannot be told from a value. Untrusted text."""
    flags: tuple[str, ...]
    """The names of the options, such as ``--paused``, in order. Untrusted text."""


@dataclass(frozen=True, slots=True)
class DebugVars:
    """What ``/debug/vars/`` tells of the k6 process."""

    command: CommandLine
    memory: Mapping[str, float]
    """Some of Go's runtime.MemStats by their Go names: ``HeapAlloc``, ``Sys``, ``NumGC``, ..."""

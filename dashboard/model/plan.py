"""What a run is going to do, as far as it could be learnt: from ``k6 inspect`` before it, or from its event stream."""

from __future__ import annotations

from dashboard.quick import dataclass


@dataclass(frozen=True, slots=True)
class ScenarioPlan:
    """One scenario. Untrusted text."""

    name: str
    executor: str = ""
    """k6's name of it; empty where only the scenario's name is known."""
    start: float = 0.0
    """Seconds after the start of the test at which it begins."""
    duration: float | None = None
    """Seconds that it takes at most, gracefulStop not counted; None where it ends by its iterations or not at all."""
    graceful_stop: float = 0.0
    vus: tuple[tuple[float, float], ...] = ()
    """Planned VUs over seconds since the start of the test, as the corners of a line."""
    rate: tuple[tuple[float, float], ...] = ()
    """Planned iterations a second, likewise."""
    detail: str = ""
    """What it does, in a few words."""


@dataclass(frozen=True, slots=True)
class PlannedThreshold:
    """One threshold as the script has it. Untrusted text."""

    metric: str
    source: str
    abort_on_fail: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known beforehand."""

    scenarios: tuple[ScenarioPlan, ...]
    thresholds: tuple[PlannedThreshold, ...]
    duration: float | None
    """Seconds that the test takes at most, gracefulStop included; None where it is not known."""
    max_vus: int | None = None
    script: str = ""

    @property
    def load_duration(self) -> float | None:
        """Seconds after which the last scenario ends its load, gracefulStop not counted; None where one has no end."""
        ends = [None if each.duration is None else each.start + each.duration for each in self.scenarios]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None

    def or_better(self, other: Plan | None) -> Plan:
        """The one that says more: what k6 tells of a script names executors, what its event stream tells does not."""
        if other is None or any(scenario.executor for scenario in self.scenarios):
            return self
        return other if other.scenarios else self

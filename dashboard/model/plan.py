"""What a run is going to do, as far as it could be learnt: from ``k6 inspect`` before it, or from its event stream."""

from __future__ import annotations

from dashboard.model.profile import Corners, total
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
    """Seconds that it takes at most, gracefulStop not counted; None where it has no end, or it is not known."""
    graceful_stop: float = 0.0
    """Seconds that its last iterations have then."""
    vus: Corners = ()
    """VUs that are sure to be wanted, over seconds since the start of the load."""
    rate: Corners = ()
    """Planned iterations a second, likewise."""
    most: Corners = ()
    """VUs that may be in use at most, until the last iterations have had their time."""
    iterations: int | None = None
    """Iterations after which it ends, before its time."""
    detail: str = ""
    """What it does, in a few words."""

    @property
    def is_open(self) -> bool:
        """Whether it has no end of its own."""
        return bool(self.executor) and self.duration is None

    @property
    def end(self) -> float | None:
        """Seconds after the start of the load at which its load ends at the latest; None where that is not known."""
        return None if self.duration is None else self.start + self.duration


@dataclass(frozen=True, slots=True)
class PlannedThreshold:
    """One threshold as the script has it. Untrusted text."""

    metric: str
    source: str
    abort_on_fail: bool = False
    """Whether the test is ended when it is crossed."""
    delay: float = 0.0
    """Seconds of the test before which it is not ended for that."""


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
        ends = [each.end for each in self.scenarios]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None

    @property
    def is_exact(self) -> bool:
        """Whether the VUs of every scenario are planned, moment by moment."""
        return bool(self.scenarios) and all(each.vus for each in self.scenarios)

    @property
    def is_open(self) -> bool:
        """Whether some scenario has no end of its own."""
        return any(each.is_open for each in self.scenarios)

    @property
    def vus(self) -> Corners:
        """The VUs of all scenarios that are sure to be wanted."""
        return total(each.vus for each in self.scenarios)

    @property
    def most(self) -> Corners:
        """The VUs of all scenarios that may be in use at most."""
        return total(each.most for each in self.scenarios)

    @property
    def rate(self) -> Corners:
        """The iterations a second of all scenarios that plan them."""
        return total(each.rate for each in self.scenarios)

    def or_better(self, other: Plan | None) -> Plan:
        """The one that says more: what k6 tells of a script names executors, what its event stream tells does not."""
        if other is None or any(scenario.executor for scenario in self.scenarios):
            return self
        return other if other.scenarios else self

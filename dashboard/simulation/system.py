"""The system under load: a queue with a soft knee.

With n requests in progress and n* of them at its capacity, latency grows by

    slowdown(n) = (1 + (n / n*)^k)^(1/k)

where n* = capacity x latency without load. Below n* latency stays; beyond, n / latency tends to the capacity.
"""

from __future__ import annotations

import math

from dashboard.simulation.scenario import System


class SystemUnderLoad:
    """Latency and failures as they follow from how many requests are in progress.

    Args:
        system: What it is like.
        mean_latency: Seconds of the average request without load.
    """

    def __init__(self, system: System, mean_latency: float) -> None:
        self._system = system
        self._saturation = system.capacity * mean_latency

    def slowdown(self, in_progress: float, seconds: float) -> float:
        """The factor on latency after ``seconds`` of the test."""
        system = self._system
        weather = 1.0 + system.decay_per_hour * seconds / 3600.0
        for incident in system.incidents:
            if incident.is_on(seconds):
                weather *= incident.slowdown
        # A slower system is saturated by as many requests in progress as before, at a lower capacity; the
        # capacity in the scenario is that of the system in good weather.
        return weather * self._queueing(in_progress)

    def _queueing(self, in_progress: float) -> float:
        load = in_progress / self._saturation
        return math.pow(1.0 + math.pow(load, self._system.knee), 1.0 / self._system.knee)

    def health(self, in_progress: float, seconds: float) -> float:
        """The share of requests that succeed now, of those that the script does not have fail anyway."""
        system = self._system
        overload = max(0.0, 1.0 - 1.4 / self._queueing(in_progress)) * system.overload_failures
        healthy = 1.0 - overload
        for incident in system.incidents:
            if incident.failures and incident.is_on(seconds):
                healthy *= 1.0 - incident.failures
        return healthy

    def next_turn(self, seconds: float) -> float:
        """When an incident begins or ends next, after so many seconds of the test; infinity if none does."""
        return min((incident.next_turn(seconds) for incident in self._system.incidents), default=math.inf)

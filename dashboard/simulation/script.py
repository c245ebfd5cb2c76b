"""The script of a scenario, made ready: for each step, how long it takes and which samples it leaves."""

from __future__ import annotations

import math
from random import Random
from typing import Final

from dashboard.simulation.groups import GroupTree
from dashboard.simulation.registry import Registry
from dashboard.simulation.samples import (
    Channel,
    CheckChannel,
    CustomChannel,
    HttpChannels,
    HttpTimes,
    Phases,
    request_tags,
)
from dashboard.simulation.scenario import Request, Scenario

CONNECTION_LOSS: Final = 0.004
"""The share of later requests of a VU that find no connection to reuse."""


PHASES_SHARED_BY: Final = 12
"""How many requests in a row share their small phases, which are too small to tell."""

_QUANTUM: Final = 1024.0


def _quantised(milliseconds: float) -> float:
    """A time in whole 1/1024 ms, at least one: sums of those are exact, in whatever order."""
    return max(1.0, math.floor(milliseconds * _QUANTUM)) / _QUANTUM


class _Step:
    """One request of the script."""

    def __init__(self, request: Request, registry: Registry, groups: GroupTree, scenario_name: str) -> None:
        self.request = request
        # The mean of a log-normal distribution is median * exp(spread^2 / 2).
        self.mean_seconds = request.share * request.median_ms * math.exp(request.spread**2 / 2) / 1000.0
        self.phases = Phases()
        self.phases_left = 0
        self.channels: list[HttpChannels | dict[str, Channel]] = []
        for failed in (False, True):
            tags = request_tags(request, scenario_name, failed=failed)
            if request.protocol == "http":
                self.channels.append(HttpChannels(registry, tags, failed=failed))
            else:
                names = _SAMPLES[request.protocol]
                self.channels.append({name: Channel(registry, name, tags) for name in names})
        self.checks = tuple(
            CheckChannel(
                registry,
                groups,
                check,
                {"scenario": scenario_name, "group": request.group if check.group is None else check.group},
            )
            for check in request.checks
        )


_SAMPLES: Final[dict[str, tuple[str, ...]]] = {
    "grpc": ("grpc_req_duration", "grpc_streams", "grpc_streams_msgs_sent", "grpc_streams_msgs_received"),
    "websocket": ("ws_sessions", "ws_connecting", "ws_session_duration", "ws_msgs_sent", "ws_msgs_received"),
    "browser": (
        "browser_http_req_duration",
        "browser_http_req_failed",
        "browser_data_sent",
        "browser_data_received",
        "browser_web_vital_ttfb",
        "browser_web_vital_fcp",
        "browser_web_vital_lcp",
        "browser_web_vital_inp",
        "browser_web_vital_fid",
        "browser_web_vital_cls",
    ),
}


class Script:
    """All steps of a scenario, with their sinks."""

    def __init__(self, scenario: Scenario, registry: Registry, groups: GroupTree, random: Random) -> None:
        self._random = random
        self._groups = groups
        self._registry = registry
        self._name = scenario.run.name
        self._steps = tuple(
            _Step(step, registry, groups, self._name) if isinstance(step, Request) else None for step in scenario.steps
        )
        requests = [step for step in self._steps if step]
        shares = sum(step.request.share for step in requests)
        self.mean_latency = sum(step.mean_seconds for step in requests) / shares if shares else 1.0
        """Seconds of the average request without load."""
        tags = {"scenario": self._name, "group": ""}
        self._iterations = Channel(registry, "iterations", tags)
        self._durations = Channel(registry, "iteration_duration", tags)
        self._sent = Channel(registry, "data_sent", tags)
        self._received = Channel(registry, "data_received", tags)
        self._group_durations: dict[str, Channel] = {}
        self._custom = tuple(
            CustomChannel(registry, metric, self._name) for metric in scenario.metrics if metric.sampled
        )

    def draw(self, number: int, slowdown: float, *, connects: bool) -> HttpTimes:
        """How long a request takes when the system is slowed down by a factor."""
        step = self._steps[number]
        if step is None:
            raise ValueError(f"step {number} is no request")
        request = step.request
        duration = request.median_ms * slowdown
        if request.spread:
            duration *= math.exp(self._random.gauss(0.0, request.spread))
        duration = _quantised(duration)
        if connects or not step.phases_left or self._random.random() < CONNECTION_LOSS:
            connects = connects or step.phases_left > 0
            step.phases = self._draw_phases(request, slowdown, connects=connects)
            step.phases_left = 1 if connects else PHASES_SHARED_BY
        step.phases_left -= 1
        phases = step.phases
        if duration < 2 * (phases.sending + phases.receiving):
            small = _quantised(duration / 8)
            phases = phases._replace(sending=small, receiving=small)
        return HttpTimes(phases, duration - phases.sending - phases.receiving, duration)

    def _draw_phases(self, request: Request, slowdown: float, *, connects: bool) -> Phases:
        random = self._random.random
        connecting = tls_handshaking = 0.0
        if connects:
            connecting = _quantised(0.2 + 0.1 * request.median_ms * random())
            tls_handshaking = 2.0 * connecting if request.name.startswith("https:") else 0.0
        return Phases(
            blocked=_quantised(0.002 + 0.01 * random()) + connecting + tls_handshaking,
            connecting=connecting,
            tls_handshaking=tls_handshaking,
            sending=_quantised(0.03 + 0.05 * random()),
            receiving=_quantised(
                min(
                    (0.02 + 0.06 * random()) * request.median_ms * slowdown,
                    0.1 + request.received_bytes / 20_000.0,
                )
            ),
        )

    def finish(self, number: int, times: HttpTimes, succeeded: int, failed: int) -> None:
        """Sample a request that ``succeeded`` VUs found to succeed and ``failed`` to fail."""
        step = self._steps[number]
        if step is None:
            return
        for outcome, count in ((0, succeeded), (1, failed)):
            if count:
                channels = step.channels[outcome]
                if isinstance(channels, HttpChannels):
                    channels.add(times, count)
                else:
                    self._finish_other(step.request, channels, times, count, failed=bool(outcome))
        for check in step.checks:
            passing = succeeded * check.spec.passes
            passes = min(succeeded, int(passing + self._random.random()))
            check.add(passes, succeeded + failed - passes)

    def _finish_other(
        self,
        request: Request,
        channels: dict[str, Channel],
        times: HttpTimes,
        count: int,
        *,
        failed: bool,
    ) -> None:
        duration = times.duration
        random = self._random.random
        if request.protocol == "grpc":
            channels["grpc_req_duration"].add(duration, count)
            if request.messages:
                channels["grpc_streams"].add(1.0, count)
                channels["grpc_streams_msgs_sent"].add(1.0, count * request.messages)
                channels["grpc_streams_msgs_received"].add(1.0, count * request.messages)
        elif request.protocol == "websocket":
            channels["ws_sessions"].add(1.0, count)
            channels["ws_connecting"].add(times.phases.blocked + 0.02 * duration, count)
            if not failed:
                channels["ws_session_duration"].add(duration, count)
                channels["ws_msgs_sent"].add(1.0, count * request.messages)
                channels["ws_msgs_received"].add(1.0, count * request.messages)
        else:
            first_byte = 0.2 * duration
            channels["browser_http_req_duration"].add(first_byte + 0.1 * duration * random(), count)
            channels["browser_http_req_failed"].add(float(failed), count)
            channels["browser_data_sent"].add(request.sent_bytes, count)
            channels["browser_data_received"].add(request.received_bytes, count)
            channels["browser_web_vital_ttfb"].add(first_byte, count)
            channels["browser_web_vital_fcp"].add((0.35 + 0.15 * random()) * duration, count)
            channels["browser_web_vital_lcp"].add((0.6 + 0.3 * random()) * duration, count)
            channels["browser_web_vital_inp"].add(16.0 + 0.05 * duration * random(), count)
            channels["browser_web_vital_fid"].add(0.5 + 4.0 * random(), count)
            channels["browser_web_vital_cls"].add(0.2 * random() ** 3, count)

    def finish_group(self, path: str, milliseconds: float, count: int) -> None:
        """Sample a group that has been left; it shows from now on."""
        channel = self._group_durations.get(path)
        if channel is None:
            tags = {"scenario": self._name, "group": path}
            channel = self._group_durations[path] = Channel(self._registry, "group_duration", tags)
            self._groups.group(path)
        channel.add(milliseconds, count)

    def finish_iteration(
        self, milliseconds: float, count: int, sent: float, received: float, total: int, seconds: float
    ) -> None:
        """Sample an iteration that ``count`` VUs have finished.

        Args:
            milliseconds: How long it took.
            count: How many VUs.
            sent: Bytes that each sent.
            received: Bytes that each received.
            total: Iterations of the whole test, these included.
            seconds: How long the test has run.
        """
        self._iterations.add(1.0, count)
        self._durations.add(milliseconds, count)
        self._sent.add(sent, count)
        self._received.add(received, count)
        for channel in self._custom:
            metric = channel.metric
            if seconds < metric.after:
                continue
            samples = total // metric.every - (total - count) // metric.every
            if not samples:
                continue
            if metric.type == "rate":
                trues = min(samples, int(samples * metric.probability + self._random.random()))
                channel.samples.add(1.0, trues)
                channel.samples.add(0.0, samples - trues)
                continue
            value = metric.value
            if value.median is not None:
                drawn = value.median * math.exp(self._random.gauss(0.0, value.spread))
            elif value.low == value.high:
                drawn = value.low
            else:
                drawn = value.low + (value.high - value.low) * self._random.random()
            channel.samples.add(drawn, samples)

"""The script of a scenario, made ready: what the VUs did, as the load tells it, becomes the samples of k6."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import sub
from random import Random
from typing import Final

from dashboard.simulation.batches import TICKS, Kinds, batch_of_ticks
from dashboard.simulation.decks import CARDS, Deck, Odds, normal_deck
from dashboard.simulation.groups import GroupTree
from dashboard.simulation.records import Records
from dashboard.simulation.registry import Registry
from dashboard.simulation.samples import (
    PHASES,
    Channel,
    CheckChannel,
    CustomChannel,
    HeldKinds,
    HttpChannels,
    Phases,
    handshakes,
    request_tags,
    ticks,
)
from dashboard.simulation.scenario import CustomMetric, Request, Scenario, Value
from dashboard.simulation.slots import Course

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


class _Browser:
    """What a browser measures of a page, from how long it takes to load and a chance for each kind of page.

    Args:
        random: Where the chances come from.
    """

    def __init__(self, random: Random) -> None:
        def parts(low: float, high: float) -> list[int]:
            """Shares of 1024."""
            return [round(1024 * (low + (high - low) * random.random())) for _ in range(PHASES)]

        self._parts = {
            "browser_http_req_duration": parts(0.2, 0.3),
            "browser_web_vital_ttfb": parts(0.2, 0.2),
            "browser_web_vital_fcp": parts(0.35, 0.5),
            "browser_web_vital_lcp": parts(0.6, 0.9),
        }
        self._answering = parts(0.0, 0.05)
        self.delays = Kinds([ticks(0.5 + 4.0 * random.random()) / TICKS for _ in range(PHASES)])
        # Rounded so finely, sums are exact, in whatever order.
        self.shifts = Kinds([math.floor(0.2 * random.random() ** 3 * _FINE) / _FINE for _ in range(PHASES)])

    def take(self, channels: Mapping[str, Channel], pages: Sequence[int], weight: int) -> None:
        """Take in pages that took so many ticks to load."""
        for name, parts in self._parts.items():
            times = [page * parts[page % PHASES] // 1024 or 1 for page in pages]
            channels[name].take(batch_of_ticks(times).times(weight))
        answering = self._answering
        times = [16 * TICKS + page * answering[page % PHASES] // 1024 for page in pages]
        channels["browser_web_vital_inp"].take(batch_of_ticks(times).times(weight))


_FINE: Final = 2.0**20


class OtherChannels:
    """The samples of one request of another protocol than HTTP, with one outcome."""

    def __init__(
        self, registry: Registry, request: Request, tags: Mapping[str, str], random: Random, *, failed: bool
    ) -> None:
        self._request = request
        self._failed = failed
        self._channels = {name: Channel(registry, name, tags) for name in _SAMPLES[request.protocol]}
        self._blocked = ticks(0.007)
        self._browser = _Browser(random)
        self._delays = HeldKinds(registry)
        if request.protocol == "browser":
            channels = self._channels
            for name, kinds in (("fid", self._browser.delays), ("cls", self._browser.shifts)):
                self._delays.add_target(f"browser_web_vital_{name}", kinds, channels[f"browser_web_vital_{name}"])

    def take(self, durations: Sequence[int], weight: int, connecting: Sequence[int] = ()) -> None:
        """Take in some requests, as :meth:`HttpChannels.take` does."""
        request, channels, count = self._request, self._channels, weight * len(durations)
        if request.protocol == "grpc":
            channels["grpc_req_duration"].take(batch_of_ticks(durations).times(weight))
            if request.messages:
                channels["grpc_streams"].add(1.0, count)
                self._count_messages("grpc_streams_msgs", count)
        elif request.protocol == "websocket":
            channels["ws_sessions"].add(1.0, count)
            before = connecting or [0] * len(durations)
            times = handshakes(request)
            opening = [
                self._blocked + times * each + duration // 50 for each, duration in zip(before, durations, strict=True)
            ]
            channels["ws_connecting"].take(batch_of_ticks(opening).times(weight))
            if not self._failed:
                channels["ws_session_duration"].take(batch_of_ticks(durations).times(weight))
                self._count_messages("ws_msgs", count)
        else:
            channels["browser_http_req_failed"].add(float(self._failed), count)
            channels["browser_data_sent"].add(request.sent_bytes, count)
            channels["browser_data_received"].add(request.received_bytes, count)
            self._browser.take(channels, durations, weight)
            self._delays.count([duration % PHASES for duration in durations], weight)

    def _count_messages(self, name: str, count: int) -> None:
        for direction in ("sent", "received"):
            self._channels[f"{name}_{direction}"].add(1.0, count * self._request.messages)


class _Step:
    """One request of the script."""

    def __init__(self, request: Request, registry: Registry, groups: GroupTree, scenario: str, random: Random) -> None:
        self.request = request
        phases = Phases(request, random)
        self.channels: list[HttpChannels | OtherChannels] = []
        for failed in (False, True):
            tags = request_tags(request, scenario, failed=failed)
            if request.protocol == "http":
                self.channels.append(HttpChannels(registry, tags, phases, failed=failed))
            else:
                self.channels.append(OtherChannels(registry, request, tags, random, failed=failed))
        self.checks = tuple(
            CheckChannel(
                registry,
                groups,
                check,
                {"scenario": scenario, "group": request.group if check.group is None else check.group},
                random,
            )
            for check in request.checks
        )

    def take(self, outcomes: Sequence[Sequence[int]], weight: int, connecting: Sequence[int] = ()) -> None:
        """Take in requests that succeeded and requests that failed."""
        for channels, durations in zip(self.channels, outcomes, strict=True):
            if durations:
                channels.take(durations, weight, connecting)
        for check in self.checks:
            check.take(weight * len(outcomes[0]), weight * len(outcomes[1]))


class Script:
    """All steps of a scenario, with their sinks.

    Args:
        scenario: Whose script.
        registry: Where the samples go.
        groups: Where groups and checks go.
        course: Its steps, prepared.
        random: What shuffles the decks.
    """

    def __init__(
        self, scenario: Scenario, registry: Registry, groups: GroupTree, course: Course, random: Random
    ) -> None:
        name = scenario.run.name
        self._groups = groups
        self._course = course
        self._steps = [_Step(step, registry, groups, name, random) if step else None for step in course.requests]
        tags = {"scenario": name, "group": ""}
        self._iterations = Channel(registry, "iterations", tags)
        self._durations = Channel(registry, "iteration_duration", tags)
        self._sent = Channel(registry, "data_sent", tags)
        self._received = Channel(registry, "data_received", tags)
        self._group_durations = [
            Channel(registry, "group_duration", {"scenario": name, "group": path}) for path in course.groups
        ]
        decks: dict[Value | float, Deck | Odds] = {}
        self._custom: list[CustomChannel] = []
        self._waiting: list[tuple[float, CustomChannel]] = []
        for metric in scenario.metrics:
            if not metric.sampled:
                continue
            key = metric.probability if metric.type == "rate" else metric.value
            if key not in decks:
                decks[key] = _deck(metric, random)
            channel = CustomChannel(registry, metric, name, decks[key], random.randrange(CARDS))
            self._custom.append(channel)
            self._waiting.append((metric.after, channel))
        self._waiting.sort(key=lambda waiting: -waiting[0])
        self._finished = 0

    def take(self, weight: int, records: Records) -> None:
        """Take in what slots of so many VUs have done."""
        for step, succeeded, failed in zip(self._steps, records.requests, records.failed, strict=True):
            if step and (succeeded or failed):
                step.take((succeeded, failed), weight)
        for (number, is_failed), (durations, connecting) in records.connected.items():
            step = self._steps[number]
            if step:
                step.take(((), durations) if is_failed else (durations, ()), weight, connecting)
        stays: defaultdict[int, list[int]] = defaultdict(list)
        for made, moments in records.broken:
            for group, begin, end in self._course.stays(made):
                if end < len(moments):
                    stays[group].append(moments[end] - moments[begin])
        if records.laps:
            self._take_laps(weight, records.laps, stays)
        for group, durations in stays.items():
            self._groups.group(self._course.groups[group])
            self._group_durations[group].take(batch_of_ticks(durations).times(weight))

    def _take_laps(self, weight: int, laps: Mapping[int, list[int]], stays: defaultdict[int, list[int]]) -> None:
        """Take in iterations, and note how long they stayed in which groups."""
        iterations: list[int] = []
        for made, alike in laps.items():
            width = made.bit_count() + 2
            moments = [alike[at::width] for at in range(width)]
            iterations += map(sub, moments[-1], moments[0])
            for group, begin, end in self._course.stays(made):
                stays[group] += map(sub, moments[end], moments[begin])
            sent, received = self._bytes_of(made)
            self._sent.add(sent, weight * len(moments[0]))
            self._received.add(received, weight * len(moments[0]))
        count = weight * len(iterations)
        self._iterations.add(1.0, count)
        self._durations.take(batch_of_ticks(iterations).times(weight))
        self._finished += count
        for channel in self._custom:
            channel.take(self._finished)

    def _bytes_of(self, made: int) -> tuple[float, float]:
        """How much an iteration sends and receives in which those requests are made."""
        requests = [each for number, each in enumerate(self._course.requests) if each and made >> number & 1]
        return float(sum(each.sent_bytes for each in requests)), float(sum(each.received_bytes for each in requests))

    @property
    def next_metric(self) -> float:
        """After how many seconds of the test the next custom metric begins; infinity if all have."""
        return self._waiting[-1][0] if self._waiting else math.inf

    def begin_metrics(self, seconds: float, iterations: int) -> None:
        """Let those custom metrics begin whose time has come, after so many iterations."""
        while self._waiting and self._waiting[-1][0] <= seconds:
            self._waiting.pop()[1].begin(iterations)


def mean_latency(scenario: Scenario) -> float:
    """Seconds of the average request without load."""
    requests = [step for step in scenario.steps if isinstance(step, Request)]
    shares = sum(request.share for request in requests)
    # The mean of a log-normal distribution is median * exp(spread^2 / 2).
    spent = sum(each.share * each.median_ms * math.exp(each.spread**2 / 2) / 1000.0 for each in requests)
    return spent / shares if shares else 1.0


def _deck(metric: CustomMetric, random: Random) -> Deck | Odds:
    """Where the samples of a metric of the script's own come from."""
    if metric.type == "rate":
        return Odds(metric.probability, random)
    value = metric.value
    if value.median is not None:
        values = [value.median * math.exp(value.spread * each) for each in normal_deck()]
    elif value.low == value.high:
        values = [value.low]
    else:
        values = [value.low + (value.high - value.low) * (at + 0.5) / CARDS for at in range(CARDS)]
    random.shuffle(values)
    return Deck(values)

"""Which samples k6 would emit for what happens in the load, bound to their sinks once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from operator import add, sub
from random import Random
from typing import Final

from dashboard.simulation.batches import TICKS, Batch, Kinds, batch_of_ticks
from dashboard.simulation.decks import Deck, Odds
from dashboard.simulation.groups import Check, GroupTree
from dashboard.simulation.registry import Metric, Registry
from dashboard.simulation.scenario import CheckSpec, CustomMetric, Request
from dashboard.simulation.sinks import TrendSink


class Channel:
    """A metric and the submetrics that samples with certain tags reach, ready to take samples."""

    __slots__ = ("_metrics", "_registry", "_seen", "_sinks", "_trends")

    def __init__(self, registry: Registry, name: str, tags: Mapping[str, str]) -> None:
        self._registry = registry
        self._metrics: tuple[Metric, ...] = registry.reached_by(name, tags)
        self._sinks = tuple(metric.raw for metric in self._metrics)
        self._trends = tuple(sink for sink in self._sinks if isinstance(sink, TrendSink))
        self._seen = False

    def add(self, value: float, count: int = 1) -> None:
        """Take in ``count`` equal samples; the first makes the metric show."""
        if count <= 0:
            return
        if not self._seen:
            self._show()
        for sink in self._sinks:
            sink.add(value, count)

    def take(self, batch: Batch) -> None:
        """Take in many samples of a Trend."""
        if not self._seen:
            self._show()
        for trend in self._trends:
            trend.take(batch)

    def deal(self, deck: Deck | Odds, dealt: int, count: int) -> None:
        """Take in the next ``count`` samples of a deck of which ``dealt`` have been taken before."""
        for sink in self._sinks:
            deck.deal(sink, dealt, count)

    def show(self) -> None:
        """Let the metric show, as its first sample does."""
        if not self._seen:
            self._show()

    def _show(self) -> None:
        self._seen = True
        self._registry.observe(self._metrics)


PHASES: Final = 128
"""How many kinds of small phases a request can have."""


class Phases:
    """The small parts of the requests of one step, in ticks; which a request has follows from its duration.

    Sending, waiting and receiving add up to the duration; before it comes blocked, with connecting and the TLS
    handshake inside, which are 0 where a connection is reused.

    Args:
        request: The step.
        random: Where they come from.
    """

    def __init__(self, request: Request, random: Random) -> None:
        draw = random.random
        limit = 0.1 + request.received_bytes / 20_000.0
        self.handshakes = handshakes(request)
        self.blocked_ticks = [ticks(0.002 + 0.01 * draw()) for _ in range(PHASES)]
        self.sending_ticks = [ticks(0.03 + 0.05 * draw()) for _ in range(PHASES)]
        self.receiving_ticks = [ticks(min((0.02 + 0.06 * draw()) * request.median_ms, limit)) for _ in range(PHASES)]
        self.transfer = list(map(add, self.sending_ticks, self.receiving_ticks))
        self.blocked, self.sending, self.receiving = (
            Kinds([each / TICKS for each in times])
            for times in (self.blocked_ticks, self.sending_ticks, self.receiving_ticks)
        )
        self.shortest = 2 * max(self.transfer)
        """The shortest duration that has room for all of them; in a shorter one each is an eighth of it."""


def handshakes(request: Request) -> int:
    """How long it takes to open a connection, against connecting alone: with TLS there are two more ways and back."""
    return 3 if request.name.startswith(("https:", "wss:")) else 1


def ticks(milliseconds: float) -> int:
    """A time in whole ticks, at least one."""
    return max(1, int(milliseconds * TICKS))


class HeldKinds:
    """Small parts of requests, counted by the requests' kinds until somebody reads their metrics."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._targets: list[tuple[Kinds, Channel]] = []
        self._counts: Counter[int] = Counter()

    def add_target(self, name: str, kinds: Kinds, channel: Channel) -> None:
        """Let a metric take in a value for each request, one of some kinds."""
        self._targets.append((kinds, channel))
        self._registry.before_reading_metric(name, self._deal)

    def count(self, kinds: Sequence[int], weight: int) -> None:
        """Take in requests of these kinds, each of which counts ``weight`` times."""
        for _, channel in self._targets:
            channel.show()
        counts = self._counts
        if weight == 1:
            counts.update(kinds)
        else:
            for kind in kinds:
                counts[kind] += weight

    def _deal(self) -> None:
        if self._counts:
            for kinds, channel in self._targets:
                channel.take(kinds.batch(self._counts))
            self._counts.clear()


class HttpChannels:
    """The samples of one request of the script with one outcome, as k6's ``httpext`` emits them."""

    def __init__(self, registry: Registry, tags: Mapping[str, str], phases: Phases, *, failed: bool) -> None:
        def channel(name: str) -> Channel:
            return Channel(registry, f"http_req_{name}", tags)

        self._phases = phases
        self._is_failed = float(failed)
        self._requests = Channel(registry, "http_reqs", tags)
        self._failures = channel("failed")
        self._durations = channel("duration")
        self._waiting = channel("waiting")
        self._sending = channel("sending")
        self._receiving = channel("receiving")
        self._blocked = channel("blocked")
        self._transfers, self._reusing = HeldKinds(registry), HeldKinds(registry)
        self._transfers.add_target("http_req_sending", phases.sending, self._sending)
        self._transfers.add_target("http_req_receiving", phases.receiving, self._receiving)
        self._reusing.add_target("http_req_blocked", phases.blocked, self._blocked)
        self._connecting = channel("connecting")
        self._tls_handshaking = channel("tls_handshaking")

    def take(self, durations: Sequence[int], weight: int, connecting: Sequence[int] = ()) -> None:
        """Take in some requests, at least one, each of which counts ``weight`` times.

        Args:
            durations: How long each took, in ticks.
            weight: How many VUs made each.
            connecting: How long each took to connect before, in ticks; none where connections were reused.
        """
        count = weight * len(durations)
        phases = self._phases
        self._requests.add(1.0, count)
        self._failures.add(self._is_failed, count)
        self._durations.take(batch_of_ticks(durations).times(weight))
        kinds = [duration % PHASES for duration in durations]
        if min(durations) < phases.shortest:
            self._take_short(durations, weight)
        else:
            waiting = list(map(sub, durations, map(phases.transfer.__getitem__, kinds)))
            self._waiting.take(batch_of_ticks(waiting).times(weight))
            self._transfers.count(kinds, weight)
        if not connecting:
            self._reusing.count(kinds, weight)
            self._connecting.add(0.0, count)
            self._tls_handshaking.add(0.0, count)
            return
        self._connecting.take(batch_of_ticks(connecting).times(weight))
        times = phases.handshakes
        if times > 1:
            self._tls_handshaking.take(batch_of_ticks([(times - 1) * each for each in connecting]).times(weight))
        else:
            self._tls_handshaking.add(0.0, count)
        blocked = [phases.blocked_ticks[kind] + times * each for kind, each in zip(kinds, connecting, strict=True)]
        self._blocked.take(batch_of_ticks(blocked).times(weight))

    def _take_short(self, durations: Sequence[int], weight: int) -> None:
        """Take in the parts of requests some of which are too short for the usual ones."""
        phases = self._phases
        for duration in durations:
            kind = duration % PHASES
            sending, receiving = phases.sending_ticks[kind], phases.receiving_ticks[kind]
            if duration < phases.shortest:
                sending = receiving = duration // 8
            self._sending.add(sending / TICKS, weight)
            self._receiving.add(receiving / TICKS, weight)
            self._waiting.add((duration - sending - receiving) / TICKS, weight)


class CheckChannel:
    """One check of the script: its samples and its place among the groups."""

    def __init__(
        self, registry: Registry, groups: GroupTree, spec: CheckSpec, tags: Mapping[str, str], random: Random
    ) -> None:
        self._name = spec.name
        self._path = tags.get("group", "")
        self._groups = groups
        self._check: Check | None = None
        self._samples = Channel(registry, "checks", {**tags, "check": spec.name, **spec.tags})
        self._odds = Odds(spec.passes, random)
        self._dealt = 0

    def take(self, succeeded: int, failed: int) -> None:
        """Check some requests; of those that failed none passes. The first makes the check and its groups show."""
        if self._check is None:
            self._check = self._groups.check(self._path, self._name)
        passes = self._odds.trues(self._dealt, succeeded)
        self._dealt += succeeded
        fails = succeeded + failed - passes
        self._check.passes += passes
        self._check.fails += fails
        self._samples.add(1.0, passes)
        self._samples.add(0.0, fails)


def request_tags(request: Request, scenario_name: str, *, failed: bool) -> dict[str, str]:
    """The system tags that k6 puts on a request's samples by default, and the script's own."""
    tags = {"scenario": scenario_name, "group": request.group}
    if request.protocol == "http":
        status = request.failed_status if failed else request.status
        tags |= {
            "method": request.method,
            "name": request.name,
            "url": request.name,
            "proto": "HTTP/2.0" if request.name.startswith("https:") else "HTTP/1.1",
            "status": str(status),
            "expected_response": str(not failed).lower(),
        }
        if request.name.startswith("https:"):
            tags["tls_version"] = "tls1.3"
        if failed and status >= 400:
            tags["error_code"] = str(1000 + status)
    elif request.protocol == "grpc":
        tags |= {"service": request.name.rpartition("/")[0], "method": request.name.rpartition("/")[2]}
        tags |= {"name": request.name, "status": "14" if failed else "0"}
    else:
        tags |= {"url": request.name, "name": request.name, "status": "101" if not failed else "503"}
    return {**tags, **request.tags}


class CustomChannel:
    """A metric of the script's own, sampled in every so many-th iteration; its samples are dealt when it is read."""

    def __init__(
        self, registry: Registry, metric: CustomMetric, scenario_name: str, deck: Deck | Odds, first: int
    ) -> None:
        self._every = metric.every
        self._deck = deck
        self._dealt = first
        self._begin: int | None = None
        self._iterations = 0
        self._taken = 0
        self._samples = Channel(registry, metric.name, {"scenario": scenario_name, "group": "", **metric.tags})
        registry.before_reading_metric(metric.name, self._settle)

    def begin(self, iterations: int) -> None:
        """Sample from now on, after so many iterations."""
        self._begin = self._taken = iterations // self._every

    def take(self, iterations: int) -> None:
        """So many iterations have been finished in all."""
        self._iterations = iterations
        if self._begin is not None and iterations // self._every > self._begin:
            self._samples.show()

    def _settle(self) -> None:
        if self._begin is None:
            return
        samples = self._iterations // self._every
        count = samples - self._taken
        if count:
            self._samples.deal(self._deck, self._dealt, count)
            self._dealt += count
            self._taken = samples

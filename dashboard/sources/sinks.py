"""k6's four sinks (``metrics/sink.go``): where the samples of one metric end, and what they show then.

Between two looks the samples wait in a list; a look takes them in. So what is told of the time between two looks is of
all its samples.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from dashboard.model.distribution import Distribution, Room, percentile
from dashboard.model.metric import Contains, Metric, MetricType
from dashboard.model.threshold import Threshold, parse_threshold, percentile_name
from dashboard.model.window import Window

SHARES: Final = (0.5, 0.9, 0.95, 0.99)
_NAMES: Final = ("med", "p(90)", "p(95)", "p(99)")


class Sink(Protocol):
    """What samples of one metric or submetric end in."""

    waiting: list[float]
    """The samples since the last look, in their order."""

    def take_in(self) -> Mapping[str, float]:
        """Add what waits to what there was; what it alone would show, in the words of a window. Called with samples."""
        ...

    def sample(self, elapsed: float, percentiles: Sequence[float]) -> dict[str, float]:
        """What all samples together show.

        Args:
            elapsed: Seconds since the start of the test.
            percentiles: Which ones are wanted besides k6's usual ones, each from 0 to 100.
        """
        ...


class _Counter:
    def __init__(self) -> None:
        self.waiting: list[float] = []
        self._total = 0.0

    def take_in(self) -> Mapping[str, float]:
        total = self._total
        for value in self.waiting:
            total += value
        of_window, self._total = total - self._total, total
        return {"count": of_window}

    def sample(self, elapsed: float, percentiles: Sequence[float]) -> dict[str, float]:
        return {"count": self._total, "rate": self._total / elapsed if elapsed > 0 else 0.0}


class _Gauge:
    def __init__(self) -> None:
        self.waiting: list[float] = []
        self._value = 0.0

    def take_in(self) -> Mapping[str, float]:
        self._value = self.waiting[-1]
        return {"value": self._value}

    def sample(self, elapsed: float, percentiles: Sequence[float]) -> dict[str, float]:
        return {"value": self._value}


class _Rate:
    def __init__(self) -> None:
        self.waiting: list[float] = []
        self._passes = self._fails = 0

    def take_in(self) -> Mapping[str, float]:
        count = len(self.waiting)
        passes = count - self.waiting.count(0.0)
        self._passes += passes
        self._fails += count - passes
        return {"rate": passes / count}

    def sample(self, elapsed: float, percentiles: Sequence[float]) -> dict[str, float]:
        rate = self._passes / max(1, self._passes + self._fails)
        return {"rate": rate, "passes": float(self._passes), "fails": float(self._fails)}


class _Trend:
    def __init__(self, values: Distribution) -> None:
        self.waiting: list[float] = []
        self._values = values

    def take_in(self) -> Mapping[str, float]:
        self._values.add(self.waiting)
        ordered = sorted(self.waiting)
        found = {name: percentile(ordered, share) for name, share in zip(_NAMES, SHARES, strict=True)}
        return {
            "avg": min(max(math.fsum(ordered) / len(ordered), ordered[0]), ordered[-1]),
            "max": ordered[-1],
            "min": ordered[0],
            "count": float(len(ordered)),
            **found,
        }

    def sample(self, elapsed: float, percentiles: Sequence[float]) -> dict[str, float]:
        values = self._values
        wanted = {percentile_name(number): number / 100 for number in percentiles}
        found = values.percentiles((*SHARES, *wanted.values()))
        return {
            "avg": values.sum / values.count if values.count else 0.0,
            "max": values.max if values.count else 0.0,
            "min": values.min if values.count else 0.0,
            "count": float(values.count),
            **dict(zip((*_NAMES, *wanted), found, strict=True)),
        }


def _sink(kind: MetricType, room: Room) -> Sink:
    match kind:
        case MetricType.COUNTER:
            return _Counter()
        case MetricType.GAUGE:
            return _Gauge()
        case MetricType.RATE:
            return _Rate()
        case MetricType.TREND:
            return _Trend(room.distribution())


class Measured:
    """One metric or submetric."""

    def __init__(self, name: str, kind: MetricType, contains: Contains, room: Room) -> None:
        self.name = name
        """k6's id of it."""
        self.kind = kind
        self.contains = contains
        self.sink: Sink = _sink(kind, room)
        self.thresholds: tuple[Threshold, ...] = ()
        self.is_poisoned = False
        """Whether a sample was infinite, or the sum of all."""
        self.has_samples = False
        self._metric: Metric | None = None

    def add_thresholds(self, sources: Sequence[str]) -> None:
        """Have these evaluated; what k6 would not have accepted is left out."""
        found: list[Threshold] = []
        for source in sources:
            try:
                found.append(parse_threshold(source, self.kind))
            except ValueError:
                continue
        self.thresholds = tuple(found)

    def window(self, start: float, end: float) -> Window | None:
        """What was sampled since the last look, which is taken in by this; None where nothing was."""
        waiting = self.sink.waiting
        if not waiting:
            return None
        self._metric = None
        if not math.isfinite(sum(waiting)):
            self._poison()
            if not waiting:
                return None
        self.has_samples = True
        statistics = dict(self.sink.take_in())
        waiting.clear()
        if self.kind is MetricType.COUNTER:
            statistics["rate"] = statistics["count"] / (end - start)
        return Window(self.name, self.kind, self.contains, start, end, _finite(statistics))

    def _poison(self) -> None:
        """Leave out what is not finite: with it, every sum would be infinite."""
        finite = [value for value in self.sink.waiting if math.isfinite(value)]
        if len(finite) < len(self.sink.waiting):
            self.is_poisoned = True
            self.sink.waiting[:] = finite

    def metric(self, elapsed: float) -> Metric:
        """What k6's API would have shown, and its thresholds evaluated."""
        if self._metric is None or self.kind is MetricType.COUNTER:
            percentiles = [threshold.percentile for threshold in self.thresholds if threshold.percentile is not None]
            sample = self.sink.sample(elapsed, percentiles)
            tainted = None
            if self.thresholds and self.has_samples:
                tainted = any(threshold.evaluate(sample).holds is False for threshold in self.thresholds)
            finite = _finite(sample)
            self.is_poisoned |= len(finite) < len(sample)
            self._metric = Metric(self.name, self.kind, self.contains, tainted, finite)
        return self._metric


def _finite(statistics: Mapping[str, float]) -> Mapping[str, float]:
    """Without those that no sum of so large numbers has."""
    return {name: value for name, value in statistics.items() if math.isfinite(value)}

"""What is run, as data: the script's steps, the system it loads, its thresholds, and how the run goes.

A scenario is a TOML file, which ``scenario_file`` reads; the built-in ones are files beside this module and read by
the same code as one's own. Durations are seconds, latencies milliseconds, as in k6's own output.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Final

from dashboard.quick import dataclass

SCENARIO_NAMES: Final[tuple[str, ...]] = (
    "steady",
    "ramp",
    "spike",
    "soak",
    "knee",
    "saturated",
    "errors",
    "browser",
    "grpc",
    "websocket",
    "many",
    "nasty",
)
"""The built-in scenarios."""

BUILT_IN: Final = Path(__file__).resolve().parent / "scenarios"
"""Where their files are."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A ramp: within ``seconds`` the number of VUs goes to ``target``."""

    seconds: float
    target: int


@dataclass(frozen=True, slots=True)
class Run:
    """How the run goes.

    Attributes:
        name: k6's name of the scenario, which it quotes when it refuses to pause.
        vus: VUs at the start.
        max_vus: VUs initialised before the start.
        seconds: How long VUs iterate; the sum of the stages if there are any.
        stages: Ramps, in order; none for a constant number of VUs.
        graceful_stop: Seconds given to the last iterations.
        init_seconds: How long all VUs take to initialise.
        aborts_at: When the script calls ``test.abort()``, in seconds of the test, or None.
        fails_at: When the script calls ``test.fail()``, likewise.
    """

    name: str = "default"
    vus: int = 10
    max_vus: int = 10
    seconds: float = 600.0
    stages: tuple[Stage, ...] = ()
    graceful_stop: float = 30.0
    init_seconds: float = 0.05
    aborts_at: float | None = None
    fails_at: float | None = None

    @property
    def executor(self) -> str:
        """k6's name of the executor, where it is not the externally-controlled one."""
        return "ramping-vus" if self.stages else "constant-vus"


@dataclass(frozen=True, slots=True)
class Incident:
    """A time in which the system under load does badly.

    Attributes:
        at: When it begins, in seconds of the test.
        seconds: How long it lasts.
        failures: The share of requests that fail besides those that fail anyway.
        slowdown: The factor on every latency.
        every: Seconds until it begins anew, or None for once.
    """

    at: float
    seconds: float
    failures: float = 0.0
    slowdown: float = 1.0
    every: float | None = None

    def is_on(self, seconds: float) -> bool:
        """Whether it is going on."""
        since = seconds - self.at
        return 0 <= (since % self.every if self.every and since >= 0 else since) < self.seconds

    def next_turn(self, seconds: float) -> float:
        """When it begins or ends next, after that; infinity if it does not any more."""
        begin = self.at
        if self.every and seconds >= self.at:
            begin += (seconds - self.at) // self.every * self.every
        turns = (begin, begin + self.seconds, begin + self.every if self.every else math.inf)
        return min((turn for turn in turns if turn > seconds), default=math.inf)


@dataclass(frozen=True, slots=True)
class System:
    """The system under load.

    Attributes:
        capacity: Requests per second that it can answer; more VUs past that buy latency instead.
        knee: How sharp the bend at the capacity is; 2 is soft, 8 is hard.
        overload_failures: The share of requests that fail when it is hopelessly overloaded.
        decay_per_hour: By how much latency grows, as a share of itself, in an hour.
    """

    capacity: float = 1000.0
    knee: float = 4.0
    overload_failures: float = 0.2
    decay_per_hour: float = 0.0
    incidents: tuple[Incident, ...] = ()


@dataclass(frozen=True, slots=True)
class Generator:
    """The machine that makes the load. What it cannot do, the capacity of the system has to say as well.

    Attributes:
        cores: Cores that k6 may use.
        cpu_ms: CPU time that a request takes of it.
        max_files: File descriptors that it may have open.
    """

    cores: int = 2
    cpu_ms: float = 0.4
    max_files: int = 20_000


@dataclass(frozen=True, slots=True)
class Hook:
    """setup() or teardown().

    Attributes:
        seconds: How long it takes.
        returns: What it returns as JSON text; None for nothing, as for a missing function.
        throws: The exception's text if it throws.
        checks: The checks it does, which all pass.
    """

    seconds: float = 0.0
    returns: str | None = None
    throws: str | None = None
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """A check after a request.

    Attributes:
        name: Its name.
        passes: The share that passes, of the requests that succeed; of the others none does.
        group: The path of the group it is in, if that is not the request's.
        tags: What its samples carry besides the group.
    """

    name: str
    passes: float = 1.0
    group: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Think:
    """The VU waits, between ``low`` and ``high`` seconds."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Request:
    """The VU asks the system something.

    Attributes:
        protocol: ``http``, ``grpc``, ``websocket`` or ``browser``.
        method: The HTTP method.
        name: What k6's ``name`` tag says.
        group: The group's path, such as ``::shop::cart``; empty for none.
        median_ms: The median latency without load, of a log-normal distribution.
        spread: The standard deviation of the latency's logarithm.
        failures: The share that fails without any load.
        status: The HTTP status of a success.
        failed_status: The HTTP status of a failure.
        sent_bytes: Bytes sent by one.
        received_bytes: Bytes received by one.
        messages: Messages of a websocket session or a gRPC stream in each direction.
        share: The share of iterations that make it.
    """

    protocol: str
    name: str
    method: str = "GET"
    group: str = ""
    median_ms: float = 50.0
    spread: float = 0.4
    failures: float = 0.0
    status: int = 200
    failed_status: int = 503
    sent_bytes: int = 300
    received_bytes: int = 2000
    messages: int = 0
    share: float = 1.0
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    checks: tuple[CheckSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """Where a custom metric's samples come from.

    Attributes:
        low: The smallest value, of a uniform distribution, or the constant.
        high: The largest value.
        median: The median of a log-normal distribution instead.
        spread: The standard deviation of its logarithm.
    """

    low: float = 1.0
    high: float = 1.0
    median: float | None = None
    spread: float = 0.3


@dataclass(frozen=True, slots=True)
class CustomMetric:
    """A metric of the script's own, sampled at the end of an iteration.

    Attributes:
        name: Its name.
        type: ``counter``, ``gauge``, ``rate`` or ``trend``.
        contains: ``default``, ``time`` or ``data``.
        value: Its samples; for a rate, ``probability`` says how often it is true.
        probability: The share of samples of a rate that are true.
        every: It is sampled in every so many-th iteration of the whole test.
        after: It is not sampled before so many seconds of the test.
        sampled: Whether it is ever sampled; one that is not shows only if it has a threshold.
    """

    name: str
    type: str = "counter"
    contains: str = "default"
    value: Value = Value()
    probability: float = 0.5
    every: int = 1
    after: float = 0.0
    sampled: bool = True
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class ThresholdSpec:
    """A threshold's expression and whether crossing it ends the test."""

    source: str
    abort_on_fail: bool = False
    abort_delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Everything about one run but its seed, its clock and the k6 that is imitated."""

    name: str
    title: str = ""
    run: Run = Run()
    system: System = System()
    generator: Generator = Generator()
    setup: Hook | None = None
    teardown: Hook | None = None
    steps: tuple[Request | Think, ...] = ()
    metrics: tuple[CustomMetric, ...] = ()
    thresholds: tuple[tuple[str, tuple[ThresholdSpec, ...]], ...] = ()

"""The log of a simulated k6, as a real one writes it with ``--log-format json``: k6's own words and its script's.

What happens often is noted as numbers when a second has passed, and put into words when somebody reads it: a run that
nobody reads costs next to nothing. k6 warns of a request that got no answer, and says nothing of one that was answered
with an error: that, the script tells.
"""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import Final

from dashboard.quick import dataclass
from dashboard.simulation.lifecycle import K6Exit
from dashboard.simulation.registry import Registry
from dashboard.simulation.scenario import Hook, Request, Scenario
from dashboard.simulation.sinks import CounterSink, RateSink
from dashboard.simulation.timekeeping import Timers

MOST_FAILURES: Final = 40
"""Failures that are told of one interval; a real k6 would tell them all."""
MOST_NOTES: Final = 3600
"""Things that may wait to be read; of more, the oldest are forgotten."""
TOLD_EVERY: Final = 50
"""The script tells of every so many-th iteration."""
_MOST_TOLD: Final = 5
_UNANSWERED: Final = 0.4
"""The share of failures in which no answer came."""
_REASONS: Final = (
    "request timeout",
    "EOF",
    "dial tcp {address}: connect: connection refused",
    "read tcp 10.12.0.4:{port}->{address}: read: connection reset by peer",
)
_ADDRESS: Final = "203.0.113.{host}:443"

Entry = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Note:
    """What happened in an interval, or at a moment."""

    moment: float
    """Seconds since the Unix epoch."""
    entries: tuple[Entry, ...] = ()
    """What was said, word for word."""
    failures: int = 0
    first_iteration: int = 0
    last_iteration: int = 0


class RunLog:
    """The log of one process at a time.

    Args:
        scenario: What is run.
        seed: The same seed, and the same run, give the same log.
        interval: Seconds of process time after which it is noted what happened in them.
    """

    def __init__(self, scenario: Scenario, seed: int, interval: float = 1.0) -> None:
        self._scenario = scenario
        self._seed = seed
        self._interval = interval
        self._requests = tuple(step for step in scenario.steps if isinstance(step, Request))
        self._weights = [step.share * (step.failures + 0.01) for step in self._requests]
        self._failed = "http_req_failed" if any(step.protocol == "http" for step in self._requests) else "checks"
        self._notes: deque[tuple[int, _Note]] = deque(maxlen=MOST_NOTES)
        self._count = 0

    def begin(self, registry: Registry, timers: Timers, moment: Callable[[], float]) -> None:
        """A process begins.

        Args:
            registry: Its metrics.
            timers: Its time.
            moment: Gives the present in seconds since the Unix epoch.
        """
        self._registry = registry
        self._timers = timers
        self._moment = moment
        self._failures = 0
        self._iterations = 0
        self._has_ended = False
        timers.at(self._interval, self._look)

    def _look(self) -> None:
        if not self._has_ended:
            self._note_counts()
            self._timers.after(self._interval, self._look)

    def _note_counts(self) -> None:
        """Note what has happened since the last time."""
        failures = self._count_failures()
        iterations = self._count_iterations()
        if failures > self._failures or iterations // TOLD_EVERY > self._iterations // TOLD_EVERY:
            self._note(_Note(self._moment(), (), failures - self._failures, self._iterations, iterations))
        self._failures, self._iterations = failures, iterations

    def ran_hook(self, name: str, hook: Hook) -> None:
        """``setup()`` or ``teardown()`` has run, and maybe thrown."""
        entries = [_console("info", f"{name}() took {hook.seconds * 1000:.0f} ms")]
        if hook.throws is not None:
            entries.append(
                {
                    "hint": "script exception",
                    "level": "error",
                    "msg": f"{hook.throws}\n\tat {name} ({self._place(12, 9)})\n",
                    "source": "stacktrace",
                }
            )
        self._note(_Note(self._moment(), tuple(entries)))

    def fails(self) -> None:
        """The script has called ``test.fail()``."""
        self._say("error", "test marked as failed: test.fail()")

    def end(self, code: K6Exit, crossed: Iterable[str]) -> None:
        """The process exits; what k6 says last depends on why."""
        self._note_counts()
        self._has_ended = True
        names = ", ".join(sorted(crossed))
        match code:
            case K6Exit.THRESHOLDS_HAVE_FAILED:
                self._say("error", f"thresholds on metrics '{names}' have been crossed")
            case K6Exit.SCRIPT_ABORTED:
                self._say("error", f"test aborted: test.abort() at default ({self._place(31, 7)})")
            case K6Exit.STOPPED_FROM_REST_API:
                self._say("error", "test run stopped from REST API")
            case K6Exit.EXTERNAL_ABORT:
                self._say("error", "test run was aborted because k6 received a 'terminated' signal")
            case K6Exit.MARKED_AS_FAILED:
                self._say("error", "test run was marked as failed")
            case _:
                pass

    def take(self) -> bytes:
        """What has been written since the last time, in whole lines."""
        lines: list[str] = []
        while self._notes:
            number, note = self._notes.popleft()
            told = datetime.fromtimestamp(math.floor(note.moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            lines += (_line({**entry, "time": told}) for entry in self._entries(number, note))
        return "".join(lines).encode("utf-8", "replace")

    def _say(self, level: str, message: str) -> None:
        self._note(_Note(self._moment(), ({"level": level, "msg": message},)))

    def _note(self, note: _Note) -> None:
        self._notes.append((self._count, note))
        self._count += 1

    def _count_failures(self) -> int:
        sink = self._registry[self._failed].sink
        if not isinstance(sink, RateSink):
            return 0
        return sink.trues if self._failed == "http_req_failed" else sink.total - sink.trues

    def _count_iterations(self) -> int:
        sink = self._registry["iterations"].sink
        return round(sink.total) if isinstance(sink, CounterSink) else 0

    def _entries(self, number: int, note: _Note) -> Iterator[Entry]:
        """A note in words. What chance has a part in depends on nothing but the seed and the note."""
        yield from note.entries
        random = Random(f"{self._seed} {number}")
        first = note.first_iteration - note.first_iteration % TOLD_EVERY + TOLD_EVERY
        for iteration in range(first, note.last_iteration + 1, TOLD_EVERY)[:_MOST_TOLD]:
            yield _console("info", f"iteration {iteration} of {self._scenario.run.name}")
        for _ in range(min(note.failures, MOST_FAILURES) if self._requests else 0):
            (request,) = random.choices(self._requests, self._weights)
            yield self._failure(request, random)

    def _failure(self, request: Request, random: Random) -> Entry:
        if request.protocol == "http" and random.random() < _UNANSWERED:
            reason = random.choice(_REASONS).format(
                address=_ADDRESS.format(host=10 + random.randrange(3)), port=random.randrange(32768, 61000)
            )
            url = request.name.replace("${id}", str(random.randrange(1000)))
            error = f'{request.method.capitalize()} "{url}": {reason}'
            return {"error": error, "level": "warning", "msg": "Request Failed"}
        what = f"{request.method} {request.name}" if request.protocol == "http" else request.name
        answered = f"status {request.failed_status}" if request.protocol == "http" else "failed"
        return _console("error", f"{what}: {answered}")

    def _place(self, line: int, column: int) -> str:
        return f"file:///simulation/{self._scenario.name}.js:{line}:{column}({line})"


def _line(entry: Entry) -> str:
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=False, sort_keys=True) + "\n"


def _console(level: str, message: str) -> Entry:
    return {"level": level, "msg": message, "source": "console"}

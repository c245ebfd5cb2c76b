"""``python -m tests.benchmarks [--long] [PART...]``: the budgets, and what is reached beside a bare Textual app."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from tests.benchmarks import events, files, log, measure, recordings, simulation
from tests.benchmarks.documents import BUILTIN
from tests.benchmarks.measure import CLOCK, Row, absolute, ratio
from tests.benchmarks.stub import Request, RunningStub, start_stub
from tests.harness.k6 import CHECKOUT
from tests.harness.terminal import K6DASH, Terminal, open_terminal
from tests.harness.waiting import wait_until

PYTHON: Final = sys.executable
HELLO: Final = (PYTHON, "-m", "tests.harness.hello")
SIMULATED: Final = (*K6DASH, "--simulate")
HEADER: Final = rb"k6dash "
DATA: Final = rb"running.*?\xce\xa3[0-9]"
ANSWER: Final = "(?:◔ starting|▶ running)".encode()
"""A simulated test begins with k6dash, and has counted nothing at the first look: what that gives is its state."""
END_OF_FRAME: Final = rb".*?\x1b\[\?2026l"
SETTLE: Final = 4.0
WATCH: Final = 15.0
ROUNDS: Final = 7
HOUR: Final = 3600
WEEK: Final = 7 * 24 * HOUR


@contextmanager
def running(command: Sequence[str]) -> Generator[Terminal]:
    """A program in a terminal of 120x40 whose bytes are timed and not looked at."""
    with open_terminal(command, 120, 40, cwd=CHECKOUT, is_watched=False) as terminal:
        yield terminal


def k6dash(stub: RunningStub, interval: float = 1.0) -> list[str]:
    """The command that watches a stub."""
    return [*K6DASH, "--target", stub.address, "--interval", str(interval)]


def start() -> Iterator[Row]:
    """Time from the start of the process to what is painted first."""
    with start_stub() as stub:

        def painted(command: Sequence[str], pattern: bytes) -> float:
            with running(command) as terminal:
                return terminal.wait_for_bytes(pattern) - terminal.started_at

        floor, frame, data, simulated_frame, simulated_answer = measure.alternately(
            ROUNDS,
            lambda: painted(HELLO, b"hello"),
            lambda: painted(k6dash(stub), HEADER),
            lambda: painted(k6dash(stub), DATA),
            lambda: painted(SIMULATED, HEADER),
            lambda: painted(SIMULATED, ANSWER),
        )
    yield ratio("first frame, against hello", frame, floor, 1.35)
    yield ratio("first data painted, against hello", data, floor, 1.8)
    yield ratio("first frame of --simulate, against hello", simulated_frame, floor, 1.35)
    yield ratio("first answer painted of --simulate, against hello", simulated_answer, floor, 1.8)


def helped() -> Iterator[Row]:
    """Time of what needs no screen."""
    os.environ.pop("COLUMNS", None)
    bare, help_text, narrower, version = measure.alternately(
        ROUNDS,
        lambda: measure.time_of([PYTHON, "-c", "pass"]),
        lambda: measure.time_of([*K6DASH, "--help"]),
        lambda: measure.time_of(["env", "COLUMNS=90", *K6DASH, "--help"]),
        lambda: measure.time_of([*K6DASH, "--version"]),
    )
    yield ratio("--help, against bare Python", help_text, bare, 4)
    yield "--help on a terminal of 81 to 99 columns or below 80", "", ratio("", narrower, bare, 4)[2], ""
    yield ratio("--version, against bare Python", version, bare, 4)


def asked() -> Iterator[Row]:
    """Time of one question to a k6."""
    with start_stub() as stub:
        by_hand = f"import httpx; httpx.get('http://{stub.address}/v1/status')"
        imported, got, status = measure.alternately(
            ROUNDS,
            lambda: measure.time_of([PYTHON, "-c", "import httpx"]),
            lambda: measure.time_of([PYTHON, "-c", by_hand]),
            lambda: measure.time_of([*K6DASH, "status", "--target", stub.address]),
        )
        before = len(stub.log())
        measure.time_of([*K6DASH, "status", "--target", stub.address])
        requests = stub.log()[before:]
    yield ratio("k6dash status, against importing httpx", status, imported, 1.5)
    yield ratio("the same, against importing it and one GET", status, got, 1.5)
    yield absolute("requests of k6dash status", len(requests), 1, "")


def cpu() -> Iterator[Row]:
    """CPU of a dashboard that nobody touches."""
    with running(HELLO) as terminal:
        terminal.wait_for_bytes(b"hello")
        idle = _share(terminal)
    yield "CPU of an idle hello", "", f"{100 * idle:.2f} %", ""
    with start_stub() as stub:
        for interval, most in ((1.0, 2), (0.2, 9)):
            with running(k6dash(stub, interval)) as terminal:
                terminal.wait_for_bytes(DATA)
                yield absolute(f"CPU at {1 / interval:.0f} Hz", 100 * _share(terminal), most, "% of a core")
    with _aged(60, BUILTIN) as terminal:
        young = _share(terminal)
    with _aged(HOUR, 400) as terminal:
        old = _share(terminal)
    what = f"CPU with 400 metrics and an hour, against {BUILTIN} and a minute"
    yield ratio(what, 100 * old, 100 * young, 1.5, "%")


def keys() -> Iterator[Row]:
    """Time from a key to what it does."""
    with start_stub() as stub, running(k6dash(stub, 0.2)) as terminal:
        terminal.wait_for_bytes(DATA)
        measure.sleep(SETTLE)
        painted = [
            _key_to_bytes(terminal, key, pattern)
            for _ in range(20)
            for key, pattern in (("2", rb"METRIC"), ("f", rb"frozen at"), ("1", rb"Timing phases"), ("f", rb"window"))
        ]
        sent = [_key_to_patch(terminal, stub, pattern) for _ in range(10) for pattern in (rb"paused", rb"running")]
    yield absolute("key to paint at 5 Hz, p90", 1000 * measure.quantile(painted, 0.9), 50, "ms")
    yield absolute("key to PATCH, p95", 1000 * measure.quantile(sent, 0.95), 20, "ms")


def memory(is_long: bool) -> Iterator[Row]:
    """Memory after having watched for long."""
    with running(HELLO) as terminal:
        terminal.wait_for_bytes(b"hello")
        yield "memory of hello", "", f"{measure.rss_megabytes(terminal.process.pid):.1f} MB", ""
    for what, seconds, most in (("an hour", HOUR, 50), ("a week", WEEK, 70)):
        if seconds == WEEK and not is_long:
            yield f"memory after {what} at 1 Hz", f"<= {most} MB", "", "not measured: --long"
            continue
        with _aged(seconds, BUILTIN) as terminal:
            measure.sleep(SETTLE)
            reached = measure.rss_megabytes(terminal.process.pid)
        yield absolute(f"memory after {what} at 1 Hz", reached, most, "MB")


def cost() -> Iterator[Row]:
    """What k6 is asked."""
    with start_stub() as stub, running(k6dash(stub)) as terminal:
        terminal.wait_for_bytes(DATA)
        started, before = CLOCK.now(), len(stub.log())
        measure.sleep(WATCH)
        seconds = CLOCK.now() - started
        asked = stub.log()[before:]
    for path in ("/v1/status", "/v1/metrics"):
        count = sum(request.path == path for request in asked)
        yield absolute(f"GET {path} at 1 Hz", count / seconds, round(1 + 1.5 / seconds, 2), "a second")
    others = sorted({request.path for request in asked} - {"/v1/status", "/v1/metrics"})
    yield "other requests", "none", ", ".join(others) or "none", "kept" if not others else "EXCEEDED"
    yield absolute("requests in flight at once", max(request.in_flight for request in asked), 1, "")


def _share(terminal: Terminal) -> float:
    measure.sleep(SETTLE)
    return measure.cpu_share(terminal, WATCH)


@contextmanager
def _aged(seconds: int, count: int) -> Generator[Terminal]:
    with start_stub(count, seconds) as stub:
        command = [PYTHON, "-m", "tests.benchmarks.aged", stub.address, str(seconds), str(count), "1"]
        with running(command) as terminal:
            terminal.wait_for_bytes(DATA, timeout=seconds)
            yield terminal


def _key_to_bytes(terminal: Terminal, key: str, pattern: bytes) -> float:
    since, pressed = len(terminal.raw), CLOCK.now()
    terminal.press(key)
    seen = terminal.wait_for_bytes(pattern + END_OF_FRAME, since)
    measure.sleep(0.13)
    return seen - pressed


def _key_to_patch(terminal: Terminal, stub: RunningStub, confirmed: bytes) -> float:
    before, pressed = len(stub.log()), CLOCK.now()
    terminal.press("p")

    def sent() -> list[Request]:
        return [request for request in stub.log()[before:] if request.method == "PATCH" and "paused" in request.body]

    patches = wait_until(sent, what="a PATCH")
    terminal.wait_for_bytes(confirmed + END_OF_FRAME, len(terminal.raw))
    measure.sleep(0.3)
    return patches[0].at - pressed


def main(arguments: Sequence[str]) -> int:
    """Measure, and print a table."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    parts: Mapping[str, Callable[[], Iterator[Row]]] = {
        "start": start,
        "help": helped,
        "asked": asked,
        "cpu": cpu,
        "keys": keys,
        "memory": lambda: memory(chosen.long),
        "cost": cost,
        "files": files.rows,
        "simulation": simulation.rows,
        "events": events.rows,
        "log": log.rows,
        "recordings": recordings.rows,
    }
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description="The budgets, and what is reached beside a bare Textual app."
    )
    parser.add_argument("--long", action="store_true", help="the memory after a week as well")
    parser.add_argument("part", nargs="*", help=f"all unless some are named: {', '.join(parts)}")
    chosen = parser.parse_args(arguments)
    wanted: list[str] = chosen.part or list(parts)
    if strange := set(wanted) - parts.keys():
        parser.error(f"no part is called {', '.join(sorted(strange))}; there are {', '.join(parts)}")
    print(f"{'what':56} {'budget':>16}  {'reached':<32} verdict")
    for name in wanted:
        for what, budget, reached, judged in parts[name]():
            print(f"{what:56} {budget:>16}  {reached:<32} {judged}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

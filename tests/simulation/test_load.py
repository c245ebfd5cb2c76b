"""The load: cause and effect, and that all numbers agree."""

from __future__ import annotations

import math
from random import Random
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.clock import ManualClock
from dashboard.simulation.engine import Engine
from dashboard.simulation.executor import next_change, staged_vus
from dashboard.simulation.profile import Profile
from dashboard.simulation.scenario import (
    SCENARIO_NAMES,
    CheckSpec,
    Incident,
    Request,
    Run,
    Scenario,
    Stage,
    System,
    Think,
)
from dashboard.simulation.scenario_file import load_scenario
from dashboard.simulation.sinks import CounterSink, RateSink, TrendSink


def counter(engine: Engine, name: str) -> CounterSink:
    return cast(CounterSink, engine.registry[name].sink)


def trend(engine: Engine, name: str) -> TrendSink:
    return cast(TrendSink, engine.registry[name].sink)


def rate(engine: Engine, name: str) -> RateSink:
    return cast(RateSink, engine.registry[name].sink)


def running(vus: int, seconds: float = 0.0, *, seed: int = 1, **system: Any) -> Engine:
    limits: dict[str, Any] = {"capacity": 400.0, **system}
    scenario = Scenario(
        "load",
        run=Run(vus=vus, max_vus=vus, seconds=1e6, init_seconds=0.01),
        system=System(**limits),
        steps=(
            Request("http", "http://a/", group="::one", median_ms=40.0, checks=(CheckSpec("ok"),)),
            Request(
                "http",
                "http://b/",
                group="::one::two",
                median_ms=90.0,
                checks=(CheckSpec("ok"), CheckSpec("odd", 0.9)),
            ),
            Think(0.1, 0.5),
        ),
    )
    engine = Engine(scenario, Profile.V2, seed=seed, clock=ManualClock())
    engine.advance_to(seconds)
    return engine


class Window:
    """What happens in a time: averages over it alone."""

    def __init__(self, engine: Engine, seconds: float) -> None:
        before = self.totals(engine)
        engine.advance_to(engine.now + seconds)
        requests, request_ms, iterations, iteration_ms, failed = (
            now - then for now, then in zip(self.totals(engine), before, strict=True)
        )
        self.requests_per_second = requests / seconds
        self.iterations_per_second = iterations / seconds
        self.request_ms = request_ms / requests
        self.iteration_ms = iteration_ms / iterations
        self.failed = failed / requests

    @staticmethod
    def totals(engine: Engine) -> tuple[float, ...]:
        durations, iterations = trend(engine, "http_req_duration"), trend(engine, "iteration_duration")
        failed = rate(engine, "http_req_failed").trues
        return (durations.count, durations.sum, iterations.count, iterations.sum, failed)


@pytest.mark.parametrize("vus", [1, 7, 40, 100, 333])
def test_littles_law_holds_to_two_percent(vus: int) -> None:
    engine = running(vus, 20.0)
    window = Window(engine, 300.0 if vus < 20 else 100.0)
    assert abs(window.iterations_per_second * window.iteration_ms / 1000 / vus - 1) < 0.02


def test_more_vus_first_buy_throughput_and_then_only_latency() -> None:
    windows = [Window(running(vus, 20.0), 60.0) for vus in (10, 20, 40, 160, 320, 640)]
    rates = [window.requests_per_second for window in windows]
    latencies = [window.request_ms for window in windows]
    # below the knee: twice the VUs, nearly twice the throughput, at the same latency
    assert rates[1] / rates[0] > 1.85
    assert rates[2] / rates[1] > 1.8
    assert latencies[2] / latencies[0] < 1.1
    # beyond: the throughput stays at the capacity, and latency grows with the VUs
    assert all(0.9 * 400 < each < 1.05 * 400 for each in rates[3:])
    assert latencies[4] / latencies[3] > 1.8
    assert latencies[5] / latencies[4] > 1.8


def test_failures_and_failed_checks_grow_past_the_knee() -> None:
    idle, drowning = running(10, 60.0), running(500, 60.0)
    assert rate(idle, "http_req_failed").trues == 0
    assert Window(drowning, 30.0).failed > 0.1
    assert rate(drowning, "checks").format(1.0)["rate"] < rate(idle, "checks").format(1.0)["rate"] - 0.1


def test_incidents_and_decay_slow_the_system_down() -> None:
    troubled = running(5, 10.0, incidents=(Incident(at=40.0, seconds=30.0, failures=0.5, slowdown=3.0),))
    before, during, after = Window(troubled, 30.0), Window(troubled, 30.0), Window(troubled, 30.0)
    assert during.request_ms / before.request_ms > 2.5
    assert 0.4 < during.failed < 0.6
    assert after.request_ms / before.request_ms < 1.1
    assert before.failed == 0
    decaying = running(5, 10.0, decay_per_hour=60.0)
    assert Window(decaying, 30.0).request_ms * 1.3 < Window(decaying, 60.0).request_ms


@pytest.mark.parametrize("name", SCENARIO_NAMES)
def test_all_numbers_of_a_moment_agree(name: str) -> None:
    engine = Engine(load_scenario(name), Profile.V2, seed=3, clock=ManualClock())
    for moment in (3.7, 31.13, 64.5):
        engine.advance_to(moment)
        requests = counter(engine, "http_reqs").total
        phases = ("blocked", "connecting", "tls_handshaking", "sending", "waiting", "receiving", "duration")
        assert {trend(engine, f"http_req_{phase}").count for phase in phases} == {requests}
        assert rate(engine, "http_req_failed").total == requests
        parts = sum(trend(engine, f"http_req_{phase}").sum for phase in ("sending", "waiting", "receiving"))
        assert abs(parts - trend(engine, "http_req_duration").sum) < 1e-6 * max(1.0, parts)
        expected = engine.registry.submetric("http_req_duration{expected_response:true}").sink
        assert cast(TrendSink, expected).count == requests - rate(engine, "http_req_failed").trues
        assert trend(engine, "iteration_duration").count == counter(engine, "iterations").total
        passes, fails = all_checks(engine)
        checks = rate(engine, "checks")
        assert (passes, fails) == (checks.trues, checks.total - checks.trues)


def all_checks(engine: Engine) -> tuple[int, int]:
    """Passes and fails of all checks of all groups."""
    passes = fails = 0
    pending = [engine.groups.root]
    while pending:
        group = pending.pop()
        pending += group.groups.values()
        passes += sum(check.passes for check in group.checks.values())
        fails += sum(check.fails for check in group.checks.values())
    return passes, fails


def test_bytes_follow_requests() -> None:
    engine = running(10, 60.0)
    iterations = counter(engine, "iterations").total
    assert counter(engine, "data_sent").total == iterations * 600
    assert counter(engine, "data_received").total == iterations * 4000


def test_groups_contain_each_other_in_time() -> None:
    engine = running(1, 120.0)
    one = next(iter(engine.groups.root.groups.values()))
    assert (one.path, [each.path for each in one.groups.values()]) == ("::one", ["::one::two"])
    assert trend(engine, "group_duration").count == 2 * counter(engine, "iterations").total


@pytest.mark.parametrize("speed", [1.0, 300.0])
@pytest.mark.parametrize("name", SCENARIO_NAMES)
def test_who_looks_when_does_not_change_a_number(name: str, speed: float) -> None:
    scenario = load_scenario(name)
    often, seldom = (Engine(scenario, Profile.V1_EXTERNAL, seed=5, clock=ManualClock(), speed=speed) for _ in range(2))
    looks = Random(6)
    for until, vus in ((40.3, 3), (61.7, 25), (130.1, 4)):
        while often.now < until:
            often.advance_to(min(until, often.now + looks.random() * 4.0))
            if looks.random() < 0.5:
                metrics_of(often)
        seldom.advance_to(until)
        for engine in (often, seldom):
            engine.configure(vus, 60 if vus <= 60 else vus)
    often.advance_to(150.0)
    seldom.advance_to(150.0)
    assert metrics_of(often) == metrics_of(seldom)
    assert often.status() == seldom.status()
    assert all_checks(often) == all_checks(seldom)


def metrics_of(engine: Engine) -> dict[str, tuple[dict[str, float], bool | None]]:
    return {name: (each.sink.format(1.0), each.tainted) for name, each in engine.registry.observed.items()}


def test_a_group_lasts_as_long_as_what_is_done_in_it() -> None:
    engine = running(1, 300.0)
    groups, durations = trend(engine, "group_duration"), trend(engine, "http_req_duration")
    blocked, iterations = trend(engine, "http_req_blocked"), trend(engine, "iteration_duration")
    # ::one holds both requests, ::one::two the second and the pause after it.
    assert iterations.count * 2 == groups.count
    assert iterations.sum < groups.sum < 2 * iterations.sum
    assert iterations.sum > durations.sum + 0.9 * blocked.sum


@given(
    start=st.integers(0, 30),
    stages=st.lists(st.builds(Stage, st.sampled_from([0.0, 0.7, 10.0, 60.0]), st.integers(0, 40)), max_size=4),
    seconds=st.floats(0, 150),
)
def test_a_ramp_changes_next_when_it_says_so(start: int, stages: list[Stage], seconds: float) -> None:
    now, change = staged_vus(start, stages, seconds), next_change(start, stages, seconds)
    end = min(change, 200.0)
    if change < math.inf:
        assert change >= seconds
        around = {staged_vus(start, stages, change + each) for each in (-1e-6, 1e-6)}
        assert len(around) == 2 or change == seconds
    between = (seconds + (end - seconds) * part / 16 for part in range(16))
    assert all(staged_vus(start, stages, each) == now for each in between if each < end - 1e-6)


def test_the_work_does_not_grow_with_the_vus() -> None:
    few, many = running(48, 30.0, capacity=1e5), running(4800, 30.0, capacity=1e5)
    assert counter(many, "http_reqs").total > 90 * counter(few, "http_reqs").total
    assert many.load.laps < 1.05 * few.load.laps


def test_great_speed_shares_slots_and_keeps_the_picture() -> None:
    scenario = load_scenario("steady")
    normal = Engine(scenario, Profile.V2, seed=1, clock=ManualClock())
    fast = Engine(scenario, Profile.V2, seed=1, clock=ManualClock(), speed=600.0)
    for engine in (normal, fast):
        engine.advance_to(60.0)
    assert fast.status().vus == normal.status().vus == 20
    ratio = counter(fast, "http_reqs").total / counter(normal, "http_reqs").total
    assert 0.85 < ratio < 1.15

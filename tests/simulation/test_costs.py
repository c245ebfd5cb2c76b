"""What a simulation costs: memory that does not grow with the time simulated, and work that nobody sees is not done."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace

import pytest

from dashboard.clock import ManualClock
from dashboard.simulation.documents import groups_document, metrics_document
from dashboard.simulation.engine import Engine
from dashboard.simulation.load import MOST_HELD
from dashboard.simulation.profile import Profile
from dashboard.simulation.scenario import Scenario
from dashboard.simulation.scenario_file import load_scenario

HOUR = 3600.0
MANY_WEEKS = 1e8


def endless(name: str) -> Scenario:
    scenario = load_scenario(name)
    return replace(scenario, run=replace(scenario.run, seconds=MANY_WEEKS))


def watched(engine: Engine, hours: int) -> None:
    """Go on, looking at everything once in an hour."""
    until = engine.now + hours * HOUR
    while engine.now < until:
        engine.advance_to(min(until, engine.now + HOUR))
        engine.status()
        metrics_document(engine.registry, engine.test_seconds(), engine.shuffle)
        groups_document(engine.groups.root, engine.shuffle)


@pytest.mark.parametrize("name", ["steady", "soak", "browser"])
def test_memory_does_not_grow_over_a_day(name: str) -> None:
    engine = Engine(endless(name), Profile.V1_EXTERNAL, seed=1, clock=ManualClock(), speed=1000.0)
    watched(engine, 12)
    gc.collect()
    tracemalloc.start()
    try:
        before = len(gc.get_objects())
        watched(engine, 12)
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
        objects = len(gc.get_objects()) - before
    finally:
        tracemalloc.stop()
    # Rare buckets are still to be filled. A hundred bytes for each iteration would be megabytes.
    assert objects < 2000
    assert grown < 2_000_000


@pytest.mark.parametrize("speed", [1.0, 1000.0])
@pytest.mark.parametrize("name", ["steady", "spike"])
def test_what_nobody_reads_is_counted_before_it_becomes_much(name: str, speed: float) -> None:
    engine = Engine(endless(name), Profile.V2, seed=1, clock=ManualClock(), speed=speed)
    most = 0
    for minute in range(1, 31):
        engine.advance_to(minute * 60.0)
        most = max(most, engine.load.laps_held)
    assert engine.load.laps > MOST_HELD / 4
    assert 0 < most < 1.5 * MOST_HELD


def test_the_load_goes_on_in_strides_and_not_in_moments() -> None:
    engine = Engine(endless("browser"), Profile.V1_EXTERNAL, seed=1, clock=ManualClock(), speed=1000.0)
    engine.advance_to(10.0)
    advance, strides = engine.load.advance, 0

    def counted(until: float) -> None:
        nonlocal strides
        strides += 1
        advance(until)

    engine.load.advance = counted  # type: ignore[method-assign]  # it is what is counted
    engine.advance_to(10.0 + 10 * HOUR)
    # Ten hours have 360,000 ticks of the executor, 36,000 samples of the VUs and 18,000 evaluations of thresholds.
    assert strides < 10
    vus = engine.registry["vus"].sink.format(1.0)["value"]
    assert vus == engine.scenario.run.vus
    assert engine.registry.crossed > 0

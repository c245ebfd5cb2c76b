"""What k6 inspect tells of every executor, against k6's own numbers, and a real run against its plan."""

from __future__ import annotations

import os

import pytest

from dashboard.launch.arguments import parse
from dashboard.launch.inspect import ask_plan, decode_plan
from dashboard.model.plan import Plan
from dashboard.model.profile import after, before, peak
from dashboard.model.progress import Phase
from dashboard.model.run import State
from dashboard.model.status_history import VUS
from dashboard.sources.base import Document, Reading
from dashboard.sources.process_documents import PLAN
from dashboard.view.progress import current_progress
from tests.harness.k6 import SCRIPTS, K6Binary, start_k6
from tests.k6.launching import QUIET
from tests.k6.watching import watching

OF_EVERY_K6 = ("steady", "ramp", "down", "arrivals", "rising", "shared", "each")


def answer(k6: K6Binary, *names: str) -> bytes:
    environment = {**os.environ, **QUIET, "ONLY": ",".join(names)}
    return ask_plan(
        os.fspath(k6), parse(["-e", f"ONLY={','.join(names)}", str(SCRIPTS / "planned.js")]), environment, None
    )


def plan(k6: K6Binary, *names: str) -> Plan:
    decoded = decode_plan(answer(k6, *names))
    assert decoded is not None
    assert sorted(each.name for each in decoded.scenarios) == sorted(names)
    return decoded


@pytest.mark.parametrize(
    "names", [*((name,) for name in OF_EVERY_K6), OF_EVERY_K6, ("ramp", "each"), ("down", "arrivals")]
)
def test_the_most_vus_and_the_whole_duration_are_k6s_own(k6: K6Binary, names: tuple[str, ...]) -> None:
    planned = plan(k6, *names)
    assert planned.duration == planned.most[-1][0]
    assert planned.max_vus == peak(planned.most)


@pytest.mark.parametrize("names", [("outside",), ("outside", "steady"), ("outside", *OF_EVERY_K6)])
def test_the_same_of_an_executor_that_is_controlled_from_outside(k6_v1: K6Binary, names: tuple[str, ...]) -> None:
    planned = plan(k6_v1, *names)
    assert planned.duration == planned.most[-1][0]
    assert planned.max_vus == peak(planned.most)


def test_each_executor_plans_vus_a_rate_or_iterations(k6: K6Binary) -> None:
    by_name = {each.name: each for each in plan(k6, *OF_EVERY_K6).scenarios}
    assert [after(by_name["ramp"].vus, at) for at in (4, 5, 10, 14.999, 15, 25)] == [0, 1, 3.5, 5.9995, 2, 0]
    assert (by_name["steady"].vus, by_name["steady"].end) == (((0.0, 3.0), (20.0, 3.0)), 20.0)
    assert (after(by_name["arrivals"].rate, 10), after(by_name["rising"].rate, 5)) == (0.5, 10.5)
    assert (by_name["shared"].iterations, by_name["each"].iterations) == (10, 40)
    assert (by_name["ramp"].graceful_stop, by_name["steady"].graceful_stop) == (2.0, 30.0)


async def test_a_real_ramp_has_the_planned_vus_within_one_at_every_look(k6: K6Binary) -> None:
    inspected = answer(k6, "climb")
    with start_k6(k6, "planned.js", "--linger", env={"ONLY": "climb"}) as running:
        async with watching(running.address, 0.2) as watch:
            watch.session.observe(Reading(watch.address, watch.clock.now(), (Document(PLAN, 0, inspected, 0.0),)))
            await watch.state(State.ENDED)
            run = watch.history.run
    assert run.plan is not None
    timeline = run.schedule.timeline()
    # setup() takes a second: the plan counts from its end.
    assert timeline.offset is not None
    assert 0.9 < timeline.offset < 1.6
    looks = run.extract("", VUS[1], run.first_seen, watch.clock.now(), 1000)
    compared = 0
    for at, vus in zip(looks.times, looks.lasts, strict=True):
        load = timeline.load_at(at, run.final_elapsed)
        if load is None or not 0.5 < load < 6.5 or vus != vus:
            continue
        # A look is as old as its answer took, and the start of the load is known to the time between two looks.
        near = [height(run.plan.vus, load + late) for height in (before, after) for late in (-0.3, 0.0, 0.3)]
        assert min(near) - 1 <= vus <= max(near) + 1, (load, vus, near)
        compared += 1
    assert compared >= 10
    come = current_progress(run, None, watch.clock.now())
    assert come is not None
    assert (come.share, come.remaining, [each.phase for each in come.scenarios]) == (1.0, 0.0, [Phase.DONE])

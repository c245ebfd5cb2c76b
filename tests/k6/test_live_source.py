"""The eyes and the hands on real k6s: each action's verdict, and what k6 then says of itself."""

from __future__ import annotations

import pytest

from dashboard.model.action import Pause, Resume, SetVUs, Stop, Verb, Verdict
from dashboard.model.capability import Control
from dashboard.model.observation import OutageKind
from dashboard.model.run import State
from tests.harness.k6 import K6Binary, start_k6
from tests.harness.servers import static_server
from tests.harness.waiting import eventually
from tests.k6.watching import watching

STOPPED_BY_API = 103


@pytest.fixture
def env(target_server: str) -> dict[str, str]:
    return {"TARGET": target_server, "DUR": "60s"}


@pytest.mark.parametrize(("version", "control"), [("k6_v1", Control.NONE_V1), ("k6_v2", Control.NONE_V2)])
async def test_what_a_running_test_cannot_do_is_learnt_and_said(
    version: str, control: Control, env: dict[str, str], request: pytest.FixtureRequest
) -> None:
    with start_k6(request.getfixturevalue(version), "plain.js", env=env) as running:
        before = running.wait_for_status(7)
        async with watching(running.address) as watch:
            await watch.state(State.RUNNING)
            assert watch.source.control is Control.UNKNOWN
            assert watch.session.capability(watch.address, Verb.SET_VUS).possible is None

            pause = await watch.session.perform(watch.address, Pause())
            assert pause.verdict is Verdict.IMPOSSIBLE
            assert "--paused" in pause.explanation
            assert watch.source.control is control

            vus = await watch.session.perform(watch.address, SetVUs(1))
            assert vus.verdict is Verdict.IMPOSSIBLE
            assert "arrival-rate" in vus.explanation
            after = running.status()
            assert (after["vus-max"], after["paused"]) == (before["vus-max"], False)

            stop = await watch.session.perform(watch.address, Stop())
            assert stop.verdict is Verdict.CONFIRMED
            assert running.wait() == STOPPED_BY_API
            await eventually(lambda: "k6 has gone" in watch.titles, seen=lambda: watch.titles)
            assert watch.history.run.state() is State.STOPPED


async def test_v1_with_the_external_executor_obeys(k6_v1: K6Binary) -> None:
    with start_k6(k6_v1, "ext.js", env={"ITER": "0.05"}) as running:
        running.wait_for_status(7)
        async with watching(running.address) as watch:
            await watch.state(State.RUNNING)

            async def verdict(action: Pause | Resume | SetVUs | Stop) -> Verdict:
                return (await watch.session.perform(watch.address, action)).verdict

            assert await verdict(SetVUs(4)) is Verdict.CONFIRMED
            assert running.status()["vus"] == 4
            assert watch.source.control is Control.EXTERNAL
            assert await verdict(SetVUs(7, 7)) is Verdict.CONFIRMED
            assert running.status()["vus-max"] == 7
            refused = await watch.session.perform(watch.address, SetVUs(8))
            assert refused.verdict is Verdict.REFUSED
            assert "maxVUs (7)" in refused.answer
            assert refused.explanation

            assert await verdict(Pause()) is Verdict.CONFIRMED
            assert running.status()["paused"] is True
            await watch.looks(2)
            assert watch.history.run.state() is State.PAUSED
            assert watch.history.run.vus == 7
            elapsed = watch.history.run.elapsed
            set_while_paused = await watch.session.perform(watch.address, SetVUs(2))
            assert set_while_paused.verdict is Verdict.CONFIRMED
            assert set_while_paused.observed == "takes effect when the test goes on"
            await watch.looks(3)
            assert watch.history.run.elapsed == elapsed

            assert await verdict(Resume()) is Verdict.CONFIRMED
            await eventually(lambda: running.status()["vus"] == 2)
            await watch.looks(3)
            assert watch.history.run.number == 1
            assert await verdict(Stop()) is Verdict.CONFIRMED
            assert running.wait() == STOPPED_BY_API


async def test_a_test_that_waits_at_its_start_is_let_go(k6: K6Binary, env: dict[str, str]) -> None:
    with start_k6(k6, "plain.js", "--paused", env=env) as running:
        running.wait_for_status(4)
        async with watching(running.address) as watch:
            await watch.state(State.PAUSED)
            assert watch.session.capability(watch.address, Verb.PAUSE).is_out
            refused = await watch.session.perform(watch.address, SetVUs(1))
            assert refused.verdict is Verdict.REFUSED
            assert refused.explanation
            assert running.status()["status"] == 4
            resumed = await watch.session.perform(watch.address, Resume())
            assert resumed.verdict is Verdict.CONFIRMED
            await watch.state(State.RUNNING)
            assert watch.history.run.number == 1
            assert (await watch.session.perform(watch.address, Stop())).verdict is Verdict.CONFIRMED
            assert running.wait() == STOPPED_BY_API


async def test_a_stop_at_the_start_is_a_stop(k6: K6Binary, env: dict[str, str]) -> None:
    with start_k6(k6, "plain.js", "--paused", env=env) as running:
        running.wait_for_status(4)
        async with watching(running.address) as watch:
            await watch.state(State.PAUSED)
            assert (await watch.session.perform(watch.address, Stop())).verdict is Verdict.CONFIRMED
            assert running.wait() == STOPPED_BY_API
            await watch.looks(2)
            assert watch.history.run.state() is State.STOPPED


async def test_an_ended_test_is_asked_nothing(k6_v1: K6Binary) -> None:
    """It would never answer."""
    with start_k6(k6_v1, "ext.js", "--linger", env={"DUR": "4s", "ITER": "0.05"}) as running:
        running.wait_for_status(7)
        async with watching(running.address, interval=60) as watch:
            await watch.state(State.RUNNING)
            running.wait_for_status(9)
            assert watch.history.run.state() is State.RUNNING
            outcome = await watch.session.perform(watch.address, SetVUs(1))
            assert outcome.verdict is Verdict.IMPOSSIBLE
            assert outcome.explanation == "The test has ended."


async def test_killed_and_back_on_the_same_port(k6: K6Binary, env: dict[str, str]) -> None:
    with start_k6(k6, "plain.js", env=env) as running:
        async with watching(running.address) as watch:
            await watch.state(State.RUNNING)
            await watch.looks(5)
            running.kill()
            await watch.state(State.ENDED)
            assert watch.history.run.has_gone
            assert watch.history.run.outage is not None
            assert watch.history.run.outage.kind is OutageKind.REFUSED
            with start_k6(k6, "plain.js", env=env, port=running.port) as again:
                await watch.state(State.RUNNING)
                await eventually(lambda: watch.history.run.number == 2, seen=lambda: watch.titles)
                await watch.looks(4)
                assert watch.history.run.state() is State.RUNNING
                assert again.process.poll() is None
                assert len(watch.history.runs) == 2
                assert watch.history.runs[0].state() is State.ENDED
                assert "run 2 begins" in watch.titles


async def test_frozen_and_thawed_is_the_same_run(k6_v2: K6Binary, env: dict[str, str]) -> None:
    with start_k6(k6_v2, "plain.js", env=env) as running:
        async with watching(running.address) as watch:
            await watch.state(State.RUNNING)
            await watch.looks(4)
            running.freeze()
            await watch.state(State.UNREACHABLE)
            assert watch.history.run.outage is not None
            assert watch.history.run.outage.kind is OutageKind.TIMED_OUT
            assert "k6 does not answer" in watch.titles
            running.thaw()
            await watch.state(State.RUNNING)
            await watch.looks(3)
            assert watch.history.run.number == 1
            assert watch.source.cadence < 60


async def test_replaced_by_an_html_server(k6_v2: K6Binary, env: dict[str, str]) -> None:
    with start_k6(k6_v2, "plain.js", env=env) as running:
        async with watching(running.address) as watch:
            await watch.state(State.RUNNING)
            running.kill()
            await watch.state(State.ENDED)
            with static_server(200, {"Content-Type": "text/html"}, b"<h1>hello</h1>", port=running.port) as server:
                await eventually(lambda: "k6 answers with something else" in watch.titles, seen=lambda: watch.titles)
                await watch.looks(2)
                assert all(head.startswith(b"GET /v1/status ") for head in server.requests)


async def test_a_poisoned_list_is_read_one_by_one(k6: K6Binary) -> None:
    with start_k6(k6, "nan.js", env={"V": "inf", "DUR": "60s"}) as running:
        async with watching(running.address, interval=0.2) as watch:
            await eventually(lambda: "a metric is poisoned" in watch.titles or watch.history.run.poisoned)
            await watch.state(State.RUNNING)
            await watch.looks(3)
            run = watch.history.run
            assert run.value("iterations", "count", run.last_row or 0.0)
            assert not run.is_coherent


async def test_half_a_pause_is_undone(k6_v1: K6Binary, tmp_path: object) -> None:
    script = (
        "import { sleep } from 'k6';\n"
        "export const options = { scenarios: {\n"
        "  ext: { executor: 'externally-controlled', vus: 2, maxVUs: 5, duration: '60s' },\n"
        "  plain: { executor: 'constant-vus', vus: 1, duration: '60s', exec: 'slow' } } };\n"
        "export default function () { sleep(0.05); }\n"
        "export function slow() { sleep(30); }\n"
    )
    path = f"{tmp_path}/mixed.js"
    with open(path, "w") as file:
        file.write(script)
    with start_k6(k6_v1, path) as running:
        running.wait_for_status(7)
        async with watching(running.address) as watch:
            await watch.state(State.RUNNING)
            outcome = await watch.session.perform(watch.address, Pause())
            assert outcome.verdict is Verdict.REFUSED
            assert "goes on again" in outcome.explanation
            run = watch.history.run
            await watch.looks(2)
            count = run.value("iterations", "count", run.last_row or 0.0)
            await watch.looks(5)
            assert (run.value("iterations", "count", run.last_row or 0.0) or 0) > (count or 0)

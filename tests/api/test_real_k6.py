"""The client against real k6s: every endpoint, and what each version refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from dashboard.api import decode, encode
from dashboard.api.address import parse_target
from dashboard.api.client import Client
from dashboard.api.refusal import Reason, Refusal, classify
from dashboard.clock import SystemClock
from dashboard.errors import Rejected, TimedOut, Undecodable, Unreachable
from dashboard.model.metric import MetricType
from dashboard.model.run import ExecutionStatus, State
from tests.harness.k6 import K6Binary, RunningK6, start_k6
from tests.harness.waiting import PATIENCE

STOPPED_BY_API = 103


@asynccontextmanager
async def _attached(running: RunningK6) -> AsyncGenerator[Client]:
    # By name, as a user would: the name has an IPv6 address too, at which k6 does not listen.
    target = parse_target(f"localhost:{running.port}")
    async with asyncio.timeout(4 * PATIENCE), Client(target, clock=SystemClock()) as client:
        yield client


async def _has_iterated(client: Client) -> None:
    while True:
        try:
            await client.metric("iterations", timeout=PATIENCE)
        except Rejected as error:
            if not decode.is_unknown(error):
                raise
            await asyncio.sleep(0.02)
        else:
            return


async def test_every_endpoint(k6: K6Binary, target_server: str) -> None:
    with start_k6(k6, "plain.js", "-e", "TOKEN=s3cret", env={"TARGET": target_server}) as running:
        async with _attached(running) as client:
            await _has_iterated(client)
            status = await client.status(timeout=PATIENCE)
            assert (status.status, status.vus_max, status.state) == (ExecutionStatus.RUNNING, 3, State.RUNNING)

            metrics = await client.metrics(timeout=PATIENCE)
            assert {"http_reqs", "http_req_duration{status:200}", "my_rate"} <= {metric.name for metric in metrics}
            assert {metric.type for metric in metrics} == set(MetricType)
            for metric in metrics:
                again = await client.metric(metric.name, timeout=PATIENCE)
                assert (again.name, again.type, again.contains) == (metric.name, metric.type, metric.contains)
                assert again.sample.keys() == metric.sample.keys()
            with pytest.raises(Rejected) as unknown:
                await client.metric("no/such metric?#", timeout=PATIENCE)
            assert decode.is_unknown(unknown.value)

            groups = await client.groups(timeout=PATIENCE)
            root = groups[0]
            assert [group.path for group in groups] == ["", "::api", "::outer", "::outer::inner"]
            assert (await client.group(root.id, timeout=PATIENCE)).checks[0].name == "root check"

            setup = await client.setup(timeout=PATIENCE)
            assert '"token":"abc"' in (setup.text or "")
            assert (await client.put_setup("[12345678901234567890]", timeout=PATIENCE)).text == "[12345678901234567890]"
            assert (await client.put_setup("null", timeout=PATIENCE)).is_null
            assert (await client.put_setup("", timeout=PATIENCE)).is_absent
            with pytest.raises(Rejected, match="Error parsing request body"):
                await client.put_setup("{,}", timeout=PATIENCE)
            assert (await client.run_setup(timeout=PATIENCE)).text == setup.text
            await client.run_teardown(timeout=PATIENCE)

            await client.ping(timeout=PATIENCE)
            assert (await client.process_metrics(timeout=PATIENCE))["go_goroutines"] > 0
            process = await client.debug_vars(timeout=PATIENCE)
            assert (process.command.script or "").endswith("plain.js")
            assert "s3cret" not in repr(process)
            assert process.memory["HeapAlloc"] > 0

            with pytest.raises(Rejected) as wrong_method:
                await client.post("/v1/status", timeout=PATIENCE)
            assert str(wrong_method.value) == "HTTP 405: Method Not Allowed"
            with pytest.raises(Rejected, match="HTTP 404: 404 page not found"):
                await client.get("/v1/nope", timeout=PATIENCE)
            with pytest.raises(Undecodable, match="a redirect to /debug/vars/"):
                await client.get("/debug/vars", timeout=PATIENCE)

            stopped = await client.change_status(encode.stop_body(), timeout=PATIENCE)
            assert (stopped.stopped, stopped.state) == (True, State.STOPPED)
            assert running.wait() == STOPPED_BY_API
            with pytest.raises(Unreachable) as gone:
                await client.status(timeout=PATIENCE)
            assert gone.value.refused
            assert str(gone.value) == f"connection refused at localhost:{running.port}"


async def test_what_a_running_test_refuses(k6: K6Binary, target_server: str) -> None:
    with start_k6(k6, "plain.js", env={"TARGET": target_server}) as running:
        running.wait_for_status(7)
        async with _attached(running) as client:
            before = await client.status(timeout=PATIENCE)
            for body in (encode.probe_body(), encode.vus_body(1), encode.vus_body(1, 9)):
                with pytest.raises(Rejected) as refused:
                    await client.patch_status(body, timeout=PATIENCE)
                expected = Refusal.NEEDS_EXTERNALLY_CONTROLLED if k6.is_v1 else Refusal.V2_NO_LIVE_VUS
                assert classify(refused.value).refusal is expected
            for body in (encode.pause_body(), encode.resume_body()):
                with pytest.raises(Rejected) as refused:
                    await client.patch_status(body, timeout=PATIENCE)
                assert classify(refused.value) == Reason(Refusal.NO_PAUSE_AFTER_START, "constant-vus", "main")
            after = await client.status(timeout=PATIENCE)
            assert (after.status, after.paused, after.vus_max) == (before.status, False, before.vus_max)


async def test_a_test_held_at_the_gate(k6: K6Binary, target_server: str) -> None:
    with start_k6(k6, "plain.js", "--paused", env={"TARGET": target_server}) as running:
        running.wait_for_status(4)
        async with _attached(running) as client:
            assert (await client.status(timeout=PATIENCE)).state is State.PAUSED
            assert (await client.setup(timeout=PATIENCE)).is_absent
            with pytest.raises(Rejected) as refused:
                await client.patch_status(encode.pause_body(), timeout=PATIENCE)
            assert classify(refused.value).refusal is Refusal.ALREADY_PAUSED
            assert not (await client.change_status(encode.resume_body(), timeout=PATIENCE)).paused
            await _has_iterated(client)


async def test_an_externally_controlled_test(k6_v1: K6Binary) -> None:
    with start_k6(k6_v1, "ext.js", env={"ITER": "0.1"}) as running:
        running.wait_for_status(7)
        async with _attached(running) as client:
            assert (await client.change_status(encode.vus_body(4), timeout=PATIENCE)).vus == 4
            assert (await client.change_status(encode.vus_body(7, 8), timeout=PATIENCE)).vus_max == 8
            assert (await client.change_status(encode.pause_body(), timeout=PATIENCE)).state is State.PAUSED
            refusals = {
                encode.pause_body(): Reason(Refusal.ALREADY_PAUSED),
                encode.probe_body(): Reason(Refusal.NEGATIVE_VUS),
                encode.vus_body(9): Reason(Refusal.TOO_MANY_VUS, limit=8),
                encode.vus_body(1, 3): Reason(Refusal.MAX_TOO_LOW, limit=5),
            }
            for body, reason in refusals.items():
                with pytest.raises(Rejected) as refused:
                    await client.patch_status(body, timeout=PATIENCE)
                assert classify(refused.value) == reason
            assert (await client.change_status(encode.resume_body(), timeout=PATIENCE)).state is State.RUNNING
            with pytest.raises(Rejected) as refused:
                await client.patch_status(encode.resume_body(), timeout=PATIENCE)
            assert classify(refused.value).refusal is Refusal.NOT_PAUSED


async def test_a_pause_that_waits_for_iterations(k6_v1: K6Binary) -> None:
    with start_k6(k6_v1, "ext.js", env={"ITER": "3"}) as running:
        running.wait_for_status(7)
        async with _attached(running) as client:
            pausing = asyncio.ensure_future(client.change_status(encode.pause_body(), timeout=PATIENCE))
            await client.status(timeout=PATIENCE)
            await client.metrics(timeout=PATIENCE)
            assert not pausing.done()
            assert (await pausing).paused


async def test_a_poisoned_list(k6: K6Binary) -> None:
    with start_k6(k6, "nan.js", env={"V": "inf"}) as running:
        async with _attached(running) as client:
            await _has_iterated(client)
            for read in (client.metrics(timeout=PATIENCE), client.metric("gg", timeout=PATIENCE)):
                with pytest.raises(Rejected) as poisoned:
                    await read
                assert decode.is_poisoned(poisoned.value)
            assert (await client.metric("iterations", timeout=PATIENCE)).sample["count"] >= 1


async def test_a_script_that_throws(k6: K6Binary) -> None:
    with start_k6(k6, "setup_throw.js") as running:
        running.wait_for_status(7)
        async with _attached(running) as client:
            with pytest.raises(Rejected) as thrown:
                await client.run_teardown(timeout=PATIENCE)
            assert thrown.value.title == "Error executing teardown"
            assert thrown.value.detail.startswith("Error: boom in teardown at teardown (file:///")
            assert str(thrown.value).isprintable()


async def test_a_frozen_k6(k6_v2: K6Binary, target_server: str) -> None:
    with start_k6(k6_v2, "plain.js", env={"TARGET": target_server}) as running:
        async with _attached(running) as client:
            await client.status(timeout=PATIENCE)
            running.freeze()
            with pytest.raises(TimedOut):
                await client.status(timeout=0.3)
            running.thaw()
            assert (await client.status(timeout=PATIENCE)).running is not None

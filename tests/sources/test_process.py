from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator

import pytest

from dashboard.api.address import parse_target
from dashboard.clock import ManualClock
from dashboard.decoding import decode_reading
from dashboard.model.observation import Snapshot
from dashboard.model.process import Figure, Local, LocalReport, Neighbour, Told
from dashboard.sources import process_table
from dashboard.sources.base import Document, Reading
from dashboard.sources.machine import LocalProber
from dashboard.targets import local_prober
from tests.model.building import near
from tests.sources.fake import TARGET, FakeK6
from tests.sources.test_live import looking

METRICS, PROCESS, VARS = "GET /v1/metrics", "GET /metrics", "GET /debug/vars/"
BEFORE_1_2 = b"ok"


class ToldProber:
    """A machine that tells of k6 as it is told to."""

    def __init__(self) -> None:
        self.probes = 0

    async def probe(self) -> Document | None:
        self.probes += 1
        if self.probes == 1:
            return None
        figures = {Figure.CPU_SECONDS: float(self.probes), Figure.ALLOWED_CORES: 1.0}
        return process_table.write(LocalReport(Local.FOUND, figures, 7, "k6"), 0.001)


async def test_k6_is_asked_about_its_process_every_five_seconds_and_for_the_slow_things_every_thirty() -> None:
    k6 = FakeK6()
    async with looking(k6, k6.source(1.0)):
        await k6.clock.advance(41.5)
    assert k6.times(PROCESS) == [0, 5, 10, 15, 20, 25, 30, 35, 40]
    assert k6.times(VARS) == [5, 35]
    assert k6.most_gets_under_way == 1


async def test_a_source_that_looks_less_often_asks_at_each_of_its_looks() -> None:
    k6, prober = FakeK6(), ToldProber()
    async with looking(k6, k6.source(12.0, prober=prober)):
        await k6.clock.advance(37)
    assert k6.times(PROCESS) == [0, 12, 24, 36]
    assert prober.probes == 3


async def test_a_k6_before_1_2_is_asked_once_and_gives_gos_memory_instead() -> None:
    k6 = FakeK6()
    k6.replies[PROCESS] = BEFORE_1_2
    async with looking(k6, k6.source(1.0)) as readings:
        await k6.clock.advance(11.5)
    assert k6.times(PROCESS) == [0]
    assert k6.times(VARS) == [0, 5, 10]
    reports = [decode_reading(reading).process for reading in readings]
    assert [report.told for report in reports if report] == [Told.MEMORY_ALONE] * 3
    assert reports[0] is not None
    assert reports[0].figures == {Figure.HEAP: 5.0, Figure.SYS: 9.0}


@pytest.mark.parametrize("reply", [(404, {"detail": "no"}), b"<html>a proxy</html>", (401, {})], ids=repr)
async def test_what_does_not_get_through_is_learnt_once_and_is_no_outage(reply: tuple[int, object] | bytes) -> None:
    k6 = FakeK6()
    k6.replies = {PROCESS: reply, VARS: (404, {})}
    async with looking(k6, k6.source(1.0)) as readings:
        await k6.clock.advance(20.5)
    assert (k6.times(PROCESS), k6.times(VARS)) == ([0], [0])
    observations = [decode_reading(reading) for reading in readings]
    assert all(isinstance(observation.outcome, Snapshot) for observation in observations)
    assert observations[0].process is not None
    assert observations[0].process.told is Told.NOT_AT_ALL


async def test_a_question_that_brings_no_answer_is_asked_less_often_and_is_no_outage() -> None:
    k6 = FakeK6()
    k6.replies[PROCESS] = b"x" * 300_000
    async with looking(k6, k6.source(1.0)) as readings:
        await k6.clock.advance(80)
    assert k6.times(PROCESS) == [0, 10, 30, 70]
    assert all(reading.failure is None for reading in readings)
    assert k6.times(METRICS) == list(range(81))


async def test_another_k6_is_asked_anew() -> None:
    k6 = FakeK6()
    k6.replies[PROCESS] = BEFORE_1_2
    source = k6.source(1.0)
    async with looking(k6, source):
        await k6.clock.advance(2)
        del k6.replies[PROCESS]
        source.forget()
        await k6.clock.advance(7)
    assert k6.times(PROCESS) == [0, 3, 8]


async def test_no_secret_of_the_command_line_gets_into_a_reading() -> None:
    k6 = FakeK6()
    async with looking(k6, k6.source(1.0)) as readings:
        await k6.clock.advance(6)
    documents = [document for reading in readings for document in reading.documents]
    assert "/debug/vars/" in {document.endpoint for document in documents}
    assert not any(b"hunter2" in document.body for document in documents)
    scripts = {report.script for reading in readings if (report := decode_reading(reading).process)}
    assert scripts == {None, "script.js"}


async def test_the_machine_is_asked_along_with_k6_and_warms_up_with_the_second_look() -> None:
    k6, prober = FakeK6(), ToldProber()
    async with looking(k6, k6.source(1.0, prober=prober)) as readings:
        assert prober.probes == 0
        await k6.clock.advance(1)
        assert prober.probes == 1
        await k6.clock.advance(10)
    told = [report.local for reading in readings if (report := decode_reading(reading).process)]
    assert [local.figures[Figure.CPU_SECONDS] for local in told if local] == [2.0, 3.0]
    assert all(local.name == "k6" for local in told if local)


def test_what_the_machine_tells_costs_k6_nothing_and_each_answer_has_its_own_moment() -> None:
    local = process_table.write(LocalReport(Local.FOUND, {Figure.CORES: 2.0}, 7, "k6"), 0.5)
    status = b'{"data":{"type":"status","id":"default","attributes":{"status":7}}}'
    documents = (
        Document("/v1/status", 200, status, 0.1),
        Document("/metrics", 200, b"process_cpu_seconds_total 4\n", 0.2),
        local,
        Document("/v1/metrics", 200, b'{"data":[]}', 3.0),
    )
    observation = decode_reading(Reading(TARGET, 100.0, documents))
    assert observation.process is not None
    assert near(observation.process.at, 96.5)
    assert (observation.requests, observation.round_trip) == (3, 3.0)
    assert near(observation.asking, 3.3)
    assert observation.size == len(status) + 39


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"local":"elsewhere"}', b'{"local":7}', b"\xff", b"[" * 100_000],
    ids=lambda body: repr(body)[:20],
)
def test_a_table_that_is_none_is_left_out(body: bytes) -> None:
    assert process_table.read(body) is None


def test_of_a_table_that_somebody_wrote_only_what_fits_is_taken() -> None:
    written = {
        "local": "found",
        "pid": "7",
        "name": 3,
        "figures": {"cores": 2, "cpu seconds": "4", "load 1": True, "nonsense": 1, "steal": 1e999},
        "neighbours": [7, {}, {"pid": 1, "name": "x", "cpu": 0.5}, {"pid": 1, "name": "x", "cpu": None}],
    }
    found = process_table.read(json.dumps(written).encode())
    assert found == LocalReport(Local.FOUND, {Figure.CORES: 2.0}, None, "", (Neighbour(1, "x", 0.5),))


@pytest.mark.parametrize(
    ("address", "is_here"),
    [("localhost:6565", True), ("127.0.0.1", True), ("[::1]:7000", True), ("10.0.0.7:6565", False), ("k6.test", False)],
)
def test_only_a_k6_on_this_machine_has_its_machine_looked_at(address: str, is_here: bool) -> None:
    prober = local_prober(parse_target(address), ManualClock())
    assert isinstance(prober, LocalProber) is is_here


@pytest.fixture
def listener() -> Iterator[int]:
    """A port on which this very process listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


async def test_the_process_that_listens_is_found_with_all_that_is_judged(listener: int) -> None:
    prober = LocalProber(listener, ManualClock())
    assert await prober.probe() is None
    document = await prober.probe()
    assert document is not None
    found = process_table.read(document.body)
    assert found is not None
    assert (found.local, found.pid) == (Local.FOUND, os.getpid())
    assert found.figures[Figure.RESIDENT] > 1e6
    if hasattr(os, "sched_getaffinity"):
        assert found.figures[Figure.ALLOWED_CORES] == len(os.sched_getaffinity(0))
    assert 0 < found.figures[Figure.OPEN_FDS] < found.figures[Figure.MAX_FDS]
    assert found.figures[Figure.CPU_SECONDS] > 0
    assert found.figures[Figure.CORES] == os.cpu_count()


async def test_a_port_where_nobody_listens_belongs_to_nobody(listener: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        free = other.getsockname()[1]
    prober = LocalProber(free, ManualClock())
    await prober.probe()
    document = await prober.probe()
    assert document is not None
    found = process_table.read(document.body)
    assert found is not None
    assert (found.local, found.pid, found.name) == (Local.NO_LISTENER, None, "")
    assert found.figures[Figure.MEMORY_TOTAL] > 1e6

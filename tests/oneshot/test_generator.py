"""The generator looked at once: what is asked, and what is made of it."""

from __future__ import annotations

from typing import Any

from dashboard.errors import ExitCode
from dashboard.oneshot.generator import generator
from dashboard.oneshot.report import Report
from dashboard.sources.process import NoProber
from tests.oneshot.hasty import K6, ask
from tests.sources.fake import metric

PROCESS = "GET /metrics"


class Busy(K6):
    """A k6 that uses so many cores, as far as its clock and its CPU seconds tell."""

    def __init__(self, cores: float, of: int = 4) -> None:
        super().__init__()
        self.cores, self.of = cores, of
        self.metrics = [metric("iterations", count=10, rate=1.0)]

    def _reply(self, what: str) -> Any:
        if what == PROCESS:
            used = self.cores * (self.clock.now() - self.began)
            lines = (
                f"process_cpu_seconds_total {100 + used}",
                f"go_sched_gomaxprocs_threads {self.of}",
                "go_goroutines 7",
            )
            return "\n".join(lines).encode()
        return super()._reply(what)


async def judged(k6: K6) -> Report:
    return await ask(k6, lambda client, deadline: generator(client, deadline, NoProber()))


async def test_the_cpu_of_the_second_between_the_looks_is_judged() -> None:
    report = await judged(Busy(3.9))
    assert (report.code, report.document["level"]) == (ExitCode.OK, "suspect")
    assert "3.9" in str(report.document["headline"])
    assert (await judged(Busy(1.0))).document["level"] == "fine"


async def test_a_k6_without_process_metrics_is_said_to_have_none() -> None:
    k6 = K6()
    k6.replies[PROCESS] = b"ok"
    report = await judged(k6)
    assert report.document["level"] == "unknown"
    assert "before 1.2" in str(report.document["headline"])


async def test_where_no_load_runs_nothing_is_judged() -> None:
    k6 = Busy(3.9)
    k6.status.update({"status": 9, "running": False})
    assert (await judged(k6)).document["level"] == "nothing_to_judge"


async def test_k6_is_not_asked_for_its_list_of_metrics() -> None:
    k6 = Busy(1.0)
    await judged(k6)
    asked = [what for _, what in k6.requests]
    assert "GET /v1/metrics" not in asked
    assert "GET /v1/groups" not in asked
    assert asked.count(PROCESS) == 2

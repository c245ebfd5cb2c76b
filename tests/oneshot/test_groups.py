"""Groups asked for once: when k6 is asked, when it is left alone, and what is told of it."""

from __future__ import annotations

import httpx
import pytest

from dashboard.errors import ExitCode, Unreachable
from dashboard.oneshot.groups import checks, groups
from dashboard.oneshot.report import Report
from tests.oneshot.hasty import K6, ask
from tests.sources.fake import metric

GROUPS = "GET /v1/groups"


class Growing(K6):
    """A k6 whose clock runs from its start on, an iteration a second and VU."""

    def __init__(self, vus: int = 3, ran: float = 0.0, rate: float = 3.0) -> None:
        super().__init__()
        self.status["vus"] = vus
        self.started = self.clock.now() - ran
        self.rate = rate
        self.replies[GROUPS] = (200, {"data": []})

    async def _look(self, request: httpx.Request) -> httpx.Response:
        ran = self.clock.now() - self.started
        count = int(ran * self.rate)
        self.metrics = [metric("iterations", count=count, rate=count / ran)] if count else []
        return await super()._look(request)


class Asked:
    """What was said meanwhile, and what came of it."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def groups(self, k6: K6, *, is_forced: bool = False, seconds: float = 60.0) -> Report:
        return await ask(
            k6,
            lambda client, deadline: groups(client, deadline, self.said.append, None, is_forced=is_forced),
            seconds=seconds,
        )


async def test_a_test_that_has_run_for_a_while_is_asked_at_once() -> None:
    asked, k6 = Asked(), Growing(ran=30.0)
    assert (await asked.groups(k6)).code is ExitCode.OK
    assert asked.said == []
    assert len(k6.times(GROUPS)) == 1


@pytest.mark.parametrize(
    ("k6", "least"),
    [
        (Growing(ran=2.0), 8.0),
        # Every VU has had the time for an iteration when there were as many iterations as VUs.
        (Growing(ran=10.0, vus=45), 5.0),
        # However long the first one takes.
        (Growing(ran=20.0, vus=100, rate=0.1), 40.0),
    ],
    ids=["first seconds", "first iterations", "one long iteration"],
)
async def test_a_young_test_is_waited_for(k6: Growing, least: float) -> None:
    asked = Asked()
    began = k6.clock.now()
    assert (await asked.groups(k6)).code is ExitCode.OK
    assert least - 1 <= k6.clock.now() - began <= least + 1
    assert len(k6.times(GROUPS)) == 1
    assert len(asked.said) == 1
    assert "can crash it" in asked.said[0]


async def test_a_test_that_stays_young_is_not_asked() -> None:
    asked, k6 = Asked(), Growing(rate=0.0)
    report = await asked.groups(k6, seconds=5.0)
    assert (report.code, report.document["groups"]) == (ExitCode.TIMED_OUT, None)
    assert "--force" in report.remarks[0]
    assert k6.times(GROUPS) == []


@pytest.mark.parametrize("status", [{"status": 6, "vus": 0}, {"status": 1}, {"status": 8}])
async def test_setup_and_teardown_are_waited_for(status: dict[str, object]) -> None:
    asked, k6 = Asked(), Growing(ran=30.0)
    k6.looks = [status, {}, {"status": 7, "vus": 3}]
    assert (await asked.groups(k6)).code is ExitCode.OK
    assert len(asked.said) == 1


@pytest.mark.parametrize("status", [{"status": 4, "paused": True}, {"status": 9}, {"status": 10}, {"paused": True}])
async def test_where_nothing_runs_nothing_can_appear(status: dict[str, object]) -> None:
    asked, k6 = Asked(), Growing(rate=0.0)
    k6.status.update(status)
    assert (await asked.groups(k6)).code is ExitCode.OK
    assert asked.said == []


async def test_who_forces_it_is_not_kept_waiting() -> None:
    asked, k6 = Asked(), Growing(rate=0.0)
    assert (await asked.groups(k6, is_forced=True)).code is ExitCode.OK
    assert [what for _, what in k6.requests] == ["GET /v1/status", GROUPS]


async def test_a_k6_that_breaks_off_may_have_crashed() -> None:
    class Crashing(Growing):
        async def _look(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/v1/groups":
                raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
            return await super()._look(request)

    with pytest.raises(Unreachable, match="may have crashed"):
        await Asked().groups(Crashing(ran=30.0))


async def test_checks_that_fail_most_come_first() -> None:
    k6 = Growing(ran=30.0)
    counts = {"never": (9, 0), "seldom": (99, 1), "often": (5, 5), "always": (0, 3), "unasked": (0, 0)}
    made = [
        {"id": name, "name": name, "path": f"::{name}", "passes": passes, "fails": fails}
        for name, (passes, fails) in counts.items()
    ]
    attributes = {"name": "", "path": "", "checks": made}
    k6.replies[GROUPS] = (200, {"data": [{"type": "groups", "id": "root", "attributes": attributes}]})
    report = await ask(k6, lambda client, deadline: checks(client, deadline, print, is_forced=False))
    assert [row[0].text for row in report.tables[0].rows] == ["always", "often", "seldom", "never", "unasked"]

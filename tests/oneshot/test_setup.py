"""Setup data and hooks from the shell: done, refused, or not known to have been done."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from dashboard.errors import ExitCode
from dashboard.oneshot import setup
from dashboard.oneshot.report import Report
from tests.oneshot.hasty import K6, ask
from tests.sources.fake import refusal


class WithSetup(K6):
    """A k6 that keeps what is PUT."""

    def __init__(self) -> None:
        super().__init__()
        self.data = '{"a":1}'
        self.forgets = self.hangs = False
        self.throws: tuple[int, Any] | None = None
        self.sent: list[tuple[str, bytes]] = []

    async def _look(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" and request.url.path == "/v1/setup":
            value = f'"data":{self.data}' if self.data else ""
            return httpx.Response(
                200, content=f'{{"data":{{"type":"setupData","id":"default","attributes":{{{value}}}}}}}'.encode()
            )
        if request.method in ("PUT", "POST"):
            self.sent.append((f"{request.method} {request.url.path}", request.content))
            if self.hangs:
                await asyncio.Event().wait()
            if self.throws is not None:
                return self._response(self.throws)
            if request.method == "PUT" and not self.forgets:
                self.data = request.content.decode()
            if request.url.path == "/v1/teardown":
                return httpx.Response(200)
            return await self._look(httpx.Request("GET", request.url))
        return await super()._look(request)


async def put(k6: WithSetup, text: str | None, seconds: float = 60.0) -> Report:
    return await ask(k6, lambda client, deadline: setup.put(client, deadline, text), seconds=seconds)


async def test_the_bare_value_is_sent_and_seen_again() -> None:
    k6 = WithSetup()
    report = await put(k6, '[1, "x"]')
    assert (report.code, report.document["data"]) == (ExitCode.OK, [1, "x"])
    assert k6.sent == [("PUT /v1/setup", b'[1, "x"]')]
    assert "at its first iteration" in report.remarks[0]


async def test_data_taken_away_are_gone() -> None:
    report = await put(WithSetup(), None)
    assert (report.code, report.document["has_data"]) == (ExitCode.OK, False)


async def test_before_the_start_it_is_said_that_setup_runs_still() -> None:
    k6 = WithSetup()
    k6.status.update({"status": 4, "paused": True, "running": False})
    assert "setup() runs when the test starts" in (await put(k6, "1")).remarks[0]


async def test_a_value_that_is_not_there_afterwards_is_not_confirmed() -> None:
    k6 = WithSetup()
    k6.forgets = True
    report = await put(k6, "2")
    assert (report.code, report.document["verdict"]) == (ExitCode.TIMED_OUT, "not confirmed")


async def test_what_the_script_throws_is_told_in_one_line() -> None:
    k6 = WithSetup()
    k6.throws = refusal("Error: boom\n\tat setup (file:///x.js)\n", title="Error executing setup")
    report = await ask(k6, setup.run)
    assert (report.code, report.document["verdict"]) == (ExitCode.REFUSED, "refused")
    assert "boom" in report.remarks[0]
    assert "\n" not in report.remarks[0]


async def test_a_hook_that_takes_longer_than_the_time_allowed_may_still_end() -> None:
    k6 = WithSetup()
    k6.hangs = True
    report = await ask(k6, setup.teardown, seconds=0.1)
    assert (report.code, report.document["verdict"]) == (ExitCode.TIMED_OUT, "no answer")
    assert "may still happen" in report.remarks[0]


@pytest.mark.parametrize("act", [setup.run, setup.teardown])
async def test_what_would_be_for_nothing_is_not_sent(act: Any) -> None:
    k6 = WithSetup()
    k6.status["status"] = 8 if act is setup.teardown else 9
    report = await ask(k6, act)
    assert (report.code, report.document["verdict"]) == (ExitCode.REFUSED, "impossible")
    assert k6.sent == []

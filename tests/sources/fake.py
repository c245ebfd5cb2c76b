"""A k6 behind a transport, on a clock that stands still: every request and its moment are known."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import httpx

from dashboard.api.address import parse_target
from dashboard.api.client import Client
from dashboard.clock import ManualClock
from dashboard.sources.groups import GroupsPolicy
from dashboard.sources.live import LiveSource
from dashboard.sources.process import Prober

START = 1_700_000_000.0
TARGET = "localhost:6565"
POISON = (500, {"errors": [{"status": "500", "title": "Encoding error", "detail": "json: unsupported value: +Inf"}]})
UNKNOWN = (404, {"errors": [{"status": "404", "title": "Not Found", "detail": "No metric with that ID was found"}]})
V2_VUS = "live VU configuration updates are not supported"
V1_VUS = "an externally-controlled executor needs to be configured for live configuration updates"
NEGATIVE_VUS = "invalid configuration supplied: the number of VUs can't be negative"
NO_PAUSE = "constant-vus executor 'main' doesn't support pause and resume operations after its start"

PROCESS = b"# HELP a page\nprocess_cpu_seconds_total 1.5\ngo_sched_gomaxprocs_threads 2\n"
VARIABLES = b'{"cmdline":["k6","run","-e","TOKEN=hunter2","script.js"],"memstats":{"HeapAlloc":5,"Sys":9}}'

Reply = tuple[int, object]


def refusal(detail: str, *, code: int = 500, title: str = "Execution config error") -> Reply:
    return code, {"errors": [{"status": str(code), "title": title, "detail": detail}]}


def metric(name: str, kind: str = "counter", **sample: float) -> dict[str, object]:
    attributes = {"type": kind, "contains": "default", "tainted": None, "sample": sample or {"count": 1, "rate": 1}}
    return {"type": "metrics", "id": name, "attributes": attributes}


def groups_of(*checks: str) -> list[dict[str, object]]:
    """The root group with these checks, as k6 lists it."""
    listed = [{"id": name, "name": name, "path": f"::{name}", "passes": 1, "fails": 0} for name in checks]
    return [{"type": "groups", "id": "root", "attributes": {"path": "", "name": "", "checks": listed}}]


PROCESS_PAGES = {"GET /metrics": PROCESS, "GET /debug/vars/": VARIABLES}
"""What k6 tells of its process, as since 1.2."""


class FakeK6:
    """Answers as told, and writes down what it was asked."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.status: dict[str, object] = {
            "status": 7,
            "paused": False,
            "vus": 3,
            "vus-max": 5,
            "stopped": False,
            "running": True,
            "tainted": False,
        }
        self.metrics: list[dict[str, object]] = [metric("http_reqs"), metric("iterations")]
        self.groups = groups_of("is up")
        self.replies: dict[str, Reply | bytes] = {}
        """What is answered instead, by method and path."""
        self.delays: dict[str, float] = {}
        """Seconds that an answer takes, by method and path."""
        self.refuses_connections = False
        self.dies_of = ""
        """Method and path of the request at which the process dies."""
        self.requests: list[tuple[float, str]] = []
        """Since the start, and method and path."""
        self.patches: list[dict[str, object]] = []
        self.on_patch: Callable[[dict[str, object]], Reply | Awaitable[Reply] | None] = lambda _: None
        self.gets_under_way = 0
        self.most_gets_under_way = 0

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        what = f"{request.method} {request.url.raw_path.decode()}"
        self.requests.append((round(self.clock.now() - START, 3), what))
        if self.refuses_connections:
            raise httpx.ConnectError("refused") from ConnectionRefusedError()
        if what == self.dies_of:
            self.refuses_connections = True
            raise httpx.RemoteProtocolError("Server disconnected without sending a response.")
        if request.method != "GET":
            return await self._patched(json.loads(request.content)["data"]["attributes"])
        self.gets_under_way += 1
        self.most_gets_under_way = max(self.most_gets_under_way, self.gets_under_way)
        try:
            if what in self.delays:
                await self.clock.sleep(self.delays[what])
            return self._response(self._reply(what))
        finally:
            self.gets_under_way -= 1

    def _reply(self, what: str) -> Reply | bytes:
        if what in self.replies:
            return self.replies[what]
        if what == "GET /v1/status":
            return 200, self.status_document
        if what == "GET /v1/metrics":
            return 200, {"data": self.metrics}
        if what == "GET /v1/groups":
            return 200, {"data": self.groups}
        if what in PROCESS_PAGES:
            return PROCESS_PAGES[what]
        known = {f"GET /v1/metrics/{entry['id']}": entry for entry in self.metrics}
        return (200, {"data": known[what]}) if what in known else UNKNOWN

    @property
    def status_document(self) -> dict[str, object]:
        return {"data": {"type": "status", "id": "default", "attributes": self.status}}

    async def _patched(self, attributes: dict[str, object]) -> httpx.Response:
        self.patches.append(attributes)
        reply = self.on_patch(attributes)
        if isinstance(reply, Awaitable):
            reply = await reply
        if reply is None:
            self.status.update(attributes)
            reply = 200, self.status_document
        return self._response(reply)

    def _response(self, reply: Reply | bytes) -> httpx.Response:
        if isinstance(reply, bytes):
            return httpx.Response(200, content=reply)
        return httpx.Response(reply[0], json=reply[1])

    def source(
        self, interval: float = 1.0, groups: GroupsPolicy = GroupsPolicy.WANTED, prober: Prober | None = None
    ) -> LiveSource:
        async def open_client() -> Client:
            transport = httpx.MockTransport(self._answer)
            return Client(parse_target(TARGET), clock=self.clock, transport=transport)

        return LiveSource(TARGET, open_client, self.clock, interval, groups, prober)

    def times(self, what: str) -> list[float]:
        """When that was asked, in seconds since the start."""
        return [at for at, asked in self.requests if asked == what]

"""k6's REST API as an ASGI application.

The paths are a router of Starlette: there is no middleware, and exceptions are for whoever runs the application. Around
it stands what Go's ``http.ServeMux`` does before k6's handlers see a request: cleaning of paths, redirects, and its own
404. Headers are written in Go's letters and order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from email.utils import formatdate
from random import Random
from typing import Final, TypeAlias
from urllib.parse import quote

from starlette.requests import Request
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from dashboard.simulation import documents, gojson, gomux, process_pages, status_patch
from dashboard.simulation.control import Control, Refused
from dashboard.simulation.engine import Engine
from dashboard.simulation.faults import Faults
from dashboard.simulation.gojson import GoJSONError
from dashboard.simulation.spoil import ConnectionDropped, ProcessGone, Spoiler

__all__ = ["App", "ConnectionDropped", "ProcessGone", "create_app"]

CHUNKED_ABOVE: Final = 2048
"""Go gives a length to bodies up to this many bytes, and sends longer ones in chunks."""

_TEXT: Final = "text/plain; charset=utf-8"
_STATUS_JSON: Final = "application/json; charset=utf-8"
_SETUP_JSON: Final = "application/json"


class Answer:
    """A response, as Go sends it.

    Args:
        code: The HTTP status.
        body: The body.
        content_type: What the handler set; None lets Go guess ``text/plain`` from the body.
        headers: Further headers that the handler set.
    """

    def __init__(
        self,
        code: int,
        body: str = "",
        content_type: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self.code = code
        self.body = body.encode("utf-8", "surrogateescape")
        self._content_type = content_type
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        headers = [(b"Content-Type", self._content_type.encode())] if self._content_type else []
        headers += [(name.encode(), value.encode()) for name, value in self._headers]
        headers.append((b"Date", scope["app"].date))
        has_length = any(name == "Content-Length" for name, _ in self._headers)
        if not has_length and len(self.body) <= CHUNKED_ABOVE and (self.body or scope["method"] != "HEAD"):
            headers.append((b"Content-Length", str(len(self.body)).encode()))
        if self._content_type is None and self.body:
            # Go guesses the type only after it has set the rest.
            headers.append((b"Content-Type", _TEXT.encode()))
        await send({"type": "http.response.start", "status": self.code, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else self.body})


def _refusal(code: int, title: str, detail: str, content_type: str | None = None) -> Answer:
    return Answer(code, documents.error_document(code, title, detail), content_type)


async def _not_allowed(request: Request) -> Answer:
    return Answer(405)


Handler: TypeAlias = Callable[[Request], Awaitable[Answer]]


class Resource:
    """One path: a handler for each method that it knows, and Go's empty 405 for all others."""

    def __init__(self, **handlers: Handler) -> None:
        self._handlers = handlers
        self._otherwise: Handler = _not_allowed

    @classmethod
    def of_every_method(cls, handler: Handler) -> Resource:
        """A path that does not care for the method."""
        resource = cls()
        resource._otherwise = handler
        return resource

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        handler = self._handlers.get(scope["method"], self._otherwise)
        answer = await handler(Request(scope, receive))
        await answer(scope, receive, send)


class Api:
    """k6's handlers over one engine, which each first brings up to the present."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._control = Control(engine)
        self._scrapes = 0

    @property
    def routes(self) -> list[Route]:
        """The paths below ``/v1/``, each with what may be done to it."""
        return [
            Route("/v1/status", Resource(GET=self.get_status, PATCH=self.patch_status)),
            Route("/v1/metrics", Resource(GET=self.get_metrics)),
            Route("/v1/metrics/{id:path}", Resource(GET=self.get_metric)),
            Route("/v1/groups", Resource(GET=self.get_groups)),
            Route("/v1/groups/{id:path}", Resource(GET=self.get_group)),
            Route("/v1/setup", Resource(GET=self.get_setup, PUT=self.put_setup, POST=self.post_setup)),
            Route("/v1/teardown", Resource(POST=self.post_teardown)),
        ]

    def restarted(self) -> None:
        """The engine began anew; who waited for the old one waits for nothing."""
        self._control = Control(self._engine)

    async def get_status(self, request: Request) -> Answer:
        """``GET /v1/status``."""
        return Answer(200, documents.status_document(self._engine.status()), _STATUS_JSON)

    async def patch_status(self, request: Request) -> Answer:
        """``PATCH /v1/status``: the answer is the status as it is then."""
        try:
            patch = status_patch.decode(await request.body())
        except GoJSONError as error:
            return _refusal(400, "Invalid data", str(error), _STATUS_JSON)
        try:
            await self._control.patch_status(patch)
        except Refused as refused:
            return _refusal(refused.code, refused.title, refused.detail, _STATUS_JSON)
        return await self.get_status(request)

    async def get_metrics(self, request: Request) -> Answer:
        """``GET /v1/metrics``."""
        engine = self._engine
        try:
            return Answer(200, documents.metrics_document(engine.registry, engine.test_seconds(), engine.shuffle))
        except GoJSONError as error:
            return _refusal(500, "Encoding error", str(error))

    async def get_metric(self, request: Request) -> Answer:
        """``GET /v1/metrics/ID``."""
        metric = self._engine.registry.observed.get(request.path_params["id"])
        if metric is None:
            return _refusal(404, "Not Found", "No metric with that ID was found")
        try:
            return Answer(200, documents.metric_document(metric, self._engine.test_seconds()))
        except GoJSONError as error:
            return _refusal(500, "Encoding error", str(error))

    async def get_groups(self, request: Request) -> Answer:
        """``GET /v1/groups``."""
        return Answer(200, documents.groups_document(self._engine.groups.root, self._engine.shuffle))

    async def get_group(self, request: Request) -> Answer:
        """``GET /v1/groups/ID``."""
        group_id = request.path_params["id"]
        document = documents.group_document(self._engine.groups.root, group_id, self._engine.shuffle)
        if document is None:
            return _refusal(404, "Not Found", "No group with that ID was found")
        return Answer(200, document)

    async def get_setup(self, request: Request) -> Answer:
        """``GET /v1/setup``."""
        return Answer(200, documents.setup_document(self._engine.setup_data), _SETUP_JSON)

    async def put_setup(self, request: Request) -> Answer:
        """``PUT /v1/setup``: the body, whatever JSON it is, becomes the data; no body clears it."""
        body = await request.body()
        if body:
            try:
                overflow = gojson.overflowing_number(gojson.parse(body))
            except GoJSONError as error:
                return _refusal(400, "Error parsing request body", str(error))
            if overflow is not None:
                detail = f"json: cannot unmarshal number {overflow} into Go value of type float64"
                return _refusal(400, "Error parsing request body", detail)
        self._engine.setup_data = body or None
        return await self.get_setup(request)

    async def post_setup(self, request: Request) -> Answer:
        """``POST /v1/setup``."""
        try:
            await self._control.run_setup()
        except Refused as refused:
            return _refusal(refused.code, refused.title, refused.detail)
        return await self.get_setup(request)

    async def post_teardown(self, request: Request) -> Answer:
        """``POST /v1/teardown``."""
        try:
            await self._control.run_teardown()
        except Refused as refused:
            return _refusal(refused.code, refused.title, refused.detail)
        return Answer(200)

    async def beside(self, request: Request) -> Answer:
        """Every path outside ``/v1/``, whatever the method."""
        path = request.scope["path"]
        if path == "/metrics":
            page = process_pages.prometheus_page(self._engine, self._scrapes)
            self._scrapes += 1
            return Answer(200, page, process_pages.PROMETHEUS_TYPE)
        if path.startswith("/debug/vars/"):
            host, port = request.scope.get("server") or ("localhost", 6565)
            page = process_pages.vars_page(self._engine, f"{host}:{port or 6565}")
            return Answer(200, page, _STATUS_JSON)
        if path.startswith("/debug/pprof/"):
            return Answer(200, process_pages.PPROF_OFF, _TEXT)
        return Answer(200, "ok", _TEXT)


class App(Router):
    """The REST API of one simulated process, which may go, and come again.

    Attributes:
        engine: The process.
    """

    def __init__(self, engine: Engine, faults: Faults) -> None:
        api = Api(engine)
        super().__init__(
            routes=[
                *api.routes,
                Route("/v1/{rest:path}", Resource.of_every_method(_answer_not_found)),
                Route("/{rest:path}", Resource.of_every_method(api.beside)),
            ],
            redirect_slashes=False,
        )
        self.engine = engine
        self._api = api
        self._faults = faults
        self._born = engine.clock.now()
        self._restarts = 0
        self._date = (0, b"")
        self._spoiler = Spoiler(faults, engine.clock, Random(engine.seed))

    @property
    def date(self) -> bytes:
        """The present for the header ``Date``."""
        now = int(self.engine.clock.now())
        if now != self._date[0]:
            self._date = (now, formatdate(now, usegmt=True).encode())
        return self._date[1]

    @property
    def is_gone(self) -> bool:
        """Whether no process runs now. If one does, its engine is brought up to the present."""
        if self._faults.faults:
            seconds = self.engine.clock.now() - self._born
            if self._faults.is_away(seconds):
                return True
            restarts = self._faults.restarts(seconds)
            if restarts != self._restarts:
                self._restarts = restarts
                self.engine.restart()
                self._api.restarted()
        self.engine.advance()
        return self.engine.is_gone

    @property
    def is_gone_for_good(self) -> bool:
        """Whether no process runs now, nor will one."""
        seconds = self.engine.clock.now() - self._born
        if self._faults.is_dead(seconds):
            return True
        return self.is_gone and self._restarts == len(self._faults.named("restart"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            ProcessGone: there is no process.
        """
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        if self.is_gone:
            raise ProcessGone("the simulated k6 is not running")
        await self._spoiler(self._mux, self.engine.clock.now() - self._born, scope, receive, send)

    async def _mux(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path")
        if raw == b"*":
            await _about_the_server(scope["method"])({**scope, "app": self}, receive, send)
            return
        target = gomux.route(raw if raw is not None else quote(scope["path"]).encode(), scope["query_string"])
        scope["app"] = self
        if isinstance(target, gomux.Redirect):
            await _redirect(target, scope["method"])(scope, receive, send)
            return
        if self._faults.faults and self.is_gone:  # after a latency the present is a later one
            raise ProcessGone("the simulated k6 is not running")
        await super().__call__({**scope, "path": target}, receive, send)


async def _answer_not_found(request: Request) -> Answer:
    return Answer(404, "404 page not found\n", _TEXT, (("X-Content-Type-Options", "nosniff"),))


def _about_the_server(method: str) -> Answer:
    """What Go answers to the target ``*``, before any handler."""
    if method == "OPTIONS":
        return Answer(200, headers=(("Content-Length", "0"),))
    return Answer(400, headers=(("Connection", "close"),))


def _redirect(target: gomux.Redirect, method: str) -> Answer:
    headers = (("Location", target.location),)
    if method == "GET":
        return Answer(307, target.body, "text/html; charset=utf-8", headers)
    return Answer(307, "", "text/html; charset=utf-8" if method == "HEAD" else None, headers)


def create_app(engine: Engine, faults: Faults | None = None) -> App:
    """The REST API over an engine, as an ASGI application."""
    return App(engine, faults or Faults())

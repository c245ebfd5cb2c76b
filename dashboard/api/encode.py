"""What k6dash sends: the bodies of PATCH /v1/status, and the paths of what is named by the server.

k6 applies ``paused`` before it looks at ``vus`` and refuses as a whole afterwards, so a body holding both may
resume a test and report a failure. Each body here changes one thing only.
"""

from __future__ import annotations

import json
from typing import NewType
from urllib.parse import quote

STATUS = "/v1/status"
METRICS = "/v1/metrics"
GROUPS = "/v1/groups"
SETUP = "/v1/setup"
TEARDOWN = "/v1/teardown"
PING = "/ping"
PROCESS_METRICS = "/metrics"
DEBUG_VARS = "/debug/vars/"

PatchBody = NewType("PatchBody", bytes)
"""A body for PATCH /v1/status; only this module makes them."""


def pause_body() -> PatchBody:
    """Ask to pause."""
    return _status(paused=True)


def resume_body() -> PatchBody:
    """Ask to resume, or to start a test that waits paused."""
    return _status(paused=False)


def stop_body() -> PatchBody:
    """Ask to end the test. Teardown still runs."""
    return _status(stopped=True)


def vus_body(vus: int, vus_max: int | None = None) -> PatchBody:
    """Ask for ``vus`` active VUs, and for ``vus_max`` initialised ones if given."""
    if vus_max is None:
        return _status(vus=vus)
    return _status(**{"vus": vus, "vus-max": vus_max})


def probe_body() -> PatchBody:
    """Ask for the impossible: no k6 changes anything for it, and the refusal tells what this one can do."""
    return _status(vus=-1)


def metric_path(name: str) -> str:
    """The path of one metric or submetric. Its name is encoded whole: k6 redirects at ``//`` and loses it."""
    return f"{METRICS}/{_segment(name)}"


def group_path(group_id: str) -> str:
    """The path of one group."""
    return f"{GROUPS}/{_segment(group_id)}"


def _segment(text: str) -> str:
    # Dots alone would climb out of the path.
    quoted = quote(text, safe="", errors="replace")
    return quoted.replace(".", "%2E") if text in (".", "..") else quoted


def _status(**attributes: bool | int) -> PatchBody:
    document = {"data": {"type": "status", "id": "default", "attributes": attributes}}
    return PatchBody(json.dumps(document, separators=(",", ":")).encode())

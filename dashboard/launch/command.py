"""From what the user typed to what is started: k6's own command line, with as little added as does the work."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qs

from dashboard.errors import UsageError
from dashboard.launch.arguments import K6Arguments
from dashboard.launch.ports import HOST
from dashboard.quick import dataclass

_DASHBOARD: Final = "web-dashboard"
_DASHBOARD_PORT: Final = 5665
"""Where k6's own dashboard listens unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Command:
    """A k6 that is to be started."""

    words: tuple[str, ...]
    """The program and its arguments."""
    environment: Mapping[str, str]
    address: str
    """``host:port`` of its REST API."""
    events: str | None
    """``host:port`` of its event stream; None where there is none, or it cannot be known."""
    has_json_log: bool
    """Whether its log comes as JSON on its standard error."""
    log_output: str = ""
    """Where the user sends its log instead, in words after "goes"; empty where it comes on its standard error."""


def find_k6(named: str | None, environment: Mapping[str, str]) -> str:
    """The k6 to start: the one that was named, else that of ``K6DASH_K6``, else the first on the PATH.

    Raises:
        UsageError: there is none.
    """
    for what, where in (("--k6", named), ("K6DASH_K6", environment.get("K6DASH_K6"))):
        if where:
            found = shutil.which(os.path.expanduser(where), path=environment.get("PATH"))
            if found is None:
                raise UsageError(f"{what} names {where}, which is no program; name the k6 to run")
            return found
    found = shutil.which("k6", path=environment.get("PATH"))
    if found is None:
        raise UsageError(
            "there is no k6 on the PATH; install it (https://grafana.com/docs/k6/latest/set-up/install-k6/), "
            "or name it with --k6 PATH or K6DASH_K6"
        )
    return found


def compose(
    k6: str,
    typed: K6Arguments,
    environment: Mapping[str, str],
    find_port: Callable[[], int],
    *,
    with_events: bool = True,
    with_json_log: bool = True,
) -> Command:
    """The command line of a launched k6.

    What k6dash adds: an address for the REST API, as a flag since k6 v1 reads no variable for it; and variables that
    switch the event stream on, and the log's format, none of which takes the place of anything the user chose.

    Raises:
        UsageError: the user switched off what k6dash cannot do without.
    """
    address = typed.last("address")
    if address is not None and not address.strip():
        raise UsageError("--address '' switches k6's REST API off, and k6dash needs it; leave it out")
    added: tuple[str, ...] = ()
    if address is None:
        address = f"{HOST}:{find_port()}"
        added = ("--address", address)
    more: dict[str, str] = {}
    events = None
    if with_events:
        events = _chosen_events(typed, environment)
        if events is None and not _chose_dashboard(typed, environment):
            port = find_port()
            events = f"{HOST}:{port}"
            more = {
                "K6_WEB_DASHBOARD": "true",
                "K6_WEB_DASHBOARD_HOST": HOST,
                "K6_WEB_DASHBOARD_PORT": str(port),
                "K6_WEB_DASHBOARD_PERIOD": "1s",
                "K6_WEB_DASHBOARD_OPEN": "false",
                # What is set for another day's dashboard is not meant for ours.
                "K6_WEB_DASHBOARD_EXPORT": "",
                "K6_WEB_DASHBOARD_RECORD": "",
                "K6_WEB_DASHBOARD_TAGS": "group",
            }
    has_json_log = with_json_log and not _chose_log(typed, environment)
    if has_json_log:
        more["K6_LOG_FORMAT"] = "json"
    return Command(
        (k6, "run", *added, *typed.typed),
        {**environment, **more},
        address,
        events,
        has_json_log,
        _log_goes(typed, environment),
    )


def _chose_log(typed: K6Arguments, environment: Mapping[str, str]) -> bool:
    """Whether the user has an opinion on k6's log. Its format is for wherever it goes."""
    return any(typed.last(name) is not None for name in ("log-format", "log-output")) or any(
        name in environment for name in ("K6_LOG_FORMAT", "K6_LOG_OUTPUT")
    )


def _log_goes(typed: K6Arguments, environment: Mapping[str, str]) -> str:
    """Where the user sends k6's log, in words. What else stands there, such as Loki's address, may be secret."""
    name, _, rest = (typed.last("log-output") or environment.get("K6_LOG_OUTPUT", "")).partition("=")
    match name:
        case "" | "stderr":
            return ""
        case "none":
            return "nowhere"
        case "file":
            return f"to the file {rest.partition(',')[0]}"
        case "stdout":
            return "to k6's standard output, among the summary"
        case _:
            return f"to {name}"


def _outputs(typed: K6Arguments, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The outputs that were chosen; typed ones take the place of the environment's."""
    return typed.every("out") or tuple(environment.get("K6_OUT", "").split(","))


def _chose_dashboard(typed: K6Arguments, environment: Mapping[str, str]) -> bool:
    """Whether the user has an opinion on k6's own dashboard: yes or no."""
    if "K6_WEB_DASHBOARD" in environment:
        return True
    return any(output.partition("=")[0] == _DASHBOARD for output in _outputs(typed, environment))


def _chosen_events(typed: K6Arguments, environment: Mapping[str, str]) -> str | None:
    """Where the dashboard that the user switched on listens; None where there is none, or it takes any port."""
    query: dict[str, list[str]] = {}
    asked = environment.get("K6_WEB_DASHBOARD", "").lower() == "true"
    for output in _outputs(typed, environment):
        name, _, text = output.partition("=")
        if name == _DASHBOARD:
            asked, query = True, parse_qs(text)
    if not asked:
        return None
    host = query.get("host", [environment.get("K6_WEB_DASHBOARD_HOST", "")])[-1]
    port = query.get("port", [environment.get("K6_WEB_DASHBOARD_PORT", str(_DASHBOARD_PORT))])[-1]
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return None
    # Who listens on every interface is asked on this machine's own.
    host = {"": HOST, "0.0.0.0": HOST, "::": "::1"}.get(host, host)
    return f"[{host}]:{port}" if ":" in host and not host.startswith("[") else f"{host}:{port}"

"""k6's answers, from bytes to the model.

By shape, never by Content-Type: k6 calls its lists ``text/plain``. Leniently: what an answer leaves out,
adds or sets to null is no error; an answer that is not k6's at all is
:class:`~dashboard.errors.Undecodable`, and nothing else is ever raised here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TypeGuard, TypeVar
from urllib.parse import unquote

from dashboard.api import encode
from dashboard.api.documents import DebugVars, MetricList
from dashboard.api.shape import (
    count,
    data_of,
    describe,
    first_words,
    is_list,
    is_object,
    list_of,
    load,
    member,
    number,
    object_of,
    quoted,
    string,
    text_of,
    undecodable,
)
from dashboard.api.shape import error_document as error_document
from dashboard.api.untrusted import clean, well_formed
from dashboard.errors import ApiError, Rejected
from dashboard.model.group import Check, Group
from dashboard.model.metric import Contains, Metric, MetricType
from dashboard.model.run import RunStatus
from dashboard.model.setup_data import SetupData

_T = TypeVar("_T")
_DETAIL_LIMIT = 500
_PHRASES = {int(code): code.phrase for code in HTTPStatus}
_TYPES = {str(kind): kind for kind in MetricType}
_CONTAINS = {str(kind): kind for kind in Contains}
_TREND_KEYS = frozenset({"avg", "med", "min", "max"})
_MEMORY = (
    *("Alloc", "TotalAlloc", "Sys", "Mallocs", "Frees", "HeapAlloc", "HeapSys", "HeapIdle", "HeapInuse"),
    *("HeapReleased", "HeapObjects", "StackInuse", "NextGC", "PauseTotalNs", "NumGC", "GCCPUFraction"),
)
_PROMETHEUS_LINE = re.compile(
    r"((?:go|process)_[A-Za-z0-9_]+(?:\{quantile=\"[0-9.]{1,8}\"\})?)[ \t]+(\S{1,40})(?:[ \t]+-?\d+)?"
)
_GO_VERSION = re.compile(r'^go_info\{version="([^"\n]{1,60})"\}', re.MULTILINE)


def status(body: bytes, endpoint: str = encode.STATUS) -> RunStatus:
    """Decode ``/v1/status``, and what a PATCH of it answers."""
    data = object_of(data_of(body, endpoint), endpoint, "data")
    if data.get("type", "status") != "status":
        raise undecodable(endpoint, f"a document of type {quoted(data['type'])}")
    values = object_of(data.get("attributes"), endpoint, "attributes")
    if "type" not in data and not values.keys() & {"status", "paused", "running", "vus"}:
        raise undecodable(endpoint, "a document without any of a status's attributes")
    return RunStatus(
        status=count(values.get("status")),
        paused=values.get("paused") is True,
        vus=count(values.get("vus")),
        vus_max=count(values.get("vus-max")),
        stopped=values.get("stopped") is True,
        running=values.get("running") is True,
        tainted=values.get("tainted") is True,
    )


def metrics(body: bytes, endpoint: str = encode.METRICS) -> tuple[Metric, ...]:
    """Decode ``/v1/metrics``, sorted by name: k6's own order changes with every answer."""
    return metric_list(body, endpoint).metrics


def metric_list(body: bytes, endpoint: str = encode.METRICS) -> MetricList:
    """Decode ``/v1/metrics``, with the number of entries that could not be used."""
    entries = list_of(data_of(body, endpoint), endpoint)
    found = _each(entries, endpoint, "metrics", _metric)
    unique = {metric.name: metric for metric in found}
    return MetricList(tuple(unique[name] for name in sorted(unique)), len(entries) - len(found))


def metric(body: bytes, endpoint: str = encode.METRICS + "/ID") -> Metric:
    """Decode one metric."""
    data = object_of(data_of(body, endpoint), endpoint, "data")
    found = _metric(data) if _is_resource(data, "metrics") else None
    if found is None:
        raise undecodable(endpoint, "a document that is no metric, or one of an unknown type")
    return found


def groups(body: bytes, endpoint: str = encode.GROUPS) -> tuple[Group, ...]:
    """Decode ``/v1/groups``: each group followed by what it contains, by name; k6's own order is random."""
    entries = list_of(data_of(body, endpoint), endpoint)
    unique = {group.id: group for group in _each(entries, endpoint, "groups", _group)}
    return tuple(sorted(unique.values(), key=lambda group: (group.path.split("::"), group.id)))


def group(body: bytes, endpoint: str = encode.GROUPS + "/ID") -> Group:
    """Decode one group."""
    data = object_of(data_of(body, endpoint), endpoint, "data")
    found = _group(data) if _is_resource(data, "groups") else None
    if found is None:
        raise undecodable(endpoint, "a document that is no group")
    return found


def setup_data(body: bytes, endpoint: str = encode.SETUP) -> SetupData:
    """Decode ``/v1/setup``. The value is cut out of the answer, not decoded and written anew."""
    text = text_of(body, endpoint)
    try:
        for key in ("data", "attributes"):
            found = member(text, key)
            if found is None or not found.startswith("{"):
                raise undecodable(endpoint, f"{describe(body)} without {key}")
            if key == "data" and member(found, "type") not in (None, '"setupData"'):
                raise undecodable(endpoint, f"{describe(body)} of another type")
            text = found
        value = member(text, "data")
    except (ValueError, RecursionError):
        raise undecodable(endpoint, describe(body)) from None
    return SetupData(value)


def teardown(body: bytes, endpoint: str = encode.TEARDOWN) -> None:
    """Check the answer of a teardown that was run, which has nothing in it."""
    if body.strip():
        raise undecodable(endpoint, describe(body))


def ping(body: bytes, endpoint: str = encode.PING) -> None:
    """Check the answer of ``/ping``. k6 gives the same at any unknown path: it proves little."""
    if body.strip() != b"ok":
        raise undecodable(endpoint, describe(body))


def refusal(endpoint: str, status_code: int, body: bytes) -> Rejected | None:
    """Read an answer of status 400 and above as the refusal it is; None for one below."""
    if status_code < 400:
        return None
    document = error_document(body)
    if document is None:
        phrase = _PHRASES.get(status_code, "")
        return Rejected(endpoint, status_code, f"HTTP {status_code}", first_words(body) or phrase)
    title, detail = clean(document[0]), clean(document[1], _DETAIL_LIMIT)
    return Rejected(endpoint, status_code, title or f"HTTP {status_code}", detail)


def is_poisoned(error: ApiError) -> bool:
    """Whether k6 could not write its metrics because a sample is infinite.

    One such sample takes the list away for the rest of the run; the other metrics can be read one by one.
    """
    return isinstance(error, Rejected) and error.status_code == 500 and error.title == "Encoding error"


def is_unknown(error: ApiError) -> bool:
    """Whether k6 does not have the metric or group that was asked for."""
    return isinstance(error, Rejected) and error.status_code == 404 and error.title == "Not Found"


def metric_id(endpoint: str) -> str:
    """Return the name of the metric that :func:`~dashboard.api.encode.metric_path` made ``endpoint`` of."""
    return unquote(endpoint.removeprefix(encode.METRICS + "/"))


def prometheus(body: bytes, endpoint: str = encode.PROCESS_METRICS) -> Mapping[str, float]:
    """Decode the ``go_*`` and ``process_*`` of ``/metrics``; empty for a k6 before 1.2.

    They are about the k6 process: nothing of the test is among them. Those without labels come by name, quantiles as
    ``name{quantile="1"}``; ``go_info`` is left out.
    """
    found: dict[str, float] = {}
    for line in body.decode("utf-8", errors="replace").splitlines():
        match = _PROMETHEUS_LINE.fullmatch(line.strip())
        if match:
            try:
                value = float(match[2])
            except ValueError:
                continue
            if math.isfinite(value):
                found[match[1]] = value
    if not found and body.strip() != b"ok":
        raise undecodable(endpoint, describe(body))
    return found


def go_version(body: bytes) -> str | None:
    """Return the Go version that ``/metrics`` tells, such as ``go1.26.5``."""
    match = _GO_VERSION.search(body.decode("utf-8", errors="replace"))
    return clean(match[1]) if match else None


def debug_vars(body: bytes, endpoint: str = encode.DEBUG_VARS) -> DebugVars:
    """Decode ``/debug/vars/``. Of the command line only names come through, never a value."""
    from dashboard.api.command_line import read_command_line

    document = object_of(load(body, endpoint), endpoint, "document")
    command, memory = document.get("cmdline"), document.get("memstats")
    if not is_list(command) or not is_object(memory):
        raise undecodable(endpoint, "JSON without cmdline and memstats")
    values = {name: number(memory.get(name)) for name in _MEMORY}
    return DebugVars(
        read_command_line(command),
        {name: value for name, value in values.items() if value is not None},
    )


def _metric(entry: dict[str, object]) -> Metric | None:
    values, name = entry.get("attributes"), entry.get("id")
    if not is_object(values) or not isinstance(name, str) or not name:
        return None
    given = values.get("sample")
    sample: dict[str, float] = {}
    for key, value in given.items() if is_object(given) else ():
        finite = number(value)
        if finite is not None:
            sample[well_formed(key)] = finite
    written, tainted, contains = values.get("type"), values.get("tainted"), values.get("contains")
    kind = _TYPES.get(written) if isinstance(written, str) else _inferred_type(sample)
    if kind is None:
        return None
    return Metric(
        name=well_formed(name),
        type=kind,
        contains=_CONTAINS.get(contains, Contains.DEFAULT) if isinstance(contains, str) else Contains.DEFAULT,
        tainted=tainted if isinstance(tainted, bool) else None,
        sample=sample,
    )


def _inferred_type(sample: Mapping[str, float]) -> MetricType | None:
    if sample.keys() & _TREND_KEYS or any(key.startswith("p(") for key in sample):
        return MetricType.TREND
    for key, kind in (("value", MetricType.GAUGE), ("count", MetricType.COUNTER), ("rate", MetricType.RATE)):
        if key in sample:
            return kind
    return None


def _group(entry: dict[str, object]) -> Group | None:
    values, group_id = entry.get("attributes"), entry.get("id")
    if not is_object(values) or not isinstance(group_id, str) or not group_id:
        return None
    parent: object = entry
    for key in ("relationships", "parent", "data", "id"):
        parent = parent.get(key) if is_object(parent) else None
    given = values.get("checks")
    checks = [_check(check) for check in given if is_object(check)] if is_list(given) else []
    return Group(
        id=well_formed(group_id),
        name=string(values.get("name")),
        path=string(values.get("path")),
        parent_id=well_formed(parent) if isinstance(parent, str) and parent else None,
        checks=tuple(sorted(checks, key=lambda check: (check.name, check.id))),
    )


def _check(entry: dict[str, object]) -> Check:
    return Check(
        id=string(entry.get("id")),
        name=string(entry.get("name")),
        path=string(entry.get("path")),
        passes=count(entry.get("passes")) or 0,
        fails=count(entry.get("fails")) or 0,
    )


def _each(
    entries: list[object], endpoint: str, resource: str, read: Callable[[dict[str, object]], _T | None]
) -> list[_T]:
    """Read all entries that can be read. A list in which none even looks like one is not k6's."""
    resources = [entry for entry in entries if _is_resource(entry, resource)]
    if entries and not resources:
        raise undecodable(endpoint, f"a list without {resource} in it")
    return [found for entry in resources if (found := read(entry)) is not None]


def _is_resource(entry: object, resource: str) -> TypeGuard[dict[str, object]]:
    return (
        is_object(entry)
        and entry.get("type", resource) == resource
        and isinstance(entry.get("id"), str)
        and is_object(entry.get("attributes"))
    )

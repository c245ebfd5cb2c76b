"""Metrics as k6's REST API gives them: one entry a metric or submetric, one sample an entry."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from dashboard.quick import dataclass


class MetricType(StrEnum):
    """k6's four kinds of metric."""

    COUNTER = "counter"
    GAUGE = "gauge"
    RATE = "rate"
    TREND = "trend"


class Contains(StrEnum):
    """What a metric's numbers are: plain numbers, milliseconds or bytes."""

    DEFAULT = "default"
    TIME = "time"
    DATA = "data"


_BUILTIN: Final[Mapping[MetricType, str]] = {
    MetricType.COUNTER: "iterations dropped_iterations http_reqs data_sent data_received ws_sessions ws_msgs_sent"
    " ws_msgs_received grpc_streams grpc_streams_msgs_sent grpc_streams_msgs_received browser_data_sent"
    " browser_data_received",
    MetricType.GAUGE: "vus vus_max",
    MetricType.RATE: "checks http_req_failed browser_http_req_failed",
    MetricType.TREND: "iteration_duration group_duration http_req_duration http_req_blocked http_req_connecting"
    " http_req_tls_handshaking http_req_sending http_req_waiting http_req_receiving ws_ping ws_session_duration"
    " ws_connecting grpc_req_duration browser_http_req_duration browser_web_vital_cls browser_web_vital_fcp"
    " browser_web_vital_fid browser_web_vital_inp browser_web_vital_lcp browser_web_vital_ttfb",
}
BUILTIN_TYPES: Final[Mapping[str, MetricType]] = {
    name: metric_type for metric_type, names in _BUILTIN.items() for name in names.split()
}
"""The metrics that k6 itself defines (``metrics/builtin.go``, and its gRPC and browser modules), with their types."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric at one moment."""

    name: str
    """k6's id of it, with the tags of a submetric: ``http_req_duration{status:200}``. Untrusted text."""
    type: MetricType
    contains: Contains
    tainted: bool | None
    """Whether a threshold on it is crossed; None where there is none, or it was not evaluated yet."""
    sample: Mapping[str, float]
    """Statistic to value, as k6 spells them: counter ``count rate``; gauge ``value``; rate ``rate``; trend
    ``avg max med min p(90) p(95)``, in milliseconds where ``contains`` is time. All cumulative. Finite."""

    @property
    def parent(self) -> str:
        """The metric this one is a part of; its own name if it is not a submetric."""
        return split_name(self.name)[0]

    @property
    def tags(self) -> str:
        """The text between the braces of a submetric, empty for a metric."""
        return split_name(self.name)[1]


def split_name(name: str) -> tuple[str, str]:
    """Split ``name{tags}`` into name and tags; a name without braces has no tags.

    >>> split_name("http_req_duration{status:200}")
    ('http_req_duration', 'status:200')
    """
    head, brace, rest = name.partition("{")
    if not brace or not rest.endswith("}"):
        return name, ""
    return head, rest[:-1]


def submetric(name: str, tags: str) -> str:
    """The id of the submetric of ``name`` with ``tags``; of the metric itself where there are no tags."""
    return f"{name}{{{tags}}}" if tags else name

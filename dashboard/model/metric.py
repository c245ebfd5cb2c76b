"""Metrics as k6's REST API gives them: one entry a metric or submetric, one sample an entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


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

"""Which k6 is imitated."""

from __future__ import annotations

from enum import StrEnum


class Profile(StrEnum):
    """A version of k6 and the kind of executor it runs; together they decide what a client may change."""

    V1_EXTERNAL = "v1-external"
    """k6 1.7 with the externally-controlled executor: pause, VUs and their maximum can be changed."""

    V1 = "v1"
    """k6 1.7 with any other executor: nothing can be changed once it has started, but it can be stopped."""

    V2 = "v2"
    """k6 2.2, where the externally-controlled executor and with it all live changes are gone."""

    @property
    def is_external(self) -> bool:
        """Whether the externally-controlled executor runs the test."""
        return self is Profile.V1_EXTERNAL

    @property
    def go_version(self) -> str:
        """The Go release of the official binary, which ``/metrics`` tells."""
        return "go1.26.5" if self is Profile.V2 else "go1.26.1"

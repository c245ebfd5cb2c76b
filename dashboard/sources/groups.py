"""When k6 may be asked for its groups.

The handler of ``/v1/groups`` iterates over maps without the lock that guards them: if k6 registers a name it has never
seen at that very moment, the whole process dies, on v1 and on v2. Nothing tells from outside that names are appearing,
so what keeps a test safe is to ask only where somebody wants to know, not while a test begins, seldom, and no more once
the answers show that names keep coming. After the end no name can appear, and one look costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from dashboard.model.asking import Asked, Asking
from dashboard.model.group import Group
from dashboard.model.metric import Metric
from dashboard.model.run import ExecutionStatus, RunStatus, State

EVERY = 10.0
"""Seconds between two looks at the groups."""
SETTLING = 10.0
"""Seconds for which a test is watched running before it is first asked."""
LONGEST_ITERATION = 60.0
"""Seconds after which an iteration that has not ended has shown its names too."""
AFTER_END = 1.0
"""Seconds after the end in which k6 takes in the last samples."""
PATIENCE = 20.0
"""The groups rest for this many times the time that k6 took for them."""
MOST_NAMES = 2000
LARGEST_BODY = 1024 * 1024
MOST_NEW_NAMES = 50
"""More new names than this between two looks are a script that makes ever-new ones."""
MOST_GROWTHS = 3
"""So many looks in a row with new names in each are such a script as well."""


class GroupsPolicy(StrEnum):
    """What the user allows."""

    NEVER = "never"
    WANTED = "wanted"
    """Once somebody wants to see them, and after the end."""
    ALWAYS = "always"
    """From the start."""


def groups_policy(allowed: bool | None, otherwise: GroupsPolicy) -> GroupsPolicy:
    """The policy that ``--groups`` (True) or ``--no-groups`` (False) stands for; ``otherwise`` without either."""
    if allowed is None:
        return otherwise
    return GroupsPolicy.ALWAYS if allowed else GroupsPolicy.NEVER


class GroupsCaution:
    """Decides look by look whether k6 may be asked for its groups. Moments are in seconds since the Unix epoch."""

    def __init__(self, policy: GroupsPolicy) -> None:
        self._policy = policy
        self._is_wanted = policy is GroupsPolicy.ALWAYS
        self._broke_off = False
        """Whether k6 has broken off such a request. Another k6 at the address runs the same script, so it is kept."""
        self.forget()

    def forget(self) -> None:
        """Another k6 answers there now."""
        self._running_since: float | None = None
        self._final_since: float | None = None
        self._has_final = False
        self._metrics: dict[str, Metric] = {}
        self._names: frozenset[str] | None = None
        self._growths = 0
        self._failures = 0
        self._pause = EVERY
        self._next = 0.0
        self._is_growing = False
        self._no_more = ""
        self._waits_for = "k6 has not answered yet"

    def want(self) -> None:
        """Somebody wants to know: from now on they are asked for while it is safe."""
        self._is_wanted = True

    @property
    def asking(self) -> Asking:
        """Whether k6 is asked for its groups, and why not."""
        if self._policy is GroupsPolicy.NEVER:
            return Asking(Asked.NEVER)
        if self._broke_off:
            return Asking(Asked.NO_MORE, "k6 broke the connection off when it was asked")
        if self._no_more:
            return Asking(Asked.NO_MORE, self._no_more)
        if self._final_since is not None:
            return Asking(Asked.REGULARLY) if self._has_final else Asking(Asked.NOT_YET, "k6 takes in the last samples")
        if not self._is_wanted:
            return Asking(Asked.UNWANTED)
        if self._waits_for:
            return Asking(Asked.NOT_YET, self._waits_for)
        return Asking(Asked.REGULARLY, every=self._pause)

    def see(self, status: RunStatus, metrics: Collection[Metric] | None, at: float) -> None:
        """Take in what k6 just said of itself; ``metrics`` is None where it was not asked for them."""
        if metrics is not None:
            self._metrics = {metric.name: metric for metric in metrics}
        if status.is_final:
            self._final_since = at if self._final_since is None else self._final_since
            return
        self._final_since, self._has_final = None, False
        if status.status not in (None, ExecutionStatus.RUNNING) or status.state not in (State.RUNNING, State.PAUSED):
            self._running_since = None
        elif self._running_since is None:
            self._running_since = at
        self._waits_for = self._obstacle(status, at)

    def _obstacle(self, status: RunStatus, at: float) -> str:
        if self._running_since is None:
            return f"the test is not running: {status.state}"
        if self._metrics and not self._metrics.keys() & {"checks", "group_duration"}:
            return "no check has been made and no group has ended yet"
        watched = at - self._running_since
        if watched < SETTLING:
            return f"names may still be appearing until the test has been watched for {SETTLING:.0f} s"
        iterations = self._metrics["iterations"].sample.get("count", 0.0) if "iterations" in self._metrics else 0.0
        if watched < LONGEST_ITERATION and iterations < (status.vus or 0):
            return "names may still be appearing until every VU has had the time for an iteration"
        return ""

    def is_due(self, at: float) -> bool:
        """Whether k6 is to be asked now."""
        if self._policy is GroupsPolicy.NEVER or self._broke_off or at < self._next:
            return False
        if self._final_since is not None:
            # Even those that kept growing have come to rest.
            may_ask = not self._no_more or self._is_growing
            return may_ask and not self._has_final and at >= self._final_since + AFTER_END
        return self._is_wanted and not self._no_more and not self._waits_for

    def take_in(self, groups: Collection[Group], size: int, took: float, at: float) -> None:
        """Learn from an answer of ``size`` bytes for which k6 took ``took`` seconds."""
        self._failures = 0
        names = frozenset(group.id for group in groups) | {check.id for group in groups for check in group.checks}
        known, self._names = self._names, names
        if self._final_since is not None:
            self._has_final = True
            return
        more = 0 if known is None else len(names - known)
        self._growths = self._growths + 1 if more else 0
        if len(names) > MOST_NAMES or size > LARGEST_BODY:
            self._no_more = f"there are {len(names)} names in {size / 1024:.0f} KiB: too many to be asked for again"
        elif more > MOST_NEW_NAMES or self._growths >= MOST_GROWTHS:
            self._no_more, self._is_growing = f"names keep appearing: {more} new ones since the look before", True
        self._pause = max(EVERY * 2**self._growths, PATIENCE * took)
        self._next = at + self._pause

    def fail(self, why: str, at: float, *, broke_off: bool) -> None:
        """Learn from no answer: ``broke_off`` where the connection ended before one."""
        self._failures += 1
        self._broke_off |= broke_off
        self._next = at + EVERY * 2**self._failures
        if self._failures >= 2:
            self._no_more = why

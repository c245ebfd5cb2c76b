"""Groups and checks of a run, asked for once, when that cannot harm it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from hashlib import md5

from dashboard.api import decode
from dashboard.api.client import Client
from dashboard.errors import ExitCode, Rejected, Unreachable
from dashboard.model.group import Group
from dashboard.model.group_tree import Tally, tally, totals, tree, walk
from dashboard.model.metric import Metric
from dashboard.model.run import RunStatus, State
from dashboard.oneshot.deadline import Deadline
from dashboard.oneshot.report import Cell, Report, Row, Table
from dashboard.oneshot.run_status import read_status
from dashboard.sources.groups import LONGEST_ITERATION, SETTLING
from dashboard.view.chart import Unit
from dashboard.view.format import clean, quantity
from dashboard.view.frame import Tone
from dashboard.view.group_document import check_document, group_document

_LOOKS = 0.5
"""Seconds between two looks at a test that is too young to be asked."""
_CLOCK = "iterations"
_ID = re.compile(r"[0-9a-f]{32}")

Say = Callable[[str], None]
"""Tells the user at once why something takes its time."""


async def groups(client: Client, deadline: Deadline, say: Say, wanted: str | None, *, is_forced: bool) -> Report:
    """Tell the tree of groups and checks, or one group of it.

    Args:
        client: Where the k6 is.
        deadline: When patience ends.
        say: Tells why it takes its time.
        wanted: The id or the path of one group; None is all of them.
        is_forced: Whether to ask a test that is too young for it.
    """
    refused = await _wait_until_safe(client, deadline, say, is_forced=is_forced)
    if refused is not None:
        return refused
    if wanted is None:
        return _tree(await _read(client, deadline))
    try:
        return _tree((await _read_one(client, deadline, group_id(wanted)),))
    except Rejected as error:
        if not decode.is_unknown(error):
            raise
        why = f"k6 has no group {clean(wanted)}; one appears when it first ends, or a check in it is made"
        return Report({"groups": []}, (), (why,), ExitCode.REFUSED)


async def checks(client: Client, deadline: Deadline, say: Say, *, is_forced: bool) -> Report:
    """Tell all checks with their counts, those that fail first."""
    refused = await _wait_until_safe(client, deadline, say, is_forced=is_forced)
    if refused is not None:
        return refused
    found = [(group, check) for _, group in walk(await _read(client, deadline)) for check in group.checks]
    found.sort(key=lambda one: (-(1 - (tally(one[1]).share or 0.0)) if one[1].fails else 0.0, one[1].path))
    document = {"checks": [check_document(check) | {"group": group.path} for group, check in found]}
    if not found:
        return Report(document, (), ("no check has been made yet",))
    rows = tuple((*_counts(check.name, tally(check)), Cell(group.path.removeprefix("::"))) for group, check in found)
    return Report(document, (Table(rows, ("CHECK", "PASSES", "FAILS", "SHARE", "GROUP"), gives=(4, 0)),))


def group_id(wanted: str) -> str:
    """The id of a group that is named by its id or by its path, with or without the first ``::``.

    >>> group_id("::outer") == group_id("outer"), group_id("")
    (True, 'd41d8cd98f00b204e9800998ecf8427e')
    """
    if _ID.fullmatch(wanted):
        return wanted
    path = f"::{wanted.removeprefix('::')}" if wanted else ""
    return md5(path.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def danger(status: RunStatus, iterations: Metric | None) -> str:
    """Why asking for groups could crash this k6 now; empty where it cannot, as far as can be told.

    k6 dies if a name that it has never seen appears at the moment of asking: names do so while each VU is in its
    first iteration.
    """
    if status.is_final or status.paused:
        return ""  # nothing runs in which a name could appear
    if status.state is not State.RUNNING:
        return f"the test is in another phase: {status.state}"
    count, rate = (iterations.sample.get(name, 0.0) for name in ("count", "rate")) if iterations else (0.0, 0.0)
    if not count or not rate:
        return "no iteration has ended yet"
    ran = count / rate
    if ran < SETTLING:
        return f"the test has run for {ran:.0f} s"
    if ran < LONGEST_ITERATION and count < (status.vus or 0):
        return "not every VU has had the time for an iteration"
    return ""


async def _wait_until_safe(client: Client, deadline: Deadline, say: Say, *, is_forced: bool) -> Report | None:
    """Wait while asking could crash k6; a report where patience ends first."""
    said = False
    while True:
        status = await read_status(client, deadline.left)
        if is_forced:
            return None
        why = danger(status, await _iterations(client, deadline))
        if not why:
            return None
        if deadline.is_over:
            told = (
                f"not asked within {deadline.seconds:g} s: {why}, and names that appear while k6 is asked can crash it"
            )
            return Report(
                {"groups": None, "checks": None}, (), (f"{told}; --force asks all the same",), ExitCode.TIMED_OUT
            )
        if not said:
            say(f"{why}; waiting, for names that appear while k6 is asked for its groups can crash it (or --force)")
            said = True
        await deadline.sleep(_LOOKS)


async def _iterations(client: Client, deadline: Deadline) -> Metric | None:
    try:
        return await client.metric(_CLOCK, timeout=deadline.left)
    except Rejected:
        return None


async def _read(client: Client, deadline: Deadline) -> tuple[Group, ...]:
    try:
        return await client.groups(timeout=deadline.left)
    except Unreachable as error:
        raise _broken_off(error) from None


async def _read_one(client: Client, deadline: Deadline, wanted: str) -> Group:
    try:
        return await client.group(wanted, timeout=deadline.left)
    except Unreachable as error:
        raise _broken_off(error) from None


def _broken_off(error: Unreachable) -> Unreachable:
    """k6 answered a moment ago: that it does no more has to be said for what it may be."""
    if type(error) is not Unreachable:
        return error
    return Unreachable(error.endpoint, f"{error}; it may have crashed when it was asked for its groups")


def _tree(found: Sequence[Group]) -> Report:
    rows: list[Row] = []
    for branch in tree(found):
        name = "  " * branch.depth + (branch.name or "(no name)")
        mark = "" if branch.check is None else "✗ " if branch.check.fails else "✓ "
        rows.append(_counts(f"{'  ' * branch.depth}{mark}{branch.name}" if mark else name, branch.tally))
    document = {"groups": [group_document(group, map(check_document, group.checks)) for _, group in walk(found)]}
    if not rows:
        return Report(document, (), ("no check has been made and no group has ended yet",))
    total = totals(found)
    rows.append(_counts("all checks", total))
    return Report(document, (Table(tuple(rows), ("GROUP, CHECK", "PASSES", "FAILS", "SHARE")),))


def _counts(name: str, counted: Tally) -> Row:
    tone = Tone.BAD if counted.fails else Tone.GOOD if counted.passes else Tone.PLAIN
    return (
        Cell(name),
        Cell(str(counted.passes), is_number=True),
        Cell(str(counted.fails), Tone.BAD if counted.fails else Tone.PLAIN, is_number=True),
        Cell(quantity(counted.share, Unit.RATIO), tone, is_number=True),
    )

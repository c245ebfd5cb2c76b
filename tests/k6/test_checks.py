"""The tree of groups and checks on real k6s, against what k6 itself sums up at the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dashboard.model.group import Group
from tests.harness.k6 import K6Binary, start_k6
from tests.harness.waiting import eventually
from tests.k6.watching import watching

Counts = dict[str, tuple[int, int]]


def summed_up(group: dict[str, Any]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Every check of k6's summary by its path, with its passes and fails."""
    for check in group["checks"]:
        yield check["path"], (check["passes"], check["fails"])
    for below in group["groups"]:
        yield from summed_up(below)


def counted(groups: tuple[Group, ...]) -> Counts:
    return {check.path: (check.passes, check.fails) for group in groups for check in group.checks}


async def test_the_tree_ends_with_the_counts_of_k6s_own_summary(k6: K6Binary, tmp_path: Path) -> None:
    summary = tmp_path / "summary.json"
    with start_k6(k6, "nested.js", "--linger", env={"SUMMARY": str(summary)}) as running:
        async with watching(running.address) as watch:
            await eventually(
                lambda: bool(watch.history.run.checks.groups), what="the final groups", seen=lambda: watch.titles
            )
            groups = watch.history.run.checks.groups
            total = watch.history.run.metric("checks")
        running.interrupt()
    wanted = dict(summed_up(json.loads(summary.read_text(encoding="utf-8"))))
    assert len(wanted) == 7
    assert wanted["::shop::cart::checkout::never"] == (0, 61)
    assert wanted["::shop::opens"] == (31, 30)
    assert counted(groups) == wanted
    passes = sum(passed for passed, _ in wanted.values())
    assert total is not None
    assert total.sample["rate"] == passes / (7 * 61)
    assert {group.path for group in groups} == {
        "",
        "::shop",
        "::shop::cart",
        "::shop::cart::checkout",
        "::account",
        "::account::cart",
    }

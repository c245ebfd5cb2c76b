from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.model.group import Check, Group
from dashboard.model.group_tree import Tally, totals, tree
from tests.model.building import check, group

SHOP = (
    group("", None, check("is up", 10, 0)),
    group("buy", "", check("paid", 3, 1)),
    group("card", "buy", check("accepted", 2, 2), check("charged", 4, 0)),
    group("bank", "card", check("transferred", 0, 5)),
    group("look", ""),
)


def test_a_group_comes_before_its_checks_and_those_before_its_groups() -> None:
    assert [(line.depth, line.name) for line in tree(SHOP)] == [
        (0, "is up"),
        (0, "buy"),
        (1, "paid"),
        (1, "card"),
        (2, "accepted"),
        (2, "charged"),
        (2, "bank"),
        (3, "transferred"),
        (0, "look"),
    ]


def test_a_group_counts_all_that_lies_below_it() -> None:
    sums = {line.name: line.tally for line in tree(SHOP) if line.check is None}
    assert sums == {"buy": Tally(9, 8), "card": Tally(6, 7), "bank": Tally(0, 5), "look": Tally(0, 0)}
    assert totals(SHOP) == Tally(19, 8)


def test_what_was_never_checked_has_no_share() -> None:
    assert Tally(0, 0).share is None
    assert Tally(3, 1).share == 0.75


@given(
    st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(0, 12)), max_size=10, unique_by=lambda pair: pair[0])
)
def test_any_answer_becomes_a_tree_with_every_group_once(links: list[tuple[int, int | None]]) -> None:
    """Parents that are missing, that are the group itself, that go in a circle."""
    groups = tuple(
        Group(
            str(own),
            f"g{own}",
            f"::g{own}",
            None if parent is None else str(parent),
            (Check(f"{own}c", "c", "", 1, own),),
        )
        for own, parent in links
    )
    lines = tree(groups)
    assert sorted(line.group.id for line in lines if line.check is None) == sorted(each.id for each in groups)
    top = sum((line.tally for line in lines if line.depth == 0), Tally())
    assert top == totals(groups)
    assert len({line.key for line in lines}) == 2 * len(groups)


@pytest.mark.parametrize("depth", [5000])
def test_no_depth_is_too_deep(depth: int) -> None:
    chain = [group("", None)]
    chain += [group(str(level), str(level - 1) if level else "", check("c", 1, 0)) for level in range(depth)]
    lines = tree(chain)
    assert lines[0].tally == Tally(depth, 0)
    assert lines[-1].depth == depth

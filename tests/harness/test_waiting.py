"""Waiting with a deadline."""

from __future__ import annotations

import pytest

from tests.harness.waiting import eventually, wait_until


def test_the_first_truthy_value_comes_back() -> None:
    values = iter([0, "", "here"])
    assert wait_until(lambda: next(values)) == "here"


def test_what_was_seen_is_told() -> None:
    with pytest.raises(AssertionError, match=r"(?s)a miracle did not come about in 0.01 s.*only rain"):
        wait_until(lambda: False, 0.01, "a miracle", lambda: "only rain")


async def test_the_same_on_an_event_loop() -> None:
    values = iter([None, 1])
    assert await eventually(lambda: next(values)) == 1
    with pytest.raises(AssertionError, match="0 apples"):
        await eventually(lambda: "", 0.01, "fruit", lambda: "0 apples")

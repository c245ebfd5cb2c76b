"""The exception tree that people read is the one that the code has."""

from __future__ import annotations

import pytest

import dashboard.errors
from dashboard.errors import K6DashError


def errors(of: type[K6DashError] = K6DashError) -> list[type[K6DashError]]:
    return [of, *(found for below in of.__subclasses__() for found in errors(below))]


@pytest.mark.parametrize("error", errors())
def test_the_docstrings_tree_names_every_error_below_its_parent(error: type[K6DashError]) -> None:
    depth = error.__mro__.index(K6DashError) + 1
    lines = [line for line in (dashboard.errors.__doc__ or "").splitlines() if error.__name__ in line]
    assert [line.index(error.__name__) for line in lines] == [4 * depth]

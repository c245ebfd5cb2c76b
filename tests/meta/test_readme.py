"""The README says what is."""

from __future__ import annotations

import re

import pytest

from dashboard.errors import ExitCode
from tests.readme import README, TABLES, exit_codes_table, renewed, written


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_current(name: str) -> None:
    text = README.read_text(encoding="utf-8")
    assert text == renewed(text, {name: TABLES[name]}), "run: poe readme"


def test_the_help_that_is_given_at_once_is_current() -> None:
    for path, text in written().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is not current; run: poe readme"


def test_every_exit_code_is_explained_in_order() -> None:
    codes = re.findall(r"^\| `(\d+)` \| \S", exit_codes_table(), re.MULTILINE)
    assert [int(code) for code in codes] == sorted(ExitCode)


def test_what_stands_between_the_markers_is_replaced_and_nothing_else() -> None:
    text = "before\n<!-- x:begin -->\nold\n\nolder\n<!-- x:end -->\nafter\n"
    assert renewed(text, {"x": lambda: "new"}) == "before\n<!-- x:begin -->\nnew\n<!-- x:end -->\nafter\n"
    empty = "<!-- x:begin -->\n<!-- x:end -->\n"
    assert renewed(empty, {"x": lambda: r"a \1"}) == "<!-- x:begin -->\na \\1\n<!-- x:end -->\n"


def test_missing_markers_are_told() -> None:
    with pytest.raises(ValueError, match="0 regions between x:begin"):
        renewed("nothing here", {"x": str})


def test_the_check_is_one_command_on_one_line() -> None:
    text = README.read_text(encoding="utf-8")
    region = re.search(r"<!-- check:begin -->\n```sh\n(.*?)```\n<!-- check:end -->", text, re.DOTALL)
    assert region, "the README has no check:begin region for .ci/run"
    assert re.fullmatch(r"python3 -m venv .*poe check\n", region[1])

"""What is missing is skipped by a developer's machine, and never by CI's."""

from __future__ import annotations

import re

import pytest

from tests.harness import k6
from tests.harness.k6 import CHECKOUT, find_k6
from tests.harness.needs import REQUIRE_BROWSER, REQUIRE_K6, missing


@pytest.mark.parametrize("named", ["", "/nowhere/k6"])
def test_a_k6_that_is_missing_skips_a_test_or_fails_it_where_it_is_required(
    named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(k6, "_BINARIES", {1: named})
    monkeypatch.delenv(REQUIRE_K6, raising=False)
    with pytest.raises(pytest.skip.Exception, match="K6DASH_K6_V1 names no k6 v1"):
        find_k6(1)
    monkeypatch.setenv(REQUIRE_K6, "1")
    with pytest.raises(pytest.fail.Exception, match="and K6DASH_REQUIRE_K6=1 asks for one"):
        find_k6(1)


def test_one_requirement_says_nothing_of_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRE_K6, "1")
    monkeypatch.delenv(REQUIRE_BROWSER, raising=False)
    with pytest.raises(pytest.skip.Exception, match="no browser"):
        missing("no browser", REQUIRE_BROWSER)


def test_ci_requires_all_that_can_be_required() -> None:
    script = (CHECKOUT / ".ci" / "run").read_text()
    assert set(re.findall(r"\b(K6DASH_REQUIRE_\w+)=1\b", script)) == {REQUIRE_K6, REQUIRE_BROWSER}


def test_no_test_decides_by_itself_to_be_skipped() -> None:
    skips = re.compile(r"pytest\.skip\(")
    found = {path.name for path in (CHECKOUT / "tests").rglob("*.py") if skips.search(path.read_text())}
    assert found == {"needs.py", "test_generator.py"}, "but for a machine of one core, needs.py decides"

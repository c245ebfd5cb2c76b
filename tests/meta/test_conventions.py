"""House rules that no linter knows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.tui.sheets import FRAME, OTHERS, OVERVIEW
from tests.harness.k6 import CHECKOUT

TOP_LEVEL = frozenset({"README.md", "dashboard", "pyproject.toml", "screenshots", "tcss", "tests"})
LEFTOVERS = frozenset({"__pycache__", "build", "dist", "snapshot_report.html"})
"""What tools leave behind; git ignores it."""

SOURCES = sorted((CHECKOUT / "dashboard").rglob("*.py"))
SHEETS = sorted((CHECKOUT / "tcss").rglob("*"))
ASKING_THE_MACHINE = frozenset(
    {
        ("time", "time"),
        ("time", "monotonic"),
        ("time", "perf_counter"),
        ("time", "time_ns"),
        ("datetime", "now"),
        ("datetime", "today"),
        ("datetime", "utcnow"),
        ("date", "today"),
    }
)


def each_source() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.relative_to(CHECKOUT).as_posix())


def violations(tree: ast.AST) -> Iterator[str]:
    """Each place where a source styles widgets, asks the machine for the time, or takes long to load."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id="DEFAULT_CSS" | "CSS")], value=ast.Constant(value=str() as css))
                | ast.AnnAssign(target=ast.Name(id="DEFAULT_CSS" | "CSS"), value=ast.Constant(value=str() as css))
            ) if css.strip():
                yield f"line {node.lineno}: styles belong in tcss/"
            case ast.ImportFrom(module="dataclasses", names=names) if any(each.name == "dataclass" for each in names):
                yield f"line {node.lineno}: dataclass comes from dashboard.quick, which is quicker to define"
            case ast.Attribute(value=ast.Attribute(attr="styles"), ctx=ast.Store(), attr=name):
                yield f"line {node.lineno}: styles.{name} is set; make it a class and style it in tcss/"
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module) | ast.Attribute(attr=module), attr=name)) if (
                module,
                name,
            ) in ASKING_THE_MACHINE:
                yield f"line {node.lineno}: {module}.{name}() is read; time comes from dashboard.clock"
            case _:
                pass


@each_source()
def test_styles_and_time_stay_where_they_belong(source: Path) -> None:
    found = list(violations(ast.parse(source.read_text(encoding="utf-8"))))
    if source.name == "quick.py":
        found = [line for line in found if "dashboard.quick" not in line]
    if source.name == "clock.py":
        found = [line for line in found if "dashboard.clock" not in line]
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        "DEFAULT_CSS = 'Static { color: red }'",
        "class W:\n    CSS: ClassVar[str] = 'Static { color: red }'",
        "self.styles.width = 3",
        "from dataclasses import dataclass, field",
        "widget.query_one('#x').styles.color: object = 'red'",
        "when = datetime.now()",
        "when = datetime.datetime.now(tz=UTC)",
        "when = time.perf_counter()",
    ],
)
def test_a_breach_is_seen(source: str) -> None:
    assert len(list(violations(ast.parse(source)))) == 1


@pytest.mark.parametrize(
    "source",
    ["DEFAULT_CSS = ''", "from dataclasses import field", "width = self.styles.width", "clock.now()", "time.sleep(1)"],
)
def test_what_is_allowed_is_not_a_breach(source: str) -> None:
    assert not list(violations(ast.parse(source)))


def test_the_top_level_is_tidy() -> None:
    found = {path.name for path in CHECKOUT.iterdir() if not path.name.startswith(".")}
    assert found - LEFTOVERS <= TOP_LEVEL


def test_every_stylesheet_is_one_that_the_app_loads() -> None:
    assert sorted((*FRAME, *OVERVIEW, *OTHERS)) == [path.name for path in SHEETS]


def test_tcss_holds_stylesheets_only() -> None:
    assert {path.suffix for path in SHEETS if path.is_file()} == {".tcss"}

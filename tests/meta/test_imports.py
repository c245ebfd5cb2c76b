"""What importing drags in, in a Python of its own: a static graph cannot see late imports."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import dashboard
from tests.harness.k6 import CHECKOUT

PAINTERS = frozenset({"textual", "plotext"})
HEAVY = PAINTERS | {"rich", "httpx", "starlette", "uvicorn", "asyncio", "psutil"}
"""What ``k6dash --help`` can do without."""


def headless_modules() -> list[str]:
    """Every module of the package except the terminal front end, and the one that is a program."""
    found = [module.name for module in pkgutil.walk_packages(dashboard.__path__, "dashboard.")]
    return ["dashboard", *(name for name in found if not name.startswith(("dashboard.tui", "dashboard.__main__")))]


def imported_by(*statements: str) -> set[str]:
    """The top-level names of all modules that are loaded after ``statements``."""
    closing = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules if sys.modules[name]}))"
    program = "\n".join([*statements, closing])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_headless_modules_work_where_nothing_can_paint() -> None:
    hidden = f"import sys; sys.modules.update(dict.fromkeys({sorted(PAINTERS)!r}))"
    loaded = imported_by(hidden, *(f"import {module}" for module in headless_modules()))
    assert not loaded & PAINTERS
    # The process table is read only where a k6 of this machine is watched, and later than the first frame.
    assert "psutil" not in loaded


def test_the_command_line_loads_what_it_needs_when_it_needs_it() -> None:
    assert not imported_by("import dashboard.cli") & HEAVY


def test_what_is_loaded_is_seen() -> None:
    assert imported_by("import textual") >= {"textual", "rich", "asyncio"}

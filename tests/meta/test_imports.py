"""What importing drags in, in a Python of its own: a static graph cannot see late imports."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import dashboard
from tests.harness.k6 import CHECKOUT

PAINTERS = frozenset({"textual", "plotext"})
HEAVY = PAINTERS | {"rich", "httpx", "starlette", "uvicorn", "asyncio", "psutil"}
"""What ``k6dash --help`` can do without."""


def headless_modules() -> list[str]:
    """Every module of the package except the terminal front end, and the one that is a program."""
    found = [module.name for module in pkgutil.walk_packages(dashboard.__path__, "dashboard.")]
    return ["dashboard", *(name for name in found if not name.startswith(("dashboard.tui", "dashboard.__main__")))]


def loaded_by(*statements: str) -> set[str]:
    """The names of all modules that are loaded after ``statements``."""
    closing = "import sys; print(*sorted(name for name in sys.modules if sys.modules[name]))"
    program = "\n".join([*statements, closing])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def imported_by(*statements: str) -> set[str]:
    """The top-level names of those."""
    return {name.partition(".")[0] for name in loaded_by(*statements)}


@pytest.fixture(scope="module")
def first_frame() -> set[str]:
    return loaded_by(*(f"import {module}" for module in FIRST_FRAME))


def test_headless_modules_work_where_nothing_can_paint() -> None:
    hidden = f"import sys; sys.modules.update(dict.fromkeys({sorted(PAINTERS)!r}))"
    loaded = imported_by(hidden, *(f"import {module}" for module in headless_modules()))
    assert not loaded & PAINTERS
    # The process table is read only where a k6 of this machine is watched, and later than the first frame.
    assert "psutil" not in loaded


def test_the_command_line_loads_what_it_needs_when_it_needs_it() -> None:
    assert not imported_by("import dashboard.cli") & HEAVY


FIRST_FRAME = ("dashboard.cli", "dashboard.commands.cockpit", "dashboard.targets", "dashboard.tui.app")
"""What stands between the command and the first frame."""
LATER = {
    "plotext, and whoever draws with it": (
        "plotext",
        "dashboard.tui.plot",
        "dashboard.tui.line_pieces",
        "dashboard.tui.strokes",
    ),
    "the screens and what they show": (
        "dashboard.tui.panes",
        "dashboard.view.overview",
        "dashboard.view.tiles",
        "dashboard.view.run_charts",
        "dashboard.view.metrics",
    ),
    "dialogs": ("dashboard.tui.screens",),
    "what asks k6, and reads its refusals": ("httpx", "h11", "dashboard.api.client", "dashboard.api.refusal"),
    "the machine's process table": ("psutil",),
    "a simulated k6": ("starlette", "uvicorn", "dashboard.simulation"),
    "a k6 of our own, its stream and its log": ("dashboard.launch", "dashboard.beside", "dashboard.sources.launched"),
    "recording and replaying": ("dashboard.sources.recording", "dashboard.playback", "dashboard.replay"),
    "other front ends": ("dashboard.headless", "dashboard.oneshot", "dashboard.export", "dashboard.report"),
}
"""What the first frame does not need, by why anybody would."""


@pytest.mark.parametrize("what", LATER)
def test_the_first_frame_waits_for_nothing_that_it_does_not_show(first_frame: set[str], what: str) -> None:
    below = tuple(f"{module}." for module in LATER[what])
    assert not {name for name in first_frame if f"{name}.".startswith(below)}


def test_what_is_loaded_is_seen() -> None:
    assert imported_by("import textual") >= {"textual", "rich", "asyncio"}

"""What every test gets: a clean environment, real k6s, and a guard over the screen baselines."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import hypothesis
import pytest

from tests.harness.k6 import FIXTURES as K6_FIXTURES
from tests.harness.k6 import k6, k6_v1, k6_v2, target_server
from tests.harness.needs import REQUIRE_BROWSER, REQUIRE_K6

__all__ = ["k6", "k6_v1", "k6_v2", "target_server"]

BASELINE_PYTHON = (3, 11)
"""The Python that screen baselines are drawn with: another one may draw them differently."""

OURS = frozenset({"K6DASH_K6_V1", "K6DASH_K6_V2", REQUIRE_K6, REQUIRE_BROWSER})
"""What tells the tests themselves something."""
FOREIGN_PREFIXES = ("K6_", "K6DASH_", "TEXTUAL", "XDG_")
SNAPSHOT_PREFIX = "TEXTUAL_SNAPSHOT_"
"""What the snapshot plugin tells itself."""
FOREIGN_NAMES = frozenset(
    {
        "ALL_PROXY",
        "CI",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COLORFGBG",
        "COLUMNS",
        "FORCE_COLOR",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "LINES",
        "NO_COLOR",
        "NO_PROXY",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "TERM_PROGRAM",
    }
)


# Times of day are drawn in the machine's own zone; here that is one and the same everywhere.
os.environ["TZ"] = "UTC"
time.tzset()

# The same examples every time, and no verdict on how long one takes: CI's machines are shared.
hypothesis.settings.register_profile("k6dash", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("k6dash")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to draw the baselines anew with a Python that does not own them."""
    if config.getoption("--snapshot-update", default=False) and sys.version_info[:2] != BASELINE_PYTHON:
        raise pytest.UsageError(
            "screen baselines belong to Python {}.{}; this is {}.{}".format(*BASELINE_PYTHON, *sys.version_info[:2])
        )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that asks for a real k6, so that ``-m 'not k6'`` leaves them all out."""
    for item in items:
        if K6_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.k6)


@pytest.fixture(autouse=True)
def _no_foreign_settings(  # pyright: ignore[reportUnusedFunction] - pytest finds it
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep the developer's own settings out: their dotfiles, their shell's variables, their terminal."""
    for name in set(os.environ) - OURS:
        if name.startswith(SNAPSHOT_PREFIX):
            continue
        if name.upper().startswith(FOREIGN_PREFIXES) or name.upper() in FOREIGN_NAMES:
            monkeypatch.delenv(name)
    home = _empty_home(tmp_path_factory)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def _empty_home(factory: pytest.TempPathFactory) -> Path:
    """A home of this test's own, where nothing has been configured."""
    return factory.mktemp("home")

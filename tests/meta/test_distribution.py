"""What is in the sdist and in the wheel."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from dashboard import __version__
from tests.harness.k6 import CHECKOUT

WHEEL = f"k6dash-{__version__}-py3-none-any.whl"
SDIST = f"k6dash-{__version__}.tar.gz"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and an sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def in_wheel(built: Path) -> set[str]:
    with zipfile.ZipFile(built / WHEEL) as wheel:
        return set(wheel.namelist())


@pytest.fixture(scope="module")
def in_sdist(built: Path) -> set[str]:
    with tarfile.open(built / SDIST) as sdist:
        return {name.partition("/")[2] for name in sdist.getnames()}


def source_files(*folders: str) -> set[str]:
    """The files of ``folders`` that are worth shipping, as paths in the checkout."""
    return {
        path.relative_to(CHECKOUT).as_posix()
        for folder in folders
        for path in (CHECKOUT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_package_and_the_stylesheets_and_nothing_else(in_wheel: set[str]) -> None:
    payload = {name for name in in_wheel if not name.startswith(f"k6dash-{__version__}.dist-info/")}
    assert payload == source_files("dashboard") | {f"dashboard/{sheet}" for sheet in source_files("tcss")}


def test_the_wheel_is_typed_and_has_the_command(built: Path, in_wheel: set[str]) -> None:
    assert "dashboard/py.typed" in in_wheel
    with zipfile.ZipFile(built / WHEEL) as wheel:
        entry_points = wheel.read(f"k6dash-{__version__}.dist-info/entry_points.txt").decode()
    assert "k6dash = dashboard.__main__:main" in entry_points


def test_the_sdist_holds_what_building_and_testing_need(in_sdist: set[str]) -> None:
    assert in_sdist >= source_files("dashboard", "tcss", "tests") | {"pyproject.toml", "README.md"}


def test_the_sdist_leaves_the_rest_at_home(in_sdist: set[str]) -> None:
    tops = {name.partition("/")[0] for name in in_sdist}
    assert tops <= {"dashboard", "tcss", "tests", "pyproject.toml", "README.md", "PKG-INFO", ".gitignore"}

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import dashboard.api

API = [module.name for module in pkgutil.iter_modules(dashboard.api.__path__)]


@pytest.mark.parametrize("module", [*(name for name in API if name not in ("far", "lean_httpx"))])
def test_only_the_way_to_another_machine_loads_the_http_library(module: str) -> None:
    code = f"import sys, dashboard.api.{module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert f"dashboard.api.{module}" in loaded
    assert not {"httpx", "httpcore", "anyio", "idna", "rich", "textual", "plotext"} & set(loaded)


def test_the_http_library_comes_without_its_command_line_which_can_still_be_had() -> None:
    code = """if True:
        import sys
        import dashboard.api.far
        import httpx
        loaded = set(sys.modules)
        assert not loaded & {"httpx._main", "click", "rich", "pygments"}, loaded
        assert httpx.AsyncClient and callable(httpx.main)
        import httpx._main
        assert "click" in sys.modules
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_http_library_that_is_loaded_already_is_left_as_it_is() -> None:
    code = "import sys, httpx; before = sys.modules['httpx._main']; import dashboard.api.far as far"
    code += "; assert far.httpx is httpx and sys.modules['httpx._main'] is before"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

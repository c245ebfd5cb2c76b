from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["address", "command_line", "decode", "documents", "encode", "failure", "refusal"])
def test_only_the_client_loads_the_http_library(module: str) -> None:
    code = f"import sys, dashboard.api.{module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert f"dashboard.api.{module}" in loaded
    assert not {"httpx", "httpcore", "anyio", "idna", "rich", "textual", "plotext"} & set(loaded)

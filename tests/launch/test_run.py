"""What ``k6dash run`` leaves behind where it cannot go on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dashboard.cli import main
from dashboard.commands import launching
from dashboard.launch.process import K6Process

USAGE = 2


@pytest.fixture
def k6(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A program that ends at once, and a place of the test's own for what it writes."""
    program = tmp_path / "k6"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return str(program)


def folders(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "k6dash").glob("runs/*"))


def test_an_event_stream_that_cannot_be_reached_is_refused_before_k6_is_started(
    k6: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("K6_WEB_DASHBOARD", "true")
    monkeypatch.setenv("K6_WEB_DASHBOARD_HOST", "no host")
    assert main(["run", "--k6", k6, "a.js"]) == USAGE
    complaint = capsys.readouterr().err
    assert "k6's web dashboard: 'no host:5665' is no address" in complaint
    assert "--no-events" in complaint
    assert not list(tmp_path.glob("k6dash/runs/*/pid"))


def test_a_k6_is_named_that_goes_on_where_it_cannot_be_watched(
    k6: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started: list[K6Process] = []

    def fail(_: object, process: K6Process, *__: Any, **___: Any) -> None:
        started.append(process)
        raise RuntimeError("no source")

    monkeypatch.setattr(launching, "_source", fail)
    with pytest.raises(RuntimeError, match="no source"):
        main(["run", "--k6", k6, "a.js"])
    (process,) = started
    asyncio.run(process.wait())
    assert str(process.pid) in capsys.readouterr().err


def test_a_condition_that_cannot_be_leaves_no_folder(
    k6: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--k6", k6, "--headless", "--fail-on", "nonsense", "a.js"]) == USAGE
    assert "nonsense" in capsys.readouterr().err
    assert not folders(tmp_path)

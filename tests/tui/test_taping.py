"""What is recorded out of the cockpit, and how it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.sources.base import Note, Reading
from dashboard.sources.record_file import Recording
from dashboard.sources.recording import End
from tests.tui.cockpit import cockpit


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the recordings of a test go."""
    monkeypatch.setattr("dashboard.sources.record_path.data_folder", lambda: tmp_path / "recordings")
    return tmp_path / "recordings"


async def test_r_records_looks_marks_and_actions_until_it_is_pressed_again(folder: Path) -> None:
    async with cockpit(polls=3) as c:
        assert "rec" not in c.header
        await c.press("R")
        assert str(folder) in c.said
        await c.watch(4)
        assert "● rec  00:04" in c.header
        await c.press("m", "enter")
        await c.steer("W")
        await c.watch(2)
        await c.press("R")
        assert "k6dash replay shows it" in c.said
        assert "rec" not in c.header
        await c.watch(1)
        (path,) = folder.iterdir()
        entries = list(Recording(path).entries())
    assert path.name.startswith("sim-test-")
    readings = [entry for entry in entries if isinstance(entry, Reading)]
    assert len(readings) >= 6
    marks = [entry for entry in entries if isinstance(entry, Note) and entry.outcome is None]
    assert [mark.event.title for mark in marks] == ["mark"]
    verdicts = [str(entry.outcome.verdict) for entry in entries if isinstance(entry, Note) and entry.outcome]
    assert verdicts == ["asked", "accepted", "confirmed"]
    assert isinstance(entries[-1], End)
    told = [event for event in c.session.histories[c.source.target].events if event.kind in ("mark", "action")]
    last = {entry.event.id: entry.event for entry in entries if isinstance(entry, Note)}
    assert list(last.values()) == told


async def test_a_recording_that_breaks_is_said_once_and_all_else_goes_on(folder: Path) -> None:
    async with cockpit(polls=3) as c:
        await c.press("R")
        recorder = c.app.tape._recorder  # pyright: ignore[reportPrivateUsage] - the disk is not full
        assert recorder is not None
        recorder.broken = "FILE cannot be written: No space left on device. It is whole up to there."
        before = c.said_so_far
        for _ in range(3):
            c.app._tick()  # pyright: ignore[reportPrivateUsage] - time stands still
        assert c.said_so_far == before + 1
        assert c.said.startswith("The recording is broken: FILE cannot be written: No space left")
        assert "✗ recording broken" in c.header
        await c.watch(2)
        assert "▶ running" in c.header
        await c.press("R")
        assert "rec" not in c.header


async def test_a_file_that_cannot_be_made_is_said(folder: Path) -> None:
    folder.write_text("no folder")
    async with cockpit(polls=3) as c:
        await c.press("R")
        assert c.said.startswith(f"Cannot record: {folder} cannot be made")
        assert "rec" not in c.header

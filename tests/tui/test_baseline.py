"""A recorded run drawn behind the one shown, live and in a replay; and what is no baseline."""

from __future__ import annotations

import gzip
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from dashboard.cli import main
from dashboard.clock import SystemClock
from dashboard.commands.baseline import open_baseline
from dashboard.replay import ReplaySession
from dashboard.sources.record_file import Recording
from dashboard.tui.compared import Compared
from dashboard.tui.playhead import Replayed
from dashboard.view.overview import build_overview
from dashboard.view.selection import Selection
from tests.harness.terminal import K6DASH, open_terminal
from tests.harness.waiting import PATIENCE
from tests.model.building import START as STORY_START
from tests.sources.k6_files import write_samples
from tests.sources.recordings import START, TARGET, eventful, recorded, simulated_readings, written
from tests.tui.cockpit import Cockpit, HandClock, RecordedApp, SteppedSource, cockpit
from tests.view.test_ghost import told

GOLDEN = Path(__file__).parents[1] / "sources" / "golden"
LOOKS = 60


@asynccontextmanager
async def compared(folder: Path, size: tuple[int, int] = (120, 40), at: float = 40.0) -> AsyncGenerator[Cockpit]:
    """The cockpit over a recording of 60 s, with a worse one of 40 s behind it; both wholly read."""
    shown = written(folder / "shown.ndjson.gz", await simulated_readings(LOOKS))
    before = written(folder / "before.ndjson.gz", await simulated_readings(40, "errors"))
    clock = HandClock(START + 1e6)
    session, behind = ReplaySession(Recording(shown), clock), ReplaySession(Recording(before), clock)
    app = RecordedApp(
        session,
        clock,
        interval=1.0,
        replayed=Replayed(lambda: session.reel, 1.0, at),
        compared=Compared(before.name, behind),
    )
    app.notices = []
    async with app.run_test(size=size, notifications=True) as pilot:
        for _ in range(100):
            await pilot.pause()
            if session.reel.share == behind.reel.share == 1.0:
                break
        await pilot.pause()
        yield Cockpit(app, pilot, session, cast(SteppedSource, session.sources[TARGET]), clock)


def drawn(c: Cockpit) -> int:
    """Cells of the chart of durations in which there is a line."""
    region = c.app.query_one("#chart-durations").content_region
    lines = c.text.splitlines()[region.y + 1 : region.bottom - 2]
    return sum(0x2800 < ord(character) < 0x2900 for line in lines for character in line[region.x : region.right])


async def test_the_baseline_is_drawn_named_hidden_and_moves_with_the_moment(tmp_path: Path) -> None:
    async with compared(tmp_path) as c:
        assert c.text.count("┅ baseline") + c.text.count("┅baseline") == 2
        assert any("┅" in line and "%" in line for line in c.text.splitlines()[4:8])
        with_it, at_40 = drawn(c), c.text
        await c.press("b")
        assert "baseline" not in c.text
        assert drawn(c) < with_it - 10
        assert "┅" not in c.text
        await c.press("b")
        assert c.text == at_40
        await c.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
        await c.press("right", "right")
        assert "over by then" not in c.text, "in half a minute some of it can be seen"
        assert "pp" not in c.text, "where it has no number, nothing differs from it"
        await c.press("2", "home", "enter")
        assert "BASELINE" in c.text
        assert "CHANGE" in c.text
        await c.press("b")
        assert "BASELINE" not in c.text


async def test_a_narrow_screen_still_says_whose_the_dim_lines_are(tmp_path: Path) -> None:
    async with compared(tmp_path, size=(80, 24)) as c:
        assert c.text.count("baseline") == 2


async def test_without_a_baseline_the_key_says_what_it_needs() -> None:
    async with cockpit(polls=3) as c:
        await c.press("b")
        assert "--baseline FILE" in c.said


BAD = {
    "missing": (None, "cannot be read"),
    "foreign": (b"PK\x03\x04 something else", "holds nothing that k6 writes of a test"),
    "empty": (recorded([]), "holds no numbers of a test that ran"),
    "of the future": (gzip.compress(b'{"k6dash":"recording","version":99,"start":1.0,"target":"x"}\n'), "version 99"),
}


@pytest.mark.parametrize("command", [["replay", "shown"], ["--simulate"], ["run", "--k6", "/none/k6"]])
@pytest.mark.parametrize("content", BAD.values(), ids=BAD.keys())
async def test_a_bad_baseline_is_one_line_before_anything_is_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], content: tuple[bytes | None, str]
) -> None:
    shown = written(tmp_path / "shown", eventful(await simulated_readings(5)))
    path = tmp_path / "before"
    if content[0] is not None:
        path.write_bytes(content[0])
    words = [str(shown) if word == "shown" else word for word in command]
    script = ["script.js"] if command[0] == "run" else []
    assert main([*words, "--baseline", str(path), *script]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert content[1] in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("which", ["samples", "dashboard-v1.7.1", "dashboard-v2.2.0"])
async def test_what_k6_itself_has_written_can_be_one(tmp_path: Path, which: str) -> None:
    path = GOLDEN / f"{which}.ndjson.gz"
    if which == "samples":
        path = write_samples(tmp_path / "samples.json", 60_000, per_second=1500)
    session = ReplaySession(open_baseline(str(path)), SystemClock())
    await session.run()
    before = Compared(path.name, session).baseline
    run = before.run()
    story = told([10.0] * 60, vus=50)
    chosen = Selection(STORY_START + 6.5, baseline=before)
    frame = build_overview(story.history, chosen, story.now)
    ghosts = {line.label for chart in frame.charts for line in chart.spec.lines if line.is_ghost}
    assert {"mean", "p(95)", "p(90)", "med", "req/s", "VUs"} <= ghosts, f"{which} knows {sorted(run.metrics)}"
    changes = {tile.title: tile.change for tile in frame.tiles}
    assert all(changes[title] for title in ("Requests", "Duration, p(95)", "VUs"))


async def test_a_live_run_has_one_too(tmp_path: Path) -> None:
    path = written(tmp_path / "before.ndjson.gz", await simulated_readings(LOOKS, "errors"))
    command = [*K6DASH, "--simulate", "steady", "--speed", "10", "--baseline", str(path), "--interval", "0.2"]
    with open_terminal(command, columns=120, rows=40) as terminal:
        terminal.wait_until(lambda screen: screen.count("baseline") == 2, PATIENCE, "the baseline")
        terminal.wait_until(lambda screen: "┅+" in screen or "┅-" in screen or "┅±" in screen, PATIENCE, "the baseline")
        terminal.press("b")
        terminal.wait_until(lambda screen: "baseline" not in screen, PATIENCE, "the baseline")
        terminal.press("q")

"""A recording in the cockpit, and the past of a live run."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from dashboard.errors import ExitCode
from dashboard.replay import ReplaySession
from dashboard.sources.record_file import Recording
from dashboard.tui.cockpit import PLAY_TICK
from dashboard.tui.leaving import Played
from dashboard.tui.playhead import Replayed
from dashboard.tui.widgets.keybar import KeyBar
from dashboard.tui.widgets.position import PositionBar
from tests.sources.recordings import START, TARGET, eventful, simulated_readings, written
from tests.tui.cockpit import Cockpit, HandClock, RecordedApp, SteppedSource, cockpit
from tests.tui.test_honest_keys import is_dim

LOOKS = 90


@asynccontextmanager
async def replay(
    folder: Path, *, at: float | None = None, speed: float = 1.0, size: tuple[int, int] = (120, 40)
) -> AsyncGenerator[Cockpit]:
    """The cockpit over an eventful recording of 90 s, wholly read."""
    path = written(folder / "run.ndjson.gz", eventful(await simulated_readings(LOOKS)))
    clock = HandClock(START + 1e6)
    session = ReplaySession(Recording(path), clock)
    replayed = Replayed(lambda: session.reel, speed, at)
    app = RecordedApp(session, clock, interval=1.0, leaving=Played(path), replayed=replayed)
    app.notices = []
    async with app.run_test(size=size, notifications=True) as pilot:
        for _ in range(100):
            await pilot.pause()
            if session.reel.share == 1.0:
                break
        await pilot.pause()
        # Nothing looks at a recording, so that nobody needs a source that looks.
        yield Cockpit(app, pilot, session, cast(SteppedSource, session.sources[TARGET]), clock)


def shown_at(c: Cockpit) -> float:
    """The moment shown, in seconds since the start of the recording."""
    cursor = c.app._selection.cursor  # pyright: ignore[reportPrivateUsage] - more exact than what is drawn
    assert cursor is not None
    return cursor - START


async def pass_time(c: Cockpit, seconds: float) -> None:
    """Let time pass as the app sees it."""
    c.clock.set(c.clock.now() + seconds)
    c.app._play_on()  # pyright: ignore[reportPrivateUsage] - the timer is the machine's
    await c.pilot.pause()


async def test_who_leaves_it_closes_a_file_and_no_test(tmp_path: Path) -> None:
    async with replay(tmp_path) as c:
        await c.press("q")
        assert c.app.return_value == f"k6dash has closed {tmp_path / 'run.ndjson.gz'}."


async def test_it_begins_where_it_is_told_and_stands_still(tmp_path: Path) -> None:
    async with replay(tmp_path, at=40.0) as c:
        assert "recording" in c.header
        assert TARGET in c.header
        assert "▶ running" in c.header
        assert "00:39" in c.header or "00:40" in c.header
        assert "age" not in c.header
        await pass_time(c, 5)
        assert shown_at(c) == 40
        assert "22:14:00" in c.text.splitlines()[-2]
        assert "01:30" in c.text.splitlines()[-2]


async def test_it_plays_stands_still_and_plays_faster(tmp_path: Path) -> None:
    async with replay(tmp_path) as c:
        await pass_time(c, 3)
        assert shown_at(c) == 3
        await c.press("space")
        await pass_time(c, 3)
        assert shown_at(c) == 3
        await c.press("greater_than_sign", "space")
        await pass_time(c, 3)
        assert shown_at(c) == 9
        await c.press("less_than_sign")
        await pass_time(c, PLAY_TICK)
        assert shown_at(c) == pytest.approx(9 + PLAY_TICK)  # pyright: ignore[reportUnknownMemberType]
        await pass_time(c, 1e6)
        assert shown_at(c) == LOOKS
        await pass_time(c, 10)
        assert shown_at(c) == LOOKS
        await c.press("space")
        await pass_time(c, 1)
        assert shown_at(c) == 1, "from the end it begins again"


async def test_keys_move_through_it(tmp_path: Path) -> None:
    async with replay(tmp_path, at=40.0) as c:
        for key, moment in (
            ("right", 50),
            ("left", 40),
            ("shift+right", LOOKS),
            ("shift+left", 30),
            ("full_stop", 31),
            ("comma", 30),
            ("n", 31.25),
            ("n", 32.25),
            ("N", 31.25),
            ("shift+left", 0),
            ("left", 0),
        ):
            await c.press(key)
            assert shown_at(c) == moment, key
        await c.press("f")
        assert shown_at(c) == LOOKS


async def test_what_happened_is_shown_as_it_was(tmp_path: Path) -> None:
    async with replay(tmp_path, at=35.0) as c:
        await c.press("5")
        for words in ("20 VUs confirmed", "mark", "pause refused"):
            assert words in c.text
        assert "k6 has gone" not in c.text
        await c.press("shift+right")
        assert "k6 has gone" in c.text
        await c.press("shift+left", "shift+left")
        assert "20 VUs confirmed" not in c.text


async def test_the_bar_goes_where_it_is_clicked(tmp_path: Path) -> None:
    async with replay(tmp_path, at=40.0) as c:
        line = c.text.splitlines()[-2]
        first, last = line.index("╋"), line.rindex("━")
        await c.pilot.click(PositionBar, offset=(last, 0))
        await c.pilot.pause()
        assert shown_at(c) == LOOKS
        await c.pilot.click(PositionBar, offset=(first, 0))
        await c.pilot.pause()
        assert shown_at(c) < 2
        await c.pilot.click(PositionBar, offset=((first + last) // 2, 0))
        await c.pilot.pause()
        assert 43 < shown_at(c) < 47
        assert c.text.splitlines()[-2].count("●") == 1
        await c.pilot.click(KeyBar, offset=(c.keys.index("Space"), 0))
        await pass_time(c, 2)
        assert shown_at(c) > 45


async def test_what_acts_on_the_test_is_dim_and_says_why(tmp_path: Path) -> None:
    async with replay(tmp_path, at=40.0, size=(200, 40)) as c:
        assert is_dim(c, "pause")
        assert is_dim(c, "mark")
        assert not is_dim(c, "play")
        for key in ("p", "plus", "v", "x", "m", "R"):
            before = c.said_so_far
            await c.press(key)
            assert c.said_so_far == before + 1, key
            assert c.said.startswith("Cannot ")
            assert "This is a recording" in c.said
        assert len(c.app.screen_stack) == 1
        await c.press("q")
    assert c.app.return_code in (None, ExitCode.OK)


async def test_a_live_run_is_scrubbed_too() -> None:
    async with cockpit(polls=60) as c:
        await c.press("right")
        assert "frozen" not in c.header
        await c.press("left")
        assert shown_at(c) == 50
        assert "frozen at 22:14:1" in c.header
        assert "●" in c.text.splitlines()[-2]
        await c.watch(20)
        assert shown_at(c) == 50
        await c.press("greater_than_sign", "space")
        await pass_time(c, 10)
        assert shown_at(c) == 70
        await c.press("right")
        assert "frozen" not in c.header, "who reaches the present follows it again"
        assert "●" not in c.text.splitlines()[-2]
        await c.press("left", "space")
        await pass_time(c, 60)
        assert "frozen" not in c.header

"""A replay shows what the live cockpit showed at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.clock import ManualClock, SystemClock
from dashboard.model.action import Verb
from dashboard.model.capability import PAST, Capability
from dashboard.model.history import TargetHistory
from dashboard.rebuild import Filler
from dashboard.replay import COARSE_FROM, ReplaySession
from dashboard.sources.record_file import Recording
from dashboard.sources.recording import Entry
from dashboard.view.events import build_events
from dashboard.view.generator import build_generator
from dashboard.view.header import build_header
from dashboard.view.metrics import build_metric, build_metrics
from dashboard.view.overview import build_overview
from dashboard.view.selection import Selection
from tests.sources.recordings import START, TARGET, eventful, simulated_readings, written

LOOKS = 90
Frames = tuple[object, ...]


def frames(history: TargetHistory, selection: Selection, now: float) -> Frames:
    """What every screen shows, and the header."""
    anything = {verb: Capability(possible=True) for verb in Verb}
    metrics = build_metrics(history, selection, now)
    events = build_events(history, selection)
    return (
        build_overview(history, selection, now),
        tuple(metrics.rows.row(key) for key in metrics.rows.keys),
        tuple(build_metric(history, replace(selection, metric=name), now) for name in history.run.metrics),
        tuple(events.rows.row(key) for key in events.rows.keys),
        build_generator(history, selection, now),
        build_header(history, selection, now=now, interval=1.0, cadence=1.0, capabilities=anything),
    )


async def replayed(path: Path) -> TargetHistory:
    """The history that the cockpit has of a recording."""
    session = ReplaySession(Recording(path), SystemClock())
    await session.run()
    return session.histories[session.target]


@pytest.mark.parametrize("scenario", ["steady", "browser", "nasty"])
async def test_every_screen_of_a_replay_is_the_live_one_of_the_same_moment(tmp_path: Path, scenario: str) -> None:
    entries = eventful(await simulated_readings(LOOKS, scenario))
    path = written(tmp_path / "run", entries)
    live = TargetHistory(TARGET, START)
    filler = Filler(live)
    shown: list[tuple[float, Frames]] = []
    for index, entry in enumerate(entries):
        filler.take(entry)
        if index % 17 == 5 and live.run.last_row is not None:
            at = live.run.last_row
            shown.append((at, frames(live, Selection(cursor=at), at)))
    assert len(shown) >= 5
    history = await replayed(path)
    end = START + LOOKS
    assert frames(history, Selection(), end) == frames(live, Selection(), end)
    for at, seen in shown:
        assert frames(history, Selection(cursor=at), end) == frames(live, Selection(cursor=at), end)
        # What was seen at that moment, and not only what is remembered of it later.
        assert frames(history, Selection(cursor=at), at)[:2] == seen[:2]


async def test_the_header_of_a_recording_is_of_the_moment_shown(tmp_path: Path) -> None:
    entries = eventful(await simulated_readings(LOOKS))
    history = await replayed(written(tmp_path / "run", entries))

    def header(at: float) -> tuple[str, float | None, int | None, float | None]:
        frame = build_header(
            history,
            Selection(cursor=at),
            now=START + 1e6,
            interval=1.0,
            cadence=1.0,
            capabilities=dict.fromkeys(Verb, PAST),
        )
        assert frame.is_recorded
        return str(frame.state), frame.elapsed, frame.vus, frame.age

    assert header(START) == ("unreachable", None, None, None)
    state, elapsed, vus, age = header(START + 30)
    assert (state, age) == ("running", None)
    assert elapsed == pytest.approx(30, abs=0.2)  # pyright: ignore[reportUnknownMemberType]
    assert vus
    # k6's port was closed for half a second.
    assert header(START + 56.7)[0] == "ended"
    assert header(START + 57)[0] == "running"


async def test_a_long_recording_is_there_in_coarse_steps_before_it_is_read(tmp_path: Path) -> None:
    minutes = COARSE_FROM + 5
    path = written(tmp_path / "run", await simulated_readings(60 * minutes, "soak"))
    clock = ManualClock(START)
    session = ReplaySession(Recording(path), clock)
    seen: list[tuple[int, float, float | None]] = []

    def look(target: str) -> None:
        clock.set(clock.now() + 1.0)
        history = session.histories[target]
        seen.append((history.looks, session.reel.read_until, history.run.value("http_reqs", "count", START + 900)))

    session.on_change.append(look)
    ticking = asyncio.ensure_future(_tick(clock))
    await session.run()
    ticking.cancel()
    history = session.histories[TARGET]
    assert history.looks == 60 * minutes
    assert session.reel.read_until == session.reel.end == START + 60 * minutes
    exact = history.run.value("http_reqs", "count", START + 900)
    coarse = [count for looks, _, count in seen if looks == len(Recording(path).members)]
    assert coarse, "the whole recording was there in coarse steps"
    assert set(coarse) == {exact}
    assert [until for _, until, _ in seen] == sorted(until for _, until, _ in seen)
    # Each look is still as it was: the history of a recording keeps more of them than that of a live run.
    assert history.run.table.later(START + 10) == START + 11
    assert history.run.table.earlier(START + 10) == START + 9


async def _tick(clock: ManualClock) -> None:
    """Let time pass, so that slices end."""
    while True:
        clock.set(clock.now() + 0.001)
        await asyncio.sleep(0)


async def test_a_recording_that_was_cut_off_says_so_once_it_is_read(tmp_path: Path) -> None:
    entries: Sequence[Entry] = await simulated_readings(5)
    session = ReplaySession(Recording(written(tmp_path / "run", entries, closed=False)), ManualClock(START))
    assert session.reel.trouble == ""
    assert session.reel.share == 0.0
    await session.run()
    assert "without having been closed" in session.reel.trouble
    assert session.reel.share == 1.0

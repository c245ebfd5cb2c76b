"""k6's event stream in recordings: whole, also where the recording begins in the middle of it."""

from __future__ import annotations

from pathlib import Path

from dashboard.api.events import ENDPOINT
from dashboard.clock import ManualClock
from dashboard.model.history import TargetHistory
from dashboard.model.stream import StreamNews, StreamState
from dashboard.rebuild import history_of
from dashboard.record import Recordist
from dashboard.session import Session
from dashboard.sources.base import Document, Reading
from dashboard.sources.preamble import Preamble
from dashboard.sources.record_file import Recording
from dashboard.sources.stream import NEWS, news_body
from dashboard.tape import Tape
from tests.headless.staging import Fed
from tests.record.test_record import Told
from tests.sources.fake import START, TARGET
from tests.sources.streaming import announcing, beginning, event, look, period

SECONDS = 12


def session_of(clock: ManualClock) -> Session:
    """A session that is given its readings by the test."""
    source = Fed()
    source.target = TARGET
    return Session([source], clock)


def streamed(at: float, body: bytes) -> Reading:
    return Reading(TARGET, at, (Document(ENDPOINT, 200, body, 0.0),))


def run(behind: float = 0.0) -> list[Reading]:
    """A look and a period each second; in the middle a metric is announced."""
    news = StreamNews(StreamState.JOINED, "127.0.0.1:5665", behind=behind)
    readings = [look(START, requests=1), Reading(TARGET, START, (Document(NEWS, 0, news_body(news), 0.0),))]
    readings.append(streamed(START, beginning(at=START) + announcing(tea="trend")))
    for second in range(1, SECONDS + 1):
        at = START + second
        values = {"tea": [second + share for share in (0.0, 0.9, 0.1, 0.0, 0.5, 0.6, 0.8)]}
        if second == 6:
            readings.append(streamed(at, announcing(biscuits="counter")))
        if second >= 6:
            values["biscuits"] = [second, second]
        readings += [look(at, requests=second), streamed(at + 0.1, period(at, **values))]
    return readings


def periods(history: TargetHistory, name: str = "tea", statistic: str = "interval p(99)") -> dict[float, float]:
    """A statistic of each period, by its end."""
    extract = history.run.extract(name, statistic, START, START + 100, 1000)
    return {at - START: value for at, value in zip(extract.times, extract.highs, strict=True) if value == value}


async def test_a_recording_that_begins_in_the_middle_of_a_stream_has_all_that_comes(tmp_path: Path) -> None:
    clock = ManualClock(START)
    readings = run()
    session = session_of(clock)
    tape = Tape(session, TARGET, clock, 1.0)
    for reading in readings:
        if reading.at >= START + 4.5 and tape.state is None:
            clock.set(reading.at)
            tape.begin(tmp_path / "run")
        session.observe(reading)
    tape.end()
    live, again = session.histories[TARGET], history_of(Recording(tmp_path / "run"))
    assert len(periods(live)) == SECONDS
    assert periods(again) == {at: value for at, value in periods(live).items() if at > 4}
    assert periods(again, "biscuits", "interval count") == periods(live, "biscuits", "interval count")
    assert again.run.stream == live.run.stream
    assert again.run.plan == live.run.plan


async def test_each_rotated_file_can_tell_its_periods_by_itself(tmp_path: Path) -> None:
    clock = ManualClock(START)
    await Recordist(Told(run(), clock), clock, 1.0, tmp_path / "run", lambda _: None, rotate=4.0).run()
    parts = sorted(tmp_path.iterdir())
    assert len(parts) > 2
    found = [periods(history_of(Recording(part))) for part in parts]
    together = {at: value for part in found for at, value in part.items()}
    assert together == {float(second): second + 0.8 for second in range(1, SECONDS + 1)}


def test_what_is_kept_of_a_stream_does_not_grow_with_it() -> None:
    preamble = Preamble()
    sizes: list[int] = []
    for reading in run():
        preamble.take(reading)
        kept = preamble.reading(TARGET, START)
        sizes.append(0 if kept is None else sum(len(document.body) for document in kept.documents))
    assert max(sizes[-4:]) - min(sizes[-4:]) < 10
    preamble.take(
        streamed(START, event("metric", dict.fromkeys((f"name{number}" for number in range(100_000)), 1)) * 5)
    )
    kept = preamble.reading(TARGET, START)
    assert kept is not None
    assert len(kept.documents[-1].body) < 6_000_000


def test_a_stream_of_another_test_leaves_nothing_behind() -> None:
    clock = ManualClock(START)
    session = session_of(clock)
    for reading in run():
        session.observe(reading)
    history = session.histories[TARGET]
    assert periods(history)
    other = StreamNews(StreamState.OTHER, "127.0.0.1:5665", "it tells of tea, which this test does not have")
    session.observe(Reading(TARGET, START + 20, (Document(NEWS, 0, news_body(other), 0.0),)))
    run_history = history.run
    assert periods(history) == {}
    assert list(run_history.metrics) == ["requests"]
    assert (run_history.plan, run_history.first_seen) == (None, START)
    assert history.events[-1].title == "event stream is of another test"


def test_the_clock_of_another_machine_is_set_right() -> None:
    clock = ManualClock(START)
    session = session_of(clock)
    for reading in run(behind=-300.0):
        session.observe(reading)
    windows = session.histories[TARGET].run.windows
    assert windows.began == START - 300.0


def test_events_that_say_nothing_new_are_recorded_and_drawn_by_nobody() -> None:
    clock = ManualClock(START)
    session = session_of(clock)
    changes: list[str] = []
    heard: list[Reading] = []
    session.on_change.append(changes.append)
    session.listeners.append(heard.append)
    for reading in run()[:3]:
        session.observe(reading)
    before = len(changes)
    whole = period(START + 1, tea=[1.0] * 7)
    cumulative, snapshot = (block + b"\n\n" for block in whole.split(b"\n\n")[:2])
    session.observe(streamed(START + 1, cumulative))
    assert len(changes) == before
    session.observe(streamed(START + 1, snapshot))
    assert len(changes) == before + 1
    assert len(heard) == 5

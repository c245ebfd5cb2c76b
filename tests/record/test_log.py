"""The log in a recording: a replay shows screen 7 as it was at any moment."""

from __future__ import annotations

import json
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest

from dashboard.clock import SystemClock
from dashboard.model.history import TargetHistory
from dashboard.playback import Playback
from dashboard.rebuild import Filler
from dashboard.replay import ReplaySession
from dashboard.sources.base import Document, Reading
from dashboard.sources.process_documents import LOG, SKIPPED
from dashboard.sources.record_file import Recording
from dashboard.sources.recorder import Recorder
from dashboard.sources.recording import Entry
from dashboard.view.log import LogFrame, build_log
from dashboard.view.log_choice import LogChoice
from dashboard.view.log_lines import LogReader
from dashboard.view.selection import Selection
from tests.sources.recordings import START, TARGET, simulated_readings

LOOKS = 30


def log_of(second: int) -> bytes:
    """What is logged in a second: more and more, some of it odd."""
    entries: list[dict[str, str]] = [
        {"level": "info", "msg": f"line {second}.{number}", "source": "console"} for number in range(20 * second)
    ]
    entries += [{"level": "warning", "msg": "Request Failed", "error": f'Get "http://a/{second}": EOF'}] * (second % 7)
    entries.append({"level": "error", "msg": f"boom {second}\n\tat f (x.js:1)", "source": "stacktrace"})
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries) + b"\xff no JSON \x1b[31m\n"


async def entries() -> Sequence[Entry]:
    """A test with a log that is read between the looks."""
    made: list[Entry] = []
    for second, look in enumerate(await simulated_readings(LOOKS), start=1):
        made.append(look)
        documents = [Document(LOG, 0, log_of(second), 0.0)]
        if second == 5:
            documents.append(Document(SKIPPED, 0, b"123456", 0.0))
        made.append(Reading(TARGET, look.at + 0.4, tuple(documents)))
    return made


def frame(history: TargetHistory, cursor: float | None, choice: LogChoice, text: str) -> tuple[object, ...]:
    """All that the screen can show."""
    selection = Selection(cursor=cursor, log=choice, filter=text)
    made: LogFrame = build_log(history, selection, START + LOOKS + 1, LogReader())
    lines = tuple(made.lines.row(number) for number in made.lines.numbers)
    return (*(lines, tuple(made.errors), made.choices, made.group, made.trouble, made.rate, made.note, made.empty),)


CHOICES = (
    (LogChoice(), ""),
    (LogChoice(frozenset({"error"})), ""),
    (LogChoice(group=2), ""),
    (LogChoice(frozenset({"js"})), "line 2"),
)


@pytest.mark.parametrize("way", ["replay", "playback"])
async def test_a_replay_shows_the_log_as_it_was_at_each_moment(tmp_path: Path, way: str) -> None:
    path = tmp_path / "run"
    recorder = Recorder(path, TARGET, START, 1.0)
    live = TargetHistory(TARGET, START)
    filler = Filler(live)
    moments: list[tuple[float, list[tuple[object, ...]]]] = []
    for index, entry in enumerate(await entries()):
        assert isinstance(entry, Reading)
        recorder.take(entry)
        filler.take(entry)
        if index % 8 == 1:
            moments.append((entry.at, [frame(live, entry.at, *choice) for choice in CHOICES]))
    recorder.close(START + LOOKS + 1, "stopped")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    recording = Recording(path)
    if way == "replay":
        session = ReplaySession(recording, SystemClock())
        await session.run()
        history = session.histories[TARGET]
    else:
        history = Playback(recording).finish()
    for at, seen in moments:
        assert [frame(history, at, *choice) for choice in CHOICES] == seen
    assert frame(history, None, *CHOICES[0]) == frame(live, None, *CHOICES[0])
    assert history.run.log is not None
    assert history.run.log.skipped == 123456


def test_a_log_in_a_recording_that_is_none_does_no_harm() -> None:
    history = TargetHistory(TARGET, START)
    bodies = (b"", b"\x00\xff\n{", b'{"msg":{}}\n{"level":[],"msg":1,"time":"never"}\n[]\n1\n', b"{" * 100_000)
    for second, body in enumerate(bodies):
        documents = (Document(LOG, 0, body, 0.0), Document(SKIPPED, 0, body, 0.0))
        Filler(history).take(Reading(TARGET, START + second, documents))
    assert history.run.log is not None
    assert history.run.log.total > 0

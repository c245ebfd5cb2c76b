from __future__ import annotations

import json
import signal
import subprocess
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.clock import ManualClock
from dashboard.errors import ExitCode, OutputError, UsageError
from dashboard.model.asking import Asked, Asking
from dashboard.rebuild import history_of
from dashboard.record import Recordist
from dashboard.sources.base import Note, Reading
from dashboard.sources.record_file import Recording
from dashboard.sources.recorder import MOST_WAITING, Recorder, create_file
from dashboard.sources.recording import End, Entry
from tests.harness.terminal import K6DASH
from tests.sources.recordings import START, TARGET, eventful, simulated_readings


class Told:
    """A source that gives entries it has been told, at their time."""

    target = TARGET

    def __init__(self, entries: Sequence[Entry], clock: ManualClock) -> None:
        self.entries = entries
        self.clock = clock
        self.groups_asking: Asking | None = None

    async def readings(self) -> AsyncIterator[Reading | Note]:
        for entry in self.entries:
            if isinstance(entry, Reading):
                self.clock.set(entry.at)
            if isinstance(entry, (Reading, Note)):
                yield entry


def read(path: Path) -> list[Entry]:
    return list(Recording(path).entries())


async def test_everything_that_a_source_gives_is_in_the_file(tmp_path: Path) -> None:
    clock = ManualClock(START)
    entries = eventful(await simulated_readings(30))
    said: list[str] = []
    path = tmp_path / "run.ndjson.gz"
    recordist = Recordist(Told(entries, clock), clock, 1.0, path, said.append)
    await recordist.run()
    assert read(path) == [*entries, End(START + 30, "stopped")]
    assert path.stat().st_size == recordist.size
    assert path.stat().st_mode & 0o077 == 0
    assert said[0] == f"recording {TARGET} into {path}"
    assert said[1] == "running"
    assert "20 VUs confirmed" in said


async def test_how_k6_is_asked_for_its_groups_is_in_the_file_whenever_that_changes(tmp_path: Path) -> None:
    clock = ManualClock(START)
    readings = await simulated_readings(6)
    source = Told(readings, clock)
    waiting, given_up = Asking(Asked.NOT_YET, "names may still be appearing"), Asking(Asked.NO_MORE, "too many")
    source.groups_asking = waiting

    def look(text: str) -> None:
        if "running" in text:
            source.groups_asking = given_up

    await Recordist(source, clock, 1.0, tmp_path / "run", look).run()
    told = [entry for entry in read(tmp_path / "run") if isinstance(entry, Reading) and entry.asking is not None]
    assert told == [
        Reading(TARGET, START + 1, asking=waiting),
        Reading(TARGET, START + 2, asking=given_up),
    ]
    history = history_of(Recording(tmp_path / "run"))
    assert [history.asking_at(START + at) for at in (0.5, 1, 1.5, 2, 9)] == [
        Asking(),
        waiting,
        waiting,
        given_up,
        given_up,
    ]
    assert history.asking == given_up
    assert [event.at - START for event in history.events if event.title == "groups are asked for no more"] == [2.0]


async def test_each_rotated_file_is_whole_by_itself_and_together_they_are_all(tmp_path: Path) -> None:
    clock = ManualClock(START)
    readings = await simulated_readings(50)
    said: list[str] = []
    await Recordist(Told(readings, clock), clock, 1.0, tmp_path / "run.ndjson.gz", said.append, rotate=20.0).run()
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == [
        "run-20231114T221320Z.ndjson.gz",
        "run-20231114T221340Z.ndjson.gz",
        "run-20231114T221400Z.ndjson.gz",
    ]
    parts = [read(file) for file in files]
    assert [type(part[-1]) for part in parts] == [End] * 3
    assert [entry for part in parts for entry in part if isinstance(entry, Reading)] == readings
    together = tmp_path / "together"
    together.write_bytes(b"".join(file.read_bytes() for file in files))
    assert [entry for entry in read(together) if isinstance(entry, Reading)] == readings


async def test_what_is_kept_in_memory_does_not_grow_with_the_metrics(tmp_path: Path) -> None:
    clock = ManualClock(START)
    recordist = Recordist(Told(await simulated_readings(30), clock), clock, 1.0, tmp_path / "run", lambda _: None)
    await recordist.run()
    history = recordist._history  # pyright: ignore[reportPrivateUsage] - what must not be there
    assert history.looks == 30
    assert history.run.table.size == 0
    assert len(history.run.statuses.table.keys) == 6


async def test_nothing_is_overwritten_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.write_text("precious")
    with pytest.raises(UsageError, match="is there already"):
        Recorder(path, TARGET, START, 1.0)
    assert path.read_text() == "precious"
    recorder = Recorder(path, TARGET, START, 1.0, replace=True)
    recorder.close(START, "stopped")
    assert read(path) == [End(START, "stopped")]
    with pytest.raises(UsageError, match="cannot be written: No such file"):
        Recorder(tmp_path / "none" / "run", TARGET, START, 1.0)
    with pytest.raises(FileExistsError):
        create_file(path)


async def test_a_disk_that_hangs_breaks_the_recording_and_delays_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed = threading.Event()
    recorder = Recorder(tmp_path / "run", TARGET, START, 1.0)

    def hang(_: Entry) -> None:
        freed.wait()

    monkeypatch.setattr(recorder, "_write", hang)
    for second in range(MOST_WAITING + 2):
        recorder.take(Reading(TARGET, START + second))
    assert "takes nothing any more" in recorder.broken
    freed.set()
    recorder.close(START, "stopped")


async def test_a_recorder_keeps_its_own_target_alone(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "run", TARGET, START, 1.0)
    recorder.take(Reading("another", START + 1))
    recorder.take(Reading(TARGET, START + 2))
    recorder.close(START + 3, "stopped")
    assert read(tmp_path / "run") == [Reading(TARGET, START + 2), End(START + 3, "stopped")]


def record(*arguments: str | Path, shell: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``k6dash record`` to its end."""
    command = [*K6DASH, "record", *map(str, arguments)]
    if shell:
        command = ["bash", "-c", f'{shell}; exec "$@"', "bash", *command]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)


async def test_a_recorder_leaves_with_the_test(tmp_path: Path) -> None:
    clock = ManualClock(START)
    readings = await simulated_readings(10)
    status, metrics = readings[5].documents
    over = json.loads(status.body)
    over["data"]["attributes"].update(status=9, running=False, vus=0)
    status = replace(status, body=json.dumps(over).encode())
    # The end shows in the status first, and the last numbers come with the look after it.
    readings[5] = replace(readings[5], documents=(status,))
    readings[6] = replace(readings[6], documents=(status, metrics))
    path = tmp_path / "run"
    await Recordist(Told(readings, clock), clock, 1.0, path, lambda _: None, until_ended=True).run()
    assert read(path) == [*readings[:7], End(START + 7, "the test is over")]


def test_a_full_disk_is_said_and_what_was_written_stays(tmp_path: Path) -> None:
    path = tmp_path / "run.ndjson.gz"
    # Beyond the limit a write fails as on a full disk, with other words, and after a part of it was written.
    done = record("--simulate", "-i", "0.2", "-o", path, shell="ulimit -f 4")
    assert done.returncode == ExitCode.NOT_WRITTEN
    assert done.stderr.splitlines()[-1] == (
        f"k6dash: {path} cannot be written: File too large. It is whole up to there."
    )
    assert path.stat().st_size == 4 * 1024
    recording = Recording(path)
    assert any(isinstance(entry, Reading) for entry in recording.entries())
    assert "without having been closed" in recording.trouble


def test_a_signal_closes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "run.ndjson.gz"
    for number, until, code in ((signal.SIGTERM, (), ExitCode.OK), (signal.SIGINT, ("--until", "ended"), 105)):
        path.unlink(missing_ok=True)
        command = [*K6DASH, "record", "--simulate", "-i", "0.2", "-o", str(path), *until]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            for line in process.stderr:
                if "running" in line:
                    break
            process.send_signal(number)
            said = process.stderr.read()
            assert process.wait() == code
        assert f"ended by {number.name}" in said
        assert isinstance(read(path)[-1], End)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-o", "{there}"), "is there already, and nothing is overwritten; remove it, or name another file"),
        (("-o", "{none}/run"), "cannot be written: No such file or directory"),
        (("-o", "run", "--rotate", "soon"), "'soon' is not a duration"),
        (("-o", "run", "--rotate", "1s"), "--rotate 1 s is too short; 60 s is the least"),
        (("-o", "run", "-t", "localhost"), "--target and --simulate exclude each other"),
        ((), "Missing option '-o' / '--output'"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    there = tmp_path / "there"
    there.touch()
    done = record("--simulate", *(each.format(there=there, none=tmp_path / "none") for each in arguments))
    assert done.returncode == ExitCode.USAGE
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


async def test_a_recorder_leaves_when_k6_has_gone(tmp_path: Path) -> None:
    clock = ManualClock(START)
    entries = eventful(await simulated_readings(30))
    path = tmp_path / "run"
    await Recordist(Told(entries, clock), clock, 1.0, path, lambda _: None, until_ended=True).run()
    *kept, last = read(path)
    assert isinstance(kept[-1], Reading)
    assert kept[-1].failure is not None
    assert isinstance(last, End)
    assert last.reason == "the test is over"


async def test_a_recordist_whose_file_breaks_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock(START)
    recordist = Recordist(Told(await simulated_readings(3), clock), clock, 1.0, tmp_path / "run", lambda _: None)
    monkeypatch.setattr(recordist._recorder, "broken", "broken")  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(OutputError, match="broken"):
        await recordist.run()


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        (None, (), "cannot be read: No such file or directory"),
        (b"", (), "is empty"),
        (b"PK something else", (), "holds nothing that k6 writes"),
        (b'{"k6dash":"recording","version":99,"target":"x","start":1,"interval":1}\n', (), "of version 99"),
        (b"", ("--speed", "0"), "0.0 is not in the range"),
        (b"", ("--at", "soon"), "'soon' is not a"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_one_line(
    tmp_path: Path, content: bytes | None, arguments: tuple[str, ...], words: str
) -> None:
    path = tmp_path / "run"
    if content is not None:
        path.write_bytes(content)
    done = subprocess.run(
        [*K6DASH, "replay", str(path), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ExitCode.USAGE
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.api.decode import debug_vars
from dashboard.beside import BesideDecoder
from dashboard.errors import UsageError
from dashboard.launch.inspect import decode_plan
from dashboard.model.observation import Outage, OutageKind
from dashboard.rebuild import history_of
from dashboard.sources.base import Document, Note, Reading
from dashboard.sources.members import MEMBER_SECONDS, SIGNATURE
from dashboard.sources.process_documents import LAUNCH, PLAN
from dashboard.sources.record_file import Recording
from dashboard.sources.recording import VERSION, End, Entry, Header, header_lines
from tests.sources.recordings import HEADER, START, TARGET, eventful, recorded, simulated_readings, written

GOLDEN = Path(__file__).parent / "golden"
MINUTES = 4
LOOKS = 60 * MINUTES


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return eventful(asyncio.run(simulated_readings(LOOKS)))


def read(path: Path) -> tuple[Recording, list[Entry]]:
    recording = Recording(path)
    return recording, list(recording.entries())


def test_what_is_read_is_what_was_written(entries: list[Entry], tmp_path: Path) -> None:
    recording, found = read(written(tmp_path / "run", entries))
    assert recording.header == HEADER
    assert found[:-1] == entries
    assert recording.ending == found[-1] == End(entries[-1].at if isinstance(entries[-1], Reading) else 0, "stopped")
    assert recording.trouble == ""


_TEXTS = st.text(max_size=40)
_BODIES = st.one_of(
    st.binary(max_size=60),
    _TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.recursive(st.none() | st.floats() | _TEXTS, lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner)).map(
        lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    ),
    st.sampled_from([b"", b"\n", b"{}\r\n", b'{"json":1},"json":2}', b"NaN", b"[" * 5000, b'{"a":1}{"b":2}', b"\xff"]),
)
_TIMES = st.floats(0, 1e10)
_READINGS = st.builds(
    Reading,
    st.just(TARGET),
    _TIMES,
    st.lists(
        st.builds(
            Document,
            st.sampled_from(["/v1/status", "/v1/metrics", '/v1/metrics/a","json":{}', "/metrics", "\ud800é"]),
            st.integers(100, 599),
            _BODIES,
            st.floats(0, 100),
        ),
        max_size=3,
    ).map(tuple),
    st.none() | st.builds(Outage, st.sampled_from(OutageKind), _TEXTS, _TEXTS),
)


@given(st.lists(_READINGS, max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
def test_any_answer_comes_back_byte_by_byte(tmp_path: Path, readings: list[Reading]) -> None:
    path = written(tmp_path / "run", readings)
    assert read(path)[1][:-1] == readings
    for line in gzip.decompress(path.read_bytes()).splitlines():
        json.loads(line)


def test_common_tools_read_it(entries: list[Entry], tmp_path: Path) -> None:
    path = written(tmp_path / "run.ndjson.gz", entries)
    lines = subprocess.run(["gzip", "-dc", path], capture_output=True, check=True).stdout.splitlines()
    documents = [json.loads(line) for line in lines]
    readings = [entry for entry in entries if isinstance(entry, Reading)]
    assert [document["reading"] for document in documents if "reading" in document] == [each.at for each in readings]
    metrics = [document["json"] for document in documents if document.get("get") == "/v1/metrics"]
    assert metrics[-1] == json.loads(readings[-1].documents[1].body)


def test_a_recording_can_be_edited_with_common_tools(entries: list[Entry], tmp_path: Path) -> None:
    plain = gzip.decompress(recorded(entries))
    spaced = b"".join(json.dumps(json.loads(line), sort_keys=True).encode() + b"\n" for line in plain.splitlines())
    first_line, _, others = spaced.partition(b"\n")
    for name, data in {
        "plain": plain,
        "compressed anew": gzip.compress(plain),
        "written anew": b"\n".join((first_line, others)),
        "two parts": recorded(entries[:50]) + recorded(entries[50:]),
    }.items():
        path = tmp_path / name
        path.write_bytes(data)
        recording, found = read(path)
        assert recording.header == HEADER, name
        known = [entry for entry in found if not isinstance(entry, End)]
        assert [type(entry) for entry in known] == [type(entry) for entry in entries], name
        told = history_of(recording)
        assert told.run.value("http_reqs", "count", told.run.last_row or 0.0), name
        assert recording.trouble == "", name


def test_a_file_cut_anywhere_is_read_up_to_the_cut(entries: list[Entry], tmp_path: Path) -> None:
    """Each entry is whole in the file when its write returns: cutting the file behind it loses nothing of it."""
    whole = recorded(entries[:100], closed=False)
    ends = [len(recorded(entries[:count], closed=False)) for count in range(101)]
    path = tmp_path / "run"
    for cut in [*range(ends[0], len(whole), 997), *ends[1::9]]:
        path.write_bytes(whole[:cut])
        recording, found = read(path)
        complete = max(count for count, end in enumerate(ends) if end <= cut)
        assert found[:complete] == entries[:complete], cut
        assert len(found) <= complete + 1, cut
        assert "without having been closed" in recording.trouble


def test_damage_in_the_middle_costs_what_is_damaged(entries: list[Entry], tmp_path: Path) -> None:
    data = bytearray(recorded(entries))
    middle = data.find(SIGNATURE, len(SIGNATURE)) + 4000
    data[middle : middle + 600] = bytes(600)
    path = tmp_path / "run"
    path.write_bytes(data)
    recording, found = read(path)
    kept = [entry for entry in found if isinstance(entry, Reading)]
    assert len(kept) >= LOOKS - MEMBER_SECONDS
    assert kept[-1] == entries[-1]
    assert "It is damaged in " in recording.trouble  # one place or a few: it depends on what was compressed
    # What a power cut can leave: the length was written, the bytes were not.
    path.write_bytes(recorded(entries, closed=False) + bytes(5000))
    recording, found = read(path)
    assert found == entries
    assert recording.is_torn


def test_each_member_is_read_by_itself_and_names_its_time(entries: list[Entry], tmp_path: Path) -> None:
    recording = Recording(written(tmp_path / "run", entries))
    members = recording.members
    assert len(members) == MINUTES + 1
    assert [member.at for member in members] == [START + MEMBER_SECONDS * minute for minute in range(MINUTES + 1)]
    first = list(recording.keyframes())
    assert [reading.at for reading in first] == [START + 1, *(member.at for member in members[1:])]
    assert set(first) <= set(entries)
    assert recording.last_at == entries[-1].at if isinstance(entries[-1], Reading) else False
    torn = tmp_path / "torn"
    torn.write_bytes((tmp_path / "run").read_bytes()[: members[2].start + 60])
    assert START + 119 <= Recording(torn).last_at <= START + 120, "a part without an entry says nothing"
    one = (tmp_path / "run").read_bytes()[members[1].start : members[1].end]
    assert gzip.decompress(one).count(b'"reading"') == MEMBER_SECONDS


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 something else", "is no recording of k6dash"),
        (b"\x1f\x8b\x08", "is no recording of k6dash"),
        (gzip.compress(b'{"some":"json"}\n', mtime=0), "is no recording of k6dash"),
        (SIGNATURE, "cut off before its first line"),
        (header_lines(Header(TARGET, START, 1.0, version=VERSION + 1)), f"version {VERSION + 1}"),
        (b'{"k6dash":"recording","version":1,"start":-1e300}\n', "is no recording of k6dash"),
    ],
)
def test_a_bad_file_is_said_in_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "run"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words) as raised:
        Recording(path)
    assert "\n" not in str(raised.value)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        Recording(tmp_path / "none")


@given(st.lists(st.binary(max_size=80), max_size=20), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_lines_that_are_none_are_counted_and_left_out(tmp_path: Path, lines: list[bytes], compressed: bool) -> None:
    path = tmp_path / "run"
    garbage = header_lines(HEADER) + b"".join(line.replace(b"\n", b"") + b"\n" for line in lines)
    path.write_bytes(gzip.compress(garbage) if compressed else garbage)
    recording, found = read(path)
    assert found == []
    assert recording.damages == len(lines) if all(line.replace(b"\n", b"") for line in lines) else True


def test_no_secret_of_the_command_line_is_recorded(tmp_path: Path) -> None:
    body = json.dumps(
        {
            "cmdline": ["k6", "run", "-e", "TOKEN=hunter2", "--out=influxdb=http://me:hunter2@db", "-q", "script.js"],
            "memstats": {"Alloc": 1},
        },
        indent=1,
    ).encode()
    garbled = body[:-1]
    readings = [
        Reading(TARGET, START, (Document("/debug/vars/", 200, each, 0.01), Document("/debug/vars", 200, each, 0.01)))
        for each in (body, garbled)
    ]
    path = written(tmp_path / "run", readings)
    assert b"hunter2" not in gzip.decompress(path.read_bytes())
    kept = read(path)[1][0]
    assert isinstance(kept, Reading)
    assert debug_vars(kept.documents[0].body) == debug_vars(body)


def test_neither_what_was_typed_for_a_launched_k6_nor_a_key_of_its_plan_is_recorded(tmp_path: Path) -> None:
    launch = {
        "words": [
            "k6",
            "run",
            "--address",
            "127.0.0.1:1",
            "-e",
            "TOKEN=hunter2",
            "--out=influxdb=http://me:hunter2@db",
            "a.js",
        ],
        "pid": 1,
        "address": "127.0.0.1:1",
        "events": "",
        "output": "o",
        "log": "l",
    }
    plan = {
        "scenarios": {"a": {"executor": "constant-vus", "vus": 3, "duration": "5s", "env": {"TOKEN": "hunter2"}}},
        "tlsAuth": [{"key": "hunter2", "password": "hunter2"}],
        "ext": {"loadimpact": {"token": "hunter2"}},
        "totalDuration": "5s",
        "maxVUs": 3,
    }
    documents = [
        Document(name, 0, body, 0.0)
        for name, document in ((LAUNCH, launch), (PLAN, plan))
        for body in (json.dumps(document).encode(), json.dumps(document).encode()[:-1])
    ]
    path = written(tmp_path / "run", [Reading(TARGET, START, (document,)) for document in documents])
    assert b"hunter2" not in gzip.decompress(path.read_bytes())
    kept = BesideDecoder()
    told = [kept.decode(entry) for entry in read(path)[1] if isinstance(entry, Reading)]
    assert told[0].launched is not None
    assert told[0].launched.launch is not None
    assert told[0].launched.launch.words == ("k6", "--address=", "-e=", "--out=", "--", "a.js")
    assert told[2].plan == decode_plan(json.dumps(plan).encode())


def test_the_history_of_a_recording_is_the_one_that_was_recorded(entries: list[Entry], tmp_path: Path) -> None:
    history = history_of(Recording(written(tmp_path / "run", entries)))
    told = [(event.at, event.title, event.detail, event.elapsed) for event in history.events]
    for note in entries:
        if isinstance(note, Note) and not note.event.is_open:
            event = note.event
            assert (event.at, event.title, event.detail, event.elapsed) in told
    assert "20 VUs asked" not in [title for _, title, _, _ in told]
    assert [event.title for event in history.events if event.kind == "outage"] == [
        "k6 has gone",
        "k6 is back after 0 s",
    ]
    assert history.looks == sum(isinstance(entry, Reading) for entry in entries)


def test_a_recording_of_the_first_version_is_read_for_ever() -> None:
    recording, found = read(GOLDEN / "version-1.ndjson.gz")
    assert recording.header == Header(TARGET, START, 1.0, "k6dash test", version=1)
    assert sum(isinstance(entry, Reading) for entry in found) == 91
    notes = [entry for entry in found if isinstance(entry, Note)]
    assert [note.event.title for note in notes] == ["20 VUs asked", "20 VUs confirmed", "mark", "pause refused"]
    assert found[-1] == End(START + 90, "stopped")
    history = history_of(recording)
    assert history.run.value("http_reqs", "count", START + 90) == 4147
    assert history.run.value("http_req_duration", "p(95)", START + 60) == 235.6859032182186
    assert len(history.events) == 19


def test_what_a_later_version_records_beside_is_left_out_and_the_rest_is_as_it_was(
    entries: list[Entry], tmp_path: Path
) -> None:
    """The same version may get more kinds of lines, documents and members: only a new version number is refused."""
    strange = (
        b'{"get":"beside/another","status":0,"took":0.0,"json":{"any":["thing"]}}',
        b'{"get":"process/another","status":0,"took":0.0,"text":"words"}',
        b'{"weather":{"at":1700000001.0,"is":"fine"}}',
        b'{"reading":1700000001.5,"failure":null,"mood":"good","asking":{"asked":"in writing"}}',
    )
    plain = gzip.decompress(recorded(entries)).splitlines()
    path = tmp_path / "run"
    path.write_bytes(b"\n".join((plain[0], *strange, *plain[1:])) + b"\n")
    recording, found = read(path)
    assert [entry for entry in found if entry in entries] == entries
    assert recording.damages == 0
    assert recording.trouble == "It holds 1 line of kinds that a later k6dash writes; they are left out."
    told, expected = history_of(recording), history_of(Recording(written(tmp_path / "without", entries)))
    assert told.looks == expected.looks
    assert [(event.at, event.title) for event in told.events] == [(event.at, event.title) for event in expected.events]
    last = expected.run.last_row
    assert last is not None
    assert told.run.value("http_reqs", "count", last) == expected.run.value("http_reqs", "count", last)

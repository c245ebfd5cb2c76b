"""What a launched k6 writes, understood: its log, its output, its plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard.launch.arguments import parse
from dashboard.launch.folder import END_OF_OUTPUT, RunFolder
from dashboard.launch.follow import BACKLOG, CHUNK, Follower
from dashboard.launch.inspect import ask_plan, decode_plan, plan_without_secrets
from dashboard.launch.log_lines import LONGEST_MESSAGE, LogDecoder, decode_log
from dashboard.launch.output import Output
from dashboard.model.log import Level

AT = 1_795_527_271.9


@pytest.mark.parametrize(
    ("written", "level", "message", "source"),
    [
        (
            b'{"level":"info","msg":"hello 1","source":"console","time":"2026-11-24T13:34:31Z"}',
            "info",
            "hello 1",
            "console",
        ),
        (
            b'time="2026-11-24T13:34:31Z" level=error msg="unknown flag: --x \\"y\\""',
            "error",
            'unknown flag: --x "y"',
            "",
        ),
        (b"WARN[0003] Insufficient VUs", "warning", "Insufficient VUs", ""),
        (b"fatal error: concurrent map writes", "error", "fatal error: concurrent map writes", ""),
        (b'{"level":"info","msg":', "info", '{"level":"info","msg":', ""),
        (b"\xff\xfe", "info", "\ufffd\ufffd", ""),
    ],
)
def test_a_line_is_read_whatever_its_form(written: bytes, level: str, message: str, source: str) -> None:
    (line,) = decode_log(written + b"\n\n", AT)
    assert (line.level, line.message, line.source) == (level, message, source)
    assert line.at == AT


def test_what_k6_adds_is_kept_the_error_first() -> None:
    (line,) = decode_log(
        b'{"executor":"constant-vus","error":"refused","level":"warning","msg":"Request Failed","scenario":"a"}\n', AT
    )
    assert line.fields == (("error", "refused"), ("executor", "constant-vus"), ("scenario", "a"))


@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_line_of_a_megabyte_is_cut_and_the_next_one_is_whole(in_pieces: bool) -> None:
    long = b'{"level":"error","msg":"' + b"x" * 2**20 + b'","source":"console"}\n{"level":"info","msg":"next"}\n'
    pieces = [long[start : start + CHUNK] for start in range(0, len(long), CHUNK)] if in_pieces else [long]
    decoder = LogDecoder()
    first, second = [line for piece in pieces for line in decoder.decode(piece, AT)]
    assert (first.level, len(first.message), first.message[-1]) == (Level.ERROR, LONGEST_MESSAGE, "…")
    assert (second.level, second.message) == (Level.INFO, "next")


def test_an_error_that_is_longer_than_a_line_may_be_is_still_known_for_one() -> None:
    (line,) = decode_log(b'{"error":"' + b"x" * 2**17 + b'","level":"warning","msg":"Request Failed"}\n', AT)
    assert line.level is Level.WARNING
    assert line.detail.startswith("xxx")


@pytest.mark.parametrize("end", ["", "\\"])
def test_a_line_that_is_cut_inside_a_string_is_one_entry_up_to_the_cut(end: str) -> None:
    words = 'a=\\"b ' * 20_000
    (line,) = decode_log(f'level=error msg="{words}'.encode()[: 64 * 1024 - len(end)] + end.encode() + b"\n", AT)
    assert (line.level, line.fields) == (Level.ERROR, ())
    assert line.message.startswith('a=\\"b a=')
    assert len(line.message) == LONGEST_MESSAGE


def test_a_name_that_is_no_name_for_its_length_costs_nothing_and_what_follows_is_read() -> None:
    (line,) = decode_log(b"level=warning " + b"n" * 60_000 + b" msg=kept\n", AT)
    assert (line.level, line.message) == (Level.WARNING, "kept")


def test_a_growing_file_is_read_in_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\ntw")
    with path.open("ab") as writer, Follower(path) as follower:
        assert follower.read() == b"one\n"
        assert follower.read() == b""
        writer.write(b"o\nthree")
        writer.flush()
        assert follower.read() == b"two\n"
        assert follower.read(to_the_end=True) == b"three"
        assert not follower.is_behind
        writer.write(b"four\n")
        writer.flush()
        assert follower.waiting == 5


def test_what_comes_faster_than_it_can_be_read_is_skipped_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "log"
    line = b"x" * 99 + b"\n"
    path.write_bytes(line * (BACKLOG // 100 + CHUNK // 100))
    with Follower(path) as follower:
        read = follower.read()
        assert set(read.splitlines()) == {line.strip()}
        assert follower.skipped > BACKLOG - CHUNK
        assert len(read) <= CHUNK


OUTPUT = """
         /\\      Grafana   /‾‾/
    /\\  /  \\     |\\  __   /  /

     execution: local
        script: logs.js
 web dashboard: http://127.0.0.1:15665
        output: -

     scenarios: (100.00%) 1 scenario, 3 max VUs, 33s max duration (incl. graceful stop):
              * a: Up to 3 looping VUs for 2s

running (01.0s), 3/7 VUs, 4 complete and 0 interrupted iterations
a      [  50% ] 2/3 VUs  1.0s/2.0s
b    • [   0% ] waiting  0.0s


  █ THRESHOLDS

    http_req_duration
    ✓ 'p(95)<500' p(95)=0s


running (03.5s), 0/7 VUs, 23 complete and 0 interrupted iterations
a    ✓ [ 100% ] 0/3 VUs  2s
""".encode()


def test_the_output_is_told_apart_into_banner_progress_and_summary() -> None:
    output = Output()
    output.add(OUTPUT)
    assert output.text == "  █ THRESHOLDS\n\n    http_req_duration\n    ✓ 'p(95)<500' p(95)=0s"
    assert output.progress["a"].is_over
    assert (output.progress["b"].share, output.progress["b"].text) == (0.0, "waiting  0.0s")
    assert output.dashboard == "127.0.0.1:15665"


@pytest.mark.parametrize(
    "line",
    [
        "x [1.2.3%]",
        "x [.%] 1",
        f"x [{'9' * 200}%]",
        "x" + " " * 60_000 + "[",
        "x" + " " * 250 + "y" + " " * 40 + "[",
        "x " * 30_000 + "[ 1% ]",
        " " * 60_000 + "x",
        "/" * 60_000 + "x",
    ],
)
def test_a_line_that_only_resembles_k6s_own_hurts_nobody(line: str) -> None:
    output = Output()
    output.add(f"{line}\nwords\na ✓ [ 100% ] 0/3 VUs  2s\n".encode())
    assert output.text.endswith("words")
    assert (output.progress["a"].share, output.progress["a"].vus) == (1.0, 0)


def test_numbers_that_are_too_long_are_no_numbers() -> None:
    output = Output()
    output.add(
        f"a [ 50% ] {'9' * 100} VUs  1s  {'9' * 100}/5 iters\nb c  ✗ [--] 2 VUs  1s  3/5 shared iters\n".encode()
    )
    a, b = output.progress["a"], output.progress["b c"]
    assert (a.share, a.vus, a.done) == (0.5, None, None)
    assert (b.share, b.vus, b.done, b.is_over) == (None, 2, 3, True)


def test_of_a_very_long_output_both_ends_are_read_in_whole_lines(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    folder.output.write_bytes(b"first\n" + (b"x" * 999 + b"\n") * 10_000 + b"last\n")
    read = folder.ends_of_output()
    assert len(read) < 2 * END_OF_OUTPUT + 100
    lines = read.splitlines()
    assert (lines[0], lines[-1]) == (b"first", b"last")
    (told,) = set(lines[1:-1]) - {b"x" * 999}
    assert told.decode() == "… 5.8 MB are left out here …"

    folder.output.write_bytes(b"all\nof it\n")
    assert folder.ends_of_output() == b"all\nof it\n"


def test_a_plan_has_what_k6_inspect_tells() -> None:
    plan = decode_plan(
        b'{"scenarios":{"a":{"executor":"ramping-vus","startVUs":1,"stages":[{"duration":"1s","target":3},'
        b'{"duration":"1m","target":0}]},"b":{"executor":"constant-arrival-rate","startTime":"5s","gracefulStop":"1s",'
        b'"rate":300,"timeUnit":"1m","duration":"2s","preAllocatedVUs":2}},"thresholds":{"m":["p(95)<1",'
        b'{"threshold":"avg<2","abortOnFail":true}]},"totalDuration":"1m31s","maxVUs":7}'
    )
    assert plan is not None
    a, b = plan.scenarios
    assert a.vus == ((0.0, 1.0), (1.0, 3.0), (61.0, 0.0))
    assert (b.rate, b.start, b.graceful_stop) == (((5.0, 5.0), (7.0, 5.0)), 5.0, 1.0)
    assert [(each.source, each.abort_on_fail) for each in plan.thresholds] == [("p(95)<1", False), ("avg<2", True)]
    assert (plan.duration, plan.max_vus, plan.load_duration) == (91.0, 7, 61.0)


@pytest.mark.parametrize("answer", [b"no json", b"[]", b"[" * 100_000], ids=["text", "list", "deep"])
def test_what_is_no_plan_is_none(answer: bytes) -> None:
    assert decode_plan(answer) is None


def test_a_message_in_plain_text_is_cut_as_one_in_json_is() -> None:
    (line,) = decode_log(b"x" * 3 * LONGEST_MESSAGE, AT)
    assert len(line.message) == LONGEST_MESSAGE


def test_what_is_left_at_the_end_is_read_without_a_lines_end(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\ntwo")
    with Follower(path) as follower:
        assert follower.read(to_the_end=True) == b"one\ntwo"
        assert follower.read(to_the_end=True) == b""


def test_of_an_output_without_an_end_a_bounded_part_is_the_summary() -> None:
    output = Output()
    output.add(b"".join(b"line %d\n" % number for number in range(10_000)))
    assert (output.summary[0], len(output.summary)) == ("line 0", 4000)


def test_a_plan_has_the_graces_and_delays_that_the_script_chose() -> None:
    plan = decode_plan(
        json.dumps(
            {
                "scenarios": {
                    "each": {"executor": "per-vu-iterations", "vus": 3, "iterations": 5, "gracefulStop": "0s"},
                    "ramp": {
                        "executor": "ramping-vus",
                        "startVUs": 4,
                        "gracefulRampDown": "2s",
                        "gracefulStop": "5s",
                        "stages": [{"duration": "10s", "target": 4}, {"duration": "0s", "target": 0}],
                    },
                    "shared": {"executor": "shared-iterations", "vus": 3, "iterations": 5},
                },
                "thresholds": {"m": [{"threshold": "avg<2", "abortOnFail": True, "delayAbortEval": "1m"}]},
            }
        ).encode()
    )
    assert plan is not None
    each, ramp, shared = plan.scenarios
    assert (each.iterations, each.most[-1][0], shared.iterations, shared.most[-1][0]) == (15, 600.0, 5, 630.0)
    assert ramp.most[-1][0] == 12.0, "one that is ramped down has 2 s for its last iteration"
    assert [each.delay for each in plan.thresholds] == [60.0]


def test_stages_begin_at_the_vus_that_were_chosen() -> None:
    plan = decode_plan(b'{"vus":5,"stages":[{"duration":"10s","target":9}]}')
    assert plan is not None
    assert plan.scenarios[0].vus == ((0.0, 5.0), (10.0, 9.0))


def test_what_may_be_secret_does_not_leave_the_answer_of_inspect() -> None:
    secret = {"env": {"TOKEN": "secret"}, "tlsAuth": [{"key": "secret"}], "ext": {"loadimpact": {"token": "secret"}}}
    answer = {
        **secret,
        "cloud": {"token": "secret"},
        "maxVUs": 1,
        "scenarios": {"a": {"executor": "constant-vus", "vus": 1, "duration": "1s", **secret}},
    }
    kept = plan_without_secrets(json.dumps(answer).encode())
    assert b"secret" not in kept
    assert decode_plan(kept) == decode_plan(json.dumps(answer).encode()) is not None
    assert plan_without_secrets(b"[" * 100_000) == plan_without_secrets(b"[]") == b""


@pytest.mark.parametrize(("code", "answered"), [(0, True), (1, False)])
def test_an_inspect_that_failed_has_said_nothing(code: int, answered: bool, tmp_path: Path) -> None:
    program = tmp_path / "k6"
    program.write_text(f'#!/bin/sh\necho "$@ $K6_VUS"\nexit {code}\n')
    program.chmod(0o755)
    answer = ask_plan(str(program), parse(["--vus", "5", "a.js"]), {"PATH": "/bin:/usr/bin"}, None)
    assert answer == (b"inspect --execution-requirements --include-system-env-vars a.js 5\n" if answered else b"")

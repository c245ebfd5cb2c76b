"""Writing to a pipe: a reader that is slow keeps nobody waiting, one that has gone is noticed."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from dashboard.headless.output import MOST_BYTES, MOST_WAITING, Output
from tests.harness.waiting import PATIENCE, wait_until


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue


def test_everything_arrives_in_order(pipe: tuple[int, int]) -> None:
    output = Output(pipe[1], lambda: None)
    for number in range(1000):
        output.write(f"{number}\n")
    assert output.close(PATIENCE)
    assert os.read(pipe[0], 1 << 16).decode().split() == [str(number) for number in range(1000)]


def test_a_reader_that_does_not_read_keeps_nobody_waiting_and_memory_is_bounded(pipe: tuple[int, int]) -> None:
    output = Output(pipe[1], lambda: None)
    output.write("x" * (1 << 20))  # more than a pipe holds: the thread is stuck in it
    read = os.read(pipe[0], 1)  # it has begun, and takes nothing more with it
    for number in range(MOST_WAITING + 100):
        output.write(f"{number}\n")
    assert output.lost >= 99
    assert not output.close(0)
    while not read.endswith(f"{MOST_WAITING + 99}\n".encode()):
        read += os.read(pipe[0], 1 << 20)
    assert output.close(PATIENCE)


def test_long_texts_are_given_up_by_their_length_and_each_is_counted(pipe: tuple[int, int]) -> None:
    output = Output(pipe[1], lambda: None)
    output.write("x" * (1 << 20))
    read = os.read(pipe[0], 1)
    piece = "y" * (MOST_BYTES // 4)
    for number in range(10):
        output.write(f"{number}{piece[1:]}")
    assert (output.lost, output.lost_bytes) == (6, 6 * len(piece))
    whole = (1 << 20) + 4 * len(piece)
    while len(read) < whole:
        read += os.read(pipe[0], 1 << 20)
    assert output.close(PATIENCE)
    assert read.replace(b"x", b"").replace(b"y", b"") == b"6789"


def test_a_text_that_is_longer_than_all_that_may_wait_is_written(pipe: tuple[int, int]) -> None:
    output = Output(pipe[1], lambda: None)
    output.write("x" * (MOST_BYTES + 1))
    read = b""
    while len(read) <= MOST_BYTES:
        read += os.read(pipe[0], 1 << 20)
    assert output.close(PATIENCE)
    assert output.lost == 0


def test_a_reader_that_has_gone_is_told_once(pipe: tuple[int, int]) -> None:
    told = threading.Event()
    output = Output(pipe[1], told.set)
    os.close(pipe[0])
    output.write("anything\n")
    wait_until(told.is_set, PATIENCE, "word of the closed pipe")
    assert isinstance(output.error, BrokenPipeError)
    output.write("more\n")
    assert not output.close(PATIENCE)


def test_what_is_no_text_is_written_all_the_same(pipe: tuple[int, int]) -> None:
    output = Output(pipe[1], lambda: None)
    output.write("\ud800é\n")
    assert output.close(PATIENCE)
    assert os.read(pipe[0], 100).decode() == "\\ud800é\n"


def test_a_text_that_is_taken_in_parts_is_written_whole(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write

    def write_some(descriptor: int, data: bytes) -> int:
        return write(descriptor, data[:3] if descriptor == pipe[1] else data)

    monkeypatch.setattr(os, "write", write_some)
    output = Output(pipe[1], lambda: None)
    output.write("a long line\n")
    assert output.close(PATIENCE)
    assert os.read(pipe[0], 100) == b"a long line\n"

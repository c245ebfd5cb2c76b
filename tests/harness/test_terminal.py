"""The pseudo-terminal, tried on small programs and on a small Textual app."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest

from tests.harness.k6 import CHECKOUT
from tests.harness.terminal import Terminal, open_terminal

PYTHON = sys.executable


@pytest.fixture
def hello() -> Iterator[Terminal]:
    with open_terminal([PYTHON, "-m", "tests.harness.hello"], 60, 12, cwd=CHECKOUT) as terminal:
        terminal.wait_for("hello 60x12")
        yield terminal


def test_keys_arrive_and_the_exit_code_is_seen(hello: Terminal) -> None:
    hello.press("down")
    hello.wait_for("key down")
    hello.press("ctrl+b")
    hello.wait_for("key ctrl+b")
    hello.type("a")
    hello.wait_for(re.compile(r"key a\b"))
    hello.wait_gone("key down")
    hello.press("q")
    assert hello.wait() == 7


def test_clicks_arrive_where_they_were_made(hello: Terminal) -> None:
    hello.click(3, 1)
    hello.wait_for("click 3,1")


def test_a_resize_is_told_and_seen(hello: Terminal) -> None:
    hello.resize(40, 8)
    hello.wait_for("hello 40x8")
    assert [len(line) for line in hello.lines()] == [40] * 8


def test_colours_are_seen(hello: Terminal) -> None:
    assert hello.colours("hello")[0].background != "ff0000"
    hello.press("c")
    hello.wait_until(lambda _: hello.colours("hello")[0].background == "ff0000", what="a red background")


def test_a_text_that_does_not_come_is_told_with_the_screen(hello: Terminal) -> None:
    with pytest.raises(AssertionError, match="hello 60x12"):
        hello.wait_for("goodbye", timeout=0.05)


def test_a_program_that_ends_is_not_waited_for() -> None:
    with open_terminal([PYTHON, "-c", "print('last words')"]) as terminal:
        assert terminal.wait() == 0
        assert terminal.screen().startswith("last words")
        with pytest.raises(AssertionError, match="has ended: 0"):
            terminal.wait_for("more", timeout=60)


def test_the_terminal_is_the_programs_own() -> None:
    source = "import os, sys; print(*os.get_terminal_size(), os.getpgrp() == os.tcgetpgrp(0), sys.stdin.isatty())"
    with open_terminal([PYTHON, "-c", source], 91, 17) as terminal:
        terminal.wait_for("91 17 True True")


def test_interrupting_reaches_the_program() -> None:
    source = "import signal; print('ready', flush=True); signal.pause()"
    with open_terminal([PYTHON, "-c", source]) as terminal:
        terminal.wait_for("ready")
        terminal.press("ctrl+c")
        terminal.wait_for("KeyboardInterrupt")


def test_a_synchronised_update_is_seen_whole_or_not_at_all() -> None:
    source = r"""
import sys
sys.stdout.write('before\r\n\x1b[?2026hhalf')
sys.stdout.flush()
sys.stdin.readline()
print(' whole\x1b[?2026l', flush=True)
sys.stdin.readline()
"""
    with open_terminal([PYTHON, "-c", source]) as terminal:
        terminal.wait_until(lambda _: terminal.raw.endswith(b"half"), what="the first half")
        assert "half" not in terminal.screen()
        terminal.press("enter")
        terminal.wait_for(re.compile(r"half\s+whole"))


def test_the_bytes_of_an_unwatched_program_are_timed() -> None:
    source = r"import sys; print('one', flush=True); sys.stdin.readline(); print('two', flush=True)"
    with open_terminal([PYTHON, "-c", source], is_watched=False) as terminal:
        one = terminal.wait_for_bytes(b"one")
        since = len(terminal.raw)
        with pytest.raises(AssertionError, match="was not written"):
            terminal.wait_for_bytes(b"one", since, timeout=0.01)
        terminal.press("enter")
        assert terminal.started_at < one < terminal.wait_for_bytes(b"two", since)
        assert not terminal.screen().strip()


@pytest.mark.parametrize(
    ("question", "answer"),
    [("\x1b[3;5H\x1b[6n", "\x1b[3;5R"), ("\x1b[c", "\x1b[?62;22c"), ("\x1b[?2026$p", "\x1b[?2026;2$y")],
)
def test_questions_to_the_terminal_are_answered(question: str, answer: str) -> None:
    source = f"""
import os, sys, tty
tty.setraw(0)
os.write(1, {question!r}.encode())
got = os.read(0, 100).decode()
os.write(1, (chr(27) + '[1;1Hgot ' + repr(got)).encode())
"""
    with open_terminal([PYTHON, "-c", source]) as terminal:
        terminal.wait_for(f"got {answer!r}")


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[>1u",
        "\x1b[<u",
        "\x1b[?2048$p",
        "\x1b]0;a title\x07",
        "\x1b]8;;x\x1b\\",
        "\x1bP+q544e\x1b\\",
        "\x1b_Gq\x1b\\",
    ],
)
@pytest.mark.parametrize("is_split", [False, True])
def test_sequences_that_paint_nothing_leave_nothing(sequence: str, is_split: bool) -> None:
    pieces = list(sequence) if is_split else [sequence]
    source = f"import os; [os.write(1, piece.encode()) for piece in ['ab', *{pieces!r}, 'cd']]"
    with open_terminal([PYTHON, "-c", source]) as terminal:
        terminal.wait()
        assert terminal.screen().strip() == "abcd"

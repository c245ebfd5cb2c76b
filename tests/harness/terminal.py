"""A pseudo-terminal: run a program in it, read its screen, press its keys.

The screen is read as a person would see it: what a program paints between the two ends of a synchronised
update appears at once, so a frame is never seen half drawn.
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyte

from dashboard.clock import SystemClock
from tests.harness.waiting import PATIENCE

KEYS: Final = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "insert": "\x1b[2~",
    "delete": "\x1b[3~",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
}
"""What a terminal sends for a key that is no character; ``ctrl+a`` to ``ctrl+z`` are understood as well."""

K6DASH: Final = (str(Path(sys.executable).with_name("k6dash")),)
"""The installed command."""

# One whole escape sequence: CSI; OSC, DCS, SOS, PM, APC up to their terminator; the short ones.
_SEQUENCE: Final = re.compile(
    rb"\x1b(?:"
    rb"\[(?P<prefix>[<=>?]?)(?P<params>[0-9;:]*)(?P<intermediate>[ -/]*)(?P<final>[@-~])"
    rb"|(?P<string>[\]PX^_])[^\x07\x1b]*(?:\x07|\x1b\\)"
    rb"|[ -/]*[0-OQ-WYZ\\`-~])"
)
_SYNCHRONISED: Final = b"2026"
_CLOCK: Final = SystemClock()
_LONGEST_SEQUENCE: Final = 1 << 16
_LOOK_AROUND: Final = 0.05


@dataclass(frozen=True, slots=True)
class Cell:
    """One character cell. A colour is six hexadecimal digits, a name such as ``red``, or ``default``."""

    character: str
    foreground: str
    background: str
    is_bold: bool
    is_reversed: bool


class Terminal:
    """A program in a pseudo-terminal."""

    def __init__(
        self,
        command: Sequence[str | os.PathLike[str]],
        columns: int = 120,
        rows: int = 40,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        is_watched: bool = True,
    ) -> None:
        """Start ``command``. Unwatched, there is no screen but only :attr:`raw`: reading costs next to nothing."""
        self._is_watched = is_watched
        self.columns = columns
        self.rows = rows
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._news = threading.Condition()
        self._unread = b""
        self._held: list[bytes] | None = None
        self._is_open = True
        self._has_hung_up = False
        self.raw = bytearray()
        """Every byte that the program has written."""
        self._arrivals: list[tuple[int, float]] = []

        self._master, slave = os.openpty()
        self._set_size()
        # The shell leads a new session and makes the terminal its own by opening it: Ctrl+C, resizes arrive.
        opener = 'tty=$1; shift; exec "$@" <>"$tty" >&0 2>&0'
        self.started_at = _CLOCK.now()
        """When the program was started, on the system clock."""
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", opener, "sh", os.ttyname(slave), *(os.fspath(part) for part in command)],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={
                **os.environ,
                "TERM": "xterm-256color",
                "COLORTERM": "truecolor",
                "LC_ALL": "C.UTF-8",
                **(env or {}),
            },
            cwd=cwd,
        )
        self._slave = slave
        self._reader = threading.Thread(target=self._read, name=f"terminal-{self.process.pid}", daemon=True)
        self._reader.start()

    # What is seen

    def lines(self) -> list[str]:
        """The screen, line by line, each as wide as the terminal."""
        with self._news:
            return list(self._screen.display)

    def screen(self) -> str:
        """The screen as text; blanks at the ends of lines are left out."""
        return "\n".join(line.rstrip() for line in self.lines())

    def cell(self, x: int, y: int) -> Cell:
        """The cell in column ``x`` of row ``y``, both from 0."""
        with self._news:
            char = self._screen.buffer[y][x]
        return Cell(char.data, char.fg, char.bg, char.bold, char.reverse)

    def find(self, text: str) -> tuple[int, int]:
        """Column and row of the first occurrence of ``text``.

        Raises:
            AssertionError: it is not on the screen.
        """
        for y, line in enumerate(self.lines()):
            if (x := line.find(text)) >= 0:
                return x, y
        raise AssertionError(f"{text!r} is not on the screen:\n{self.screen()}")

    def colours(self, text: str) -> list[Cell]:
        """The cells of the first occurrence of ``text``.

        Raises:
            AssertionError: it is not on the screen.
        """
        x, y = self.find(text)
        return [self.cell(x + offset, y) for offset in range(len(text))]

    # Waiting

    def wait_until(self, predicate: Callable[[str], object], timeout: float = PATIENCE, what: str = "it") -> str:
        """Wait until ``predicate`` holds for the screen's text; that text.

        Raises:
            AssertionError: it did not come in time, or the program ended before.
        """
        deadline = _CLOCK.now() + timeout
        with self._news:
            while True:
                text = self.screen()
                if predicate(text):
                    return text
                left = deadline - _CLOCK.now()
                if left <= 0 or not self._is_open:
                    ended = "" if self._is_open else f" (the program has ended: {self.process.poll()})"
                    raise AssertionError(f"{what} did not appear in {timeout:g} s{ended}:\n{text}")
                self._news.wait(left)

    def wait_for(self, what: str | re.Pattern[str], timeout: float = PATIENCE) -> str:
        """Wait until a text, or a match of a pattern, is on the screen; the screen's text.

        Raises:
            AssertionError: it did not come in time, or the program ended before.
        """
        if isinstance(what, str):
            return self.wait_until(lambda text: what in text, timeout, repr(what))
        return self.wait_until(what.search, timeout, repr(what.pattern))

    def wait_gone(self, what: str | re.Pattern[str], timeout: float = PATIENCE) -> str:
        """Wait until a text, or a match of a pattern, is no longer on the screen; the screen's text.

        Raises:
            AssertionError: it was still there in the end.
        """
        if isinstance(what, str):
            return self.wait_until(lambda text: what not in text, timeout, f"a screen without {what!r}")
        return self.wait_until(lambda text: not what.search(text), timeout, f"a screen without {what.pattern!r}")

    def wait_for_bytes(self, pattern: bytes, since: int = 0, timeout: float = PATIENCE) -> float:
        """Wait until the program has written a match of ``pattern``; when it came in, on the system clock.

        Args:
            pattern: A regular expression over :attr:`raw`.
            since: Where in :attr:`raw` to begin.
            timeout: After how many seconds to give up.

        Raises:
            AssertionError: it did not come in time, or the program ended before.
        """
        deadline = _CLOCK.now() + timeout
        wanted = re.compile(pattern, re.DOTALL)
        with self._news:
            while not (match := wanted.search(self.raw, since)):
                if not self._is_open or not self._news.wait(deadline - _CLOCK.now()):
                    raise AssertionError(f"{pattern!r} was not written; the last was {bytes(self.raw[-500:])!r}")
            end = match.end()
            return next(when for size, when in self._arrivals if size >= end)

    def wait(self, timeout: float = PATIENCE) -> int:
        """Wait for the program to end; its exit code, negative for a signal."""
        code = self.process.wait(timeout)
        self._reader.join(PATIENCE)
        return code

    # Acting

    def press(self, *keys: str) -> None:
        """Press keys one after the other: a character, a name of :data:`KEYS`, or such as ``ctrl+c``."""
        for key in keys:
            if key.startswith("ctrl+") and len(key) == 6:
                self.send(bytes([ord(key[-1].upper()) & 0x1F]))
            else:
                self.send(KEYS.get(key, key).encode())

    def type(self, text: str) -> None:
        """Type a text."""
        self.send(text.encode())

    def click(self, x: int, y: int, button: int = 0) -> None:
        """Press and release a button (0 left, 1 middle, 2 right) in column ``x`` of row ``y``, from 0."""
        self.send(f"\x1b[<{button};{x + 1};{y + 1}M\x1b[<{button};{x + 1};{y + 1}m".encode())

    def scroll(self, x: int, y: int, lines: int) -> None:
        """Turn the mouse wheel over a cell: down when ``lines`` is positive, up when negative."""
        button = 65 if lines > 0 else 64
        self.send(f"\x1b[<{button};{x + 1};{y + 1}M".encode() * abs(lines))

    def send(self, data: bytes) -> None:
        """Send bytes as the terminal would."""
        while data:
            data = data[os.write(self._master, data) :]

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the program is told by SIGWINCH."""
        with self._news:
            self.columns, self.rows = columns, rows
            self._screen.resize(rows, columns)
            self._set_size()

    def hang_up(self) -> None:
        """Close the terminal under the program, as closing its window does."""
        self._has_hung_up = True
        self._reader.join(PATIENCE)
        os.close(self._master)

    def close(self) -> None:
        """End the program, if it has not ended, and close the terminal."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        if not self._has_hung_up:
            os.close(self._master)

    # Inside

    def _set_size(self) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    def _read(self) -> None:
        is_open = True
        while is_open:
            data = self._next_bytes()
            now = _CLOCK.now()
            with self._news:
                self._arrivals.append((len(self.raw) + len(data), now))
                self._is_open = is_open = bool(data)
                self._take(data)
                self._news.notify_all()

    def _next_bytes(self) -> bytes:
        """What the program writes next; nothing once it has ended and all has been read."""
        while not select.select([self._master], [], [], _LOOK_AROUND)[0]:
            if self._has_hung_up:
                return b""
            # Our own end keeps the terminal alive until the program has opened it.
            if self._slave >= 0 and self.process.poll() is not None:
                os.close(self._slave)
                self._slave = -1
        try:
            return os.read(self._master, 1 << 16)
        except OSError:
            return b""

    def _take(self, data: bytes) -> None:
        self.raw += data
        data = self._unread + data
        position = 0
        while (start := data.find(b"\x1b", position)) >= 0:
            self._paint(data[position:start])
            match = _SEQUENCE.match(data, start)
            if match is None and len(data) - start < _LONGEST_SEQUENCE:
                self._unread = data[start:]
                return
            if match is None:
                position = start + 1
                continue
            self._obey(match)
            position = match.end()
        self._unread = b""
        self._paint(data[position:])

    def _obey(self, sequence: re.Match[bytes]) -> None:
        """Answer a question, mind a synchronised update, and let pyte have what it understands."""
        if sequence["string"]:
            return
        prefix, params, intermediate, final = sequence.group("prefix", "params", "intermediate", "final")
        match (prefix, params, intermediate, final):
            case (None, _, _, _):
                self._paint(sequence.group())
            case (b"", b"6", b"", b"n"):
                cursor = self._screen.cursor
                self._answer(f"\x1b[{cursor.y + 1};{cursor.x + 1}R")
            case (b"", b"" | b"0", b"", b"c"):
                self._answer("\x1b[?62;22c")
            case (b"?", b"2026", b"$", b"p"):
                self._answer("\x1b[?2026;2$y")
            case (b"?", b"2026", b"", b"h"):
                self._held = []
            case (b"?", b"2026", b"", b"l"):
                held, self._held = self._held or [], None
                self._paint(b"".join(held))
            case (b"" | b"?", _, b"", _):
                self._paint(sequence.group())
            case _:
                pass

    def _answer(self, text: str) -> None:
        with suppress(OSError):
            os.write(self._master, text.encode())

    def _paint(self, data: bytes) -> None:
        if not data:
            return
        if self._held is not None:
            self._held.append(data)
            return
        if self._is_watched:
            self._stream.feed(data)


@contextmanager
def open_terminal(
    command: Sequence[str | os.PathLike[str]],
    columns: int = 120,
    rows: int = 40,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    is_watched: bool = True,
) -> Generator[Terminal]:
    """Run a program in a pseudo-terminal, and end it in the end."""
    terminal = Terminal(command, columns, rows, env, cwd, is_watched)
    try:
        yield terminal
    finally:
        terminal.close()

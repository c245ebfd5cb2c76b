"""The real ``k6dash`` command in a pseudo-terminal, and what a person reads off its screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Final

from tests.harness.terminal import K6DASH, Terminal, open_terminal
from tests.harness.waiting import PATIENCE

OFTEN: Final = ("--interval", "0.2")
"""Looks five times a second, so that a test need not wait for a second."""

ENTER_ALTERNATE: Final = b"\x1b[?1049h"
LEAVE_ALTERNATE: Final = b"\x1b[?1049l"
HIDE_CURSOR: Final = b"\x1b[?25l"
SHOW_CURSOR: Final = b"\x1b[?25h"
MOUSE_MODES: Final = (1000, 1003, 1006)

_SEQUENCE: Final = re.compile(rb"\x1b\[[<=>?]?[0-9;]*[@-~]")
_STATE: Final = re.compile(
    r"^ (?:k6dash .*? )?[◔‖▶◕✓■✗?] (starting|paused|running|teardown|ended|stopped|failed|unreachable)\b"
)
_VUS: Final = re.compile(r"VUs (\d+)(?:→(\d+))?(?:/(\d+))?")
_ELAPSED: Final = re.compile(r"(?:≤ )?((?:\d+d )?(?:\d+:)?\d\d:\d\d)  VUs")


class Cockpit:
    """A k6dash on a terminal."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    # What is seen

    @property
    def screen(self) -> str:
        """The whole screen."""
        return self.terminal.screen()

    @property
    def state(self) -> str | None:
        """The one word for what the test is doing."""
        return state_of(self.screen)

    @property
    def elapsed(self) -> str:
        """The test's clock, as shown."""
        found = _ELAPSED.search(self.screen)
        return found[1] if found else ""

    @property
    def vus(self) -> tuple[int, int] | None:
        """VUs and their maximum, once no other number is wanted."""
        found = _VUS.search(self.screen.partition("\n")[0])
        if found is None or found[2] is not None or found[3] is None:
            return None
        return int(found[1]), int(found[3])

    @property
    def note(self) -> str:
        """The second line: what is known beside the state."""
        return self.terminal.lines()[1].strip()

    @property
    def said(self) -> str:
        """What the notifications say, as one line."""
        return said_on(self.screen)

    @property
    def farewell(self) -> str:
        """What the terminal holds once k6dash has left it to the shell again."""
        return _SEQUENCE.sub(b"", bytes(self.terminal.raw).rpartition(LEAVE_ALTERNATE)[2]).decode().strip()

    # Waiting

    def wait_state(self, *states: str, timeout: float = PATIENCE) -> str:
        """Wait until the header says one of ``states``; the screen."""
        return self.wait(lambda: self.state in states, f"the state {' or '.join(states)}", timeout)

    def wait_vus(self, vus: int, vus_max: int) -> None:
        """Wait until the header shows that many VUs."""
        self.wait(lambda: self.vus == (vus, vus_max), f"{vus}/{vus_max} VUs")

    def wait_note(self, text: str, timeout: float = PATIENCE) -> None:
        """Wait until the header's second line holds ``text``."""
        self.wait(lambda: text in self.note, f"{text!r} in the header", timeout)

    def wait_said(self, text: str) -> str:
        """Wait until a notification holds ``text``; all that is said."""
        self.wait(lambda: text in self.said, f"a notification with {text!r}")
        return self.said

    def wait(self, predicate: Callable[[], object], what: str, timeout: float = PATIENCE) -> str:
        """Wait until ``predicate`` holds; the screen."""
        return self.terminal.wait_until(lambda _: predicate(), timeout, what)

    # Acting

    def press(self, *keys: str) -> None:
        """Press keys."""
        self.terminal.press(*keys)

    def answers_keys(self) -> None:
        """See that keys still do what they say: go to the events, and back.

        Raises:
            AssertionError: they do not.
        """
        self.terminal.press("5")
        self.terminal.wait_for("DETAIL" if self.terminal.columns >= 80 else "WHAT")
        self.terminal.press("1")
        self.terminal.wait_gone("WHAT")

    def events(self) -> str:
        """Go to the events; the screen."""
        self.terminal.press("5")
        return self.terminal.wait_for("WHAT")

    def leave(self) -> int:
        """Press ``q``; the exit code. The terminal has to be as it was.

        Raises:
            AssertionError: it is not.
        """
        self.terminal.press("q")
        code = self.terminal.wait()
        self.check_restored()
        return code

    def check_restored(self) -> None:
        """See that what was switched on is switched off.

        Raises:
            AssertionError: the terminal was left in another state.
        """
        raw = bytes(self.terminal.raw)
        assert raw.rfind(LEAVE_ALTERNATE) > raw.rfind(ENTER_ALTERNATE) >= 0
        assert raw.rfind(SHOW_CURSOR) > raw.rfind(HIDE_CURSOR) >= 0
        for mode in MOUSE_MODES:
            assert raw.rfind(b"\x1b[?%dl" % mode) > raw.rfind(b"\x1b[?%dh" % mode), f"mode {mode} is still on"
        assert "Traceback" not in self.farewell


def state_of(screen: str) -> str | None:
    """The state that the header of a screen names."""
    found = _STATE.search(screen.partition("\n")[0])
    return found[1] if found else None


def said_on(screen: str) -> str:
    """The notifications of a screen, without the breaks of their lines."""
    return " ".join(line.rpartition("▌")[2].strip(" ─╯│") for line in screen.splitlines() if "▌" in line)


@contextmanager
def open_cockpit(
    *arguments: str, columns: int = 120, rows: int = 40, env: Mapping[str, str] | None = None
) -> Generator[Cockpit]:
    """Run k6dash in a pseudo-terminal."""
    with open_terminal([*K6DASH, *arguments], columns, rows, env) as terminal:
        yield Cockpit(terminal)

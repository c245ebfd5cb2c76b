"""Where the process begins: ``k6dash``, and ``python -m dashboard``.

What needs no command line is answered here, before the library that reads one is loaded.
"""

from __future__ import annotations

import gc
import os
import sys

HELP = os.path.join(os.path.dirname(__file__), "help")
"""The help as the command line writes it, a file for each width; ``poe readme`` writes them, a test compares them."""
COMMON, WIDEST = 80, 100
"""Columns for which there is a file: where there is no terminal, and where the help grows no wider."""


def main() -> int:
    """Run k6dash and return its exit code."""
    match sys.argv[1:]:
        case ["--version"]:
            from dashboard import __version__

            return _say(f"k6dash {__version__}\n")
        case ["--help" | "-h"] if (width := _columns()) == COMMON or width >= WIDEST:
            with open(os.path.join(HELP, f"{min(width, WIDEST)}.txt"), encoding="utf-8") as file:
                return _say(file.read())
        case _:
            pass
    # Loading makes thousands of objects that all stay: looking for garbage among them finds none.
    gc.disable()
    from dashboard.cli import main as run

    gc.freeze()
    gc.enable()
    return run()


def _columns() -> int:
    """The width of the terminal as the standard library tells it, whose module for that takes longer to load."""
    try:
        columns = int(os.environ["COLUMNS"])
    except (KeyError, ValueError):
        columns = 0
    if columns > 0:
        return columns
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return COMMON


def _say(text: str) -> int:
    """Write ``text`` on stdout; the exit code."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        from dashboard.errors import ExitCode

        # What is left in the buffer would be written once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.PIPE_CLOSED
    return 0


if __name__ == "__main__":
    sys.exit(main())

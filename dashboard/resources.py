"""Where the stylesheets are: beside the package in a wheel, in ``tcss/`` of a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def stylesheet(name: str) -> Path:
    """The path of ``name``, such as ``frame.tcss``.

    Raises:
        FileNotFoundError: neither the installed package nor a checkout around it has the file.
    """
    for folder in (_PACKAGE / "tcss", _PACKAGE.parent / "tcss"):
        path = folder / name
        if path.is_file():
            return path
    raise FileNotFoundError(f"stylesheet {name} is neither in the package nor in a checkout's tcss/")

"""Where recordings are kept, and what they are called."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

SUFFIX: Final = ".ndjson.gz"
"""Of a recording that k6dash names itself: tools know by it what is in the file."""
_NOT_IN_A_NAME: Final = re.compile(r"[^A-Za-z0-9._]+")
_LONGEST: Final = 80


def data_folder() -> Path:
    """The platform's folder for what k6dash keeps; it may not be there yet."""
    import platformdirs

    return platformdirs.user_data_path("k6dash", appauthor=False) / "recordings"


def automatic_path(target: str, at: float, folder: Path) -> Path:
    """A path that is free, named by target and time.

    >>> automatic_path("https://k6.example:6565/x", 1_700_000_000.0, Path("/nowhere")).name
    'k6.example-6565-x-20231114T221320Z.ndjson.gz'
    """
    name = _NOT_IN_A_NAME.sub("-", target.partition("://")[2] or target).strip("-.")[:_LONGEST] or "k6"
    return _free(folder / f"{name}-{_stamp(at)}{SUFFIX}")


def part_path(path: Path, at: float) -> Path:
    """The path of one part of a recording that is kept in several files: the time stands before the suffixes.

    >>> part_path(Path("run.ndjson.gz"), 1_700_000_000.0).name
    'run-20231114T221320Z.ndjson.gz'
    """
    stem, dot, suffixes = path.name.partition(".")
    return _free(path.with_name(f"{stem}-{_stamp(at)}{dot}{suffixes}"))


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")


def _free(path: Path) -> Path:
    stem, dot, suffixes = path.name.partition(".")
    if path.name.endswith(SUFFIX):
        stem, dot, suffixes = path.name.removesuffix(SUFFIX), "", SUFFIX
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{stem}-{number}{dot}{suffixes}")
    return free

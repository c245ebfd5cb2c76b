"""``python -m tests.benchmarks.formats``: what a recording could be kept in, and what each costs.

An hour of a simulated run at 1 Hz is written in each format, one look at a time, complete up to each look. Then the
file is cut at random places, and a random moment is looked for. zstd is measured where ``zstandard`` is installed.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import json
import random
import sqlite3
import tempfile
import time
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

from dashboard.sources import members
from dashboard.sources.base import Reading
from dashboard.sources.members import Lines, map_file
from dashboard.sources.record_file import Recording
from dashboard.sources.recorder import RecordingWriter
from dashboard.sources.recording import MalformedLineError, entry_lines, read_header
from tests.sources.recordings import HEADER, START, simulated_readings

HOUR: Final = 3600
CUTS: Final = 60
SEEKS: Final = 40
TICK_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Format:
    """A way to keep a recording."""

    name: str
    write: Callable[[Path, Sequence[Reading]], list[int]]
    """Gives the size of the file after each look, where it only ever grows."""
    moments: Callable[[Path], list[float]]
    """The moments of all readings that can be read; raises where nothing can."""
    seek: Callable[[Path, float], float]
    """The moment of the first reading at or after one, from a closed file."""


def _plain(path: Path, readings: Sequence[Reading]) -> list[int]:
    with path.open("wb", buffering=0) as file:
        return list(accumulate(file.write(entry_lines(reading)) or 0 for reading in readings))


def _each_moment(lines: Iterable[bytes]) -> Iterator[float]:
    for line in lines:
        if line.startswith(b'{"reading":'):
            try:
                yield json.loads(line)["reading"]
            except ValueError:
                return


def _moments_of(lines: Iterable[bytes]) -> list[float]:
    return list(_each_moment(lines))


def _line_moments(path: Path) -> list[float]:
    return _moments_of(Lines(path.read_bytes()))


def _scan(path: Path, at: float) -> float:
    return next(moment for moment in _line_moments(path) if moment >= at)


def _gzip(seconds: float) -> Callable[[Path, Sequence[Reading]], list[int]]:
    def write(path: Path, readings: Sequence[Reading]) -> list[int]:
        kept, members.MEMBER_SECONDS = members.MEMBER_SECONDS, seconds
        size, members.MEMBER_BYTES = members.MEMBER_BYTES, 2**40
        try:
            with path.open("wb", buffering=0) as file:
                writer = RecordingWriter(file, HEADER)
                sizes: list[int] = []
                for reading in readings:
                    writer.write(reading)
                    sizes.append(writer.size)
                return sizes
        finally:
            members.MEMBER_SECONDS, members.MEMBER_BYTES = kept, size

    return write


def _member_seek(path: Path, at: float) -> float:
    recording = Recording(path)
    chosen = [member for member in recording.members if member.at <= at][-1]
    # The signature says where to begin; no more is decompressed than is needed from there.
    return next(moment for moment in _each_moment(Lines(map_file(path), chosen.start)) if moment >= at)


def _recording_moments(path: Path) -> list[float]:
    data = path.read_bytes()
    try:
        read_header(next(iter(Lines(data))))
    except (StopIteration, MalformedLineError):
        raise ValueError("no header") from None
    return _moments_of(Lines(data))


def _sqlite(synchronous: str, *, packed: bool) -> Callable[[Path, Sequence[Reading]], list[int]]:
    def write(path: Path, readings: Sequence[Reading]) -> list[int]:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous}")
        connection.execute("CREATE TABLE reading (at REAL PRIMARY KEY, lines BLOB) WITHOUT ROWID")
        for reading in readings:
            lines = entry_lines(reading)
            connection.execute(
                "INSERT INTO reading VALUES (?, ?)", (reading.at, zlib.compress(lines, 6) if packed else lines)
            )
        connection.close()
        return []

    return write


def _sqlite_moments(path: Path) -> list[float]:
    connection = sqlite3.connect(path)
    try:
        return [at for (at,) in connection.execute("SELECT at FROM reading WHERE length(lines) > 0 ORDER BY at")]
    finally:
        connection.close()


def _sqlite_seek(path: Path, at: float) -> float:
    connection = sqlite3.connect(path)
    try:
        found: float = connection.execute("SELECT at, lines FROM reading WHERE at >= ? LIMIT 1", (at,)).fetchone()[0]
        return found
    finally:
        connection.close()


def _zstd(zstandard: Any) -> Format:
    def write(path: Path, readings: Sequence[Reading]) -> list[int]:
        sizes: list[int] = []
        with path.open("wb", buffering=0) as file:
            for first in range(0, len(readings), 60):
                compressor = zstandard.ZstdCompressor(level=3).compressobj()
                for reading in readings[first : first + 60]:
                    file.write(compressor.compress(entry_lines(reading)))
                    file.write(compressor.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK))
                    sizes.append(file.tell())
                file.write(compressor.flush())
        return sizes

    def moments(path: Path) -> list[float]:
        data, lines = path.read_bytes(), b""
        while data:
            decompressor = zstandard.ZstdDecompressor().decompressobj()
            try:
                lines += decompressor.decompress(data)
            except zstandard.ZstdError:
                break
            data = decompressor.unused_data
        return _moments_of(lines.split(b"\n"))

    def seek(path: Path, at: float) -> float:
        return next(moment for moment in moments(path) if moment >= at)

    return Format("zstd frames of 60 s", write, moments, seek)


def formats() -> list[Format]:
    """All that is compared."""
    found = [
        Format("plain NDJSON", _plain, _line_moments, _scan),
        Format("gzip member per look", _gzip(0.5), _recording_moments, _member_seek),
        Format("gzip members of 60 s", _gzip(60.0), _recording_moments, _member_seek),
        Format("gzip members of 600 s", _gzip(600.0), _recording_moments, _member_seek),
        Format("SQLite WAL, plain", _sqlite("NORMAL", packed=False), _sqlite_moments, _sqlite_seek),
        Format("SQLite WAL, zlib rows", _sqlite("NORMAL", packed=True), _sqlite_moments, _sqlite_seek),
    ]
    if importlib.util.find_spec("zstandard"):
        found.append(_zstd(importlib.import_module("zstandard")))
    return found


def measure(chosen: Format, readings: Sequence[Reading], folder: Path) -> str:
    """One line of the comparison."""
    dice = random.Random(1)
    path = folder / "recording"
    began = time.process_time()
    sizes = chosen.write(path, readings)
    cost = (time.process_time() - began) / len(readings)
    data = path.read_bytes()
    size = len(data) / len(readings) * HOUR / 1e6
    unreadable, lost = 0, 0
    torn = folder / "torn"
    for _ in range(CUTS):
        cut = int(dice.uniform(0.05, 1.0) * len(data))
        torn.write_bytes(data[:cut])
        try:
            found = chosen.moments(torn)
        except (ValueError, sqlite3.DatabaseError):
            unreadable += 1
        else:
            lost = max(lost, bisect_right(sizes, cut) - len(found))
    seeks: list[float] = []
    for _ in range(SEEKS):
        at = START + dice.uniform(1, len(readings) - 1)
        began = time.perf_counter()
        assert 0 <= chosen.seek(path, at) - at <= TICK_SECONDS
        seeks.append(time.perf_counter() - began)
    seek = sorted(seeks)[len(seeks) // 2] * 1e3
    for file in folder.iterdir():
        file.unlink()
    torn_text = f"{unreadable} of {CUTS} unreadable" + ("" if unreadable else f", {lost} whole looks lost")
    return f"{chosen.name:<24}{size:>9.2f}{cost / TICK_SECONDS * 100:>11.4f}{seek:>10.2f}  {torn_text}"


def main() -> None:
    """Print the comparison."""
    readings = asyncio.run(simulated_readings(HOUR))
    print(f"{HOUR} looks at {len(json.loads(readings[-1].documents[1].body)['data'])} metrics, one a second")
    print(f"{'format':<24}{'MB/h':>9}{'% of core':>11}{'seek ms':>10}  cut anywhere")
    for chosen in formats():
        with tempfile.TemporaryDirectory() as folder:
            print(measure(chosen, readings, Path(folder)))


if __name__ == "__main__":
    main()

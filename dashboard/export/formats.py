"""The formats that a recording can be exported to, by name."""

from __future__ import annotations

import csv
import importlib
import io
import json
from collections.abc import Callable, Iterable, Mapping
from typing import BinaryIO, Final

from dashboard import __version__
from dashboard.errors import UsageError
from dashboard.export.columns import find_columns
from dashboard.export.openmetrics import write_openmetrics
from dashboard.sources.recording import Header
from dashboard.view.spreadsheet import cell
from dashboard.view.tick import Tick
from dashboard.view.tick_document import tick_document

SCHEMA: Final = "k6dash.export/1"

Ticks = Callable[[], Iterable[Tick]]
"""Plays the recording from its start, each time it is called."""


def write_csv(header: Header, ticks: Ticks, out: BinaryIO) -> None:
    """A table with a line of names (RFC 4180). What is not known is empty."""
    columns = find_columns(ticks())
    text = io.TextIOWrapper(out, encoding="utf-8", errors="backslashreplace", newline="")
    writer = csv.writer(text)
    writer.writerow(cell(name) for name in columns.names)
    for tick in ticks():
        writer.writerow(_text(value) for value in columns.row(tick))
    text.flush()
    text.detach()


def _text(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    return cell(value) if isinstance(value, str) else value


def write_json(header: Header, ticks: Ticks, out: BinaryIO) -> None:
    """One document: about the recording, then every tick as ``--headless --format ndjson`` writes it."""
    about = {
        "schema": SCHEMA,
        "by": f"k6dash {__version__}",
        "recorded_by": header.by,
        "target": header.target,
        "start": header.start,
        "interval": header.interval,
    }
    out.write(json.dumps(about, indent=1, allow_nan=False).encode()[:-2] + b',\n "ticks": [')
    before = b"\n"
    for tick in ticks():
        out.write(before + json.dumps(tick_document(tick), separators=(",", ":"), allow_nan=False).encode())
        before = b",\n"
    out.write(b"\n ]\n}\n")


def write_parquet(header: Header, ticks: Ticks, out: BinaryIO) -> None:
    """A table with typed columns, for data frames.

    Raises:
        UsageError: pyarrow is not installed.
    """
    try:
        module = importlib.import_module("dashboard.export.parquet")
    except ImportError:
        raise UsageError("parquet needs pyarrow: pip install 'k6dash[parquet]'; or take --format csv") from None
    module.write_parquet(header, ticks, out)


FORMATS: Final[Mapping[str, Callable[[Header, Ticks, BinaryIO], None]]] = {
    "csv": write_csv,
    "json": write_json,
    "parquet": write_parquet,
    "openmetrics": write_openmetrics,
}
"""What writes a recording, by the name of the format."""

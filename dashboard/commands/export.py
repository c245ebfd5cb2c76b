"""``k6dash export``: a recording in a format of other tools."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from dashboard.commands.options import CONTEXT
from dashboard.errors import ExitCode, UsageError

FORMATS = ("csv", "json", "parquet", "openmetrics")


@click.command(context_settings=CONTEXT)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="csv or parquet: a row a look, a column for each statistic; json: everything; openmetrics: time series for"
    " Prometheus. [default: what the ending of --output says, else csv]",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to write. [default: stdout]"
)
def export(file: Path, form: str | None, output: Path | None) -> int:
    """Write what was recorded in FILE for other tools."""
    from dashboard.export.formats import FORMATS as WRITERS
    from dashboard.playback import Playback
    from dashboard.sources.replayable import open_replayable

    recording = open_replayable(file)
    form = form or _by_ending(output)
    if output is None and form == "parquet" and sys.stdout.isatty():
        raise UsageError("parquet is nothing for a terminal; name a file with --output")
    with writing(output, file) as out:
        WRITERS[form](recording.header, lambda: Playback(recording).ticks(), out)
    if recording.trouble:
        click.echo(f"k6dash: {file}: {recording.trouble}", err=True)
    return ExitCode.OK


def _by_ending(output: Path | None) -> str:
    endings = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".prom": "openmetrics", ".om": "openmetrics"}
    return endings.get(output.suffix.lower(), "csv") if output is not None else "csv"


@contextmanager
def writing(output: Path | None, source: Path | None = None) -> Generator[BinaryIO]:
    """A file to write, whole or not at all; stdout where none is named.

    Raises:
        UsageError: it cannot be written, or is the file that is being read.
    """
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if source is not None and output.exists() and source.exists() and output.samefile(source):
        raise UsageError(f"{output} is what is read; name another file")
    partial = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        try:
            with partial.open("wb") as out:
                yield out
            partial.replace(output)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror or error}") from None

"""A recording as Parquet. The only module that knows pyarrow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, BinaryIO, Final

from dashboard import __version__
from dashboard.export.columns import OF_LOOK, Columns, find_columns
from dashboard.sources.recording import Header
from dashboard.view.tick import Tick

pa: Any = import_module("pyarrow")  # untyped
pq: Any = import_module("pyarrow.parquet")

_ROWS_AT_ONCE: Final = 4096
_TYPES: Final[dict[type, Any]] = {float: pa.float64(), int: pa.int64(), str: pa.string(), bool: pa.bool_()}


def write_parquet(header: Header, ticks: Callable[[], Iterable[Tick]], out: BinaryIO) -> None:
    """Write the table in groups of rows, so that memory does not grow with the recording."""
    columns = find_columns(ticks())
    schema = _schema(columns, header)
    rows: list[list[object]] = []
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for tick in ticks():
            row: list[object] = list(columns.row(tick))
            row[0] = round(tick.at * 1_000_000)
            rows.append(row)
            if len(rows) == _ROWS_AT_ONCE:
                writer.write_table(_table(rows, schema))
                rows.clear()
        if rows:
            writer.write_table(_table(rows, schema))


def _schema(columns: Columns, header: Header) -> Any:  # noqa: ANN401 - pyarrow is untyped
    names = [name.encode("utf-8", "backslashreplace").decode() for name in columns.names]
    types = [_TYPES[kind] for kind in OF_LOOK.values()] + [pa.float64()] * len(columns.keys)
    types[0] = pa.timestamp("us", tz="UTC")
    about = {"k6dash": __version__, "target": header.target.encode("utf-8", "backslashreplace")}
    return pa.schema(list(zip(names, types, strict=True)), metadata=about)


def _table(rows: list[list[object]], schema: Any) -> Any:  # noqa: ANN401 - pyarrow is untyped
    arrays = [
        pa.array([_storable(value) for value in values], type=kind)
        for values, kind in zip(zip(*rows, strict=True), schema.types, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _storable(value: object) -> object:
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value

"""Writes rows as Delta tables that are small enough to be committed to git: one commit, one file a day.

A column in which a table says nothing at all is left out of its files, as Delta allows: readers take it as null.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.transaction import AddAction, RemoveAction

from fleet.records import Row
from fleet.tables import Table, TableKind
from generator.era import NOW
from ops.store.frames import make_frame


def write_table(folder: Path, table: Table, rows: Sequence[Row], number: tuple[str, int] | None = None) -> None:
    """Write ``table`` with ``rows`` into ``folder``, which has none yet; ``number``: its writer and last row."""
    frame = make_frame(table, rows)
    path = folder / table.name
    partitions: list[str] | str | None = ["Day"] if table.kind is TableKind.HISTORY else None
    write_deltalake(path, frame.head(0), partition_by=partitions, name=table.name, description=table.meaning)
    _write_files(path, table, frame.select(_telling(frame)))
    stored = DeltaTable(path)
    adds: list[AddAction | RemoveAction] = [_add(path, file) for file in sorted(path.rglob("*.parquet"))]
    properties = CommitProperties(app_transactions=[Transaction(*number)]) if number else None
    stored.create_write_transaction(adds, "append", stored.schema(), partitions, commit_properties=properties)


def _telling(frame: pl.DataFrame) -> list[str]:
    """The names of the columns that say something in at least one row."""
    return [series.name for series in frame if not _is_silent(series)]


def _is_silent(series: pl.Series) -> bool:
    return series.is_null().all() or (series.dtype == pl.String and (series == "").all(ignore_nulls=True))


def _write_files(path: Path, table: Table, frame: pl.DataFrame) -> None:
    # DuckDB's files are half as large as those of arrow's writers, which repeat the schema in each.
    with tempfile.TemporaryDirectory() as temporary, duckdb.connect(config={"threads": 1}) as connection:
        whole = Path(temporary) / "whole.parquet"
        frame.write_parquet(whole)
        partitions = ", PARTITION_BY (Day), OVERWRITE_OR_IGNORE" if table.kind is TableKind.HISTORY else ""
        target = path if partitions else path / "data_0.parquet"
        connection.execute(
            f"COPY (FROM read_parquet('{whole}')) TO '{target}' "
            f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 19, WRITE_BLOOM_FILTER false{partitions})"
        )


def _add(path: Path, file: Path) -> AddAction:
    days = [part.removeprefix("Day=") for part in file.relative_to(path).parts if part.startswith("Day=")]
    return AddAction(
        path=file.relative_to(path).as_posix(),
        size=file.stat().st_size,
        partition_values={"Day": days[0]} if days else {},
        modification_time=int(NOW.timestamp() * 1000),
        data_change=True,
        stats=f'{{"numRecords":{_count_rows(file)}}}',
    )


def _count_rows(file: Path) -> int:
    return int(pl.scan_parquet(file).select(pl.len()).collect().item())

"""Rows as data frames with exactly the columns and types that a table declares.

Times are instants in UTC with microseconds: Delta's type `timestamp`, which Spark, Trino, Power BI and Polars read as
the same instant. DuckDB shows it as TIMESTAMPTZ; the query layer casts it to its naive UTC TIMESTAMP. (The naive type,
`timestamp_ntz`, would need a table feature that many readers do not have.)
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from pathlib import Path

import polars as pl

from fleet.records import Row, Value
from fleet.tables import Column, ColumnType, Table
from query.place import Place

_TYPES: dict[ColumnType, pl.DataType] = {
    ColumnType.STRING: pl.String(),
    ColumnType.DATETIME: pl.Datetime("us", "UTC"),
    ColumnType.DATE: pl.Date(),
    ColumnType.BOOL: pl.Boolean(),
    ColumnType.INT: pl.Int32(),
    ColumnType.LONG: pl.Int64(),
    ColumnType.REAL: pl.Float64(),
    ColumnType.DYNAMIC: pl.String(),
}


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def column_type(column: Column) -> pl.DataType:
    """The type that ``column`` has in a frame and a file."""
    return _TYPES[column.type]


def make_frame(table: Table, rows: Sequence[Row]) -> pl.DataFrame:
    """``rows`` in the table's order.

    Raises:
        ValueError, TypeError, OverflowError: a value does not fit its column.
    """
    return make_unsorted_frame(table, rows).sort(table.sort_by, maintain_order=True)


def make_unsorted_frame(table: Table, rows: Sequence[Row]) -> pl.DataFrame:
    """As `make_frame`, with ``rows`` in the order in which they are."""
    if not rows:  # most tables of most commits
        return pl.DataFrame(schema={column.name: _TYPES[column.type] for column in table.columns})
    values = zip(*map(itemgetter(*table.column_names), rows), strict=True)
    try:
        columns = [_make_column(column, held) for column, held in zip(table.columns, values, strict=True)]
    except pl.exceptions.PolarsError as error:
        raise ValueError(str(error)) from error
    return pl.DataFrame(columns)


def scan_frame(table: Table, files: Sequence[str], place: Place | None = None) -> pl.LazyFrame:
    """The rows of ``files`` with the columns declared now, not read yet: one that an older file lacks is empty.

    ``place`` says where they lie, None: on this machine.
    """
    if not files:
        return make_frame(table, ()).lazy()
    stored = pl.concat([scan_file(file, place) for file in files], how="diagonal")
    names = stored.collect_schema().names()
    return stored.select(
        (pl.col(column.name) if column.name in names else _nothing(column.type).alias(column.name)).cast(
            _TYPES[column.type]
        )
        for column in table.columns
    )


def scan_file(file: str | Path, place: Place | None = None) -> pl.LazyFrame:
    """The rows of one file of a table at ``place``, None: on this machine."""
    if place is None or place.access is None:
        return pl.scan_parquet(file, hive_partitioning=False, glob=False)
    options = place.access.for_polars()
    # Without a provider of credentials Polars would look for some by itself.
    return pl.scan_parquet(file, hive_partitioning=False, glob=False, storage_options=options, credential_provider=None)


def replace_machines(
    table: Table, stored: pl.DataFrame, machine_ids: Collection[str], rows: pl.DataFrame
) -> pl.DataFrame:
    """``stored`` with ``rows``, which are in the table's order, in the place of all rows of the machines."""
    others = stored.filter(~pl.col("SourceComputerId").is_in(list(machine_ids)))
    if others.is_empty():
        return rows
    return pl.concat([others, rows]).sort(table.sort_by, maintain_order=True)


def are_corrected(stored: pl.LazyFrame, names: Mapping[str, str], removed: Collection[str]) -> bool:
    """Whether `rename_machines` would change nothing; reads two columns."""
    owners = stored.select("SourceComputerId", "Computer").unique().collect().iter_rows()
    gone = frozenset(removed)
    return all(machine_id not in gone and names.get(machine_id, name) == name for machine_id, name in owners)


def rename_machines(
    table: Table, stored: pl.DataFrame, names: Mapping[str, str], removed: Collection[str]
) -> pl.DataFrame:
    """``stored`` with the names that machines have now, by id, and without the rows of those that were removed."""
    name_now = pl.col("SourceComputerId").replace_strict(names, default=pl.col("Computer"), return_dtype=pl.String())
    kept = stored.filter(~pl.col("SourceComputerId").is_in(list(removed)))
    return kept.with_columns(name_now.alias("Computer")).sort(table.sort_by, maintain_order=True)


def rows_by_machine(stored: pl.DataFrame) -> dict[str, list[Row]]:
    """The rows of each of the machines that has any, by machine id."""
    by_machine: dict[str, list[Row]] = {}
    for row in stored.iter_rows(named=True):
        by_machine.setdefault(row["SourceComputerId"], []).append(row)
    return by_machine


def _make_column(column: Column, values: Sequence[Value]) -> pl.Series:
    if column.type is ColumnType.DATETIME:
        # Polars takes twice as long to convert aware times itself.
        ticks = [None if at is None else (at - _EPOCH) // _MICROSECOND for at in values]  # type: ignore[operator]
        return pl.Series(column.name, ticks, dtype=pl.Int64()).cast(_TYPES[column.type])
    return pl.Series(column.name, values, dtype=_TYPES[column.type], strict=True)


def _nothing(type_: ColumnType) -> pl.Expr:
    return pl.lit("" if type_ is ColumnType.STRING else None)

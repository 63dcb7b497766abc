"""Reads every table of a folder with DuckDB, Polars, pandas and pyarrow, and checks that all see the same rows.

    python docs/scripts/read_tables.py EXPORTED        a folder that `patchdeck export` wrote as Parquet or Arrow
    python docs/scripts/read_tables.py HOME/tables     the Delta tables themselves, in place

Needs duckdb, polars, pandas, pyarrow, and for Delta deltalake. A starting point for your own; CI runs it.
"""

import json
import math
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable

Row = Mapping[str, object]
Reader = Callable[[Path], list[dict[str, object]]]


# A Parquet file, or a folder of them parted as Hive does it (Day=2026-11-20/part-0.parquet).


def duckdb_parquet(path: Path) -> list[dict[str, object]]:
    """DuckDB over Parquet."""
    files = f"{path}/**/*.parquet" if path.is_dir() else str(path)
    relation = duckdb.sql(
        "SELECT * FROM read_parquet($1, hive_partitioning = true, hive_types_autocast = false)",
        params=[files],
    )
    return arrow_rows(relation.to_arrow_table())


def polars_parquet(path: Path) -> list[dict[str, object]]:
    """Polars over Parquet."""
    files = path / "**/*.parquet" if path.is_dir() else path
    return pl.read_parquet(files, hive_partitioning=path.is_dir(), try_parse_hive_dates=False).to_dicts()


def pandas_parquet(path: Path) -> list[dict[str, object]]:
    """pandas over Parquet."""
    # dtype_backend keeps whole numbers and truths that have nulls; partitioning says that folders are Hive's.
    return pd.read_parquet(path, dtype_backend="pyarrow", partitioning="hive").to_dict("records")


def pyarrow_parquet(path: Path) -> list[dict[str, object]]:
    """pyarrow over Parquet."""
    return arrow_rows(ds.dataset(path, format="parquet", partitioning="hive").to_table())


# An Arrow IPC file.


def polars_arrow(path: Path) -> list[dict[str, object]]:
    """Polars over Arrow IPC."""
    return pl.read_ipc(path).to_dicts()


def pandas_arrow(path: Path) -> list[dict[str, object]]:
    """pandas over Arrow IPC."""
    return pd.read_feather(path, dtype_backend="pyarrow").to_dict("records")


def pyarrow_arrow(path: Path) -> list[dict[str, object]]:
    """pyarrow over Arrow IPC."""
    return arrow_rows(pa.ipc.open_file(path).read_all())


# A Delta table of the home, in place.


def duckdb_delta(path: Path) -> list[dict[str, object]]:
    """DuckDB over Delta."""
    # The exact files of one version. (With DuckDB's delta extension: FROM delta_scan('…').) A column that is in no file
    # yet is known from the log only.
    table = DeltaTable(path)
    connection = duckdb.connect()
    connection.register("nothing", table.to_pyarrow_dataset().schema.empty_table())
    relation = connection.sql(
        "SELECT * FROM nothing UNION ALL BY NAME SELECT * FROM "
        "read_parquet($1, union_by_name = true, hive_partitioning = true, hive_types_autocast = false)",
        params=[table.file_uris()],
    )
    return arrow_rows(relation.to_arrow_table())


def polars_delta(path: Path) -> list[dict[str, object]]:
    """Polars over Delta."""
    return pl.read_delta(str(path)).to_dicts()


def pandas_delta(path: Path) -> list[dict[str, object]]:
    """pandas over Delta."""
    table = DeltaTable(path).to_pyarrow_table()
    return table.to_pandas(types_mapper=pd.ArrowDtype).to_dict("records")


def pyarrow_delta(path: Path) -> list[dict[str, object]]:
    """pyarrow over Delta."""
    return arrow_rows(DeltaTable(path).to_pyarrow_dataset().to_table())


PARQUET = {"duckdb": duckdb_parquet, "polars": polars_parquet, "pandas": pandas_parquet, "pyarrow": pyarrow_parquet}
ARROW = {"polars": polars_arrow, "pandas": pandas_arrow, "pyarrow": pyarrow_arrow}
DELTA = {"duckdb": duckdb_delta, "polars": polars_delta, "pandas": pandas_delta, "pyarrow": pyarrow_delta}


def arrow_rows(table: pa.Table) -> list[dict[str, object]]:
    """The rows of an Arrow table."""
    return table.to_pylist()


def plain(value: object) -> object:
    """A value as it is compared: times as instants in UTC, nothing of whatever kind as None."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return value.item() if hasattr(value, "item") else value


def compared(rows: list[dict[str, object]]) -> Counter[str]:
    """How often each row is there, whatever their order and that of their columns."""
    return Counter(repr(sorted((name, plain(value)) for name, value in row.items())) for row in rows)


def find_tables(folder: Path) -> Iterator[tuple[str, Path, Mapping[str, Reader]]]:
    """Each table with its path and readers."""
    manifest = folder / "_patchdeck.json"
    if manifest.exists():
        for table in json.loads(manifest.read_text("utf-8"))["tables"]:
            readers = {"parquet": PARQUET, "arrow": ARROW}.get(table["format"])
            is_arrow_folder = table["format"] == "arrow" and (folder / table["path"]).is_dir()
            if readers and not is_arrow_folder and table["rows"]:
                yield table["table"], folder / table["path"], readers
        return
    for path in sorted(folder.iterdir()):
        if DeltaTable.is_deltatable(str(path)) and DeltaTable(path).file_uris():
            yield path.name, path, DELTA


def main(folder: Path) -> int:
    """Read all, compare, tell; 1 if a table is not the same for all, 2 if there is none, or no folder."""
    if not folder.is_dir():
        print(f"{folder} is no folder.", file=sys.stderr)
        return 2
    tables = list(find_tables(folder))
    failed = 0
    for name, path, readers in tables:
        seen = {reader: compared(read(path)) for reader, read in readers.items()}
        first = next(iter(seen.values()))
        differing = [reader for reader, rows in seen.items() if rows != first]
        failed += bool(differing)
        verdict = f"DIFFERENT: {', '.join(differing)}" if differing else "the same"
        print(f"{name}: {first.total()} rows, {verdict} with {', '.join(readers)}")
    return (1 if failed else 0) if tables else 2


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    code = main(Path(sys.argv[1]))
    sys.stdout.flush()
    # With four engines in one process their threads can end it with an abort after everything is done (deltalake 1.6).
    os._exit(code)

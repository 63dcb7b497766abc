"""The locked DuckDB database in which queries run."""

from contextlib import suppress
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from query.clock import create_clock
from query.files import EXPORTS, TABLES, ClosedFileSystem, ExportFiles, TableFiles
from query.growth import create_growth_limits
from query.limits import Limits
from query.place import Place, place_of

# Settings of each connection, which stay open when all others are locked: progress is counted, and not drawn.
_PROGRESS = {"enable_progress_bar": "true", "enable_progress_bar_print": "false"}
# The engine stops a query itself (query.watch); this is the net below, for the case that its thread does not run.
_GRACE_SECONDS = 5.0


def open_database(tables: Path | Place, spill_dir: Path, limits: Limits, exports: ExportFiles) -> DuckDBPyConnection:
    """An empty database in memory that reads ``tables`` and nothing else, its configuration locked.

    It writes to ``spill_dir`` when memory is short, and to what ``exports`` holds open.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": limits.threads,
            "memory_limit": limits.memory,
            "temp_directory": str(spill_dir),
            "max_temp_directory_size": limits.spill,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
            "python_enable_replacements": False,
        },
    )
    connection.register_filesystem(table_files(place_of(tables)))
    connection.register_filesystem(exports)
    create_clock(connection)
    create_growth_limits(connection)
    _lock(connection, limits)
    return connection


def count_progress(cursor: DuckDBPyConnection) -> None:
    """Let ``query_progress()`` of ``cursor`` tell how far its query is."""
    for name, value in _PROGRESS.items():
        cursor.execute(f"SET {name} = {value}")


def close_database(connection: DuckDBPyConnection) -> None:
    """Close it; without unregistering first, nanobind prints about leaks on the terminal."""
    for name in (TABLES, EXPORTS):
        with suppress(duckdb.Error):
            connection.unregister_filesystem(name)
    connection.close()


def table_files(place: Place) -> ClosedFileSystem:
    """The files of the tables at ``place``, for reading."""
    if place.is_local:
        return TableFiles(place.path)
    from query.object_files import ObjectTableFiles
    from query.objects import reader_of

    return ObjectTableFiles(reader_of(place))


def _lock(connection: DuckDBPyConnection, limits: Limits) -> None:
    if limits.seconds is not None:
        milliseconds = int((limits.seconds + _GRACE_SECONDS) * 1000)
        connection.execute(f"SET GLOBAL max_execution_time = {milliseconds}")
    for statement in (
        "SET GLOBAL TimeZone = 'UTC'",
        "SET GLOBAL errors_as_json = true",
        "SET GLOBAL parquet_metadata_cache = true",  # files of a Delta table never change
        f"SET GLOBAL allowed_configs = {[*_PROGRESS]}",
        f"SET GLOBAL allowed_directories = ['{TABLES}://', '{EXPORTS}://']",
        "SET GLOBAL enable_external_access = false",
        "SET GLOBAL lock_configuration = true",
    ):
        connection.execute(statement)
